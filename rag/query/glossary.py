"""Chinese question -> the English words that English passages are found by.

It is a small glossary, no translator: what it lacks stays Chinese, and finds Chinese bulletins.
"""

from __future__ import annotations

import calendar
import functools
import re
import unicodedata
from collections.abc import Mapping

from rag.text.cjk import has_chinese
from rag.text.districts import Mention, typed_mentions
from rag.text.places import chinese_names
from rag.text.wordlists import read_data

_DATE = re.compile(
    r"(?:(?P<year>(?:19|20)\d\d)\s*年)?\s*(?:(?P<month>1[0-2]|0?[1-9])\s*月(?:份|(?P<day>[0-3]?\d)\s*[日号])?)?"
)
_HALF = re.compile(r"((?:19|20)\d\d)\s*年\s*(上|下)半年")
_MARKS = str.maketrans(dict.fromkeys("。、《》「」", " "))
_ASKING = re.compile(r"(?:how|when|where|which|who|what|why|list)\b|are there$")


def to_english(text: str) -> str:
    """The text with its Chinese replaced by English words to search by, those of asking first.

    Districts, places, dates and the matters of this desk are known; other Chinese stays where it stands, as do words
    that are English already.  The longest entry counts: 大使馆 is an embassy, no ambassador.
    """
    if not has_chinese(text):
        return text
    text = unicodedata.normalize("NFKC", text)
    districts = {mention.start: mention for mention in typed_mentions(text) if has_chinese(text[mention.start])}
    asking: list[str] = []
    others: list[str] = []
    at = start = 0
    while at < len(text):
        end, meaning = _entry_at(text, at, districts)
        if end == at:
            at += 1
            continue
        others.append(text[start:at].translate(_MARKS))
        (asking if _ASKING.match(meaning) else others).append(meaning)
        at = start = end
    others.append(text[start:].translate(_MARKS))
    return re.sub(r"\s+(?=[,.?!;:])", "", " ".join(" ".join((*dict.fromkeys(asking), *others)).split()))


def _entry_at(text: str, at: int, districts: Mapping[int, Mention]) -> tuple[int, str]:
    """The end and the English of a district, a date or a glossary entry that starts here; ``(at, "")`` for none."""
    if district := districts.get(at):
        return district.end, district.name
    if date := _date(text, at):
        return date
    words, longest = glossary(), _longest_entry()
    for length in range(min(longest, len(text) - at), 0, -1):
        if (meaning := words.get(text[at : at + length])) is not None:
            return at + length, meaning
    return at, ""


def _date(text: str, at: int) -> tuple[int, str] | None:
    """The end of a date that starts here, and the date in English."""
    if half := _HALF.match(text, at):
        return half.end(), f"{'first' if half[2] == '上' else 'second'} half of {half[1]}"
    match = _DATE.match(text, at)
    if not match or not (match["year"] or match["month"]):
        return None
    month = calendar.month_name[int(match["month"])] if match["month"] else ""
    return match.end(), " ".join(part for part in (match["day"], month, match["year"]) if part)


@functools.cache
def glossary() -> dict[str, str]:
    """English by Chinese; places give way to what is written by hand."""
    lines = (line.split("|") for line in read_data("glossary.txt").splitlines() if not line.startswith("#"))
    return chinese_names() | {before.strip(): meaning.strip() for before, meaning in lines}


@functools.cache
def _longest_entry() -> int:
    return max(map(len, glossary()))
