# SPDX-License-Identifier: Apache-2.0
"""Makes tests/golden/gguf/models and tokenizers: checkpoints and tokenizers of the other fixtures as GGUF files, written with the gguf
package as llama.cpp's converters lay them out:  python tests/golden/gen/make_gguf_models.py

A model's numbers are stored without loss, so that the expected values of the checkpoint hold; llama_q8_0 is quantised and has expected
values of its own, computed by transformers with the dequantised weights.
"""
import base64
import json
import pathlib

import gguf
import numpy as np
import sentencepiece
import tokenizers as tokenizer_library
import torch
import transformers
from safetensors.torch import load_file, save_file

GOLDEN = pathlib.Path(__file__).resolve().parents[1]
MODELS, TARGET = GOLDEN / "models", GOLDEN / "gguf"

LLAMA = {
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "self_attn.dense": "attn_output", "mlp.fc1": "ffn_up", "mlp.fc2": "ffn_down",
    "attention.query_key_value": "attn_qkv", "attention.dense": "attn_output", "mlp.dense_h_to_4h": "ffn_up", "mlp.dense_4h_to_h": "ffn_down",
    "ln_1": "attn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "ln_2": "ffn_norm", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down",
    "attention.self.query": "attn_q", "attention.self.key": "attn_k", "attention.self.value": "attn_v", "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm", "intermediate.dense": "ffn_up", "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm",
}
ONCE = {
    "embed_tokens": "token_embd", "wte": "token_embd", "embed_in": "token_embd", "embeddings.word_embeddings": "token_embd", "wpe": "position_embd",
    "embeddings.position_embeddings": "position_embd", "embeddings.token_type_embeddings": "token_types", "embeddings.LayerNorm": "token_embd_norm",
    "norm": "output_norm", "ln_f": "output_norm", "final_layernorm": "output_norm", "final_layer_norm": "output_norm", "lm_head": "output", "embed_out": "output",
}
PREFIXES = ("model.", "transformer.", "gpt_neox.", "bert.", "")
STACKS = ("layers.", "h.", "encoder.layer.")


def renamed(name):
    """GGUF's name, or nothing for what converters leave out."""
    for prefix in PREFIXES:
        if not name.startswith(prefix):
            continue
        rest, _, kind = name[len(prefix):].rpartition(".")
        if rest in ONCE:
            return f"{ONCE[rest]}.{kind}"
        for stack in STACKS:
            if rest.startswith(stack):
                layer, _, part = rest[len(stack):].partition(".")
                if part in LLAMA:
                    return f"blk.{layer}.{LLAMA[part]}.{kind}"
    return None


def paired(weight, heads):
    return weight.reshape(heads, 2, weight.shape[0] // heads // 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def unmixed(weight, heads):
    parts = weight.reshape(heads, 3, weight.shape[0] // heads // 3, *weight.shape[1:])
    return np.concatenate([parts[:, i].reshape(-1, *weight.shape[1:]) for i in range(3)])


def converted(architecture, config, state):
    tensors = {}
    heads = config.num_attention_heads
    for name, tensor in state.items():
        new, value = renamed(name), tensor.float().numpy()
        if new is None or (new == "output.weight" and getattr(config, "tie_word_embeddings", True)):
            continue
        if architecture == "llama" and ".attn_q." in new:
            value = paired(value, heads)
        if architecture == "llama" and ".attn_k." in new:
            value = paired(value, config.num_key_value_heads)
        if architecture == "gptneox" and ".attn_qkv." in new:
            value = unmixed(value, heads)
        if architecture == "gpt2" and new.startswith("blk.") and value.ndim == 2:
            value = value.T
        if architecture == "gemma" and new.endswith("norm.weight"):
            value = value + np.float32(1)
        tensors[new] = np.ascontiguousarray(value)
    return tensors


def metadata(writer, architecture, config):
    width, heads = config.hidden_size, config.num_attention_heads
    writer.add_name("a tiny random model")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(width)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(getattr(config, "intermediate_size", None) or getattr(config, "n_inner", None) or 4 * width)
    writer.add_head_count(heads)
    writer.add_bos_token_id(0)
    head_width = getattr(config, "head_dim", None) or width // heads
    if architecture in ("llama", "qwen2", "gemma"):
        writer.add_head_count_kv(config.num_key_value_heads)
        writer.add_key_length(head_width)
        writer.add_value_length(head_width)
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    else:
        writer.add_layer_norm_eps(getattr(config, "layer_norm_eps", None) or config.layer_norm_epsilon)
    rope = getattr(config, "rope_parameters", None)
    if not rope:
        return
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_rope_dimension_count(int(head_width * rope.get("partial_rotary_factor", 1)))
    if architecture == "gptneox":
        writer.add_parallel_residual(config.use_parallel_residual)
    kind = rope.get("rope_type", "default")
    if kind in ("linear", "yarn"):
        writer.add_rope_scaling_type(gguf.RopeScalingType(kind))
        writer.add_rope_scaling_factor(rope["factor"])
        if kind == "yarn":
            writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
    if kind == "llama3":
        own = transformers.modeling_rope_utils.ROPE_INIT_FUNCTIONS["llama3"](config, "cpu")[0]
        plain = 1.0 / rope["rope_theta"] ** (torch.arange(0, head_width, 2, dtype=torch.int64).float() / head_width)
        writer.add_tensor("rope_freqs.weight", (plain / own).numpy().astype(np.float32))


def write(path, architecture, config, tensors, types=None):
    writer = gguf.GGUFWriter(path, architecture)
    metadata(writer, architecture, config)
    for name, value in tensors.items():
        kind = (types or {}).get(name)
        if kind is None:
            writer.add_tensor(name, value)
        else:
            writer.add_tensor(name, gguf.quants.quantize(value, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


def lossless_types(stored, tensors):
    kinds = {torch.float16: gguf.GGMLQuantizationType.F16, torch.bfloat16: gguf.GGMLQuantizationType.BF16}
    return {name: kinds[stored] for name, value in tensors.items() if stored in kinds and value.ndim == 2}


def quantised(config, state):
    """Expected values of llama with what can be quantised in Q8_0, and the rest of the matrices in F16."""
    import make_models
    from transformers.models.llama import modeling_llama

    tensors = converted("llama", config, state)
    types = {name: gguf.GGMLQuantizationType.Q8_0 if value.shape[-1] % 32 == 0 else gguf.GGMLQuantizationType.F16
             for name, value in tensors.items() if value.ndim == 2}
    write(TARGET / "models/llama_q8_0.gguf", "llama", config, tensors, types)
    changed = dict(state)
    for name, value in state.items():
        kind = types.get(renamed(name))
        if kind is not None:  # rows are quantised one by one: their order does not matter
            changed[name] = torch.from_numpy(gguf.quants.dequantize(gguf.quants.quantize(value.float().numpy(), kind), kind).reshape(value.shape).copy())
    model = transformers.LlamaForCausalLM(config).eval()
    model.load_state_dict(changed)
    model.set_attn_implementation("eager")
    old, expected = load_file(MODELS / "llama.expected.safetensors"), {}
    for sample in range(sum(name.endswith(".ids") for name in old)):
        ids = old[f"{sample}.ids"]
        for part, value in make_models.reference(model, modeling_llama, ids.long(), None).items():
            expected[f"{sample}.{part}"] = value.contiguous().float()
        expected[f"{sample}.ids"] = ids
    save_file(expected, TARGET / "models/llama_q8_0.expected.safetensors")


# GGUF keeps neither the activation nor, for Qwen2, the window: only sources with what is usual for their architecture can agree.
CASES = {"llama": "llama", "llama_grouped_llama3_bf16": "llama", "llama_linear_biases_f16": "llama", "qwen2_yarn": "qwen2", "gemma": "gemma",
         "gpt2": "gpt2", "gpt_neox": "gptneox", "phi": "phi2", "bert": "bert"}


def models():
    (TARGET / "models").mkdir(parents=True, exist_ok=True)
    for name, architecture in CASES.items():
        state = load_file(MODELS / name / "model.safetensors")
        config = transformers.AutoConfig.from_pretrained(MODELS / name)
        tensors = converted(architecture, config, state)
        stored = next(tensor.dtype for tensor in state.values() if tensor.dim() == 2)
        write(TARGET / "models" / f"{name}.gguf", architecture, config, tensors, lossless_types(stored, tensors))
        if name == "llama":
            quantised(config, state)


def begin(path, kind):
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tokenizer_model(kind)
    return writer


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def pieces_of(description):
    vocabulary = dict(description["model"]["vocab"])
    added = {token["content"]: token for token in description["added_tokens"]}
    vocabulary.update({content: token["id"] for content, token in added.items()})
    pieces = sorted(vocabulary, key=vocabulary.get)
    assert [vocabulary[piece] for piece in pieces] == list(range(len(pieces)))
    types = [1 if piece not in added else 3 if added[piece]["special"] else 4 for piece in pieces]
    return pieces, types


def byte_level(name, pattern, adds_bos):
    description = json.loads((GOLDEN / "tokenizers" / name / "tokenizer.json").read_text(encoding="utf-8"))
    pieces, types = pieces_of(description)
    writer = begin(TARGET / "tokenizers" / f"{name}.gguf", "gpt2")
    writer.add_tokenizer_pre(pattern)
    writer.add_token_list(pieces)
    writer.add_token_types(types)
    writer.add_token_merges([pair if isinstance(pair, str) else " ".join(pair) for pair in description["model"]["merges"]])
    writer.add_add_bos_token(adds_bos)
    if adds_bos:
        writer.add_bos_token_id(pieces.index("<bos>"))
    finish(writer)


def word_piece(name):
    description = json.loads((GOLDEN / "tokenizers" / name / "tokenizer.json").read_text(encoding="utf-8"))
    pieces, types = pieces_of(description)
    marked = [piece if kind == 3 else piece[2:] if piece.startswith("##") else "\u2581" + piece for piece, kind in zip(pieces, types)]
    writer = begin(TARGET / "tokenizers" / f"{name}.gguf", "bert")
    writer.add_token_list(marked)
    writer.add_token_types(types)
    writer.add_unk_token_id(pieces.index("[UNK]"))
    writer.add_bos_token_id(pieces.index("[CLS]"))  # what the package calls [CLS]
    writer.add_sep_token_id(pieces.index("[SEP]"))
    finish(writer)


def unigram(name):
    description = json.loads((GOLDEN / "tokenizers" / name / "tokenizer.json").read_text(encoding="utf-8"))
    scores = dict(description["model"]["vocab"])
    added = {token["content"]: token["id"] for token in description["added_tokens"]}
    pieces = [piece for piece, _ in description["model"]["vocab"]] + [content for content, id in sorted(added.items(), key=lambda item: item[1]) if content not in scores]
    unknown = description["model"]["unk_id"]
    writer = begin(TARGET / "tokenizers" / f"{name}.gguf", "t5")
    writer.add_token_list(pieces)
    writer.add_token_scores([-1000.0 if piece in added else scores[piece] for piece in pieces])
    writer.add_token_types([2 if id == unknown else 3 if piece in added else 1 for id, piece in enumerate(pieces)])
    writer.add_precompiled_charsmap(base64.b64decode(description["normalizer"]["precompiled_charsmap"]))
    writer.add_add_space_prefix(True)
    writer.add_remove_extra_whitespaces(True)
    writer.add_unk_token_id(unknown)
    writer.add_eos_token_id(pieces.index("</s>"))
    writer.add_pad_token_id(pieces.index("<pad>"))
    finish(writer)
    # GGUF has scores in single precision, which decides between divisions that are as likely as each other.
    for entry in description["model"]["vocab"]:
        entry[1] = float(np.float32(entry[1]))
    tokenizer = tokenizer_library.Tokenizer.from_str(json.dumps(description))
    with open(TARGET / "tokenizers" / f"{name}.ids.jsonl", "w", encoding="utf-8") as file:
        for line in open(GOLDEN / "tokenizers/texts.jsonl", encoding="utf-8", newline="\n"):
            file.write(json.dumps(tokenizer.encode(json.loads(line), add_special_tokens=False).ids, separators=(",", ":")) + "\n")


def sentence_piece():
    """Trained on the strings of the other fixtures; expected ids by SentencePiece itself."""
    texts = [json.loads(line) for line in open(GOLDEN / "tokenizers/texts.jsonl", encoding="utf-8", newline="\n")]
    import io

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text.replace("\n", " ") for text in texts if text.strip() and max(text) < "\u0500"), model_writer=model, vocab_size=1400, model_type="bpe",
        byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=True, character_coverage=0.98,
        minloglevel=2)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    kinds = lambda i: 2 if processor.is_unknown(i) else 3 if processor.is_control(i) else 6 if processor.is_byte(i) else 1
    count = range(processor.vocab_size())
    writer = begin(TARGET / "tokenizers/sentencepiece.gguf", "llama")
    writer.add_token_list([processor.id_to_piece(i) for i in count])
    writer.add_token_scores([processor.get_score(i) for i in count])
    writer.add_token_types([kinds(i) for i in count])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(True)
    writer.add_add_space_prefix(True)
    finish(writer)
    with open(TARGET / "tokenizers/sentencepiece.ids.jsonl", "w", encoding="utf-8") as file:
        for text in texts:
            file.write(json.dumps(processor.encode(text), separators=(",", ":")) + "\n")


def tokenizers():
    (TARGET / "tokenizers").mkdir(parents=True, exist_ok=True)
    byte_level("byte_level_gpt2", "gpt-2", False)
    byte_level("byte_level_llama3", "llama-bpe", True)
    byte_level("o200k", "gpt-4o", False)
    word_piece("wordpiece_cased")
    word_piece("wordpiece_uncased")
    unigram("unigram_t5")
    sentence_piece()


if __name__ == "__main__":
    models()
    tokenizers()
