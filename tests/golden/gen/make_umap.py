# SPDX-License-Identifier: Apache-2.0
"""Intermediate values of umap-learn on a small data set, for tests/unit/math/tst_umap.cpp.

    python tests/golden/gen/make_umap.py tests/golden/umap/reference.json

Needs numpy, scipy, scikit-learn and umap-learn.
"""
import json
import sys

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
import sklearn.manifold
import umap
from umap.umap_ import compute_membership_strengths, find_ab_params, smooth_knn_dist

POINTS, WIDTH, NEIGHBOURS = 60, 5, 10


def main() -> None:
    rng = np.random.default_rng(7)
    centres = rng.normal(scale=1.5, size=(3, WIDTH))
    data = (centres[np.arange(POINTS) % 3] + rng.normal(size=(POINTS, WIDTH))).astype(np.float32)
    data[5] = data[2]  # one duplicate
    distances = np.linalg.norm(data[:, None].astype(np.float64) - data[None], axis=2)
    order = np.argsort(distances + np.where(np.eye(POINTS) > 0, -1, 0), axis=1, kind="stable")[:, :NEIGHBOURS]
    near = np.take_along_axis(distances, order, axis=1).astype(np.float32)
    sigmas, rhos = smooth_knn_dist(near, float(NEIGHBOURS))
    rows, columns, values, _ = compute_membership_strengths(order.astype(np.int32), near, sigmas, rhos)
    directed = scipy.sparse.coo_matrix((values, (rows, columns)), shape=(POINTS, POINTS)).tocsr()
    product = directed.multiply(directed.T)
    union = (directed + directed.T - product).toarray()
    degree = union.sum(axis=1)
    laplacian = np.eye(POINTS) - union / np.sqrt(np.outer(degree, degree))
    vectors = np.linalg.eigh(laplacian)[1][:, 1:4]
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(3)])
    embedding = umap.UMAP(n_neighbors=NEIGHBOURS, n_components=3, random_state=1, n_jobs=1).fit_transform(data)
    reference = {
        "made_by": f"umap-learn {umap.__version__}, numpy {np.__version__}",
        "points": POINTS, "width": WIDTH, "neighbours": NEIGHBOURS,
        "data": data.ravel().tolist(),
        "indices": order.ravel().tolist(),
        "distances": [round(float(v), 6) for v in near.ravel()],
        "sigma": [round(float(v), 6) for v in sigmas],
        "rho": [round(float(v), 6) for v in rhos],
        "union": [round(float(v), 6) for v in union.ravel()],
        "curve": [list(find_ab_params(spread, dist)) for spread, dist in ((1.0, 0.1), (1.0, 0.5), (2.0, 0.01))],
        "spectral": [round(float(v), 6) for v in vectors.ravel()],
        "trustworthiness": float(sklearn.manifold.trustworthiness(data, embedding, n_neighbors=5)),
    }
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(reference, file)


main()
