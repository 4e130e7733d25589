"""Which word piece of a model's output stands where in the text, and in which of the pieces the text came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from embeddings.vectors import FloatRows, unit_rows

if TYPE_CHECKING:
    from tokenizers import Encoding

Spans = npt.NDArray[np.int32]


def joined(pieces: Sequence[str]) -> str:
    """What the encoder reads: the pieces that aren't empty, with a space between them."""
    return " ".join(filter(None, pieces))


def numbers(pieces: Sequence[str], spans: Spans) -> npt.NDArray[np.int16]:
    """For each of (n, 2) spans of the joined text, the number of the piece it ends in, (n,)."""
    filled = np.array([number for number, piece in enumerate(pieces) if piece], dtype=np.int16)
    ends = np.cumsum([len(pieces[number]) + 1 for number in filled]) - 1
    return filled[np.searchsorted(ends, spans[:, 1])]


def word_pieces(output: Mapping[str, Any], own: Encoding, prompt: str, text: str) -> tuple[FloatRows, Spans]:
    """The (n, dimension) unit rows of a text's word pieces, and where each stands in it, (n, 2).

    ``output`` is what the model made of the prompt and the text.  It doesn't say where a word piece stands, so
    ``own`` is the same cut once more, whole.

    Raises:
        ValueError: the two were cut differently.
    """
    read = output["attention_mask"].cpu().numpy() == 1
    special = np.array(own.special_tokens_mask, dtype=bool)
    # At the model's limit a text is cut off before the special tokens that end it.
    last = int(read.sum()) - (0 if special.all() else int(np.argmin(special[::-1])))
    if output["input_ids"].cpu().numpy()[read][:last].tolist() != own.ids[:last]:
        raise ValueError("the model's tokenizer cuts texts otherwise than its tokenizer.json says")
    spans = np.maximum(np.array(own.offsets, dtype=np.int32).reshape(-1, 2)[:last] - len(prompt), 0)
    # Punctuation is every eighth word piece, and without it the same passages come first.
    telling = [any(map(str.isalnum, text[start:end])) for start, end in spans.tolist()]
    kept = ~special[:last] & np.array(telling, dtype=bool)
    vectors = output["token_embeddings"].float().cpu().numpy()[read][:last][kept]
    return unit_rows(vectors), spans[kept]
