#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times `sinkscope-cli inspect --json` on a sharded checkpoint of 10 GB, made as sparse files: the shape of a LLaMA with 24 layers in
float16. Prints the best and the median of ten runs in milliseconds and the largest resident set, and checks what was printed.

    bench_inspect.py build/dev/bin/sinkscope-cli
"""
import json
import os
import pathlib
import statistics
import struct
import sys
import tempfile
import time

LAYERS, WIDTH, MLP, VOCABULARY, SHARDS = 24, 4096, 13312, 32000, 5


def tensors():
    yield "model.embed_tokens.weight", [VOCABULARY, WIDTH]
    for layer in range(LAYERS):
        place = f"model.layers.{layer}."
        for name in ("q_proj", "o_proj"):
            yield place + f"self_attn.{name}.weight", [WIDTH, WIDTH]
        for name in ("k_proj", "v_proj"):
            yield place + f"self_attn.{name}.weight", [WIDTH // 4, WIDTH]
        for name in ("gate_proj", "up_proj"):
            yield place + f"mlp.{name}.weight", [MLP, WIDTH]
        yield place + "mlp.down_proj.weight", [WIDTH, MLP]
        yield place + "input_layernorm.weight", [WIDTH]
        yield place + "post_attention_layernorm.weight", [WIDTH]
        for bias, size in (("q", WIDTH), ("k", WIDTH // 4), ("v", WIDTH // 4), ("o", WIDTH)):
            yield place + f"self_attn.{bias}_proj.bias", [size]
        for extra in range(28):  # quantisation scales and the like: about 1000 tensors in all
            yield place + f"extra.{extra}.scale", [1]
    yield "model.norm.weight", [WIDTH]
    yield "lm_head.weight", [VOCABULARY, WIDTH]


def write_checkpoint(folder):
    everything = list(tensors())
    weight_map, total = {}, 0
    for shard in range(SHARDS):
        name = f"model-{shard + 1:05}-of-{SHARDS:05}.safetensors"
        header, position = {"__metadata__": {"format": "pt"}}, 0
        for tensor, shape in everything[shard * len(everything) // SHARDS:(shard + 1) * len(everything) // SHARDS]:
            size = 2
            for dimension in shape:
                size *= dimension
            header[tensor] = {"dtype": "F16", "shape": shape, "data_offsets": [position, position + size]}
            position += size
            weight_map[tensor] = name
        text = json.dumps(header).encode()
        with open(folder / name, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            file.truncate(8 + len(text) + position)
        total += position
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {"total_size": total}, "weight_map": weight_map}))
    (folder / "config.json").write_text(json.dumps({
        "model_type": "llama", "num_hidden_layers": LAYERS, "num_attention_heads": 32, "num_key_value_heads": 8, "hidden_size": WIDTH,
        "intermediate_size": MLP, "vocab_size": VOCABULARY, "max_position_embeddings": 4096, "attention_bias": True}))
    return len(everything), total


def run(command):
    """Milliseconds, resident set in MB and standard output of one run."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        child = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, output.fileno(), 1)])
        _, status, usage = os.wait4(child, 0)
        elapsed = (time.perf_counter() - start) * 1000
        if status != 0:
            sys.exit(f"{' '.join(command)} failed with status {status}")
        output.seek(0)
        return elapsed, usage.ru_maxrss / 1000, output.read()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as name:
        count, total = write_checkpoint(pathlib.Path(name))
        runs = [run([program, "inspect", "--json", name]) for _ in range(10)]
    printed = json.loads(runs[0][2])
    if printed["architecture"] != "llama" or len(printed["tensors"]) != count or sum(t["bytes"] for t in printed["tensors"]) != total:
        sys.exit("inspect did not print the checkpoint that was written")
    times = sorted(elapsed for elapsed, _, _ in runs)
    print(f"inspect: {count} tensors, {total / 1e9:.1f} GB in {SHARDS} shards: best {times[0]:.1f} ms, "
          f"median {statistics.median(times):.1f} ms, peak {max(memory for _, memory, _ in runs):.1f} MB")


if __name__ == "__main__":
    main()
