# SPDX-License-Identifier: Apache-2.0
"""Makes tests/golden/rope/frequencies.json: frequencies and attention factors of rotary embeddings as transformers computes them.

    python3 tests/golden/gen/make_rope.py            (made with torch 2.13, transformers 5.23)
"""
import json
import pathlib

import transformers
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

OUT = pathlib.Path(__file__).resolve().parents[1] / "rope" / "frequencies.json"
CASES = [  # head width, longest position, rope_parameters, tokens of the sequence (dynamic only)
    (64, 4096, dict(rope_type="linear", rope_theta=10000.0, factor=4.0), 100),
    (64, 4096, dict(rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                    original_max_position_embeddings=2048), 100),
    (64, 2048, dict(rope_type="dynamic", rope_theta=10000.0, factor=2.0), 5000),
    (128, 8192, dict(rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=2048), 100),
    (128, 131072, dict(rope_type="yarn", rope_theta=1000000.0, factor=4.0, original_max_position_embeddings=32768, truncate=False), 100),
    (64, 163840, dict(rope_type="yarn", rope_theta=10000.0, factor=40.0, original_max_position_embeddings=4096, beta_fast=32, beta_slow=1,
                      mscale=1.0, mscale_all_dim=0.707), 100),
    (64, 8192, dict(rope_type="yarn", rope_theta=500.0, factor=8.0, original_max_position_embeddings=1024, beta_fast=16.0, beta_slow=2.0,
                    attention_factor=1.25), 100),
    (32, 64, dict(rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=16), 100),
    (32, 64, dict(rope_type="yarn", rope_theta=10000.0, factor=1.0, original_max_position_embeddings=64), 100),
]


def main():
    cases = []
    for width, longest, parameters, tokens in CASES:
        config = transformers.LlamaConfig(hidden_size=4 * width, num_attention_heads=4, head_dim=width, max_position_embeddings=longest,
                                          rope_parameters=parameters)
        function = ROPE_INIT_FUNCTIONS[parameters["rope_type"]]
        frequencies, factor = function(config, "cpu", seq_len=tokens)
        cases.append(dict(width=width, positions=longest, rope=parameters, tokens=tokens, attention_factor=factor,
                          frequencies=[float(f) for f in frequencies]))
    OUT.parent.mkdir(exist_ok=True)
    lines = ",\n ".join(json.dumps(case) for case in cases)
    OUT.write_text('{"transformers": "' + transformers.__version__ + '",\n"cases": [\n ' + lines + "]}\n")
    print(len(cases), "cases,", OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
