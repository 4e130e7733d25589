"""Each quotation of a sentence has its own claims, by its place in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.checking.checker import Checker
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import build_library

CORPUS = Path(__file__).parent / "data" / "corpus"
HAIDIAN = "Eighty-five pupils from eleven schools built robots"
TONGZHOU = "Twelve teams rowed in the dragon boat race"
LANTERNS = "The lantern makers taught ninety children to fold paper"
HERONS = "Seven herons were counted at the reservoir by the guests"


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    """Robots and boats of one bulletin, in two districts; lanterns and herons of two."""
    texts = {name: (CORPUS / f"{name}.txt").read_text(encoding="utf-8") for name in ("a01", "a02", "a08")}
    texts["lanterns"] = bulletin_text("2023-03-12", "Fengtai District", f"{LANTERNS}.", title="Paper Lanterns for All")
    texts["herons"] = bulletin_text("2024-05-03", "Miyun District", f"{HERONS}.", title="Herons of the Reservoir")
    return Checker(build_library(tmp_path_factory.mktemp("claims"), **texts))


def verdicts(checker: Checker, text: str) -> list[str]:
    return [row.verdict for row in checker.check(text).rows]


@pytest.mark.parametrize(
    "text",
    [
        f"Tongzhou reported that “{HAIDIAN}”, and Haidian that “{TONGZHOU}”.",
        f"“{HAIDIAN}” (Tongzhou); “{TONGZHOU}” (Haidian).",
        f"While Tongzhou wrote “{HAIDIAN}”, nothing came from Haidian.",
        "As published on 19/09/2023, “Athletes from Chile won the relay.”",
        "On 13/12/2024 it said “Forty residents joined a lecture on safe travel”.",
    ],
)
def test_claims_that_were_taken_for_others(checker: Checker, text: str) -> None:
    """Swapped districts, a neighbour that sent nothing, and days of which the year alone holds."""
    assert set(verdicts(checker, text)) == {"misattributed"}


# {A} and {B} say whose quotation is which; each wording is given the right way round and the other.
WORDINGS = [
    "{A} reported that “{a}”, and {B} that “{b}”.",
    "“{a}” ({A}); “{b}” ({B}).",
    "“{a}”, said {A}, whereas “{b}” was what {B} said.",
    "“{a}” was published by {A} and “{b}” by {B}.",
    "“{a}” — {A}; “{b}” — {B}.",
    "“{a}.” ({A}) “{b}.” ({B})",
    "Unlike {A}, which wrote “{a}”, {B} wrote “{b}”.",
    "After {A} had written “{a}”, {B} answered with “{b}”.",
    "“{a}”, {A} wrote, {B} wrote “{b}”.",
    "“{a}”, as {A} put it, and, as {B} put it, “{b}”.",
    "“{a}” reads the news of {A}; that of {B} reads “{b}”.",
    "{A} and {B} wrote “{a}” and “{b}” respectively.",
    "The words “{a}” come from {A}, the words “{b}” from {B}.",
    "“{a}” of {A} and {B} with “{b}” are good news.",
    "“{a}” from {A}, “{b}” from {B}.",
    "“{a}” was written and signed by {A}, and “{b}” by {B}.",
    "“{a}” stood in print and on the page of {A}, “{b}” on that of {B}.",
    "{A} once wrote “{a}” of guests and hosts; “{b}” was the answer of {B}.",
]
CHINESE = [
    "{A}称“{a}”，{B}称“{b}”。",
    "{A}表示，“{a}”，{B}则表示，“{b}”。",
    "“{a}”（{A}）；“{b}”（{B}）。",
    "“{a}”，{A}报道；“{b}”，{B}报道。",
    "“{a}”是{A}的话，而“{b}”是{B}的话。",
]


@pytest.mark.parametrize("wording", [*WORDINGS, *CHINESE])
@pytest.mark.parametrize("claimed", ["district", "date", "title"])
def test_each_quotation_has_its_own_claims(checker: Checker, wording: str, claimed: str) -> None:
    """The right way round both hold; swapped both are wrong."""
    names = {
        "district": ("丰台区", "密云区") if wording in CHINESE else ("Fengtai", "Miyun"),
        "date": ("2023年3月12日", "2024年5月3日") if wording in CHINESE else ("March 12, 2023", "May 3, 2024"),
        "title": ("Paper Lanterns for All", "Herons of the Reservoir"),
    }
    one, other = names[claimed]
    right = wording.format(a=LANTERNS, b=HERONS, A=one, B=other)
    assert verdicts(checker, right) == ["exact", "exact"], right
    swapped = wording.format(a=LANTERNS, b=HERONS, A=other, B=one)
    assert verdicts(checker, swapped) == ["misattributed", "misattributed"], swapped


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"According to the March bulletin “{LANTERNS}”; in May the office wrote “{HERONS}”.", "exact exact"),
        (f"According to the May bulletin “{LANTERNS}”; in March the office wrote “{HERONS}”.", "misattributed " * 2),
        # What opens the sentence, or closes it, is of both.
        (f"On March 12, 2023 it said “{LANTERNS}” and “{HERONS}”.", "exact misattributed"),
        (f"Fengtai wrote “{LANTERNS}” and “{HERONS}”.", "exact misattributed"),
        (f"“{LANTERNS}” and “{HERONS}”, wrote Miyun.", "misattributed exact"),
        (f"“{LANTERNS}”, “{HERONS}” and “{HERONS}”, wrote Miyun.", "misattributed exact exact"),
        (f"On May 3, 2024 Fengtai wrote “{LANTERNS}” and Miyun “{HERONS}”.", "misattributed exact"),
        (f"Fengtai wrote on March 12, 2023 that “{LANTERNS}”, and Miyun that “{HERONS}”.", "exact exact"),
        (f"“{LANTERNS},” Fengtai wrote, “{HERONS}.”", "exact-normalised misattributed"),
        (f"“{LANTERNS}” (Fengtai); “{HERONS}”.", "exact exact"),
        (f"“{HERONS}”; “{LANTERNS}” and no other, wrote Fengtai.", "exact exact"),
        # One quotation, and others that are named beside the one it is of.
        (f"After the fair in Miyun, Fengtai wrote “{LANTERNS}”.", "exact"),
        (f"After the fair in Fengtai, Miyun wrote “{LANTERNS}”.", "misattributed"),
        (f"Miyun, unlike Fengtai, wrote “{LANTERNS}”.", "misattributed"),
        (f"与丰台区不同，密云区称“{LANTERNS}”。", "misattributed"),
        (f"Miyun told Fengtai that “{LANTERNS}”.", "misattributed"),
        (f"Miyun, in its report about Fengtai, wrote “{LANTERNS}”.", "misattributed"),
        (f"Fengtai, in its report about Miyun, wrote “{LANTERNS}”.", "exact"),
        (f"About the guests of Fengtai: “{LANTERNS}”.", "exact"),
        (f"“{LANTERNS}” is not from Miyun but from Fengtai.", "exact"),
        (f"“{LANTERNS}” was published in 2024, not 2023.", "misattributed"),
        (f"“{LANTERNS}”不是密云区而是丰台区的话。", "exact"),
        (f"Fengtai, Miyun and Haidian wrote “{LANTERNS}”.", "exact"),
        (f"“{LANTERNS}”, wrote Miyun, while Fengtai wrote nothing.", "misattributed"),
        (f"“{LANTERNS}”, unlike all that came from Miyun, was written by Fengtai.", "exact"),
        (f"“{LANTERNS}” stood in the news of Fengtai on March 12, 2023, before Miyun's.", "exact"),
        (f"Fengtai wrote “{LANTERNS}” on May 3, 2024.", "misattributed"),
        (f"On March 12, 2023, Fengtai wrote “{LANTERNS}” after the fair of 2019.", "exact"),
        (f"In “Paper Lanterns for All” Fengtai says “{LANTERNS}”.", "exact"),
        (f"Asked in “Herons of the Reservoir”, Fengtai says “{LANTERNS}”.", "misattributed"),
    ],
)
def test_what_is_shared_and_what_is_aside(checker: Checker, text: str, expected: str) -> None:
    """The claims of a sentence are of the quotations that they stand with, and of no other; a title comes first."""
    rows = checker.check(text).rows[-len(expected.split()) :]
    assert [row.verdict for row in rows] == expected.split(), [(row.quote[:12], row.explanation) for row in rows]


def test_a_quotation_in_another_has_the_claims_of_that(checker: Checker) -> None:
    """Whoever quotes a quotation says whose it is."""
    for district, verdict in (("Fengtai", "exact"), ("Miyun", "misattributed")):
        rows = checker.check(f"{district} wrote “we read ‘{LANTERNS}’ on the wall”, and Haidian “nothing”.").rows
        assert [row.verdict for row in rows if row.quote == LANTERNS] == [verdict]
