"""The header of a bulletin: its lines of fields ("Date: …", "Source: …"), bylines, and dates that stand alone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import reduce
from operator import or_

from rag.ingest.boilerplate import FONT_SIZE, MAX_LINE_CHARS, is_above_title, is_paragraph
from rag.ingest.headlines import is_headline
from rag.models import Period
from rag.text.dates import ABSOLUTE, match_rules

_S = r"[\s\u00a0\u3000]"
_PUBLISHED = rf"(?:(?:first|originally){_S})?(?:published|posted|released|issued|created)"
_TO_PUBLISH = r"(?:pub|publish|publishing|publication|post|posting|release|issue|creation)"
_UPDATED = rf"(?:last{_S})?(?:updated?|modifi(?:ed|cation)|revis(?:ed|ion))"
_LABELS = {
    "updated": rf"{_UPDATED}(?:{_S}?(?:on|at|date|time))?|(?:最后|最近)?(?:更新|修改)(?:时间|日期|于)?",
    "date": rf"date(?:{_S}of{_S}{_TO_PUBLISH})?|{_PUBLISHED}(?:{_S}?(?:on|at|date|time))?|publication"
    rf"|{_TO_PUBLISH}{_S}?(?:date|time)"
    rf"|(?:发布|发表|刊发|发稿|发文|成文|印发|公布|创建|上传)(?:时间|日期|于)?|日期|时间",
    "source": rf"sources?|information{_S}source|信息来源|稿件来源|文章来源|来源|发布机构|发布单位",
    "url": rf"url|link|original{_S}link|网址|原文链接",
    "other": rf"font{_S}?size|字号|字体|【字体|【字号|author|reporter|editor|views|hits|clicks|作者|记者|编辑|审核"
    rf"|浏览次数|浏览量|阅读量?|点击数?|责任编辑|share(?:{_S}to)?|分享(?:到)?",
    # Words that label a field only beside another one: a headline can begin with them, too.
    "weak_source": "from|origin",
    "weak_date": "time",
    "weak_other": "font|read|category|channel|column",
}
_LABEL = "|".join(f"(?P<{key}>{words})" for key, words in _LABELS.items())
# A label opens a field at the start of the line, or inside it after a space or a bar ("Date: … | Source: …").
_FIELD = re.compile(rf"(?:^|(?<=[\s\u00a0\u3000|｜【\[])){_S}*+(?:{_LABEL}){_S}*+[:：]{_S}*+", re.IGNORECASE)
# Without a colon these label a date that follows.
_SAID = re.compile(
    rf"^(?:(?P<updated>{_UPDATED})|{_PUBLISHED})(?:{_S}by{_S}.{{1,40}}?)?(?:{_S}(?:on|at))?{_S}(?=[\W\d]|[A-Z])",
    re.IGNORECASE,
)
_AROUND = " \t\u00a0\u3000|｜【[;；"
_NAME = r"(?:[^\W\d_a-z][\w.'’-]*|and|with|for|in|of|the)"
_NAMES = rf"{_NAME}(?:(?:{_S}*[/&,]{_S}*|{_S}+){_NAME}){{0,7}}"
_BYLINE = re.compile(
    rf"^(?:(?:[Ss]tory|[Tt]ext|[Ww]ords|[Ww]ritten|[Rr]eported|[Ee]dited|[Pp]hotos?){_S})?(?:[Bb]y|BY){_S}"
    rf"{_NAMES}(?:{_S}*[|｜·]{_S}*{_NAMES})*$"
)
_CREDITED = re.compile(rf"^(?:[(（]?{_NAMES}[)）]?|\d{{1,2}}{_S}?min(?:ute)?s?{_S}read)$")
# Between a date and the names beside it, and between a title and a date.
_BARS = re.compile(r"(?:(?<!\s)\s++)?[|｜·•]\s*+|(?<!\s)\s++[-–—]\s++|(?<=[)）])\s*+")
_DATED_TITLE = re.compile(
    r"^(?P<title>.*\S)(?:[ \u00a0]{2,}|[\t\u3000]\s*|\s*(?=[(（\[【]))(?P<date>\S.*)$"
    r"|^(?P<first>[(（\[【][^)）\]】]+[)）\]】])\s*(?P<rest>\S.*)$"
)
_FAR = re.compile(r"[ \u00a0\u3000]{2,}|\t")
_MAX_DATE_CHARS = 80
_SIGNS = str.maketrans({"\u00a0": " ", "\u3000": " ", "：": ":", "／": "/", "（": "(", "）": ")", "，": ","})
_CHINESE_SIGNS = str.maketrans({"年": "-", "月": "-", "日": " "})
_ISO = re.compile(r"(\d{4})(?: ?[-/.] ?(\d{1,2}) ?[-/.] ?(\d{1,2})(?!\d)|(\d\d)(\d\d)(?!\d))")
# What may stand beside a date: a time of day and its zone, a day of the week, small words.
_BESIDE_DATE = re.compile(
    r"(?:t?\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?|[ap]\.?m\b|z\b|utc|gmt|cst|[+-]\d\d:?\d\d|beijing time|at\b|on\b|the\b"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b|(?:星期|周)[一二三四五六日天]|上午|下午|[\s,.()|日号-])*"
)


@dataclass(frozen=True, slots=True)
class HeaderFields:
    """The fields that a header states: "" is a label without a value, None is no label.

    ``title`` stands before the date on one line.
    """

    date: str | None = None
    updated: str | None = None
    source: str | None = None
    url: str | None = None
    title: str | None = None

    def __or__(self, other: HeaderFields) -> HeaderFields:
        """Returns these fields, and the other's where these are empty."""
        names = [field.name for field in fields(self)]
        return HeaderFields(**{name: getattr(self, name) or getattr(other, name) for name in names})

    def day(self) -> dt.date | None:
        """Returns the day of publication, or that of the last change where no other is stated."""
        return parse_date(self.date) or parse_date(self.updated)


def header_fields(line: str) -> HeaderFields | None:
    """Returns the fields of a line such as "Date: … Source: … fontSize: …"; None where it is none."""
    line = line.strip()
    if len(line) > MAX_LINE_CHARS:
        return None
    labels = list(_FIELD.finditer(line))
    ends = [label.start() for label in labels[1:]] + [len(line)]
    found = [(str(label.lastgroup), line[label.end() : end]) for label, end in zip(labels, ends, strict=False)]
    if all(key.startswith("weak") and not (key == "weak_date" and _is_bare_date(value)) for key, value in found):
        return _without_label(line)
    values: dict[str, str] = {}
    before = line[: labels[0].start()].strip(_AROUND)
    if _is_bare_date(before):
        values["date"] = before
    elif before and not (
        _BYLINE.match(before) or (line[len(before) :].lstrip()[:1] in _AROUND and _CREDITED.match(before))
    ):
        return HeaderFields() if FONT_SIZE.match(line) else None
    for key, value in found:
        values.setdefault(key.removeprefix("weak_"), value.strip(_AROUND))
    values.pop("other", None)
    # What stands far behind a source is none of it: buttons.
    values = {key: _FAR.split(value)[0] if key == "source" else value for key, value in values.items()}
    return HeaderFields(**values)


def _without_label(line: str) -> HeaderFields | None:
    """Returns what a line without labels states: a date alone, said ("Posted on …") or behind a title, or a byline."""
    if _is_bare_date(line):
        return HeaderFields(date=line)
    if (said := _SAID.match(line)) and _is_bare_date(line[said.end() :]):
        value = line[said.end() :]
        return HeaderFields(updated=value) if said["updated"] else HeaderFields(date=value)
    parts = [part for part in _BARS.split(line) if part]
    dates = [part for part in parts if _is_bare_date(part)]
    if len(dates) == 1 and all(part in dates or _BYLINE.match(part) or _CREDITED.match(part) for part in parts):
        return HeaderFields(date=dates[0])
    if match := _DATED_TITLE.match(line):
        title, value = match["title"] or match["rest"], match["date"] or match["first"]
        value = value.strip("()（）[]【】")
        if _is_bare_date(value) and is_headline(title):
            return HeaderFields(date=value, title=title.strip(_AROUND))
    return HeaderFields() if _BYLINE.match(line) or FONT_SIZE.match(line) else None


def find_header(lines: Sequence[str]) -> tuple[int, int, HeaderFields] | None:
    """Finds the run of header lines above the first paragraph: [start:end] of the lines, and their fields together.

    Below a paragraph, "Date: …" is part of a notice.  Menus hold dates too: a bare date counts only where no line has
    a label.
    """
    fields = [header_fields(line) for line in lines]
    at = None
    for number, (line, stated) in enumerate(zip(lines, fields, strict=True)):
        if stated:
            is_labelled = (stated.date, stated.updated, stated.source) != (None, None, None)
            has_label = is_labelled and not stated.title and not _is_bare_date(line)
            at = number if has_label or at is None else at
            if has_label:
                break
        elif is_paragraph(line) and not _is_title(lines, fields, number):
            break
    if at is None:
        return None
    start = next((n + 1 for n in range(at, -1, -1) if not fields[n]), 0)
    end = next((n for n in range(at, len(lines)) if not fields[n]), len(lines))
    return start, end, reduce(or_, (stated for stated in fields[start:end] if stated))


def _is_title(lines: Sequence[str], fields: Sequence[HeaderFields | None], number: int) -> bool:
    """Whether a full sentence is the title: only menus are above it, and the header right below."""
    return any(fields[number + 1 : number + 2]) and all(is_above_title(line) for line in lines[:number])


def parse_date(stated: str | None) -> dt.date | None:
    """Returns a date that is written out in full, else None: nothing is filled in, and 03/04/2024 is ambiguous."""
    words = " ".join((stated or "")[:_MAX_DATE_CHARS].translate(_SIGNS).lower().split())
    if match := _ISO.match(words.translate(_CHINESE_SIGNS)):
        year, *rest = (int(group) for group in match.groups() if group)
        try:
            return dt.date(year, *rest)
        except ValueError:
            return None
    found = _date_in(words)
    return found.first if found else None


def _date_in(words: str) -> Period | None:
    """Returns the day that the words name, with nothing but a time and the like beside it."""
    for _, period in match_rules(words, ABSOLUTE, dt.date.min):
        if period and period.first == period.last and not period.swapped:
            beside = (words[: period.start], words[period.end :])
            return period if all(_BESIDE_DATE.fullmatch(part) for part in beside) else None
    return None


def _is_bare_date(line: str) -> bool:
    words = " ".join(line.translate(_SIGNS).lower().split())
    if not words or len(words) > _MAX_DATE_CHARS:
        return False
    iso = _ISO.match(words.translate(_CHINESE_SIGNS))
    return bool(_BESIDE_DATE.fullmatch(words, iso.end()) if iso else _date_in(words))
