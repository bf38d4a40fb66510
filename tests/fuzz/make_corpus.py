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


BPE = {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, "<unk>": 3}, "merges": ["a b"], "unk_token": "<unk>"}
WORD_PIECE = {"type": "WordPiece", "vocab": {"[UNK]": 0, "a": 1, "##b": 2}, "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 100}


def tokenizer(model=BPE, **parts):
    return {"version": "1.0", "added_tokens": [], "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None} | parts | {"model": model}


def split(pattern, behavior="Isolated"):
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": behavior, "invert": False}


def make_tokenizer():
    """tokenizer.json, and after a zero byte the text to encode ("" leaves it to the target)."""
    def put(name, value, text=None):
        value = value if isinstance(value, (str, bytes)) else json.dumps(value)
        value = value if isinstance(value, bytes) else value.encode()
        write("tokenizer", name + ".json", value if text is None else value + b"\0" + text)

    def nested(kind, key, depth):
        part = {"type": "Lowercase"} if kind == "normalizer" else {"type": "Whitespace"}
        for _ in range(depth):
            part = {"type": "Sequence", key: [part]}
        return part

    put("ok-bpe", tokenizer())
    put("ok-pairs", tokenizer(BPE | {"merges": [["a", "b"]], "byte_fallback": True, "fuse_unk": True}))
    put("ok-wordpiece", tokenizer(WORD_PIECE, normalizer={"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
                                                         "lowercase": True}, pre_tokenizer={"type": "BertPreTokenizer"}))
    put("ok-long_word", tokenizer(WORD_PIECE | {"max_input_chars_per_word": 10**9}), b"ab" * 20000)
    put("ok-repeated_merges", tokenizer(BPE | {"vocab": {"a": 0, "aa": 1, "aaaa": 2, "<unk>": 3}, "merges": ["a a", "aa aa"]}), b"a" * 50001)
    put("ok-added", tokenizer(added_tokens=[{"id": 4, "content": "<x>", "single_word": True, "lstrip": True, "rstrip": True, "normalized": False, "special": True},
                                           {"id": 5, "content": " ", "single_word": False, "lstrip": False, "rstrip": False, "normalized": True, "special": False}]),
        b" <x> <x><x>a<x> ")
    put("ok-template", tokenizer(post_processor={"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "b", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 1}}],
                                                 "pair": [], "special_tokens": {"b": {"id": "b", "ids": [1], "tokens": ["b"]}}}))
    put("ok-byte_level", tokenizer(pre_tokenizer={"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
                                   post_processor={"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True}), "  \u00e9\n\U0001f600 ".encode())
    put("ok-empty_match", tokenizer(normalizer={"type": "Replace", "pattern": {"Regex": "x*"}, "content": "b"}, pre_tokenizer=split("a*")), b"aaxxb")
    put("tokenizer_invalid", '{"model":')
    put("tokenizer_invalid-empty", "")
    put("tokenizer_invalid-list", "[]")
    put("tokenizer_invalid-no_model", {"version": "1.0"})
    put("tokenizer_invalid-deep", '{"model":' + "[" * 3000 + "]" * 3000 + "}")
    put("tokenizer_invalid-utf8", b'{"model":{"type":"BPE","vocab":{"\xff":0},"merges":[]}}')
    put("tokenizer_invalid-surrogate", '{"model":{"type":"BPE","vocab":{"\\ud800":0},"merges":[]}}')
    put("tokenizer_invalid-no_vocabulary", tokenizer({"type": "BPE", "merges": []}))
    put("tokenizer_invalid-huge_id", tokenizer(BPE | {"vocab": {"a": 2**62}}))
    put("tokenizer_invalid-negative_id", tokenizer(BPE | {"vocab": {"a": -1}}))
    put("tokenizer_invalid-fraction_id", tokenizer(BPE | {"vocab": {"a": 0.5}}))
    put("tokenizer_invalid-long_piece", tokenizer(BPE | {"vocab": BPE["vocab"] | {"a" * 5000: 9}}))
    put("tokenizer_invalid-merge_of_three", tokenizer(BPE | {"merges": ["a b c"]}))
    put("tokenizer_invalid-merge_unknown", tokenizer(BPE | {"merges": ["a c"]}))
    put("tokenizer_invalid-no_unknown", tokenizer(BPE | {"unk_token": "<none>"}))
    put("tokenizer_invalid-regex", tokenizer(pre_tokenizer=split("(")))
    put("tokenizer_invalid-many_classes", tokenizer(pre_tokenizer=split("\\w" * 1000)))
    put("tokenizer_invalid-long_regex", tokenizer(pre_tokenizer=split("a" * 20000)))
    put("tokenizer_invalid-backtracking", tokenizer(pre_tokenizer=split("(?:a+)+$")), b"a" * 60 + b"b")
    put("tokenizer_invalid-recursion", tokenizer(pre_tokenizer=split("(a(?R)?b?)+c")), b"a" * 3000)
    put("tokenizer_invalid-behavior", tokenizer(pre_tokenizer=split("a", "Sideways")))
    put("tokenizer_invalid-template", tokenizer(post_processor={"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "no", "type_id": 0}}], "pair": [],
                                                                "special_tokens": {}}))
    put("tokenizer_invalid-template_id", tokenizer(post_processor={"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "b", "type_id": 0}},
                                                                   {"Sequence": {"id": "A", "type_id": 0}}], "pair": [],
                                                                   "special_tokens": {"b": {"id": "b", "ids": [2**40], "tokens": ["b"]}}}))
    put("tokenizer_invalid-added_list", tokenizer(added_tokens={}))
    put("tokenizer_invalid-added_long", tokenizer(added_tokens=[{"id": 9, "content": "x" * 2000}]))
    put("tokenizer_unsupported", tokenizer({"type": "Telepathy"}))
    put("tokenizer_unsupported-normalizer", tokenizer(normalizer={"type": "Precompiled", "precompiled_charsmap": ""}))
    put("tokenizer_unsupported-pre_tokenizer", tokenizer(pre_tokenizer={"type": "UnicodeScripts"}))
    put("tokenizer_unsupported-nested_class", tokenizer(pre_tokenizer=split("[a[bc]]")))
    put("tokenizer_unsupported-property", tokenizer(pre_tokenizer=split("\\p{Nonsense}")))
    put("any-nested", tokenizer(normalizer=nested("normalizer", "normalizers", 25)))
    put("invalid_utf8", tokenizer(), b"ab\xc3")
    put("invalid_utf8-overlong", tokenizer(), b"\xc0\xaf")
    put("invalid_utf8-surrogate", tokenizer(), b"\xed\xa0\x80")
    put("text_too_long", tokenizer(normalizer={"type": "Replace", "pattern": {"String": "a"}, "content": "x" * 8000}), b"a" * 40000)
    doubling = {"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}
    put("text_too_long-doubling", tokenizer(normalizer={"type": "Sequence", "normalizers": [doubling] * 40}), b"aaaa")


def make_samples():
    """JSON lines."""
    def put(name, value):
        write("samples", name + ".jsonl", value)

    put("ok", b'{"text": "one", "group": "a"}\n{"text": "two", "subject": "b"}\r\n\n{"category": "c", "text": "three"}')
    put("ok-mark", b'\xef\xbb\xbf{"text": "\\u221a\\ud83d\\ude00"}\n')
    put("ok-more_members", b'{"id": 7, "meta": {"a": [1, null, true]}, "text": "one"}')
    put("empty_text", b"")
    put("empty_text-blank_lines", b"\xef\xbb\xbf\n \t\r\n")
    put("empty_text-blank_sample", b'{"text": " "}')
    put("invalid_utf8", b'{"text": "\xc0\xaf"}')
    put("invalid_utf8-surrogate", b'{"text": "\xed\xa0\x80"}')
    put("samples_invalid-cut", b'{"text": "one"}\n{"text": "tw')
    put("samples_invalid-list", b'["one", "two"]')
    put("samples_invalid-plain_text", b"A sentence.\n")
    put("samples_invalid-no_text", b'{"sentence": "one"}')
    put("samples_invalid-text_is_a_list", b'{"text": ["one"]}')
    put("samples_invalid-group_is_a_number", b'{"text": "one", "group": 1}')
    put("samples_invalid-group_is_long", b'{"text": "one", "group": "' + b"g" * 300 + b'"}')
    put("samples_invalid-lone_surrogate", b'{"text": "\\ud800"}')
    put("samples_invalid-deep", b'{"text": ' + b"[" * 3000)
    put("samples_invalid-nul", b'{"text": "one"}\0')


if __name__ == "__main__":
    make_samples()
    make_safetensors()
    make_weight_index()
    make_config()
    make_tokenizer()
