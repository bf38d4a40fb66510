#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/sweeps/rank_correlation.json: Spearman's correlation and its exact permutation p-value by scipy, with ties and gaps.
usage: make_rank_correlation.py   (needs numpy and scipy)"""
import itertools
import json
import pathlib

import numpy as np
from scipy import stats

OUT = pathlib.Path(__file__).resolve().parents[1] / "sweeps" / "rank_correlation.json"


def exact_p(x, y):
    """Two-sided, over all orders of y."""
    found = abs(stats.spearmanr(x, y).statistic)
    ranks_x = stats.rankdata(x) - (len(x) + 1) / 2
    ranks_y = stats.rankdata(y) - (len(y) + 1) / 2
    scale = np.sqrt((ranks_x**2).sum() * (ranks_y**2).sum())
    orders = np.array(list(itertools.permutations(ranks_y)))
    return float((np.abs(orders @ ranks_x / scale) >= found - 1e-12).mean())


def case(name, x, y, exact):
    x, y = np.asarray(x, float), np.asarray(y, float)
    there = ~np.isnan(x) & ~np.isnan(y)
    result = stats.spearmanr(x[there], y[there])
    entry = {"name": name, "x": [None if np.isnan(v) else v for v in x.tolist()], "y": [None if np.isnan(v) else v for v in y.tolist()],
             "rho": float(result.statistic), "count": int(there.sum()), "ranks_x": stats.rankdata(x[there]).tolist()}
    if exact:
        entry["p"] = exact_p(x[there], y[there])
    return entry


def main():
    random = np.random.default_rng(7)
    gaps = random.normal(size=9)
    gaps[[2, 5]] = np.nan
    strong = random.normal(size=60)
    cases = [
        case("seven", random.normal(size=7), random.normal(size=7), True),
        case("seven with ties", [1, 2, 2, 3, 3, 3, 4], [2, 1, 2, 2, 5, 4, 4], True),
        case("opposite", [1, 2, 3, 4, 5, 6], [9, 7, 5, 3, 2, 1], True),
        case("gaps", gaps, random.normal(size=9), True),
        case("sixty", strong, strong + 2 * random.normal(size=60), False),
        case("many ties", random.integers(0, 4, 200), random.integers(0, 3, 200), False),
    ]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({"cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
