"""Which of Beijing's districts a question names, misspelt ones too, and which districts of elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz.distance import OSA

from rag import gazetteer
from rag.gazetteer import DEVELOPMENT_AREA, Mention

_LETTERS = {name.removesuffix(" District").lower(): name for name in gazetteer.CANONICAL[:-1]}
# As near to a district's name as its misspellings are, by one letter: English words and other places of China.
_NOT_MISSPELT = frozenset(
    """
    changing chanting dating daring dazing haitian haitians hadean
    changling changning changqing changting chaoyangmen daqing daxin'an dongchang dongsheng fangshang fengshan
    fengtian huaidian pingdu pingyu shangping tengzhou xichang xincheng xucheng yanjing yanking yangqing
    """.split()
)
_SYLLABLE = 6  # letters; the longest of pinyin
_RUN = re.compile(r"(?<![^\W\d_])[A-Za-z]+(?:[ -][A-Za-z]+)*(?![^\W\d_])")
_PIECE = re.compile(r"[A-Za-z]+")
_OTHER_PLACE = re.compile(r"['\u2019]| (?:County|City|Province|Prefecture)\b", re.IGNORECASE)
_SUFFIX = re.compile(r" (?:districts?\b|dist\.|qu\b)", re.IGNORECASE)
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


def mentions(words: str) -> list[Mention]:
    """Every district that the words name, in order of place: by any name of the gazetteer, by an everyday name, or by
    one within a slip of the keys (two for the longest), in one word or in its syllables."""
    found = [*gazetteer.mentions(words)]
    for match in gazetteer.EVERYDAY_AREA.finditer(words):
        _add(found, Mention(match.start(), match.end(), DEVELOPMENT_AREA))
    for misspelt in _misspelt(words):
        _add(found, misspelt)
    return sorted(found, key=lambda mention: mention.start)


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
        if " " in name and not any(_overlap(Mention(start, match.end(), name), other) for other in taken):
            found.append(name)
    for match in _ELSEWHERE_CHINESE.finditer(question):
        span = Mention(match.start(1), match.end(1), match[1])
        if not _NO_NAME_CHINESE.fullmatch(span.name) and not any(_overlap(span, other) for other in taken):
            found.append(span.name)
    return tuple(dict.fromkeys(found))


def not_in_beijing(names: tuple[str, ...]) -> str:
    """One sentence for a person on districts that ``elsewhere`` found."""
    is_none = "isn't a district" if len(names) == 1 else "aren't districts"
    return (
        f"{' and '.join(names)} {is_none} of Beijing; these bulletins tell of Beijing's sixteen districts"
        f" and the {DEVELOPMENT_AREA}."
    )


def _add(found: list[Mention], mention: Mention) -> None:
    if not any(_overlap(mention, other) for other in found):
        found.append(mention)


def _overlap(one: Mention, other: Mention) -> bool:
    return one.start < other.end and other.start < one.end


def _misspelt(words: str) -> Iterator[Mention]:
    for run in _RUN.finditer(words):
        pieces = [(match.start() + run.start(), match.end() + run.start()) for match in _PIECE.finditer(run[0])]
        for number, (start, _) in enumerate(pieces):
            # Of a name in syllables none is long: "shi jing san".
            for length in (3, 2, 1):
                chosen = pieces[number : number + length]
                if len(chosen) < length or (length > 1 and any(end - start > _SYLLABLE for start, end in chosen)):
                    continue
                end = chosen[-1][1]
                name = _near(re.sub("[ -]", "", words[start:end]).lower(), length)
                if name and not _OTHER_PLACE.match(words, end):
                    suffix = _SUFFIX.match(words, end)
                    yield Mention(start, suffix.end() if suffix else end, name)
                    break


def _near(letters: str, pieces: int) -> str | None:
    if len(letters) < 5 or letters in _NOT_MISSPELT:
        return None
    for name, district in _LETTERS.items():
        # Hardly anyone mistypes the first letter, and "taxing" isn't Daxing.
        if letters[0] == name[0] and OSA.distance(letters, name, score_cutoff=2) <= _slips(name, pieces):
            return district
    return None


def _slips(name: str, pieces: int) -> int:
    return 2 if len(name) >= 10 and pieces == 1 else 1
