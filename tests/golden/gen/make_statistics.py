#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Statistics of attention heads by numpy in float64, for tests/unit/attention.
usage: make_statistics.py OUT.json   (writes tests/golden/statistics/statistics.json)"""
import json
import sys

import numpy as np

QUANTILE, CEILING, SLACK, SIDE = 0.9, 0.4, 1e-5, 32


def weights_of(rng, tokens, causal, sharp):
    logits = rng.normal(size=(tokens, tokens)) * sharp
    logits[:, 0] += sharp
    if causal:
        logits[np.triu_indices(tokens, 1)] = -np.inf
    weights = np.exp(logits - logits.max(1, keepdims=True))
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def statistics_of(weights, causal):
    tokens = len(weights)
    a = weights.astype(np.float64)
    visible = np.tril(np.ones((tokens, tokens), bool)) if causal else np.ones((tokens, tokens), bool)
    counted = visible.copy()
    if causal:
        counted[0] = False
    entries = a[counted]
    threshold = float(np.quantile(entries, QUANTILE)) if entries.size else 0.0
    chance = 1 / visible.sum(1, keepdims=True)
    hits = counted & (a >= min(threshold, CEILING) * (1 - SLACK)) & (a > chance * (1 + SLACK))
    queries = np.maximum(counted.sum(0), 1)
    side = min(tokens, SIDE)
    thumbnail = np.zeros((side, side))
    cell = np.arange(tokens) * side // tokens
    np.maximum.at(thumbnail, (cell[:, None], cell[None, :]), a)
    index = np.arange(tokens)
    return {
        "columnMass": a.sum(0).tolist(),
        "rowEntropy": (-np.where(a > 0, a * np.log(np.where(a > 0, a, 1)), 0).sum(1)).tolist(),
        "rowArgmax": a.argmax(1).tolist(),
        "previousWeight": [0.0] + a[index[1:], index[:-1]].tolist(),
        "selfWeight": a[index, index].tolist(),
        "threshold": threshold,
        "hitFrequency": (hits.sum(0) / queries).tolist(),
        "thumbnail": thumbnail.ravel().tolist(),
    }


def rounded(value):
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def main():
    rng = np.random.default_rng(20250804)
    heads = []
    for tokens in (1, 2, 3, 17, 41):
        for causal in (True, False):
            for sharp in (0.3, 3.0):
                weights = weights_of(rng, tokens, causal, sharp)
                head = {"tokens": tokens, "causal": causal, "weights": [float(f"{w:.9g}") for w in weights.ravel()]}
                head.update({k: rounded(v) for k, v in statistics_of(weights, causal).items()})
                heads.append(head)
    with open(sys.argv[1], "w") as out:
        json.dump({"generator": "make_statistics.py", "numpy": np.__version__, "heads": heads}, out, separators=(",", ":"))
        out.write("\n")


main()
