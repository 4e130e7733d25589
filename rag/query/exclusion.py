"""What a question leaves out: "outside Haidian", "but not in March", "except those about visas"."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.errors import QuestionRefused
from rag.models import Period
from rag.query.date_range import DateRange, date_range_of
from rag.query.grammar import AUXILIARIES, FUNCTION_WORDS, WORD, words_of
from rag.query.mentions import Mentions
from rag.query.models import Exclusion
from rag.query.yearless import LEAP_YEAR
from rag.text.districts import Mention


@dataclass(frozen=True, slots=True)
class Excluded:
    """A stretch of the question that leaves something out, as it is written: ``date`` are the words of a period."""

    start: int
    end: int
    districts: tuple[str, ...] = ()
    date: str = ""
    topic: str = ""

    def resolved(self, today: dt.date, year: int | None) -> Exclusion | None:
        """What it leaves out; a month without a year is that of ``year``, the one asked about."""
        dates = date_range_of(f"in {self.date}", today, year) if self.date else DateRange()
        if bool(self.date) != bool(dates.periods) or not (self.districts or self.date or self.topic):
            return None
        return Exclusion(self.districts, dates.first, dates.last, self.topic)


def exclusions_in(mentions: Mentions, today: dt.date) -> tuple[Excluded, ...]:
    """Everything that the question leaves out, in order."""
    text = mentions.text
    guarded = bool(_YES_NO_OR_WHY.match(text)) or next(iter(words_of(text)), "") in AUXILIARIES
    found: list[Excluded] = []
    at = 0
    while opening := _OPENING.search(text, at):
        at = opening.end()
        # "Did the choir not sing in Haidian?" asks whether it did.
        if guarded and opening["not"] and not opening["but"]:
            continue
        if excluded := _excluded_by(opening, mentions, today):
            found += excluded
            at = excluded[-1].end
    return tuple(found)


def without_exclusions(text: str, exclusions: Sequence[Excluded]) -> str:
    """The text without what it leaves out."""
    for excluded in reversed(exclusions):
        before = _DANGLING.sub("", text[: excluded.start].rstrip(" ,，;("))
        text = f"{before} {text[excluded.end :].lstrip(' ,，;)')}"
    return " ".join(re.sub(r"\s+([?.!])", r"\1", text).split())


def _excluded_by(opening: re.Match[str], mentions: Mentions, today: dt.date) -> list[Excluded]:
    """What follows the opening: districts, periods, both of one thing ("those in Haidian in May"), or a topic."""
    text, start = mentions.text, opening.start()
    objects = _objects_at(mentions, opening.end(), today)
    if opening["not"] and len(objects) > 1 and not _OR.search(text, objects[0].end, objects[-1].start):
        objects = objects[:1]  # "not Haidian, Fengtai": the other is what is asked for
    if objects:
        end = objects[-1].end
        also = _OF_THE_SAME.match(text, end) if opening["those"] else None
        if also and (more := _objects_at(mentions, also.end(), today)):
            return [_combined(text, start, [*objects, *more[:1]])]
        starts = [start, *(each.end for each in objects[:-1])]
        return [_combined(text, first, [each]) for first, each in zip(starts, objects, strict=True)]
    about = _ABOUT.match(text, opening.end())
    if opening["weak"] or (opening["not"] and not about):
        return []
    begin = about.end() if about else opening.end()
    end = _topic_end(mentions, begin, today)
    topic = " ".join(m[0] for m in WORD.finditer(text[begin:end]) if m[0].lower() not in FUNCTION_WORDS)
    return [Excluded(start, end, topic=topic)] if topic or _BACK.fullmatch(text, begin, end) else []


def _combined(text: str, start: int, objects: Sequence[Mention | Period]) -> Excluded:
    names = tuple(each.name for each in objects if isinstance(each, Mention))
    dates = [text[each.start : each.end] for each in objects if isinstance(each, Period)]
    return Excluded(start, objects[-1].end, names, dates[0] if dates else "")


def _objects_at(mentions: Mentions, at: int, today: dt.date) -> list[Mention | Period]:
    """The districts and periods from this place on that are joined by "and", "or" or a comma."""
    objects: list[Mention | Period] = []
    while one := _object_at(mentions, at, today):
        if objects and type(one) is not type(objects[-1]) and not _OR.search(mentions.text, objects[-1].end, one.start):
            break  # "outside Haidian, 2024": the year is what is asked for
        objects.append(one)
        join = _JOIN.match(mentions.text, one.end)
        if not join:
            break
        at = join.end()
    return objects


def _object_at(mentions: Mentions, at: int, today: dt.date) -> Mention | Period | None:
    for mention in mentions.districts:
        if mention.start == at:
            return mention
    with contextlib.suppress(QuestionRefused):  # which the whole question will meet too
        tail = f"in {mentions.text[at:]}"
        for period in date_range_of(tail, today, LEAP_YEAR).periods[:1]:
            if period.start == len("in "):
                return Period(period.first, period.last, at, at + period.end - period.start)
    return None


def _topic_end(mentions: Mentions, start: int, today: dt.date) -> int:
    """Where the words of a topic end: at a mark, or before "in 2024" or "in Haidian"."""
    text = mentions.text
    for match in _TOPIC_END.finditer(text, start):
        if match["mark"] is not None or _object_at(mentions, match.end(), today):
            return match.start()
    return len(text)


_GENERIC = (
    r"(?:(?:(?:all |any )?(?:of )?(?:those|the ones?|ones?)|anything|everything|events?|activities|news|reports?"
    r"|bulletins?|items?|entries|what)\s+)"
)
_VERB = (
    r"(?:(?:that|which|has|have|had|is|are|was|were|be|been|being|happen(?:ed|ing)?|occur(?:red|ring)?"
    r"|tak(?:e|en|ing) place|took place|held|organi[sz]ed|hosted|report(?:ed)?|dated|published|located|com(?:e|ing)"
    r"|came|given)\s+)"
)
_PREPOSITIONS = r"(?:(?:in|from|of|at|by|for|during|on|within|inside|the|districts?|months?|years?)\s+)*"
_STRONG = (
    r"except(?:ing|ed)?(?: for)?|exclud(?:e|es|ing)|other than|apart from|aside from|with the exception of|save for"
    r"|besides|not counting|not including|(?:do(?:es)? not|don['’]t|doesn['’]t) include|rather than|instead of"
    r"|(?:any|every|no)(?:where|thing|one|body)(?: else)? but"
    r"|(?:all|every|any|each)(?: of)?(?: the)?(?: \w+){0,2} but(?! not\b)"
)
_WEAK = (  # leave out districts and periods, but no topic: "without a visa"
    r"outside(?: of)?|beyond|without|minus|(?:dropp?|remov|omitt?|skipp?|ignor)(?:e|ing)?|leav(?:e|ing) out"
    r"|(?<![\w-])non-?|(?:^|(?<=[,;])\s*|(?<=but |and ))no(?=\s)"
)
_OPENING = re.compile(
    r"(?i)(?P<but>[\s,;(]{0,9}\b(?:but|and|or)\s+|[,;(]\s*)?(?:(?:that|which)\s+)?"
    rf"(?:\b(?P<strong>{_STRONG})\b|(?:\b|(?=[\s,;n]))(?P<weak>{_WEAK})"
    r"|(?P<not>(?:\b(?:did|do|does|was|were|is|are|has|have|had)\s*)?(?<!could )(?<!can )(?<!would )(?<!should )"
    r"(?:\b(?:not|neither)|(?<=[a-z])n['’]t|\bnever)\b))"
    rf"\s*(?P<those>{_GENERIC})?{_VERB}*{_PREPOSITIONS}"
)
_BACK = re.compile(r"(?i)\s*(?:that|this|these|those|it|them)\s*")  # "other than that" leaves out what was shown
_JOIN = re.compile(
    r"\s*(?:,\s*(?:(?:and|or|nor)\b)?|/|&|、|，|\b(?:and|or|nor)\b|和|或者?|与|及|以及)\s*"
    r"(?:(?:not|in|from|of|for|at|the|those)\s+)*"
)
# "held in districts" other than Haidian
_DANGLING = re.compile(
    rf"(?i)(?<!\s)\s++{_VERB}*(?:in|from|at|of|by|during)(?:\s+(?:the|any|all|those))*(?:\s+(?:districts?|months?|years?|areas?|places?))?$"
)
_OR = re.compile(r"(?i)\b(?:and|or|nor)\b|[和或与及&/、]")
_OF_THE_SAME = re.compile(r"(?i)\s+(?:in|of|from|during|for)\s+(?:the\s+)?")
_ABOUT = re.compile(
    r"(?i)(?:about|on|concerning|regarding|related to|relating to|(?:to do )?with|mention(?:ing|s)?|involv(?:e|ing))"
    r"\s+(?:the\s+)?"
)
_TOPIC_END = re.compile(
    r"(?i)(?P<mark>(?:(?<!\s)\s++)?[,.?!;:，。？！；]|(?<!\s)\s++(?:but|that|which|who)\b)"
    r"|(?<!\s)\s++(?:in|during|of|from|since|for)\s+(?:the\s+)?"
)
_YES_NO_OR_WHY = re.compile(r"(?i)\W*(?:why|how|when)\b")
