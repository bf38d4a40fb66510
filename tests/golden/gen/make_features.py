#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Spectra, divergences, simplex and hidden-state features by numpy and scipy in float64, for tests/unit/analysis/tst_features_golden.cpp.
usage: make_features.py OUT.json   (writes tests/golden/features/features.json)"""
import json
import sys

import numpy as np
import scipy
from scipy.integrate import quad
from scipy.spatial.distance import jensenshannon
from scipy.special import logsumexp
from scipy.stats import entropy, kurtosis, wasserstein_distance


def singular(matrix):
    sigma = np.linalg.svd(matrix, compute_uv=False)
    p = sigma**2 / (sigma**2).sum()
    return {
        "sv_largest": sigma[0], "sv_gap_ratio": sigma[0] / sigma[1], "sv_second_share": sigma[1] / sigma[0], "sv_gap": sigma[0] - sigma[1],
        "sv_participation": (sigma**2).sum() ** 2 / (sigma**4).sum(), "sv_entropy": entropy(p), "sv_top_energy": p[0],
        "sv_rank": np.linalg.matrix_rank(matrix.astype(np.float32)),
    }


def divergences(a, causal):
    tokens = len(a)
    seen = [i + 1 if causal else tokens for i in range(tokens)]
    rows = range(1 if causal else 0, tokens)
    pairs = [(i, k) for i in rows for k in rows if i < k]
    steps = [entropy(a[i, :seen[i]], a[i + 1, :seen[i]]) for i in rows if i + 1 < tokens]  # entropy() normalises both
    return {
        "kl_uniform": np.mean([entropy(a[i, :seen[i]], np.full(seen[i], 1 / seen[i])) for i in range(tokens)]),
        "kl_successive": np.mean(steps),
        "js_rows": np.mean([jensenshannon(a[i], a[k]) ** 2 for i, k in pairs]),
        "js_rows_common": np.mean([jensenshannon(a[i, :seen[i]], a[k, :seen[i]]) ** 2 for i, k in pairs]),
        "js_spread": entropy(a[list(rows)].mean(0)) - np.mean([entropy(a[i]) for i in rows]),
    }


def simplex(logits, a, causal):
    tokens = len(a)
    rows = range(1 if causal else 0, tokens)
    values = {key: [] for key in ("fisher_trace", "fisher_log_det", "fisher_temperature", "fisher_rao_uniform", "fisher_rao_vertex", "fisher_rao_step")}
    for i in rows:
        n = i + 1 if causal else tokens
        p, x = a[i, :n], logits[i, :n]
        fisher = np.diag(p) - np.outer(p, p)
        eigenvalues = np.linalg.eigvalsh(fisher)[1:]  # without the zero along the vector of ones
        values["fisher_trace"].append(np.trace(fisher))
        values["fisher_log_det"].append(np.log(eigenvalues).sum() / (n - 1))
        values["fisher_temperature"].append(np.average((x - np.average(x, weights=p)) ** 2, weights=p))
        values["fisher_rao_uniform"].append(2 * np.arccos(np.clip(np.sqrt(p / n).sum(), -1, 1)))
        values["fisher_rao_vertex"].append(2 * np.arccos(np.sqrt(p.max())))
        if i > rows[0]:
            values["fisher_rao_step"].append(2 * np.arccos(np.clip(np.sqrt(a[i] * a[i - 1]).sum(), -1, 1)))
    return {key: np.mean(value) for key, value in values.items()}


def hidden_features(x):
    sigma2 = np.linalg.svd(x, compute_uv=False) ** 2
    p = sigma2 / sigma2.sum()
    own, rest = (x[0] ** 2).sum(), x[1:]
    norms = np.linalg.norm(rest, axis=1)
    cosine = rest @ x[0] / norms / np.sqrt(own)
    alpha, c = (norms**2 * cosine**2).sum() / (norms**2).sum(), own / (norms**2).sum()
    bound, rank = (c + alpha) / (c + 1), min(x.shape)
    sizes = np.abs(x)
    result = {
        "hidden_entropy": entropy(p), "hidden_entropy_share": entropy(p) / np.log(rank), "hidden_anisotropy": p[0],
        "hidden_first_ratio": np.sqrt(own) / norms.mean(), "hidden_alignment": alpha, "hidden_anisotropy_bound": bound,
        "activation_top": sizes.max(), "activation_top_ratio": sizes.max() / np.median(sizes),
        "activation_feature": sizes.argmax() % x.shape[1], "activation_token": sizes.argmax() // x.shape[1],
        "activation_kurtosis": kurtosis(x, axis=None, fisher=False),
    }
    if bound >= 1 / rank:
        result["hidden_entropy_bound"] = entropy([bound, 1 - bound]) + (1 - bound) * np.log(rank - 1)
    return result


def head(rng, tokens, causal, sharp):
    logits = (rng.normal(size=(tokens, tokens)) * sharp).astype(np.float32).astype(np.float64)
    logits[:, 0] = (logits[:, 0] + sharp).astype(np.float32)
    masked = np.where(np.tril(np.ones((tokens, tokens), bool)) | (not causal), logits, -np.inf)
    a = np.exp(masked - logsumexp(masked, axis=1, keepdims=True))
    expected = singular(a) | divergences(a, causal) | simplex(logits, a, causal)
    return {"tokens": tokens, "causal": causal, "logits": logits.ravel().tolist(), "expected": expected}


def hidden(rng, tokens, width, first):
    x = rng.normal(size=(tokens, width))
    x[0] *= first
    x = x.astype(np.float32).astype(np.float64)
    return {"tokens": tokens, "width": width, "hidden": x.ravel().tolist(), "expected": hidden_features(x)}


def marchenko_pastur(ratio, variance):
    low, high = variance * (1 - ratio**-0.5) ** 2, variance * (1 + ratio**-0.5) ** 2
    density = lambda x: np.sqrt((high - x) * (x - low)) * ratio / (2 * np.pi * variance * x)
    points = np.linspace(low, high, 7)[1:-1]
    return {"ratio": ratio, "variance": variance, "low": low, "high": high, "x": points.tolist(), "density": density(points).tolist(),
            "cumulative": [quad(density, low, x, epsabs=1e-12)[0] for x in points]}


def power_law(rng):
    """Clauset, Shalizi and Newman by trying every start, with the two-sided distance."""
    values = np.sort(np.concatenate([rng.pareto(1.7, 80) + 1, rng.random(60)]))[::-1]
    best = None
    for tail in range(10, len(values) + 1):
        x = values[:tail]
        alpha = 1 + tail / np.log(x / x[-1]).sum()
        above, steps = (x / x[-1]) ** (1 - alpha), np.arange(tail + 1) / tail
        distance = max(np.abs(above - steps[:-1]).max(), np.abs(above - steps[1:]).max())
        if best is None or distance < best["distance"]:
            best = {"alpha": alpha, "start": x[-1], "distance": distance, "tail": tail}
    return {"values": values.tolist()} | best


def transport(rng):
    a, b = rng.normal(size=9), rng.normal(size=14) + 0.5
    return {"a": np.sort(a)[::-1].tolist(), "b": np.sort(b)[::-1].tolist(), "distance": wasserstein_distance(a, b)}


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.12g}")
    return value.item() if isinstance(value, np.generic) else value


def main():
    rng = np.random.default_rng(20250804)
    data = {
        "generator": "make_features.py", "numpy": np.__version__, "scipy": scipy.__version__,
        "heads": [head(rng, tokens, causal, sharp) for tokens in (3, 8, 21) for causal in (True, False) for sharp in (0.4, 2.5)],
        "layers": [hidden(rng, *shape) for shape in ((5, 12, 1), (14, 9, 4), (10, 10, 40))],
        "laws": [marchenko_pastur(ratio, variance) for ratio, variance in ((1.0, 1.0), (1.5, 0.3), (12.0, 4.0))],
        "power_laws": [power_law(rng) for _ in range(3)],
        "transports": [transport(rng) for _ in range(3)],
    }
    with open(sys.argv[1], "w") as out:
        json.dump(rounded(data), out, separators=(",", ":"))
        out.write("\n")


main()
