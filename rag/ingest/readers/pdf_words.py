"""The words of a PDF's paragraph as a person reads them: parted ones joined, ligatures as letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from rag.text.wordlists import common_words

_HYPHENS = "-\u2010\u00ad"
# Glyphs that stand for letters: ligatures, and the radicals that some fonts give instead of Chinese characters.
_GLYPHS = re.compile("[\ufb00-\ufb06\u2e80-\u2fdf]")
_PARTED = re.compile(rf"(?<![^\W_])([^\W_]+)[{_HYPHENS}]$")
_REST = re.compile(r"[^\W_]+\S*")
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_GOES_ON = frozenset(("and", "or", "to"))  # "two- and three-day"


def readable(words: str) -> str:
    """Returns a line's words with glyphs resolved into letters, and no white space or soft hyphens but at its end."""
    words = _GLYPHS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), words.strip())
    return re.sub("\u00ad(?!$)", "", words)


def is_parted(upper: str, lower: str) -> bool:
    """Whether a word goes on from one line to the next."""
    return bool(_PARTED.search(upper) and (rest := _REST.match(lower)) and rest[0].casefold() not in _GOES_ON)


def whole_words(lines: Iterable[str]) -> frozenset[str]:
    """Returns the words and compounds that stand whole in the lines, in small letters."""
    return frozenset(word.casefold() for line in lines for word in _WORD.findall(_PARTED.sub("", line)))


def join_lines(lines: Sequence[str], known: frozenset[str]) -> str:
    """Returns a paragraph's lines, parted words made whole on the line where they begin.

    A hyphen stays in a compound: where the bulletin has it elsewhere (``known``), or both parts are English words
    and the whole is none, or the second part begins with a capital or a number.
    """
    joined: list[str] = []
    for line in lines:
        if joined and is_parted(joined[-1], line) and (rest := _REST.match(line)):
            before, hyphen = joined[-1][:-1], joined[-1][-1]
            if hyphen != "\u00ad" and _is_compound(joined[-1], line, known):
                before += hyphen
            joined[-1] = before + rest[0]
            line = line[rest.end() :].lstrip()
        if line:
            joined.append(line)
    return "\n".join(joined)


def _is_compound(upper: str, lower: str, known: frozenset[str]) -> bool:
    parted, rest = _PARTED.search(upper), _LETTERS.match(lower)
    if not parted or not rest or not rest[0].islower() or not parted[1].isalpha():
        return True
    first, second = parted[1].casefold(), rest[0].casefold()
    if f"{first}-{second}" in known or f"{first}\u2010{second}" in known:
        return True
    english = common_words()
    return first + second not in known | english and first in english and second in english
