"""Quotations copied from a PDF, or from a bulletin that was one: line ends, ligatures, footnotes and page numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.checking.checker import Checker
from rag.checking.copied_text import find_copied, fold
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import build_library

CLEAN = (
    "On Friday, forty officers from nine embassies visited the well-known museum and spent an interesting afternoon"
    " among the bronze vessels. The guide, who speaks fluent Spanish, explained the different dynasties.[1] The"
    " visitors said that the collection deserves a second visit, and that it should travel to Lima. Room No.12 stays"
    " open, and entry is free on level3 of the annex and costs 40 yuan elsewhere."
)
PRINTED = (
    "Eleven of\ufb01cials from Oslo toured the water-\nworks and took a \ufb02ight over the reser-\nvoir.\u00b9 They"
    " praised the non-\nprofit agency, whose ef\u00adforts began in 1998.2 A follow-up, the of\ufb01ce hopes, will take"
    " place\n- 4 -\nin the au-\n- 5 -\ntumn of next year."
)
CHINESE = "参观者在博物馆度过了愉快的下午。[1]讲解员介绍了各个朝代的青铜器，并回答了问题。"


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    texts = {"clean": bulletin_text("2024-03-11", CLEAN), "zh": bulletin_text("2024-04-02", CHINESE)}
    texts["printed"] = bulletin_text("2024-06-01", PRINTED)
    return Checker(build_library(tmp_path_factory.mktemp("copied"), **texts))


COPIED = [
    ("spent an inter-\nesting afternoon among the bronze vessels", "hyphens at line ends"),
    ("an inter- esting afternoon among the bronze vessels", "hyphens at line ends"),
    ("visited the well-\nknown museum and spent an inter-\nesting afternoon", "hyphens at line ends"),
    ("forty of\ufb01cers from nine embassies visited", "ligatures"),
    ("explained the di\ufb00erent dynasties.[1] The visitors said", "ligatures"),
    ("explained the different dynasties. The visitors said", "footnote marks"),
    ("the different dynasties.1 The visitors said that", "footnote marks"),
    ("the different dynasties.\u00b9 The visitors said that", "footnote marks"),
    ("forty officers\u00b2 from nine embassies", "footnote marks"),
    ("forty officers[3] from nine embassies", "footnote marks"),
    ("forty offi\u00adcers from nine embassies", "characters that take no room"),
    ("forty offi\u00ad\ncers from nine embassies", "hyphens at line ends"),
    ("the collection deserves a second visit,\n\n- 3 -\n\nand that it should travel", "page numbers"),
    ("the collection deserves a second visit,\nPage 3 of 7\nand that it should travel", "page numbers"),
    ("the collection deserves a second visit, \fand that it should travel", "page numbers"),
    ("the collection deserves a sec-\n- 3 -\nond visit, and that it should travel", "hyphens at line ends"),
    ("the collection deserves a sec- – 3 – ond visit, and that it should travel", "hyphens at line ends"),
    ("Eleven officials from Oslo toured the water-works and took", "hyphens at line ends"),
    (
        "the guide, who speaks \ufb02u-\n12\nent Spanish, explained the dif-\nferent dynasties.1 The vis-\nitors",
        "ligatures",
    ),
    ("Eleven officials from Oslo toured the waterworks", "hyphens at line ends"),
    ("took a flight over the reservoir. They praised the non-profit agency, whose efforts began", "footnote marks"),
    ("whose efforts began in 1998.2 A follow-up, the office hopes, will take place in the autumn", "page numbers"),
    ("愉快的下午。讲解员介绍了各个朝代的青铜器", "footnote marks"),
    ("讲解员介绍了各个朝代\n第3页 共7页\n的青铜器，并回答了问题", "page numbers"),
]


@pytest.mark.parametrize(("quote", "said"), COPIED)
def test_what_printing_adds_is_no_change(checker: Checker, quote: str, said: str) -> None:
    """The words are the same; what the two differ in is said."""
    (row,) = checker.check(quote, quote=quote, claims=()).rows
    assert row.verdict == "exact-normalised", row.explanation
    assert said in row.explanation.split("differ only in ")[1]


@pytest.mark.parametrize(
    "quote",
    [
        "spent an inter-esting afternoon among the bronze vessels",
        "visited the wellknown museum and spent",
        "Room No.13 stays open, and entry is free",
        "Room No. stays open, and entry is free on level3",
        "costs 40 1 yuan elsewhere",
        "costs 401 yuan elsewhere",
        "costs 4\n0 yuan elsewhere",
        "entry is free on level4 of the annex",
        "the collection deserves 3 a second visit, and that it should travel",
        "the different dynasties.[2] The visitors said that",
        "spent an inter-\nsting afternoon among the bronze vessels",
        "whose efforts began in 1999. A follow-up, the office hopes",
        "forty offi\u200bcers from nine embassies",
        "the different dynasties.[see below] The visitors said",
    ],
)
def test_what_printing_does_not_add_is_altered(checker: Checker, quote: str) -> None:
    """A hyphen inside a line, a number of the text's own, another mark, a letter."""
    (row,) = checker.check(quote, quote=quote, claims=()).rows
    assert row.verdict == "altered", row.explanation


def test_dashes_and_marks_alone() -> None:
    """Two hyphens are a dash; what holds no word is nowhere."""
    text = "It came -- at last -- to an inter-\nesting end."
    (span,) = find_copied(text, fold(text), fold("it came — at last — to an interesting end!"))
    assert span.of(text) == text[:-1]
    assert find_copied(text, fold(text), fold("…")) == []


def test_a_word_parted_at_a_line_end_is_one_word(checker: Checker) -> None:
    """And so is too short to attribute."""
    (row,) = checker.check("inter-\nesting", quote="inter-\nesting", claims=()).rows
    assert row.verdict == "ambiguous"


@pytest.mark.parametrize(
    ("quote", "place"),
    [
        ("spent an interesting afternoon among the bronze vessels", "The bulletin of March 2024 says that they"),
        ("forty officers from nine embassies visited the district museum", "It tells that"),
    ],
)
def test_words_of_a_bulletin_that_is_a_pdf(tmp_path: Path, quote: str, place: str) -> None:
    """As its lines and ligatures were stored, by whatever reader."""
    stored = (
        "On Friday, forty of\ufb01cers from nine embassies visited the district museum and spent an inter-\n"
        "esting afternoon among the bronze vessels."
    )
    checker = Checker(build_library(tmp_path, a=bulletin_text("2024-03-11", stored)))
    (row,) = checker.check(f"{place} “{quote}”.").rows
    assert row.verdict == "exact-normalised", row.explanation
