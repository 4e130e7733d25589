"""The development set's eighty citations: verdicts, sources, proofs, and no false exact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rag.check import Checker
from rag.checking.claims import given
from rag.checking.records import Checked
from rag.library import Library
from tests.conftest import DEV

CITATIONS = [json.loads(line) for line in (DEV / "citations.jsonl").read_text(encoding="utf-8").splitlines()]
TRUE = ("exact", "exact-normalised", "ambiguous")


@pytest.fixture(scope="module")
def checker(dev_library: Path) -> Checker:
    return Checker(Library.open(dev_library))


def test_the_set_holds_ten_of_each() -> None:
    """Eight verdicts."""
    kinds = [citation["verdict"] for citation in CITATIONS]
    assert {kind: kinds.count(kind) for kind in kinds} == dict.fromkeys(kinds, 10)
    assert len(set(kinds)) == 8


@pytest.mark.parametrize("given_apart", [True, False], ids=["claims given", "claims read"])
def test_verdicts_and_sources(checker: Checker, given_apart: bool) -> None:
    """At least 95 of a hundred verdicts, 98 sources and proofs, whether claims are given or read in the text."""
    right, sourced, proven = [], [], []
    for citation in CITATIONS:
        claims = given(**citation["claimed"]) if given_apart else None
        (row,) = checker.check(citation["text"], quote=citation["quote"], claims=claims).rows
        right.append(row.verdict == citation["verdict"])
        if citation["verdict"] not in TRUE:
            assert row.verdict not in ("exact", "exact-normalised"), citation["id"]
        if citation["source"]:
            places = [citation["source"], *citation.get("also", [])]
            sourced.append(bool(row.place) and row.place.bulletin in [place["bulletin"] for place in places])
            if citation["verdict"] not in ("spliced", "ellipsis"):
                proven.append(_proven(checker, row, places))
    assert sum(right) >= 0.95 * len(right)
    assert sum(sourced) >= 0.98 * len(sourced)
    assert sum(proven) >= 0.98 * len(proven)


def test_quotations_are_found_in_their_texts(checker: Checker) -> None:
    """Whoever pastes the text alone gets the same verdicts, nineteen times of twenty."""
    right = []
    for citation in CITATIONS:
        rows = checker.check(citation["text"]).rows
        meant = [row for row in rows if " ".join(row.quote.split()) == " ".join(citation["quote"].split())]
        right.append(len(meant) == 1 and meant[0].verdict == citation["verdict"])
    assert sum(right) >= 0.95 * len(right)


def _proven(checker: Checker, row: Checked, places: list[dict[str, Any]]) -> bool:
    """The true words are at their place, and hold the words that the set gives."""
    if not row.place:
        return False
    stored = checker.library.text(row.place.sha256)[row.place.start : row.place.end]
    return stored == row.place.text and any(place["true_quote"] in stored for place in places)
