"""Beijing's districts by any of their names: in running text, and as people type them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from rag.models import Span
from rag.text.cjk import UNIFIED
from rag.text.plain_signs import plain_signs
from rag.text.wordlists import word_set

DEVELOPMENT_AREA = "Beijing Economic-Technological Development Area"

# The names of each district.  An alias is one more in its row: in Latin letters with its syllables or words apart
# ("Hai dian" is found as "Haidian" and "Hai-dian" too), in Chinese without 区, in traditional characters too.  It
# changes under which districts bulletins are filed, so raise RECIPE in rag/library/manifest.py along with it.
_DISTRICTS: dict[str, tuple[str, ...]] = {
    "Dongcheng District": ("Dong cheng", "东城", "東城"),
    "Xicheng District": ("Xi cheng", "西城"),
    "Chaoyang District": ("Chao yang", "朝阳", "朝陽"),
    "Haidian District": ("Hai dian", "海淀", "海澱"),
    "Fengtai District": ("Feng tai", "丰台", "豐台", "豐臺"),
    "Shijingshan District": ("Shi jing shan", "石景山"),
    "Mentougou District": ("Men tou gou", "门头沟", "門頭溝"),
    "Fangshan District": ("Fang shan", "房山"),
    "Tongzhou District": ("Tong zhou", "通州"),
    "Shunyi District": ("Shun yi", "顺义", "順義"),
    "Changping District": ("Chang ping", "昌平"),
    "Daxing District": ("Da xing", "大兴", "大興"),
    "Huairou District": ("Huai rou", "怀柔", "懷柔"),
    "Pinggu District": ("Ping gu", "平谷"),
    "Miyun District": ("Mi yun", "密云", "密雲"),
    "Yanqing District": ("Yan qing", "延庆", "延慶"),
}
CANONICAL = (*_DISTRICTS, DEVELOPMENT_AREA)

_SPACE = r"[ \t\u00a0\u3000]"
# Not the district: the Daxing'an mountains, and 朝阳产业 ("sunrise industry").
_FALSE_FRIEND = r"(?!['\u2019]an|安[岭嶺]|[产產][业業])"


@dataclass(frozen=True, slots=True)
class Mention(Span):
    """A district's name in a text; ``name`` is its canonical one."""

    name: str


def _district_pattern(aliases: tuple[str, ...]) -> str:
    latin = "|".join(rf"{_SPACE}?-?".join(alias.split()) for alias in aliases if alias.isascii())
    chinese = "|".join(alias for alias in aliases if not alias.isascii())
    suffix = rf"(?:{_SPACE}{{1,3}}(?:Districts?\b|Dist\.|Qu\b)|Districts?\b)?"
    latin = rf"(?<![A-Za-z])(?:{latin})(?!(?!Districts?\b)[A-Za-z]){_FALSE_FRIEND}{suffix}"
    return rf"{latin}|(?:{chinese}){_FALSE_FRIEND}[区區]?"


def _pattern() -> re.Pattern[str]:
    """The names of all districts; the group that matches is "d" and the district's number in ``CANONICAL``."""
    area = (
        rf"(?:Beijing{_SPACE}{{1,3}})?Economic(?:-|{_SPACE}and{_SPACE}|{_SPACE}?&{_SPACE}?){_SPACE}?Technolog(?:ical|y)"
        rf"{_SPACE}{{1,3}}Development{_SPACE}{{1,3}}(?:Area|Zone)"
    )
    town = rf"(?:Beijing{_SPACE})?E-?{_SPACE}?Town"
    development_area = rf"(?<![A-Za-z])(?:{area}|{town}|(?-i:BDA))(?![A-Za-z])|(?:北京)?经济技术开发区|北京经开区"
    patterns = [*map(_district_pattern, _DISTRICTS.values()), development_area]
    names = "|".join(f"(?P<d{number}>{pattern})" for number, pattern in enumerate(patterns))
    # The look-ahead lets the matcher pass over most places without trying every name: four times faster.
    return re.compile(rf"(?i)(?=(?<![A-Za-z])[A-Za-z]|[{UNIFIED}])(?:{names})")


_NAME = _pattern()
# The development area by its everyday names; the town of that name is another place.
EVERYDAY_AREA = re.compile(
    r"(?i)(?<![A-Za-z])(?:Yi[ -]?zhuang(?! (?:Town|Township)\b)|BDA|BETDA|e[ -]?town"
    r"|(?<=the )(?:economic |technological |beijing )*development (?:area|zone))(?![A-Za-z])|亦庄(?!镇)|经开区"
)
_LETTERS = {
    alias.replace(" ", "").lower(): name for name, aliases in _DISTRICTS.items() for alias in aliases if alias.isascii()
}
# English words and places of China that are as near to a district's name as its misspellings are.
_NOT_MISSPELT = word_set("""
    changing chanting dating daring dazing haitian haitians hadean
    changling changning changqing changting chaoyangmen daqing daxin'an dongchang dongsheng fangshang fengshan
    fengtian huaidian pingdu pingyu shangping tengzhou xichang xincheng xucheng yanjing yanking yangqing
""")
_MAX_SYLLABLE_LETTERS = 6  # of pinyin
_MIN_LETTERS = 5  # of a misspelt name
_MIN_LETTERS_TWO_WRONG = 10  # of a name of which two letters may be wrong
_RUN = re.compile(r"(?<![^\W\d_])[A-Za-z]+(?:[ -][A-Za-z]+)*(?![^\W\d_])")
_LATIN_WORD = re.compile(r"[A-Za-z]+")
_OTHER_PLACE = re.compile(r"(?i)['\u2019]| (?:County|City|Province|Prefecture)\b")
_SUFFIX = re.compile(r"(?i) (?:districts?\b|dist\.|qu\b)")


def exact_mentions(text: str) -> Iterator[Mention]:
    """Every district that the text names as bulletins write it, in order."""
    for match in _NAME.finditer(text):
        yield Mention(match.start(), match.end(), CANONICAL[int((match.lastgroup or "d0")[1:])])


def typed_mentions(words: str) -> list[Mention]:
    """Every district that a question names, in order: by a name, by an everyday name, or by a misspelt name.

    A name may be misspelt by one letter (the longest by two), in one word or in its syllables.
    """
    mentions = [*exact_mentions(words)]
    everyday = (Mention(*match.span(), DEVELOPMENT_AREA) for match in EVERYDAY_AREA.finditer(words))
    for mention in itertools.chain(everyday, misspelt_mentions(words)):
        if not any(map(mention.overlaps, mentions)):
            mentions.append(mention)
    return sorted(mentions, key=lambda mention: mention.start)


def names_in(text: str) -> tuple[str, ...]:
    """Canonical names of the districts that the text names, each once, in order of appearance."""
    return tuple(dict.fromkeys(mention.name for mention in exact_mentions(text)))


def names_in_running_text(text: str) -> tuple[str, ...]:
    """``names_in`` however the letters are written, and the development area by its everyday names, which head no
    section ("in Yizhuang")."""
    text = plain_signs(text)
    names = names_in(text)
    area = DEVELOPMENT_AREA not in names and EVERYDAY_AREA.search(text)
    return (*names, DEVELOPMENT_AREA) if area else names


def without_names(text: str) -> str:
    """The text without district names and the white space around them."""
    return _NAME.sub("", text).strip(" \t\u00a0\u3000")


def misspelt_mentions(text: str) -> Iterator[Mention]:
    """Every name in Latin letters that is a letter, or two of a long one, from a district's, in order."""
    for run in _RUN.finditer(text):
        words = [match.span() for match in _LATIN_WORD.finditer(text, *run.span())]
        for number, (start, _) in enumerate(words):
            # Of a name in syllables none is long: "shi jing san".
            for length in (3, 2, 1):
                chosen = words[number : number + length]
                too_long = any(end - start > _MAX_SYLLABLE_LETTERS for start, end in chosen)
                if len(chosen) < length or (length > 1 and too_long):
                    continue
                end = chosen[-1][1]
                name = _nearest(re.sub("[ -]", "", text[start:end]).lower(), length)
                if name and not _OTHER_PLACE.match(text, end):
                    suffix = _SUFFIX.match(text, end)
                    yield Mention(start, suffix.end() if suffix else end, name)
                    break


def _nearest(letters: str, words: int) -> str | None:
    """The district that these letters misspell; ``words`` is how many words they are written in."""
    if len(letters) < _MIN_LETTERS or letters in _NOT_MISSPELT:
        return None
    for name, district in _LETTERS.items():
        max_wrong = 2 if len(name) >= _MIN_LETTERS_TWO_WRONG and words == 1 else 1
        # Hardly anyone mistypes the first letter, and "taxing" isn't Daxing.
        if letters[0] == name[0] and OSA.distance(letters, name, score_cutoff=2) <= max_wrong:
            return district
    return None
