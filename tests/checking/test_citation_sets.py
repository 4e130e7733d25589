"""Two sets of citations, by two hands: verdicts, sources, proofs, and no false exact."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from rag.checking.attribution import parse_claims
from rag.checking.checker import Checker
from rag.checking.models import CheckedQuotation
from rag.library.build.update import update_library
from rag.library.reader import Library
from tests.support.hashing_encoder import HashingEncoder
from tests.support.paths import DEV, ROOT

SETS = {"dev": DEV, "second": ROOT / "evals" / "second"}
TRUE = ("exact", "exact-normalised", "ambiguous")


Citations = tuple[Checker, list[dict[str, Any]]]


@pytest.fixture(scope="module", params=SETS)
def citations(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Citations:
    """A set's citations and a checker over its corpus."""
    folder = SETS[request.param]
    root = tmp_path_factory.mktemp(request.param)
    update_library(folder / "corpus", root, HashingEncoder())
    lines = (folder / "citations.jsonl").read_text(encoding="utf-8").splitlines()
    return Checker(Library.open(root)), [json.loads(line) for line in lines]


def test_a_set_holds_as_many_of_each_verdict(citations: Citations) -> None:
    """Eight verdicts, ten times or more."""
    kinds = Counter(citation["verdict"] for citation in citations[1])
    assert (len(kinds), len(set(kinds.values()))) == (8, 1)
    assert min(kinds.values()) >= 10


@pytest.mark.parametrize("given_apart", [True, False], ids=["claims given", "claims read"])
def test_verdicts_and_sources(citations: Citations, given_apart: bool) -> None:
    """At least 95 of a hundred verdicts, 98 sources and proofs, whether claims are given or read in the text."""
    checker, cases = citations
    right, sourced, proven = [], [], []
    for citation in cases:
        claims = parse_claims(**citation["claimed"]) if given_apart else None
        (row,) = checker.check(citation["text"], quote=citation["quote"], claims=claims).rows
        right.append(row.verdict == citation["verdict"])
        if citation["verdict"] not in TRUE:
            assert row.verdict not in ("exact", "exact-normalised"), citation["id"]
        if citation["source"]:
            places = [citation["source"], *citation.get("also", [])]
            sourced.append(bool(row.citation) and row.citation.bulletin in [place["bulletin"] for place in places])
            if citation["verdict"] not in ("spliced", "ellipsis"):
                proven.append(_proven(checker, row, places))
    assert sum(right) >= 0.95 * len(right)
    assert sum(sourced) >= 0.98 * len(sourced)
    assert sum(proven) >= 0.98 * len(proven)


def test_quotations_are_found_in_their_texts(citations: Citations) -> None:
    """Whoever pastes the text alone gets the same verdicts, nineteen times of twenty, and no false exact."""
    checker, cases = citations
    right = []
    for citation in cases:
        rows = checker.check(citation["text"]).rows
        meant = [row for row in rows if " ".join(row.quote.split()) == " ".join(citation["quote"].split())]
        right.append(len(meant) == 1 and meant[0].verdict == citation["verdict"])
        if citation["verdict"] not in TRUE:
            assert not any(row.verdict in ("exact", "exact-normalised") for row in meant), citation["id"]
    assert sum(right) >= 0.95 * len(right)


def _proven(checker: Checker, row: CheckedQuotation, places: list[dict[str, Any]]) -> bool:
    """The true words are at their place, and hold the words that the set gives."""
    if not row.citation:
        return False
    stored = checker.library.text(row.citation.sha256)[row.citation.start : row.citation.end]
    true = [" ".join(place["true_quote"].split()) for place in places]
    return stored == row.citation.text and any(words in " ".join(stored.split()) for words in true)
