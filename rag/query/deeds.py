"""Whether a question asks what happened: what was done, held or signed, and not what is offered or planned."""

from __future__ import annotations

import re

from rag.query.grammar import words_of
from rag.query.models import Query
from rag.text.tenses import is_past
from rag.text.wordlists import word_set

# What these name has happened, in whatever tense they are asked for.
_DEEDS = word_set("accidents activities delegations event events happenings incidents trips visits")
_PRESENT = word_set("am is are can could do does may might must should")
_FUTURE = word_set("future next plan planned planning plans scheduled shall upcoming will")
# What is said, advised or offered may be told in any tense.
_SAID = word_set("""
    advice advise advised announce announced offer offered offers promise promised quoted recommend recommended remind
    reminded reminders rules said say says suggest suggested tips warn warned warning warnings
""")
_CHINESE_PAST = re.compile(
    "了|过|活动|事件|访问|发生|讲座|培训|演练|展览|比赛|仪式|举[办行]|开展|来访|到访|接待|会见|签署"
)
_CHINESE_OTHER = re.compile("将|计划|未来|今后|下一步|可以|能否|如何|怎么|怎样|哪里能|在哪办")


def asks_for_deeds(query: Query) -> bool:
    """Whether the question, with what it takes from earlier ones, asks for what happened."""
    if query.lacking:  # it is asked what wasn't done
        return False
    if query.original:
        return (
            query.kind != "count"
            and bool(_CHINESE_PAST.search(query.original))
            and not _CHINESE_OTHER.search(query.original)
        )
    words = set(words_of(query.words))
    if query.kind in ("count", "howto") or words & {"who", "whom", "how"} or words & (_FUTURE | _SAID):
        return False
    if not _DEEDS.isdisjoint(words):
        return True
    return _PRESENT.isdisjoint(words) and any(
        (is_past(word) and "-" not in word) or word in ("was", "were") for word in words
    )
