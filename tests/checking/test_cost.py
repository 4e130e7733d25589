"""What a check costs grows with the length of what is sent, and a draft that costs too much loses nothing unseen."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.checking import NoEncoder
from benchmarks.generate import generate
from rag import limits
from rag.budget import OverBudget, limited
from rag.checking.checker import Checker
from rag.checking.verdict import VerdictEngine
from rag.library.build.update import update_library
from rag.library.reader import Library
from tests.support.sample_bulletins import bulletin_text

LINE = "This takes too long"
# What opens a draft, what it repeats, and the calls for each of its characters, with room for half as many again; each
# once cost thrice as many at the least.
ROWS = {
    "nested quotations": ("", "“a ", 1_800),
    "quotations with a date each": ("", "May 1 'zq' ", 700),
    "lines of a block quotation": ("", "> a\n", 55),
    "a word again and again": ("“", "the ", 35),
    "common words in turn": ("“", "of the in the and the ", 80),
    "parts between ellipses": ("“", "kite … ", 2_800),
    "dates around a quotation": ("“the” ", "May 1, ", 900),
}
LENGTH = 800


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Forty made-up bulletins, and one that says a word again and again."""
    folder = tmp_path_factory.mktemp("cost")
    generate(folder / "seeds", 40)
    (folder / "seeds" / "kites.txt").write_text(bulletin_text(None, "kite " * 300 + "rose."))
    update_library(folder / "seeds", folder / "library", NoEncoder())
    return Library.open(folder / "library")


@pytest.fixture(scope="module")
def checker(library: Library) -> Checker:
    return Checker(library)


def calls(work: Callable[[], object]) -> int:
    """How many functions the work calls: its cost, whatever else the machine does."""
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("row", ROWS)
def test_a_check_costs_what_its_length_says(checker: Checker, row: str) -> None:
    """So many calls for each character, and no more the longer it is."""
    opening, piece, most = ROWS[row]
    draft = opening + piece * (LENGTH // len(piece))
    checker.audit(draft[: LENGTH // 4])  # what is read once of the bulletins is read
    assert calls(lambda: checker.audit(draft)) / LENGTH < most


def test_a_long_draft_is_checked_to_its_end(checker: Checker, library: Library) -> None:
    """A quarter of the longest, with fifty quotations, within a quarter of the budget of a draft."""
    texts = [str(library.text(bulletin.sha256)) for bulletin in library.bulletins]
    passages = [" ".join(texts[n % 40][200 + n : 420 + n].split()[1:-1]) for n in range(50)]
    between = "".join(text[:600].replace("“", "").replace("”", "").replace('"', "") + "\n\n" for text in texts)[:4_700]
    draft = "".join(f"{between}\n\nOn May 3, 2024, Haidian wrote: “{passage}”.\n\n" for passage in passages)
    assert len(draft) > 0.24 * limits.MAX_DRAFT_CHARS
    with limited(limits.DRAFT_CPU_SECONDS / 4, limits.DRAFT_SECONDS, LINE):
        report = checker.audit(draft)
    assert not any("stopped" in message for message in report.messages)
    assert len(report.rows) >= 50


def test_what_was_checked_until_the_budget_was_spent_is_shown(
    checker: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report says how far it goes; where nothing was checked there is none."""
    check, left = VerdictEngine.check, [2]

    def check_two(self: VerdictEngine, *arguments: Any) -> object:
        if not left[0]:
            raise OverBudget(LINE)
        left[0] -= 1
        return check(self, *arguments)

    monkeypatch.setattr(VerdictEngine, "check", check_two)
    report = checker.audit("“Kites rose.” “Bells rang.” “Guests came.” “Lamps were lit.”")
    assert [row.quote for row in report.rows] == ["Kites rose.", "Bells rang."]
    assert report.messages[-1].startswith("Checking took too long and stopped after quotation 2 of 4")
    with pytest.raises(OverBudget, match=LINE):
        checker.audit("“Kites rose.”")


# Of many quotations, of one, and of none.
LONG = {"quotations": "May 1 'a' " * 50_000, "a quotation": "“" + "the … " * 3_000, "marks": '"' * 50_000}


@pytest.mark.parametrize("draft", LONG.values(), ids=LONG)
def test_the_budget_is_looked_at_inside_the_loops(checker: Checker, draft: str) -> None:
    """Nothing goes on for long without a look at it: it is spent before the first quotation is checked."""
    with pytest.raises(OverBudget, match=LINE), limited(0.02, 60.0, LINE):
        checker.audit(draft)
