# SPDX-License-Identifier: Apache-2.0
"""Makes tests/golden/models: tiny random checkpoints, and what transformers computes with them in float32 (eager attention).

    python3 tests/golden/gen/make_models.py            (made with torch 2.13, transformers 5.23, safetensors)

A case is a folder as save_pretrained writes it, and beside it <case>.expected.safetensors with, for every sample s:
  s.ids, s.segments   token ids and token types            [T]
  s.attention         weights                              [layers, heads, T, T]
  s.hidden            residual stream: embedding, then after every layer, the last one before the final norm  [layers + 1, T, width]
  s.query, s.key      as the dot product sees them         [layers, heads or key/value heads, T, head width]
  s.value
  s.logits            absent when the checkpoint has no language-model head   [T, vocabulary]
"""
import json
import pathlib
import shutil

import torch
import transformers
from safetensors.torch import save_file
from transformers.models.bert import modeling_bert
from transformers.models.gpt2 import modeling_gpt2
from transformers.models.llama import modeling_llama

ROOT = pathlib.Path(__file__).resolve().parents[1] / "models"
VOCABULARY = 64
COMMON = dict(bos_token_id=0, eos_token_id=1, pad_token_id=None, attn_implementation="eager")


class Recorder:
    """Stands in for a model's eager attention and keeps what goes in and comes out."""

    def __init__(self, module):
        self.module, self.original, self.calls = module, module.eager_attention_forward, []
        module.eager_attention_forward = self

    def __call__(self, layer, query, key, value, *args, **kwargs):
        output, weights = self.original(layer, query, key, value, *args, **kwargs)
        self.calls.append((query[0], key[0], value[0], weights[0]))
        return output, weights

    def close(self):
        self.module.eager_attention_forward = self.original


def randomise(model, seed):
    """Weights large enough for sharp attention, biases and norms that are not 0 and 1."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() == 2:
                parameter.copy_(noise * (0.5 if "emb" in name or "wte" in name or "wpe" in name else 0.3))
            elif "norm" in name.lower() or "ln_" in name:
                parameter.copy_((0.0 if name.endswith("bias") else 1.0) + 0.2 * noise)
            else:
                parameter.copy_(0.2 * noise)


def body_layers(model):
    body = getattr(model, "transformer", None) or getattr(model, "model", None) or getattr(model, "bert", None) or model
    return getattr(body, "h", None) or getattr(body, "layers", None) or body.encoder.layer


@torch.no_grad()
def reference(model, module, ids, segments):
    hidden, hooks = [], []
    for layer in body_layers(model):
        hooks.append(layer.register_forward_hook(lambda _, __, out: hidden.append(out[0] if isinstance(out, tuple) else out)))
    recorder = Recorder(module)
    inputs = {"input_ids": ids[None]}
    if segments is not None:
        inputs["token_type_ids"] = segments[None]
    result = model(**inputs, output_hidden_states=True)
    recorder.close()
    for hook in hooks:
        hook.remove()
    states = [result.hidden_states[0]] + hidden
    query, key, value, weights = (torch.stack(part) for part in zip(*recorder.calls))
    expected = dict(hidden=torch.stack([state.reshape(len(ids), -1) for state in states]), attention=weights, query=query, key=key,
                    value=value)
    if getattr(result, "logits", None) is not None:
        expected["logits"] = result.logits[0]
    return expected


def make(name, model_class, config, module, lengths, stored=torch.float32, old_style=None, two_segments=False):
    folder = ROOT / name
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(1)
    model = model_class(config)
    seed = sum(map(ord, name))
    randomise(model, seed)
    model.tie_weights()
    model.to(stored).save_pretrained(folder)
    for extra in ("generation_config.json",):
        (folder / extra).unlink(missing_ok=True)
    expected, generator = {}, torch.Generator().manual_seed(seed + 1)
    for sample, length in enumerate(lengths):
        # A fresh model each time: dynamic RoPE scaling remembers longer inputs.
        fresh = model_class.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        ids = torch.randint(2, VOCABULARY, (length,), generator=generator)
        ids[0] = 0
        segments = (torch.arange(length) >= length // 2).long() if two_segments else None
        for part, value in reference(fresh, module, ids, segments).items():
            expected[f"{sample}.{part}"] = value.contiguous().float()
        expected[f"{sample}.ids"] = ids.int()
        if two_segments:
            expected[f"{sample}.segments"] = segments.int()
    if old_style:  # the spelling of older exporters
        settings = json.loads((folder / "config.json").read_text())
        settings.pop("rope_parameters", None)
        settings.update(old_style)
        (folder / "config.json").write_text(json.dumps(settings, indent=2) + "\n")
    save_file(expected, ROOT / f"{name}.expected.safetensors", metadata={"transformers": transformers.__version__})
    size = sum(f.stat().st_size for f in folder.iterdir()) + (ROOT / f"{name}.expected.safetensors").stat().st_size
    print(f"{name}: {size / 1000:.0f} kB, largest weight of attention {max(float(v.max()) for k, v in expected.items() if 'attention' in k):.3f}")


def llama(**settings):
    base = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
                num_key_value_heads=4, max_position_embeddings=64, **COMMON)
    return transformers.LlamaConfig(**{**base, **settings})


def gpt2(**settings):
    return transformers.GPT2Config(**{**dict(vocab_size=VOCABULARY, n_layer=2, n_head=4, n_embd=32, n_positions=32, **COMMON), **settings})


def bert(**settings):
    base = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
                max_position_embeddings=32, **COMMON)
    return transformers.BertConfig(**{**base, **settings})


def main():
    ROOT.mkdir(exist_ok=True)
    make("gpt2", transformers.GPT2LMHeadModel, gpt2(n_layer=3), modeling_gpt2, [13, 20, 1])
    make("gpt2_body_f16", transformers.GPT2Model, gpt2(n_inner=40, activation_function="relu"), modeling_gpt2, [15], torch.float16)
    make("llama", transformers.LlamaForCausalLM, llama(), modeling_llama, [18])
    make("llama_grouped_llama3_bf16", transformers.LlamaForCausalLM,
         llama(num_key_value_heads=2, head_dim=12, tie_word_embeddings=True,
               rope_parameters=dict(rope_type="llama3", rope_theta=500.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                    original_max_position_embeddings=16)), modeling_llama, [24, 9], torch.bfloat16)
    make("llama_linear_biases_f16", transformers.LlamaForCausalLM,
         llama(attention_bias=True, mlp_bias=True, num_key_value_heads=1,
               rope_parameters=dict(rope_type="linear", rope_theta=10000.0, factor=4.0)), modeling_llama, [17], torch.float16)
    make("llama_dynamic", transformers.LlamaForCausalLM,
         llama(max_position_embeddings=16, rope_parameters=dict(rope_type="dynamic", rope_theta=10000.0, factor=2.0)),
         modeling_llama, [12, 24, 20], torch.bfloat16,
         old_style=dict(rope_theta=10000.0, rope_scaling=dict(type="dynamic", factor=2.0)))
    make("llama_yarn_f16", transformers.LlamaForCausalLM,
         llama(num_key_value_heads=2, rope_parameters=dict(rope_type="yarn", rope_theta=100.0, factor=4.0, original_max_position_embeddings=16,
                                                          beta_fast=2.0, beta_slow=0.5)), modeling_llama, [26], torch.float16)
    make("bert", transformers.BertForMaskedLM, bert(), modeling_bert, [16, 7], two_segments=True)
    make("bert_body_bf16", transformers.BertModel, bert(hidden_act="gelu_new"), modeling_bert, [11], torch.bfloat16, two_segments=True)


if __name__ == "__main__":
    main()
