"""Chinese questions find English passages by a small glossary."""

import pytest

from rag.query.glossary import to_english
from rag.text.cjk import has_chinese
from rag.text.wordlists import read_data


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "海淀区2023年举办了多少场领事保护讲座？",
            "how many Haidian District 2023 held consular protection lecture talk?",
        ),
        ("谁率领了来自东京的代表团？", "who led headed from Tokyo delegation?"),
        ("2024年上半年在延庆", "first half of 2024 Yanqing District"),
        ("5月9日的马拉松在哪里？", "where 9 May marathon?"),
        ("大使馆的大使", "embassy ambassador"),
        ("巴西副市长何时到访？", "when Brazil vice mayor visited visit?"),
        ("How many 志愿者 came to Pinggu?", "How many volunteers came to Pinggu?"),
    ],
)
def test_chinese_becomes_the_english_words_to_search_by(question: str, expected: str) -> None:
    """Districts, places, dates and matters; the words of asking first, the longest entry before shorter ones."""
    assert to_english(question) == expected


def test_unknown_chinese_stays() -> None:
    """It still finds bulletins that are in Chinese."""
    assert to_english("饕餮的护照") == "饕餮 passport"


@pytest.mark.parametrize("text", ["", "What is 12308?", "Où est  São Paulo ?", "1. ①"])
def test_text_without_chinese_is_left_alone(text: str) -> None:
    """To the letter, spaces included."""
    assert not has_chinese(text)
    assert to_english(text) == text


def test_full_width_forms_are_read() -> None:
    """A Chinese keyboard types figures as wide as characters."""
    assert to_english("１２３０８热线") == "12308 hotline"


def test_every_entry_is_chinese_once_and_english() -> None:
    """No entry stands twice, and no meaning holds Chinese."""
    lines = [line.split("|") for line in read_data("glossary.txt").splitlines() if not line.startswith("#")]
    entries = [before.strip() for before, _ in lines]
    assert len(entries) > 700
    assert len(entries) == len(set(entries))
    assert all(has_chinese(entry) for entry in entries)
    assert not any(has_chinese(meaning) for _, meaning in lines)
