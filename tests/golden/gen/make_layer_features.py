#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Features that span layers or need weights, by numpy and networkx in float64, for tests/unit/analysis/tst_layer_families.cpp: attention flow, the Laplacian
across layers, norm-based attention behind a layer norm, bands of the embedding, outlier features, queries and keys before rotation.
usage: make_layer_features.py OUT.json   (writes tests/golden/features/layers.json)"""
import json
import sys

import networkx as nx
import numpy as np

LAYERS, HEADS, WIDTH, HEAD, WORDS = 3, 2, 12, 4, 23


def attention(rng, tokens, causal):
    logits = rng.normal(size=(LAYERS, HEADS, tokens, tokens)) * 1.5
    logits[..., 0] += 1
    if causal:
        logits = np.where(np.tril(np.ones((tokens, tokens), bool)), logits, -np.inf)
    a = np.exp(logits)
    return (a / a.sum(-1, keepdims=True)).astype(np.float32).astype(np.float64)


def single(rng, *shape):
    return rng.normal(size=shape).astype(np.float32).astype(np.float64)


def flow(a, layers):
    """Abnar and Zuidema, with networkx; mean over queries onto token 0, and the share of token 0 for the last query."""
    tokens = a.shape[-1]
    graph = nx.DiGraph()
    for layer in range(layers):
        capacity = 0.5 * a[layer].mean(0) + 0.5 * np.eye(tokens)
        for i in range(tokens):
            for j in range(tokens):
                graph.add_edge((layer + 1, i), (layer, j), capacity=capacity[i, j])
    largest = lambda i, j: nx.maximum_flow_value(graph, (layers, i), (0, j))
    return {"flow_first": np.mean([largest(i, 0) for i in range(1, tokens)]),
            "flow_first_share": largest(tokens - 1, 0) / sum(largest(tokens - 1, j) for j in range(tokens))}


def laplacian(a, head):
    """The whole matrix of all layers; its eigenvalues, and its diagonal layer by layer."""
    tokens, size = a.shape[-1], LAYERS * a.shape[-1]
    graph = np.zeros((size, size))
    for layer in range(LAYERS):
        own = slice(layer * tokens, (layer + 1) * tokens)
        graph[own, own] = a[layer, head]
        if layer > 0:
            below = slice((layer - 1) * tokens, layer * tokens)
            graph[own, below] = np.diag(np.diag(a[layer, head]))
            graph[own, own] -= np.diag(np.diag(a[layer, head]))
    edges = np.count_nonzero(graph, axis=0)
    degree = np.where(edges > 0, graph.sum(0) / np.maximum(edges, 1), 0)
    matrix = np.diag(degree) - graph
    diagonal = np.diag(matrix)
    if not np.triu(graph, 1).any():  # causal: triangular
        assert np.allclose(np.sort(np.linalg.eigvals(matrix).real), np.sort(diagonal), atol=1e-9)
    return [np.sort(diagonal[layer * tokens:(layer + 1) * tokens])[::-1][:5].tolist() for layer in range(LAYERS)]


def normed(y, gamma, centres, length):
    return (y - y.mean(-1, keepdims=True) if centres else y) / length * gamma


def behind_norm(a, x, values, projections, gamma, centres, causal):
    """Every part of every query written out, divided by the true length of the sum."""
    tokens = len(x)
    parts = np.zeros((tokens, tokens, WIDTH))
    for head in range(HEADS):
        parts += a[head][:, :, None] * (values[head] @ projections[head])[None]
    parts[range(tokens), range(tokens)] += x
    whole = parts.sum(1)
    length = np.sqrt(whole.var(-1) if centres else (whole**2).mean(-1))
    parts = normed(parts, gamma, centres, length[:, None, None])
    mix = parts.sum(1) - parts[range(tokens), range(tokens)]
    m, p = np.linalg.norm(mix, axis=-1), np.linalg.norm(parts[range(tokens), range(tokens)], axis=-1)
    lengths = np.linalg.norm(parts, axis=-1)
    first = 1 if causal else 0
    return {"mixing_share_norm": np.mean((m / (m + p))[first:]), "norm_share_first": np.mean((lengths[:, 0] / lengths.sum(1))[1:])}


def bands(hidden, embedding, count):
    directions = np.linalg.svd(embedding)[2]
    band = WIDTH // count
    energy = (hidden @ directions.T) ** 2
    shares = energy / energy.sum(1, keepdims=True)
    dark, bright = shares[:, -band:].sum(1), shares[:, :band].sum(1)
    return {"embedding_dark_first": dark[0], "embedding_dark_rest": dark[1:].mean(), "embedding_bright_first": bright[0], "embedding_bright_rest": bright[1:].mean()}


def rotated(x, interleaved):
    """RoPE, theta 10000, over the whole head."""
    half = x.shape[-1] // 2
    angles = np.arange(len(x))[:, None] * 10000.0 ** (-np.arange(half) / half)
    first, second = (x[:, 0::2], x[:, 1::2]) if interleaved else (x[:, :half], x[:, half:])
    turned = first * np.cos(angles) - second * np.sin(angles), first * np.sin(angles) + second * np.cos(angles)
    return np.stack(turned, -1).reshape(x.shape) if interleaved else np.concatenate(turned, -1)


def cosines(query, key, a, causal, interleaved):
    """Of the query that sees it with the key of the largest mean weight among those that enough queries see."""
    tokens = len(query)
    rows = [a[max(j, 1) if causal else 0:, j] for j in range(tokens)]
    masses = [row.mean() if len(row) >= max(3, np.ceil(0.3 * (tokens - causal))) else -1 for row in rows]
    reference = int(np.argmax(masses))
    cosine = lambda u, v: u @ v / np.linalg.norm(u) / np.linalg.norm(v)
    queries = range(max(reference, 1) if causal else 0, tokens)
    before = np.mean([cosine(query[i], key[reference]) for i in queries])
    turned_query, turned_key = rotated(query, interleaved), rotated(key, interleaved)
    after = np.mean([cosine(turned_query[i], turned_key[reference]) for i in queries])
    return turned_query, turned_key, {"query_reference_unrotated": before, "query_reference_turned": after - before}


def outliers(hidden):
    counts = [((np.abs(layer) >= 6).mean(0) >= 0.06) for layer in hidden]
    return {"outlier_features_layer": [int(each.sum()) for each in counts], "outlier_features": int((np.mean(counts, axis=0) >= 0.25).sum())}


def case(rng, tokens, causal, centres, interleaved):
    a, hidden = attention(rng, tokens, causal), single(rng, LAYERS, tokens, WIDTH) * 4
    hidden[1:, :, 3] *= 3
    hidden = hidden.astype(np.float32).astype(np.float64)
    values, projections = single(rng, LAYERS, HEADS, tokens, HEAD), single(rng, LAYERS, HEADS, HEAD, WIDTH)
    gamma, embedding = single(rng, LAYERS, WIDTH), single(rng, WORDS, WIDTH)
    query, key = single(rng, LAYERS, HEADS, tokens, HEAD), single(rng, LAYERS, HEADS, tokens, HEAD)
    heads, stored = [], {"query": [], "key": []}
    for layer in range(LAYERS):
        for head in range(HEADS):
            q, k, expected = cosines(query[layer, head], key[layer, head], a[layer, head], causal, interleaved)
            stored["query"].append(q)
            stored["key"].append(k)
            heads.append(expected | {f"lap_layers_eigenvalue_{rank + 1}": value for rank, value in enumerate(laplacian(a, head)[layer])})
    found = outliers(hidden)
    layers = []
    for layer in range(LAYERS):
        expected = flow(a, layer + 1) | bands(hidden[layer], embedding, 4) | {"outlier_features_layer": found["outlier_features_layer"][layer]}
        if layer > 0:
            expected |= behind_norm(a[layer], hidden[layer - 1], values[layer], projections[layer], gamma[layer], centres, causal)
        if layer == LAYERS - 1:
            expected["outlier_features"] = found["outlier_features"]
        layers.append(expected)
    flat = lambda array: np.asarray(array).ravel().tolist()
    return {"tokens": tokens, "causal": causal, "centres": centres, "interleaved": interleaved, "attention": flat(a), "hidden": flat(hidden), "value": flat(values),
            "projection": flat(projections), "gamma": flat(gamma), "embedding": flat(embedding), "query": flat(stored["query"]), "key": flat(stored["key"]),
            "expected": {"heads": heads, "layers": layers}}


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.9g}") if isinstance(value, (float, np.floating)) else value


def main():
    rng = np.random.default_rng(20250804)
    data = {"generator": "make_layer_features.py", "numpy": np.__version__, "networkx": nx.__version__, "layers": LAYERS, "heads": HEADS, "width": WIDTH,
            "head_width": HEAD, "words": WORDS, "bands": 4,
            "cases": [case(rng, 7, True, True, False), case(rng, 9, True, False, True), case(rng, 6, False, True, False)]}
    with open(sys.argv[1], "w") as out:
        json.dump(rounded(data), out, separators=(",", ":"))
        out.write("\n")


main()
