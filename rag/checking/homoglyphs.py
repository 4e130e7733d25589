"""Homoglyphs and invisible characters: what looks like another character, or like none (bidi controls, zero width)."""

from __future__ import annotations

import unicodedata
from functools import cache

from rag.checking.tokens import INVISIBLE_CHARACTER, SOFT_HYPHEN


@cache
def _ascii_lookalike(character: str) -> str:
    """The ASCII letter or digit that the letter of another script looks like (Unicode's confusables, UTS #39); itself
    where there is none."""
    if character.isascii() or not character.isalnum() or "LATIN" in unicodedata.name(character, ""):
        return character
    folded = unicodedata.normalize("NFKC", character)  # mathematical letters and the like
    if len(folded) == 1 and folded.isascii():
        return folded
    from confusable_homoglyphs.confusables import confusables_data

    similar = [entry["c"] for entry in confusables_data.get(character, ())]
    return next((other for other in similar if len(other) == 1 and other.isascii() and other.isalnum()), character)


def replace_homoglyphs(text: str) -> str:
    """Returns the text as it looks, with ASCII letters and digits for their look-alikes; the length stays."""
    return text if text.isascii() else "".join(map(_ascii_lookalike, text))


def invisible_characters(text: str) -> tuple[str, ...]:
    """Returns the characters of the text that take no room, each once; a soft hyphen, which copying leaves, deceives
    nobody."""
    return tuple(dict.fromkeys(c for c in INVISIBLE_CHARACTER.findall(text) if c != SOFT_HYPHEN))


def homoglyphs_in(text: str) -> tuple[str, ...]:
    """Returns the characters of the text that look like ASCII letters or digits, each once."""
    return tuple(dict.fromkeys(c for c in text if _ascii_lookalike(c) != c))
