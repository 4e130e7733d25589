"""Search terms: what a passage says and what a question asks meet in the same term."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from Stemmer import Stemmer

from rag.text.analyzer import STOP_WORDS, question_terms, terms


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("volunteers", "volunteer"),
        ("VOLUNTEERING", "volunteers"),
        ("1260", "1,260"),
        ("1234567.5", "1,234,567.5"),
        ("office", "Office’s"),
        ("Lugu", "Lugu’s"),
        ("resident", "residents'"),
        ("Valparaiso", "Valparaíso"),
        ("US officials", "U.S. officials"),
        ("Guang'anmennei", "Guang’anmennei"),
        ("cooperation", "co-operation"),
        ("e-mail", "email"),
        ("health care", "health-care"),
        ("full width", "ｆｕｌｌ　ｗｉｄｔｈ"),
        ("hyphenation", "hyphen\u00adation"),
    ],
)
def test_two_spellings_are_one_term(asked: str, written: str) -> None:
    """Endings, case, apostrophes, accents, thousands' commas and typing widths make no difference."""
    assert set(question_terms(asked)) <= set(terms(written))
    assert question_terms(asked)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Call 12308.", ["call", "12308"]),
        ("It cost 3.5 million, not 2,500.", ["it", "cost", "3.5", "million", "not", "2500"]),
        ("5G and C919", ["5g", "and", "c919"]),
        ("10:30, 2025-03-01", ["10", "30", "2025", "03", "01", "20250301"]),
        ("192.168.0.1", ["192", "168", "0.1"]),
        ("1,2,3 and 12,34", ["1", "2", "3", "and", "12", "34"]),
    ],
)
def test_numbers_are_kept_as_they_are_read(text: str, expected: list[str]) -> None:
    """A hotline, an amount and a list of figures stay what they are."""
    assert terms(text) == expected


def test_a_hyphenated_word_is_found_by_its_parts_and_as_one_word() -> None:
    """The passage has all three; the question has the parts alone, so that nothing rare is missed in a passage."""
    assert terms("health-care") == ["health", "care", "healthcar"]
    assert question_terms("healthcare") == ["healthcar"]
    assert question_terms("health-care") == ["health", "care"]


def test_a_prefix_is_no_term_of_its_own() -> None:
    """Half of all words begin with "re" or "co": alone they find nothing."""
    assert terms("re-opening a pre-school by e-mail") == [*terms("reopening a preschool by email")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("领事保护", ["领事", "事保", "保护"]),
        ("税", ["税"]),
        ("2023年1月，共1,260人", ["2023", "年", "1", "月", "共", "1260", "人"]),
        ("100，200", ["100", "200"]),
        ("Haidian 海淀区 District", ["haidian", "海淀", "淀区", "district"]),
    ],
)
def test_chinese_gives_pairs_of_characters(text: str, expected: list[str]) -> None:
    """A single character gives itself, and other scripts beside it their own terms."""
    assert terms(text) == expected


def test_a_chinese_question_is_cut_at_its_words_of_asking() -> None:
    """No pair stands across "which", which no passage would have; what stays is all in the passage."""
    assert question_terms("石景山区有哪些领事保护活动？") == [*terms("石景山区"), *terms("领事保护活动")]
    assert question_terms("目的地") == ["目的", "的地"]


def test_a_question_loses_its_function_words() -> None:
    """What is left says what it is about."""
    assert question_terms("What did the mayor's office do for the volunteers?") == ["mayor", "offic", "volunt"]


@pytest.mark.parametrize("question", ["", "What is it?", "and of the", "Who's there?", "有哪些？", "😀", "-- '' ,"])
def test_a_question_without_content_has_no_terms(question: str) -> None:
    """The caller can tell that there is nothing to look for."""
    assert question_terms(question) == []


def test_names_written_like_function_words_stay() -> None:
    """US, IT and WHO in capitals are names, in small letters they aren't."""
    assert question_terms("Did WHO and US staff see IT?") == ["who", "us", "staff", "see", "it"]
    assert question_terms("who told us about it") == ["told"]


def test_stop_words_are_function_words() -> None:
    """The month of May, the first, the last and numbers are worth looking for."""
    assert not STOP_WORDS & {"may", "first", "last", "one", "two", "new", "list", "event", "district", "city"}
    assert question_terms("one event in May") == ["one", "event", "may"]


def test_threads_get_the_terms_that_one_gets() -> None:
    """The page answers in several threads at once, and all of them share one stemmer."""
    texts = [" ".join(f"organis{chr(97 + n % 26)}{n}ations" for n in range(s, s + 50)) for s in range(0, 20_000, 50)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(terms, texts))
    stemmer = Stemmer("english")
    assert found == [stemmer.stemWords(text.split()) for text in texts]


@given(st.text(max_size=200))
def test_any_text_has_terms_that_can_be_stored(text: str) -> None:
    """Whatever is typed, no term is empty or has white space in it."""
    assert all(term and not any(c.isspace() for c in term) for term in [*terms(text), *question_terms(text)])


@given(st.text(alphabet=st.characters(max_codepoint=0x1FFF), max_size=200))
def test_a_passage_is_found_by_its_own_words(text: str) -> None:
    """Asked with a passage's words, a question has no term that the passage lacks."""
    assert set(question_terms(text)) <= set(terms(text))
