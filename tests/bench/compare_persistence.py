# SPDX-License-Identifier: Apache-2.0
"""Sets bench_persistence beside the Python package ripser on the same dissimilarities, 1 - (A + A^T) / 2 of random causal softmax
attention, in turns. Prints the medians and their ratio; decides nothing.

    compare_persistence.py BENCH_PERSISTENCE [POINTS [HEADS [ROUNDS]]]

ripser works in one thread; ours runs once with one and once with every processor.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import ripser


def dissimilarity(rng, points):
    scores = rng.normal(size=(points, points))
    scores[np.triu_indices(points, 1)] = -np.inf
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32).astype(np.float64)
    distances = 1 - (weights + weights.T) / 2
    np.fill_diagonal(distances, 0)
    return distances


def peer(matrices):
    start = time.perf_counter()
    barcodes = [ripser.ripser(d, distance_matrix=True, maxdim=1)["dgms"] for d in matrices]
    seconds = time.perf_counter() - start
    lengths = [[(b[:, 1] - b[:, 0])[np.isfinite(b[:, 1])].sum() for b in barcode] for barcode in barcodes]
    return seconds, np.sum(lengths, axis=0), sum(len(barcode[1]) for barcode in barcodes)


def main():
    bench = sys.argv[1]
    points, heads, rounds = (int(sys.argv[k]) if len(sys.argv) > k else default for k, default in ((2, 64), (3, 144), (4, 5)))
    matrices = np.stack([dissimilarity(np.random.default_rng(seed), points) for seed in range(heads)])
    processors = len(os.sched_getaffinity(0))
    ours, theirs = {1: [], processors: []}, []
    with tempfile.NamedTemporaryFile(suffix=".f64") as file:
        matrices.tofile(file.name)
        for _ in range(rounds):
            for threads in ours:
                command = [bench, file.name, str(points), "--threads", str(threads), "--rounds", "5"]
                ours[threads].append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
            theirs.append(peer(matrices))
    seconds = statistics.median(run[0] for run in theirs)
    print(f"{heads} heads of {points} tokens; ripser {ripser.__version__} {seconds:.4f} s, "
          f"sums {theirs[0][1][0]:.4f} and {theirs[0][1][1]:.4f}, {theirs[0][2]} cycles")
    for threads, runs in ours.items():
        middle = statistics.median(run["seconds"] for run in runs)
        print(f"ours, {threads} threads: {middle:.4f} s, {seconds / middle:.1f} times as fast, "
              f"sums {runs[0]['sum_h0']:.4f} and {runs[0]['sum_h1']:.4f}, {runs[0]['bars_h1']} cycles")


if __name__ == "__main__":
    main()
