"""Yes that should be no: who did what where must stand together, and what is plainly beside the point is refused."""

from __future__ import annotations

import pytest

from rag.query.language import unread_language
from rag.query.parse import parse_question
from rag.query.superlative import asks_for_the_most, states_the_most
from tests.cases.conftest import AssistantOf


@pytest.mark.process
@pytest.mark.parametrize(
    ("corpus", "question"),
    [
        ("corpus", "How many teams from Norway took part in the dragon boat race?"),
        ("corpus", "How many pupils from Peru built robots?"),
        ("corpus", "Who led the delegation from Kenya?"),
        ("corpus", "What is the capital of Peru?"),
        ("corpus", "Who won the marathon at the sports day?"),
        ("corpus", "What is 2+2?"),
        ("corpus", "怎么做红烧肉？"),
        ("corpus", "我的水龙头漏水怎么办？"),
        ("certain", "How many custard tarts did the Irish pupils bake?"),
        ("certain", "Who led the delegation from Iceland?"),
        ("certain", "When did the delegation from Portugal visit the glass factory?"),
        ("certain", "Which team from Ireland came second in the swimming gala?"),
        ("certain", "Who won the chess tournament at the book fair?"),
        ("certain", "Who won the relay at the swimming gala?"),
        ("certain", "What did the authors from India read at the book fair?"),
    ],
)
def test_what_does_not_stand_together_is_no_answer(assistant_of: AssistantOf, corpus: str, question: str) -> None:
    """Another country's team, another contest, or nothing of the kind."""
    assert assistant_of(corpus).ask(question).status == "no_match"


@pytest.mark.process
@pytest.mark.parametrize(
    ("corpus", "question", "words"),
    [
        ("corpus", "How many teams took part in the dragon boat race?", "Twelve teams"),
        ("corpus", "How many pupils built robots?", "Eighty-five pupils"),
        ("corpus", "Who led the delegation from Peru?", "Rosa Quispe"),
        ("corpus", "Who won the relay at the sports day?", "Athletes from Chile"),
        ("corpus", "What did the team of Norway win?", "nothing but praise"),
        ("certain", "Who led the delegation from Uruguay?", "Diego Ferrari"),
        ("certain", "How many custard tarts did the cooks from Portugal bake?", "90 custard tarts"),
        ("certain", "How many lamps did the delegation from Uruguay order?", "two hundred lamps"),
        ("certain", "What did the fishermen from Iceland show?", "dried cod"),
        ("certain", "How many publishers came to the book fair?", "Forty publishers"),
    ],
)
def test_what_stands_together_is_answered(assistant_of: AssistantOf, corpus: str, question: str, words: str) -> None:
    """The same questions of those who did it."""
    answer = assistant_of(corpus).ask(question)
    assert answer.status == "answered"
    assert words in answer.quotes[0].text


@pytest.mark.process
@pytest.mark.parametrize(
    ("corpus", "question"),
    [
        ("corpus", "Which event had the largest number of participants?"),
        ("corpus", "What was the biggest event of 2024?"),
        ("certain", "Which event drew the most visitors?"),
        ("certain", "Which district had the fewest guests?"),
    ],
)
def test_which_was_the_most_is_not_reckoned(assistant_of: AssistantOf, corpus: str, question: str) -> None:
    """The no says so, and doesn't say that nothing is about it."""
    answer = assistant_of(corpus).ask(question)
    assert answer.status == "no_match"
    assert "without comparing" in answer.message


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What was the longest lecture of 2023?", True),
        ("Which fair had the most guests?", True),
        ("哪个区的活动最多？", True),
        ("最近有什么活动？", False),
        ("What do most guests like at the fair?", False),
        ("What is the most recent event?", False),
        ("What is the best way to apply?", False),
    ],
)
def test_who_asks_for_the_most(question: str, expected: bool) -> None:
    """Of events or districts; the latest is another question."""
    assert asks_for_the_most(question) is expected


def test_what_states_the_most() -> None:
    """A bulletin that says itself which was the largest answers."""
    assert states_the_most("Chaoyang received the largest number of delegations.")
    assert not states_the_most("Most of the guests stayed for tea.")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("¿Cuántos residentes participaron en la charla de Shijingshan?", "Spanish"),
        ("Qui a dirigé la délégation de l'Uruguay ?", "French"),
        ("Wie viele Fischer aus Island kamen zur Messe?", "German"),
        ("Dove si trova il museo?", "Italian"),
        ("何人が参加しましたか？", "Japanese"),
        ("대표단을 누가 이끌었습니까?", "Korean"),
        ("Who led the delegation from Uruguay?", None),
        ("de la Cruz", None),
        ("haidian consular protection", None),
        ("秘鲁大使馆演出了什么?", None),
    ],
)
def test_a_language_that_is_not_read_is_named(question: str, expected: str | None) -> None:
    """By its letters, or by its small words."""
    assert unread_language(question) == expected


@pytest.mark.process
def test_a_question_in_another_language_gets_a_no_that_says_why(assistant_of: AssistantOf) -> None:
    """Not that nothing is told of its words."""
    answer = assistant_of("corpus").ask("¿Cuántos residentes participaron en la charla de Shijingshan?")
    assert (answer.status, answer.quotes) == ("no_match", ())
    assert "Spanish" in answer.message
    assert "English and Chinese" in answer.message


@pytest.mark.parametrize(
    ("question", "contest"),
    [
        ("Who won the marathon at the sports day?", "marathon"),
        ("Who won the chess tournament at the book fair?", "chess"),
        ("Who won the first prize in the debate?", None),
    ],
)
def test_what_was_won_must_be_told_of(question: str, contest: str | None) -> None:
    """A prize is any contest's; a marathon is none but itself."""
    assert [name.written for name in parse_question(question).entities.names] == ([contest] if contest else [])
