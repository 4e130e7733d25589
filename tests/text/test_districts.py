"""Districts by any of their names, in running text and as headings."""

from __future__ import annotations

import pytest

from rag.text.districts import CANONICAL, DEVELOPMENT_AREA, exact_mentions, heading_names, names_in, prefix_names

SIXTEEN = (
    "Dongcheng Xicheng Chaoyang Haidian Fengtai Shijingshan Mentougou Fangshan Tongzhou Shunyi Changping Daxing Huairou"
    " Pinggu Miyun Yanqing"
).split()
CHINESE = "东城 西城 朝阳 海淀 丰台 石景山 门头沟 房山 通州 顺义 昌平 大兴 怀柔 平谷 密云 延庆".split()


def full(*names: str) -> tuple[str, ...]:
    return tuple(name if name == DEVELOPMENT_AREA else f"{name} District" for name in names)


def test_there_are_sixteen_districts_and_the_development_area() -> None:
    """Under the names that the command line gives."""
    assert full(*SIXTEEN, "Beijing Economic-Technological Development Area") == CANONICAL


@pytest.mark.parametrize(("pinyin", "chinese"), list(zip(SIXTEEN, CHINESE, strict=True)))
def test_every_district_is_known_by_every_name(pinyin: str, chinese: str) -> None:
    """In English with and without "District", in capitals, and in Chinese."""
    for name in (pinyin, f"{pinyin} District", f"{pinyin.upper()} DISTRICT", chinese, f"{chinese}区", f"{pinyin} Qu"):
        assert names_in(f"In {name}, guests were received.") == full(pinyin)
        assert heading_names(name) == full(pinyin)


@pytest.mark.parametrize(
    "name",
    [
        "Beijing Economic-Technological Development Area",
        "Beijing Economic and Technological Development Area",
        "Economic & Technological Development Zone",
        "BEIJING ECONOMIC-TECHNOLOGICAL DEVELOPMENT AREA",
        "Beijing Economic-Technological Development Area (BDA)",
        "Beijing Economic-Technological Development Area (Beijing E-Town)",
        "Beijing E-Town",
        "E-Town",
        "E Town",
        "BDA",
        "北京经济技术开发区",
        "经济技术开发区",
        "北京经开区",
    ],
)
def test_the_development_area_is_known_by_every_name(name: str) -> None:
    """The long name, its variants, E-Town and BDA."""
    assert heading_names(name) == (DEVELOPMENT_AREA,)
    assert names_in(f"Firms in {name} were visited.") == (DEVELOPMENT_AREA,)


@pytest.mark.parametrize(
    "spelling",
    [
        "Shi Jing Shan District",
        "Shi-jing-shan District",
        "Shijingshan  District",
        "Shijingshan\u3000District",
        "Shijingshan\u00a0District",
        "shijingshan district",
        "Shijingshan Dist.",
    ],
)
def test_pinyin_may_be_parted_and_spaces_may_be_of_any_kind(spelling: str) -> None:
    """Every spelling is the same district."""
    assert heading_names(spelling) == full("Shijingshan")


@pytest.mark.parametrize(
    "words",
    ["the Daxing'an Mountains", "the Daxing’an Mountains", "大兴安岭", "朝阳产业", "Fengtainese", "a bda"],
)
def test_what_only_looks_like_a_district_is_none(words: str) -> None:
    """Mountains, sunrise industries and longer words are not districts."""
    assert names_in(words) == ()


def test_mentions_stand_where_they_say() -> None:
    """Each in order, with its place in the text."""
    text = "From Haidian to E-Town, and back to Haidian District."
    found = [(text[m.start : m.end], m.name) for m in exact_mentions(text)]
    assert found == [
        ("Haidian", "Haidian District"),
        ("E-Town", DEVELOPMENT_AREA),
        ("Haidian District", "Haidian District"),
    ]
    assert names_in(text) == (*full("Haidian"), DEVELOPMENT_AREA)


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
