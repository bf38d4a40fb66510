#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trustworthiness by scikit-learn, orthogonal Procrustes by scipy, and plain double loops of numpy for the rest, for tests/unit/math.

    make_projection_quality.py OUT_QUALITY.json OUT_PROCRUSTES.json
"""
import json
import sys

import numpy as np
import scipy.linalg
import sklearn
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness


def listed(array):
    return [float(f"{x:.9g}") for x in np.asarray(array).ravel()]


def distances(x):
    return np.linalg.norm(x[:, None].astype(np.float64) - x[None], axis=2)


def near(d, k):
    return np.argsort(d + np.where(np.eye(len(d)) > 0, np.inf, 0), axis=1)[:, :k]


def quality(name, data, picture, k):
    data, picture = data.astype(np.float32), picture.astype(np.float32)
    a, b = distances(data), distances(picture)
    kept = np.mean([len(set(p) & set(q)) / k for p, q in zip(near(a, k), near(b, k))])
    scale = (a * b).sum() / (b * b).sum()
    return {"name": name, "points": len(data), "width": data.shape[1], "dimensions": picture.shape[1], "neighbours": k,
            "data": listed(data), "coordinates": listed(picture),
            "trustworthiness": trustworthiness(data.astype(np.float64), picture.astype(np.float64), n_neighbors=k),
            "continuity": trustworthiness(picture.astype(np.float64), data.astype(np.float64), n_neighbors=k),
            "preservation": kept, "stress": float(np.sqrt(((a - scale * b) ** 2).sum() / (a * a).sum()))}


def procrustes(rng, name, points, dimensions, noise):
    target = rng.normal(size=(points, dimensions)).astype(np.float32)
    turn = np.linalg.qr(rng.normal(size=(dimensions, dimensions)))[0]
    moving = (target @ turn + noise * rng.normal(size=target.shape)).astype(np.float32)
    rotation, scale = scipy.linalg.orthogonal_procrustes(moving.astype(np.float64), target.astype(np.float64))
    best = scale / (moving.astype(np.float64) ** 2).sum()
    rest = target - moving.astype(np.float64) @ rotation
    spread = ((target - target.mean(0).astype(np.float64)) ** 2).sum()
    return {"name": name, "dimensions": dimensions, "moving": listed(moving), "target": listed(target), "rotation": listed(rotation),
            "scale": float(best), "residual": float(np.sqrt((rest ** 2).sum() / spread))}


def main():
    rng = np.random.default_rng(11)
    cloud = rng.normal(size=(60, 8)) * [4, 3, 2, 1, 1, 1, .5, .5]
    sizes = rng.normal(size=(200, 6))
    groups = rng.normal(size=(5, 6))[np.arange(90) % 5] * 6 + rng.normal(size=(90, 6))
    cases = [quality("principal components", cloud, PCA(3).fit_transform(cloud), 15),
             quality("unrelated picture", sizes[:80], rng.normal(size=(80, 2)), 5),
             quality("groups, one axis", groups, PCA(1).fit_transform(groups), 10),
             quality("few points", cloud[:7], PCA(2).fit_transform(cloud[:7]), 3)]
    with open(sys.argv[1], "w") as out:
        json.dump({"generator": "make_projection_quality.py", "sklearn": sklearn.__version__, "cases": cases}, out, separators=(",", ":"))
        out.write("\n")
    turns = [procrustes(rng, "noisy, 3", 30, 3, 0.3), procrustes(rng, "noisy, 2", 12, 2, 0.5), procrustes(rng, "exact, 5", 9, 5, 0.0)]
    with open(sys.argv[2], "w") as out:
        json.dump({"generator": "make_projection_quality.py", "scipy": scipy.__version__, "cases": turns}, out, separators=(",", ":"))
        out.write("\n")


main()
