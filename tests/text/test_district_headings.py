"""Lines that head with districts, and those that don't."""

from __future__ import annotations

import pytest

from rag.text.district_headings import heading_names, is_heading_row, opening_names, prefix_names
from rag.text.districts import DEVELOPMENT_AREA
from tests.text.test_districts import full


@pytest.mark.parametrize(
    ("line", "districts"),
    [
        ("Haidian and Chaoyang Districts", full("Haidian", "Chaoyang")),
        ("Haidian District and Chaoyang District", full("Haidian", "Chaoyang")),
        ("Haidian & Chaoyang", full("Haidian", "Chaoyang")),
        ("Haidian District, Chaoyang District", full("Haidian", "Chaoyang")),
        ("Haidian, Chaoyang and Daxing Districts", full("Haidian", "Chaoyang", "Daxing")),
        ("Haidian, Chaoyang, and Daxing Districts", full("Haidian", "Chaoyang", "Daxing")),
        ("Haidian District and BDA", (*full("Haidian"), DEVELOPMENT_AREA)),
        ("海淀区、朝阳区", full("Haidian", "Chaoyang")),
        ("海淀区和朝阳区", full("Haidian", "Chaoyang")),
        ("Haidian District and Haidian District", full("Haidian")),
        ("1. Haidian District", full("Haidian")),
        ("(2) Haidian District", full("Haidian")),
        ("③ Haidian District", full("Haidian")),
        ("IV. Haidian District", full("Haidian")),
        ("一、海淀区", full("Haidian")),
        ("（三）海淀区", full("Haidian")),
        ("■ Haidian District", full("Haidian")),
        ("【Haidian District】", full("Haidian")),
        ("**Haidian District**", full("Haidian")),
        ("\u3000\u3000Haidian District \u00a0", full("Haidian")),
        ("Haidian District:", full("Haidian")),
        ("Haidian District (海淀区)", full("Haidian")),
        ("Beijing Haidian District", full("Haidian")),
        ("北京市海淀区", full("Haidian")),
    ],
)
def test_a_line_of_nothing_but_joined_names_is_a_heading(line: str, districts: tuple[str, ...]) -> None:
    """Numbers, bullets, brackets and a colon around the names change nothing."""
    assert heading_names(line) == districts


@pytest.mark.parametrize(
    "line",
    [
        "Haidian District has opened a library.",
        "Haidian District's library",
        "Foreign Affairs Office of Haidian District",
        "Haidian District Library",
        "Haidian District        Chaoyang District",
        "Haidian District Chaoyang District",
        "Haidian District (one of 16)",
        "Haidian District and its guests",
        "All Districts",
        "Beijing",
        "1.",
        "",
    ],
)
def test_other_lines_are_no_headings(line: str) -> None:
    """Sentences, longer names, and names side by side as under photos."""
    assert heading_names(line) == ()


@pytest.mark.parametrize(
    ("line", "districts", "headline"),
    [
        ("Haidian District: Robots greet guests", full("Haidian"), "Robots greet guests"),
        ("Haidian District：Robots greet guests", full("Haidian"), "Robots greet guests"),
        ("Haidian District — Robots greet guests", full("Haidian"), "Robots greet guests"),
        ("Haidian District—Robots greet guests", full("Haidian"), "Robots greet guests"),
        ("Haidian District - Robots greet guests", full("Haidian"), "Robots greet guests"),
        ("[Haidian District] Robots greet guests", full("Haidian"), "Robots greet guests"),
        ("1. Haidian and Daxing Districts: Robots", full("Haidian", "Daxing"), "Robots"),
        ("BDA: Robots", (DEVELOPMENT_AREA,), "Robots"),
        ("海淀区：机器人", full("Haidian"), "机器人"),
    ],
)
def test_a_district_before_a_headline_on_one_line(line: str, districts: tuple[str, ...], headline: str) -> None:
    """The headline starts after the colon, dash or bracket."""
    found, at = prefix_names(line)
    assert (found, line[at:]) == (districts, headline)


@pytest.mark.parametrize("line", ["Haidian-based firms", "Haidian District: ", "Haidian robots", "Robots: Haidian"])
def test_lines_without_a_district_before_a_headline(line: str) -> None:
    """A hyphen inside a word opens no headline, and neither does a colon with nothing after it."""
    assert prefix_names(line) == ((), 0)


@pytest.mark.parametrize(
    ("line", "districts"),
    [
        ("Fengtai District held a fair.", full("Fengtai")),
        ("Meanwhile, in Fengtai, choirs sang.", full("Fengtai")),
        ("丰台区三所学校的合唱团登台。", full("Fengtai")),
        ("Feng\u200btai District held a fair.", full("Fengtai")),
        ("Singers from Fengtai District came.", ()),
        ("Choirs sang.", ()),
    ],
)
def test_what_a_line_opens_with(line: str, districts: tuple[str, ...]) -> None:
    """Words that only lead over to the district don't count, nor do invisible characters."""
    assert opening_names(line) == districts


@pytest.mark.parametrize(
    ("row", "is_heading"),
    [
        ("Haidian District", True),
        ("News from Haidian District (2 events)", True),
        ("Haidian District.", False),
        ("in Haidian District", False),
        ("of the guests", False),
    ],
)
def test_a_row_of_wrapped_text_is_a_heading_only_where_no_sentence_ends_in_it(row: str, is_heading: bool) -> None:
    """A small letter goes on with a sentence, and a full stop ends it."""
    assert is_heading_row(row) is is_heading
