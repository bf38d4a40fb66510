# SPDX-License-Identifier: Apache-2.0
"""Pipelines of published tokenizers around small models, for make_tokenizers.py and tests/bench/compare_tokenizers.py."""
import functools
import io

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
LLAMA3 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CL100K = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
UPPER, LOWER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"
O200K = (rf"[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]*[{LOWER}]+{CONTRACTIONS}?|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}]+[{LOWER}]*{CONTRACTIONS}?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
KIMI = (rf"[\p{{Han}}]+|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}&&[^\p{{Han}}]]*[{LOWER}&&[^\p{{Han}}]]+{CONTRACTIONS}?"
        rf"|[^\r\n\p{{L}}\p{{N}}]?[{UPPER}&&[^\p{{Han}}]]+[{LOWER}&&[^\p{{Han}}]]*{CONTRACTIONS}?"
        r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK3 = (r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""")
BLOOM = " ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+"


def isolated(pattern: str) -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Split(Regex(pattern), behavior="isolated")


def byte_level(split: list, text: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(ignore_merges=len(split) == 1))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(split)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=420, special_tokens=["<|endoftext|>", "<|start|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(text, trainer)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer


def bytes_only() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=False)


def falcon(text: list[str]) -> Tokenizer:
    return byte_level([pre_tokenizers.Punctuation(behavior="contiguous"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
                       pre_tokenizers.Digits(individual_digits=False), isolated("[0-9][0-9][0-9]")], text)


def deepseek_llm(text: list[str]) -> Tokenizer:
    return byte_level([isolated("[\r\n]"), isolated(r"\s?\p{L}+"), isolated(r"\s?\p{P}+"), isolated("[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"),
                       pre_tokenizers.Digits(individual_digits=True), bytes_only()], text)


def deepseek3(text: list[str]) -> Tokenizer:
    return byte_level([isolated(r"\p{N}{1,3}"), isolated("[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"), isolated(DEEPSEEK3), bytes_only()], text)


def starcoder(text: list[str]) -> Tokenizer:
    return byte_level([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)], text)


@functools.cache
def character_map(name: str, rules: tuple = ()) -> bytes:
    """SentencePiece's compiled character map: a rule set of its own by name, or one compiled from (from, to) pairs."""
    model = io.BytesIO()
    settings = {"normalization_rule_name": name}
    if rules:
        import tempfile
        file = tempfile.NamedTemporaryFile("w", suffix=".tsv", delete=False, encoding="utf-8")
        for source, target in rules:
            file.write(" ".join(f"{ord(c):X}" for c in source) + "\t" + " ".join(f"{ord(c):X}" for c in target) + "\n")
        file.close()
        settings = {"normalization_rule_tsv": file.name}
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(["a few words for a model", "that nobody needs"] * 20), model_writer=model, vocab_size=40,
                                             hard_vocab_limit=False, minloglevel=2, **settings)
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue())
    return proto.normalizer_spec.precompiled_charsmap


# What a small map can show: one to many, many to one, none, spaces, combinations, characters that clusters begin with.
RULES = (("\ufb01", "fi"), ("\u00bd", "1\u20442"), ("e\u0301", "\u00e9"), ("o\u0308", "\u00f6"), ("\u2460", "1"), ("\u212b", "\u00c5"), ("\u200b", " "), ("\t", " "), ("\n", " "),
         ("\r", " "), ("\u3000", " "), ("\u0007", ""), ("\u00ad", ""), ("\u2026", "..."), ("\u00b2", "2"), ("\uff21", "A"), ("\u30d1", "pa"), ("\u1100\u1161", "\uac00"),
         ("\u00df", "ss"), ("\u0130", "i"), ("\u2122", "TM"), ("\ufdfa", "\u0635\u0644\u0649 \u0627\u0644\u0644\u0647"), ("\U0001d49c", "A"), ("\u093c", ""))


def unigram(text: list[str], size: int, specials: list[str], train_normalizer, train_split) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = train_normalizer
    tokenizer.pre_tokenizer = train_split
    tokenizer.train_from_iterator(text, trainers.UnigramTrainer(vocab_size=size, special_tokens=specials, unk_token="<unk>", show_progress=False))
    return tokenizer


def xlm_roberta(text: list[str], charsmap: bytes) -> Tokenizer:
    tokenizer = unigram(text, 600, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
                        normalizers.Sequence([normalizers.Precompiled(charsmap), normalizers.Replace(Regex(" {2,}"), " ")]),
                        pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always"))
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return tokenizer


def t5(text: list[str], charsmap: bytes) -> Tokenizer:
    tokenizer = unigram(text, 500, ["<pad>", "</s>", "<unk>"], normalizers.Precompiled(charsmap),
                        pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")]))
    tokenizer.add_special_tokens([AddedToken(f"<extra_id_{i}>", normalized=False) for i in range(9, -1, -1)])
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    return tokenizer


def t5_stripped(text: list[str], charsmap: bytes) -> Tokenizer:
    """As transformers converts SentencePiece files today; bytes for what is unknown."""
    state = models.Unigram([("<unk>", 0.0)] + [(f"<0x{b:02X}>", -20.0 - b / 7) for b in range(256)] +
                           [(piece, -2.5 - i * 0.0137) for i, piece in enumerate(dict.fromkeys(["\u2581"] + sorted({c for s in text for c in s if c.isalpha()})[:80] +
                            [s[i:i + n] for s in text[:60] for n in (2, 3, 4) for i in range(0, 60, 5) if len(s[i:i + n]) == n]))], 0, True)
    tokenizer = Tokenizer(state)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Precompiled(charsmap), normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), "\u2581")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="first", split=True)
    tokenizer.add_special_tokens(["<unk>"])
    return tokenizer


def albert(text: list[str], charsmap: bytes) -> Tokenizer:
    rules = [normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(),
             normalizers.Precompiled(charsmap), normalizers.Replace(Regex(" {2,}"), " ")]
    tokenizer = unigram(text, 400, ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"], normalizers.Sequence(rules), pre_tokenizers.Metaspace())
    tokenizer.add_special_tokens([AddedToken("[MASK]", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return tokenizer


def gemma(text: list[str]) -> Tokenizer:
    specials = ["<pad>", "<eos>", "<bos>", "<unk>"] + [f"<0x{b:02X}>" for b in range(256)]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "\u2581")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", behavior="merged_with_previous")
    tokenizer.train_from_iterator(text, trainers.BpeTrainer(vocab_size=600, special_tokens=specials, limit_alphabet=80, max_token_length=8, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A", pair="<bos> $A <bos> $B", special_tokens=[("<bos>", 2)])
    return tokenizer


def words_and_rules(text: list[str]) -> Tokenizer:
    """One token a word; every other part that published files seldom use."""
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.CharDelimiterSplit("|"), pre_tokenizers.UnicodeScripts(), pre_tokenizers.WhitespaceSplit(),
                                                       pre_tokenizers.FixedLength(4)])
    tokenizer.train_from_iterator(text, trainers.WordLevelTrainer(vocab_size=300, special_tokens=["[UNK]"], show_progress=False))
    return tokenizer


def scripts_only(text: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE({"<unk>": 0}, [], unk_token="<unk>", fuse_unk=True))
    tokenizer.pre_tokenizer = pre_tokenizers.UnicodeScripts()
    return tokenizer


def boundaries(pattern: str) -> Tokenizer:
    """No piece is known, so that each part that the pattern leaves becomes one token: the offsets show where it divides."""
    tokenizer = Tokenizer(models.BPE({"<unk>": 0}, [], unk_token="<unk>", fuse_unk=True))
    tokenizer.pre_tokenizer = isolated(pattern)
    return tokenizer


def published(text: list[str], full_maps: bool) -> dict:
    """Constructors by name. `full_maps`: with SentencePiece's own character maps, which are too large for fixtures."""
    small = lambda: character_map("identity", RULES)
    nmt = (lambda: character_map("nmt_nfkc")) if full_maps else small
    folded = (lambda: character_map("nmt_nfkc_cf")) if full_maps else small
    kinds = {
        "qwen2": lambda: byte_level([isolated(QWEN2), bytes_only()], text), "cl100k": lambda: byte_level([isolated(CL100K), bytes_only()], text),
        "o200k": lambda: byte_level([isolated(O200K), bytes_only()], text), "falcon": lambda: falcon(text), "deepseek_llm": lambda: deepseek_llm(text),
        "deepseek3": lambda: deepseek3(text), "bloom": lambda: byte_level([isolated(BLOOM), bytes_only()], text),
        "unigram_xlm_roberta": lambda: xlm_roberta(text, nmt()), "unigram_t5": lambda: t5(text, nmt()), "unigram_bytes": lambda: t5_stripped(text, folded()),
        "unigram_albert": lambda: albert(text, nmt()), "gemma": lambda: gemma(text), "words_and_rules": lambda: words_and_rules(text),
        "boundaries_scripts": lambda: scripts_only(text), "boundaries_kimi": lambda: boundaries(KIMI), "boundaries_nested": lambda: boundaries(NESTED),
    }
    if full_maps:
        kinds["starcoder"] = lambda: starcoder(text)
    return kinds


NESTED = r"[[a-z][^\p{L}\s]]+|[^[\p{L}&&[^aeiou]]]|[[:alpha:]&&[^\u0400-\u04ff]]+|[\w&&\p{Cyrillic}&&[^а-к]]+"
