#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Opens the same checkpoints of 10 GB, made as sparse files, with `sinkscope-cli inspect --json` and with the Python packages: a LLaMA of 24
layers in float16 as five safetensors files (safetensors) and as one GGUF file (gguf). Both list every tensor with its name, type and shape;
ours also reads the configuration and finds every tensor's role. Prints the best and the median of ten runs, each in a process of its own, in
milliseconds, the largest resident set, and ratios of the medians; what the interpreter takes to start and import is stated apart.

    python bench_inspect.py build/dev/bin/sinkscope-cli        (needs the packages safetensors, numpy and gguf)
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


def gguf_text(text):
    return struct.pack("<Q", len(text.encode())) + text.encode()


def write_gguf(path):
    """The tensors of the checkpoint in one GGUF file of version 3, under the names that it came with."""
    everything = list(tensors())
    numbers = {"llama.block_count": LAYERS, "llama.context_length": 4096, "llama.embedding_length": WIDTH, "llama.feed_forward_length": MLP,
               "llama.attention.head_count": 32, "llama.attention.head_count_kv": 8}
    head = b"GGUF" + struct.pack("<IQQ", 3, len(everything), 1 + len(numbers)) + gguf_text("general.architecture") + struct.pack("<I", 8) + gguf_text("llama")
    head += b"".join(gguf_text(key) + struct.pack("<II", 4, value) for key, value in numbers.items())
    position = total = 0
    for name, shape in everything:
        size = 2
        for dimension in shape:
            size *= dimension
        head += gguf_text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *reversed(shape), 1, position)
        total += size
        position += (size + 31) // 32 * 32
    with open(path, "wb") as file:
        file.write(head + bytes(-len(head) % 32))
        file.truncate(len(head) + -len(head) % 32 + position)
    return len(everything), total


IMPORTS = {"safetensors": "import json, pathlib, safetensors", "gguf": "import gguf"}
OPENING = {
    "safetensors": """
count = total = 0
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.safetensors")):
    with safetensors.safe_open(file, "np") as opened:
        for name in opened.keys():
            part = opened.get_slice(name)
            size = 2
            for side in part.get_shape():
                size *= side
            part.get_dtype()
            count, total = count + 1, total + size
""",
    "gguf": """
reader = gguf.GGUFReader(sys.argv[1])
count = total = 0
for tensor in reader.tensors:
    (tensor.name, tensor.tensor_type, tuple(tensor.shape))
    count, total = count + 1, total + int(tensor.n_bytes)
""",
}


def script(package, opens):
    body = OPENING[package] + "print(json.dumps([count, total]))" if opens else "print('[]')"
    return "import json, sys\n" + IMPORTS[package] + "\n" + body


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


def report(title, runs):
    """Prints a line and returns the median."""
    times = sorted(elapsed for elapsed, _, _ in runs)
    print(f"  {title}: best {times[0]:.1f} ms, median {statistics.median(times):.1f} ms, peak {max(memory for _, memory, _ in runs):.1f} MB")
    return statistics.median(times)


def compare(title, program, package, path, count, total):
    print(f"{title}: {count} tensors, {total / 1e9:.1f} GB")
    ours, theirs, bare = [], [], []
    for _ in range(10):  # in turn, so that all see the same machine
        ours.append(run([program, "inspect", "--json", path]))
        theirs.append(run([sys.executable, "-c", script(package, True), path]))
        bare.append(run([sys.executable, "-c", script(package, False), path]))
    printed = json.loads(ours[0][2])
    if len(printed["tensors"]) != count or sum(t["bytes"] for t in printed["tensors"]) != total or json.loads(theirs[0][2]) != [count, total]:
        sys.exit("what was opened is not the checkpoint that was written")
    own, other = report("inspect", ours), report(package, theirs)
    start = report(f"starting Python and importing {package}", bare)
    print(f"  ratio of the medians {other / own:.1f}, without start and import {(other - start) / own:.2f}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as name:
        count, total = write_checkpoint(pathlib.Path(name))
        compare(f"safetensors in {SHARDS} shards", program, "safetensors", name, count, total)
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name) / "model.gguf"
        count, total = write_gguf(path)
        compare("GGUF in one file", program, "gguf", str(path), count, total)


if __name__ == "__main__":
    main()
