"""Sentences with true quotations of two bulletins, drawn at random: with their claims swapped none is exact."""

from __future__ import annotations

import datetime as dt
import random
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag.checking.checker import Checker
from rag.library.reader import Library, districts_of
from rag.text.districts import CANONICAL, names_in_running_text
from rag.text.sentences import split_sentences
from tests.support.effort import effort

DRAWN = effort(500, 2_000)
WORDINGS = (
    "{D1} reported that “{A}”, and {D2} that “{B}”.",
    "“{A}” ({D1}); “{B}” ({D2}).",
    "“{A}” ({T1}); “{B}” ({T2}).",
    "According to the bulletin of {M1} “{A}”; in {M2} the office wrote “{B}”.",
    "While {D1} wrote “{A}”, {D2} wrote “{B}”.",
    "“{A}”, said {D1} on {T1}, whereas “{B}” was what {D2} said on {T2}.",
    "{Z1}区称“{A}”，{Z2}区称“{B}”。",
    "On {T1} {D1} announced “{A}”, but on {T2} {D2} announced “{B}”.",
    "“{A}”（{C1}）；“{B}”（{C2}）。",
    "In the bulletin of {T1} we find “{A}” and in that of {T2} “{B}”.",
)
CHINESE = dict(
    zip(
        CANONICAL,
        "东城 西城 朝阳 海淀 丰台 石景山 门头沟 房山 通州 顺义 昌平 大兴 怀柔 平谷 密云 延庆".split(),
        strict=False,
    )
)


@dataclass(frozen=True)
class TrueSentence:
    """A sentence that stands once, its district and its bulletin's date; ``section`` is what is around it."""

    words: str
    district: str
    date: dt.date
    section: str


Pair = tuple[TrueSentence, TrueSentence]


@pytest.fixture(scope="module")
def checker(dev_library: Path) -> Checker:
    return Checker(Library.open(dev_library))


@pytest.fixture(scope="module")
def sentences(checker: Checker) -> list[TrueSentence]:
    found = []
    for bulletin in checker.library.bulletins:
        text = checker.library.text(bulletin.sha256)
        for section in bulletin.sections if bulletin.date else ():
            districts = districts_of(bulletin, section)
            for paragraph in section.paragraphs if len(districts) == 1 and districts[0] in CHINESE else ():
                for sentence in split_sentences(paragraph.of(text)):
                    words = sentence.of(paragraph.of(text)).strip()
                    if 5 <= len(words.split()) <= 40 and not re.search('[“”"‘’「」]', words) and bulletin.date:
                        (row,) = checker.check(words, quote=words, claims=()).rows
                        if row.verdict == "exact" and not row.other_sources:
                            found.append(TrueSentence(words.rstrip("."), districts[0], bulletin.date, section.of(text)))
    return found


def english(day: dt.date, source: random.Random) -> str:
    d, m, y = day.day, day.month, day.year
    forms = [f"{day:%B} {d}, {y}", f"{d} {day:%B} {y}", f"{day:%Y-%m-%d}", f"{y}.{m}.{d}", f"{day:%b}. {d}, {y}"]
    forms += [f"the {d}th of {day:%B} {y}", f"{day:%B} {d}th, {y}"]
    if d > 12:
        forms += [f"{d}/{m}/{y}", f"{m}/{d}/{y}", f"{day:%d-%m-%Y}"]
    return source.choice(forms)


def chinese(day: dt.date, source: random.Random) -> str:
    def number(n: int) -> str:
        tens, ones = divmod(n, 10)
        return ("" if tens < 2 else digits[tens]) + ("十" if tens else "") + (digits[ones] if ones else "")

    digits = "〇一二三四五六七八九"
    year = "".join(digits[int(digit)] for digit in str(day.year))
    forms = [f"{day.year}年{day.month}月{day.day}日", f"{year}年{number(day.month)}月{number(day.day)}日"]
    return source.choice([*forms, f"{day.year}年{day.month}月{day.day}号", f"{day:%Y-%m-%d}"])


def pair(sentences: list[TrueSentence], source: random.Random) -> Pair:
    """Two of different districts and years, neither of which is named around the other."""
    while True:
        one, other = source.sample(sentences, 2)
        if one.district != other.district and one.date.year != other.date.year:
            apart = [
                x.district not in names_in_running_text(y.section) and str(x.date.year) not in y.section
                for x, y in ((one, other), (other, one))
            ]
            if all(apart):
                return one, other


def written(
    wording: str,
    quoted: Pair,
    claimed: Pair,
    source: random.Random,
) -> str:
    parts = {"A": quoted[0].words, "B": quoted[1].words}
    for n, true in enumerate(claimed, 1):
        parts |= {f"D{n}": true.district.removesuffix(" District"), f"Z{n}": CHINESE[true.district]}
        parts |= {
            f"T{n}": english(true.date, source),
            f"C{n}": chinese(true.date, source),
            f"M{n}": f"{true.date:%B %Y}",
        }
    return wording.format(**parts)


@pytest.mark.soak
def test_swapped_claims_are_never_exact_and_true_ones_never_misattributed(
    checker: Checker, sentences: list[TrueSentence]
) -> None:
    """In ten wordings, with districts, days and months in many forms."""
    source = random.Random(14)
    for number in range(DRAWN):
        one, other = pair(sentences, source)
        wording = WORDINGS[number % len(WORDINGS)]
        right = written(wording, (one, other), (one, other), source)
        assert {row.verdict for row in checker.check(right).rows} <= {"exact", "exact-normalised"}, right
        swapped = written(wording, (one, other), (other, one), source)
        assert [row.verdict for row in checker.check(swapped).rows] == ["misattributed"] * 2, swapped
