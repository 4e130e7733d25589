"""Characters in a quotation that look like others, or like nothing: homoglyphs, bidi controls, zero width."""

from __future__ import annotations

import unicodedata
from functools import cache

from rag.checking.tokens import UNSEEN_CHARACTER

_TOLD = 3  # characters that a sentence names


@cache
def _look_alike(character: str) -> str:
    """The ASCII letter or digit that the letter of another script looks like (Unicode's confusables, UTS #39); itself
    where there is none."""
    if character.isascii() or not character.isalnum() or "LATIN" in unicodedata.name(character, ""):
        return character
    folded = unicodedata.normalize("NFKC", character)  # mathematical letters and the like
    if len(folded) == 1 and folded.isascii():
        return folded
    from confusable_homoglyphs.confusables import confusables_data

    likes = [entry["c"] for entry in confusables_data.get(character, ())]
    return next((like for like in likes if len(like) == 1 and like.isascii() and like.isalnum()), character)


def seen(text: str) -> str:
    """The text as it looks, of the same length: look-alikes of ASCII letters are those letters."""
    return text if text.isascii() else "".join(map(_look_alike, text))


def unseen(text: str) -> tuple[str, ...]:
    """The characters of the text that take no room, each once."""
    return tuple(dict.fromkeys(UNSEEN_CHARACTER.findall(text)))


def look_alikes(text: str) -> tuple[str, ...]:
    """The characters of the text that look like ASCII letters or digits, each once."""
    return tuple(dict.fromkeys(c for c in text if _look_alike(c) != c))


def named(characters: tuple[str, ...]) -> str:
    """ "U+0430 CYRILLIC SMALL LETTER A, U+200B ZERO WIDTH SPACE and 2 more"."""
    told = [f"U+{ord(c):04X} {unicodedata.name(c, 'without a name')}" for c in characters[:_TOLD]]
    more = len(characters) - len(told)
    if more:
        return f"{', '.join(told)} and {more} more"
    return " and ".join([", ".join(told[:-1]), told[-1]] if told[1:] else told)
