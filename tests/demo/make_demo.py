#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the demo model in resources/demo and writes its reference numbers.

The model is a small llama-architecture decoder (RoPE, RMSNorm, SwiGLU, tied embeddings) with a byte-level BPE
vocabulary
and a BOS token that the tokenizer's template puts first. It learns from the glosses of WordNet 3.0 (Debian package
wordnet-base). The text is read from /usr/share/wordnet and never copied into the repository.

Needs: Python 3.10+ with torch (2.x), tokenizers, safetensors, numpy, and transformers (--evaluate and --golden only);
       apt install wordnet-base (and g++ with python3-dev for --compile, which trains about twice as fast).

  make_demo.py --out resources/demo                train, export, log to resources/demo/training.csv
  make_demo.py --out resources/demo --resume       continue from the last checkpoint in --work
  make_demo.py --evaluate resources/demo           loss and sink numbers of an exported model (transformers, float32)
  make_demo.py --evaluate resources/demo --golden tests/golden/demo_expected.json
                                                   the same, and the numbers that the C++ tests compare with

The seed fixes the tokenizer, the held-out glosses, the initial weights and the order of the text. Training is repeatable
on one machine with one thread and the same torch; other machines round bfloat16 sums differently and end with slightly
different weights.
"""
import argparse
import csv
import itertools
import json
import math
import pathlib
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

WORDNET = pathlib.Path("/usr/share/wordnet")
SIZE_LIMIT = 4_000_000  # bytes, the whole folder
SHIPPED = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
BOS, BOS_ID = "<bos>", 0
VOCAB, WIDTH, HEADS, LAYERS, MLP, CONTEXT = 4096, 128, 4, 6, 352, 256
ROPE_BASE, NORM_EPS = 10000.0, 1e-5
SINK_EPSILON, SINK_LENGTH, SINK_SEQUENCES = 0.3, 64, 100  # Gu et al., ICLR 2025
COLUMNS = ("step", "tokens", "learning_rate", "train_loss", "validation_loss", "sink_rate_percent", "mean_alpha0",
           "bos_key_norm_ratio", "bos_value_norm_ratio", "seconds")


# --------------------------------------------------------------------------------------------------------------- text
def sentence(text):
    text = text.strip().strip('"').strip()
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?" else text + "."


def read_glosses():
    """One text per synset, in file order: the definition and its examples, each written as a sentence."""
    texts = []
    for name in ("data.noun", "data.verb", "data.adj", "data.adv"):
        for line in (WORDNET / name).read_text(encoding="latin-1").splitlines():
            if line.startswith("  ") or " | " not in line:  # the licence that opens each file
                continue
            gloss = line.split(" | ", 1)[1].strip()
            definition, *examples = gloss.split('; "')
            parts = [sentence(part) for part in (definition, *(e.split('"')[0] for e in examples))]
            texts.append(" ".join(p for p in parts if p))
    return texts


def split_glosses(texts, seed):
    """(training, held out) in file order. Held out: 2 %, blocks of 50, because neighbours are about the same subject."""
    blocks = [texts[i:i + 50] for i in range(0, len(texts), 50)]
    held_out = set(np.random.default_rng(seed).permutation(len(blocks))[:len(blocks) // 50].tolist())
    return tuple([t for b, block in enumerate(blocks) if (b in held_out) == wanted for t in block]
                 for wanted in (False, True))


def train_tokenizer(texts):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=VOCAB, special_tokens=[BOS], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    # Words at the start of a text have no space before them: without these the vocabulary would split "The" there.
    starts = (t.split(" ", 1)[0] for t in texts)
    tokenizer.train_from_iterator(itertools.chain((" " + t for t in texts), starts), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A {BOS} $B", special_tokens=[(BOS, BOS_ID)])
    assert tokenizer.token_to_id(BOS) == BOS_ID and tokenizer.get_vocab_size() == VOCAB
    return tokenizer


def encode_all(tokenizer, texts):
    return [np.array(e.ids, dtype=np.int64) for e in tokenizer.encode_batch(texts, add_special_tokens=False)]


class Packer:
    """Rows of BOS and then glosses in the order of WordNet, which puts related ones side by side, so that words come
    back and looking far back pays. The last gloss of a row is cut where the row ends; each epoch starts elsewhere and
    shuffles the rows."""

    def __init__(self, tokenizer, texts, seed):
        self.first = encode_all(tokenizer, texts)
        self.later = encode_all(tokenizer, [" " + t for t in texts])
        self.seed = seed

    def epoch(self, number, repeat=0.0):
        """All rows once. In a share `repeat` of them a stretch of the row comes again further on: heads that learn to
        copy it have nothing to do elsewhere, which is when a sink is of use."""
        rows, row = [], None
        generator = np.random.default_rng((self.seed, number))
        for i in np.roll(np.arange(len(self.first)), -generator.integers(len(self.first))):
            row = [BOS_ID, *self.first[i]] if row is None else row + list(self.later[i])
            if len(row) >= CONTEXT:
                rows.append(row[:CONTEXT])
                row = None
        rows = generator.permutation(np.array(rows, dtype=np.int64))
        for row in rows[:int(len(rows) * repeat)]:
            length = generator.integers(16, CONTEXT // 2)
            source = generator.integers(1, CONTEXT - 2 * length) if CONTEXT - 2 * length > 1 else 1
            target = generator.integers(source + length, CONTEXT - length + 1)
            row[target:target + length] = row[source:source + length].copy()
        return torch.from_numpy(generator.permutation(rows))


# -------------------------------------------------------------------------------------------------------------- model
def rope_tables():
    half = WIDTH // HEADS // 2
    angle = torch.arange(CONTEXT)[:, None] * ROPE_BASE ** (-torch.arange(half) / half)
    return angle.cos(), angle.sin()


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.out = nn.Linear(WIDTH, WIDTH, bias=False)
        self.gate_up = nn.Linear(WIDTH, 2 * MLP, bias=False)
        self.down = nn.Linear(MLP, WIDTH, bias=False)
        self.norm1 = nn.Parameter(torch.ones(WIDTH))
        self.norm2 = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x, cos, sin, mask, tap):
        batch, length, _ = x.shape
        qkv = self.qkv(F.rms_norm(x, (WIDTH,), self.norm1, NORM_EPS))
        q, k, v = qkv.view(batch, length, 3, HEADS, -1).permute(2, 0, 3, 1, 4)

        def rotate(t):  # in the type of the projections: a float32 detour here costs a third of the training speed
            a, b = t.chunk(2, -1)
            return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)

        cos, sin = cos.to(q.dtype), sin.to(q.dtype)
        q, k = rotate(q), rotate(k)
        weights = torch.softmax(q * (WIDTH // HEADS) ** -0.5 @ k.transpose(-1, -2) + mask.to(q.dtype), -1).to(v.dtype)
        if tap is not None:
            tap.append((weights, k.norm(dim=-1), v.norm(dim=-1)))
        x = x + self.out((weights @ v).transpose(1, 2).reshape(batch, length, WIDTH))
        gate, up = self.gate_up(F.rms_norm(x, (WIDTH,), self.norm2, NORM_EPS)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(VOCAB, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.Parameter(torch.ones(WIDTH))
        cos, sin = rope_tables()
        for name, table in (("cos", cos), ("sin", sin), ("mask", torch.full((CONTEXT, CONTEXT), -1e4).triu(1))):
            self.register_buffer(name, table, persistent=False)
        # 0.02 everywhere suits wide models: at width 128 it leaves attention uniform for the first thousand steps.
        nn.init.normal_(self.embed.weight, std=0.05)
        for block in self.blocks:
            for layer in (block.qkv, block.gate_up):
                nn.init.normal_(layer.weight, std=WIDTH ** -0.5)
            for layer in (block.out, block.down):  # the residual stream keeps its scale with depth
                nn.init.normal_(layer.weight, std=(2 * LAYERS * layer.in_features) ** -0.5)

    def forward(self, ids, tap=None):
        length = ids.shape[1]
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x, self.cos[:length], self.sin[:length], self.mask[:length, :length], tap)
        return F.linear(F.rms_norm(x, (WIDTH,), self.norm, NORM_EPS), self.embed.weight)


def next_token_loss(model, rows):
    return F.cross_entropy(model(rows)[:, :-1].float().flatten(0, 1), rows[:, 1:].flatten())


def hugging_face_tensors(model):
    tensors = {"model.embed_tokens.weight": model.embed.weight, "model.norm.weight": model.norm}
    for i, block in enumerate(model.blocks):
        q, k, v = block.qkv.weight.chunk(3)
        gate, up = block.gate_up.weight.chunk(2)
        named = {"self_attn.q_proj": q, "self_attn.k_proj": k, "self_attn.v_proj": v,
                 "self_attn.o_proj": block.out.weight, "mlp.gate_proj": gate, "mlp.up_proj": up,
                 "mlp.down_proj": block.down.weight,
                 "input_layernorm": block.norm1, "post_attention_layernorm": block.norm2}
        tensors |= {f"model.layers.{i}.{name}.weight": tensor for name, tensor in named.items()}
    return {name: tensor.detach().to(torch.float16).contiguous() for name, tensor in tensors.items()}


def export(model, tokenizer, out):
    from safetensors.torch import save_file
    config = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": VOCAB, "hidden_size": WIDTH,
              "intermediate_size": MLP, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
              "num_key_value_heads": HEADS,
              "head_dim": WIDTH // HEADS, "hidden_act": "silu", "max_position_embeddings": CONTEXT,
              "rope_theta": ROPE_BASE,
              "rms_norm_eps": NORM_EPS, "initializer_range": 0.05, "tie_word_embeddings": True, "attention_bias": False,
              "mlp_bias": False, "use_cache": True, "bos_token_id": BOS_ID, "eos_token_id": None, "pad_token_id": None,
              "torch_dtype": "float16"}
    tokenizer_config = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": BOS, "model_max_length": CONTEXT,
                        "clean_up_tokenization_spaces": False}
    out.mkdir(parents=True, exist_ok=True)
    save_file(hugging_face_tensors(model), out / "model.safetensors", metadata={"format": "pt"})
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    for name, content in (("config.json", config), ("tokenizer_config.json", tokenizer_config)):
        (out / name).write_text(json.dumps(content, indent=2) + "\n")


def check_size(folder):
    total = sum((folder / name).stat().st_size for name in SHIPPED)
    print(f"size: {total:,} bytes of {SIZE_LIMIT:,} allowed")
    if total >= SIZE_LIMIT:
        sys.exit(f"{folder} is too large to ship")


# ------------------------------------------------------------------------------------------------------------ measure
def alpha0(weights):
    """alpha_0 = (1/T) sum_i A_i0 of (..., T, T) attention; the row of BOS itself, which is always 1, counts too."""
    return weights[..., 0].float().mean(-1)


def uniform_alpha0(length):
    return sum(1 / i for i in range(1, length + 1)) / length


def sink_summary(attention_per_layer):
    """From (N, H, T, T) per layer: share of (sample, layer, head) above epsilon, share per layer, mean alpha_0 (L, H)."""
    alpha = torch.stack([alpha0(a) for a in attention_per_layer])  # (L, N, H)
    above = (alpha > SINK_EPSILON).float()
    return above.mean().item(), above.mean((1, 2)), alpha.mean(1)


@torch.no_grad()
def measure(model, rows):
    """Validation loss, sink rate, mean alpha_0 and BOS norm ratios of the model in training (float32)."""
    loss = np.mean([next_token_loss(model, part).item() for part in rows.split(25)])
    tap = []
    model(rows[:SINK_SEQUENCES, :SINK_LENGTH], tap)
    rate, per_layer, alpha = sink_summary([t[0] for t in tap])
    ratio = [float(np.mean([(t[n][..., 0].mean() / t[n][..., 1:].mean()).item() for t in tap])) for n in (1, 2)]
    return loss, 100 * rate, alpha.mean().item(), *ratio, per_layer


# -------------------------------------------------------------------------------------------------------------- train
def learning_rate(step, options):
    """Linear warm-up, constant, then linear to zero over the last 30 % of the steps."""
    decay_from = 0.7 * options.steps
    down = 1.0 if step < decay_from else (options.steps - step) / (options.steps - decay_from)
    return options.lr * min(1.0, (step + 1) / options.warmup) * down


def make_optimizer(model, options):
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": matrices, "weight_decay": options.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=options.lr, betas=(0.9, 0.95), fused=True)


def prepare(options):
    """Tokenizer, packer of the training text and validation rows; the tokenizer is kept in --work between runs."""
    from tokenizers import Tokenizer
    train, held_out = split_glosses(read_glosses(), options.seed)
    path = options.work / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(path)) if options.resume and path.exists() else train_tokenizer(train)
    tokenizer.save(str(path), pretty=False)
    packer = Packer(tokenizer, train, options.seed)
    tokens = sum(map(len, packer.first))
    print(f"{len(train)} glosses ({tokens:,} tokens) to train on, {len(held_out)} held out", flush=True)
    return tokenizer, packer, Packer(tokenizer, held_out, options.seed).epoch(0)


class Log:
    def __init__(self, path, resume_step):
        rows = []
        if resume_step and path.exists():
            rows = [r for r in csv.reader(path.open()) if r and r[0].isdigit() and int(r[0]) <= resume_step]
        self.file = path.open("w", newline="")
        self.writer = csv.writer(self.file, lineterminator="\n")
        self.writer.writerows([COLUMNS, *rows])
        self.last = int(rows[-1][0]) if rows else -1

    def add(self, step, tokens, rate, recent, measured, seconds):
        *numbers, per_layer = measured
        train_loss = np.mean(recent) if recent else float("nan")
        values = [f"{n:.4f}" for n in (train_loss, *numbers)]
        self.writer.writerow([step, tokens, f"{rate:.2e}", *values, f"{seconds:.0f}"])
        self.file.flush()
        print(f"step {step}  loss {train_loss:.3f}  val {numbers[0]:.3f}  sink {numbers[1]:.1f} %  "
              f"alpha0 {numbers[2]:.3f}  |k0|/|k| {numbers[3]:.2f}  |v0|/|v| {numbers[4]:.2f}  per layer "
              + " ".join(f"{100 * x:.0f}" for x in per_layer.tolist())
              + f"  {tokens / max(seconds, 1):.0f} tokens/s", flush=True)


class Trainer:
    def __init__(self, options):
        self.options = options
        self.tokenizer, self.packer, self.validation = prepare(options)
        torch.manual_seed(options.seed)
        self.model = Decoder()
        self.optimizer = make_optimizer(self.model, options)
        self.loss = torch.compile(next_token_loss) if options.compile else next_token_loss
        self.step, self.before = 0, 0.0
        self.state_path = options.work / "state.pt"
        if options.resume:
            state = torch.load(self.state_path, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.step, self.before = state["step"], state["seconds"]
        self.log = Log(options.out / "training.csv", self.step)
        self.started = time.time()
        self.recent = []
        self.epoch, self.rows = -1, None
        self.per_epoch = len(self.packer.epoch(0)) // options.batch - 2  # rows per epoch vary a little with the start

    def seconds(self):
        return self.before + time.time() - self.started

    def checkpoint(self):
        torch.save({"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(), "step": self.step,
                    "seconds": self.seconds()}, self.state_path)
        export(self.model, self.tokenizer, self.options.out)

    def write_log(self):
        self.log.add(self.step, self.step * self.options.batch * CONTEXT, learning_rate(self.step, self.options),
                     self.recent, measure(self.model, self.validation), self.seconds())
        self.recent = []

    def batch(self):
        epoch, at = divmod(self.step, self.per_epoch)
        if epoch != self.epoch:
            self.epoch, self.rows = epoch, self.packer.epoch(epoch, self.options.repeat)
        return self.rows[at * self.options.batch:(at + 1) * self.options.batch]

    def update(self):
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.step, self.options)
        with torch.autocast("cpu", torch.bfloat16):
            loss = self.loss(self.model, self.batch())
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.recent.append(loss.item())
        self.step += 1


def train(options):
    options.work.mkdir(parents=True, exist_ok=True)
    options.out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(options)
    while trainer.step < options.steps:
        if trainer.step % options.log_every == 0 and trainer.step > trainer.log.last:
            trainer.write_log()
        trainer.update()
        if trainer.step % options.save_every == 0:
            trainer.checkpoint()
    trainer.write_log()
    trainer.checkpoint()
    check_size(options.out)


# ----------------------------------------------------------------------------------------------------------- evaluate
def load(folder):
    """The exported float16 model upcast to float32, through transformers, with explicit attention weights."""
    from transformers import AutoModelForCausalLM, AutoTokenizer
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    return model, AutoTokenizer.from_pretrained(folder)


@torch.no_grad()
def report_sinks(title, model, rows):
    out = model(rows, output_attentions=True, use_cache=False)
    rate, per_layer, alpha = sink_summary(out.attentions)
    print(f"{title}: N={rows.shape[0]} T={rows.shape[1]}, uniform alpha_0 {uniform_alpha0(rows.shape[1]):.4f}")
    print(f"  sink rate {100 * rate:.2f} % of heads above {SINK_EPSILON}, mean alpha_0 {alpha.mean():.3f}")
    for layer, (share, heads) in enumerate(zip(per_layer, alpha)):
        numbers = " ".join(f"{a:.3f}" for a in heads.tolist())
        print(f"  layer {layer}: {100 * share:5.1f} %   alpha_0 per head {numbers}")
    return rate


@torch.no_grad()
def golden(model, tokenizer, text):
    """What the C++ tests compare with, for one sentence."""
    ids = tokenizer(text, return_tensors="pt").input_ids
    out = model(ids, output_attentions=True, use_cache=False)
    attention = torch.cat(out.attentions).double()  # (L, H, T, T)
    entropy = torch.special.entr(attention).sum(-1).mean(-1)
    top = out.logits[0, -1].topk(5)

    def rounded(tensor):
        return [[round(x, 6) for x in row] for row in tensor.tolist()]

    about = ("resources/demo through transformers, weights upcast to float32, eager attention. alpha0[layer][head]: mean "
             "over all T rows of A_i0. mean_row_entropy[layer][head]: natural logarithm, mean over all T rows (row 0 "
             "counts 0). top_logits: last position, descending.")
    return {"about": about, "tolerance": {"alpha0": 1e-4, "mean_row_entropy": 1e-3, "logits": 1e-3},
            "text": text, "ids": ids[0].tolist(), "tokens": tokenizer.convert_ids_to_tokens(ids[0].tolist()),
            "alpha0": rounded(alpha0(attention.double())), "mean_row_entropy": rounded(entropy),
            "top_ids": top.indices.tolist(), "top_logits": [round(x, 5) for x in top.values.tolist()]}


def evaluate(options):
    from tokenizers import Tokenizer
    folder = options.evaluate
    model, tokenizer = load(folder)
    check_size(folder)
    own = Tokenizer.from_file(str(folder / "tokenizer.json"))
    sentences = (folder / "sentences.txt").read_text(encoding="utf-8").splitlines()
    encoded = [own.encode(s).ids for s in sentences]
    assert encoded == [tokenizer(s).input_ids for s in sentences], "transformers and tokenizers disagree"
    assert all(ids[0] == BOS_ID for ids in encoded)
    words = sum(len(s.split()) for s in sentences)
    print(f"sentences: {len(sentences)}, {min(map(len, encoded))} to {max(map(len, encoded))} tokens with {BOS}, "
          f"{sum(len(e) - 1 for e in encoded) / words:.2f} tokens per word")
    _, held_out = split_glosses(read_glosses(), options.seed)
    rows = Packer(own, held_out, options.seed).epoch(0)
    with torch.no_grad():
        loss = np.mean([F.cross_entropy(model(r[None]).logits[0, :-1], r[1:]).item() for r in rows])
    print(f"held-out text: {len(rows)} rows of {CONTEXT} tokens, loss {loss:.4f} nats, "
          f"perplexity {math.exp(loss):.2f} per token")
    report_sinks("held-out glosses", model, rows[:SINK_SEQUENCES, :SINK_LENGTH])
    report_sinks(f"held-out glosses without {BOS}", model, rows[:SINK_SEQUENCES, 1:SINK_LENGTH + 1])
    short = torch.tensor([e[:32] for e in encoded if len(e) >= 32])
    if len(short):
        report_sinks("sample sentences", model, short)
    if options.golden:
        options.golden.parent.mkdir(parents=True, exist_ok=True)
        options.golden.write_text(json.dumps(golden(model, tokenizer, sentences[0]), separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, help="folder of the exported model and training.csv")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/demo"),
                        help="checkpoints for --resume")
    parser.add_argument("--evaluate", type=pathlib.Path, metavar="DIR",
                        help="measure an exported model instead of training")
    parser.add_argument("--golden", type=pathlib.Path, metavar="FILE",
                        help="with --evaluate: write the reference numbers")
    parser.add_argument("--steps", type=int, default=12000)
    parser.add_argument("--batch", type=int, default=8, help="rows of 256 tokens per step")
    parser.add_argument("--lr", type=float, default=4e-3)
    parser.add_argument("--warmup", type=int, default=200)
    parser.add_argument("--weight-decay", type=float, default=0.1)
    parser.add_argument("--repeat", type=float, default=0.5, help="share of rows in which a stretch comes twice")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--log-every", type=int, default=250)
    parser.add_argument("--save-every", type=int, default=500)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--compile", action="store_true", help="torch.compile: twice the speed, needs g++")
    options = parser.parse_args()
    if bool(options.out) == bool(options.evaluate):
        parser.error("give either --out or --evaluate")
    torch.set_num_threads(options.threads)
    evaluate(options) if options.evaluate else train(options)


if __name__ == "__main__":
    main()
