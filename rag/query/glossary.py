"""Chinese questions -> the English words that English passages are found by.

A small glossary, no translator: what it lacks stays Chinese, and finds Chinese bulletins.
"""

from __future__ import annotations

import calendar
import functools
import re
import unicodedata

from rag.text import districts as gazetteer
from rag.text.cjk import HAN
from rag.text.places import chinese_names
from rag.text.wordlists import data

_CHINESE = re.compile(f"[{HAN}]")
_DATE = re.compile(
    r"(?:(?P<year>(?:19|20)\d\d)\s*年)?\s*(?:(?P<month>1[0-2]|0?[1-9])\s*月(?:份|(?P<day>[0-3]?\d)\s*[日号])?)?"
)
_HALF = re.compile(r"((?:19|20)\d\d)\s*年\s*(上|下)半年")
_ASKING = re.compile(r"(?:how|when|where|which|who|what|why|list)\b|are there$")


def has_chinese(text: str) -> bool:
    return _CHINESE.search(text) is not None


def english(text: str) -> str:
    """English words to search by for the text's Chinese, those of asking first; text without Chinese as it is.

    Districts, places, dates and the matters of this desk are known; other Chinese stays where it stands, as do words
    that are English already.  The longest entry counts: 大使馆 is an embassy, no ambassador.
    """
    if not has_chinese(text):
        return text
    text = unicodedata.normalize("NFKC", text)
    districts = {mention.start: mention for mention in gazetteer.typed_mentions(text) if has_chinese(text[mention.start])}
    words, longest = _glossary()
    asking: list[str] = []
    found: list[str] = []
    as_it_is = ""
    at = 0
    while at < len(text):
        end, meaning = at, ""
        if at in districts:
            end, meaning = districts[at].end, districts[at].name
        elif dated := _date(text, at):
            end, meaning = dated
        else:
            for length in range(min(longest, len(text) - at), 0, -1):
                if (meaning := words.get(text[at : at + length], "?")) != "?":
                    end = at + length
                    break
        if end == at:
            as_it_is += text[at] if text[at] not in "。、《》「」" else " "
            at += 1
            continue
        found.append(as_it_is)
        as_it_is = ""
        (asking if _ASKING.match(meaning) else found).append(meaning)
        at = end
    found.append(as_it_is)
    return re.sub(r"\s+(?=[,.?!;:])", "", " ".join(" ".join((*dict.fromkeys(asking), *found)).split()))


def _date(text: str, at: int) -> tuple[int, str] | None:
    """Where a date that starts here ends, and the date in English."""
    if half := _HALF.match(text, at):
        return half.end(), f"{'first' if half[2] == '上' else 'second'} half of {half[1]}"
    match = _DATE.match(text, at)
    if not match or not (match["year"] or match["month"]):
        return None
    month = calendar.month_name[int(match["month"])] if match["month"] else ""
    return match.end(), " ".join(part for part in (match["day"], month, match["year"]) if part)


@functools.cache
def _glossary() -> tuple[dict[str, str], int]:
    """English by Chinese, and the length of the longest Chinese entry.  What is written by hand comes first."""
    lines = (line.split("|") for line in data("glossary.txt").splitlines() if not line.startswith("#"))
    words = chinese_names() | {before.strip(): meaning.strip() for before, meaning in lines}
    return words, max(map(len, words))
