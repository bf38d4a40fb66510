# SPDX-License-Identifier: Apache-2.0
"""Tokenizers without a tokenizer.json, and what transformers and SentencePiece make of the strings of make_tokenizers.py, written beside its fixtures
in the same form:

    python tests/golden/gen/make_tokenizer_folders.py tests/golden/tokenizers     # or a wide folder that make_tokenizers.py wrote

vocab.json with merges.txt and vocab.txt: the classes of transformers. SentencePiece files: ids of its SentencePieceBackend (for XLM-RoBERTa, which has
none any more, the file's ids shifted by one), offsets of the sentencepiece package, where each of the bytes that spell a character covers it.
Needs transformers, tokenizers and sentencepiece.
"""
import io
import json
import pathlib
import sys

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Tokenizer
from transformers import BertTokenizer, GPT2Tokenizer, Qwen2Tokenizer, RobertaTokenizer
from transformers.tokenization_utils_sentencepiece import SentencePieceBackend

from make_tokenizers import expected_row, training_text
from published_tokenizers import RULES

SPACE = "\u2581"


def write_rows(folder: pathlib.Path, rows) -> None:
    with open(folder / "expected.jsonl", "w", encoding="utf-8") as file:
        file.writelines(rows)


def from_class(folder: pathlib.Path, cls, config: dict, source: pathlib.Path, texts: list[str]) -> None:
    """The vocabulary of another fixture, as the older files, read by a class of transformers."""
    folder.mkdir(exist_ok=True)
    model = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    by_id = sorted(model["vocab"], key=model["vocab"].get)
    if model["type"] == "BPE":
        (folder / "vocab.json").write_text(json.dumps(model["vocab"], ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(" ".join(pair) + "\n" for pair in model["merges"]), encoding="utf-8")
    else:
        (folder / "vocab.txt").write_text("".join(piece + "\n" for piece in by_id), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(config) + "\n", encoding="utf-8")
    backend = cls.from_pretrained(str(folder)).backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    added = {i: token.content for i, token in backend.get_added_tokens_decoder().items()}
    write_rows(folder, (expected_row(backend, added, text, index % 4 != 3) for index, text in enumerate(texts)))


def train(**settings) -> bytes:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter([line.replace("\n", " ") for line in training_text()]), model_writer=model, hard_vocab_limit=False,
                                             minloglevel=2, num_threads=1, **settings)
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue())
    proto.normalizer_spec.normalization_rule_tsv = ""  # a path of the machine
    return proto.SerializeToString()


class Reference:
    """Ids and offsets of a folder with a SentencePiece file."""

    def __init__(self, folder: pathlib.Path, config: dict, family: dict):
        self.slow = SentencePieceBackend(vocab_file=str(folder / family["file"]), legacy=config.get("legacy", True), **family["specials"])
        for token in family.get("extra", []):
            self.slow.add_tokens([token], special_tokens=True)
        self.model = self.slow.sp_model
        self.family, self.legacy = family, config.get("legacy", True)

    def id_of(self, token: str) -> int:
        fixed = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": self.model.get_piece_size() + 1}
        if not self.family.get("shifted"):
            return self.slow.convert_tokens_to_ids(token)
        return fixed[token] if token in fixed else self.model.piece_to_id(token) + 1

    def part(self, text: str, at: int, first: bool) -> list[tuple[int, int, int]]:
        """The tokens of text between added tokens. Without legacy, the whole text gets the space in front, and parts keep theirs."""
        spaced = not self.legacy and (first or text.startswith((SPACE, " ")))
        guard = self.slow.unk_token if spaced else ""
        prefix = SPACE if not self.legacy and first and not text.startswith((SPACE, " ")) else ""
        encoded = self.model.encode(guard + prefix + text, return_type="proto").pieces
        whole = (guard + prefix + text).encode()
        skip = len(self.model.encode(guard)) if guard else 0
        out = []
        for piece in list(encoded)[skip:]:
            begin, end = (max(0, len(whole[:x].decode()) - len(guard) - len(prefix)) for x in (piece.begin, piece.end))
            if prefix and end == 0 and len(whole[:piece.end].decode()) > len(guard):
                end = 1  # the space in front counts as part of the first character, as with the library's Metaspace
            out.append([piece.id, begin, end])
        for i in range(len(out) - 1, 0, -1):
            both = self.model.is_byte(out[i][0]) and self.model.is_byte(out[i - 1][0])
            if both and out[i - 1][1] == out[i - 1][2] == out[i][1]:
                out[i - 1][2] = out[i][2]
        shift = self.family.get("shifted")
        return [(i if not shift else 3 if i == self.model.unk_id() else i + 1, at + b, at + e) for i, b, e in out]

    def row(self, text: str, special: bool) -> str:
        tokens, at = [], 0
        for number, part in enumerate(p for p in self.slow.tokens_trie.split(text) if p):
            if part in self.slow.tokens_trie._tokens:
                tokens.append((self.id_of(part), at, at + len(part)))
            else:
                tokens += self.part(part, at, at == 0)
            at += len(part)
        before, after = ([(self.id_of(t), 0, 0)] if special and t else [] for t in self.family["around"])
        tokens = before + tokens + after
        marks = [0] * len(before) + [len(tokens) - 1] * len(after)
        offsets, last = [], 0
        for _, begin, end in tokens:
            offsets += [begin - last, end - begin]
            last = end
        return json.dumps([int(special), [t[0] for t in tokens], offsets, marks, {}, 0], separators=(",", ":")) + "\n"


LLAMA = {"file": "tokenizer.model", "specials": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}, "around": ("<s>", None)}
T5 = {"file": "spiece.model", "specials": {"eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}, "around": (None, "</s>"), "extra": [f"<extra_id_{i}>" for i in range(99, -1, -1)]}
XLM = {"file": "sentencepiece.bpe.model", "around": ("<s>", "</s>"), "shifted": True,
       "specials": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>"}}


def main() -> None:
    root = pathlib.Path(sys.argv[1])
    with open(root / "texts.jsonl", encoding="utf-8") as file:
        texts = [json.loads(line) for line in file]
    from_class(root / "files_gpt2", GPT2Tokenizer, {"tokenizer_class": "GPT2Tokenizer", "unk_token": "<|end|>", "bos_token": "<|end|>", "eos_token": "<|end|>", "add_bos_token": True},
               root / "byte_level_gpt2", texts)
    from_class(root / "files_roberta", RobertaTokenizer, {"tokenizer_class": "RobertaTokenizer", "add_prefix_space": True}, root / "byte_level_trimmed", texts)
    from_class(root / "files_qwen2", Qwen2Tokenizer, {"tokenizer_class": "Qwen2Tokenizer", "added_tokens_decoder": {
        "500": {"content": "<|end|>", "special": True}, "501": {"content": "newtok", "single_word": True}}}, root / "byte_level_llama3", texts)
    from_class(root / "files_bert", BertTokenizer, {"do_lower_case": False}, root / "wordpiece_cased", texts)
    import tempfile
    rules = tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8")
    rules.writelines(" ".join(f"{ord(c):X}" for c in source) + "\t" + " ".join(f"{ord(c):X}" for c in target) + "\n" for source, target in RULES)
    rules.flush()
    bpe = train(model_type="bpe", vocab_size=700, byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False, character_coverage=0.98,
                split_digits=True, user_defined_symbols=["<tab>"], allow_whitespace_only_pieces=True)
    t5 = train(model_type="unigram", vocab_size=500, normalization_rule_tsv=rules.name, pad_id=0, eos_id=1, unk_id=2, bos_id=-1, character_coverage=0.98)
    xlm = train(model_type="unigram", vocab_size=500, normalization_rule_tsv=rules.name, unk_id=0, bos_id=1, eos_id=2, character_coverage=0.98)
    for name, model, family, config in (("spm_llama", bpe, LLAMA, {"tokenizer_class": "LlamaTokenizer"}), ("spm_llama_new", bpe, LLAMA, {"tokenizer_class": "LlamaTokenizer", "legacy": False}),
                                        ("spm_t5", t5, T5, {"tokenizer_class": "T5Tokenizer"}), ("spm_xlm_roberta", xlm, XLM, {"tokenizer_class": "XLMRobertaTokenizer"})):
        folder = root / name
        folder.mkdir(exist_ok=True)
        (folder / family["file"]).write_bytes(model)
        (folder / "tokenizer_config.json").write_text(json.dumps(config) + "\n", encoding="utf-8")
        reference = Reference(folder, config, family)
        write_rows(folder, (reference.row(text, index % 4 != 3) for index, text in enumerate(texts)))


if __name__ == "__main__":
    main()
