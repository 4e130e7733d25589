"""Which bulletins carry one text, and which corrects an earlier one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.ingest.near_duplicates import body_digest, find_reissues, fold_typography, sentence_digests
from rag.models import Section, Span
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import build_library

DAY = dt.date(2024, 3, 1)
LINES = [f"Guests from the {n} hills planted apple trees." for n in ("red", "green", "blue", "white", "black")]


def digest(*paragraphs: str, heading: str | None = "Apples") -> str:
    text, spans = "", []
    for paragraph in paragraphs:
        spans.append(Span(len(text), len(text) + len(paragraph)))
        text += f"{paragraph}\n"
    return body_digest(text, (Section(0, len(text), (), heading, "event", tuple(spans)),))


def digests(lines: Sequence[str]) -> frozenset[int]:
    text = "\n".join(lines)
    spans, at = [], 0
    for line in lines:
        spans.append(Span(at, at + len(line)))
        at += len(line) + 1
    return sentence_digests(text, spans)


def found(texts: dict[str, list[str]], days: dict[str, dt.date | None]) -> dict[str, tuple[str, ...]]:
    """Who replaces whom among these lines by bulletin."""
    return find_reissues(
        {name: digests(lines) for name, lines in texts.items()},
        {name: fold_typography("".join(lines)) for name, lines in texts.items()},
        days,
    )


@pytest.mark.parametrize(
    "printed",
    [
        "“It’s late,” he said – at 9 o’clock.",
        "\"It's late,\"  he said - at 9\no'clock.",
        "「It's late,」 he said — at ９ o’clock.",
    ],
)
def test_the_same_words_printed_otherwise_are_the_same(printed: str) -> None:
    """White space, marks of quotation, dashes and full width make no other text."""
    assert fold_typography(printed) == fold_typography("\"It's late,\" he said - at 9 o'clock.")
    assert digest(printed) == digest("\"It's late,\" he said - at 9 o'clock.")


def test_other_words_are_another_text() -> None:
    """One figure, another heading or one paragraph more is enough."""
    same = digest("Nine guests came.", "They sang.")
    assert same == digest("Nine guests came.", "They  sang.")
    others = {
        digest("Ten guests came.", "They sang."),
        digest("Nine guests came.", "They sang.", heading="Pears"),
        digest("Nine guests came.", "They sang.", "It rained."),
        digest("Nine guests came."),
    }
    assert same not in others
    assert len(others) == 4


def test_short_sentences_are_nobodys_own() -> None:
    """ "It was cold." stands in many bulletins."""
    assert len(digests([*LINES, "It was cold.", "They sang."])) == len(LINES)


def test_a_later_text_with_most_of_the_sentences_replaces_the_earlier() -> None:
    """Four of five, with one figure put right; the earlier one replaces nothing."""
    texts = {"old": LINES, "new": [*LINES[:4], "Guests from the grey hills planted pear trees."]}
    days = {"old": DAY, "new": DAY + dt.timedelta(7)}
    assert found(texts, days) == {"new": ("old",)}


def test_the_latest_of_several_comes_first() -> None:
    """A text corrected twice."""
    texts = {
        "a": LINES,
        "b": [*LINES[:4], "In May, guests planted pear trees."],
        "c": [*LINES[:4], "In June, guests planted plum trees."],
    }
    days = {"a": DAY, "b": DAY + dt.timedelta(1), "c": DAY + dt.timedelta(2)}
    assert found(texts, days) == {"b": ("a",), "c": ("b", "a")}


@pytest.mark.parametrize(
    ("new", "day"),
    [
        (LINES, DAY + dt.timedelta(1)),
        ([*LINES[:3], "In May, guests planted pear trees.", "In June, guests planted plum trees."],
         DAY + dt.timedelta(1)),
        ([*LINES[:4], "In May, guests planted pear trees."], None),
        ([*LINES[:4], "In May, guests planted pear trees."], DAY),
        ([*LINES[:1], "It was cold."], DAY + dt.timedelta(1)),
    ],
)  # fmt: skip
def test_these_replace_nothing(new: list[str], day: dt.date | None) -> None:
    """A copy, a text that shares a little more than half, one without a date or of the same day, one too short."""
    assert found({"old": LINES, "new": new}, {"old": DAY, "new": day}) == {}


def test_a_corrected_bulletin_is_known_in_the_library(tmp_path: Path) -> None:
    """By name, both ways."""
    library = build_library(
        tmp_path,
        old=bulletin_text("2024-03-01", " ".join(LINES)),
        new=bulletin_text("2024-03-08", " ".join([*LINES[:4], "Guests from the grey hills planted pear trees."])),
        other=bulletin_text("2024-03-09", "Fishermen from the coast told how nets are mended in winter."),
    )
    assert library.by_name["new.txt"].replaces == ("old.txt",)
    assert library.replaced_by == {"old.txt": "new.txt"}


def test_what_tells_of_more_is_not_replaced_by_a_part_of_it(tmp_path: Path) -> None:
    """A district prints its own section of a round-up again: the other sections would be lost with the round-up."""
    apples = " ".join(LINES)
    fish = "Fishermen from the coast told how nets are mended in winter. Forty pupils listened to them in the hall."
    library = build_library(
        tmp_path,
        roundup=bulletin_text(
            "2024-03-01", "Miyun District", "Apple trees are here", apples, "Daxing District", "Nets are mended", fish
        ),
        again=bulletin_text("2024-03-08", apples, title="Apple trees in Miyun"),
    )
    assert library.replaced_by == {}
