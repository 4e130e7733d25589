"""Which sentences are quoted: the fewest that answer and can stand alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.models import Passage, Span
from rag.search.ranking import answering_sentences, depends_on_previous, select_span

ROOMY = 1_000


def passage_of(*sentences: str) -> tuple[Passage, str]:
    """A passage of these sentences, and its text."""
    text = " ".join(sentences)
    spans, at = [], 0
    for sentence in sentences:
        spans.append(Span(at, at + len(sentence)))
        at += len(sentence) + 1
    whole = Span(0, len(text))
    return Passage(0, len(text), "a.txt", 0, (), None, (), (whole,), tuple(spans), "", ()), text


def quoted(
    sentences: list[str], scores: list[float], max_chars: int = ROOMY, taken: tuple[int, ...] = ()
) -> list[str] | None:
    passage, text = passage_of(*sentences)
    found = select_span(passage, scores, text, max_chars, taken=taken)
    return None if found is None else [span.of(text) for span in passage.sentences[found[0] : found[1] + 1]]


RAIN = ["Rain fell in Miyun.", "A bridge was opened.", "Guests from Oslo came.", "Tea was served."]


def test_the_best_sentence_is_enough() -> None:
    """Neighbours that are far behind are not quoted along."""
    assert quoted(RAIN, [0.2, 0.3, 1.0, 0.5]) == ["Guests from Oslo came."]


def test_neighbours_about_as_good_are_quoted_along() -> None:
    """Before and after, but never over a sentence that is worth nothing."""
    assert quoted(RAIN, [0.1, 0.9, 1.0, 0.9]) == RAIN[1:]
    assert quoted(RAIN, [0.95, 0.1, 1.0, 0.2]) == ["Guests from Oslo came."]


def test_the_better_neighbour_comes_first_where_there_is_room_for_one() -> None:
    """The quote stays within its characters."""
    room = len(" ".join(RAIN[2:]))
    assert quoted(RAIN, [0.1, 0.8, 1.0, 0.9], room) == RAIN[2:]
    assert quoted(RAIN, [0.1, 0.8, 1.0, 0.9], room - 1) == ["Guests from Oslo came."]


def test_a_sentence_that_points_back_brings_the_one_before() -> None:
    """However little that one says of the question, and on to the one that stands alone."""
    sentences = ["A choir from Oslo came.", "It sang twice.", "Then it rained.", "Tea was served."]
    assert quoted(sentences, [0.0, 0.1, 1.0, 0.1]) == sentences[:3]


def test_what_it_points_to_is_left_out_where_there_is_no_room() -> None:
    """A quote that leans is better than none; no sentence is cut."""
    assert quoted(["A choir from Oslo came.", "It sang."], [0.0, 1.0], 12) == ["It sang."]
    assert quoted(["A long sentence is never cut inside."], [1.0], 5) == ["A long sentence is never cut inside."]


def test_what_was_quoted_before_is_not_quoted_again() -> None:
    """The next best stretch is, and where all is taken there is none."""
    assert quoted(RAIN, [0.9, 0.9, 1.0, 0.1], taken=(2,)) == RAIN[:2]
    assert quoted(["Choirs came.", "They sang."], [0.1, 1.0], taken=(0,)) == ["They sang."]
    assert quoted(RAIN, [0.9, 0.9, 1.0, 0.1], taken=(0, 1, 2, 3)) is None


@given(
    st.lists(st.tuples(st.sampled_from([*RAIN, "They sang.", "It was late."]), st.floats(-3, 3)), min_size=1),
    st.integers(1, 120),
    st.data(),
)
def test_a_span_is_one_free_stretch_with_the_best_sentence(
    parts: list[tuple[str, float]], max_chars: int, data: st.DataObject
) -> None:
    """Within the characters given, unless a single sentence is longer than that."""
    sentences, scores = [words for words, _ in parts], [score for _, score in parts]
    taken = data.draw(st.sets(st.integers(0, len(parts) - 1), max_size=len(parts) - 1))
    passage, text = passage_of(*sentences)
    found = select_span(passage, scores, text, max_chars, taken=taken)
    assert found is not None
    first, last = found
    assert 0 <= first <= last < len(parts)
    assert taken.isdisjoint(range(first, last + 1))
    assert max(scores[first : last + 1]) == max(score for n, score in enumerate(scores) if n not in taken)
    assert first == last or passage.sentences[last].end - passage.sentences[first].start <= max_chars


@pytest.mark.parametrize(
    "sentence",
    [
        "She thanked the hosts.",
        "They planted trees.",
        "These guests came by train.",
        "Its roof is green.",
        "The two sides signed.",
        "The latter won.",
        "Both were pleased.",
        "However, nobody sang.",
        "\u201cIt was fun,\u201d said a guest.",
        "There the guests had tea.",
        "Among them were nine pilots.",
        "该中心有十名员工。",
        "他们参观了展览。",
    ],
)
def test_these_lean_on_the_sentence_before(sentence: str) -> None:
    """Nobody can tell who or what is meant."""
    assert depends_on_previous(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Thirty guests came by train.",
        "Hebei sent a choir.",
        "There were nine pilots.",
        "There is no fee.",
        "Items are sold here.",
        "The twelve sides of the hall were painted.",
        "Thatched roofs were mended.",
        "Theatres opened again.",
        "海淀区举办讲座。",
    ],
)
def test_these_stand_alone(sentence: str) -> None:
    """A word that only begins like one that points back doesn't."""
    assert not depends_on_previous(sentence)


def test_the_telling_sentences_are_the_best_and_those_as_near() -> None:
    """Three at most, in the order of the text, and only of what is quoted."""
    assert answering_sentences([0.5, 0.96, 1.0, 0.2], 0, 3) == (1, 2)
    assert answering_sentences([1.0, 1.0, 1.0, 1.0], 0, 3) == (0, 1, 2)
    assert answering_sentences([9.0, 0.1, 0.2, 9.0], 1, 2) == (2,)


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=6))
def test_every_quote_has_a_telling_sentence(scores: list[float]) -> None:
    """Below zero too, where scores have been lowered: the best one tells most."""
    found = answering_sentences(scores, 0, len(scores) - 1)
    assert found
    assert max(scores) == max(scores[n] for n in found)
