"""Where each token of a model's output stands in the text, and in which of the pieces the text came in.

A token is a word piece of the model's vocabulary; a piece is a part of the text as the caller gave it, such as a
passage's context or one of its sentences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from embeddings.vectors import FloatRows, unit_rows

if TYPE_CHECKING:
    from tokenizers import Encoding

Spans = npt.NDArray[np.int32]


def join_pieces(pieces: Sequence[str]) -> str:
    """What the encoder reads: the pieces that aren't empty, with a space between them."""
    return " ".join(filter(None, pieces))


def piece_numbers(pieces: Sequence[str], spans: Spans) -> npt.NDArray[np.int16]:
    """For each of (n, 2) spans of the joined text, the number of the piece it ends in, (n,)."""
    filled = np.array([number for number, piece in enumerate(pieces) if piece], dtype=np.int16)
    ends = np.cumsum([len(pieces[number]) + 1 for number in filled]) - 1
    return filled[np.searchsorted(ends, spans[:, 1])]


def as_array(values: Any) -> npt.NDArray[Any]:
    """The numbers of a tensor of torch's, or an array of NumPy's as it is."""
    array: npt.NDArray[Any] = values if isinstance(values, np.ndarray) else values.float().cpu().numpy()
    return array


def align_tokens(output: Mapping[str, Any], encoding: Encoding, prompt: str, text: str) -> tuple[FloatRows, Spans]:
    """The (n, dimension) unit rows of a text's tokens, and where each stands in it, (n, 2).

    ``output`` is what the model made of the prompt and the text.  It doesn't say where a token stands, so ``encoding``
    is the tokenizer's own reading of the same, not truncated.

    Raises:
        ValueError: the two were tokenized differently.
    """
    attended = as_array(output["attention_mask"]) == 1
    special = np.array(encoding.special_tokens_mask, dtype=bool)
    # At the model's limit a text is cut off before the special tokens that end it.
    last = int(attended.sum()) - (0 if special.all() else int(np.argmin(special[::-1])))
    if as_array(output["input_ids"])[attended][:last].tolist() != encoding.ids[:last]:
        raise ValueError("the model's tokenizer cuts texts otherwise than its tokenizer.json says")
    spans = np.maximum(np.array(encoding.offsets, dtype=np.int32).reshape(-1, 2)[:last] - len(prompt), 0)
    # Punctuation is every eighth token, and without it the same passages come first.
    has_word = [any(map(str.isalnum, text[start:end])) for start, end in spans.tolist()]
    kept = ~special[:last] & np.array(has_word, dtype=bool)
    vectors = as_array(output["token_embeddings"])[attended][:last][kept]
    return unit_rows(vectors), spans[kept]
