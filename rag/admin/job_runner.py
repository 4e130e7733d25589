"""Runs the operator's jobs, one at a time."""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from embeddings.errors import EmbeddingError
from rag.admin import jobs, saved_questions, staging
from rag.admin.jobs import CANCELLABLE, Job, JobKind, Prepared
from rag.admin.replay import AnswerChange, replay
from rag.answer.examples import example_questions
from rag.errors import (
    Cancelled,
    LibraryBusy,
    LibraryDamaged,
    LibraryMissing,
    LibraryStale,
    OperatorRefused,
    RagError,
    RemovalRefused,
)
from rag.library import audit_log, generations, publishing
from rag.library.build import update
from rag.library.verify import verify
from rag.settings import Settings

if TYPE_CHECKING:
    from embeddings.encoder import Encoder

LOG = logging.getLogger(__name__)
Result = TypeVar("Result")
POLL_SECONDS = 0.25  # between two looks at whether the job was cancelled
_REPORT_SECONDS = 0.2  # between two reports of progress
_WRITE_SECONDS = 2.0  # between two writes of progress to the library's folder
_LOCK_SECONDS = 30.0  # that publishing waits for another process to be done with the library


@dataclass(frozen=True, slots=True)
class Request:
    """A request for a job by ``who``; ``generation`` is the one to publish, discard or go back to, "" for the one
    before."""

    id: str
    what: JobKind
    generation: str = ""
    allow_removal: bool = False
    who: str = ""


class JobRunner:
    """Runs jobs and reports each step to ``on_progress``; without an ``encoder`` it loads that of the settings."""

    def __init__(
        self, settings: Settings, encoder: Encoder | None = None, on_progress: Callable[[Job], None] = lambda job: None
    ) -> None:
        self._settings = settings
        self._root = settings.library
        self._encoder = encoder
        self._on_progress = on_progress
        self._job: Job | None = None
        self._reported_at = self._written_at = self._polled_at = 0.0
        self._cancelled = False
        self._ending = threading.Event()
        self._actions: dict[JobKind, Callable[[Request], Job]] = {
            "check": self._check,
            "prepare": self._prepare,
            "publish": self._publish,
            "back": self._back,
            "discard": self._discard,
            "verify": self._verify,
        }

    def run(self, request: Request) -> Job:
        """Runs a job and returns it as it ended; whatever goes wrong with it becomes its line.

        Raises:
            LibraryBusy: another job is under way. LibraryUnwritable: the job can't be written to the folder.
        """
        with jobs.exclusive(self._root):
            self._cancelled = False
            self._set(Job(request.id, request.what, began=jobs.utc_now()), at_once=True)
            with audit_log.as_actor(request.who or "the desk"):
                ended = replace(self._outcome(request), ended=jobs.utc_now())
            self._job = None
            jobs.write(self._root, ended)
        self._on_progress(ended)
        return ended

    def warm_up(self) -> None:
        """Loads the model, which preparing needs; the job that needs it reports what is wrong with it."""
        with contextlib.suppress(EmbeddingError):
            self._model().warm_up()

    def end(self) -> None:
        """Cancels the job under way, if that can be cancelled, and all later ones."""
        self._ending.set()

    def is_cancelled(self) -> bool:
        """Whether the job under way was cancelled."""
        job = self._job
        if job is None or job.what not in CANCELLABLE:
            return False
        return self._ending.is_set() or jobs.is_cancelled(self._root, job.id)

    def _outcome(self, request: Request) -> Job:
        try:
            return self._actions[request.what](request)
        except Cancelled:
            return replace(self._current, state="cancelled", line="Stopped. The bulletins are as they were.")
        except RagError as error:
            line = str(error)
            if isinstance(error, RemovalRefused):  # its remedy is the command line's
                remedy = "Check the folder; if they are to go, tick the box and prepare again"
                line = f"{error.where}: {error.what}. {remedy}"
            return replace(self._current, state="failed", line=f"{line}.", error=type(error).__name__)
        except Exception:
            number = secrets.token_hex(4)
            LOG.exception("%s went wrong, number %s", request.what, number)
            line = f"Something went wrong. If you report it, give the number {number}."
            return replace(self._current, state="failed", line=line, error="Unknown")

    def _check(self, request: Request) -> Job:
        plan = update.dry_run(
            self._settings.folders, self._root, overlay=staging.folder(self._root), progress=self._progress
        )
        unchanged = not (plan.added or plan.changed or plan.removed)
        line = "Nothing would change." if unchanged else "This is what would change."
        return replace(self._current, state="done", line=line, plan=plan)

    def _prepare(self, request: Request) -> Job:
        root = self._root
        staged = {file.name: file.key for file in staging.list_staged(root)}
        former, before = self._clear_prepared(), generations.in_use(root)
        self._progress("Loading the language model", 0, 0)
        report = update.prepare(
            self._settings.folders,
            root,
            self._model(),
            overlay=staging.folder(root),
            allow_removal=request.allow_removal,
            progress=self._progress,
            cancelled=self._poll_cancelled,
        )
        if former not in ("", report.generation):
            self._discard_generation(former)
        if report.generation == before:
            return replace(self._current, state="done", line="Nothing has changed: there is nothing to publish.")
        asked, changes, note = self._replay(before, report.generation)
        jobs.write_prepared(root, Prepared(report, before, staged, asked, changes, note))
        return replace(self._current, state="done", line="Prepared. Nothing is published yet.")

    def _publish(self, request: Request) -> Job:
        root, wanted = self._root, request.generation
        prepared = jobs.read_prepared(root)
        in_use = generations.in_use(root)
        if prepared is None or prepared.report.generation != wanted:
            raise OperatorRefused("is not prepared any more", where=wanted, remedy="Prepare it again")
        if in_use not in (prepared.previous, wanted):
            what = "another generation was published since this one was prepared"
            raise OperatorRefused(what, where=wanted, remedy="Prepare it again")
        staging.publish(root, self._settings.folders, prepared.staged)
        self._retry_while_busy(lambda: publishing.publish(root, wanted))
        jobs.write_prepared(root, None)
        staging.unstage(root, prepared.staged)
        count = prepared.report.bulletins
        return replace(self._current, state="done", line=f"Published: {count:,} bulletin{'' if count == 1 else 's'}.")

    def _back(self, request: Request) -> Job:
        name = self._retry_while_busy(lambda: publishing.rollback(self._root, request.generation or None))
        return replace(self._current, state="done", line=f"Generation {name} is in use again.")

    def _discard(self, request: Request) -> Job:
        self._discard_generation(self._clear_prepared() or request.generation)
        return replace(self._current, state="done", line="Discarded. The staged files are still there.")

    def _verify(self, request: Request) -> Job:
        verdict = verify(self._root)
        damaged = len({damage.where for damage in verdict.damage})
        line = f"{damaged} damaged file{'' if damaged == 1 else 's'} found." if damaged else "The library is whole."
        return replace(self._current, state="done", line=line, verdict=verdict)

    def _replay(self, before: str, after: str) -> tuple[int, tuple[AnswerChange, ...], str]:
        """How many questions were asked, the answers that differ between the two generations, and a note that says why
        none was asked."""
        from rag.answer.assistant import Assistant
        from rag.library.reader import Library

        try:
            old = Library.open(self._root, generation=before or None)
        except (LibraryMissing, LibraryStale, LibraryDamaged) as error:
            saved = saved_questions.read(self._root)
            return 0, (), f"The saved questions were not asked: {error}" if saved else ""
        questions = saved_questions.read(self._root, example_questions(old))
        if not questions:
            return 0, (), ""
        new = Library.open(self._root, generation=after, before=old)
        assistants = Assistant(old, self._model()), Assistant(new, self._model())
        return len(questions), replay(questions, *assistants, progress=self._progress), ""

    def _clear_prepared(self) -> str:
        """The generation that was prepared and can't be published from now on; "" for none."""
        try:
            prepared = jobs.read_prepared(self._root)
        except LibraryDamaged as error:
            LOG.error("%s", error)
            prepared = None
        jobs.write_prepared(self._root, None)
        return prepared.report.generation if prepared else ""

    def _discard_generation(self, name: str) -> None:
        with contextlib.suppress(OperatorRefused):  # it has come into use in the meantime: then it stays
            self._retry_while_busy(lambda: publishing.discard(self._root, name))

    def _retry_while_busy(self, action: Callable[[], Result]) -> Result:
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                return action()
            except LibraryBusy:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _model(self) -> Encoder:
        from embeddings.factory import load_encoder

        if self._encoder is None:
            self._encoder = load_encoder(**self._settings.encoder)
        return self._encoder

    @property
    def _current(self) -> Job:
        assert self._job
        return self._job

    def _set(self, job: Job, *, at_once: bool = False) -> None:
        """Writes and reports the job, each only so often unless it has to be ``at_once``."""
        self._job, now = job, time.monotonic()
        if at_once or now > self._written_at + _WRITE_SECONDS:
            jobs.write(self._root, job)
            self._written_at = now
        if at_once or now > self._reported_at + _REPORT_SECONDS:
            self._on_progress(job)
            self._reported_at = now

    def _progress(self, stage: str, done: int, total: int) -> None:
        if self._poll_cancelled():
            raise Cancelled("stopped; nothing was changed", where=self._root)
        job = replace(self._current, stage=stage, done=done, whole=total)
        self._set(job, at_once=stage != self._current.stage)

    def _poll_cancelled(self) -> bool:
        now = time.monotonic()
        if not self._cancelled and now > self._polled_at + POLL_SECONDS:
            self._cancelled, self._polled_at = self.is_cancelled(), now
        return self._cancelled
