# SPDX-License-Identifier: Apache-2.0
"""Principal components to 3D beside scikit-learn's default, in turns, each run in a process of its own. Prints medians and ratios, and fails when
the two do not compute the same numbers (above 1,000 columns its default is a randomized one that may not); decides nothing about speed.

    compare_pca.py BENCH_PCA [ROUNDS [ROWS WIDTH]]          (needs numpy and scikit-learn)
"""
import json
import statistics
import subprocess
import sys
import tempfile

import numpy as np

PEER = r"""
import json, sys, time
import numpy as np
from sklearn.decomposition import PCA
rows, width = np.fromfile(sys.argv[1], np.int32, 2)
data = np.fromfile(sys.argv[1], np.float32, offset=8).reshape(rows, width)
ms = []
for _ in range(int(sys.argv[2])):
    begin = time.perf_counter()
    model = PCA(3)
    out = model.fit_transform(data)
    ms.append((time.perf_counter() - begin) * 1e3)
print(json.dumps({"ms": ms, "explained": model.explained_variance_ratio_.tolist(), "sums": np.abs(out.astype(np.float64)).sum(0).tolist()}))
"""


def run(command):
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    bench, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    rows, width = (int(sys.argv[3]), int(sys.argv[4])) if len(sys.argv) > 4 else (100_000, 128)
    rng = np.random.default_rng(3)
    data = (rng.normal(size=(rows, width)) * np.geomspace(3, 0.3, width) + rng.normal(size=width)).astype(np.float32)
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(np.array([rows, width], np.int32).tobytes() + data.tobytes())
        file.flush()
        ours, theirs = [], []
        for _ in range(rounds):
            a = run([bench, file.name, "7", "auto"])
            b = run([sys.executable, "-c", PEER, file.name, "7"])
            assert np.allclose(a["explained"], b["explained"], rtol=1e-4), (a["explained"], b["explained"])
            assert np.allclose(a["sums"], b["sums"], rtol=1e-3), (a["sums"], b["sums"])
            ours += a["ms"][1:]
            theirs += b["ms"][1:]
    print(json.dumps({"rows": rows, "width": width, "passes": a["passes"],
                      "sinkscope_ms": {"median": round(statistics.median(ours), 2), "best": round(min(ours), 2)},
                      "sklearn_ms": {"median": round(statistics.median(theirs), 2), "best": round(min(theirs), 2)},
                      "ratio_of_medians": round(statistics.median(theirs) / statistics.median(ours), 2),
                      "ratio_of_bests": round(min(theirs) / min(ours), 2)}))


main()
