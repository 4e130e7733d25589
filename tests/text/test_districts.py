"""Districts by any of their names, in running text and as headings."""

from __future__ import annotations

import pytest

from rag.text.district_headings import heading_names
from rag.text.districts import CANONICAL, DEVELOPMENT_AREA, exact_mentions, names_in

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
