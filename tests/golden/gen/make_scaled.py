# SPDX-License-Identifier: Apache-2.0
"""Adds to tests/golden/models: checkpoints with weights of eight bits and scales beside them, as the FP8 versions of published models have
them, and what transformers computes with the weights times their scales.

    python3 tests/golden/gen/make_scaled.py [case ...]        (made with torch 2.13, transformers 5.24, safetensors)
"""
import sys

import torch
import transformers as hf
from safetensors.torch import load_file, save_file

from make_architectures import EXPERTS, LIKE_LLAMA, make, settings_of

LARGEST = torch.finfo(torch.float8_e4m3fn).max


def whole(weight):
    return (weight.abs().max() / LARGEST).reshape(1), lambda scale: scale


def rows(weight):
    return weight.abs().amax(1, keepdim=True) / LARGEST, lambda scale: scale


def blocks(size):
    def scales(weight):
        high, wide = -(-weight.shape[0] // size), -(-weight.shape[1] // size)
        padded = torch.zeros(high * size, wide * size)
        padded[:weight.shape[0], :weight.shape[1]] = weight
        scale = padded.reshape(high, size, wide, size).abs().amax((1, 3)) / LARGEST
        return scale, lambda scale: scale.repeat_interleave(size, 0).repeat_interleave(size, 1)[:weight.shape[0], :weight.shape[1]]
    return scales


def quantised(scales, ending, stored, extra=None):
    """For `convert`: the folder gets the weights times their scales, for the reference, and beside them the file that replaces these."""
    def convert(folder):
        plain, packed = {}, {}
        for name, tensor in load_file(folder / "model.safetensors").items():
            plain[name] = tensor.float()
            packed[name] = tensor
            if not name.endswith("proj.weight") and ".experts." not in name:
                continue
            scale, spread = scales(plain[name])
            scale = scale.to(stored)
            packed[name] = (plain[name] / spread(scale.float())).clamp(-LARGEST, LARGEST).to(torch.float8_e4m3fn)
            packed[name + ending] = scale.contiguous()
            plain[name] = packed[name].float() * spread(scale.float())
            for suffix in extra or ():
                packed[name.removesuffix("weight") + suffix] = torch.tensor(0.25)
        save_file(plain, folder / "model.safetensors", metadata={"format": "pt"})
        save_file(packed, folder / "packed", metadata={"format": "pt"})
    return convert


def packed(**quantization):
    def after(folder):
        (folder / "packed").replace(folder / "model.safetensors")
        settings_of(folder, lambda settings: settings.update(quantization_config=quantization))
    return after


CASES = {
    "qwen3_fp8_blocks": lambda n: make(n, hf.Qwen3ForCausalLM, hf.Qwen3Config(**LIKE_LLAMA), [10], convert=quantised(blocks(10), "_scale_inv", torch.bfloat16),
                                       after=packed(quant_method="fp8", fmt="e4m3", activation_scheme="dynamic", weight_block_size=[10, 10])),
    "llama_fp8_rows": lambda n: make(n, hf.LlamaForCausalLM, hf.LlamaConfig(**LIKE_LLAMA), [9], convert=quantised(rows, "_scale", torch.float32),
                                     after=packed(quant_method="compressed-tensors", format="float-quantized")),
    "mixtral_fp8": lambda n: make(n, hf.MixtralForCausalLM, hf.MixtralConfig(**EXPERTS, intermediate_size=24, num_local_experts=3), [8],
                                  convert=quantised(whole, "_scale", torch.float32, ["input_scale"]), after=packed(quant_method="modelopt", quant_algo="FP8")),
}


def main():
    for name in sys.argv[1:] or CASES:
        CASES[name](name)


if __name__ == "__main__":
    main()
