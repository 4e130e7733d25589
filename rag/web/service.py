"""The desk behind the page: what it answers from now, and what it keeps for a while."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rag.admin import question_log
from rag.admin.log_setup import about_question, fields
from rag.admin.metrics import Metrics
from rag.answer.notice import NoticeBoard
from rag.errors import RagError
from rag.settings import Settings
from rag.web.answer_cache import Shelf
from rag.web.chat.examples import example_questions
from rag.web.loader import Opening
from rag.web.state import READY, Serving, Stage, State

if TYPE_CHECKING:
    from embeddings.encoder import Encoder
    from rag.admin.question_event import Seen
    from rag.answer.assistant import Assistant
    from rag.checking.checker import Checker
    from rag.library.reader import Library

LOG = logging.getLogger(__name__)
DAY = 24 * 3600.0  # seconds


class Desk:
    """Holds the library as soon as it is open, and the assistant as soon as it can answer; both are changed together
    when another generation is in use.  Safe to use from several threads.

    ``board`` has the operator's notice, ``shelf`` the latest answers, of whichever generation; ``draining`` is set once
    the server takes no further questions, ``metrics`` are its figures.  ``encoder`` is the model, None for the one of
    the settings.
    """

    def __init__(self, settings: Settings, encoder: Encoder | None = None) -> None:
        self.settings = settings
        self.encoder = encoder
        self.board = NoticeBoard(settings.library)
        self.shelf = Shelf()
        self.draining = threading.Event()
        self.metrics = Metrics()
        self.metrics.serve_from(self._number, self._bulletins)
        self._state = State(Stage("preparing", "Getting ready: opening the library…"))
        self._changing = threading.Lock()
        self._settled = threading.Event()
        self._checks = False  # whether anything has been checked yet
        self._checker: Checker | None = None
        self._checking = threading.Lock()

    @property
    def state(self) -> State:
        """How things stand at this moment: take it once and go by it."""
        return self._state

    @property
    def serving(self) -> Serving | None:
        """What is answered from at this moment: take it once for a question or a page."""
        return self._state.serving

    def start(self) -> None:
        """Begin to get ready, and look for new generations from then on, in threads that don't keep the program alive;
        every day what has been kept long enough is deleted."""
        threading.Thread(target=Opening(self).run, name="desk", daemon=True).start()
        threading.Thread(target=self._keep_tidy, name="keeping", daemon=True).start()

    def settled(self, seconds: float) -> bool:
        """Wait at most that long; whether the desk can answer or has failed."""
        return self._settled.wait(seconds)

    def tell(self, stage: Stage) -> None:
        """Say where the desk stands."""
        self._change(stage=stage)

    def warn(self, notices: tuple[str, ...]) -> None:
        """Say what the reader should know, in the place of what was said before."""
        self._change(notices=notices)

    def show(self, library: Library) -> None:
        """Let the reader see what the library holds.  Raises RagError where it is damaged."""
        self._change(serving=Serving(library, example_questions(library)))

    def serve(self, assistant: Assistant, stage: Stage = READY) -> None:
        """Answer questions from now on, from the library that is shown."""
        assert self.serving is not None
        self._change(serving=replace(self.serving, assistant=assistant), stage=stage)

    def turn_to(self, serving: Serving, notices: tuple[str, ...] = ()) -> None:
        """Change over: whoever asks from now on is answered from this, whoever asked before from what there was."""
        self._change(serving=serving, stage=READY, notices=notices)
        if self._checks:
            threading.Thread(target=self._renew_checker, args=[serving], name="checker", daemon=True).start()

    def checker(self) -> Checker | None:
        """What quotations are checked by, made on first use; None before the library is open.

        After a change-over the one of before goes on checking, by its own generation, until the new one is made.
        """
        from rag.checking.checker import Checker

        self._checks = True
        made = self._checker
        if made is None and self.serving is not None:
            with self._checking:
                made = self._checker = self._checker or Checker(self.serving.library)
        return made

    def unanswered(self, question: str, why: str) -> None:
        """Note for the operator that the bulletins hold nothing about this."""
        from rag.admin.unanswered import note

        note(self.settings.library, question, why, kept_days=self.settings.kept_days)

    def saw(self, seen: Seen) -> None:
        """Count a question that has been answered or has failed, and put it on record without its words."""
        self.metrics.asked(seen)
        with about_question(seen.identity):
            LOG.info("question", extra=fields(seen))
        question_log.note(self.settings.library, seen, self.settings.kept_days)

    def _change(self, **parts: Any) -> None:
        with self._changing:
            state = self._state = replace(self._state, number=self._state.number + 1, **parts)
        if state.stage.name != "preparing":
            self._settled.set()

    def _number(self) -> float:
        return self.serving.library.manifest.number if self.serving else 0

    def _bulletins(self) -> float:
        return len(self.serving.library.bulletins) if self.serving else 0

    def _keep_tidy(self) -> None:
        from rag.admin.retention import tidy

        while True:
            tidy(self.settings.library, self.settings.kept_days)
            if self.draining.wait(DAY):
                return

    def _renew_checker(self, serving: Serving) -> None:
        from rag.checking.checker import Checker

        with self._checking:
            if self.serving is not serving:
                return  # it has been changed over once more since
            try:
                self._checker = Checker(serving.library)
            except RagError as error:
                LOG.error("%s", error)
                self._checker = None  # who checks next makes it, and is told what is wrong
