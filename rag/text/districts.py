"""Beijing's districts by any of their names, in running text and as heading lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from rag.models import Span
from rag.text.cjk import UNIFIED

DEVELOPMENT_AREA = "Beijing Economic-Technological Development Area"

# Pinyin syllables and Chinese name; "Hai dian" and "Hai-dian" are spellings of the first.
_DISTRICTS = {
    "Dong cheng": "东城",
    "Xi cheng": "西城",
    "Chao yang": "朝阳",
    "Hai dian": "海淀",
    "Feng tai": "丰台",
    "Shi jing shan": "石景山",
    "Men tou gou": "门头沟",
    "Fang shan": "房山",
    "Tong zhou": "通州",
    "Shun yi": "顺义",
    "Chang ping": "昌平",
    "Da xing": "大兴",
    "Huai rou": "怀柔",
    "Ping gu": "平谷",
    "Mi yun": "密云",
    "Yan qing": "延庆",
}
CANONICAL = (*(name.replace(" ", "") + " District" for name in _DISTRICTS), DEVELOPMENT_AREA)

_SPACE = r"[ \t\u00a0\u3000]"
# Not the district: the Daxing'an mountains, and 朝阳产业 ("sunrise industry").
_FALSE_FRIEND = r"(?!['\u2019]an|安岭|产业)"


@dataclass(frozen=True, slots=True)
class Mention(Span):
    """A district's name in a text; ``name`` is its canonical one."""

    name: str


def _pattern() -> re.Pattern[str]:
    alternatives = []
    for number, (syllables, chinese) in enumerate(_DISTRICTS.items()):
        pinyin = rf"{_SPACE}?-?".join(syllables.split())
        suffix = rf"(?:{_SPACE}{{1,3}}(?:Districts?\b|Dist\.|Qu\b))?"
        alternatives.append(
            rf"(?P<d{number}>(?<![A-Za-z]){pinyin}(?![A-Za-z]){_FALSE_FRIEND}{suffix}|{chinese}{_FALSE_FRIEND}区?)"
        )
    area = (
        rf"(?:Beijing{_SPACE}{{1,3}})?Economic(?:-|{_SPACE}and{_SPACE}|{_SPACE}?&{_SPACE}?){_SPACE}?Technolog(?:ical|y)"
        rf"{_SPACE}{{1,3}}Development{_SPACE}{{1,3}}(?:Area|Zone)"
    )
    town = rf"(?:Beijing{_SPACE})?E-?{_SPACE}?Town"
    alternatives.append(
        rf"(?P<d{len(_DISTRICTS)}>(?<![A-Za-z])(?:{area}|{town}|(?-i:BDA))(?![A-Za-z])|(?:北京)?经济技术开发区|北京经开区)"
    )
    # The look-ahead lets the matcher pass over most places without trying every name: four times faster.
    return re.compile(rf"(?=(?<![A-Za-z])[A-Za-z]|[{UNIFIED}])(?:{'|'.join(alternatives)})", re.IGNORECASE)


_NAME = _pattern()
_JOIN = re.compile(rf"{_SPACE}*(?:,{_SPACE}*and|,|，|、|/|&|and|和|与|及){_SPACE}*", re.IGNORECASE)
# What may stand around a heading's name: numbering, bullets, brackets.
_BEFORE = re.compile(
    rf"(?:[IVX]+[.、．]|[(（]?(?:\d{{1,2}}|[一二三四五六七八九十]+)[.、．)）]|[①-⑳•■●◆▶*#\-【\[]|{_SPACE})*"
    rf"(?:Beijing{_SPACE}+|北京市)?"
)
_AFTER = re.compile(rf"(?:[:：】\]*]|{_SPACE})*")
_BRACKETS = re.compile(rf"{_SPACE}*[(（]([^()（）]*)[)）]")
_PREFIX_MARK = re.compile(rf"(?:{_SPACE}*[:：】\]|｜—–]|{_SPACE}+-{_SPACE}){_SPACE}*")
# The development area by its everyday names; the town of that name is another place.
EVERYDAY_AREA = re.compile(
    r"(?<![A-Za-z])(?:Yi[ -]?zhuang(?! (?:Town|Township)\b)|BDA|BETDA|e[ -]?town"
    r"|(?<=the )(?:economic |technological |beijing )*development (?:area|zone))(?![A-Za-z])|亦庄(?!镇)|经开区",
    re.IGNORECASE,
)
_LETTERS = {name.removesuffix(" District").lower(): name for name in CANONICAL[:-1]}
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


def exact_mentions(text: str) -> Iterator[Mention]:
    """Every district named in the text, in order."""
    for match in _NAME.finditer(text):
        yield Mention(match.start(), match.end(), CANONICAL[int((match.lastgroup or "d0")[1:])])


def mentions(words: str) -> list[Mention]:
    """Every district that the words name, in order of place: by any name of the gazetteer, by an everyday name, or by
    one within a slip of the keys (two for the longest), in one word or in its syllables."""
    found = [*exact_mentions(words)]
    for match in EVERYDAY_AREA.finditer(words):
        _add(found, Mention(match.start(), match.end(), DEVELOPMENT_AREA))
    for misspelt in _misspelt(words):
        _add(found, misspelt)
    return sorted(found, key=lambda mention: mention.start)


def named(text: str) -> tuple[str, ...]:
    """Canonical names of the districts that the text names, each once, in order of appearance."""
    return tuple(dict.fromkeys(mention.name for mention in exact_mentions(text)))


def mentioned(text: str) -> tuple[str, ...]:
    """``named``, and the development area by its everyday names too, which head no section ("in Yizhuang")."""
    found = named(text)
    area = DEVELOPMENT_AREA not in found and EVERYDAY_AREA.search(text)
    return (*found, DEVELOPMENT_AREA) if area else found


def apart_from_names(text: str) -> str:
    """What the text holds beside district names and the white space around them."""
    return _NAME.sub("", text).strip(" \t\u00a0\u3000")


def heading(line: str) -> tuple[str, ...]:
    """The districts that the line consists of ("Haidian District", "Haidian and Chaoyang Districts"); else ().

    Names side by side without "and", "&" or a comma are a photo caption's, and no heading.
    """
    districts, end = _names_at(line, _start(line))
    return districts if districts and _AFTER.fullmatch(line, end) else ()


def prefix(line: str) -> tuple[tuple[str, ...], int]:
    """For "X District: headline", the districts and where the headline starts; else ((), 0)."""
    districts, end = _names_at(line, _start(line))
    mark = _PREFIX_MARK.match(line, end) if districts else None
    return (districts, mark.end()) if mark and mark.end() < len(line) else ((), 0)


def _start(line: str) -> int:
    match = _BEFORE.match(line)
    return match.end() if match else 0


def _names_at(line: str, at: int) -> tuple[tuple[str, ...], int]:
    """The joined names that stand at a place of a line, and where they end."""
    found: list[str] = []
    end = at
    while name := _NAME.match(line, at):
        district = CANONICAL[int((name.lastgroup or "d0")[1:])]
        end = name.end()
        if (aside := _BRACKETS.match(line, end)) and named(aside[1]) == (district,):
            end = aside.end()  # "… Development Area (BDA)"
        if district not in found:
            found.append(district)
        join = _JOIN.match(line, end)
        if not join:
            break
        at = join.end()
    return tuple(found), end


def _add(found: list[Mention], mention: Mention) -> None:
    if not any(map(mention.overlaps, found)):
        found.append(mention)


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
