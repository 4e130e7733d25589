"""The desk behind the page: it makes itself ready in the background while the page is already open."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rag.errors import RagError
from rag.notices import NoticeBoard
from rag.settings import Settings
from rag.web.examples import example_questions
from rag.web.shelf import Shelf

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.build import Report
    from rag.check import Checker
    from rag.library import Library

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the desk stands, with one line for the reader."""

    name: Literal["preparing", "ready", "failed"]
    line: str


class Desk:
    """Holds the library as soon as it is open, and the assistant as soon as it can answer.

    Both are None until then.  ``examples`` are questions to start with; ``notices`` are lines the reader should
    know, such as a bulletin that couldn't be read.  All are set by one thread and only read by the others.
    ``board`` has the operator's notice, ``shelf`` the latest answers.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stage = Stage("preparing", "Getting ready: opening the library…")
        self.library: Library | None = None
        self.assistant: Assistant | None = None
        self.board = NoticeBoard(settings.library)
        self.shelf = Shelf()
        self.examples: tuple[str, ...] = ()
        self.notices: tuple[str, ...] = ()
        self._settled = threading.Event()
        self._checker: Checker | None = None
        self._checking = threading.Lock()

    def start(self) -> None:
        """Begin to get ready, in a thread that doesn't keep the program alive."""
        threading.Thread(target=self._run, name="desk", daemon=True).start()

    def settled(self, seconds: float) -> bool:
        """Wait at most that long; whether the desk is ready or has failed."""
        return self._settled.wait(seconds)

    def show(self, library: Library) -> None:
        """Let the reader see what the library holds.  Raises RagError where it is damaged."""
        self.examples = example_questions(library)
        self.library = library

    def serve(self, assistant: Assistant) -> None:
        """Answer questions from now on."""
        self.assistant = assistant
        self._settle(Stage("ready", "Ready"))

    def checker(self) -> Checker | None:
        """What quotations are checked by, made on first use; None before the library is open."""
        library = self.library
        if library is None:
            return None
        from rag.check import Checker

        with self._checking:
            if self._checker is None or self._checker.library is not library:
                self._checker = Checker(library)
            return self._checker

    def _settle(self, stage: Stage) -> None:
        self.stage = stage
        self._settled.set()

    def _run(self) -> None:
        try:
            self._prepare()
        except RagError as error:
            LOG.error("%s", error)
            self._settle(Stage("failed", str(error)))
        except Exception:
            LOG.exception("the desk could not get ready")
            self._settle(Stage("failed", "The desk could not get ready. Its log says why."))

    def _prepare(self) -> None:
        # these bring torch and faiss, which take seconds: the page opens first
        from embeddings.encoder import SentenceEncoder
        from rag.assistant import Assistant
        from rag.build import bring_up_to_date
        from rag.library import Library

        encoder = SentenceEncoder(self.settings.model, device=self.settings.device)
        try:
            report = bring_up_to_date(self.settings.seeds, self.settings.library, encoder, progress=self._told)
            self.notices = _notices(report)
            library = Library.open(self.settings.library)
        except RagError as error:
            # a folder that isn't mounted must not empty the desk: the library of before answers, and that is said
            self.notices = (str(error),)
            try:
                library = Library.open(self.settings.library)
            except RagError:
                raise error from None
        self.show(library)
        self.stage = Stage("preparing", "Getting ready: loading the language model…")
        assistant = Assistant(library, encoder)
        assistant.warm()
        self.serve(assistant)

    def _told(self, what: str, done: int, whole: int) -> None:
        self.stage = Stage("preparing", f"{what}: {done:,} of {whole:,}…")


def _notices(report: Report) -> tuple[str, ...]:
    return (*report.notes, *(f"Not read: {skipped.bulletin}. {skipped.reason}" for skipped in report.skipped))
