# SPDX-License-Identifier: Apache-2.0
"""Sets bench_forward beside transformers (eager, output_attentions=True) on the same machine and threads, in turns, each run in a process
of its own. Prints wall times, peak memory and their ratios; decides nothing.

    compare_forward.py BENCH_FORWARD FOLDER [ROUNDS]          (FOLDER from make_gpt2_shape.py)
"""
import json
import os
import subprocess
import sys
import statistics

PEER = r"""
import json, resource, sys, time
import torch, transformers
folder, samples, tokens, batch, threads = sys.argv[1], *map(int, sys.argv[2:])
torch.set_num_threads(threads)
model = transformers.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
ids = torch.randint(0, model.config.vocab_size, (samples, tokens))
start, received = time.perf_counter(), 0.0
with torch.no_grad():
    for first in range(0, samples, batch):
        out = model(ids[first:first + batch], output_attentions=True, use_cache=False)
        received += sum(float(a[..., 0].sum()) for a in out.attentions)
        del out
print(json.dumps(dict(seconds=time.perf_counter() - start, peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)))
"""


def run(command):
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def main():
    bench, folder = sys.argv[1], sys.argv[2]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    threads = len(os.sched_getaffinity(0))
    for samples, tokens, batches in ((64, 128, (64, 8)), (1, 4096, (1,))):
        ours, peers = [], {batch: [] for batch in batches}
        for _ in range(rounds):
            ours.append(run([bench, folder, "--samples", str(samples), "--tokens", str(tokens), "--threads", str(threads)]))
            for batch in batches:
                peers[batch].append(run([sys.executable, "-c", PEER, folder, *map(str, (samples, tokens, batch, threads))]))
        middle = lambda runs, key: statistics.median(run[key] for run in runs)
        print(f"{samples} x {tokens} tokens, {threads} threads: {middle(ours, 'seconds'):.2f} s, {max(r['peak_mb'] for r in ours):.0f} MB, "
              f"{middle(ours, 'gflops'):.0f} GFLOP/s of {middle(ours, 'product_gflops'):.0f} for products alone; {ours[0]['compute']}")
        for batch, runs in peers.items():
            seconds, peak = middle(runs, "seconds"), max(r["peak_mb"] for r in runs)
            print(f"  transformers, batches of {batch}: {seconds:.2f} s, {peak:.0f} MB; {seconds / middle(ours, 'seconds'):.2f} times our time, "
                  f"{peak / max(r['peak_mb'] for r in ours):.1f} times our memory")


if __name__ == "__main__":
    main()
