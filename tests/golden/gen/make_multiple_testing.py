#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Corrected and combined p-values by statsmodels and scipy, for tests/unit/analysis.   usage: make_multiple_testing.py OUT.json"""
import json
import sys

import numpy as np
import scipy
import scipy.stats
import statsmodels
from statsmodels.stats.multitest import multipletests


def case(p):
    p = [float(f"{x:.12g}") for x in p]
    t = np.mean(1 / np.tan(np.clip(p, 0, 1 - 1e-3) * np.pi))  # tan(pi (1/2 - p)) without cancellation
    return {"p": p,
            "holm": list(multipletests(p, method="holm")[1]),
            "bh": list(multipletests(p, method="fdr_bh")[1]),
            "by": list(multipletests(p, method="fdr_by")[1]),
            "fisher": float(scipy.stats.combine_pvalues(p, method="fisher")[1]),
            "cauchy": float(scipy.stats.cauchy.sf(t))}


def main():
    rng = np.random.default_rng(11)
    mixed = np.concatenate([rng.uniform(size=40), rng.uniform(size=10) ** 12])
    cases = [case([0.03]), case([0.01, 0.04, 0.03, 0.005]), case([0.02] * 5), case([1, 1, 0.5]), case(rng.permutation(mixed)),
             case([1e-12, 0.9, 0.2, 1e-5, 1.0]), case(rng.uniform(0, 1e-3, size=30))]
    with open(sys.argv[1], "w") as out:
        json.dump({"generator": "make_multiple_testing.py", "statsmodels": statsmodels.__version__, "scipy": scipy.__version__,
                   "cases": cases}, out, separators=(",", ":"))
        out.write("\n")


main()
