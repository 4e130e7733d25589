"""Numbers in words or figures: "1,260", "two hundred", "thirty-four"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.models import Span
from rag.text.cjk import CHINESE

_SMALL = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_WORDS = "|".join((*_SMALL, *_TENS, *_SCALES))
_JOIN = r"(?:\s+and\s+|\s*-\s*|\s+)"
# Figures inside a date, a time, a telephone number or a name ("T3") are no numbers.
_NUMBER = re.compile(
    rf"(?i)(?<![^\W{CHINESE}])(?<![:/-])(?<!\d[.,])(?P<figures>\d{{1,3}}(?:,\d{{3}})+|\d+)(?P<rest>\.\d+)?"
    rf"(?![^\W{CHINESE}]|[:/]|-\d|,\d|\.\d)"
    rf"(?:\s+(?P<scale>hundred|thousand|million|billion)\b)?"
    rf"|\b(?P<words>(?:a\s+)?(?:{_WORDS})(?:{_JOIN}(?:{_WORDS}))*)\b"
)


@dataclass(frozen=True, slots=True)
class Number(Span):
    """A number that a text states."""

    value: float


def numbers(text: str) -> Iterator[Number]:
    """The numbers that the text states, years included, in order."""
    for match in _NUMBER.finditer(text):
        if match["words"]:
            value = _of_words(match["words"].lower())
        else:
            value = float(match["figures"].replace(",", "") + (match["rest"] or ""))
            value *= _SCALES[match["scale"].lower()] if match["scale"] else 1
        yield Number(match.start(), match.end(), value)


def _of_words(words: str) -> float:
    """ "two hundred and six thousand" -> 206000."""
    total = group = 0
    for word in re.findall(r"[a-z]+", words):
        if word == "hundred":
            group = max(group, 1) * 100
        elif word in _SCALES:
            total, group = total + max(group, 1) * _SCALES[word], 0
        else:
            group += _SMALL.get(word, 0) + _TENS.get(word, 0)
    return total + group
