# SPDX-License-Identifier: Apache-2.0
"""sinkscope-cli beside the Python packages: agreement on many strings for every pipeline, and speed.

    python tests/bench/compare_tokenizers.py build/release/bin/sinkscope-cli            # agreement, 20,000 strings a pipeline
    python tests/bench/compare_tokenizers.py build/release/bin/sinkscope-cli --speed build/release/tests/bench_tokenizer

Agreement: the tokenizers of tests/golden/gen (with SentencePiece's full character maps) are trained into a temporary folder; ids, pieces and offsets
of the command's JSON lines must be those of the tokenizers library. Speed: bench_tokenizer leaves its tokenizer of 128,000 pieces and its text in the
temporary folder; both programs load the one and encode the other on one thread, measured in processor time. Needs tokenizers and sentencepiece.
"""
import argparse
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "golden" / "gen"))
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("RAYON_NUM_THREADS", "1")

import tokenizers  # noqa: E402
from make_tokenizers import KINDS, LARGE_KINDS, SENTENCES, random_string, script_strings, training_text  # noqa: E402
from published_tokenizers import published  # noqa: E402


def agreement(program: str, count: int, only: str) -> bool:
    rng = random.Random(23)
    texts = SENTENCES + script_strings(rng)
    texts += [random_string(rng) for _ in range(count - len(texts))]
    wrong_in_all = 0
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        with open(root / "texts.jsonl", "w", encoding="utf-8") as file:
            file.writelines(json.dumps(text) + "\n" for text in texts)
        for kind, make in {**KINDS, **published(training_text(), True), **LARGE_KINDS}.items():
            if only not in kind:
                continue
            folder = root / kind
            folder.mkdir()
            (folder / "tokenizer.json").write_text(make().to_str(), encoding="utf-8")
            library = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
            ours = subprocess.run([program, "tokenize", str(folder), "--file", str(root / "texts.jsonl"), "--json"], capture_output=True, text=True, encoding="utf-8", check=True)
            lines = ours.stdout.split("\n")[:len(texts)]
            differing = []
            for text, line in zip(texts, lines, strict=True):
                expected = library.encode(text)
                got = json.loads(line)
                if got["ids"] != expected.ids or got["pieces"] != expected.tokens or [tuple(o) for o in got["offsets"]] != expected.offsets:
                    differing.append(text)
            print(f"{kind:28} {len(texts):6} strings compared {len(differing):5} differing", *map(repr, differing[:2]), flush=True)
            wrong_in_all += len(differing)
    return wrong_in_all == 0


def speed(bench: str) -> None:
    output = subprocess.run([bench, "--benchmark_format=json"], capture_output=True, text=True, check=True).stdout
    runs = {run["name"]: run for run in json.loads(output)["benchmarks"]}
    folder = pathlib.Path(tempfile.gettempdir())
    source, text = folder / "sinkscope_bench_tokenizer.json", (folder / "sinkscope_bench_text.txt").read_text(encoding="utf-8")
    began = time.process_time()
    library = tokenizers.Tokenizer.from_file(str(source))
    theirs = time.process_time() - began
    ours = runs["loads"]["cpu_time"] / 1000
    print(f"load 128,000 pieces: Sinkscope {ours:.3f} s, tokenizers {theirs:.3f} s of processor time, ratio {theirs / ours:.2f}")
    for name, run in runs.items():
        size = int(re.sub(r"\D", "", name) or 0)
        if not name.startswith("encodes"):
            continue
        part = text[:size]
        repeats = max(1, 4_000_000 // size)
        began, tokens = time.process_time(), 0
        for _ in range(repeats):
            tokens += len(library.encode(part).ids)
        rate = tokens / (time.process_time() - began)
        print(f"encode {size:8} bytes: Sinkscope {run['tokens/s'] / 1e6:.2f}, tokenizers {rate / 1e6:.2f} million tokens a second and thread, ratio {run['tokens/s'] / rate:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--only", default="", help="pipelines whose name has this in it")
    parser.add_argument("--speed", metavar="BENCH", help="compare speed with this bench_tokenizer instead")
    options = parser.parse_args()
    if options.speed:
        speed(options.speed)
    elif not agreement(options.program, options.count, options.only):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
