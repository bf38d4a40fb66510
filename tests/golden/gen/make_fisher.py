# SPDX-License-Identifier: Apache-2.0
"""Makes tests/golden/fisher/expected.json: squared gradient norms of the log-likelihood by group of parameters, from PyTorch's autograd
over transformers' models (eager attention, float64) with the checkpoints of tests/golden/models.

    python3 tests/golden/gen/make_fisher.py            (made with torch 2.13, transformers 5.23, safetensors)

{"cases": [{"model", "ids", "segments", "terms", "log_likelihood",
            "sequence": {group: number},   gradient of the summed log p of the data
            "token": {group: number},      of each position's log p, squares summed
            "gauss_newton": {group: number}}]}   trace of sum over positions of J^T H J, H = diag(p) - p p^T, J = d logits / d parameters
A group is "<component>" or "<component>.<layer>".
"""
import json
import pathlib
import re

import torch
import transformers
from safetensors.torch import load_file

ROOT = pathlib.Path(__file__).resolve().parents[1]
CASES = [("gpt2", transformers.GPT2LMHeadModel, 0), ("gpt2", transformers.GPT2LMHeadModel, 1), ("llama", transformers.LlamaForCausalLM, 0),
         ("llama_grouped_llama3_bf16", transformers.LlamaForCausalLM, 0), ("llama_grouped_llama3_bf16", transformers.LlamaForCausalLM, 1),
         ("llama_linear_biases_f16", transformers.LlamaForCausalLM, 0), ("llama_dynamic", transformers.LlamaForCausalLM, 1),
         ("bert", transformers.BertForMaskedLM, 0), ("bert", transformers.BertForMaskedLM, 1)]
RULES = [(r"wte|embed_tokens|word_embeddings", "token_embedding"), (r"wpe|position_embeddings", "position_embedding"),
         (r"token_type_embeddings", "segment_embedding"), (r"embeddings\.LayerNorm", "embedding_norm"),
         (r"(?:h|layers?)\.(\d+)\..*(?:ln_1|ln_2|layernorm|LayerNorm)", "norm"), (r"(?:h|layers?)\.(\d+)\.attn\.c_attn", "fused"),
         (r"(?:h|layers?)\.(\d+)\..*(?:q_proj|self\.query)", "query"), (r"(?:h|layers?)\.(\d+)\..*(?:k_proj|self\.key)", "key"),
         (r"(?:h|layers?)\.(\d+)\..*(?:v_proj|self\.value)", "value"),
         (r"(?:h|layers?)\.(\d+)\..*(?:attn\.c_proj|o_proj|attention\.output\.dense)", "output"), (r"(?:h|layers?)\.(\d+)\.", "mlp"),
         (r"ln_f|model\.norm", "final_norm"), (r"predictions\.transform", "head_transform"), (r"lm_head|predictions", "unembedding")]


def group_of(name):
    for pattern, component in RULES:
        if found := re.search(pattern, name):
            return component + ("." + found.group(1) if found.groups() else "")
    raise ValueError(name)


def grouped(model, gradients):
    """The gradients of each group as one flat vector."""
    parts = {}
    for (name, _), gradient in zip(model.named_parameters(), gradients):
        group = group_of(name)
        if group.startswith("fused"):
            for component, part in zip(("query", "key", "value"), gradient.chunk(3, dim=-1)):
                parts.setdefault(component + group[5:], []).append(part.flatten())
        else:
            parts.setdefault(group, []).append(gradient.flatten())
    return {group: torch.cat(vectors) for group, vectors in parts.items()}


def gradients_of(model, value):
    parameters = [parameter for _, parameter in model.named_parameters()]
    found = torch.autograd.grad(value, parameters, retain_graph=True, allow_unused=True)
    return grouped(model, [torch.zeros_like(p) if g is None else g for p, g in zip(parameters, found)])


def squares(parts):
    return {group: float(vector @ vector) for group, vector in parts.items()}


def gauss_newton(model, logits):
    totals = {}
    for row in logits:
        p = row.detach().softmax(-1)
        curvature = torch.diag(p) - p[:, None] * p[None, :]
        jacobian = [gradients_of(model, logit) for logit in row]
        for group in jacobian[0]:
            rows = torch.stack([parts[group] for parts in jacobian])
            totals[group] = totals.get(group, 0.0) + float((curvature * (rows @ rows.T)).sum())
    return totals


def case(name, model_class, sample):
    torch.manual_seed(0)
    model = model_class.from_pretrained(ROOT / "models" / name, dtype=torch.float32, attn_implementation="eager").double().eval()
    recorded = load_file(ROOT / "models" / f"{name}.expected.safetensors")
    ids = recorded[f"{sample}.ids"].long()
    segments = recorded.get(f"{sample}.segments")
    inputs = {"input_ids": ids[None]} | ({} if segments is None else {"token_type_ids": segments.long()[None]})
    logits = model(**inputs).logits[0]
    encoder = model_class is transformers.BertForMaskedLM
    logits, labels = (logits, ids) if encoder else (logits[:-1], ids[1:])
    terms = logits.log_softmax(-1).gather(1, labels[:, None])[:, 0]
    tokens = {}
    for term in terms:
        for group, square in squares(gradients_of(model, term)).items():
            tokens[group] = tokens.get(group, 0.0) + square
    print(name, sample, len(terms), float(terms.sum().detach()))
    return {"model": name, "ids": ids.tolist(), "segments": [] if segments is None else segments.tolist(), "terms": len(terms),
            "log_likelihood": float(terms.sum().detach()), "sequence": squares(gradients_of(model, terms.sum())), "token": tokens,
            "gauss_newton": gauss_newton(model, logits)}


def main():
    (ROOT / "fisher").mkdir(exist_ok=True)
    cases = [case(*parts) for parts in CASES]
    (ROOT / "fisher" / "expected.json").write_text(json.dumps({"transformers": transformers.__version__, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
