"""The intent of a question: its kind, the order of its answer, and whether it asks for all that matches.

The rules read a question in which each district's name is ``PLACE`` and each period ``TIME``, so that "what did Haidian
do in May" and "what did Shunyi do last year" are one form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.models import Located
from rag.query.exhaustive import PLACE, TIME, asks_whatever, is_exhaustive
from rag.query.grammar import words_of
from rag.query.models import QueryKind, SortOrder
from rag.text.wordlists import word_set


@dataclass(frozen=True, slots=True)
class Intent:
    """The kind and order of the answer; ``exhaustive`` says that all that matches is asked for."""

    kind: QueryKind = "fact"
    exhaustive: bool = False
    sort: SortOrder = "relevance"


def mask(words: str, districts: Sequence[Located], periods: Sequence[Located]) -> str:
    """The words with ``PLACE`` for each district and ``TIME`` for each period."""
    marks = [(span.start, span.end, PLACE) for span in districts] + [(span.start, span.end, TIME) for span in periods]
    for start, end, mark in sorted(marks, reverse=True):
        words = words[:start] + mark + words[end:]
    return words


def intent_of(question: str, *, whole_years: bool, ordered: bool = True) -> Intent:
    """The intent of a masked question.

    ``whole_years`` says that its periods are plain years, which make no date question; with ``ordered`` False,
    "latest" and "earliest" are ignored.
    """
    clause = asking_clause(question)
    exhaustive = is_exhaustive(question, clause)
    if _COMPARE.search(question):
        return Intent("compare", True)
    if ordered and _EARLIEST.search(question):
        exhaustive = bool(_OLDEST.search(question))
        return Intent("list" if exhaustive else "latest", exhaustive, "date-asc")
    if ordered and (_LATEST.search(question) or (_RECENT.search(question) and not exhaustive)):
        return Intent("latest", False, "date-desc")
    if counted := _COUNT.search(question):
        exhaustive = bool(_COUNTED.search(question)) or not _has_topic(question[counted.end() :])
        return Intent("count", exhaustive, "date-desc" if exhaustive else "relevance")
    if _HOW_TO.search(clause):
        return Intent("howto")
    if not exhaustive:
        return Intent("fact")
    if TIME in question and not whole_years:
        return Intent("date", True, "date-desc")
    return Intent("district" if _is_about_district(question, clause) else "list", True, "date-desc")


def asking_clause(question: str) -> str:
    """The clause from the word that asks to the end of the sentence, or the whole question where no word asks.

    Of "In May, where were lectures held?" it is what follows the comma.
    """
    opening = _OPENS.search(question)
    if not opening or _POLITE.match(question):
        return without_politeness(question.strip(" ?!."))
    clause = without_politeness(_SENTENCE_END.split(question[opening.end() :])[0]).strip()
    return _SHORT_IS.sub(r"\1 is", clause)


def without_politeness(question: str) -> str:
    """The question without "could you", "I'm looking for" and the like."""
    return _POLITE.sub("", question)


def _has_topic(counted: str) -> bool:
    """Whether what is counted ("lectures on safety") has a topic, so that a bulletin may state the number.

    "Bulletins" and "events in 2023" have none.
    """
    words = words_of(counted)
    return words[:1] not in (["bulletins"], ["stories"]) and any(word not in _COUNT_WORDS for word in words)


def _is_about_district(question: str, clause: str) -> bool:
    """Whether a district is asked about: what it did, or what there is of it."""
    if _PLACE_FIRST.match(question) or _PLACE_ACTS.search(clause) or _ABOUT_PLACE.match(clause):
        return True
    return PLACE in question and (asks_whatever(clause) or not words_of(clause))


_ASKING_WORDS = (
    r"what|which|who|whom|whose|where|when|why|how|is|are|was|were|has|have|had|do|does|did|can|could|will|would|should"
    r"|may|must|list|show|name|give|find|tell|enumerate|count|compare|summari[sz]e"
)
_OPENS = re.compile(
    rf"(?i)(?:^|[.?!;:,\n]|\b(?:and|but|so|please|then)\b)[\s\"'“]{{0,9}}(?:(?:please|and|but|so|then|also|now)\s+){{0,9}}"
    rf"(?:(?:in|at|on|to|from|for|by|with|since|until|up to|of)\s+(?=what|which|whom|when|whose))?"
    rf"(?=(?:{_ASKING_WORDS})\b)|(?=\b(?:how many|how much|who|which|where)\b)"
)
_SENTENCE_END = re.compile(r"[.?!;](?:\s|$)")
_SHORT_IS = re.compile(r"(?i)^(what|who|where|when|how)['\u2019]s\b")
_POLITE = re.compile(
    r"(?i)^(?:(?:can|could|would|will) you (?:please )?|please |do you know |i(?:['\u2019]d| would) like to"
    r" (?:know|see|read)(?: about)? |i(?: am|['\u2019]m) looking for |looking for "
    r"|where can i (?:read|find (?:something|more)) about |i want (?:to know |to see )?)+"
)
_COMPARISON = (
    r"more|fewer|less|larger|bigger|higher|lower|longer|shorter|older|younger|smaller|greater|cheaper|faster|earlier"
    r"|later|better|busier|farther|further|stronger|slower|heavier|sooner|most"
)
_CHANGE = (
    r"r[io]se|risen|gr[eo]w|grown|increased?|decreased?|f[ae]ll|fallen|drop(?:ped)?|declined?|changed?|double[ds]?"
    r"|develop(?:ed)?"
)
_COMPARE = re.compile(rf"""(?ix)
    \bcompar(?:e[ds]?|ing|ison)\b | \bversus\b | \bvs\b | \bdifferences?\ between\b
    | \bdiffer(?:s|ed)?\ (?:from|between)\b
    | \b(?:different|two|contradictory|conflicting|differing)\ (?:numbers|figures|values|amounts|dates|totals)\b
    | \b(?:{_COMPARISON})\b[^.?]*\bthan\ (?:(?:in|the\ one|that|those|for|of)\ )*[{PLACE}{TIME}]
    | \b(?:{_COMPARISON}|first)\b(?>[^.?]*?(?:[,:]|\ {TIME}|\ {PLACE}))[^.?]*\bor\b
    | \b(?:contradict|disagree|inconsistent)
    | \bhow\ many\b(?![^?]*\bbetween\b)[^?]*(?:{PLACE}\ and\ (?:in\ )?{PLACE}|{TIME}\ and\ (?:in\ )?{TIME})
    | \b(?:{_CHANGE})\b[^.?]*(?:\bfrom\ {TIME}\ *(?:to|until)|\bbetween\ {TIME}\ *and|\bsince\ {TIME}|\bcompared\b)
    | \b(?:r[io]se\ or\ f[ae]ll|grow\ or\ shrink|increase\ or\ decrease|before\ and\ after)\b
    | \bas\ (?:many|much)\ [^.?]*\ as\ (?:in\ )?[{PLACE}{TIME}] | \bthe\ one\ [^.?]*\bor\ (?:the|that)\b
    | \bwhich\ (?:district|year|month|of)\b[^.?]*,\s*(?:in\ )?[{PLACE}{TIME}],?\s+or\b
    | 比较|相比|对比 | (?:比|和|与).*(?:更多|多还是少|区别|差别|不同) | 还是.*[更多早晚] | [更多早晚].*还是
""")
_NOT_LAST = (
    r"week|month|year|quarter|spring|summer|autumn|fall|winter|night|decade|century|few|couple|several|\d+|two|three"
    r"|four|five|six|seven|eight|ten|twelve|days?|hours?|minutes?|train|bus|metro|subway|flight|ferry|call|order|entry"
    r"|admission|name|resort|mile|word|stage|stop|row|bit|but|chance|emperor|dynasty|station|exit|drop|straw"
)
_LATEST = re.compile(rf"""(?ix)
    (?<!at\ the\ )\b(?:latest|newest|most\ recent)\b
    # "the last visit"; not "the last train", "how long did it last?"
    | (?:\b(?:the|its|their|whose|which|what)|['’]s|^|[.?!,]|{PLACE})\s*\blast\b(?!['’-]|\ (?:{_NOT_LAST})\b|\s*[?.!]?$)
    | \b(?:the|came|met|held|happened|seen|reported|mentioned|visited)\ last(?:\s*[?.!]?$)
    # what holds now is what was said last
    | \b(?:current(?:ly)?|correct|corrected|valid|up-to-date|updated)\ (?:\w+\ ){{0,3}}?
      (?:rules?|values?|numbers?|figures?|amounts?|dates?|names?|versions?|requirements?|regulations?|procedures?|fees?
      |prices?|limits?|texts?|status|address|list|deadlines?|policy|policies)\b
    | \b(?:still|now|currently)\ (?:valid|in\ force)\b | \bin\ force\ now\b
    | \bthe\ right\ (?:number|value|figure|amount|date)\b
    | \bmost\ recently\b
    | 最新|最近|目前有效|现行
""")
_RECENT = re.compile(r"(?i)\brecent(?:ly)?\b")
_REPORT = (
    r"(?:(?:bulletin|report|item|stor(?:y|ie)|article|issue|announcement|notice|entr(?:y|ie)|post|event|thing)s?|news)"
)
_EARLIEST = re.compile(rf"""(?ix)
    (?<!at\ the\ )\bearliest\b
    | \b(?:oldest|first)\ (?:ever\ )?(?:published\ |reported\ |news\ )?{_REPORT}\b(?!\ (?:of|to)\b)
    | \b{_REPORT}\ (?:\w+\ )?(?:is|was|were|are|came|appeared)\ (?:the\ )?(?:very\ )?(?:oldest|first)\s*(?:[?.!]|$)
    | ^\W*(?:the\ )?(?:very\ )?oldest\W*$
    | \bfirst\ (?:mentioned|reported|told\ of)\b | 最早 | 最旧 | 最老的?(?:新闻|消息|简报|报道) | 第一[篇条则份期]
""")
_OLDEST = re.compile(r"(?i)\b(?:earliest|oldest|first) (?:bulletins|reports)\b")
_UNITS = r"seconds?|minutes?|hours?|days?|weeks?|months?|years?|yuan|dollars?|euros?|percent|times"
_COUNT = re.compile(rf"""(?ix)
    \bhow\ many\b(?!\ (?:\w+\ )?(?:{_UNITS})\b)
    | \b(?:what|which|tell|give|know)\b[^.?]*\bthe\ (?:total\ |exact\ )?number\ of\b
      (?!\ the\ (?:\w+\ )?(?:hotline|phone|office|house|room|document|line))
    | ^\s*count\b | \bnumber\ of\ \w+s\b\s*\? | 多少(?!钱|[？?]?$) | 几(?=[个次场名位家项种])
""")
_COUNTED = re.compile(
    r"(?i)\b(?:are|were|have been|has been) (?:\w+ )?(?:mentioned|reported|described|told of|covered|listed|recorded)\b"
    r"|\b(?:in|among|across|by) (?:all )?(?:the|these|your) bulletins\b"
    r"|\bhow many (?:times|(?:[\w-]+ ){0,3}(?:events|activities|stories|reports|entries))\b"
    r"|\b(?:do|did|does) (?:the|these|your) bulletins\b"
    rf"|\b(?:do|did|does) [^?]*{PLACE}[^?]* (?:report|mention)\b|\bcan (?:be|you) f(?:ound|ind)\b"
)
_COUNT_WORDS = word_set("""
    events event activities bulletins stories were are there in the of from by did do does was have has been held
    happened and or at on reported report about altogether total all to during since
""")
_PEOPLE = (
    r"(?:i|we|one|you|someone|anyone|somebody|people|foreigners|visitors|residents|companies|firms|employers|students"
    r"|parents|tourists|travell?ers|citizens|a|an|my|our|(?:private|foreign|local|chinese|young|small)\ \w+)"
)
_HOW_TO = re.compile(rf"""(?ix)
    \bhow\ to\b | \bhow\ (?:can|do|does|should|could|must|may|would)\ {_PEOPLE}\b
    | \bwhat\ (?:do|does|would|can|may|must|should)\ {_PEOPLE}\ (?:\w+\ )?
      (?:need|have\ to|do|bring|prepare|submit|pay)\b
    | \bwhat\ (?:must|should|can)\ (?:i|we|one|you)\b
    | \b(?:the|what|which)\ (?:\w+\ )?(?:steps|procedures?|formalities|requirements)\b
    | \b(?:documents|papers|forms)\ (?:\w+\ ){{0,4}}?(?:needed|need|required|require|necessary|have|bring)\b
    | \b(?:where|when|whom?|which\ number)\ (?:can|do|does|should|must|could|may)\ {_PEOPLE}\b
    | \b(?:where|whom?)\ to\ (?:apply|call|register|turn|ask|go|report)\b
    | \bwho\ (?:can|may)\ (?:apply|register|join|take\ part)\b
    | ^(?:can|may|must|should|do)\ (?:i|we|one|foreigners)\b | \bam\ i\ allowed\b
    | 怎么|如何|怎样|需要(?:什么|哪些)|步骤|手续|流程
""")
_PLACE_FIRST = re.compile(rf"(?i)\W*(?:and\s+|in\s+)?{PLACE}(?:\s+(?:in|during)\s+{TIME})?\s*(?:[:,，]|\u2014|-|$)")
_ABOUT_PLACE = re.compile(rf"(?i)(?:tell|summari[sz]e)\b(?:\s+(?:me|us|about|of))*\s*{PLACE}")
_PLACE_ACTS = re.compile(
    rf"(?i)\b(?:has|have|did|does|do|is|are|will|can)\s+(?:the\s+)?{PLACE}(?:\s*(?:,|and)\s*{PLACE})*\s+\w+"
    rf"|{PLACE}(?:有|做|举办|发生|报道)"
)
