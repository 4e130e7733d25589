"""A run: every question of a set asked once, and the outcome of each.  Saved runs can be measured later."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import TypeAdapter, ValidationError

from embeddings.encoder import Encoder
from rag.answer.assistant import Assistant
from rag.answer.models import Answer
from rag.evaluation.datasets import Question, QuestionSet, SetUnusable, corpus_folder, read_text
from rag.evaluation.judge import Texts, Verdict, judge
from rag.ingest.folders import ProgressCallback
from rag.library.build.update import update_library
from rag.library.reader import Library
from rag.models import Certainty, Status

FORMAT = 1  # of saved runs


@dataclass(frozen=True, slots=True)
class Outcome:
    """The judged answer to a question; these names are those of the saved file.

    A refusal's quotes are near misses, which match nothing.
    """

    id: str
    kind: str
    question: str
    answerable: bool
    every: bool  # whether the question wants all of several passages
    status: Status
    confidence: float
    seconds: float
    ranks: tuple[int | None, ...]  # of the wanted passages, from 1; None where not given
    verdicts: tuple[Verdict, ...]  # on each quote, in order
    lengths: tuple[int, ...]  # of each quote, in characters
    verbatim: tuple[bool, ...]  # by quote
    whole: tuple[bool, ...]  # whether a verbatim quote is of whole sentences
    certainty: Certainty = "high"

    @property
    def answered(self) -> bool:
        """Whether the question was answered, neither refused nor without a match."""
        return self.status == "answered"

    @property
    def says_no(self) -> bool:
        """Whether the question was refused, got no match, or an answer that is said to be uncertain."""
        return not self.answered or self.certainty == "low"

    @property
    def rank(self) -> int | None:
        """The rank of the first wanted passage, None where none was given."""
        return min((rank for rank in self.ranks if rank is not None), default=None)


@dataclass(frozen=True, slots=True)
class Run:
    """All outcomes of a set, with the model and the generation; these names are those of the saved file."""

    set: str
    model: str
    generation: str
    bulletins: int
    outcomes: tuple[Outcome, ...]
    format: int = FORMAT


_RUN = TypeAdapter(Run)


@contextmanager
def open_library(
    questions: QuestionSet, encoder: Encoder, root: Path | None = None, progress: ProgressCallback | None = None
) -> Iterator[tuple[Library, tuple[str, ...]]]:
    """Opens the library at ``root``, else builds a temporary one of the set's corpus; yields it with notes on it.

    Raises:
        SetUnusable: no corpus, or none of the gold bulletins is in the library.
        RagError: the library can't be built or opened; see ``update_library`` and ``Library.open``.
    """
    if root:
        library = Library.open(root)
        yield library, _missing_gold(questions, library)
        return
    corpus = corpus_folder(questions.folder)
    with TemporaryDirectory(prefix="bulletin-desk-eval-") as folder:
        report = update_library(corpus, Path(folder), encoder, progress=progress)
        library = Library.open(Path(folder))
        skipped = (f"{corpus / file.bulletin}: {file.reason}" for file in report.skipped)
        yield library, (*skipped, *_missing_gold(questions, library))


def ask_all(assistant: Assistant, questions: QuestionSet, progress: ProgressCallback | None = None) -> Run:
    """Asks every question, with its history and its day, and judges each reply.

    Raises:
        RagError: see ``Assistant.ask``.
    """
    library = assistant.library
    texts = Texts({bulletin.name: library.text(bulletin.sha256) for bulletin in library.bulletins})
    assistant.warm_up()
    outcomes = []
    for number, question in enumerate(questions.questions, 1):
        began = time.perf_counter()
        answer = assistant.ask(question.question, asked_on=question.asked_on, history=question.history or ())
        outcomes.append(judged_outcome(question, answer, texts, time.perf_counter() - began))
        if progress:
            progress("Asking", number, len(questions.questions))
    return Run(questions.name, assistant.encoder.name, library.generation, len(library.bulletins), tuple(outcomes))


def judged_outcome(question: Question, answer: Answer, texts: Texts, seconds: float = 0.0) -> Outcome:
    """Judges an answer that took so many seconds."""
    counted = answer.quotes if answer.status == "answered" else ()
    ranks, verdicts = judge(question.gold, counted, texts) if question.answerable else ((), ())
    verbatim = tuple(texts.is_verbatim(quote) for quote in answer.quotes)
    in_place = [quote for quote, true in zip(answer.quotes, verbatim, strict=True) if true]
    return Outcome(
        id=str(question.id),
        kind=question.kind,
        question=question.question,
        answerable=question.answerable,
        every=bool(question.must_include_all) and len(ranks) > 1,
        status=answer.status,
        confidence=round(answer.confidence, 6),
        seconds=round(seconds, 6),
        ranks=ranks,
        verdicts=verdicts,
        lengths=tuple(len(quote.text) for quote in answer.quotes),
        verbatim=verbatim,
        whole=tuple(texts.is_whole_sentences(quote) for quote in in_place),
        certainty=answer.certainty,
    )


def save_run(run: Run, path: Path) -> None:
    """Writes the run as JSON.

    Raises:
        OSError: the file can't be written.
    """
    path.write_bytes(_RUN.dump_json(run, indent=1) + b"\n")


def load_run(path: Path) -> Run:
    """Reads a saved run.

    Raises:
        SetUnusable: the file can't be read or holds no run of this format.
    """
    remedy = "Name a file that eval --save wrote"
    try:
        run = _RUN.validate_json(read_text(path))
    except ValidationError:
        raise SetUnusable("is no saved run", where=path, remedy=remedy) from None
    if run.format != FORMAT:
        raise SetUnusable(f"is in format {run.format}, this version reads {FORMAT}", where=path, remedy=remedy)
    return run


def _missing_gold(questions: QuestionSet, library: Library) -> tuple[str, ...]:
    """A note on the gold bulletins that the library lacks: what only they say can't be found."""
    named = {gold.bulletin for question in questions.questions for gold in question.gold}
    missing = sorted(named - set(library.by_name))
    if named and len(missing) == len(named):
        what = f"holds none of the {len(named)} bulletins that the gold of {questions.folder} names"
        raise SetUnusable(what, where=library.root, remedy="Give the library, or the corpus, that belongs to the set")
    if not missing:
        return ()
    names = ", ".join(missing[:3]) + (", …" if len(missing) > 3 else "")
    return (f"{questions.folder}: {len(missing)} of {len(named)} bulletins named by the gold aren't there ({names})",)
