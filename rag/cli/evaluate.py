"""``python -m rag eval``: asks a set and prints its figures, or compares two saved runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from embeddings.encoder import Encoder
from rag.answer.assistant import Assistant
from rag.cli import json_output
from rag.errors import SettingInvalid
from rag.evaluation import compare, datasets, floors, measures, report, run
from rag.ingest.folders import Progress


@dataclass(frozen=True, slots=True)
class Printed:
    """``notes`` are said beside the figures; ``broken`` are the floors that fail the run."""

    text: str
    notes: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()


def evaluate(
    folder: Path,
    encoder: Encoder,
    *,
    library: Path | None = None,
    save: Path | None = None,
    floor_file: Path | None = None,
    as_json: bool = False,
    progress: Progress | None = None,
) -> Printed:
    """Asks the set in a folder, over its own corpus or the library given.

    Raises:
        RagError: set, floors or library can't be used, or an answer fails.
        OSError: the run can't be saved.
    """
    questions = datasets.read(folder)
    # Found out now, not after all questions have been asked.
    bounds = floors.of_set(floor_file, folder) if floor_file else ()
    if save and not save.parent.is_dir():
        raise SettingInvalid("there is no such folder", where=save.parent, remedy="Make it, or save elsewhere")
    with run.library_of(questions, encoder, library, progress) as (opened, notes):
        asked = run.ask_all(Assistant(opened, encoder), questions, progress)
    if save:
        run.save(asked, save)
    text = json_output.line(report.as_json(asked)) if as_json else report.as_text(asked)
    return Printed(text, notes, floors.broken(measures.table(asked.outcomes).values(), bounds))


def compared(first: Path, second: Path, *, as_json: bool = False) -> str:
    """Two saved runs, one beside the other.

    Raises:
        SetUnusable: a file holds no run, or they have no question in common.
    """
    comparison = compare.compare(run.load(first), run.load(second))
    return json_output.line(compare.as_json(comparison)) if as_json else compare.as_text(comparison)
