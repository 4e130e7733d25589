"""Tells which of the Chinese encodings bytes are in: almost any bytes decode by each, but only one gives a language.

charset-normalizer guesses among a hundred encodings and errs on a few words; here two are told apart, by how many of
the characters are among the most frequent ones, or among the common ones of the encoding's table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from rag.text.cjk import FULL_WIDTH, PUNCTUATION

# The first bytes under which each character set's table has its common characters.
_COMMON = {"gb18030": ("gb2312", 0xB0, 0xD7), "big5hkscs": ("big5", 0xA4, 0xC6)}
_KOREAN = range(0xB0, 0xC9)  # first bytes of Korean letters, which lie among both
_CHARACTER = re.compile(rf"[^\x00-\u00ff\u2000-\u206f{PUNCTUATION}{FULL_WIDTH}]")
_MIN_FREQUENT = 0.2  # of the characters; half of any Chinese text, and a tenth of what was misread
_MIN_COMMON, _MIN_NOT_KOREAN, _FEW = 0.85, 0.1, 12  # of a few characters all can lie there
_LOOKED_AT = 5_000  # characters that tell enough
# Of written Chinese, simplified and traditional.
_FREQUENT = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成"
    "方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实日者意无力它与长把机十民第公此已工使情"
    "明性知全三又关点正业外将两高间由问很最重并物手应向头文体政美相见被利什二等产或新己制身果加西月话合回特代内信表化老给世"
    "位次度门任常先海通教原东提立及比员水名处各入几口认条平系活更别女四总电数安少报结受目量再建务做场件计管期市资山金统区保"
    "至社展科司五书则达放强设式路记南品住类程北交规万格术领共传师观清院识带导运办客参请北京"
    "這個們來為國說時會對過後裡種經學當沒動還進樣開從實無與長機關點業將兩間問見並應頭體產員現話給門東處條題別總電數報結麼務場"
    "計資統區書則達強設類規萬術領傳師觀識帶導運辦參請"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The text that an encoding gives; ``likeness`` grows with how much it is like Chinese, up to 2, and ``is_likely``
    says whether it reads as Chinese, or as another text with Chinese in it."""

    encoding: str
    text: str
    likeness: float
    is_likely: bool


def chinese_readings(data: bytes) -> dict[str, Reading]:
    """Returns what the bytes give by each encoding that they are valid in."""
    readings: dict[str, Reading] = {}
    for encoding, (table, first, last) in _COMMON.items():
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        characters = [match[0] for match in islice(_CHARACTER.finditer(text), _LOOKED_AT)]
        codes = [code[0] for letter in characters if len(code := letter.encode(table, "ignore")) == 2]
        number = max(len(characters), 1)
        frequent = sum(letter in _FREQUENT for letter in characters) / number
        common = sum(first <= code <= last for code in codes) / number
        not_korean = sum(first <= code <= last and code not in _KOREAN for code in codes) / number
        is_common = common >= _MIN_COMMON and (not_korean >= _MIN_NOT_KOREAN or number < _FEW)
        is_likely = frequent >= _MIN_FREQUENT or is_common or not characters
        readings[encoding] = Reading(encoding, text, frequent + common, is_likely)
    return readings
