"""Which districts a question leaves out, and which districts of other cities it names."""

from __future__ import annotations

import re

from rag.text.districts import DEVELOPMENT_AREA, Mention, mentions, overlap

_ELSEWHERE = re.compile(r"(?<!\w)((?:[A-Z][\w'’-]+ ){1,3})(?:District|district|Qu|New Area)\b")
_ELSEWHERE_CHINESE = re.compile(
    r"(?:^|[在，。、？ ])([\u4e00-\u9fff]{2,3}?新?区)(?=[的有在,，:：？]|\d|去年|今年|举|发生|$)"
)
_EXCEPT = re.compile(
    r"\b(?:except|excluding|other than|apart from|outside|not in)\s+(?:(?:for|in|of|the)\s+)*$", re.IGNORECASE
)
_NO_NAME = re.compile(
    r"(?:In|At|Which|What|Each|Every|Any|The|This|That|A|An|No|One|Another|Same|Our|My|Your|Does|Did|Do|Has|Have|Is|Are"
    r"|Was|Were|From|For|Of|By|To|And|Or|Compare|List|Show|Tell|Me|About|Please|How|Who|Where|When|Why|City|Urban"
    r"|Business|Central|Core|Financial|Shopping|Old|New|Historic|Embassy|Art|Cultural|Special|Administrative) "
)
_NO_NAME_CHINESE = re.compile(r".*(?:[社地校园城郊小景学辖展港灾疫市赛牧营片专务特]|开发)区$|[哪各每全本该这那].*")


def excluded(words: str, mention: Mention) -> bool:
    """Is it named to be left out ("outside Haidian")?"""
    return _EXCEPT.search(words[: mention.start]) is not None


def elsewhere(question: str) -> tuple[str, ...]:
    """The districts named as such that aren't Beijing's ("Pudong District"), as the question writes them.

    A question may well ask of them: whether it can be answered is for the bulletins to say.
    """
    taken = mentions(question)
    found: list[str] = []
    for match in _ELSEWHERE.finditer(question):
        start = match.start()
        while opening := _NO_NAME.match(question, start, match.end()):
            start = opening.end()
        name = question[start : match.end()]
        if " " in name and not any(overlap(Mention(start, match.end(), name), other) for other in taken):
            found.append(name)
    for match in _ELSEWHERE_CHINESE.finditer(question):
        span = Mention(match.start(1), match.end(1), match[1])
        if not _NO_NAME_CHINESE.fullmatch(span.name) and not any(overlap(span, other) for other in taken):
            found.append(span.name)
    return tuple(dict.fromkeys(found))


def not_in_beijing(names: tuple[str, ...]) -> str:
    """One sentence for a person on districts that ``elsewhere`` found."""
    is_none = "isn't a district" if len(names) == 1 else "aren't districts"
    return (
        f"{' and '.join(names)} {is_none} of Beijing; these bulletins tell of Beijing's sixteen districts"
        f" and the {DEVELOPMENT_AREA}."
    )
