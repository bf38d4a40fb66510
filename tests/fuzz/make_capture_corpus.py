#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/fuzz/corpus/capture: each file is a list of changes to a good capture (see fuzz_capture.cpp), named after the error
that must come of it.   usage: make_capture_corpus.py OUT_FOLDER"""
import pathlib
import random
import sys

OBJECTS = """/model /samples /samples/0000 tokens ids offsets pieces special display layers layers/00 query key value hidden stats
column_mass row_argmax threshold thumbnail /progress layer_done complete /samples/0001""".split()
NUMBERS = "layers heads key_value_heads head_width width vocabulary bos_present captured_layers scale hit_quantile mask title".split()
DELETE, REPLACE, NUMBER, FILL, LINK, EXTERNAL, COPY = range(7)


def at(name):
    return OBJECTS.index(name)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    files = {"ok-unchanged": []}
    for name in ("/model", "/samples", "ids", "pieces", "layers/00", "column_mass", "/progress"):
        files["capture_invalid-no_" + name.strip("/").replace("/", "_")] = [(DELETE, at(name), 0, 0)]
    files["ok-no_display"] = [(DELETE, at("display"), 0, 0)]
    files["ok-no_hidden"] = [(DELETE, at("hidden"), 0, 0)]
    files["ok-no_query"] = [(DELETE, at("query"), 0, 0)]  # then it has no vectors at all
    files["ok-no_value"] = [(DELETE, at("value"), 0, 0)]
    for index, value in (("heads", 7), ("layers", 9), ("width", 10), ("vocabulary", 0), ("captured_layers", 6), ("head_width", 5)):
        files[f"capture_invalid-{index}_{value}"] = [(NUMBER, NUMBERS.index(index), value, 0)]
    files["capture_invalid-mask_number"] = [(NUMBER, NUMBERS.index("mask"), 1, 0)]
    files["capture_invalid-ids_petabyte"] = [(REPLACE, at("ids"), 1 + 4 * 1, 8)]
    files["capture_invalid-query_texts"] = [(REPLACE, at("query"), 3 + 4 * 5, 4)]
    files["capture_invalid-threshold_scalar"] = [(REPLACE, at("threshold"), 0, 0)]
    files["not_finite-nan_mass"] = [(FILL, at("column_mass"), 6, 0)]
    files["not_finite-infinite_key"] = [(FILL, at("key"), 7, 0)]
    files["capture_invalid-argmax"] = [(FILL, at("row_argmax"), 3, 0)]
    files["capture_invalid-ids_negative"] = [(FILL, at("ids"), 2, 0)]
    files["capture_invalid-external"] = [(EXTERNAL, at("column_mass"), at("query"), 0)]
    files["capture_invalid-link_to_itself"] = [(LINK, at("layers/00"), at("layers/00"), 0)]
    files["capture_invalid-second_sample"] = [(COPY, 0, at("/model"), 0)]
    files["invalid_argument-nothing_done"] = [(FILL, at("layer_done"), 0, 0)]
    rng = random.Random(5)
    for number in range(24):
        files[f"any-random_{number:02d}"] = [tuple(rng.randrange(256) for _ in range(4)) for _ in range(rng.randrange(1, 12))]
    for name, changes in files.items():
        (folder / f"{name}.bin").write_bytes(b"".join(bytes(change) for change in changes))


main()
