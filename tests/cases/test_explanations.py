"""What is said of a verdict is true, plain and short."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.checking.checker import Checker
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import build_library

CORPUS = Path(__file__).parent / "data" / "corpus"
TEA = (
    "Nine tea masters from Fujian brewed oolong for the envoys. The envoys of Ghana and Chile asked for more. They left"
    " at noon, and Ms. Zhao waved. It rained on 30 guests, 12 drivers and 7 dogs. The 4 halls, 5 rooms, 6 yards"
    " and 7 gates stand open in Fuzhou."
)
HOTLINE = "The lines are open on holidays from nine to five."


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    texts = {name: (CORPUS / f"{name}.txt").read_text(encoding="utf-8") for name in ("a02",)}
    texts["tea"] = bulletin_text("2024-07-01", TEA, title="Tea")
    for number in range(1, 5):  # four copies, and one bulletin that is none
        texts[f"copy{number}"] = bulletin_text(f"2024-02-0{number}", HOTLINE, title="Holiday Lines")
    texts["other"] = bulletin_text("2024-03-01", HOTLINE, "More will follow in spring.", title="Spring Lines")
    return Checker(build_library(tmp_path_factory.mktemp("explained"), **texts))


def explained(checker: Checker, quote: str) -> str:
    (row,) = checker.check(quote, quote=quote, claims=()).rows
    return row.explanation


@pytest.mark.parametrize(
    ("quote", "said"),
    [
        (
            "Twelve teams rowed in the dragon boat race on the Grand Canal on May 18, and the team of the Kenyan"
            " embassy came third.",
            "altered: words differ (“, and the” instead of “. The”).",
        ),
        ("brewed oolong for the envoys, the envoys of Ghana", "altered: words differ (“, the” instead of “. The”)."),
        ("brewed oolong for the envoys; the envoys of Ghana", "altered: words differ (“; the” instead of “. The”)."),
        ("asked for more. We left at noon, and Ms. Zhao waved", "altered: words differ (“We” instead of “They”)."),
        ("The guests of Ghana and Chile asked for more", "altered: words differ (“guests” instead of “envoys”)."),
        (
            "asked for more. Then they left at noon, and Ms. Zhao",
            "altered: words differ (“Then they” instead of “They”).",
        ),
        ("The envoys of Ghana and Peru asked for more", "altered: a name differs (“Peru” instead of “Chile”)."),
        ("They left at noon, and Ms. Wang waved", "altered: a name differs (“Wang” instead of “Zhao”)."),
        ("The envoys of ghana and Chile asked", "altered: upper and lower case differ (“ghana” instead of “Ghana”)."),
        (
            "It rained on 31 guests, 13 drivers and 7 dogs",
            "altered: numbers differ (“31” instead of “30”, “13” instead of “12”).",
        ),
        (
            "It rained on guests, drivers and dogs",
            "altered: numbers are left out (“30”, “12”, “7”).",
        ),
        ("It rained on 30 old guests, 12 old drivers and 7 dogs", "altered: words are added (“old” twice)."),
        (
            "It [the water] rained on 30 guests, 12 [bus] drivers and 7 dogs",
            "altered: “[the water]” and “[bus]” are inserted in brackets.",
        ),
        (
            "The 5 halls, 6 rooms, 7 yards and 8 gates stand open in Fuzhou",
            "altered: numbers differ (“5” instead of “4”, “6” instead of “5”, “7” instead of “6”, …).",
        ),
        (
            "The 4 old halls, 5 old rooms, 6 old yards and 7 gates stand open",
            "altered: words are added (“old” 3 times).",
        ),
        ("The envoys of Chile asked for more", "altered: a name is left out (“Ghana and”)."),
    ],
)
def test_a_change_is_named_for_what_it_is(checker: Checker, quote: str, said: str) -> None:
    """A sentence's first word is no name; changes of one kind are told together."""
    explanation = explained(checker, quote)
    assert explanation.endswith(said), explanation


def test_copies_are_named_once(checker: Checker) -> None:
    """Four copies and another bulletin are two sources."""
    assert explained(checker, HOTLINE) == (
        "These words stand in 2 bulletins that are no copies of each other, and nothing said of their source settles"
        " which: “Holiday Lines” (2024-02-01); “Spring Lines” (2024-03-01)."
    )
    assert explained(checker, "holidays") == (
        "One word is too short to attribute: it stands in 2 bulletins: “Holiday Lines” (2024-02-01); “Spring Lines”"
        " (2024-03-01)."
    )
