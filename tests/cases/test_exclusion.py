"""What a question leaves out, and what it asks is missing: the opposite of it is never the answer."""

from __future__ import annotations

import re

import pytest

from rag.answer.models import Answer
from tests.cases.conftest import AssistantOf


def districts_of(answer: Answer) -> set[str]:
    return {name.removesuffix(" District") for quote in answer.quotes for name in quote.districts}


@pytest.mark.parametrize(
    ("corpus", "question", "wanted", "label"),
    [
        ("corpus", "What happened in March 2024, but not in Haidian?", "Shijingshan Fengtai Xicheng",
         "not Haidian District"),
        ("corpus", "Which events of 2024 took place outside Haidian District?",
         "Shijingshan Fengtai Xicheng Chaoyang Tongzhou Daxing", "not Haidian District"),
        ("corpus", "List all events of 2024 except those in Haidian",
         "Shijingshan Fengtai Xicheng Chaoyang Tongzhou Daxing", "not Haidian District"),
        ("opposite", "What happened outside Pinggu in February 2025?", "Dongcheng Yanqing", "not Pinggu District"),
        ("opposite", "Show everything from April 2025 apart from Miyun", "Changping Huairou", "not Miyun District"),
        ("opposite", "Which events of 2025 were held in districts other than Dongcheng or Pinggu?",
         "Yanqing Miyun Changping Huairou", "not Dongcheng District"),
        ("opposite", "除了东城区以外，2025年2月还有哪些活动？", "Yanqing Pinggu", "not Dongcheng District"),
        ("opposite", "2025年4月有什么活动？不包括昌平", "Huairou Miyun", "not Changping District"),
        ("opposite", "What happened in 2025 but not in February?", "Dongcheng Pinggu Miyun Changping Huairou",
         "not February 2025"),
        ("opposite", "Which lectures were given, except the one on telephone fraud?", "Huairou Yanqing",
         "not about telephone fraud"),
        ("opposite", "List the events of 2025, not those in April, please", "Dongcheng Pinggu Miyun Yanqing",
         "not April 2025"),
        ("opposite", "Anything without Yanqing in November 2024?", "Shunyi", "not Yanqing District"),
        ("opposite", "News of January 2025 from anywhere but Miyun", "Dongcheng Pinggu", "not Miyun District"),
        ("opposite", "Which events of November 2024 didn't take place in Shunyi?", "Yanqing", "not Shunyi District"),
    ],
)  # fmt: skip
def test_what_is_left_out_is_no_answer(
    assistant_of: AssistantOf, corpus: str, question: str, wanted: str, label: str
) -> None:
    """All of the others are given, and the exclusion is a condition that the message names."""
    answer = assistant_of(corpus).ask(question)
    assert answer.status == "answered"
    assert districts_of(answer) == set(wanted.split())
    assert label in [condition.label for condition in answer.query.conditions]
    assert label[1:] in answer.message


def test_an_exclusion_can_be_taken_away(assistant_of: AssistantOf) -> None:
    """It is a condition like any other, with a key of its own."""
    question = "What happened outside Pinggu in February 2025?"
    again = assistant_of("opposite").ask(question, without=["not:Pinggu District"])
    assert districts_of(again) == {"Dongcheng", "Yanqing", "Pinggu"}


@pytest.mark.parametrize(
    ("corpus", "question", "told", "none", "quoted"),
    [
        ("corpus", "Which districts did not report anything about consular protection?", "Shijingshan District",
         "Haidian", "No lecture on consular protection could be held"),
        ("corpus", "Which districts had no consular protection lecture?", "Shijingshan District", "Miyun",
         "No lecture on consular protection could be held"),
        ("opposite", "Which districts have not trained any volunteers?", "Dongcheng District and Changping District",
         "Haidian", "No training for volunteers took place"),
        ("opposite", "哪些区没有举办讲座？", "Huairou District", "Haidian", ""),
        ("opposite", "Which districts did not report in April 2025?",
         "Changping District, Huairou District and Miyun District", "Pinggu", ""),
        ("opposite", "In which months of 2025 was there no news?", "January 2025, February 2025 and April 2025",
         "March 2025", ""),
        ("opposite", "Which months of 2025 had no volunteer training?", "February 2025 and April 2025",
         "January 2025 and March 2025", "No training for volunteers took place"),
        ("opposite", "Which districts did not report on penguins?", "No district has a report", "", ""),
        ("opposite", "Which embassies did not come in 2025?", "I can't tell from them what did not", "", ""),
        ("opposite", "Which training could not be held in 2025?", "What they say expressly is below", "",
         "No training for volunteers took place"),
    ],
)  # fmt: skip
def test_what_is_missing_is_reckoned(
    assistant_of: AssistantOf, corpus: str, question: str, told: str, none: str, quoted: str
) -> None:
    """The message names who reported and who didn't; a quote is only what says expressly that there was none."""
    answer = assistant_of(corpus).ask(question)
    sentences = re.split(r"(?<=[.;]) ", answer.message)
    assert any(told in sentence and (none == "" or "a report of this" in sentence) for sentence in sentences)
    if none:
        assert any(none in sentence and "a report of this" not in sentence for sentence in sentences)
    assert [quoted in quote.text for quote in answer.quotes] == [True] * bool(quoted)
    assert answer.status == ("answered" if quoted else "no_match")
