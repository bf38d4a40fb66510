#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the hand-made part of the fuzz corpora: corpus/<target>/<outcome>[-<what>].<ending>.

Every file is named after what must come of it (see replay_main.cpp). Standard library only; run it from anywhere.
Files that a fuzzer found are added by hand and are not touched here."""
import base64
import collections
import io
import json
import pathlib
import pickle
import struct
import sys
import types
import zipfile
import zlib

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
    kinds = ["F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL",
             "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F8_E8M0", "C64"]
    sizes = [8, 4, 2, 2, 1, 1, 8, 4, 2, 1, 8, 4, 2, 1, 1, 1, 1, 1, 8]
    every, position = {}, 0
    for kind, size in zip(kinds, sizes):
        every["x." + kind] = tensor(kind, [3, 1], position, position + 3 * size)
        position += 3 * size
    put("ok-every_dtype", every, bytes(range(position)))
    packed = {"a": tensor("F4", [3, 2], 0, 3), "b": tensor("F6_E2M3", [4], 3, 6), "c": tensor("F6_E3M2", [2, 2], 6, 9)}
    put("ok-packed", packed, bytes(range(9)))
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
    put("header_invalid-dtype", {"a": tensor("F3", [2], 0, 1)}, b"x")
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
    put("shape_overflow-half_a_byte", {"a": tensor("F4", [3], 0, 1)}, bytes(1))
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
    put("ok-recursion", tokenizer(pre_tokenizer=split("(a(?R)?b?)+c")), b"a" * 3000)
    put("tokenizer_invalid-behavior", tokenizer(pre_tokenizer=split("a", "Sideways")))
    put("tokenizer_invalid-template", tokenizer(post_processor={"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "no", "type_id": 0}}], "pair": [],
                                                                "special_tokens": {}}))
    put("tokenizer_invalid-template_id", tokenizer(post_processor={"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "b", "type_id": 0}},
                                                                   {"Sequence": {"id": "A", "type_id": 0}}], "pair": [],
                                                                   "special_tokens": {"b": {"id": "b", "ids": [2**40], "tokens": ["b"]}}}))
    put("tokenizer_invalid-added_list", tokenizer(added_tokens={}))
    put("tokenizer_invalid-added_long", tokenizer(added_tokens=[{"id": 9, "content": "x" * 2000}]))
    put("tokenizer_unsupported", tokenizer({"type": "Telepathy"}))
    put("tokenizer_unsupported-normalizer", tokenizer(normalizer={"type": "Telepathy"}))
    put("tokenizer_unsupported-pre_tokenizer", tokenizer(pre_tokenizer={"type": "Telepathy"}))
    put("tokenizer_unsupported-dropout", tokenizer(BPE | {"dropout": 0.1}))
    put("ok-nested_class", tokenizer(pre_tokenizer=split("[a[bc]&&[^c]]|[^[^b]]")), b"abc")
    put("tokenizer_unsupported-deep_class", tokenizer(pre_tokenizer=split("[" * 40 + "a" + "]" * 40)))
    put("tokenizer_unsupported-empty_intersection", tokenizer(pre_tokenizer=split("[&&a]")))
    put("tokenizer_invalid-open_class", tokenizer(pre_tokenizer=split("[a[b]")))
    put("ok-rules", tokenizer(pre_tokenizer={"type": "Sequence", "pretokenizers": [{"type": "UnicodeScripts"}, {"type": "CharDelimiterSplit", "delimiter": "|"},
                                             {"type": "FixedLength", "length": 3}]}))
    put("tokenizer_invalid-length", tokenizer(pre_tokenizer={"type": "FixedLength", "length": 0}))
    put("tokenizer_invalid-delimiter", tokenizer(pre_tokenizer={"type": "CharDelimiterSplit", "delimiter": "||"}))
    unigram = {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["a", -1.5], ["ab", -2.25], ["b", -3e-5], ["\u00e9", -9]], "byte_fallback": False}
    put("ok-unigram", tokenizer(unigram))
    put("ok-unigram_bytes", tokenizer(unigram | {"byte_fallback": True, "vocab": unigram["vocab"] + [[f"<0x{b:02X}>", -b] for b in range(256)]}))
    put("ok-word_level", tokenizer({"type": "WordLevel", "vocab": {"a": 0, "<unk>": 1}, "unk_token": "<unk>"}, pre_tokenizer={"type": "Whitespace"}))
    put("tokenizer_invalid-word_level", tokenizer({"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "<unk>"}))
    put("tokenizer_invalid-unigram_no_unknown", tokenizer(unigram | {"unk_id": None}), b"xyz")
    put("tokenizer_invalid-unigram_unknown", tokenizer(unigram | {"unk_id": 5}))
    put("tokenizer_invalid-unigram_score", tokenizer(unigram | {"vocab": [["a", "b"]]}))

    def mapped(units, replacements):
        trie = b"".join(struct.pack("<I", unit) for unit in units)
        blob = struct.pack("<I", len(trie)) + trie + replacements
        return tokenizer(unigram, normalizer={"type": "Precompiled", "precompiled_charsmap": base64.b64encode(blob).decode()})

    # A root whose children are at 0 (by exclusive or with their label); "a" has the value 0: it becomes "bb".
    letter = [0] * 512
    letter[ord("a")] = ord("a") | 1 << 8 | (ord("a") ^ 0x180) << 10
    letter[0x180] = 1 << 31
    put("ok-character_map", mapped(letter, b"bb\0"), b"aca")
    put("ok-character_map_to_nothing", mapped(letter, b"\0bb\0"), b"aca")
    put("tokenizer_invalid-character_map", tokenizer(normalizer={"type": "Precompiled", "precompiled_charsmap": ""}))
    put("tokenizer_invalid-character_map_base64", tokenizer(normalizer={"type": "Precompiled", "precompiled_charsmap": "A===" * 9}))
    put("tokenizer_invalid-character_map_size", tokenizer(normalizer={"type": "Precompiled", "precompiled_charsmap": base64.b64encode(b"\xff" * 40).decode()}))
    put("tokenizer_invalid-character_map_points_out", mapped([0x3FFFFF << 10] + letter[1:], b"bb\0"))
    put("tokenizer_invalid-character_map_value", mapped(letter[:0x180] + [1 << 31 | 77] + letter[0x181:], b"bb\0"))
    put("tokenizer_invalid-character_map_open", mapped(letter, b"bb"))
    put("tokenizer_unsupported-property", tokenizer(pre_tokenizer=split("\\p{Nonsense}")))
    put("any-nested", tokenizer(normalizer=nested("normalizer", "normalizers", 25)))
    put("invalid_utf8", tokenizer(), b"ab\xc3")
    put("invalid_utf8-overlong", tokenizer(), b"\xc0\xaf")
    put("invalid_utf8-surrogate", tokenizer(), b"\xed\xa0\x80")
    put("text_too_long", tokenizer(normalizer={"type": "Replace", "pattern": {"String": "a"}, "content": "x" * 8000}), b"a" * 40000)
    doubling = {"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}
    put("text_too_long-doubling", tokenizer(normalizer={"type": "Sequence", "normalizers": [doubling] * 40}), b"aaaa")
    spelled = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    put("text_too_long-byte_levels", tokenizer(pre_tokenizer={"type": "Sequence", "pretokenizers": [spelled] * 40}), "é".encode())


def make_sentencepiece():
    """tokenizer.model: a protocol buffer with pieces (1), the trainer's (2) and the normalizer's settings (3)."""
    def varint(value):
        out = b""
        while value >= 0x80:
            out += bytes([value & 0x7F | 0x80])
            value >>= 7
        return out + bytes([value])

    def member(number, content):
        return varint(number << 3 | 2) + varint(len(content)) + content

    def number(index, value):
        return varint(index << 3) + varint(value)

    def piece(text, score, kind=1):
        return member(1, member(1, text.encode() if isinstance(text, str) else text) + b"\x15" + struct.pack("<f", score) + (number(3, kind) if kind != 1 else b""))

    def model(kind=1, pieces=None, normalizer=b"", rest=b""):
        pieces = pieces if pieces is not None else [piece("\u2581a", -1), piece("a", -2), piece("\u2581", -3), piece("b", -4), piece("ab", -2.5)]
        return piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3) + b"".join(pieces) + member(2, number(3, kind)) + member(3, normalizer) + rest

    def charsmap(units, replacements):
        trie = b"".join(struct.pack("<I", unit) for unit in units)
        return member(2, struct.pack("<I", len(trie)) + trie + replacements)

    def put(name, value):
        write("sentencepiece", name + ".model", value)

    letter = [0] * 512
    letter[ord("a")] = ord("a") | 1 << 8 | (ord("a") ^ 0x180) << 10
    letter[0x180] = 1 << 31
    put("ok-unigram", model())
    put("ok-bpe", model(2))
    put("ok-bytes", model(2, [piece(f"<0x{b:02X}>", 0, 6) for b in range(256)] + [piece("a", -1)], rest=member(2, number(35, 1))))
    put("ok-character_map", model(normalizer=charsmap(letter, b"bb\0")))
    put("ok-user_defined", model(2, [piece("ab", 0, 4), piece("a", -1), piece("words", 0, 4)]))
    put("ok-unused", model(2, [piece("a", -1), piece("b", -2), piece("ab", -3, 5)]))
    put("tokenizer_invalid-empty", b"")
    put("tokenizer_invalid-text", b"IQ== 0\nIg== 1\n")
    put("tokenizer_invalid-cut", model()[:-3])
    put("tokenizer_invalid-random", bytes(range(256)))
    put("tokenizer_invalid-long_varint", b"\x0a" + b"\xff" * 12)
    put("tokenizer_invalid-huge_member", b"\x0a\xff\xff\xff\xff\x0f")
    put("tokenizer_invalid-twice", model(pieces=[piece("a", -1), piece("a", -2)]))
    put("tokenizer_invalid-nan", model(pieces=[piece("a", float("nan"))]))
    put("tokenizer_invalid-no_text", model(pieces=[piece(b"\xff", -1)]))
    put("tokenizer_invalid-empty_piece", model(pieces=[piece("", -1)]))
    put("tokenizer_invalid-two_unknown", model(pieces=[piece("?", 0, 2)]))
    put("tokenizer_invalid-points_out", model(normalizer=charsmap([0x3FFFFF << 10] + letter[1:], b"bb\0")))
    put("tokenizer_invalid-value", model(normalizer=charsmap(letter[:0x180] + [1 << 31 | 77] + letter[0x181:], b"bb\0")))
    put("tokenizer_invalid-normalized_twice", model(rest=member(3, b"")))
    put("tokenizer_invalid-tests", model(rest=member(4, member(1, member(1, b"a")))))
    put("tokenizer_unsupported-word", model(3))
    put("any-bytes_without_all", model(2, [piece("<0x00>", 0, 6)]))


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


def deflated(members):
    """A ZIP file whose members are compressed, in blocks that are stored: the same bytes whatever compresses on this machine."""
    files, directory = b"", b""
    for name, content in members.items():
        packed = b""
        for at in range(0, max(len(content), 1), 65535):
            block = content[at:at + 65535]
            packed += struct.pack("<BHH", at + 65535 >= len(content), len(block), len(block) ^ 0xFFFF) + block
        common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, zlib.crc32(content), len(packed), len(content), len(name), 0)
        directory += b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, len(files)) + name.encode()
        files += b"PK\3\4" + common + name.encode() + packed
    return files + directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(files), 0)


def make_zip():
    def archive(members):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as zipped:
            for name, content in members.items():
                zipped.writestr(zipfile.ZipInfo(name), content)
        return buffer.getvalue()

    def put(name, content):
        write("zip", name + ".zip", content)

    def changed(content, where, what):
        return content[:where] + what + content[where + len(what):]

    two = archive({"a": b"one", "b/c": b"three"})
    entry, end = two.index(b"PK\1\2"), two.index(b"PK\5\6")
    second = two.index(b"PK\1\2", entry + 1)
    put("ok", two)
    put("ok-empty", archive({}))
    put("ok-comment", changed(two, end + 20, b"\4\0") + b"PK\5\6")
    put("ok-compressed", deflated({"a": b"x" * 1000}))
    # The 64-bit records: extra field with the size, the packed size and the place; directory record and its locator.
    extra = struct.pack("<HHQQQ", 1, 24, 3, 3, 0)
    directory = b"PK\1\2" + struct.pack("<HHHHHHIIIHHHHHII", 45, 45, 0, 0, 0, 0, 0, 2**32 - 1, 2**32 - 1, 1, len(extra), 0, 0, 0, 0, 2**32 - 1) + b"a" + extra
    local = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 45, 0, 0, 0, 0, 0, 2**32 - 1, 2**32 - 1, 1, 0) + b"a" + b"one"

    def with_64(at):
        record = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, len(directory), len(local))
        locator = b"PK\6\7" + struct.pack("<IQI", 0, at, 1)
        return local + directory + record + locator + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 2**16 - 1, 2**16 - 1, 2**32 - 1, 2**32 - 1, 0)

    put("ok-64_bits", with_64(len(local) + len(directory)))
    put("header_invalid-64_bits_elsewhere", with_64(7))
    put("header_invalid-64_bits_far", with_64(2**64 - 8))
    put("header_truncated", two[:-5])
    put("header_truncated-nothing", b"")
    put("header_invalid", changed(two, entry, b"PK\1\3"))
    put("header_invalid-count", changed(changed(two, end + 8, b"\xfe\xff"), end + 10, b"\xfe\xff"))
    put("header_invalid-directory_outside", changed(two, end + 16, b"\xf0\xff\xff\xff"))
    put("header_invalid-long_name", changed(two, second + 28, b"\xff\xff"))
    put("header_invalid-member_elsewhere", changed(two, entry + 42, b"\1"))
    put("header_invalid-member_beyond", changed(changed(two, entry + 20, b"\0\0\0\x7f"), entry + 24, b"\0\0\0\x7f"))
    put("header_invalid-two_sizes", changed(two, entry + 24, b"\2"))
    put("header_invalid-other_name", changed(two, entry + 46, b"x"))
    put("header_invalid-twice", changed(changed(archive({"a": b"1", "b": b"2"}), 32 + 30, b"a"), 64 + 47 + 46, b"a"))
    put("header_invalid-cut_64_bits", changed(with_64(len(local) + len(directory)), len(local) + 47 + 2, b"\x10"))
    put("tensor_overlap", overlapping(two, entry))
    put("format_unsupported-volumes", changed(two, end + 4, b"\1"))
    put("format_unsupported", changed(two, entry + 8, b"\1"))


def overlapping(two, entry):
    """The first member grown until it holds the second one and its header."""
    size = struct.pack("<I", entry - 31)
    return two[:entry + 20] + size + size + two[entry + 28:]


class Reference:
    """Stands for something that a pickle names: written as GLOBAL, then called with the arguments."""

    def __init__(self, path, *arguments):
        self.function, self.arguments = named(path), arguments

    def __reduce__(self):
        return self.function, self.arguments


class Storage:
    def __init__(self, kind, key, count, *view):
        self.id = ("storage", named("torch." + kind), key, "cpu", count, *view)


def named(path):
    """A function or class of any module, made up if need be: pickling only writes its name."""
    module, name = path.rsplit(".", 1)
    if module not in sys.modules:
        sys.modules[module] = types.ModuleType(module)
    if not hasattr(sys.modules[module], name):
        made = type(name, (), {"__module__": module})
        setattr(sys.modules[module], name, made)
    return getattr(sys.modules[module], name)


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        return value.id if isinstance(value, Storage) else None


def pickled(value, protocol=2):
    buffer = io.BytesIO()
    Pickler(buffer, protocol).dump(value)
    return buffer.getvalue()


def torch_tensor(storage, offset, size, stride):
    return Reference("torch._utils._rebuild_tensor_v2", storage, offset, size, stride, False, collections.OrderedDict())


def torch_zip(content, storages, archive=None, **members):
    """`archive`: makes the file of names and contents; without it, nothing is compressed."""
    parts = {"data.pkl": content if isinstance(content, bytes) else pickled(content)} | members | {f"data/{key}": data for key, data in storages.items()}
    parts = {"archive/" + name: data for name, data in parts.items()}
    if archive:
        return archive(parts)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, data in parts.items():
            zipped.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


def torch_old(content, storages, keys=None, version=1001, little=True):
    system = {"protocol_version": 1001, "little_endian": little, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    parts = [pickled(0x1950a86a20f9469cfc6c), pickled(version), pickled(system), content if isinstance(content, bytes) else pickled(content),
             pickled(sorted(storages) if keys is None else keys)]
    return b"".join(parts + [struct.pack("<Q", count) + data for _, (count, data) in sorted(storages.items())])


HOSTILE = {"": b"cos\nsystem\n(S'echo'\ntR.", "-protocol_2": b"\x80\2cposix\nsystem\nX\4\0\0\0echo\x85R.",
           "-stack_global": b"\x80\4\x8c\2os\x8c\6system\x93\x8c\4echo\x85R.", "-inst": b"(S'echo'\nios\nsystem\n.",
           "-obj": b"(cbuiltins\neval\nS'1'\no.", "-newobj": b"\x80\2csubprocess\nPopen\nX\4\0\0\0echo\x85\x81.",
           "-load_from_bytes": b"\x80\2ctorch.storage\n_load_from_bytes\nC\1x\x85R.", "-getattr": b"c__builtin__\ngetattr\n.",
           "-extension": b"\x80\2\x82\1.", "-buffer": b"\x80\5\x97.", "-program": b"Pid\n.", "-line_break": b"\x80\4\x8c\3o\ns\x8c\1x\x93.",
           "-long_name": b"c" + b"m" * 5000 + b"\n" + b"n" * 5000 + b"\n."}


def state():
    storage = Storage("FloatStorage", "0", 6)
    return collections.OrderedDict(a=torch_tensor(storage, 0, (2, 2), (2, 1)), b=torch_tensor(storage, 4, (2,), (1,)))


def make_pickle():
    """Pickles of checkpoints, alone."""
    def put(name, content):
        write("pickle", name + ".pkl", content if isinstance(content, bytes) else pickled(content))

    put("ok", state())
    for protocol in (2, 3, 4, 5):
        put(f"ok-protocol_{protocol}", pickled(state(), protocol))
    put("ok-nested", {"epoch": 3, "optimizer": {"state": {0: {"step": 1}}}, "state_dict": state(), "note": None})
    put("ok-list", [state()["a"], (state()["b"],)])
    loop = state()
    loop["loop"] = loop
    put("ok-inside_itself", loop)
    put("ok-parameter", {"a": Reference("torch._utils._rebuild_parameter", state()["a"], True, collections.OrderedDict())})
    put("ok-sparse", {"a": Reference("torch._utils._rebuild_sparse_tensor", 1, 2)})
    put("ok-subclass", {"a": Reference("torch._tensor._rebuild_from_type_v2", named("torch._utils._rebuild_tensor_v2"), named("torch.nn.parameter.Parameter"),
                                       state()["a"].arguments, {})})
    typed = (Storage("UntypedStorage", "0", 8), 0, (2,), (1,), False, collections.OrderedDict(), named("torch.uint32"))
    put("ok-typed", {"a": Reference("torch._utils._rebuild_tensor_v3", *typed)})
    put("ok-size", {"a": torch_tensor(Storage("FloatStorage", "0", 6), 0, Reference("torch.Size", (2, 3)), (3, 1))})
    put("ok-wrapped", {"module." + key: value for key, value in state().items()})
    bombs = [state()["a"]]
    for _ in range(30):
        bombs = [bombs] * 10
    put("header_invalid-too_deep", bombs)
    put("ok-wide_bomb", {"a": state()["a"], "b": [[state()] * 10] * 10})
    put("unknown_format", {"a": 1})
    # One list, made into a dictionary again and again.
    put("header_too_large", b"\x80\2N0](" + b"N" * 30000 + b"eq\1ccollections\nOrderedDict\nq\2" + b"h\2h\1\x85R0" * 150 + b"h\1.")
    for what, content in HOSTILE.items():
        put("pickle_refused" + what, content)
    put("pickle_refused-model", Reference("torch.nn.modules.linear.Linear"))
    put("header_truncated", pickled(state())[:-9])
    put("header_truncated-empty", b"")
    put("header_truncated-long_text", b"\x80\2X\xff\xff\xff\x7f.")
    put("header_truncated-very_long_text", b"\x80\4\x8d" + b"\xff" * 8 + b".")
    put("header_truncated-line", b"I12")
    put("header_invalid", b"\x80\2\xff.")
    put("header_invalid-nothing", b"\x80\2.")
    put("header_invalid-pop", b"0.")
    put("header_invalid-no_mark", b"t.")
    put("header_invalid-below_mark", b"K\1(R.")
    put("header_invalid-never_remembered", b"h\1.")
    put("header_invalid-call_of_a_number", b"K\1)R.")
    put("header_invalid-append_to_a_number", b"K\1K\2a.")
    put("header_invalid-key_without_value", b"}(K\1u.")
    put("header_invalid-number", b"Ix\n.")
    put("header_invalid-name_of_a_number", b"K\1K\2\x93.")
    put("header_invalid-storage", {"a": torch_tensor(Storage("Size", "0", 6), 0, (2,), (1,))})
    put("header_invalid-no_storage", {"a": torch_tensor(7, 0, (2,), (1,))})
    put("header_invalid-negative_storage", {"a": torch_tensor(Storage("FloatStorage", "0", -6), 0, (2,), (1,))})
    put("header_invalid-negative_offset", {"a": torch_tensor(Storage("FloatStorage", "0", 6), -1, (2,), (1,))})
    put("header_invalid-negative_size", {"a": torch_tensor(Storage("FloatStorage", "0", 6), 0, (-2,), (1,))})
    put("header_invalid-huge_size", {"a": torch_tensor(Storage("FloatStorage", "0", 6), 0, (2**70,), (1,))})
    put("header_invalid-strides", {"a": torch_tensor(Storage("FloatStorage", "0", 6), 0, (2, 2), (1,))})
    put("header_invalid-dimensions", {"a": torch_tensor(Storage("FloatStorage", "0", 6), 0, (1,) * 17, (1,) * 17)})
    put("header_invalid-long_name", {"x" * 5000: state()["a"]})
    put("header_invalid-view", {"a": torch_tensor(Storage("FloatStorage", "0", 6, ("1", 2**63 - 1, 2)), 1, (2,), (1,))})


def make_pytorch():
    """Files as torch.save writes them, in both formats."""
    def put(name, content):
        write("pytorch", name + ".bin", content)

    data = struct.pack("<6f", *range(6))
    put("ok", torch_zip(state(), {"0": data}, byteorder=b"little", version=b"3\n"))
    put("ok-old", torch_old(state(), {"0": (6, data)}))
    storage = Storage("FloatStorage", "0", 6)
    transposed = {"a": torch_tensor(storage, 0, (3, 2), (1, 3)), "b": torch_tensor(storage, 0, (1, 2), (2**62, 1))}
    put("ok-transposed", torch_zip(transposed, {"0": data}))
    put("ok-transposed_old", torch_old(transposed, {"0": (6, data)}))
    put("ok-no_elements", torch_zip({"a": torch_tensor(storage, 0, (0, 2**40), (1, 1))}, {}))
    put("ok-view", torch_old({"a": torch_tensor(Storage("FloatStorage", "0", 6, ("1", 2, 2)), 0, (2,), (1,))}, {"0": (6, data)}))
    for what, content in list(HOSTILE.items())[:4]:
        put("pickle_refused" + what, content)
        put("pickle_refused-zip" + what, torch_zip(content, {}))
        put("pickle_refused-old" + what, torch_old(content, {}))
    put("unknown_format", b"no checkpoint at all")
    put("unknown_format-pickle", pickled({"a": 1}))
    put("unknown_format-zip", (CORPUS / "zip" / "ok.zip").read_bytes())
    put("format_unsupported", torch_zip(state(), {"0": data * 100}, archive=deflated))
    put("format_unsupported-script", torch_zip(state(), {"0": data}, **{"constants.pkl": b"."}))
    put("format_unsupported-big_endian", torch_zip(state(), {"0": data}, byteorder=b"big"))
    put("format_unsupported-big_endian_old", torch_old(state(), {"0": (6, data)}, little=False))
    put("format_unsupported-version", torch_old(state(), {"0": (6, data)}, version=1000))
    put("format_unsupported-tar", bytes(257) + b"ustar" + bytes(250))
    put("header_invalid-lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    put("header_invalid", torch_old(state(), {"0": (6, data)}, keys=["7"]))
    put("header_invalid-storage_twice", torch_old(state(), {"0": (0, b"")}, keys=["0", "0"]) + bytes(64))
    put("header_truncated", torch_zip(state(), {"0": data})[:-30])
    put("header_truncated-old", torch_old(state(), {})[:60])
    put("tensor_out_of_file", torch_old(state(), {"0": (6, data[:-1])}))
    put("tensor_out_of_file-no_storage", torch_zip(state(), {}))
    put("tensor_out_of_file-short_storage", torch_zip(state(), {"0": data[:-1]}))
    put("tensor_out_of_file-offset", torch_zip({"a": torch_tensor(storage, 2**62, (2,), (1,))}, {"0": data}))
    put("tensor_out_of_file-stride", torch_zip({"a": torch_tensor(storage, 0, (3, 2), (2**62, 1))}, {"0": data}))
    put("tensor_out_of_file-old_elements", torch_old(state(), {"0": (2**62, data)}))
    put("shape_overflow", torch_zip({"a": torch_tensor(storage, 0, (2**32, 2**32), (0, 0))}, {"0": data}))
    put("memory_exceeded", torch_zip({"a": torch_tensor(storage, 0, (2**20, 2**10), (0, 0))}, {"0": data}))
    put("memory_exceeded-many", torch_zip({str(i): torch_tensor(storage, 0, (3, 2, 300), (1, 3, 0)) for i in range(40)}, {"0": data}))
    overlap = torch_zip(state(), {"0": data, "1": data})
    first = overlap.index(b"PK\1\2", overlap.index(b"PK\1\2") + 1)
    put("tensor_overlap", overlap[:first + 20] + struct.pack("<II", 80, 80) + overlap[first + 28:])


GGUF_NUMBERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}


def gguf_string(text):
    content = text if isinstance(text, bytes) else text.encode()
    return struct.pack("<Q", len(content)) + content


def gguf_value(kind, value):
    """Without its type. A list is (type of its elements, elements)."""
    if kind == 8:
        return gguf_string(value)
    if kind == 9:
        return struct.pack("<IQ", value[0], len(value[1])) + b"".join(gguf_value(value[0], element) for element in value[1])
    return struct.pack(GGUF_NUMBERS[kind], value)


def gguf_tensor(name, sizes, kind, offset):
    return gguf_string(name) + struct.pack("<I", len(sizes)) + struct.pack(f"<{len(sizes)}Q", *sizes) + struct.pack("<IQ", kind, offset)


def gguf(metadata=(), tensors=(), data=b"", version=3, counts=None, magic=b"GGUF"):
    """`metadata`: (key, type, value); `tensors`: what gguf_tensor made."""
    head = magic + struct.pack("<IQQ", version, *(counts or (len(tensors), len(metadata))))
    head += b"".join(gguf_string(key) + struct.pack("<I", kind) + gguf_value(kind, value) for key, kind, value in metadata)
    head += b"".join(tensors)
    return head + bytes(-len(head) % 32) + data


def make_gguf():
    def put(name, content):
        write("gguf", name + ".gguf", content)

    a = gguf_tensor("a", [4], 0, 0)
    put("ok", gguf([("general.architecture", 8, "llama")], [a], bytes(16)))
    put("ok-empty", gguf())
    put("ok-version_2", gguf((), [a], bytes(16), version=2))
    every = [("n" + str(kind), kind, 1) for kind in GGUF_NUMBERS] + [("l" + str(kind), 9, (kind, [0, 1])) for kind in GGUF_NUMBERS]
    put("ok-every_value", gguf(every + [("text", 8, b"\xff\n"), ("texts", 9, (8, ["", "x"])), ("lists", 9, (9, [(4, [1]), (8, ["y"])]))]))
    sizes = {2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
             20: (32, 18), 23: (256, 136), 30: (1, 2), 39: (32, 17)}
    tensors, data = [], b""
    for kind, (elements, size) in sizes.items():
        tensors.append(gguf_tensor(f"t{kind}", [elements, 2], kind, len(data)))
        data += bytes(i * 37 % 256 for i in range(2 * size))
        data += bytes(-len(data) % 32)
    put("ok-every_block", gguf((), tensors, data))
    put("ok-unknown_type", gguf((), [gguf_tensor("a", [5, 7], 999, 0), gguf_tensor("b", [1], 0, 64)], bytes(96)))
    put("ok-zero_size", gguf((), [gguf_tensor("a", [0, 9], 0, 0), gguf_tensor("b", [], 0, 0)], bytes(4)))
    nan = float("nan")
    put("ok-empty_behind_end", gguf((), [gguf_tensor("a", [0], 0, 0), gguf_tensor("b", [1], 999, 0)])[:-1])
    put("ok-strange_sizes", gguf([("general.architecture", 8, "llama"), ("llama.block_count", 10, 2**64 - 1), ("llama.embedding_length", 12, nan),
                                  ("llama.attention.head_count", 6, 0.0), ("llama.attention.key_length", 12, 1e300), ("llama.rope.dimension_count", 12, nan),
                                  ("llama.rope.freq_base", 6, nan), ("llama.attention.head_count_kv", 9, (12, [nan, nan])),
                                  ("llama.feed_forward_length", 9, (12, [1e8, 1e8])), ("llama.rope.scaling.factor", 12, -1e300)]))
    words = ["<unk>", "<s>", "</s>", "\u2581", "a", "\u2581a", "\u2581", ""]
    put("ok-tokenizer", gguf([("tokenizer.ggml.model", 8, "llama"), ("tokenizer.ggml.tokens", 9, (8, words)),
                              ("tokenizer.ggml.scores", 9, (6, [0, 0, 0, -2, -3, -1, nan, float("inf")])),
                              ("tokenizer.ggml.token_type", 9, (12, [2, 3, 3, 1, 1, nan, 1e300, -1]))]))
    put("ok-tokenizer_ids", gguf([("tokenizer.ggml.model", 8, "gpt2"), ("tokenizer.ggml.pre", 8, "llama-bpe"), ("tokenizer.ggml.tokens", 9, (8, ["a", "b", "ab"])),
                                  ("tokenizer.ggml.merges", 9, (8, ["a b"])), ("tokenizer.ggml.bos_token_id", 10, 2**63)]))
    put("ok-tokenizer_merges", gguf([("tokenizer.ggml.model", 8, "gpt2"), ("tokenizer.ggml.pre", 8, "gpt-2"), ("tokenizer.ggml.tokens", 9, (8, ["a"])),
                                     ("tokenizer.ggml.merges", 9, (8, ["", " ", "x y"]))]))
    t5 = [("tokenizer.ggml.model", 8, "t5"), ("tokenizer.ggml.tokens", 9, (8, ["<pad>", "</s>", "<unk>", "\u2581", "a", "<0x00>"])),
          ("tokenizer.ggml.token_type", 9, (5, [3, 3, 2, 1, 1, 6]))]
    put("ok-tokenizer_unigram", gguf(t5 + [("tokenizer.ggml.scores", 9, (6, [0, 0, 0, -2, -3, -1])), ("tokenizer.ggml.precompiled_charsmap", 9, (0, list(range(40))))]))
    put("ok-tokenizer_unigram_nan", gguf(t5 + [("tokenizer.ggml.scores", 9, (6, [0, 0, 0, -2, nan, -1]))]))
    put("ok-expert_count", gguf([("general.architecture", 8, "llama"), ("llama.expert_count", 10, 2**64 - 1), ("llama.expert_used_count", 6, nan),
                                 ("llama.attention.sliding_window", 12, nan), ("llama.attention.sliding_window_pattern", 9, (7, [0, 1, 1]))]))
    whole = gguf([("key", 8, "value")], [a], bytes(16))
    put("header_truncated", whole[:40])
    put("header_truncated-magic", b"GGU")
    put("header_truncated-tensors", gguf((), [a])[:30])
    put("header_truncated-long_text", gguf()[:16] + struct.pack("<Q", 1) + gguf_string("k") + struct.pack("<IQ", 8, 2**64 - 1))
    put("header_truncated-long_list", gguf()[:16] + struct.pack("<Q", 1) + gguf_string("k") + struct.pack("<IIQ", 9, 8, 2**64 - 1))
    put("header_truncated-empty", b"")
    put("header_invalid", b"GGML" + whole[4:])
    put("header_invalid-big_endian", b"GGUF" + struct.pack(">IQQ", 3, 0, 0))
    put("header_invalid-version_1", gguf(version=1))
    put("header_invalid-version", gguf(version=4))
    put("header_invalid-value_type", gguf()[:16] + struct.pack("<Q", 1) + gguf_string("k") + struct.pack("<I", 13))
    put("header_invalid-no_key", gguf([("", 0, 1)]))
    put("header_invalid-key_twice", gguf([("k", 0, 1), ("k", 0, 1)]))
    put("header_invalid-tensor_twice", gguf((), [a, gguf_tensor("a", [4], 0, 32)], bytes(64)))
    put("header_invalid-dimensions", gguf((), [gguf_tensor("a", [1] * 5, 0, 0)], bytes(4)))
    put("header_invalid-unaligned", gguf((), [gguf_tensor("a", [1], 0, 4)], bytes(32)))
    put("header_invalid-alignment", gguf([("general.alignment", 4, 24)], [a], bytes(16)))
    put("header_invalid-alignment_0", gguf([("general.alignment", 4, 0)], [a], bytes(16)))
    deep = (0, [1])
    for _ in range(6):
        deep = (9, [deep])
    put("header_invalid-deep", gguf([("k", 9, deep)]))
    put("header_too_large", gguf(counts=(2**63, 0)))
    put("header_too_large-keys", gguf(counts=(0, 2**32)))
    put("header_too_large-list", gguf()[:16] + struct.pack("<Q", 1) + gguf_string("k") + struct.pack("<IIQ", 9, 10, 2**62))
    put("tensor_out_of_file", gguf((), [a], bytes(15)))
    put("tensor_out_of_file-far", gguf((), [gguf_tensor("a", [4], 0, 2**64 - 32)], bytes(16)))
    put("tensor_out_of_file-block", gguf((), [gguf_tensor("a", [256], 12, 0)], bytes(143)))
    put("tensor_overlap", gguf((), [gguf_tensor("a", [9], 0, 0), gguf_tensor("b", [1], 0, 32)], bytes(64)))
    put("tensor_overlap-same", gguf((), [a, gguf_tensor("b", [4], 0, 0)], bytes(16)))
    put("shape_overflow", gguf((), [gguf_tensor("a", [2**32, 2**32], 0, 0)]))
    put("shape_overflow-negative", gguf((), [gguf_tensor("a", [2**63], 0, 0)]))
    put("shape_overflow-bytes", gguf((), [gguf_tensor("a", [2**62], 0, 0)]))
    put("shape_overflow-half_a_block", gguf((), [gguf_tensor("a", [16, 2], 2, 0)], bytes(18)))


if __name__ == "__main__":
    make_gguf()
    make_zip()
    make_pickle()
    make_pytorch()
    make_samples()
    make_safetensors()
    make_weight_index()
    make_config()
    make_tokenizer()
    make_sentencepiece()
