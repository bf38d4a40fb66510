#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Principal components by scikit-learn (full SVD, float64), for tests/unit/math.   usage: make_pca.py OUT.json"""
import json
import sys

import numpy as np
import sklearn
from sklearn.decomposition import PCA


def case(name, data, components=3):
    data = data.astype(np.float32)
    model = PCA(n_components=min(components, *data.shape), svd_solver="full").fit(data.astype(np.float64))
    signs = np.sign(model.components_[np.arange(len(model.components_)), np.abs(model.components_).argmax(1)])
    return {"name": name, "points": data.shape[0], "width": data.shape[1],
            "data": [float(f"{x:.9g}") for x in data.ravel()],
            "coordinates": [float(f"{x:.7g}") for x in (model.transform(data.astype(np.float64)) * signs).ravel()],
            "explained": [float(f"{x:.10g}") for x in model.explained_variance_ratio_]}


def main():
    rng = np.random.default_rng(7)
    cases = [case("more points than components", rng.normal(size=(40, 6)) * [5, 3, 2, 1, 1, 0.5] + 10),
             case("wider than tall", rng.normal(size=(12, 50)) @ np.diag(np.linspace(3, 0.1, 50))),
             case("one far token", np.vstack([rng.normal(size=(30, 16)), rng.normal(size=(1, 16)) * 60])),
             case("two points", rng.normal(size=(2, 5)))]
    with open(sys.argv[1], "w") as out:
        json.dump({"generator": "make_pca.py", "sklearn": sklearn.__version__, "cases": cases}, out, separators=(",", ":"))
        out.write("\n")


main()
