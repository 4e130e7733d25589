"""Short words that change the answer before, and words that ask for nothing."""

from __future__ import annotations

import pytest

from tests.cases.conftest import AssistantOf


@pytest.mark.parametrize(
    ("corpus", "before", "question", "bulletins", "districts"),
    [
        ("corpus", "What did Tongzhou report in May 2024?", "tell me more", "a02", "Tongzhou"),
        ("corpus", "What happened in Haidian in March 2024?", "No, I meant Fengtai", "a01", "Fengtai"),
        ("corpus", "What happened in Daxing in 2024?", "same for 2023", "a08", "Daxing"),
        ("corpus", "What happened in Daxing?", "only 2024", "a11", "Daxing"),
        ("corpus", "通州2024年5月有什么活动？", "还有吗", "a02", "Tongzhou"),
        ("corpus", "海淀2024年3月有什么活动？", "不是,我是说丰台", "a01", "Fengtai"),
        ("opposite", "What happened in 2025?", "just February please", "b02", "Dongcheng Yanqing Pinggu"),
        ("opposite", "What happened in 2025?", "show me only Pinggu", "b01 b02", "Pinggu"),
        ("opposite", "What did Yanqing report in 2025?", "anything more?", "b02", "Yanqing"),
        ("opposite", "What happened in Changping in April 2025?", "sorry, I meant Huairou", "b03", "Huairou"),
        ("opposite", "What happened in Miyun in January 2025?", "the same for April", "b03", "Miyun"),
        ("opposite", "What happened in Miyun in January 2025?", "and April?", "b03", "Miyun"),
        ("opposite", "延庆区有什么活动？", "只看2025年", "b02", "Yanqing"),
        ("opposite", "2025年2月东城区有什么活动？", "不是，我是说延庆", "b02", "Yanqing"),
        ("opposite", "延庆区2025年有什么活动？", "还有别的吗？", "b02", "Yanqing"),
        ("opposite", "What happened in February 2025?", "without Dongcheng", "b02", "Yanqing Pinggu"),
        ("opposite", "What happened in Dongcheng in February 2025?", "not Dongcheng, Yanqing", "b02", "Yanqing"),
        ("opposite", "What happened in Dongcheng in February 2025?", "and the other districts?", "b02",
         "Yanqing Pinggu"),
        ("opposite", "What happened in Dongcheng in February 2025?", "everywhere", "b02", "Dongcheng Yanqing Pinggu"),
        ("opposite", "What happened in February 2025?", "only the lectures", "b02", "Pinggu"),
        ("opposite", "What happened in Yanqing in 2025?", "how about 2024 instead", "b04", "Yanqing"),
        ("opposite", "What happened in Huairou in April 2025?", "Thanks! And in Miyun?", "b03", "Miyun"),
    ],
)  # fmt: skip
def test_the_answer_before_is_narrowed_moved_or_widened(
    assistant_of: AssistantOf, corpus: str, before: str, question: str, bulletins: str, districts: str
) -> None:
    """What is named takes the place of the like of it; all else stays as it was asked."""
    answer = assistant_of(corpus).ask(question, history=[before])
    assert answer.status == "answered"
    assert {quote.bulletin.removesuffix(".txt") for quote in answer.quotes} == set(bulletins.split())
    filed = {name for quote in answer.quotes for name in (quote.districts or quote.mentions)}
    assert {name.removesuffix(" District") for name in filed} == set(districts.split())


@pytest.mark.parametrize("history", [[], ["What happened in 2025?"]])
@pytest.mark.parametrize(
    "words",
    """show me|thanks|hello, what can you do?|你好|谢谢|who are you|help|ok|good morning|many thanks, bye!
    |are you a robot?|您好，请问你能做什么？|非常感谢|how does this work|yes please|what can I ask you?|ok great
    |Can you help me?""".replace("\n    ", "").split("|"),
)
def test_small_talk_gets_the_help_of_the_desk(assistant_of: AssistantOf, words: str, history: list[str]) -> None:
    """No passage is given; the questions that are offered are the library's own."""
    answer = assistant_of("opposite").ask(words, history=history)
    assert (answer.status, answer.quotes, answer.confidence) == ("refused", (), 0.0)
    assert "“What happened in November 2024?”" in answer.message


def test_more_of_nothing_gets_the_help_too(assistant_of: AssistantOf) -> None:
    """Without a question before, there is nothing that more could be of."""
    assert assistant_of("opposite").ask("tell me more").status == "refused"


def test_a_greeting_before_a_question_is_left_out(assistant_of: AssistantOf) -> None:
    """It is no word to search for."""
    answer = assistant_of("opposite").ask("hi, what happened in Shunyi in 2024?")
    assert [quote.districts for quote in answer.quotes] == [("Shunyi District",)]


def test_a_question_for_whatever_there_is_is_not_certain(assistant_of: AssistantOf) -> None:
    """It has neither topic nor condition, so that its answer is never of confidence 1."""
    answer = assistant_of("opposite").ask("What happened?")
    assert answer.status == "answered"
    assert answer.confidence < 1
