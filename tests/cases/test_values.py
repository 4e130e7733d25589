"""Where a number, a price, an address or hours are asked for, what states one goes first; what is denied never does."""

from __future__ import annotations

import pytest

from rag.query.answer_type import answer_type_of
from rag.query.models import AnswerType
from rag.search.answer_type_match import states_sought
from rag.text.denials import denies_previous, undenied
from tests.cases.conftest import AssistantOf

RUMOUR = "the hotline is 99999."
DENIAL = "warns that it is false."


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which number should students abroad call in trouble?", "phone"),
        ("What is the number of the hotline?", "phone"),
        ("What is the consular protection hotline?", "phone"),
        ("领事保护热线是多少？", "phone"),
        ("What is the address of the work permit section?", "address"),
        ("签证大厅的地址是什么？", "address"),
        ("What is the web address of the office?", "web"),
        ("What are the opening hours of the museum?", "hours"),
        ("When does the museum open?", "hours"),
        ("签证大厅几点开门？", "hours"),
        ("When did the museum open?", "date"),
        ("How do I address an ambassador?", None),
        ("What number of guests came?", "number"),
    ],
)
def test_what_is_asked_for(question: str, expected: AnswerType | None) -> None:
    """By the forms of asking, in both languages."""
    assert answer_type_of(question) == expected


@pytest.mark.parametrize(
    ("answer_type", "sentence", "expected"),
    [
        ("phone", "Callers abroad dial +86-10-12308.", 1.0),
        ("phone", "签证大厅咨询电话为010-5566-7788", 1.0),
        ("phone", "讲师介绍了12308热线的使用方法", 0.5),
        ("phone", "Leaflets told of 12308, the global consular protection and service hotline of the ministry.", 1.0),
        ("phone", "手册介绍了12308全球领事保护与服务应急热线。", 1.0),
        ("phone", "In 12000 rooms guests of the district heard the line of a song.", 0.0),
        ("phone", "外交部领事保护热线为12308。", 1.0),
        ("phone", "遇到危险请立即拨打我国驻外使馆的电话或者12308。", 1.0),
        ("phone", "A stranger knew the number 12308 by heart.", 0.5),
        ("phone", "The number of guests rose from 1100 to 1200.", 0.0),
        ("phone", "Last year the number of suitcases that were lost was 37.", 0.0),
        ("address", "It receives visitors at 14 Lanyuan Road, second floor.", 1.0),
        ("address", "地址为朝阳区柳荫路8号", 1.0),
        ("address", "On May 14 the guests came to Lanyuan Road.", 0.0),
        ("money", "Adults pay 60 yuan.", 1.0),
        ("money", "The fee rose by 4 percent.", 0.5),
        ("hours", "Tuesday to Sunday, 10:00 to 18:30.", 1.0),
        ("hours", "It was opened in May.", 0.0),
    ],
)
def test_how_surely_a_value_is_stated(answer_type: AnswerType, sentence: str, expected: float) -> None:
    """In full, by its kind alone, or not at all."""
    assert states_sought(sentence, answer_type) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("It is not true: all flights leave as planned.", True),
        ("The office does not know who wrote it, and warns that it is false.", True),
        ("The museum has denied this.", True),
        ("This is not the case: work permits cost nothing.", True),
        ("Do not believe it.", True),
        ("Both messages are fake.", True),
        ("该消息不实，签证大厅照常办公。", True),
        ("请勿轻信。", True),
        ("Volunteers corrected 40 wrong signs.", False),
        ("He denied the charges in court.", False),
        ("It is open on Sundays.", False),
        ("此次活动共有三百人参加。", False),
    ],
)
def test_a_denial_is_told_from_what_sounds_like_one(sentence: str, expected: bool) -> None:
    """It speaks of what was said before, and says that this is not so."""
    assert denies_previous(sentence) is expected
    assert undenied(["The line is closed.", sentence]) == (
        [sentence] if expected else ["The line is closed.", sentence]
    )


@pytest.mark.process
@pytest.mark.parametrize(
    ("corpus", "question", "first"),
    [
        ("corpus", "What is the phone number for consular help?", "+86-10-12308"),
        ("corpus", "What is the number of the hotline?", "+86-10-12308"),
        ("corpus", "领事保护热线是多少？", "12308热线"),
        ("corpus", "What is the consular protection phone number?", "+86-10-12308"),
        ("corpus", "consular protection hotline?", "+86-10-12308"),
        ("corpus", "How do I reach consular protection by phone?", "+86-10-12308"),
        ("corpus", "Whom can I call when I am in danger abroad?", "+86-10-12308"),
        ("corpus", "What does a visa cost?", "140 yuan"),
        ("certain", "Which number should students abroad call in trouble?", "010-6655-4433"),
        ("certain", "Give me the contact number of the work permit section", "010-8877-2211"),
        ("certain", "How much does a ticket for the museum cost?", "60 yuan"),
        ("certain", "When does the museum open?", "10:00 to 18:30"),
        ("certain", "What is the address of the work permit section?", "14 Lanyuan Road"),
        ("certain", "签证大厅的电话是多少？", "010-5566-7788"),
        ("certain", "留学生求助电话是多少？", "010-6655-4433"),
    ],
)
def test_the_value_asked_for_goes_first(assistant_of: AssistantOf, corpus: str, question: str, first: str) -> None:
    """Wherever the passage ranks that states it."""
    answer = assistant_of(corpus).ask(question)
    assert answer.status == "answered"
    assert first in answer.quotes[0].text


@pytest.mark.process
@pytest.mark.parametrize(
    ("corpus", "question"),
    [
        ("corpus", "Is it true that visas are free and the hotline is 99999?"),
        ("corpus", "What is the number of the hotline?"),
        ("corpus", "Who tells every visitor that the hotline is 99999?"),
        ("corpus", "Is the capital airport closed?"),
        ("certain", "Will tickets for the museum double in price?"),
        ("certain", "How much does a work permit cost?"),
        ("certain", "Is the section for work permits closed for good?"),
    ],
)
def test_what_is_denied_is_never_quoted_without_its_denial(
    assistant_of: AssistantOf, corpus: str, question: str
) -> None:
    """In answers and in near misses alike."""
    pairs = {
        RUMOUR: DENIAL,
        "airport is closed went round": "It is not true",
        "will double in price in May": "has denied this",
        "charges 900 yuan": "not the case",
        "closed for good": "Do not believe it",
    }
    told = [quote.text for quote in assistant_of(corpus).ask(question).quotes]
    assert told
    assert all(denial in text for text in told for rumour, denial in pairs.items() if rumour in text)
    if question.startswith(("Is ", "Will ")):  # the rumour itself is asked about
        assert any(rumour in text for text in told for rumour in pairs)


@pytest.mark.process
def test_quotations_of_several_paragraphs_are_quoted_in_whole_sentences(assistant_of: AssistantOf) -> None:
    """An opening mark belongs to the sentence that it opens."""
    for corpus, question in (("corpus", "Who did Carmen Salas meet?"), ("certain", "What did Marta Lindqvist say?")):
        quotes = assistant_of(corpus).ask(question).quotes
        assert quotes
        assert not any(quote.text.rstrip().endswith(("“", "‘")) for quote in quotes)
