# SPDX-License-Identifier: Apache-2.0
"""UMAP to 3D: bench_umap beside umap-learn (warm), in turn in one run; seconds, ratio and trustworthiness (k = 15) of both.

    python tests/bench/compare_umap.py build/dev/tests/bench_umap [--points 5000 50000] [--rounds 3] [--curve 1000000]

Data: clusters with eight directions of their own in 64 dimensions, seeded. Needs numpy, scikit-learn and umap-learn.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np
from sklearn.neighbors import NearestNeighbors

WIDTH, NEIGHBOURS, QUERIES = 64, 15, 2000


def make_data(points: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(20, WIDTH)) * 0.5
    basis = rng.normal(size=(20, 8, WIDTH))
    label = rng.integers(0, 20, points)
    inner = np.einsum("nk,nkd->nd", rng.normal(size=(points, 8)), basis[label])
    return (centres[label] + inner * 0.6 + rng.normal(size=(points, WIDTH)) * 0.5).astype(np.float32)


def trustworthiness(data: np.ndarray, picture: np.ndarray) -> float:
    """Venna and Kaski (2001), over the neighbourhoods of at most QUERIES seeded points instead of all."""
    points = len(data)
    chosen = np.random.default_rng(1).choice(points, min(points, QUERIES), replace=False)
    shown = NearestNeighbors(n_neighbors=NEIGHBOURS + 1).fit(picture).kneighbors(picture[chosen], return_distance=False)
    penalty = 0
    for i, query in enumerate(chosen):
        distances = ((data - data[query]) ** 2).sum(axis=1)
        distances[query] = -1
        others = shown[i][shown[i] != query][:NEIGHBOURS]
        ranks = (distances[None, :] < distances[others][:, None]).sum(axis=1)
        penalty += np.maximum(0, ranks - NEIGHBOURS).sum()
    return 1 - penalty * 2 / (len(chosen) * NEIGHBOURS * (2 * points - 3 * NEIGHBOURS - 1))


def run_ours(program: str, data: np.ndarray, folder: pathlib.Path) -> tuple[dict, np.ndarray]:
    data.tofile(folder / "data.f32")
    answer = subprocess.run([program, folder / "data.f32", str(len(data)), str(WIDTH), folder / "out.f32"], check=True, capture_output=True, text=True)
    return json.loads(answer.stdout), np.fromfile(folder / "out.f32", dtype=np.float32).reshape(-1, 3)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--points", type=int, nargs="*", default=[5000, 50000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--curve", type=int, default=0, help="also ours alone, doubling up to this many points")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if options.points:
            import umap

            umap.UMAP(n_components=3).fit_transform(make_data(500))  # compiles
        for points in options.points:
            data, ours, theirs = make_data(points), [], []
            for _ in range(options.rounds):
                steps, picture = run_ours(options.program, data, folder)
                ours.append(steps["total"])
                start = time.perf_counter()
                reference = umap.UMAP(n_components=3).fit_transform(data)
                theirs.append(time.perf_counter() - start)
            print(f"{points} x {WIDTH}: ours {statistics.median(ours):.2f} s {steps}, umap-learn {statistics.median(theirs):.2f} s, ratio "
                  f"{statistics.median(theirs) / statistics.median(ours):.2f}; trustworthiness {trustworthiness(data, picture):.4f} against "
                  f"{trustworthiness(data, reference):.4f}", flush=True)
        points = 7812
        while points <= options.curve:
            steps, _ = run_ours(options.program, make_data(points), folder)
            print(f"{points}: {steps['total']:.2f} s, {1e6 * steps['total'] / (points * np.log2(points)):.2f} us per n log2 n, {steps}", flush=True)
            points *= 2


main()
