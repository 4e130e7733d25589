"""No figure of a question set falls under its floor in evals/floors.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from embeddings.encoder import SentenceEncoder
from rag.answer.assistant import Assistant
from rag.evaluation import datasets, floors, measures, run
from rag.library.reader import Library
from tests.conftest import DEV, ROOT, SEEDS

EVALS = ROOT / "evals"
FLOORS = floors.read(EVALS / "floors.toml")


@pytest.mark.parametrize("name", FLOORS)
def test_no_figure_is_under_its_floor(
    name: str, dev_library: Path, seeds_library: Path, encoder: SentenceEncoder, tmp_path: Path
) -> None:
    """Each set is asked as ``python -m rag eval evals/NAME --floors evals/floors.toml`` asks it."""
    questions = datasets.read(EVALS / name)
    built = {DEV / "corpus": dev_library, SEEDS: seeds_library}.get(datasets.corpus_of(questions.folder).resolve())
    with run.library_of(questions, encoder, built) as (library, notes):
        outcomes = run.ask_all(Assistant(Library.open(library.root), encoder), questions).outcomes
    assert not notes
    assert not floors.broken(measures.table(outcomes).values(), FLOORS[name])


def test_the_development_set_has_floors() -> None:
    """Word for word and whole sentences among them."""
    assert {"verbatim", "quotes of whole sentences", "hit@1", "list f1"} <= {floor.figure for floor in FLOORS["dev"]}
