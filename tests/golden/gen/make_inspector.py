# SPDX-License-Identifier: Apache-2.0
"""What the inspector says of the bundled demo, by numpy and hashlib: tests/golden/inspector/demo.json.

    python tests/golden/gen/make_inspector.py

Statistics and histograms of tensors (numpy), singular values (numpy.linalg.svd in float64), the content hash by its recipe (hashlib), and the
difference between the demo and the same weights with every third element scaled. A matrix too large for the exact way is not stored: its elements
follow from their place (see `pattern`), here and in the test.
"""

import hashlib
import json
import pathlib
import struct

import numpy as np
from safetensors import safe_open

ROOT = pathlib.Path(__file__).resolve().parents[3]
NAMES = ["model.embed_tokens.weight", "model.layers.2.self_attn.q_proj.weight", "model.layers.5.mlp.down_proj.weight", "model.norm.weight"]


def pattern(rows, columns):
    r, c = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    noise = ((r * 7919 + c * 104729 + r * c * 31) % 1009) / 1009.0 - 0.5
    return (noise + 0.25 * (r % 5 == 0)).astype(np.float32)


def content_hash(raw):
    whole = hashlib.sha256()
    for name in sorted(raw, key=lambda n: n.encode()):
        dtype, shape, data = raw[name]
        for text in (name.encode(), dtype.encode()):
            whole.update(struct.pack("<Q", len(text)) + text)
        whole.update(struct.pack("<Q", len(shape)) + b"".join(struct.pack("<Q", n) for n in shape))
        whole.update(hashlib.sha256(data).hexdigest().encode())
    return whole.hexdigest()


def main():
    path = ROOT / "resources/demo/model.safetensors"
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    raw = {n: (t["dtype"], t["shape"], data[8 + length + t["data_offsets"][0] : 8 + length + t["data_offsets"][1]]) for n, t in header.items()}
    result = {"versions": {"numpy": np.__version__}, "content_sha256": content_hash(raw), "file_sha256": hashlib.sha256(data).hexdigest(), "tensors": {}, "patterns": []}
    with safe_open(path, framework="np") as file:
        for name in NAMES:
            values = file.get_tensor(name).astype(np.float64)
            counts, edges = np.histogram(values, bins=50)
            changed = values.ravel().astype(np.float32).copy()
            changed[::3] *= np.float32(1.25)
            a, b = values.ravel(), changed.astype(np.float64)
            entry = {"sha256": hashlib.sha256(raw[name][2]).hexdigest(), "min": values.min(), "max": values.max(), "mean": values.mean(), "std": values.std(),
                     "norm": np.linalg.norm(values), "counts": counts.tolist(),
                     "difference": {"largest": np.abs(b - a).max(), "relative": np.linalg.norm(b - a) / np.linalg.norm(a),
                                    "cosine": float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)), "changed": int((a != b).sum())}}
            if values.ndim == 2:
                entry["singular"] = np.linalg.svd(values, compute_uv=False)[:8].tolist()
            result["tensors"][name] = entry
    for rows, columns in ((900, 450), (450, 900)):
        result["patterns"].append({"rows": rows, "columns": columns, "singular": np.linalg.svd(pattern(rows, columns).astype(np.float64), compute_uv=False)[:6].tolist()})
    out = ROOT / "tests/golden/inspector"
    out.mkdir(exist_ok=True)
    (out / "demo.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
