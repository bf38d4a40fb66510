#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the hand-made part of the fuzz corpora: corpus/<target>/<outcome>[-<what>].<ending>.

Every file is named after what must come of it (see replay_main.cpp). Standard library only; run it from anywhere.
Files that a fuzzer found are added by hand and are not touched here."""
import json
import pathlib
import struct

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"


def write(target, name, content):
    path = CORPUS / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def safetensors(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def make_safetensors():
    def put(name, *arguments, **options):
        write("safetensors", name + ".safetensors", safetensors(*arguments, **options))

    a = tensor("F32", [2], 0, 8)
    put("ok", {"a": a, "__metadata__": {"format": "pt"}}, bytes(8))
    put("ok-empty", {})
    put("ok-padded", b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}      ', bytes(4))
    kinds = ["F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL"]
    sizes = [8, 4, 2, 2, 1, 1, 8, 4, 2, 1, 8, 4, 2, 1, 1]
    every, position = {}, 0
    for kind, size in zip(kinds, sizes):
        every["x." + kind] = tensor(kind, [3, 1], position, position + 3 * size)
        position += 3 * size
    put("ok-every_dtype", every, bytes(range(position)))
    put("ok-zero_size", {"a": tensor("I64", [0, 9], 0, 0), "b": tensor("U8", [], 0, 1)}, b"\1")
    write("safetensors", "header_truncated.safetensors", safetensors({"a": a})[:20])
    write("safetensors", "header_truncated-no_length.safetensors", b"\x40\0\0")
    put("header_too_large", {}, length=2**63)
    put("header_too_large-one_above", {}, length=100_000_001)
    put("header_invalid", b'{"a":')
    put("header_invalid-list", b"[]")
    put("header_invalid-deep", b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}")
    put("header_invalid-utf8", b'{"\xff":1}')
    put("header_invalid-twice", b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},'
        b'"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"x")
    put("header_invalid-dtype", {"a": tensor("F4", [2], 0, 1)}, b"x")
    put("header_invalid-metadata", {"__metadata__": {"a": 1}})
    put("header_invalid-backwards", {"a": tensor("U8", [1], 1, 0)}, b"x")
    put("header_invalid-gap", {"a": tensor("U8", [1], 0, 1), "b": tensor("U8", [1], 2, 3)}, bytes(3))
    put("header_invalid-rest", {"a": a}, bytes(9))
    put("header_invalid-negative", {"a": tensor("U8", [-1], 0, 1)}, b"x")
    write("safetensors", "header_invalid-lfs.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    put("tensor_out_of_file", {"a": a}, bytes(7))
    put("tensor_out_of_file-far", {"a": tensor("U8", [1], 0, 2**64 - 1)}, b"x")
    put("tensor_overlap", {"a": a, "b": tensor("F32", [2], 4, 12)}, bytes(12))
    put("tensor_overlap-same", {"a": a, "b": a}, bytes(8))
    put("shape_overflow", {"a": tensor("U8", [2**32, 2**32], 0, 0)})
    put("shape_overflow-mismatch", {"a": tensor("F32", [3], 0, 8)}, bytes(8))
    put("shape_overflow-bytes", {"a": tensor("F64", [2**62], 0, 0)})


def make_weight_index():
    def put(name, value):
        write("weight_index", name + ".json", value if isinstance(value, str) else json.dumps(value))

    put("ok", {"metadata": {"total_size": 8}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}})
    put("header_invalid", '{"weight_map":')
    put("header_invalid-no_map", {"metadata": {}})
    put("header_invalid-empty", {"weight_map": {}})
    put("header_invalid-number", {"weight_map": {"a": 1}})
    put("header_invalid-twice", '{"weight_map":{"a":"m","a":"n"}}')
    put("path_escapes", {"weight_map": {"a": "../a.safetensors"}})
    put("path_escapes-absolute", {"weight_map": {"a": "/etc/passwd"}})
    put("path_escapes-folder", {"weight_map": {"a": "sub/a.safetensors"}})
    put("path_escapes-backslash", {"weight_map": {"a": "..\\a.safetensors"}})
    put("path_escapes-zero", {"weight_map": {"a": "a\0b"}})
    put("path_escapes-dots", {"weight_map": {"a": ".."}})


GPT2 = {"model_type": "gpt2", "n_layer": 1, "n_head": 2, "n_embd": 8, "vocab_size": 12, "n_positions": 16}
LLAMA = {"model_type": "llama", "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "hidden_size": 8,
         "intermediate_size": 16, "vocab_size": 12, "max_position_embeddings": 16, "rms_norm_eps": 1e-6, "rope_theta": 10000.0}


def make_config():
    def put(name, value):
        write("config", name + ".json", value if isinstance(value, str) else json.dumps(value))

    put("ok-gpt2", GPT2)
    put("ok-llama", LLAMA)
    llama3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}
    put("ok-llama3", LLAMA | {"rope_scaling": llama3})
    put("ok-dynamic", LLAMA | {"rope_scaling": {"type": "dynamic", "factor": 2.0}})
    put("config_invalid", "{")
    put("config_invalid-list", "[]")
    put("config_invalid-deep", '{"a":' + "[" * 2000 + "]" * 2000 + "}")
    put("config_invalid-huge_layers", GPT2 | {"n_layer": 2**62})
    put("config_invalid-negative_heads", GPT2 | {"n_head": -2})
    put("config_invalid-zero_width", GPT2 | {"n_embd": 0})
    put("config_invalid-text", GPT2 | {"n_head": "two"})
    put("config_invalid-heads_do_not_divide", GPT2 | {"n_head": 3})
    put("config_invalid-groups", LLAMA | {"num_key_value_heads": 3})
    put("config_invalid-epsilon", LLAMA | {"rms_norm_eps": -1})
    put("config_missing", {})
    put("config_missing-layers", {key: GPT2[key] for key in GPT2 if key != "n_layer"})
    put("unknown_architecture", {"model_type": "mystery"})
    put("tensor_missing", GPT2 | {"n_layer": 2})
    put("tensor_shape_mismatch", GPT2 | {"vocab_size": 13})
    put("unavailable", GPT2 | {"scale_attn_by_inverse_layer_idx": True})
    put("unavailable-quantized", LLAMA | {"quantization_config": {"bits": 4}})


if __name__ == "__main__":
    make_safetensors()
    make_weight_index()
    make_config()
