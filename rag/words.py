"""Words as such: how they are compared, and which ones are ordinary English."""

from __future__ import annotations

import functools
import unicodedata
from importlib import resources

# Letters that don't come apart into a plain one and a mark.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "’": "'", "ʼ": "'"})


def fold(text: str) -> str:
    """The text for comparing: no case, no accents, plain apostrophes.  Its length may differ."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    apart = unicodedata.normalize("NFKD", lowered.translate(_LETTERS))
    return "".join(character for character in apart if not unicodedata.combining(character))


@functools.cache
def common() -> frozenset[str]:
    """English words that are written with a small letter, British and American, names left out."""
    return frozenset(data("words.txt").split())


def data(name: str) -> str:
    """The text of a file of rag/data."""
    return resources.files("rag").joinpath("data", name).read_text(encoding="utf-8")
