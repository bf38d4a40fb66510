# SPDX-License-Identifier: Apache-2.0
"""Sets bench_forward beside transformers (float32, eager, output_attentions=True) on the same machine and threads, in turns, each run in a
process of its own. Prints times, peak memory and their ratios; decides nothing.

    compare_forward.py BENCH_FORWARD FOLDER [--rounds 3] [--sizes 64x128,1x2048] [--batches 8,64] [--dtypes f32,bf16] [--devices cpu,cuda]
    compare_forward.py BENCH_FORWARD FOLDER --padding        samples of 16 to 128 tokens beside as many tokens in samples of one length

FOLDER comes from make_shape.py. Times are the least of the rounds and, in brackets, their median: on a machine that is busy with other
things the least is what the code costs, and processor time says more than either.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

PEER = r"""
import json, resource, sys, time
import torch, transformers
folder, device, samples, tokens, batch, threads = *sys.argv[1:3], *map(int, sys.argv[3:])
torch.set_num_threads(threads)
model = transformers.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval().to(device)
ids = torch.randint(0, model.config.vocab_size, (samples, tokens)).to(device)
body = model.base_model  # ours computes no logits either
start, used, received = time.perf_counter(), time.process_time(), 0.0
with torch.no_grad():
    for first in range(0, samples, batch):
        out = body(ids[first:first + batch], output_attentions=True, use_cache=False)
        received += sum(float(a[..., 0].sum()) for a in out.attentions)
        del out
print(json.dumps(dict(seconds=time.perf_counter() - start, cpu_seconds=time.process_time() - used, peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)))
"""


def run(command):
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


class Side:
    def __init__(self, title, command):
        self.title, self.command, self.runs = title, command, []

    def least(self, key="seconds"):
        return min(run[key] for run in self.runs)

    def peak(self):
        return max(run["peak_mb"] for run in self.runs)

    def times(self):
        middle = statistics.median(run["seconds"] for run in self.runs)
        return f"{self.least():.2f} s ({middle:.2f} s), {self.least('cpu_seconds'):.2f} s of processor time, {self.peak():.0f} MB"


def alternate(sides, rounds):
    for _ in range(rounds):
        for side in sides:
            side.runs.append(run(side.command))


def compare(options, samples, tokens, threads):
    size = ["--samples", str(samples), "--tokens", str(tokens), "--threads", str(threads)]
    devices = options.devices.split(",")
    ours = [Side(" ".join([dtype] + ([device] if device != "cpu" else [])), [options.bench, options.folder, *size, "--dtype", dtype, "--device", device])
            for device in devices for dtype in options.dtypes.split(",")]
    batches = sorted({min(int(batch), samples) for batch in options.batches.split(",")})
    peers = [Side(f"transformers on {device}, batches of {batch}",
                  [sys.executable, "-c", PEER, options.folder, device, str(samples), str(tokens), str(batch), str(threads)])
             for device in devices for batch in batches]
    alternate(ours + peers, options.rounds)
    print(f"{samples} x {tokens} tokens, {threads} threads, {ours[0].runs[0]['compute']}", flush=True)
    for side in ours:
        best = max(side.runs, key=lambda one: one["gflops"])
        print(f"  {side.title}: {side.times()}; {best['gflops']:.0f} GFLOP/s in all, {best['linear_gflops']:.0f} in the matrix products, "
              f"which alone reach {max(one['product_gflops'] for one in side.runs):.0f}")
    for peer in peers:
        ratios = ", ".join(f"{peer.least() / side.least():.2f} times our {side.title} time ({peer.least('cpu_seconds') / side.least('cpu_seconds'):.2f} "
                           f"in processor time) and {peer.peak() / side.peak():.1f} times its memory" for side in ours)
        print(f"  {peer.title}: {peer.times()}; {ratios}", flush=True)


def padding(options, threads):
    """The same number of tokens in all, in samples of one length and in samples of many lengths: padding would make the second slower."""
    common = [options.bench, options.folder, "--threads", str(threads), "--samples", "64"]
    for dtype in options.dtypes.split(","):
        even = Side("one length", [*common, "--tokens", "72", "--dtype", dtype])
        mixed = Side("many lengths", [*common, "--tokens", "72", "--spread", "56", "--dtype", dtype])
        alternate([even, mixed], options.rounds)
        print(f"{dtype}: 64 samples of 72 tokens {even.times()}; of 16 to 128 tokens, as many in all {mixed.times()}; ratio {mixed.least() / even.least():.2f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", default="64x128,1x2048")
    parser.add_argument("--batches", default="8,64")
    parser.add_argument("--dtypes", default="f32,bf16")
    parser.add_argument("--devices", default="cpu")
    parser.add_argument("--padding", action="store_true")
    options = parser.parse_args()
    threads = len(os.sched_getaffinity(0))
    if options.padding:
        return padding(options, threads)
    for size in options.sizes.split(","):
        compare(options, *map(int, size.split("x")), threads)


if __name__ == "__main__":
    main()
