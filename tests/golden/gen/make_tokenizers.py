# SPDX-License-Identifier: Apache-2.0
"""Small tokenizers of every kind, and what the Hugging Face tokenizers library makes of many strings.

    python tests/golden/gen/make_tokenizers.py tests/golden/tokenizers              # the fixtures of the tests
    python tests/golden/gen/make_tokenizers.py /tmp/wide --wide 20000               # a large corpus, not committed
    python tests/golden/gen/make_tokenizers.py /tmp/all --wide 0 --code-points      # every code point of the planes in use, likewise

Writes texts.jsonl (one JSON string a line) and per kind a folder with tokenizer.json and expected.jsonl, whose line n is what becomes of text n:
    [template applied, ids, offsets, positions of special tokens, {position: piece where it is not the vocabulary's}, segments or 0 when all are 0]
Offsets are in code points, written as the distance from the end of the token before and the length. All text is made here. Needs the Python packages
tokenizers and sentencepiece. To compare a large corpus: SINKSCOPE_TOKENIZER_FIXTURES=/tmp/wide build/dev/tests/tst_golden_tokenizer
"""
import argparse
import json
import pathlib
import random

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from published_tokenizers import LLAMA3, boundaries, published

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


# One block for each script that Unicode 16 has letters for, by first and last code point.
SCRIPTS = [(0x41, 0x7a), (0x100, 0x17f), (0x250, 0x2af), (0x391, 0x3c9), (0x410, 0x44f), (0x531, 0x586), (0x5d0, 0x5ea), (0x620, 0x64a), (0x710, 0x72f),
           (0x780, 0x7b1), (0x7c0, 0x7ea), (0x800, 0x82d), (0x840, 0x85b), (0x8a0, 0x8ff), (0x904, 0x94d), (0x985, 0x9cd), (0xa05, 0xa4d), (0xa85, 0xacd),
           (0xb05, 0xb4d), (0xb85, 0xbcd), (0xc05, 0xc4d), (0xc85, 0xccd), (0xd05, 0xd4d), (0xd85, 0xddf), (0xe01, 0xe4e), (0xe81, 0xecd), (0xf40, 0xf84),
           (0x1000, 0x104f), (0x10a0, 0x10ff), (0x1100, 0x11ff), (0x1200, 0x137c), (0x13a0, 0x13fd), (0x1401, 0x166c), (0x1680, 0x169c), (0x16a0, 0x16ea),
           (0x1700, 0x1714), (0x1720, 0x1734), (0x1780, 0x17d3), (0x1820, 0x18aa), (0x1900, 0x193b), (0x1950, 0x1974), (0x1980, 0x19c9), (0x1a00, 0x1a1b),
           (0x1a20, 0x1a7f), (0x1b05, 0x1b4c), (0x1b80, 0x1baf), (0x1bc0, 0x1bf3), (0x1c00, 0x1c37), (0x1c50, 0x1c7d), (0x1d00, 0x1dbf), (0x1f00, 0x1ffc),
           (0x2c00, 0x2c5f), (0x2c80, 0x2cee), (0x2d30, 0x2d67), (0x3041, 0x3096), (0x30a1, 0x30fa), (0x3105, 0x312f), (0x3131, 0x318e), (0x3400, 0x3420),
           (0x4e00, 0x4e80), (0xa000, 0xa080), (0xa4d0, 0xa4f7), (0xa500, 0xa560), (0xa6a0, 0xa6ef), (0xa800, 0xa827), (0xa840, 0xa873), (0xa880, 0xa8c4),
           (0xa90a, 0xa92d), (0xa930, 0xa953), (0xa984, 0xa9c0), (0xaa00, 0xaa36), (0xaa80, 0xaac2), (0xabc0, 0xabed), (0xac00, 0xad00), (0xfb50, 0xfbb0),
           (0xff21, 0xff9d), (0x10000, 0x1005d), (0x10280, 0x1029c), (0x10300, 0x1031f), (0x10330, 0x1034a), (0x10380, 0x1039d), (0x10400, 0x1044f),
           (0x10480, 0x104a9), (0x104b0, 0x104fb), (0x10800, 0x10855), (0x10900, 0x1091b), (0x10a00, 0x10a3f), (0x10c00, 0x10c48), (0x10d50, 0x10d85),
           (0x11005, 0x11046), (0x11083, 0x110ba), (0x11305, 0x1134d), (0x11380, 0x113d0), (0x11680, 0x116b7), (0x11900, 0x11943), (0x12000, 0x12080),
           (0x13000, 0x13080), (0x16800, 0x16880), (0x16d40, 0x16d79), (0x1bc00, 0x1bc6a), (0x1d400, 0x1d4ff), (0x1e100, 0x1e14e), (0x1e900, 0x1e94b),
           (0x1f600, 0x1f64f), (0x20000, 0x20080), (0x2ebf0, 0x2ec40), (0x30000, 0x30040), (0x31350, 0x31380)]


def script_strings(rng: random.Random) -> list[str]:
    return [" ".join("".join(chr(rng.randint(*block)) for _ in range(rng.randrange(2, 6))) for _ in range(2)) for block in SCRIPTS]


def code_point_strings() -> list[str]:
    """Every code point of the planes in use, between letters, beside spaces and in runs."""
    used = [c for c in [*range(0x34000), *range(0xe0000, 0xe0200), 0xf0000, 0x10fffd] if not 0xd800 <= c <= 0xdfff]
    runs = ["".join(chr(c) for c in used[i:i + 64]) for i in range(0, len(used), 64)]
    return runs + ["".join(f"a{chr(c)}b {chr(c)} " for c in used[i:i + 64]) for i in range(0, len(used), 64)]


def random_string(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.35:  # fragments of sentences, glued
        return "".join(s[rng.randrange(len(s) + 1):][:rng.randrange(1, 25)] for s in rng.choices(SENTENCES, k=rng.randrange(1, 5)))
    if kind < 0.6:  # words of one or two scripts
        blocks = rng.sample(RANGES, 2)
        return " ".join("".join(chr(rng.randrange(*rng.choice(blocks))) for _ in range(rng.randrange(1, 9))) for _ in range(rng.randrange(1, 6)))
    if kind < 0.8:  # white space and punctuation
        return "".join(rng.choice(" \t\n\r.,;:!?'\"-_()[]{}<>|/\\@#$%^&*+=~`aZ9é漢") for _ in range(rng.randrange(1, 30)))
    return "".join(chr(c) for c in (rng.randrange(rng.choice([0x3000, 0x11000, 0x20000, 0x34000, 0x110000])) for _ in range(rng.randrange(1, 20)))
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


def byte_level_normalizer() -> Tokenizer:
    """Bytes before splitting, and a Split that is inverted: the pattern names the words."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Strip(left=False, right=True), normalizers.ByteLevel()])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("\u0120?[^\u0120\u010a]+|\u010a+|\u0120+"), behavior="removed", invert=True)
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(training_text(), trainer)
    tokenizer.add_tokens(["E=mc\u00b2", AddedToken("\u00e9t\u00e9", rstrip=True)])
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True, add_prefix_space=False)
    return tokenizer


def splits() -> Tokenizer:
    """Every behavior of a Split, string and regular expression, one after the other; a suffix at the end of words; unknown characters not fused."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFD(), normalizers.Replace(Regex(r"\s{2,}"), " "), normalizers.Replace("''", '"')])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split("-", behavior="merged_with_next"),
        pre_tokenizers.Split(Regex(r"[\p{Ps}\p{Pe}]"), behavior="isolated"), pre_tokenizers.Split(Regex(r"(?i:qu)|\p{Sc}|^b"), behavior="merged_with_previous"),
        pre_tokenizers.Split(Regex(r"[\p{Lu}\p{Lt}]"), behavior="contiguous"), pre_tokenizers.Split(Regex(r"[^\W\d_]+"), behavior="isolated", invert=True),
        pre_tokenizers.Digits(individual_digits=False), pre_tokenizers.Punctuation(behavior="isolated")])
    tokenizer.train_from_iterator(training_text(), trainers.BpeTrainer(vocab_size=500, special_tokens=["<unk>"], end_of_word_suffix="</w>", limit_alphabet=120, show_progress=False))
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, rstrip=True), "<unk>"])
    return tokenizer


def sentencepiece_always() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=False, byte_fallback=True))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["<unk>", "</s>"] + [f"<0x{b:02X}>" for b in range(0x80)], limit_alphabet=70, show_progress=False)
    tokenizer.train_from_iterator(training_text(), trainer)
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = [t for t in state["added_tokens"] if t["content"] in ("<unk>", "</s>")]
    state["model"]["merges"] = [" ".join(m) for m in state["model"]["merges"]]  # the older format
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.add_tokens([AddedToken("Newtok", normalized=True), AddedToken("NEWTOK", normalized=False, single_word=True)])
    tokenizer.post_processor = processors.TemplateProcessing(single="$A:2 </s>:3", pair="$A $B", special_tokens=[("</s>", 1)])
    return tokenizer


KINDS = {
    "byte_level_gpt2": byte_level_gpt2, "byte_level_trimmed": byte_level_trimmed, "byte_level_llama3": byte_level_llama3,
    "byte_level_normalizer": byte_level_normalizer, "sentencepiece_normalizer": lambda: sentencepiece_llama2(False),
    "sentencepiece_metaspace": lambda: sentencepiece_llama2(True), "sentencepiece_always": sentencepiece_always, "splits": splits,
    "boundaries_gpt2": lambda: boundaries(GPT2), "boundaries_llama3": lambda: boundaries(LLAMA3), "boundaries_classes": lambda: boundaries(CLASSES),
    "unknown_fused": unknown_fused, "wordpiece_uncased": lambda: wordpiece(True), "wordpiece_cased": lambda: wordpiece(False),
}


GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CLASSES = (r"[^\S\r\n]+|\p{Han}+|\p{^L}\p{M}+|[[:punct:]]+\b|(?m:c.d)|\u0061{2,}|_?\d+|\h\h|^[\P{Lu}_]$|(?<=[.])\W++|\p{Greek}+|[^\p{Alnum}[:space:]\p{Lm}]")


def normalized_bytes(normalizer) -> Tokenizer:
    """Every byte of the normalized text is a token."""
    alphabet = {c: i for i, c in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(alphabet, []))
    tokenizer.normalizer = normalizers.Sequence([normalizer, normalizers.ByteLevel()])
    return tokenizer


# Only in large corpora: their rows are long.
LARGE_KINDS = {
    "bytes_nfd": lambda: normalized_bytes(normalizers.NFD()), "bytes_nfkd": lambda: normalized_bytes(normalizers.NFKD()),
    "bytes_accents": lambda: normalized_bytes(normalizers.Sequence([normalizers.StripAccents(), normalizers.Lowercase()])),
    "bytes_bert": lambda: normalized_bytes(normalizers.BertNormalizer()), "bytes_nmt": lambda: normalized_bytes(normalizers.Nmt()),
}


def expected_row(tokenizer: Tokenizer, added: dict[int, str], text: str, special: bool) -> str:
    encoding = tokenizer.encode(text, add_special_tokens=special)
    offsets, last = [], 0
    for begin, end in encoding.offsets:
        offsets += [begin - last, end - begin]
        last = end
    spelled = [added[i] if i in added else tokenizer.id_to_token(i) for i in encoding.ids]
    pieces = {str(i): piece for i, (piece, usual) in enumerate(zip(encoding.tokens, spelled)) if piece != usual}
    row = [int(special), encoding.ids, offsets, [i for i, m in enumerate(encoding.special_tokens_mask) if m], pieces, encoding.type_ids if any(encoding.type_ids) else 0]
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--wide", type=int, default=270, help="random strings")
    parser.add_argument("--only", default="", help="kinds whose name has this in it")
    parser.add_argument("--code-points", action="store_true", help="every code point too")
    options = parser.parse_args()
    rng = random.Random(17)
    texts = SENTENCES + script_strings(rng) + [random_string(rng) for _ in range(options.wide)] + (code_point_strings() if options.code_points else [])
    options.folder.mkdir(parents=True, exist_ok=True)
    with open(options.folder / "texts.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps(text, ensure_ascii=False) + "\n" for text in texts)
    large = options.code_points or options.wide > 1000
    for name, make in {**KINDS, **published(training_text(), large), **(LARGE_KINDS if large else {})}.items():
        if options.only not in name:
            continue
        tokenizer = make()
        folder = options.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "tokenizer.json").write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        added = {i: token.content for i, token in tokenizer.get_added_tokens_decoder().items()}
        with open(folder / "expected.jsonl", "w", encoding="utf-8") as file:
            file.writelines(expected_row(tokenizer, added, text, index % 4 != 3) for index, text in enumerate(texts))
    manifest = {"made_by": f"tokenizers {tokenizers.__version__}", "command": "python tests/golden/gen/make_tokenizers.py tests/golden/tokenizers"}
    (options.folder / "manifest.json").write_text(json.dumps(manifest) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
