"""The service behind all pages: what it answers from now, and what it caches and records."""

from __future__ import annotations

import logging
import re
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rag.admin import question_log
from rag.admin.log_setup import event_fields, question_context
from rag.admin.metrics import Metrics
from rag.errors import RagError
from rag.settings import Settings
from rag.web.answer_cache import AnswerCache

if TYPE_CHECKING:
    from embeddings.encoder import Encoder
    from rag.admin.question_log import QuestionEvent
    from rag.answer.assistant import Assistant
    from rag.checking.checker import Checker
    from rag.library.reader import Library

LOG = logging.getLogger(__name__)
_FOLDERS = re.compile(r"(?<![\w.:/])/(?:[^\s/]+/)+")  # of an absolute path within a sentence
CLEANUP_SECONDS = 24 * 3600.0  # between two runs of the clean-up


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the service, with one line for the reader.

    "degraded": it answers from an intact generation which isn't the one in use; the line says why.
    """

    name: Literal["preparing", "ready", "degraded", "failed"]
    line: str

    @property
    def answers(self) -> bool:
        """Whether questions are answered."""
        return self.name in ("ready", "degraded")


READY = Stage("ready", "Ready")


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Serving:
    """One generation.  Whatever answers a question or makes a page takes this once and reads from nothing else, so that
    two generations are never mixed when the service switches meanwhile.

    ``assistant`` is None while the model is loading; ``examples`` are questions to start with.
    """

    library: Library
    examples: tuple[str, ...] = ()
    assistant: Assistant | None = None


@dataclass(frozen=True, slots=True)
class State:
    """All that the service shows of itself, replaced as a whole.

    ``serving`` is None until a library is open; ``notices`` are lines for the reader, such as a bulletin that couldn't
    be read; ``number`` counts the states of this process.
    """

    stage: Stage
    serving: Serving | None = None
    notices: tuple[str, ...] = ()
    number: int = 0


class Service:
    """Holds the library as soon as it is open, and the assistant as soon as it can answer; both are replaced together
    when another generation is in use.  Thread-safe.

    ``answers`` has the latest answers of any generation; ``draining`` is set once the server takes no further
    questions.  ``encoder`` is the model, None for the one of the settings.
    """

    def __init__(self, settings: Settings, encoder: Encoder | None = None) -> None:
        self.settings = settings
        self.encoder = encoder
        self.answers = AnswerCache()
        self.draining = threading.Event()
        self.metrics = Metrics()
        self.metrics.track_generation(self._number, self._bulletins)
        self._state = State(Stage("preparing", "Getting ready: opening the library…"))
        self._state_lock = threading.Lock()
        self._settled = threading.Event()
        self._checker_wanted = False
        self._checker: Checker | None = None
        self._checker_lock = threading.Lock()

    @property
    def state(self) -> State:
        """The state at this moment: take it once and go by it."""
        return self._state

    @property
    def serving(self) -> Serving | None:
        """The generation that is answered from at this moment: take it once for a question or a page."""
        return self._state.serving

    @property
    def library(self) -> Library | None:
        """The library of that generation; None before one is open."""
        serving = self.serving
        return serving.library if serving else None

    def start_cleanup(self) -> None:
        """Delete every day, in a daemon thread, what has been kept for as long as the settings say."""
        threading.Thread(target=self._clean_up, name="keeping", daemon=True).start()

    def wait_until_settled(self, seconds: float) -> bool:
        """Wait at most that long; returns whether the service can answer or has failed."""
        return self._settled.wait(seconds)

    def set_stage(self, stage: Stage) -> None:
        """Enter another stage; its line is shown as ``in_public`` has it."""
        self._change(stage=replace(stage, line=self.in_public(stage.line)))

    def set_notices(self, notices: tuple[str, ...]) -> None:
        """Replace the lines for the reader; they are shown as ``in_public`` has them, and logged as they are where
        that leaves something out."""
        shown = tuple(map(self.in_public, notices))
        for line in set(notices) - set(shown):
            LOG.warning("%s", line)
        self._change(notices=shown)

    def in_public(self, line: str) -> str:
        """The line without the folders of this machine: files go by what they are called within theirs."""
        chosen = (self.settings.library, Path(self.settings.model), *self.settings.folders)
        for folder in sorted((path for path in chosen if path.is_absolute()), key=lambda path: -len(str(path))):
            line = line.replace(f"{folder}/", "").replace(str(folder), folder.name)
        return _FOLDERS.sub("", line)

    def show(self, library: Library, examples: tuple[str, ...] = ()) -> None:
        """Serve the pages of the library, before questions can be answered."""
        self._change(serving=Serving(library, examples))

    def serve(self, assistant: Assistant, stage: Stage = READY) -> None:
        """Answer questions from now on, from the library that is shown already."""
        assert self.serving is not None
        self._change(serving=replace(self.serving, assistant=assistant), stage=stage)

    def switch_to(self, serving: Serving, notices: tuple[str, ...] = ()) -> None:
        """Switch to another generation; questions and pages under way keep the one that they have taken."""
        self.set_notices(notices)
        self._change(serving=serving, stage=READY)
        if self._checker_wanted:
            threading.Thread(target=self._renew_checker, args=[serving], name="checker", daemon=True).start()

    def checker(self) -> Checker | None:
        """The checker of quotations, made on first use; None before the library is open.

        After a switch the checker of the generation before goes on until the new one is made.
        """
        from rag.checking.checker import Checker

        self._checker_wanted = True
        checker = self._checker
        if checker is None and self.serving is not None:
            with self._checker_lock:
                checker = self._checker = self._checker or Checker(self.serving.library)
        return checker

    def record_unanswered(self, question: str, why: str) -> None:
        """Record for the operator that the bulletins hold nothing about this."""
        from rag.admin.unanswered import record

        record(self.settings.library, question, why, kept_days=self.settings.kept_days)

    def record_question(self, seen: QuestionEvent) -> None:
        """Count, log and record a question that was answered or failed, without its words."""
        self.metrics.record_question(seen)
        with question_context(seen.identity):
            LOG.info("question", extra=event_fields(seen))
        question_log.record(self.settings.library, seen, self.settings.kept_days)

    def _change(self, **parts: Any) -> None:
        with self._state_lock:
            state = self._state = replace(self._state, number=self._state.number + 1, **parts)
        if state.stage.name != "preparing":
            self._settled.set()

    def _number(self) -> float:
        return self.library.manifest.number if self.library else 0

    def _bulletins(self) -> float:
        return len(self.library.bulletins) if self.library else 0

    def _clean_up(self) -> None:
        from rag.admin.retention import delete_expired

        while True:
            delete_expired(self.settings.library, self.settings.kept_days)
            if self.draining.wait(CLEANUP_SECONDS):
                return

    def _renew_checker(self, serving: Serving) -> None:
        from rag.checking.checker import Checker

        with self._checker_lock:
            if self.serving is not serving:
                return  # the service has switched once more since
            try:
                self._checker = Checker(serving.library)
            except RagError as error:
                LOG.error("%s", error)
                self._checker = None  # the next check makes it, and reports what is wrong
