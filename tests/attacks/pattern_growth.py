"""Every pattern of the product before texts that are made from it to be hard for it: its time grows as the text does.

What a pattern reads is as long as the place that it is used at lets it be (``BOUNDS``), by default a whole file.
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag import limits
from rag.ingest.boilerplate import MAX_LINE_CHARS
from tests.attacks import product_patterns, pumps
from tests.attacks.growth import MAX_EXPONENT, exponent, seconds
from tests.attacks.product_patterns import Found
from tests.faults.outcome import Outcome, failures

FAULT = "texts made from each pattern to be hard for it"
DUTY = "no pattern's time grows faster than the text"

# The characters that a pattern is given at most, by the beginning of its place; the longest beginning counts.
BOUNDS = {
    "": limits.MAX_TEXT_FILE_BYTES,
    "rag.query.": limits.MAX_QUESTION_CHARS,
    "rag.query.courtesy._CHINESE_NOTHING": 30,
    "rag.admin.": limits.MAX_QUESTION_CHARS,
    "rag.answer.absence.": limits.MAX_SENTENCE_CHARS,  # of one sentence of a bulletin
    "rag.checking.claimed_dates._PLACED": 40,  # before a month
    "rag.text.district_headings._PREFIX_MARK": 40,  # between a district and its headline
    "rag.text.denials.": limits.MAX_SENTENCE_CHARS,
    "rag.text.tenses.": limits.MAX_SENTENCE_CHARS,
    "rag.ingest.blocks._SIGNATURE": 100,  # of a line's end
    "rag.ingest.boilerplate.": MAX_LINE_CHARS,
    "rag.ingest.boilerplate._IMAGE": limits.MAX_TEXT_FILE_BYTES,
    "rag.ingest.boilerplate._RELATED": limits.MAX_TEXT_FILE_BYTES,
    "rag.ingest.boilerplate._TEASER": limits.MAX_TEXT_FILE_BYTES,
    "rag.ingest.header.": MAX_LINE_CHARS,
    "rag.ingest.headlines._INITIALS": limits.MAX_HEADLINE_CHARS,
    "rag.ingest.readers.pdf_rows._PAGE_NUMBER": 300,  # of a page's last line
    "rag.evaluation.judge._SENTENCE_START": 100,  # before a quote
    "rag.search.answer_type_match.": limits.MAX_SENTENCE_CHARS,
    "rag.ingest.readers.html_visibility._EMPTY_BOX": 100,  # of a property's value
    "rag.ingest.readers.html_visibility._HIDES": 100,
    "rag.ingest.readers.html_visibility._INHERITED": 100,
    "rag.ingest.readers.html_visibility._SHORT_FONT": 100,
}
_SHORT, _LONG = 200, 1_000  # characters, between which what grows too fast is seen at once
_LOOKED_AT = 3  # of a pattern's texts, the costliest, are grown
_TELLING_SECONDS = 0.0003  # for the longer; what takes less has no room to have grown


def run(folder: Path, *, texts: int, **kinds: int) -> Outcome:
    """So many texts for each pattern, the shortest of its own and others drawn from the rest; ``kinds`` as ``pumps``
    takes them."""
    problems: list[str] = []
    tried, steepest, where = 0, 0.0, ""
    patterns = product_patterns.product_patterns()
    for found in patterns:
        made = _chosen(pumps.pumps(found.pattern, **kinds), texts)
        tried += len(made)
        for pump in _hardest(found, made):
            text = functools.partial(_text, found, pump)
            grows, length, took = exponent(_read(found), text, bound(found), enough=0.04)
            if grows > steepest:
                steepest, where = grows, found.places[0]
            if grows > MAX_EXPONENT:
                what = f"{found.places[0]} of {pump.before!r}, {pump.piece!r} again and again, and {pump.end!r}"
                problems.append(f"{what}: {took:.2f} s for {length:,} characters, exponent {grows:.2f}")
    what = f"{len(patterns)} patterns, {tried:,} texts: exponent {steepest:.2f} at most ({where})"
    details = {"patterns": len(patterns), "texts": tried, "steepest": round(steepest, 2), "where": where}
    return Outcome(FAULT, tried, len(problems), what, details | failures(problems))


def bound(found: Found) -> int:
    """The characters that the pattern is given at most."""
    return max(BOUNDS[max((start for start in BOUNDS if place.startswith(start)), key=len)] for place in found.places)


def _chosen(made: list[pumps.Pump], count: int) -> list[pumps.Pump]:
    made = sorted(made, key=lambda pump: len(pump.before) + len(pump.piece))
    drawn = random.Random(len(made)).sample(made[count // 2 :], min(count // 2, len(made[count // 2 :])))
    return [*made[: count // 2], *drawn]


def _hardest(found: Found, made: list[pumps.Pump]) -> list[pumps.Pump]:
    """The texts over which the pattern takes longer than in proportion, the costliest first; where there are none, the
    costliest of all."""
    read, costs = _read(found), []
    for number, pump in enumerate(made):
        long = _text(found, pump, _LONG)
        took = seconds(read, long)
        took = took if took < _TELLING_SECONDS else min(took, seconds(read, long))
        if took >= _TELLING_SECONDS:
            short = seconds(read, _text(found, pump, _SHORT), 3)
            costs.append((took > short * (_LONG / _SHORT) ** MAX_EXPONENT, took, number, pump))
    costs.sort(reverse=True)
    return [pump for *_, pump in [cost for cost in costs if cost[0]][:_LOOKED_AT] or costs[:1]]


def _text(found: Found, pump: pumps.Pump, length: int) -> str | bytes:
    text = pump.text(length)
    return text if isinstance(found.pattern.pattern, str) else text.encode("latin-1", "replace")


def _read(found: Found) -> Callable[[Any], object]:
    """What the code does with the pattern, at most."""
    pattern: re.Pattern[Any] = found.pattern
    if found.methods & {"finditer", "findall", "split", "sub", "subn"}:
        return lambda text: sum(1 for _ in pattern.finditer(text))
    if "search" in found.methods:
        return pattern.search
    return pattern.match if "match" in found.methods else pattern.fullmatch
