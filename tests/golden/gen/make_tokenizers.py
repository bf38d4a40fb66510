# SPDX-License-Identifier: Apache-2.0
"""Small tokenizers of every kind, and what the Hugging Face tokenizers library makes of many strings.

    python tests/golden/gen/make_tokenizers.py tests/golden/tokenizers              # the fixtures of the tests
    python tests/golden/gen/make_tokenizers.py /tmp/wide --wide 20000               # a large corpus, not committed

Writes per kind a folder with tokenizer.json and expected.jsonl: one object a line with text, special (whether the template was applied), ids, and
offsets in code points. All training text is made here. Needs the Python package tokenizers.
"""
import argparse
import json
import pathlib
import random

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")

SENTENCES = [
    "The field of a charge falls off with the square of the distance from it.",
    "We don't know whether it's the first token or the second that they'll use.",
    "Café, naïve, Ångström, señor, Übergröße, façade and crème brûlée.",
    "x = [i**2 for i in range(10) if i % 3 == 0]\n\tprint(f'{x!r}')\n",
    "В начале было слово, и слово было длинным.", "Η γρήγορη αλεπού πηδά πάνω από το σκυλί.",
    "深い井戸の底で蛙が鳴く。", "水在零度结冰,在一百度沸腾。", "빛은 입자이면서 파동이다.", "الضوء ينتقل بسرعة ثابتة في الفراغ.",
    "האור נע במהירות קבועה.", "प्रकाश एक तरंग भी है।", "แสงเดินทางเป็นเส้นตรง", "ความร้อน", "Ánh sáng là sóng và hạt.",
    "ẞ ß ſ İ ı ǅ Σ σ ς ﬁ ﬂ ½ ² ™ ①", "e\u0301 o\u0308 n\u0303 \u1e69 s\u0323\u0307 \u0344 \u212b \uac00\u11a8 \u1100\u1161",
    "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪 ☃️ 1️⃣", "a\u00a0b\u2003c\u3000d\u200be\ufefff\u180eg\u0085h", "tab\tnew\nline\r\nreturn\rfeed\x0cvt\x0b.",
    "   three   spaces    and\n\n\nlines   ", " ", "", "\n", "  \t ", "'s 't 'RE 'Ve I'LL you'd", "1234567890 12.5e-3 0x1F ٣٤٥ Ⅷ",
    "https://example.org/a?b=c&d=%20#e", "snake_case camelCase SCREAMING kebab-case", "<s> </s> [CLS] [SEP] [MASK] <|end|> <bos>",
    "\x00\x01\x02\x1b[0m\x7f\x80\x9f\ufffd\ufffe", "\U0001d49c\U0001f600\U00020000\U000e0001", "supercalifragilistic" * 3, "a" * 70, "漢" * 20, "-" * 40,
    "word<|end|>word <|end|> <|end|>", "user@host: ~/src$ ls -la | grep '^d' > out.txt", "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α ∧ ¬β ≡ ¬(¬α ∨ β)",
    "masked [MASK]here and [MASK] there", "newtok newtoken NEWTOK anewtok newtok.", "Zeit und Raum sind relativ", "l'été d'août qu'il",
]

RANGES = [(0x20, 0x7e), (0xa0, 0x17f), (0x300, 0x36f), (0x370, 0x3ff), (0x400, 0x4ff), (0x590, 0x5ff), (0x600, 0x6ff), (0x900, 0x97f), (0xe00, 0xe7f),
          (0x1100, 0x11ff), (0x1e00, 0x1eff), (0x2000, 0x206f), (0x2070, 0x2bff), (0x3000, 0x30ff), (0x4e00, 0x4fff), (0xac00, 0xacff), (0xf900, 0xfaff),
          (0xfb00, 0xfb4f), (0xff00, 0xffef), (0x1f300, 0x1f64f), (0x1d400, 0x1d4ff), (0x20000, 0x20050)]


def random_string(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.35:  # fragments of sentences, glued
        return "".join(s[rng.randrange(len(s) + 1):][:rng.randrange(1, 25)] for s in rng.choices(SENTENCES, k=rng.randrange(1, 5)))
    if kind < 0.6:  # words of one or two scripts
        blocks = rng.sample(RANGES, 2)
        return " ".join("".join(chr(rng.randrange(*rng.choice(blocks))) for _ in range(rng.randrange(1, 9))) for _ in range(rng.randrange(1, 6)))
    if kind < 0.8:  # white space and punctuation
        return "".join(rng.choice(" \t\n\r.,;:!?'\"-_()[]{}<>|/\\@#$%^&*+=~`aZ9é漢") for _ in range(rng.randrange(1, 30)))
    return "".join(chr(c) for c in (rng.randrange(0x11000 if rng.random() < 0.9 else 0x110000) for _ in range(rng.randrange(1, 20)))
                   if not 0xd800 <= c <= 0xdfff)


def training_text() -> list[str]:
    rng = random.Random(3)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    words = ["".join(rng.choices(syllables, k=rng.randrange(1, 4))) for _ in range(300)]
    invented = [" ".join(rng.choices(words, k=12)).capitalize() + "." for _ in range(150)]
    return SENTENCES * 3 + invented


def byte_level_gpt2() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=500, special_tokens=["<|end|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(training_text(), trainer)
    return tokenizer


def byte_level_trimmed() -> Tokenizer:
    tokenizer = byte_level_gpt2()
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.add_special_tokens(["<s>", "</s>"])
    tokenizer.add_tokens([AddedToken("newtok", single_word=True), AddedToken("[MASK]", lstrip=True, rstrip=False)])
    ids = {t: tokenizer.token_to_id(t) for t in ("<s>", "</s>")}
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", ids["</s>"]), ("<s>", ids["<s>"]), trim_offsets=True, add_prefix_space=True)
    return tokenizer


def byte_level_llama3() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    split = pre_tokenizers.Split(Regex(LLAMA3), behavior="isolated", invert=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=False)])
    trainer = trainers.BpeTrainer(vocab_size=500, special_tokens=["<bos>", "<|end|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(training_text(), trainer)
    template = processors.TemplateProcessing(single="<bos> $A", pair="<bos> $A <bos>:1 $B:1", special_tokens=[("<bos>", tokenizer.token_to_id("<bos>"))])
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=True), template])
    return tokenizer


def sentencepiece_llama2(metaspace: bool) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    specials = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=specials, limit_alphabet=90, show_progress=False)
    tokenizer.train_from_iterator(training_text(), trainer)
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = [t for t in state["added_tokens"] if t["content"] in specials[:3]]
    tokenizer = Tokenizer.from_str(json.dumps(state))
    if not metaspace:
        tokenizer.pre_tokenizer = None
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])
    return tokenizer


def unknown_fused() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, continuing_subword_prefix="##"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True),
                                                       pre_tokenizers.Punctuation(behavior="merged_with_previous")])
    tokenizer.train_from_iterator(training_text(), trainers.BpeTrainer(vocab_size=400, special_tokens=["<unk>"], limit_alphabet=60, continuing_subword_prefix="##", show_progress=False))
    return tokenizer


def wordpiece(lowercase: bool) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=30))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(training_text(), trainers.WordPieceTrainer(vocab_size=600, special_tokens=specials, limit_alphabet=250, show_progress=False))
    ids = {t: tokenizer.token_to_id(t) for t in specials}
    if lowercase:
        tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
                                                                 special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])])
    else:
        tokenizer.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    return tokenizer


KINDS = {
    "byte_level_gpt2": byte_level_gpt2, "byte_level_trimmed": byte_level_trimmed, "byte_level_llama3": byte_level_llama3,
    "sentencepiece_normalizer": lambda: sentencepiece_llama2(False), "sentencepiece_metaspace": lambda: sentencepiece_llama2(True),
    "unknown_fused": unknown_fused, "wordpiece_uncased": lambda: wordpiece(True), "wordpiece_cased": lambda: wordpiece(False),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--wide", type=int, default=260, help="random strings per kind")
    options = parser.parse_args()
    for name, make in KINDS.items():
        tokenizer = make()
        folder = options.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        compact = json.loads(tokenizer.to_str())
        (folder / "tokenizer.json").write_text(json.dumps(compact, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        rng = random.Random(name)
        texts = SENTENCES + [random_string(rng) for _ in range(options.wide)]
        with open(folder / "expected.jsonl", "w", encoding="utf-8") as file:
            for index, text in enumerate(texts):
                special = index % 4 != 3
                encoding = tokenizer.encode(text, add_special_tokens=special)
                row = {"text": text, "special": special, "ids": encoding.ids, "offsets": [v for pair in encoding.offsets for v in pair],
                       "mask": encoding.special_tokens_mask}
                file.write(json.dumps(row, separators=(",", ":")) + "\n")
    manifest = {"made_by": f"tokenizers {tokenizers.__version__}", "command": "python tests/golden/gen/make_tokenizers.py tests/golden/tokenizers"}
    (options.folder / "manifest.json").write_text(json.dumps(manifest) + "\n", encoding="utf-8")


main()
