#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Graph numbers of random attention by numpy, scipy and networkx, for tests/unit/math/tst_graph_reference.cpp.

    make_graph.py OUT.json          (needs numpy, scipy, networkx)
"""
import itertools
import json
import sys

import networkx as nx
import numpy as np
import scipy.linalg

THRESHOLDS = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
DIGRAPH_THRESHOLDS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75)


def attention(rng, tokens, causal, spread, sink):
    logits = rng.normal(scale=spread, size=(tokens, tokens))
    logits[:, 0] += sink
    if causal:
        logits[~np.tri(tokens, dtype=bool)] = -np.inf
    weights = np.exp(logits - logits.max(1, keepdims=True))
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def symmetrized(a, how):
    a = a.astype(np.float64)
    w = (a + a.T) / 2 if how == "mean" else np.maximum(a, a.T)
    np.fill_diagonal(w, 0)
    return w


def of_graph(adjacency):
    graph = nx.from_numpy_array(adjacency.astype(float))
    n, edges = graph.number_of_nodes(), graph.number_of_edges()
    degrees = np.array([degree for _, degree in graph.degree()])
    hub = int(degrees.argmax())
    star = nx.to_numpy_array(nx.star_graph([hub, *(i for i in range(n) if i != hub)]), nodelist=range(n))
    leaves = graph.subgraph([i for i in range(n) if i != hub])
    spectrum = np.linalg.eigvalsh(nx.laplacian_matrix(graph).toarray().astype(float))
    components = nx.number_connected_components(graph)
    centrality = list(nx.degree_centrality(graph).values())
    return {"edges": edges, "components": components, "cycles": len(nx.cycle_basis(graph)), "hub": hub,
            "density": nx.density(graph), "centralization": float(sum(max(centrality) - c for c in centrality) / (n - 2)),
            "star_likeness": float(degrees[hub] / (n - 1) * (1 - nx.density(leaves))),
            "star_distance": float(scipy.linalg.norm(adjacency - star) / np.sqrt((adjacency ** 2).sum() + (star ** 2).sum())),
            "fiedler": float(spectrum[1]), "largest": float(spectrum[-1])}


def of_weights(w, loops):
    n = len(w)
    laplacian = np.diag(w.sum(1)) - w
    spectrum, (values, vectors) = np.linalg.eigvalsh(laplacian), np.linalg.eigh(w)
    normalized = []
    for diagonal in (np.zeros(n), loops):
        full = w + np.diag(diagonal)
        scale = full.sum(1) ** -0.5
        normalized.append(np.linalg.eigvalsh(np.eye(n) - scale[:, None] * full * scale)[1])
    hub = int(np.abs(vectors[:, -1]).argmax())
    return {"spectrum": spectrum.tolist(), "normalized": normalized[0], "normalized_loops": normalized[1], "principal_value": values[-1],
            "principal_next": values[-2], "principal_hub": hub, "principal_weight": vectors[hub, -1] ** 2}


def of_digraph(a, threshold):
    graph = nx.from_numpy_array((a >= np.float32(threshold)).astype(int), create_using=nx.DiGraph)
    simple = nx.Graph(graph.to_undirected())
    simple.remove_edges_from(list(nx.selfloop_edges(simple)))
    return {"threshold": threshold, "strong": nx.number_strongly_connected_components(graph), "weak": nx.number_weakly_connected_components(graph),
            "edges": graph.number_of_edges(), "degree": float(np.mean([d for _, d in graph.degree()])),
            "cycles": sum(1 for _ in itertools.islice(nx.simple_cycles(graph), 500)), "beta1": len(nx.cycle_basis(simple))}


def of_templates(a, causal):
    n, a = len(a), a.astype(np.float64)
    back, ahead, first = np.eye(n, k=-1), np.eye(n, k=1), np.zeros((n, n))
    back[0, 0] = ahead[-1, -1] = 1
    first[:, 0] = 1
    patterns = {"self": np.eye(n), "beginning": first, "previous": back, **({} if causal else {"next": ahead})}
    return {name: float(scipy.linalg.norm(a - t) / np.sqrt((a ** 2).sum() + n)) for name, t in patterns.items()}


def of_signal(w, x):
    result, n = {}, len(w)
    d = w.sum(1)
    for kind in ("none", "rw", "sym"):
        laplacian = np.diag(d) - w
        # rw: the pencil (D - W) u = v D u, whose modes are orthonormal in the inner product weighted by D.
        if kind == "sym":
            laplacian = laplacian / np.sqrt(np.outer(d, d))
        metric = np.diag(d) if kind == "rw" else np.eye(n)
        values, modes = scipy.linalg.eigh(laplacian, metric)
        energies = ((modes.T @ metric @ x) ** 2).sum(1)
        p = energies / energies.sum()
        energy = np.trace(x.T @ laplacian @ x)
        result[kind] = {"energy": energy, "smoothness": energy / np.trace(x.T @ metric @ x), "entropy": float(-(p * np.log(p)).sum()),
                        "high_tenth": p[9 * n // 10:].sum(), "high_half": p[n // 2:].sum(), "fiedler": values[1], "largest": values[-1]}
    return result


def case(rng, tokens, causal, spread, sink):
    a = attention(rng, tokens, causal, spread, sink)
    signal = rng.normal(size=(tokens, 5)).astype(np.float32)
    seen = tokens - np.arange(tokens) if causal else np.full(tokens, tokens)
    result = {"tokens": tokens, "causal": causal, "attention": [float(f"{x:.9g}") for x in a.ravel()], "signal": [float(f"{x:.9g}") for x in signal.ravel()],
              "digraph": [of_digraph(a, threshold) for threshold in DIGRAPH_THRESHOLDS], "templates": of_templates(a, causal),
              "lap_eigenvalues": sorted((a.astype(np.float64).sum(0) / seen - np.diag(a)).tolist(), reverse=True),
              "attention_score": float(np.log(np.diag(a).astype(np.float64)).mean()), "signals": of_signal(symmetrized(a, "mean"), signal.astype(np.float64))}
    for how in ("mean", "max"):
        w = symmetrized(a, how)
        pairs = w[np.tril_indices(tokens, -1)]
        cuts = [{"threshold": t, **of_graph(w.astype(np.float32) > np.float32(t))} for t in THRESHOLDS]
        percentiles = [{"percentile": q, "weight": float(np.percentile(pairs, q)), **of_graph((w > 0) & (w >= np.percentile(pairs, q)))} for q in (50, 90, 97.5)]
        result[how] = {"cuts": cuts, "percentiles": percentiles, "weighted": of_weights(w, np.diag(a).astype(np.float64))}
    return result


def main():
    rng = np.random.default_rng(11)
    cases = [case(rng, *options) for options in ((5, True, 1, 0), (12, True, 1.5, 2), (19, True, 0.5, 0), (24, True, 3, 4), (11, False, 2, 0),
                                                 (20, False, 1, 3), (66, True, 2, 3))]
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        json.dump({"made_by": f"numpy {np.__version__}, scipy {scipy.__version__}, networkx {nx.__version__}", "cases": cases}, out, separators=(",", ":"),
                  default=float)
        out.write("\n")


main()
