# SPDX-License-Identifier: Apache-2.0
"""Blocks of every GGUF type and what the gguf package makes of them: python make_gguf.py [TARGET]

The blocks are random bytes whose scales are ordinary halves (some subnormal, negative or zero): every bit pattern of the values is then
valid, also of the types that the package cannot quantise to.
"""
import json
import pathlib
import sys

import gguf
import numpy as np

TYPES = {  # name: where in the block its half scales are
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2],
    "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0], "IQ4_XS": [0], "MXFP4": [],
}
BLOCKS = {32: 24, 256: 5}


def blocks_of(name: str, scales: list[int], random: np.random.Generator) -> np.ndarray:
    elements, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
    blocks = random.integers(0, 256, (BLOCKS[elements], size), dtype=np.uint8)
    for at in scales:
        values = random.normal(0, 0.02, len(blocks)).astype(np.float16)
        values[0], values[1], values[2] = 0.0, 3e-7, -1.5
        blocks[:, at : at + 2] = values.view(np.uint8).reshape(-1, 2)
    return blocks


def main(target: pathlib.Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(20)
    for name, scales in TYPES.items():
        blocks = blocks_of(name, scales, random)
        values = gguf.quants.dequantize(blocks, gguf.GGMLQuantizationType[name]).astype("<f4")
        (target / f"{name}.blocks").write_bytes(blocks.tobytes())
        (target / f"{name}.values").write_bytes(values.tobytes())
    versions = {"gguf": __import__("importlib.metadata").metadata.version("gguf"), "numpy": np.__version__}
    (target / "manifest.json").write_text(json.dumps({"seed": 20, "versions": versions, "types": list(TYPES)}, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "gguf/blocks"))
