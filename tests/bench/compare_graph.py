# SPDX-License-Identifier: Apache-2.0
"""Graph features of 144 heads beside numpy, scipy and networkx in one thread each, in turns, each run in a process of its own. Prints medians
and ratios, and fails when the two do not compute the same numbers; decides nothing about speed.

    compare_graph.py BENCH_GRAPH [ROUNDS [TOKENS]]          (needs numpy, scipy, networkx)
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile

PEER = r"""
import json, sys, time
import networkx as nx
import numpy as np
import scipy.sparse.csgraph as csgraph
path, variant = sys.argv[1], sys.argv[2]
count, tokens = np.fromfile(path, np.int32, 2)
heads = np.fromfile(path, np.float32, offset=8).reshape(count, tokens, tokens)
n = int(tokens)

def edges_of(a):
    w = (a + a.T).astype(np.float64) / 2
    np.fill_diagonal(w, 0)
    return w

def shape_of(adjacency):
    if variant == "networkx":
        graph = nx.from_numpy_array(adjacency)
        degree = np.array([d for _, d in graph.degree()], float)
        components, edges, density = nx.number_connected_components(graph), graph.number_of_edges(), nx.density(graph)
        centrality = np.array(list(nx.degree_centrality(graph).values()))
        centralization = (centrality.max() - centrality).sum() * (n - 1) / ((n - 1) * (n - 2))
        laplacian = nx.laplacian_matrix(graph).toarray().astype(float)
    else:
        degree = adjacency.sum(1)
        components = csgraph.connected_components(adjacency, directed=False)[0]
        edges = int(degree.sum() / 2)
        density = edges / (n * (n - 1) / 2)
        centralization = (degree.max() - degree).sum() / ((n - 1) * (n - 2))
        laplacian = np.diag(degree) - adjacency
    hub = int(degree.argmax())
    leaves = np.delete(np.arange(n), hub)
    star_like = degree[hub] / (n - 1) * (1 - adjacency[np.ix_(leaves, leaves)].sum() / ((n - 1) * (n - 2)))
    star = np.zeros((n, n))
    star[hub] = star[:, hub] = 1
    star[hub, hub] = 0
    distance = np.linalg.norm(adjacency - star) / np.sqrt((adjacency ** 2).sum() + (star ** 2).sum())
    values = np.linalg.eigvalsh(laplacian)
    share = degree[hub] / degree.sum() if edges else 0
    return centralization + star_like + distance + density + components + (edges - n + components) + share + values[1] + values[-1]

def cut(a, threshold=0.05):
    return shape_of((edges_of(a).astype(np.float32) > np.float32(threshold)).astype(float))

def sweep(a):
    return sum(cut(a, t) for t in (.001, .005, .01, .02, .05, .1, .2))

def weighted(a):
    w = edges_of(a)
    d = w.sum(1)
    values = np.linalg.eigvalsh(np.diag(d) - w)
    s = np.where(d > 0, 1 / np.sqrt(np.maximum(d, 1e-300)), 0)
    normalized = np.linalg.eigvalsh(np.eye(n) - s[:, None] * w * s)
    return values[1] + values[-1] + normalized[1] + np.abs(np.linalg.eigh(w)[1][:, -1]).max()

def templates(a):
    a = a.astype(np.float64)
    begin, back = np.zeros((n, n)), np.eye(n, k=-1)
    begin[:, 0] = back[0, 0] = 1
    total = sum(np.linalg.norm(a - t) / np.sqrt((a ** 2).sum() + (t ** 2).sum()) for t in (np.eye(n), begin, back))
    diagonal = np.diag(a)
    return total + (a.sum(0) / np.arange(n, 0, -1) - diagonal).max() + np.log(np.maximum(diagonal, 1e-12)).mean()

result = {}
for name, feature in dict(cut=cut, sweep=sweep, weighted=weighted, templates=templates).items():
    feature(heads[0])
    start = time.perf_counter()
    total = sum(feature(a) for a in heads)
    result[name] = [time.perf_counter() - start, float(total)]
print(json.dumps(result))
"""

HEADS = r"""
import sys
import numpy as np
heads, tokens = 144, int(sys.argv[2])
rng = np.random.default_rng(1)
logits = rng.normal(size=(heads, tokens, tokens)) * np.linspace(0.2, 3, heads)[:, None, None]
logits[:, :, 0] += np.tile(np.linspace(0, 6, 12), 12)[:, None]  # from no sink to a strong one
logits[:, ~np.tri(tokens, dtype=bool)] = -np.inf
weights = np.exp(logits - logits.max(-1, keepdims=True))
weights /= weights.sum(-1, keepdims=True)
with open(sys.argv[1], "wb") as out:
    np.array([heads, tokens], np.int32).tofile(out)
    weights.astype(np.float32).tofile(out)
"""


def run(command):
    single = {**os.environ, **{name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}}
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=single).stdout.splitlines()[-1])


def main():
    bench, rounds, tokens = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5, sys.argv[3] if len(sys.argv) > 3 else "64"
    runs = {"ours": [], "networkx": [], "numpy": []}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "heads.bin")
        subprocess.run([sys.executable, "-c", HEADS, path, tokens], check=True)
        for _ in range(rounds):
            runs["ours"].append(run([bench, path]))
            for variant in ("networkx", "numpy"):
                runs[variant].append(run([sys.executable, "-c", PEER, path, variant]))
    middle = {who: {name: statistics.median(r[name][0] for r in results) for name in results[0]} for who, results in runs.items()}
    print(f"144 heads of {tokens} tokens, one thread, medians of {rounds} runs in turns (milliseconds)")
    for name in middle["ours"]:
        for variant in ("networkx", "numpy"):
            ours, theirs = runs["ours"][0][name][1], runs[variant][0][name][1]
            if abs(ours - theirs) > 1e-6 * max(1, abs(theirs)):
                sys.exit(f"{name}: {ours} is not the {theirs} of {variant}")
    for name in [*middle["ours"], "all"]:
        times = {who: sum(m.values()) if name == "all" else m[name] for who, m in middle.items()}
        print(f"  {name:10} ours {1e3 * times['ours']:8.1f}   with networkx {1e3 * times['networkx']:8.1f} ({times['networkx'] / times['ours']:.1f} times)   "
              f"numpy and scipy alone {1e3 * times['numpy']:8.1f} ({times['numpy'] / times['ours']:.1f} times)")


if __name__ == "__main__":
    main()
