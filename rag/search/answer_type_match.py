"""Whether a sentence holds the kind of value that a question asks for: a number, a day, a person's name."""

from __future__ import annotations

import re

from rag.query.models import AnswerType
from rag.text.cjk import UNIFIED

_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY = rf"{_MONTH}(?: \d{{1,2}}\b)?(?:, (?:19|20)\d\d)?|\b(?:19|20)\d\d\b|\b\d{{1,2}} {_MONTH}"
_NUMBER = (
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|million|dozens?|half"
    r"|once|twice)\b|[一二三四五六七八九十百千万两](?=[个名人次位场家件条天年月元])"
)
# A number of a telephone: with its area or country, or a short one beside a word that says so.
_LONG_PHONE = r"(?<![\d.,])(?:\+|00?[1-9]|\(|[48]00|1[3-9]\d)[\d() -]{4,60}\d(?![\d.,]*\d)"
_SHORT = r"(?<![\d.,:-])(?:[19]\d{4}|1[12]\d|911|999)(?![\d.,:-]*\d)"
_LINE = (
    r"(?i:hot-?\s?lines?|help-?\s?lines?|phone|telephone|tel|dial\w*|call\w*|ring|reach|emergency|line|numbers?)"
    r"|热线|电话|拨打|号码"
)
_BETWEEN = rf"(?:[^\w\d]|\b[a-z]+\b|[{UNIFIED}])"  # marks, small words and Chinese characters
# "12308, the global hotline for consular protection", "12308领事保护热线": said what it is.
_EXPLAINED = (
    rf"{_SHORT}[”\"]?(?:, (?:the|a|an|its|our|their) (?:[\w-]+ ){{0,8}}(?i:hot-?\s?line|help-?\s?line|(?:tele)?phone)"
    rf"|[{UNIFIED}]{{1,12}}(?:热线|电话))"
)
_SHORT_PHONE = rf"(?:{_LINE}){_BETWEEN}{{0,9}}{_SHORT}|{_SHORT}[\s,”\"]{{0,2}}(?:\w+ )?(?:{_LINE})|{_EXPLAINED}"
_STREET = r"(?:Street|Road|Avenue|Lane|Alley|Hutong|Square|Boulevard|Jie|Lu)"
_CALENDAR_DATE = re.compile(rf"{_DAY}|\b\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}\b")
_PATTERNS: dict[AnswerType, re.Pattern[str]] = {
    "number": re.compile(_NUMBER, re.IGNORECASE),
    "money": re.compile(
        r"\b(?:yuan|rmb|renminbi|cny|usd|euros?|dollars?|pounds?|yen|francs?|fees?|free(?: of charge)?|percent"
        r"|pays? nothing)\b|[$€£¥元]|\bcosts?\b",
        re.IGNORECASE,
    ),
    "date": re.compile(
        rf"{_DAY}|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b|\b\d{{1,2}}(?::\d\d| ?[ap]\.?m\b)|o['\u2019]clock"
        r"|\b(?:spring|summer|autumn|winter|weekend|week|month)s?\b|年|月|日"
    ),
    # Two words with capitals that don't open the sentence, or a form of address.
    "person": re.compile(
        r"(?<=[a-z,\u201c\"(] )[A-Z][\w\u2019'-]+ [A-Z][\w\u2019'-]+|\b(?:Mr|Mrs|Ms|Dr|Prof)\b|先生|女士"
    ),
    "place": re.compile(
        r"\b(?:in|at|near|to|from|on|outside|inside|between|of) (?:the )?[A-Z]|\b(?:District|Street|Road|Town|Village"
        r"|Park|Center|Centre|Hall|Square|Building|Floor|School|University)\b|区|街|路"
    ),
    "phone": re.compile(rf"{_LONG_PHONE}|{_SHORT_PHONE}"),
    "address": re.compile(
        rf"\b(?:No\.? ?)?\d+[A-Z]?,? (?:[A-Z][\w'\u2019-]+ ){{1,4}}{_STREET}\b"
        rf"|\b{_STREET}(?: (?:East|West|North|South))?,? (?:No\.? ?)?\d"
        r"|\bNo\.? ?\d+,? [A-Z]\w+|[路街巷道同村里]\s*\d+\s*[号弄]|\baddress (?:is|:)"
    ),
    "hours": re.compile(
        r"\b\d{1,2}(?::\d\d|[ ]?[ap]\.?m\b)|\bo['\u2019]clock"
        r"|\b(?:day and night|around the clock|24 hours|noon|midnight)\b|\d{1,2}[:：点时]\d{0,2}|全天|24小时"
    ),
    "web": re.compile(
        r"https?://|www\.|\b[\w-]+\.(?:cn|com|org|gov)\b|@|\b(?:online|website|app|account)\b", re.IGNORECASE
    ),
    "duration": re.compile(
        rf"(?:{_NUMBER})\W+(?:\w+\W+){{0,2}}?(?:minutes?|hours?|days?|weeks?|months?|years?|seconds?|nights?)\b"
        r"|\b(?:a|half an?|an) (?:minute|hour|day|week|month|year)\b|[天年月周小时分钟]",
        re.IGNORECASE,
    ),
}
SOUGHT: frozenset[AnswerType] = frozenset(("phone", "web", "money", "address", "hours"))
"""The types whose values are rare, so that a passage near to the topic which states one is what is asked for."""
_IN_FULL: dict[AnswerType, re.Pattern[str]] = {
    # In a form that can be dialled, or told to be.
    "phone": re.compile(
        rf"{_LONG_PHONE}|{_EXPLAINED}|\b(?i:dial|call|ring|reach)\b[^.]{{0,60}}\d|(?:拨打|电话|热线)[^。]{{0,6}}\d"
    ),
    "money": re.compile(
        r"(?i)\d[\d,.]{0,30}\s*(?:(?:thousand|million|billion)\s)?(?:yuan|rmb|euros?|dollars?|pounds?|yen|francs?|元|万元)"
        r"|[$€£¥]\s?\d|\b(?:yuan|rmb|cny|usd)\s?\d|\bfree\b|\bnothing\b|\bno (?:fee|charge)|免费"
    ),
}
_INSTRUCTION = re.compile(
    r"\b(?:may|can|must|should|please|required?|needs? to|ha(?:ve|s) to|appl(?:y|ies|ications?)|register|submit)\b"
    r"|^\W*(?:\d+[.)] ?)?(?:step|first|then|report|contact|call|dial|bring|open|take|send|fill|go|keep|choose|check|use"
    r"|scan|upload|receive|ask|make|do not|don['\u2019]t|have|visit|show|click|follow|wait|pay|collect)\b"
    r"|请|可以|应当|需要|拨打",
    re.IGNORECASE,
)


def instructs(sentence: str) -> bool:
    """Whether the sentence says what to do, or what one may or must do."""
    return _INSTRUCTION.search(sentence) is not None


def states_sought(sentence: str, answer_type: AnswerType) -> float:
    """How surely the sentence states a value of a type of ``SOUGHT``, from 0 to 1."""
    if not matches_answer_type(sentence, answer_type):
        return 0.0
    return 1.0 if (pattern := _IN_FULL.get(answer_type)) is None or pattern.search(sentence) else 0.5


def matches_answer_type(sentence: str, answer_type: AnswerType) -> bool:
    """Whether the sentence holds a value of the type; whether it is the one asked for, its score says."""
    if answer_type in ("number", "phone"):
        sentence = _CALENDAR_DATE.sub(" ", sentence)
    return _PATTERNS[answer_type].search(sentence) is not None
