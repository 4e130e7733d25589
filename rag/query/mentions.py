"""The districts and places that a question names, found once; districts left out, and those of other cities."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.models import Located, Span
from rag.text import districts
from rag.text.cjk import UNIFIED
from rag.text.districts import Mention
from rag.text.places import Place, places_in_question

_ELSEWHERE = re.compile(r"(?<!\w)((?:[A-Z][\w'’-]+ ){1,3})(?:District|district|Qu|New Area)\b")
_ELSEWHERE_CHINESE = re.compile(
    rf"(?:^|[在，。、？ ])([{UNIFIED}]{{2,3}}?新?区)(?=[的有在,，:：？]|\d|去年|今年|举|发生|$)"
)
_NO_NAME = re.compile(
    r"(?:In|At|Which|What|Each|Every|Any|The|This|That|A|An|No|One|Another|Same|Our|My|Your|Does|Did|Do|Has|Have|Is|Are"
    r"|Was|Were|From|For|Of|By|To|And|Or|Compare|List|Show|Tell|Me|About|Please|How|Who|Where|When|Why|City|Urban"
    r"|Business|Central|Core|Financial|Shopping|Old|New|Historic|Embassy|Art|Cultural|Special|Administrative) "
)
_NO_NAME_CHINESE = re.compile(r".*(?:[社地校园城郊小景学辖展港灾疫市赛牧营片专务特]|开发)区$|[哪各每全本该这那].*")


@dataclass(frozen=True, slots=True)
class Mentions:
    """A text with the districts and the places that it names, each in order."""

    text: str
    districts: tuple[Mention, ...]
    places: tuple[Place, ...]


def find_mentions(text: str) -> Mentions:
    """The districts and places of a text that is read as a question."""
    named = tuple(districts.typed_mentions(text))
    return Mentions(text, named, places_in_question(text, named))


def districts_elsewhere(words: str, of_beijing: Sequence[Located]) -> tuple[str, ...]:
    """The districts named as such that aren't Beijing's ("Pudong District"), as the question writes them.

    ``of_beijing`` is where the question names districts of Beijing.  A question may well ask about others: whether it
    can be answered is for the bulletins to say.
    """
    spans: list[Span] = []
    for match in _ELSEWHERE.finditer(words):
        start = match.start()
        while opening := _NO_NAME.match(words, start, match.end()):
            start = opening.end()
        spans += [Span(start, match.end())] if " " in words[start : match.end()] else []
    for match in _ELSEWHERE_CHINESE.finditer(words):
        spans += [] if _NO_NAME_CHINESE.fullmatch(match[1]) else [Span(*match.span(1))]
    return tuple(dict.fromkeys(span.of(words) for span in spans if not any(map(span.overlaps, of_beijing))))
