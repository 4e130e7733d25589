"""Opens the library for a desk: at start, and again whenever another generation is in use."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from rag.errors import LibraryBusy, RagError, one_line
from rag.library import audit_log
from rag.web.chat.examples import example_questions
from rag.web.state import READY, Serving, Stage

if TYPE_CHECKING:
    from embeddings.encoder import Encoder
    from rag.library.build.update import Report
    from rag.library.reader import Library
    from rag.web.service import Desk

LOG = logging.getLogger(__name__)
LOOK = 0.25  # seconds between two looks at which generation is in use
AGAIN = 30.0  # seconds until one that couldn't be opened is tried once more, if nothing else has changed
INDEX = "python -m rag index"
WAIT = 0.5  # seconds between two tries while another process makes the first library


class Opening:
    """What a desk's own thread does.  Other processes may index, publish and go back meanwhile: all that is heard of
    them is the name of the generation in use."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._root = desk.settings.library
        self._encoder: Encoder | None = desk.encoder
        self._tried = ""  # what was in use at the last try
        self._tried_at = 0.0

    def run(self) -> None:
        """Get ready, then look for new generations until the desk is draining."""
        self.prepare()
        while not self._desk.draining.wait(LOOK):
            self.look()

    def prepare(self) -> None:
        """Bring the library up to date, open it and load the model; where that can't be, the desk has failed."""
        self._tried, self._tried_at = self._in_use()[0], time.monotonic()
        try:
            self._prepare()
        except RagError as error:
            LOG.error("%s", error)
            self._desk.tell(Stage("failed", str(error)))
        except Exception:
            LOG.exception("the desk could not get ready")
            self._desk.tell(Stage("failed", "The desk could not get ready. Its log says why."))

    def look(self) -> None:
        """Change over if another generation is in use; where it can't be opened, the one in hand goes on answering."""
        in_use, trouble = self._in_use()
        serving = self._desk.serving
        if serving and serving.assistant and in_use == serving.library.generation:
            self._tried = in_use
            if self._desk.state.stage != READY:
                self._desk.tell(READY)
            return
        now = time.monotonic()
        if in_use == self._tried and now < self._tried_at + AGAIN:
            return
        self._tried, self._tried_at = in_use, now
        trouble = trouble or self._change_over(serving)
        if trouble and serving and serving.assistant:
            self._go_on(serving, trouble)

    def _in_use(self) -> tuple[str, str]:
        """The name of the generation in use, or "" and why there is none."""
        from rag.library.manifest import current

        try:
            return current(self._root), ""
        except RagError as error:
            return "", str(error)

    def _change_over(self, before: Serving | None) -> str:
        """Answer from the generation in use; says why where that can't be."""
        from rag.answer.assistant import Assistant
        from rag.library.reader import Library

        try:
            library = Library.open(self._root, before=before.library if before else None)
            assistant = Assistant(library, self._model())
            assistant.warm()
            self._desk.turn_to(Serving(library, example_questions(library), assistant), self._unread())
        except RagError as error:
            return str(error)
        except Exception:
            LOG.exception("the generation in use could not be opened")
            return "The desk's log says why."
        return ""

    def _go_on(self, serving: Serving, trouble: str) -> None:
        day = serving.library.manifest.built_at[:10]
        line = f"The bulletins as indexed last can't be used; those as of {day} go on answering. {trouble}"
        if line != self._desk.state.stage.line:
            LOG.error("%s", line)
            self._desk.tell(Stage("degraded", line))

    def _unread(self) -> tuple[str, ...]:
        """A line for each file that couldn't be read when the generation in use was made."""
        from rag.library.quarantine import listed

        try:
            return tuple(f"Not read: {one_line(one.bulletin)}. {one.reason}" for one in listed(self._root))
        except RagError as error:
            return (str(error),)

    def _prepare(self) -> None:
        # these bring torch and faiss, which take seconds: the page opens first
        from rag.answer.assistant import Assistant

        library, trouble = self._brought_up_to_date()
        self._desk.show(library)
        self._desk.tell(Stage("preparing", "Getting ready: loading the language model…"))
        assistant = Assistant(library, self._model())
        assistant.warm()
        self._desk.serve(assistant, Stage("degraded", trouble) if trouble else READY)

    def _brought_up_to_date(self) -> tuple[Library, str | None]:
        """The library as the folders are now; where they can't be indexed, as it was, and that is said.

        The sentence, if any, says that another than the generation in use was opened.
        """
        from rag.library.build.update import bring_up_to_date
        from rag.library.generations import went_back
        from rag.library.reader import Library

        if went_back(self._root):
            LOG.warning("%s: an earlier generation was gone back to. To index the folders, run: %s", self._root, INDEX)
            return Library.open_best(self._root)
        while True:
            try:
                with audit_log.acting("the desk, at its start"):
                    report = bring_up_to_date(
                        self._desk.settings.folders, self._root, self._model(), progress=self._told
                    )
                self._desk.warn(_notices(report))
                return Library.open_best(self._root)
            except LibraryBusy as busy:
                # what the other process makes of the folders is noticed as soon as it is in use
                try:
                    return Library.open_best(self._root)
                except RagError:
                    self._desk.tell(Stage("preparing", f"Getting ready: {busy.what}…"))
                time.sleep(WAIT)
            except Exception as error:
                # a folder that isn't mounted must not empty the desk
                known = isinstance(error, RagError)
                if not known:
                    LOG.exception("the bulletins could not be indexed")
                line = str(error) if known else "The bulletins could not be indexed. The desk's log says why."
                self._desk.warn((line,))
                try:
                    return Library.open_best(self._root)
                except RagError:
                    raise error from None

    def _model(self) -> Encoder:
        from embeddings.encoder import SentenceEncoder

        settings = self._desk.settings
        self._encoder = self._encoder or SentenceEncoder(settings.model, device=settings.device)
        return self._encoder

    def _told(self, what: str, done: int, whole: int) -> None:
        self._desk.tell(Stage("preparing", f"{what}: {done:,} of {whole:,}…"))


def _notices(report: Report) -> tuple[str, ...]:
    return (*report.notes, *(f"Not read: {skipped.bulletin}. {skipped.reason}" for skipped in report.skipped))
