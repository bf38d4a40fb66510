#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a capture with h5py alone and checks it against its own definition: shapes, types, and attention recomputed by numpy from
query and key against the streamed statistics.   usage: check_capture.py CAPTURE.h5   (needs h5py and numpy)"""
import sys

import h5py
import numpy as np


def softmax_rows(logits):
    weights = np.exp(logits - logits.max(1, keepdims=True))
    return weights / weights.sum(1, keepdims=True)


def bfloat16(values):
    bits = np.asarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).view(np.float32)


def shaped(logits, model, number, head, scale):
    """Soft cap, ALiBi and window of a layer; learned sinks are left to the caller."""
    tokens = len(logits)
    place = np.arange(tokens)
    if "soft_cap" in model:
        logits = model["soft_cap"] * np.tanh(logits / model["soft_cap"])
    if "alibi_slopes" in model:
        slope = model["alibi_slopes"][head]
        rounded = bfloat16(bfloat16(slope) * place.astype(np.float32)) * scale
        logits = logits + (rounded[None] if model["alibi_bfloat16"] else slope * (place[None] - place[:, None]))
    window = model["windows"][number] if "windows" in model else 0
    return np.where((window > 0) & (np.abs(place[:, None] - place[None]) >= window), -np.inf, logits)


def check_layer(layer, tokens, heads, groups, width, model, number):
    stats = layer["stats"]
    assert stats["column_mass"].shape == (heads, tokens)
    assert stats["thumbnail"].shape == (heads,) + (min(tokens, 32),) * 2
    assert layer["query"].shape == (heads, tokens, width) and layer["key"].shape == (groups, tokens, width)
    half = layer["query"].dtype == np.float16
    assert half or layer["query"].dtype == np.float32
    worst = 0.0
    for head in range(heads):
        query = layer["query"][head].astype(np.float64)
        key = layer["key"][head // (heads // groups)].astype(np.float64)
        logits = layer.attrs["scale"] * query @ key.T
        if layer.attrs["causal"]:
            logits[np.triu_indices(tokens, 1)] = -np.inf
        logits = shaped(logits, model, number, head, layer.attrs["scale"])
        if "learned_sinks" in model:
            sink = np.full((tokens, 1), model["learned_sinks"][number * heads + head])
            weights = softmax_rows(np.hstack([logits, sink]))
            worst = max(worst, np.abs(weights[:, -1] - stats["sink_weight"][head]).max())
            entropy_of_sink, weights = -weights[:, -1] * np.log(weights[:, -1]), weights[:, :-1]
        else:
            weights, entropy_of_sink = softmax_rows(logits), 0
        worst = max(worst, np.abs(weights.sum(0) - stats["column_mass"][head]).max() / tokens)
        worst = max(worst, np.abs(np.diag(weights) - stats["self_weight"][head]).max())
        entropy = -np.where(weights > 0, weights * np.log(np.where(weights > 0, weights, 1)), 0).sum(1) + entropy_of_sink
        worst = max(worst, np.abs(entropy - stats["row_entropy"][head]).max() / max(np.log(tokens), 1))
        if "attention" in layer:
            worst = max(worst, np.abs(weights - layer["attention"][head]).max())
    assert worst < (2e-2 if half else 2e-5), f"{layer.name}: differs by {worst}"
    return worst


def main():
    worst, layers = 0.0, 0
    with h5py.File(sys.argv[1], "r") as file:
        assert file.attrs["format"] == "sinkscope-capture" and file.attrs["version"] in (1, 2)
        model = file["model"].attrs
        done = file["progress/layer_done"][:]
        for index, name in enumerate(sorted(file["samples"])):
            sample = file["samples"][name]
            tokens = len(sample["tokens/ids"])
            pieces = sample["tokens/pieces"].asstr()[:]
            assert len(pieces) == tokens and sample["tokens/offsets"].shape == (tokens, 2)
            for layer in model["captured_layers"]:
                if done[index, layer]:
                    worst = max(worst, check_layer(sample[f"layers/{layer:02d}"], tokens, model["heads"], model["key_value_heads"],
                                                   model["head_width"], model, layer))
                    layers += 1
        print(f"{sys.argv[1]}: {model['architecture']}, {len(file['samples'])} samples, {layers} sample layers, "
              f"complete {bool(file['progress/complete'][0])}, largest difference {worst:.2e}")


main()
