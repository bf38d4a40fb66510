# SPDX-License-Identifier: Apache-2.0
"""Makes tests/golden/pytorch: files as torch.save writes them, in the zip format and in the older one.

    python3 tests/golden/gen/make_pytorch.py            (made with torch 2.13, safetensors 0.8, numpy)

Every X.bin, X.old.bin (and X.pt, ...) holds the tensors of X.safetensors, which the safetensors library wrote with every tensor in order.
Folders hold the model of tests/golden/models of the same name before the dot, as PyTorch checkpoints: they must run the same.
"""
import argparse
import collections
import json
import pathlib
import shutil

import numpy
import torch
from safetensors.torch import load_file, save_file

ROOT = pathlib.Path(__file__).resolve().parents[1] / "pytorch"
MODELS = ROOT.parent / "models"


def save(name, content, expected, **options):
    torch.save(content, ROOT / f"{name}.bin", **options)
    torch.save(content, ROOT / f"{name}.old.bin", _use_new_zipfile_serialization=False, **options)
    save_file({key: value.detach().clone().contiguous() for key, value in expected.items()}, ROOT / f"{name}.safetensors")


def every_type():
    generator = torch.Generator().manual_seed(1)
    wide = torch.randn((3, 5), generator=generator)
    kinds = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz,
             torch.float8_e5m2fnuz, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool, torch.complex64,
             torch.uint16, torch.uint32, torch.uint64]
    tensors = {str(kind).removeprefix("torch."): (wide * 10).to(kind) for kind in kinds}
    tensors["scalar"] = torch.tensor(3.5)
    tensors["empty"] = torch.zeros((0, 4))
    return tensors


def views():
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    return {"base": base, "row": base[1], "rows": base[1:3], "transposed": base.t(), "column": base[:, 2], "steps": base[::2, 1::3],
            "expanded": base[0, :2].expand(3, 2), "one": base[3:, 5:], "permuted": base.reshape(2, 2, 6).permute(2, 0, 1).half(),
            "parameter": torch.nn.Parameter(base[2]), "tied": base}


def checkpoint():
    """As a training script leaves it: weights inside a dictionary, with an optimizer and settings beside them."""
    layer = torch.nn.Linear(3, 2)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape))
    optimizer = torch.optim.AdamW(layer.parameters())
    layer(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape))
    state = collections.OrderedDict((f"module.{key}", value) for key, value in layer.state_dict().items())
    content = {"epoch": 3, "state_dict": state, "optimizer": optimizer.state_dict(), "loss": numpy.float64(0.5), "args": argparse.Namespace(lr=0.1),
               "rng": torch.get_rng_state(), "history": collections.defaultdict(list), "shape": torch.Size([2, 3]), "device": torch.device("cpu"),
               "names": {"a", "b"}, "array": numpy.arange(3)}
    return content, layer.state_dict()


def model_folders(name):
    tensors = load_file(MODELS / name / "model.safetensors")

    def folder(kind):
        path = ROOT / f"{name}.{kind}"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        shutil.copy(MODELS / name / "config.json", path)
        return path

    torch.save(tensors, folder("zip") / "pytorch_model.bin")
    torch.save(tensors, folder("old") / "pytorch_model.bin", _use_new_zipfile_serialization=False)
    path, keys = folder("sharded"), sorted(tensors)
    shards = {f"pytorch_model-{i + 1:05}-of-00002.bin": keys[i::2] for i in range(2)}
    for shard, names in shards.items():
        torch.save({key: tensors[key] for key in names}, path / shard)
    index = {"metadata": {}, "weight_map": {key: shard for shard, names in shards.items() for key in names}}
    (path / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=1) + "\n")


if __name__ == "__main__":
    ROOT.mkdir(exist_ok=True)
    torch.manual_seed(1)
    save("every_type", every_type(), every_type())
    save("views", views(), views())
    content, expected = checkpoint()
    save("checkpoint", content, expected)
    save("protocol_4", expected, expected, pickle_protocol=4)
    model_folders("gpt_neox_sequential")
    print("\n".join(f"{path.stat().st_size:8} {path.relative_to(ROOT)}" for path in sorted(ROOT.rglob("*")) if path.is_file()))
