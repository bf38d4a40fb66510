# SPDX-License-Identifier: Apache-2.0
"""Writes a checkpoint of GPT-2-small's shape with random weights (float32, 0.5 GB) into a folder: make_gpt2_shape.py FOLDER [POSITIONS]"""
import sys

import torch
import transformers

torch.manual_seed(0)
positions = int(sys.argv[2]) if len(sys.argv) > 2 else 4096
config = transformers.GPT2Config(n_positions=positions, initializer_range=0.05)
transformers.GPT2LMHeadModel(config).save_pretrained(sys.argv[1])
