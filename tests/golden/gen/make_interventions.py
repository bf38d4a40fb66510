# SPDX-License-Identifier: Apache-2.0
"""Makes tests/golden/interventions: what transformers computes when positions, rotary embedding or attention of the tiny models in
tests/golden/models are changed (float32, eager attention).

    python3 tests/golden/gen/make_interventions.py            (made with torch 2.13, transformers 5.23, safetensors)

cases.json names model and intervention of each case; <case>.safetensors has ids [T], attention [layers, heads, T, T], logits [T, vocabulary].
Shifts are position_ids, rotary embeddings are edits of the configuration, hiding a key from all heads is a 4D attention mask. Edits of
chosen heads replace the eager attention function: the softmax is taken over what is left, the value rows are changed per query head.
"""
import json
import pathlib

import torch
import transformers
from safetensors.torch import save_file
from transformers.models.bert import modeling_bert
from transformers.models.gpt2 import modeling_gpt2
from transformers.models.llama import modeling_llama

from make_models import ROOT as MODELS, VOCABULARY, Recorder

ROOT = MODELS.parent / "interventions"
KINDS = {"llama": (transformers.LlamaForCausalLM, modeling_llama), "gpt2": (transformers.GPT2LMHeadModel, modeling_gpt2),
         "bert": (transformers.BertForMaskedLM, modeling_bert)}
NTK = dict(theta=10000.0, factor=4.0)

CASES = [  # name, model folder, tokens, intervention
    ("shift_llama", "llama", 18, dict(position_shift=37)),
    ("shift_dynamic", "llama_dynamic", 12, dict(position_shift=10)),
    ("shift_gpt2", "gpt2", 13, dict(position_shift=11)),
    ("shift_bert", "bert", 11, dict(position_shift=9)),
    ("theta", "llama", 18, dict(rope=dict(theta=300.0, scaling="none"))),
    ("linear", "llama", 18, dict(rope=dict(theta=10000.0, scaling="linear", factor=3.0))),
    ("ntk", "llama", 18, dict(rope=dict(scaling="ntk", **NTK))),
    ("yarn", "llama", 18, dict(rope=dict(theta=50.0, scaling="yarn", factor=2.0, original_positions=20))),
    ("mask_everywhere", "llama", 16, dict(edits=[dict(kind="mask", tokens=[0], heads=[])])),
    ("mask_heads_gpt2", "gpt2", 14, dict(edits=[dict(kind="mask", tokens=[0, 1, 5], heads=[[0, 1], [2, 3]])])),
    ("mask_heads_bert", "bert", 12, dict(edits=[dict(kind="mask", tokens=[0, 11], heads=[[0, 2], [1, -1]])])),
    ("zero_grouped", "llama_grouped_llama3_bf16", 15, dict(edits=[dict(kind="zero_value", tokens=[0, 4], heads=[[0, 1], [1, 2]])])),
    ("mean_grouped", "llama_grouped_llama3_bf16", 15, dict(edits=[dict(kind="mean_value", tokens=[0], heads=[[0, -1], [1, 3]])])),
    ("all_kinds_bert", "bert", 12, dict(edits=[dict(kind="zero_value", tokens=[0], heads=[[0, 0]]),
                                               dict(kind="mean_value", tokens=[3], heads=[]),
                                               dict(kind="mask", tokens=[7], heads=[[1, 1]])])),
]


class Edited:
    """Eager attention with the edits of a case. Keeps the weights."""

    def __init__(self, edits):
        self.edits, self.layer, self.weights = edits, 0, []

    def tokens(self, kind, layer, head):
        return [t for e in self.edits if e["kind"] == kind and (not e["heads"] or [layer, head] in e["heads"] or [layer, -1] in e["heads"])
                for t in e["tokens"]]

    def __call__(self, module, query, key, value, mask, scaling=None, **_):
        share = query.shape[1] // key.shape[1]
        key, value = key.repeat_interleave(share, 1), value.repeat_interleave(share, 1).clone()
        count = query.shape[2]
        visible = torch.ones(count, count, dtype=torch.bool) if mask is None else (mask.expand(1, 1, count, count)[0, 0] == 0)
        visible = visible.expand(query.shape[1], count, count).clone()
        for head in range(query.shape[1]):
            hidden = self.tokens("mask", self.layer, head)
            visible[head, :, hidden] = False
            for row in range(count):
                if not visible[head, row].any():
                    visible[head, row, row] = True
            mean = value[0, head].mean(0)
            value[0, head, self.tokens("mean_value", self.layer, head)] = mean
            value[0, head, self.tokens("zero_value", self.layer, head)] = 0
        scores = (query @ key.transpose(-1, -2)) * (scaling if scaling is not None else query.shape[-1] ** -0.5)
        weights = scores.masked_fill(~visible, float("-inf")).softmax(-1)
        self.weights.append(weights[0])
        self.layer += 1
        return (weights @ value).transpose(1, 2).contiguous(), weights


def rope_parameters(rope):
    if rope["scaling"] == "ntk":
        width = 8
        return dict(rope_type="default", rope_theta=rope["theta"] * rope["factor"] ** (width / (width - 2)))
    parameters = dict(rope_type="default" if rope["scaling"] == "none" else rope["scaling"], rope_theta=rope["theta"])
    if "factor" in rope:
        parameters["factor"] = rope["factor"]
    if "original_positions" in rope:
        parameters["original_max_position_embeddings"] = rope["original_positions"]
    return parameters


@torch.no_grad()
def run(folder, tokens, change, seed):
    model_class, module = next(kind for name, kind in KINDS.items() if folder.startswith(name))
    config = transformers.AutoConfig.from_pretrained(MODELS / folder)
    if "rope" in change:
        config.rope_parameters = rope_parameters(change["rope"])
    model = model_class.from_pretrained(MODELS / folder, config=config, dtype=torch.float32, attn_implementation="eager").eval()
    ids = torch.randint(2, VOCABULARY, (tokens,), generator=torch.Generator().manual_seed(seed))
    ids[0] = 0
    inputs = dict(input_ids=ids[None])
    if change.get("position_shift"):
        inputs["position_ids"] = (torch.arange(tokens) + change["position_shift"])[None]
    edits = change.get("edits", [])
    everywhere = len(edits) == 1 and edits[0]["kind"] == "mask" and not edits[0]["heads"]
    if everywhere:
        visible = torch.ones(tokens, tokens).tril().bool()
        visible[:, edits[0]["tokens"]] = False
        visible |= torch.eye(tokens).bool() & ~visible.any(1, keepdim=True)
        inputs["attention_mask"] = torch.zeros(1, 1, tokens, tokens).masked_fill(~visible, torch.finfo(torch.float32).min)
    if edits and not everywhere:
        original, edited = module.eager_attention_forward, Edited(edits)
        module.eager_attention_forward = edited
        logits, weights = model(**inputs).logits[0], edited.weights
        module.eager_attention_forward = original
    else:
        recorder = Recorder(module)
        logits = model(**inputs).logits[0]
        recorder.close()
        weights = [call[3] for call in recorder.calls]
    return dict(ids=ids.int(), attention=torch.stack(weights).contiguous().float(), logits=logits.contiguous().float())


def main():
    ROOT.mkdir(exist_ok=True)
    for seed, (name, folder, tokens, change) in enumerate(CASES):
        save_file(run(folder, tokens, change, 100 + seed), ROOT / f"{name}.safetensors", metadata={"transformers": transformers.__version__})
    rows = ",\n".join(json.dumps(dict(name=name, model=folder, intervention=change)) for name, folder, _, change in CASES)
    (ROOT / "cases.json").write_text("[" + rows + "]\n")
    print(len(CASES), "cases,", sum(f.stat().st_size for f in ROOT.iterdir()), "bytes")


if __name__ == "__main__":
    main()
