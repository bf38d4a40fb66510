# SPDX-License-Identifier: Apache-2.0
"""Barcodes of the Python package ripser for random attention, for tests/unit/math/tst_persistence.cpp.

    python tests/golden/gen/make_persistence.py tests/golden/persistence/reference.json

Needs numpy and ripser. ripser computes in 32-bit numbers: the weights are multiples of 2^-12, so that every dissimilarity is exact in
32 bits (2^-13 for the mean) and the two sides order the same numbers, ties included; printed values are exact too.
"""
import json
import sys

import numpy as np
import ripser

SCALE = 4096


def attention(rng, tokens, causal, spread):
    scores = rng.normal(scale=spread, size=(tokens, tokens))
    if causal:
        scores[np.triu_indices(tokens, 1)] = -np.inf
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.round(weights / weights.sum(axis=1, keepdims=True) * SCALE).astype(int)


def barcode(distances):
    diagrams = ripser.ripser(distances, distance_matrix=True, maxdim=1)["dgms"]
    return [sorted([float(b), float(d) if np.isfinite(d) else -1.0] for b, d in diagram) for diagram in diagrams]


def main() -> None:
    rng = np.random.default_rng(11)
    cases = []
    for tokens in (8, 17, 32, 64):
        for causal in (True, False):
            spread = 1.0 if tokens < 64 else 2.0
            counts = attention(rng, tokens, causal, spread)
            weights = counts / SCALE
            case = {"tokens": tokens, "causal": causal, "weights_times_4096": counts.ravel().tolist()}
            for name, distances in (("mean", 1 - (weights + weights.T) / 2), ("max", 1 - np.maximum(weights, weights.T))):
                np.fill_diagonal(distances, 0)
                assert (distances.astype(np.float32) == distances).all()
                case[name] = barcode(distances)
            cases.append(case)
    with open(sys.argv[1], "w") as file:
        json.dump({"made_by": f"ripser {ripser.__version__}, numpy {np.__version__}", "cases": cases}, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
