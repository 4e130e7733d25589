"""Misspelt words of a question, and what is meant by them."""

from __future__ import annotations

import pytest

from rag.query.mentions import find_mentions
from rag.query.spelling import Correction, Speller, apply_corrections, vocabulary_of

BULLETINS = [
    "Volunteers from Győr and Kazan learned about consular protection in Haidian.",
    "Swedes were sold. The retired gardeners' chrysanthemums won. Quispe's delegation saw Yanqi's apiaries.",
]


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(vocabulary_of(BULLETINS))


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("consuler protektion", "consular protection"),
        ("Which volunters came?", "Which volunteers came?"),
        ("who grew the crysanthenums", "who grew the chrysanthemums"),
        ("how many apairies", "how many apiaries"),
        ("Which delegatoin?", "Which delegation?"),
        ("How many ppl came, pls?", "How many people came, please?"),
        # Words of English that no bulletin has.
        ("Is the umbrela wet?", "Is the umbrella wet?"),
    ],
)
def test_what_is_meant_is_searched_for(speller: Speller, question: str, meant: str) -> None:
    """A letter wrong, or two of a long word; the bulletins' own words come first."""
    assert apply_corrections(question, speller.corrections(find_mentions(question))) == meant


@pytest.mark.parametrize(
    "question",
    [
        "Which volunteers learned about consular protection?",
        "What about the elevator and the lettuce?",
        "What did Quispe's delegation see in Gyor?",
        # Names of places and of districts, also misspelt ones, are read elsewhere.
        "delegations from Hunagry in Shijinshan and Chaoyan",
        "Did Kazakhstan or Kyrgyzstan take part?",
        # A country, one letter away from what was sold.
        "Did Sweden take part?",
        # Nothing that it could be.
        "What is a zzyzx qwrtplk?",
        # Too short to tell.
        "wat teh hsk",
        "12308 T3 2024",
        "海淀区有什么活动",
        "",
    ],
)
def test_what_is_no_mistake_stays(speller: Speller, question: str) -> None:
    """Known words, names, figures, Chinese."""
    assert speller.corrections(find_mentions(question)) == ()


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("tlak fomr", "talk form"),
        ("rhytmh", "rhythm"),
        ("zzzz qqqq xxxx", None),
        ("xxxy wint brdg", None),
        ("xxxxx sphnx", None),
        ("wint", None),
        ("wintar", "winter"),
    ],
)
def test_a_short_word_or_one_without_a_vowel_is_near_to_too_many(question: str, meant: str | None) -> None:
    """Two letters of it may stand the wrong way round, and nothing else: "xxxx" means no "xxxix"."""
    speller = Speller(["xxxix", "talk", "form", "win", "wind", "winter", "bridge", "sphinx", "rhythm"])
    assert apply_corrections(question, speller.corrections(find_mentions(question))) == (meant or question)


def test_a_name_is_changed_by_a_letter_only_and_only_to_a_word_of_the_bulletins(speller: Speller) -> None:
    """Names differ by little: "Quispa" may be Quispe, but "Umbrela" may be anybody."""
    assert [one.replacement for one in speller.corrections(find_mentions("Who is Quispa?"))] == ["quispe"]
    assert speller.corrections(find_mentions("Who is Quiapa?")) == ()
    assert speller.corrections(find_mentions("Who is Mr. Umbrela?")) == ()


def test_a_correction_says_where(speller: Speller) -> None:
    """So that the message can say which word was taken for which."""
    assert speller.corrections(find_mentions("a consuler talk")) == (Correction(2, 10, "consular"),)


def test_several_words_are_put_right_at_their_places() -> None:
    """In whatever order they are given, and of other lengths than the mistakes."""
    found = [Correction(4, 7, "five"), Correction(0, 3, "nineteen")]
    assert apply_corrections("abc def ghi", found) == "nineteen five ghi"


def test_the_vocabulary_is_folded() -> None:
    """No case, no accents, no possessive."""
    words = vocabulary_of(BULLETINS)
    assert {"gyor", "quispe", "haidian"} <= words
    assert not {"Győr", "győr", "quispe's", "Haidian"} & words
