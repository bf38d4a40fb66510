# SPDX-License-Identifier: Apache-2.0
"""Writes a checkpoint with the shape of a known model into a folder, for benchmarks:

    make_shape.py gpt2-small|pythia-410m|llama-3.2-1b FOLDER [--dtype float32|float16|bfloat16] [--positions N]      random weights
    make_shape.py llama-7b FOLDER                      float16, 13 GB; a file of holes that takes no space on the disk and reads as zeros
    make_shape.py llama-7b FOLDER --filled             the same full of random numbers

There is no tokenizer: bench_forward draws its tokens. `--words` adds one whose tokens are words, so that `sinkscope-cli run` works too.
"""
import argparse
import json
import os
import pathlib
import struct

SHAPES = {"gpt2-small": ("gpt2", {}),
          "pythia-410m": ("gpt_neox", dict(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096,
                                           vocab_size=50304, max_position_embeddings=4096, rotary_pct=0.25)),
          "llama-3.2-1b": ("llama", dict(hidden_size=2048, num_hidden_layers=16, num_attention_heads=32, num_key_value_heads=8,
                                         intermediate_size=8192, vocab_size=128256, max_position_embeddings=131072, head_dim=64,
                                         rope_theta=500000.0, tie_word_embeddings=True))}
SEVEN = dict(model_type="llama", architectures=["LlamaForCausalLM"], hidden_size=4096, num_hidden_layers=32, num_attention_heads=32,
             num_key_value_heads=32, intermediate_size=11008, vocab_size=32000, max_position_embeddings=4096, rms_norm_eps=1e-5,
             rope_theta=10000.0, hidden_act="silu", bos_token_id=1, eos_token_id=2, tie_word_embeddings=False)


def random_model(shape, folder, dtype, positions):
    import torch
    import transformers
    torch.manual_seed(0)
    kind, values = SHAPES[shape]
    if positions:
        values = dict(values, **{"n_positions" if kind == "gpt2" else "max_position_embeddings": positions})
    elif kind == "gpt2":
        values = dict(values, n_positions=4096)
    config = transformers.AutoConfig.for_model(kind, initializer_range=0.05, **values)
    transformers.AutoModelForCausalLM.from_config(config).to(getattr(torch, dtype)).save_pretrained(folder)


def seven_billion(folder, filled):
    """One safetensors file of 13.5 GB, written without holding it."""
    width, mlp, vocabulary = SEVEN["hidden_size"], SEVEN["intermediate_size"], SEVEN["vocab_size"]
    tensors = [("model.embed_tokens.weight", [vocabulary, width])]
    for layer in range(SEVEN["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        tensors += [(at + f"self_attn.{name}_proj.weight", [width, width]) for name in "qkvo"]
        tensors += [(at + "mlp.gate_proj.weight", [mlp, width]), (at + "mlp.up_proj.weight", [mlp, width]), (at + "mlp.down_proj.weight", [width, mlp]),
                    (at + "input_layernorm.weight", [width]), (at + "post_attention_layernorm.weight", [width])]
    tensors += [("model.norm.weight", [width]), ("lm_head.weight", [vocabulary, width])]
    header, offset = {}, 0
    for name, size in tensors:
        count = size[0] * (size[1] if len(size) > 1 else 1)
        header[name] = dict(dtype="F16", shape=size, data_offsets=[offset, offset + 2 * count])
        offset += 2 * count
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(SEVEN))
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        if filled:
            import numpy
            block = (numpy.random.default_rng(0).standard_normal(1 << 24) * 0.02).astype(numpy.float16).tobytes()
            for at in range(0, offset, len(block)):
                file.write(block[:min(len(block), offset - at)])
        else:
            file.truncate(8 + len(text) + offset)


def words_tokenizer(folder):
    from tokenizers import Tokenizer, models, pre_tokenizers
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    vocabulary = {word: index for index, word in enumerate(["<unk>"] + letters + [a + b for a in letters for b in letters])}
    tokenizer = Tokenizer(models.BPE(vocabulary, [(a, b) for a in letters for b in letters], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.save(str(folder / "tokenizer.json"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("shape", choices=[*SHAPES, "llama-7b"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--positions", type=int)
    parser.add_argument("--filled", action="store_true")
    parser.add_argument("--words", action="store_true")
    options = parser.parse_args()
    if options.shape == "llama-7b":
        seven_billion(options.folder, options.filled)
    else:
        random_model(options.shape, options.folder, options.dtype, options.positions)
    if options.words:
        words_tokenizer(options.folder)
    os.sync() if options.filled else None


if __name__ == "__main__":
    main()
