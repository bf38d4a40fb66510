# SPDX-License-Identifier: Apache-2.0
"""Adds to tests/golden/gguf/models: the other architectures, tiny random models in quantised GGUF files, and what transformers computes with
the dequantised weights:  python tests/golden/gen/make_gguf_architectures.py [case ...]        (gguf 0.19, transformers 5.24)

Names come from the gguf package's own table; what llama.cpp's converters change on the way is done here again: rows of queries and keys
reordered, 1 added to norms, fused projections unmixed, experts stacked.
"""
import math
import pathlib
import re
import sys
import tempfile

import gguf
import numpy as np
import torch
import transformers as hf
from safetensors.torch import load_file, save_file

from make_architectures import TOKENS, published_slopes, randomise_experts, reference
from make_models import randomise

TARGET = pathlib.Path(__file__).resolve().parents[1] / "gguf/models"
VOCABULARY = 48
BASE = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=32, **TOKENS)
GROUPED = dict(BASE, num_key_value_heads=2)
HEADS = dict(GROUPED, head_dim=8)
EXPERTS = dict(GROUPED, max_position_embeddings=64)
FALCON = {key: value for key, value in BASE.items() if key != "intermediate_size"}
GPT = dict(vocab_size=VOCABULARY, **TOKENS)


def paired(value, heads):
    return value.reshape(heads, 2, value.shape[0] // heads // 2, *value.shape[1:]).swapaxes(1, 2).reshape(value.shape)


def ungrouped(value, groups, queries):
    """Rows of every group (its queries, its key, its value) as all queries, all keys, all values."""
    rows = value.reshape(groups, queries + 2, -1, *value.shape[1:])
    return np.concatenate([part.reshape(-1, *value.shape[1:]) for part in (rows[:, :-2], rows[:, -2], rows[:, -1])])


def changed(architecture, config, name, value):
    heads = getattr(config, "num_attention_heads", None) or getattr(config, "n_head", None)
    if architecture in ("llama", "olmo") and ".attn_q." in name:
        return paired(value, heads)
    if architecture in ("llama", "olmo") and ".attn_k." in name:
        return paired(value, config.num_key_value_heads)
    if architecture.startswith("gemma") and name.endswith("norm.weight"):
        return value + np.float32(1)
    if architecture == "bloom" and ".attn_qkv." in name:
        return ungrouped(value, heads, 1)
    if architecture == "falcon" and ".attn_qkv." in name:
        groups = config.num_kv_heads if config.new_decoder_architecture else 1
        return ungrouped(value, groups, heads // groups)
    return value


def stacked(state, each):
    """One tensor for all experts of a layer, or, as the first files had it, one for each."""
    result, experts = {}, {}
    for name, value in state.items():
        found = re.fullmatch(r"(.*\.experts\.)(\d+)\.(\w+\.weight)", name)
        if found and not each:
            experts.setdefault(found[1] + found[3], {})[int(found[2])] = value
        else:
            result[name] = value
    return result | {name: np.stack([values[i] for i in range(len(values))]) for name, values in experts.items()}


def gpt_oss_experts(state, kind):
    """Gate and up apart, and everything as [experts, out, in], as the converter writes them; and the state with what the quantised ones hold."""
    written, state = {}, dict(state)
    for name in [name for name in state if ".experts." in name]:
        value, layer = state[name], re.search(r"layers\.(\d+)\.", name)[1]
        parts = {"gate": value[..., ::2], "up": value[..., 1::2]} if "gate_up" in name else {"down": value}
        if name.endswith("_bias"):
            written |= {f"blk.{layer}.ffn_{part}_exps.bias": (np.ascontiguousarray(numbers), None) for part, numbers in parts.items()}
            continue
        turned = {part: np.ascontiguousarray(numbers.swapaxes(1, 2)) for part, numbers in parts.items()}
        written |= {f"blk.{layer}.ffn_{part}_exps.weight": (gguf.quants.quantize(numbers, kind), kind) for part, numbers in turned.items()}
        kept = {part: gguf.quants.dequantize(gguf.quants.quantize(numbers, kind), kind).reshape(numbers.shape).swapaxes(1, 2) for part, numbers in turned.items()}
        state[name] = np.ascontiguousarray(np.stack([kept["gate"], kept["up"]], -1).reshape(value.shape) if "gate_up" in name else kept["down"])
    return written, state


def names(architecture, layers, each):
    number = next(key for key, value in gguf.MODEL_ARCH_NAMES.items() if value == architecture)
    table = gguf.get_tensor_name_map(number, layers)

    def name_of(name):
        found = re.fullmatch(r"model\.layers\.(\d+)\.block_sparse_moe\.experts\.(\d+)\.(w\d)\.weight", name) if each else None
        if found:
            return f"blk.{found[1]}.{dict(w1='ffn_gate', w2='ffn_down', w3='ffn_up')[found[3]]}.{found[2]}.weight"
        new = table.get_name(name, try_suffixes=(".weight", ".bias")) or table.get_name(name.removeprefix("transformer."), try_suffixes=(".weight", ".bias"))
        if new is None:
            raise LookupError(name)
        return new
    return name_of


def add_rope(writer, config, head_width):
    rope = getattr(config, "rope_parameters", None)
    if not rope or getattr(config, "alibi", False):
        return
    local = rope.get("sliding_attention")
    rope = rope.get("full_attention", rope)
    width = int(head_width * rope.get("partial_rotary_factor", 1))
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_rope_dimension_count(width)
    if local and "full_attention" in config.rope_parameters:
        writer.add_rope_freq_base_swa(local["rope_theta"])
    if rope.get("rope_type") == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(rope["factor"])
    if rope.get("rope_type") == "yarn":
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(rope["factor"])
        writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
    if rope.get("rope_type") == "longrope":
        trained = rope["original_max_position_embeddings"]
        writer.add_rope_scaling_orig_ctx_len(trained)
        writer.add_rope_scaling_attn_factors(math.sqrt(1 + math.log(config.max_position_embeddings / trained) / math.log(trained)))
        for length in ("long", "short"):
            writer.add_tensor(f"rope_factors_{length}.weight", np.array(rope[f"{length}_factor"], dtype=np.float32))


def add_numbers(writer, architecture, config):
    get = lambda *keys: next((getattr(config, key) for key in keys if getattr(config, key, None) is not None), None)
    width, heads = get("hidden_size", "n_embd", "d_model"), get("num_attention_heads", "n_head", "n_heads")
    writer.add_context_length(get("max_position_embeddings", "seq_length", "max_seq_len") or 32)
    writer.add_embedding_length(width)
    writer.add_block_count(get("num_hidden_layers", "n_layer", "n_layers"))
    writer.add_feed_forward_length(get("intermediate_size", "ffn_hidden_size") or 4 * width)
    writer.add_head_count(heads)
    writer.add_bos_token_id(0)
    groups = get("num_key_value_heads", "num_kv_heads")
    if architecture == "falcon":
        groups = config.num_kv_heads if config.new_decoder_architecture else 1
    if groups:
        writer.add_head_count_kv(groups)
    if get("head_dim") and architecture != "falcon":
        writer.add_key_length(config.head_dim)
        writer.add_value_length(config.head_dim)
    if get("rms_norm_eps"):
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    else:
        writer.add_layer_norm_eps(get("layer_norm_eps", "layer_norm_epsilon") or 1e-5)
    if architecture == "phi3" or get("sliding_window"):
        writer.add_sliding_window(get("sliding_window") or 0)
    for key, add in (("attn_logit_softcapping", writer.add_attn_logit_softcapping), ("final_logit_softcapping", writer.add_final_logit_softcapping),
                     ("use_parallel_residual", writer.add_parallel_residual), ("clip_qkv", writer.add_clamp_kqv), ("num_experts_per_tok", writer.add_expert_used_count)):
        if get(key) is not None:
            add(get(key))
    if get("num_local_experts", "num_experts"):
        writer.add_expert_count(get("num_local_experts", "num_experts"))
    if get("moe_intermediate_size"):
        writer.add_expert_feed_forward_length(config.moe_intermediate_size)
    if architecture == "mpt":
        writer.add_max_alibi_bias(config.attn_config.alibi_bias_max)
        writer.add_clamp_kqv(config.attn_config.clip_qkv)
    add_rope(writer, config, get("head_dim") or width // heads)


def make(case, architecture, model_class, config, lengths, kind=gguf.GGMLQuantizationType.Q8_0, each=False, prepare=None):
    """`each`: a tensor for every expert; `prepare` changes the loaded model."""
    seed = sum(map(ord, case))
    torch.manual_seed(1)
    model = model_class(config)
    randomise(model, seed)
    randomise_experts(model, seed + 2)
    model.tie_weights()
    writer = gguf.GGUFWriter(TARGET / f"{case}.gguf", architecture)
    writer.add_name(case)
    add_numbers(writer, architecture, config)
    with tempfile.TemporaryDirectory() as folder:
        model.float().save_pretrained(folder)
        file = pathlib.Path(folder) / "model.safetensors"
        state = {name: value.float().numpy() for name, value in load_file(file).items()}
        layers = getattr(config, "num_hidden_layers", None) or getattr(config, "n_layer", None) or config.n_layers
        name_of = names(architecture, layers, each)
        experts, state = gpt_oss_experts(state, MX) if architecture == "gpt-oss" else ({}, state)
        for new, (value, type_of_value) in experts.items():
            writer.add_tensor(new, value, raw_dtype=type_of_value)
        for name, value in stacked(state, each).items():
            if experts and ".experts." in name:
                continue
            new = name_of(name)
            value = np.ascontiguousarray(changed(architecture, config, new, value))
            new += ".weight" if new.endswith("attn_sinks") else ""
            if value.ndim < 2 or new.endswith("ffn_gate_inp.weight"):
                writer.add_tensor(new, value)
            else:
                writer.add_tensor(new, gguf.quants.quantize(value, kind), raw_dtype=kind)
        for name, value in state.items():  # rows are quantised one by one: their order does not matter
            if value.ndim == 2 and not name_of_router(name) and not name.endswith("_bias"):
                state[name] = gguf.quants.dequantize(gguf.quants.quantize(value, kind), kind).reshape(value.shape).copy()
        save_file({name: torch.from_numpy(value) for name, value in state.items()}, file, metadata={"format": "pt"})
        expected, generator = {}, torch.Generator().manual_seed(seed + 1)
        for sample, length in enumerate(lengths):
            fresh = model_class.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
            if prepare:
                prepare(fresh)
            ids = torch.randint(2, VOCABULARY, (length,), generator=generator)
            ids[0] = 0
            for part, value in reference(fresh, ids, None).items():
                expected[f"{sample}.{part}"] = value.contiguous().float()
            expected[f"{sample}.ids"] = ids.int()
    save_file(expected, TARGET / f"{case}.expected.safetensors", metadata={"transformers": hf.__version__})
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{case}: {sum((TARGET / (case + end)).stat().st_size for end in ('.gguf', '.expected.safetensors')) / 1000:.0f} kB")


def name_of_router(name):
    return re.search(r"\.(mlp|block_sparse_moe)\.(gate|router)\.weight$", name) is not None


Q5, MX = gguf.GGMLQuantizationType.Q5_0, gguf.GGMLQuantizationType.MXFP4
CASES = {
    "mistral": lambda n: make(n, "llama", hf.MistralForCausalLM, hf.MistralConfig(**HEADS, sliding_window=5), [12]),
    "mixtral": lambda n: make(n, "llama", hf.MixtralForCausalLM, hf.MixtralConfig(**EXPERTS, num_local_experts=4, rope_theta=1e6), [11, 3], Q5),
    "mixtral_each": lambda n: make(n, "llama", hf.MixtralForCausalLM, hf.MixtralConfig(**EXPERTS, num_local_experts=3, num_experts_per_tok=1), [9], each=True),
    "phi3": lambda n: make(n, "phi3", hf.Phi3ForCausalLM, hf.Phi3Config(**GROUPED, sliding_window=5), [5, 12]),
    "phi3_longrope": lambda n: make(n, "phi3", hf.Phi3ForCausalLM, hf.Phi3Config(
        **{**GROUPED, "max_position_embeddings": 64}, original_max_position_embeddings=16, rope_parameters=dict(
            rope_type="longrope", rope_theta=10000.0, original_max_position_embeddings=16, partial_rotary_factor=0.75, short_factor=[1.0, 1.1, 1.3],
            long_factor=[1.2, 4.0, 9.0])), [16, 17]),
    "qwen3": lambda n: make(n, "qwen3", hf.Qwen3ForCausalLM, hf.Qwen3Config(**HEADS), [11]),
    "qwen3_moe": lambda n: make(n, "qwen3moe", hf.Qwen3MoeForCausalLM, hf.Qwen3MoeConfig(
        **{**EXPERTS, "head_dim": 8, "intermediate_size": 64}, moe_intermediate_size=32, num_experts=4, num_experts_per_tok=2, norm_topk_prob=True), [10]),
    "gpt_oss": lambda n: make(n, "gpt-oss", hf.GptOssForCausalLM, hf.GptOssConfig(
        **EXPERTS, head_dim=8, num_local_experts=4, num_experts_per_tok=2, sliding_window=4, layer_types=["sliding_attention", "full_attention"],
        rope_parameters=dict(rope_type="yarn", rope_theta=1000.0, factor=4.0, truncate=False, original_max_position_embeddings=16)), [12, 3]),
    "gemma2": lambda n: make(n, "gemma2", hf.Gemma2ForCausalLM, hf.Gemma2Config(
        **HEADS, sliding_window=4, query_pre_attn_scalar=8, attn_logit_softcapping=2.0, final_logit_softcapping=3.0), [4, 12]),
    "gemma3": lambda n: make(n, "gemma3", hf.Gemma3ForCausalLM, hf.Gemma3TextConfig(
        **{**HEADS, "num_hidden_layers": 6}, sliding_window=4, query_pre_attn_scalar=8, rope_parameters=dict(
            full_attention=dict(rope_type="linear", rope_theta=1000.0, factor=4.0), sliding_attention=dict(rope_type="default", rope_theta=10.0))), [12]),
    "falcon": lambda n: make(n, "falcon", hf.FalconForCausalLM, hf.FalconConfig(**FALCON), [12]),
    "falcon_two_norms": lambda n: make(n, "falcon", hf.FalconForCausalLM, hf.FalconConfig(**FALCON, new_decoder_architecture=True, num_kv_heads=2), [12], Q5),
    "falcon_one_norm": lambda n: make(n, "falcon", hf.FalconForCausalLM, hf.FalconConfig(
        **FALCON, new_decoder_architecture=True, num_kv_heads=2, num_ln_in_parallel_attn=1, tie_word_embeddings=False, ffn_hidden_size=64), [9]),
    "stablelm": lambda n: make(n, "stablelm", hf.StableLmForCausalLM, hf.StableLmConfig(**GROUPED, use_qkv_bias=True), [11]),
    "stablelm_parallel": lambda n: make(n, "stablelm", hf.StableLmForCausalLM, hf.StableLmConfig(**GROUPED, use_parallel_residual=True), [9]),
    "olmo": lambda n: make(n, "olmo", hf.OlmoForCausalLM, hf.OlmoConfig(**GROUPED, clip_qkv=0.7), [11]),
    "olmo2": lambda n: make(n, "olmo2", hf.Olmo2ForCausalLM, hf.Olmo2Config(**HEADS), [11]),
    "bloom": lambda n: make(n, "bloom", hf.BloomForCausalLM, hf.BloomConfig(**GPT, hidden_size=32, n_layer=2, n_head=4), [17]),
    "mpt": lambda n: make(n, "mpt", hf.MptForCausalLM, hf.MptConfig(**GPT, d_model=32, n_layers=2, n_heads=4, max_seq_len=32, attn_config=dict(
        clip_qkv=0.6, alibi_bias_max=16)), [11], prepare=published_slopes),
}


def main():
    for case in sys.argv[1:] or CASES:
        CASES[case](case)


if __name__ == "__main__":
    main()
