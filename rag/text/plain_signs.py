"""Text without what only decorates it: invisible characters, symbols, accents, and the many shapes of letters."""

from __future__ import annotations

import unicodedata

_QUOTES = "《》〈〉「」『』〝〞“”„‟«»‹›"
_APOSTROPHES = "‘’ʼ"
_LONG_DASHES = "‒–—―"


class _Plain(dict[int, str]):
    """What each character is written as in plain signs, made when it is first met."""

    def __missing__(self, code: int) -> str:
        plain = "".join(_plain(part) for part in unicodedata.normalize("NFKD", chr(code)))
        self[code] = plain
        return plain


def plain_signs(text: str) -> str:
    """Returns the text with invisible characters left out and decoration replaced by spaces, for comparing.

    Letters and numbers lose accents, circles and width, brackets and quotation marks become those of ASCII, and a
    symbol is a space.
    """
    return text if text.isascii() else text.translate(_PLAIN)


def typed_place(text: str, at: int) -> int:
    """Returns the place in the text of what stands at ``at`` in its plain signs."""
    length = 0
    for place, character in enumerate(text):
        if length >= at:
            return place
        length += len(plain_signs(character))
    return len(text)


def _plain(character: str) -> str:
    """Returns a character that can't be decomposed in plain signs."""
    if character.isascii():
        return character
    for signs, plain in ((_QUOTES, '"'), (_APOSTROPHES, "'"), (_LONG_DASHES, "—")):
        if character in signs:
            return plain
    if unicodedata.name(character, "").startswith(("CYRILLIC", "GREEK")):
        return _latin_lookalike(character)
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me", "Cc"):
        return ""
    if category == "No":
        return f"{unicodedata.numeric(character):g}"
    return {"S": " ", "Z": " "}.get(category[0], {"Ps": "[", "Pe": "]", "Pd": "-"}.get(category, character))


def _latin_lookalike(letter: str) -> str:
    """Returns the ASCII letter that the letter looks like (Unicode's confusables, UTS #39); itself for none."""
    from confusable_homoglyphs.confusables import confusables_data

    similar = [entry["c"] for entry in confusables_data.get(letter, ())]
    return next((other for other in similar if len(other) == 1 and other.isascii() and other.isalnum()), letter)


_PLAIN = _Plain()
