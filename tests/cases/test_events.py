"""A list of what happened has an entry for each event: the sentence with the deed, in the bulletin's order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from embeddings.encoder import Encoder
from rag.answer.assistant import Assistant
from rag.library.build.update import update_library
from rag.library.reader import Library
from rag.query.deeds import asks_for_deeds
from rag.query.parse import parse_bilingual
from tests.cases.conftest import AssistantOf

SEEDS = Path(__file__).parents[2] / "seeds"

TRAVEL = {
    "l1.txt": ("On May 6, the Foreign Affairs Office", "Thirty-two nurses"),
    "l2.txt": ("The safe travel weeks took place", "So that its engineers", "Ms. Qiao", "On September 23"),
    "l5.txt": ("- Shijingshan District: safe travel quiz",),
}
WHATEVER = TRAVEL | {
    "l2.txt": ("So that its engineers", "Ms. Qiao", "On September 23"),
    "l3.txt": ("为帮助员工平安出行，朝阳区外办", "4月8日，延庆区外办"),
    "l4.txt": ("The district has received eleven beekeepers",),
}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What safe travel events happened?", TRAVEL),
        ("What happened in 2023 and 2024?", WHATEVER),
        ("平安出行举办了哪些活动？", {"l3.txt": WHATEVER["l3.txt"]}),
    ],
)
def test_entries_are_deeds_in_the_order_of_the_bulletin(
    assistant_of: AssistantOf, question: str, expected: Mapping[str, tuple[str, ...]]
) -> None:
    """Background, intent and closings stand for no event, and a section that holds nothing else is no entry."""
    opened: dict[str, list[str]] = {}
    for quote in assistant_of("list").ask(question).quotes:
        opened.setdefault(quote.bulletin, []).append(quote.text)
    assert opened.keys() == expected.keys()
    for name, starts in expected.items():
        assert [text[: len(start)] for text, start in zip(opened[name], starts, strict=True)] == list(starts)


def test_a_district_where_nothing_was_done_gets_a_no(assistant_of: AssistantOf) -> None:
    """Its section tells what is grown there, and no event."""
    answer = assistant_of("list").ask("What happened in Pinggu?")
    assert answer.status == "no_match"
    assert answer.quotes  # near misses, under that label


def test_the_real_bulletins_list_what_was_done(tmp_path: Path, encoder: Encoder) -> None:
    """The question of the README: no entry tells what a company is or what will be done."""
    update_library(SEEDS, tmp_path, encoder)
    answer = Assistant(Library.open(tmp_path), encoder).ask("what consular protection events happened")
    texts = [quote.text for quote in answer.quotes]
    assert len(texts) == 6
    assert not any(text.startswith(("Anton", "Going forward")) for text in texts)
    starts = [quote.start for quote in answer.quotes if quote.bulletin.startswith("002")]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    "question",
    [
        "What consular protection events happened?",
        "Which lectures were held in Haidian?",
        "Where have signs been replaced?",
        "What activities are there in Daxing?",
        "海淀区举办了哪些讲座？",
    ],
)
def test_questions_about_the_past_ask_for_deeds(question: str) -> None:
    """By their tense, or by a word for what happens."""
    assert asks_for_deeds(parse_bilingual(question))


@pytest.mark.parametrize(
    "question",
    [
        "What services does Shunyi have for travelers?",
        "Which hotlines are there?",
        "Who has volunteered as an interpreter?",
        "How many lectures were held?",
        "Which courses can foreigners take?",
        "What events are planned for next year?",
        "How do I renew a passport?",
        "外国人可以在哪里办理签证？",
    ],
)
def test_other_questions_may_want_what_is(question: str) -> None:
    """What is offered or planned is told in the present or the future."""
    assert not asks_for_deeds(parse_bilingual(question))
