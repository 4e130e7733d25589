"""Loads the library into the service: at start, and again whenever another generation is in use."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from rag.answer.examples import example_questions
from rag.errors import LibraryBusy, RagError, one_line
from rag.library import audit_log
from rag.web.service import READY, Service, Serving, Stage

if TYPE_CHECKING:
    from embeddings.encoder import Encoder
    from rag.library.reader import Library

LOG = logging.getLogger(__name__)
POLL_SECONDS = 0.25  # between two looks at which generation is in use
RETRY_SECONDS = 30.0  # until a generation that couldn't be opened is tried once more, if nothing else has changed
BUSY_RETRY_SECONDS = 0.5  # between two tries while another process makes the first library
INDEX_COMMAND = "python -m rag index"


class Loader:
    """Keeps one service on the generation in use, whichever process published it or rolled back to it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._root = service.settings.library
        self._encoder: Encoder | None = service.encoder
        self._tried = ""  # the generation in use at the last try
        self._tried_at = 0.0

    def start(self) -> None:
        """Prepare the service, then poll for new generations until it is draining, in a daemon thread."""
        threading.Thread(target=self._run, name="desk", daemon=True).start()

    def _run(self) -> None:
        self.prepare()
        while not self._service.draining.wait(POLL_SECONDS):
            self.poll()

    def prepare(self) -> None:
        """Update and open the library and load the model; where that fails, the service enters the stage "failed"."""
        self._tried, self._tried_at = self._in_use()[0], time.monotonic()
        try:
            self._prepare()
        except RagError as error:
            LOG.error("%s", error)
            self._service.set_stage(Stage("failed", str(error)))
        except Exception:
            LOG.exception("the desk could not get ready")
            self._service.set_stage(Stage("failed", "The desk could not get ready. Its log says why."))

    def poll(self) -> None:
        """Switch if another generation is in use; where it can't be opened, the service stays with the one it has."""
        in_use, problem = self._in_use()
        serving = self._service.serving
        if serving and serving.assistant and in_use == serving.library.generation:
            self._tried = in_use
            if self._service.state.stage != READY:
                self._service.set_stage(READY)
            return
        now = time.monotonic()
        if in_use == self._tried and now < self._tried_at + RETRY_SECONDS:
            return
        self._tried, self._tried_at = in_use, now
        problem = problem or self._switch(serving)
        if problem and serving and serving.assistant:
            self._degrade(serving, problem)

    def _in_use(self) -> tuple[str, str]:
        """The name of the generation in use and ""; or "" and why there is none."""
        from rag.library.manifest import current_generation

        try:
            return current_generation(self._root), ""
        except RagError as error:
            return "", str(error)

    def _switch(self, before: Serving | None) -> str:
        """Switch to the generation in use; returns why that can't be, "" where it was done."""
        from rag.answer.assistant import Assistant
        from rag.library.reader import Library

        try:
            library = Library.open(self._root, before=before.library if before else None)
            assistant = Assistant(library, self._model())
            assistant.warm_up()
            self._service.switch_to(Serving(library, example_questions(library), assistant), self._unreadable_files())
        except RagError as error:
            return str(error)
        except Exception:
            LOG.exception("the generation in use could not be opened")
            return "The desk's log says why."
        return ""

    def _degrade(self, serving: Serving, problem: str) -> None:
        day = serving.library.manifest.built_at[:10]
        line = f"The bulletins as indexed last can't be used; those as of {day} go on answering. {problem}"
        if self._service.in_public(line) != self._service.state.stage.line:
            LOG.error("%s", line)
            self._service.set_stage(Stage("degraded", line))

    def _unreadable_files(self) -> tuple[str, ...]:
        """One line for each file that couldn't be read when the generation in use was made."""
        from rag.library.quarantine import read

        try:
            return tuple(f"Not read: {one_line(one.bulletin)}. {one.reason}" for one in read(self._root))
        except RagError as error:
            return (str(error),)

    def _prepare(self) -> None:
        # importing this takes seconds: the page opens first
        from rag.answer.assistant import Assistant

        library, problem = self._updated_library()
        if problem:
            LOG.error("%s", problem)
        self._service.show(library, example_questions(library))
        self._service.set_stage(Stage("preparing", "Getting ready: loading the language model…"))
        assistant = Assistant(library, self._model())
        assistant.warm_up()
        self._service.serve(assistant, Stage("degraded", problem) if problem else READY)

    def _updated_library(self) -> tuple[Library, str | None]:
        """The library of the folders as they are now; where they can't be indexed, as it was before.

        The sentence, if any, says that another generation than the one in use was opened.
        """
        from rag.library.build.update import update_library
        from rag.library.generations import is_rolled_back
        from rag.library.reader import Library

        folders = self._service.settings.folders
        if is_rolled_back(self._root):
            LOG.warning(
                "%s: an earlier generation was gone back to. To index the folders, run: %s", self._root, INDEX_COMMAND
            )
            return Library.open_best(self._root)
        while True:
            try:
                with audit_log.as_actor("the desk, at its start"):
                    report = update_library(folders, self._root, self._model(), progress=self._on_progress)
                skipped = (f"Not read: {skipped.bulletin}. {skipped.reason}" for skipped in report.skipped)
                self._service.set_notices((*report.notes, *skipped))
                return Library.open_best(self._root)
            except LibraryBusy as busy:
                # what the other process makes of the folders is polled for as soon as it is in use
                try:
                    return Library.open_best(self._root)
                except RagError:
                    self._service.set_stage(Stage("preparing", f"Getting ready: {busy.what}…"))
                time.sleep(BUSY_RETRY_SECONDS)
            except Exception as error:
                # a folder that isn't mounted must not empty the library
                line = str(error)
                if not isinstance(error, RagError):
                    LOG.exception("the bulletins could not be indexed")
                    line = "The bulletins could not be indexed. The desk's log says why."
                self._service.set_notices((line,))
                try:
                    return Library.open_best(self._root)
                except RagError:
                    raise error from None

    def _model(self) -> Encoder:
        from embeddings.factory import load_encoder

        settings = self._service.settings
        self._encoder = self._encoder or load_encoder(**settings.encoder)
        return self._encoder

    def _on_progress(self, stage: str, done: int, total: int) -> None:
        self._service.set_stage(Stage("preparing", f"{stage}: {done:,} of {total:,}…"))
