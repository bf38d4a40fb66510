# SPDX-License-Identifier: Apache-2.0
"""Adds to tests/golden/models: every other architecture, one tiny random checkpoint for each variant of its mathematics.

    python3 tests/golden/gen/make_architectures.py [case ...]        (made with torch 2.13, transformers 5.23, safetensors)

The same files as make_models.py writes, without query, key and value. Lengths cross windows, trained lengths and padding.
"""
import json
import pathlib
import shutil
import sys

import torch
import transformers as hf
from safetensors.torch import save_file

from make_models import ROOT, randomise

VOCABULARY = 48
TOKENS = dict(bos_token_id=0, eos_token_id=1, pad_token_id=None, attn_implementation="eager")
LIKE_LLAMA = dict(vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                  head_dim=8, max_position_embeddings=32, **TOKENS)
PLAIN = dict(vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, max_position_embeddings=32, **TOKENS)


def layers_of(model):
    for name in ("model.layers", "layers", "transformer.h", "gpt_neox.layers", "model.decoder.layers", "roberta.encoder.layer", "electra.encoder.layer",
                 "distilbert.transformer.layer", "transformer.blocks"):
        try:
            return model.get_submodule(name)
        except AttributeError:
            continue
    raise LookupError(type(model).__name__)


@torch.no_grad()
def reference(model, ids, segments):
    hidden, hooks = [], []
    for layer in layers_of(model):
        hooks.append(layer.register_forward_hook(lambda _, __, out: hidden.append(out[0] if isinstance(out, tuple) else out)))
    inputs = {"input_ids": ids[None]}
    if segments is not None:
        inputs["token_type_ids"] = segments[None]
    result = model(**inputs, output_hidden_states=True, output_attentions=True, use_cache=False) if "Masked" not in type(model).__name__ else model(
        **inputs, output_hidden_states=True, output_attentions=True)
    for hook in hooks:
        hook.remove()
    states = [result.hidden_states[0]] + hidden
    return dict(hidden=torch.stack([state.reshape(len(ids), -1) for state in states]), attention=torch.cat(list(result.attentions)), logits=result.logits[0])


def make(name, model_class, config, lengths, ids=None, segments=False, edit=None):
    folder = ROOT / name
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(1)
    model, seed = model_class(config), sum(map(ord, name))
    randomise(model, seed)
    model.tie_weights()
    model.to(torch.bfloat16).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if edit:  # the spelling of older exporters, before the reference reads it, too
        settings = json.loads((folder / "config.json").read_text())
        edit(settings)
        (folder / "config.json").write_text(json.dumps(settings, indent=2) + "\n")
    expected, generator = {}, torch.Generator().manual_seed(seed + 1)
    for sample, length in enumerate(lengths):
        fresh = model_class.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        tokens = torch.randint(2, VOCABULARY, (length,), generator=generator)
        tokens[0] = 0
        if ids:
            tokens[ids[0]] = ids[1]
        types = (torch.arange(length) >= length // 2).long() if segments else None
        for part, value in reference(fresh, tokens, types).items():
            expected[f"{sample}.{part}"] = value.contiguous().float()
        expected[f"{sample}.ids"] = tokens.int()
        if segments:
            expected[f"{sample}.segments"] = types.int()
    save_file(expected, ROOT / f"{name}.expected.safetensors", metadata={"transformers": hf.__version__})
    size = sum(f.stat().st_size for f in folder.iterdir()) + (ROOT / f"{name}.expected.safetensors").stat().st_size
    print(f"{name}: {size / 1000:.0f} kB")


def old_neox(settings):
    settings.pop("rope_parameters")
    settings.update(rotary_pct=0.5, rotary_emb_base=1000)


CASES = {
    "gpt_neox": lambda n: make(n, hf.GPTNeoXForCausalLM, hf.GPTNeoXConfig(**PLAIN, rope_parameters=dict(
        rope_type="default", rope_theta=1000.0, partial_rotary_factor=0.5)), [13], edit=old_neox),
    "gpt_neox_sequential": lambda n: make(n, hf.GPTNeoXForCausalLM, hf.GPTNeoXConfig(
        **PLAIN, use_parallel_residual=False, attention_bias=False, hidden_act="gelu_fast", tie_word_embeddings=True), [9]),
    "mistral": lambda n: make(n, hf.MistralForCausalLM, hf.MistralConfig(**LIKE_LLAMA, sliding_window=5), [4, 12]),
    "qwen2": lambda n: make(n, hf.Qwen2ForCausalLM, hf.Qwen2Config(**LIKE_LLAMA, use_sliding_window=True, sliding_window=4, max_window_layers=1), [12]),
    "gemma": lambda n: make(n, hf.GemmaForCausalLM, hf.GemmaConfig(**LIKE_LLAMA, hidden_act="gelu"), [11]),
    "phi": lambda n: make(n, hf.PhiForCausalLM, hf.PhiConfig(**PLAIN, rope_parameters=dict(
        rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.5)), [11]),
    "phi_qk_norm": lambda n: make(n, hf.PhiForCausalLM, hf.PhiConfig(**PLAIN, qk_layernorm=True), [8]),
    "roberta": lambda n: make(n, hf.RobertaForMaskedLM, hf.RobertaConfig(**{**PLAIN, "pad_token_id": 3}, type_vocab_size=2, hidden_act="relu"),
                              [12, 7], ids=([2, 5, 6], 3), segments=True),
    "xlm_roberta": lambda n: make(n, hf.XLMRobertaForMaskedLM, hf.XLMRobertaConfig(**{**PLAIN, "pad_token_id": 1}, type_vocab_size=1), [10]),
}


def main():
    chosen = sys.argv[1:] or list(CASES)
    for name in chosen:
        CASES[name](name)
    total = sum(f.stat().st_size for name in CASES for f in [*(ROOT / name).iterdir(), ROOT / f"{name}.expected.safetensors"])
    print(f"{len(CASES)} cases, {total / 1000:.0f} kB")


if __name__ == "__main__":
    main()
