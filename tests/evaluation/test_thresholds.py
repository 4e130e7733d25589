"""No figure of a question set falls under its floor in evals/floors.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from embeddings.encoder import Encoder
from rag.answer.assistant import Assistant
from rag.evaluation import datasets, measures, run, thresholds
from rag.library.reader import Library
from tests.support.paths import DEV, ROOT, SEEDS

EVALS = ROOT / "evals"
FLOORS = thresholds.read(EVALS / "floors.toml")


@pytest.mark.parametrize("name", FLOORS)
def test_no_figure_is_under_its_floor(
    name: str, dev_library: Path, seeds_library: Path, encoder: Encoder, tmp_path: Path
) -> None:
    """Each set is asked as ``python -m rag eval evals/NAME --floors evals/floors.toml`` asks it."""
    questions = datasets.read_question_set(EVALS / name)
    built = {DEV / "corpus": dev_library, SEEDS: seeds_library}.get(datasets.corpus_folder(questions.folder).resolve())
    with run.open_library(questions, encoder, built) as (library, notes):
        outcomes = run.ask_all(Assistant(Library.open(library.root), encoder), questions).outcomes
    assert not notes
    assert not thresholds.missed(measures.compute(outcomes).values(), FLOORS[name])


def test_the_development_set_has_floors() -> None:
    """Word for word and whole sentences among them."""
    assert {"verbatim", "quotes of whole sentences", "hit@1", "list f1"} <= {
        threshold.measure for threshold in FLOORS["dev"]
    }
