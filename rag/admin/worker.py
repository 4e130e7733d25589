"""Does the operator's jobs, one at a time, in a process of its own that gives way to the one that answers.

``python -m rag.admin.worker SETTINGS`` reads a request a line on standard input, {"id", "what", "generation",
"allow_removal", "who"}, and prints the job as JSON, a line each time it gets further.  SETTINGS is JSON too.  The
model stays loaded between jobs.  It ends when standard input does.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import secrets
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from embeddings.errors import EmbeddingError
from rag.admin import jobs as job
from rag.admin import saved_questions, staging
from rag.admin.jobs import CANCELLABLE, Job, Prepared, What
from rag.admin.log_setup import configure
from rag.admin.replay import Change, replay
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
from rag.settings import Settings, load

if TYPE_CHECKING:
    from embeddings.encoder import Encoder

LOG = logging.getLogger(__name__)
NICE = 10  # steps by which everything else goes first
GRACE = 10.0  # seconds that a job is given to stop, once it was asked to
LOOK = 0.25  # seconds between two looks at whether it was
_TOLD, _WRITTEN = 0.2, 2.0  # seconds between two words on how far it is, and between two that are written down
_PATIENCE = 30.0  # seconds that publishing waits for another process to be done with the library


@dataclass(frozen=True, slots=True)
class Request:
    """``generation`` is the one to publish, discard or go back to, "" for the one before; ``who`` asked for it."""

    id: str
    what: What
    generation: str = ""
    allow_removal: bool = False
    who: str = ""


_REQUEST = TypeAdapter(Request)


class Jobs:
    """What the worker does; ``tell`` hears of every step.  ``encoder`` None is the one of the settings."""

    def __init__(
        self, settings: Settings, encoder: Encoder | None = None, tell: Callable[[Job], None] = lambda job: None
    ) -> None:
        self._settings = settings
        self._root = settings.library
        self._encoder = encoder
        self._tell = tell
        self._job: Job | None = None
        self._told_at = self._written_at = self._looked_at = 0.0
        self._asked_to_stop = False
        self._ending = threading.Event()

    def run(self, request: Request) -> Job:
        """The job as it ended; whatever goes wrong with it is its line.

        Raises:
            LibraryBusy: another one is under way. LibraryUnwritable: it can't be written down.
        """
        with job.only_one(self._root):
            self._asked_to_stop = False
            self._set(Job(request.id, request.what, began=job.now()), written=True)
            with audit_log.as_actor(request.who or "the desk"):
                ended = replace(self._ended(request), ended=job.now())
            self._job = None
            job.write(self._root, ended)
        self._tell(ended)
        return ended

    def warm(self) -> None:
        """Loads the model, which preparing will want; what is wrong with it will be told then."""
        with contextlib.suppress(EmbeddingError):
            self._model().warm_up()

    def end(self) -> None:
        """Whatever is under way is to be broken off, if it may be."""
        self._ending.set()

    def asked_to_stop(self) -> bool:
        """Whether a job is under way that was told to stop."""
        now = self._job
        if now is None or now.what not in CANCELLABLE:
            return False
        return self._ending.is_set() or job.is_cancelled(self._root, now.id)

    def _ended(self, request: Request) -> Job:
        try:
            return getattr(self, f"_{request.what}")(request)  # type: ignore[no-any-return]
        except Cancelled:
            return replace(self._now, state="cancelled", line="Stopped. The bulletins are as they were.")
        except RagError as error:
            line = str(error)
            if isinstance(error, RemovalRefused):  # its remedy is the command line's
                remedy = "Check the folder; if they are to go, tick the box and prepare again"
                line = f"{error.where}: {error.what}. {remedy}"
            return replace(self._now, state="failed", line=f"{line}.", error=type(error).__name__)
        except Exception:
            number = secrets.token_hex(4)
            LOG.exception("%s went wrong, number %s", request.what, number)
            line = f"Something went wrong. If you report it, give the number {number}."
            return replace(self._now, state="failed", line=line, error="Unknown")

    def _check(self, request: Request) -> Job:
        plan = update.dry_run(
            self._settings.folders, self._root, overlay=staging.folder(self._root), progress=self._progress
        )
        same = not (plan.added or plan.changed or plan.removed)
        line = "Nothing would change." if same else "This is what would change."
        return replace(self._now, state="done", line=line, plan=plan)

    def _prepare(self, request: Request) -> Job:
        root = self._root
        staged = {one.name: one.key for one in staging.listed(root)}
        former, before = self._forget_prepared(), generations.in_use(root)
        self._progress("Loading the language model", 0, 0)
        report = update.prepare(
            self._settings.folders,
            root,
            self._model(),
            overlay=staging.folder(root),
            allow_removal=request.allow_removal,
            progress=self._progress,
            cancelled=self._cancelled,
        )
        if former not in ("", report.generation):
            self._discarded(former)
        if report.generation == before:
            return replace(self._now, state="done", line="Nothing has changed: there is nothing to publish.")
        questions = saved_questions.read(root)
        changes, note = self._replayed(questions, before, report.generation)
        asked = 0 if note else len(questions)
        job.write_prepared(root, Prepared(report, before, staged, asked, changes, note))
        return replace(self._now, state="done", line="Prepared. Nothing is published yet.")

    def _publish(self, request: Request) -> Job:
        root, wanted = self._root, request.generation
        prepared = job.read_prepared(root)
        in_use = generations.in_use(root)
        if prepared is None or prepared.report.generation != wanted:
            raise OperatorRefused("is not prepared any more", where=wanted, remedy="Prepare it again")
        if in_use not in (prepared.previous, wanted):
            what = "another generation was published since this one was prepared"
            raise OperatorRefused(what, where=wanted, remedy="Prepare it again")
        staging.publish(root, self._settings.folders, prepared.staged)
        self._patiently(lambda: publishing.publish(root, wanted))
        job.write_prepared(root, None)
        staging.forget(root, prepared.staged)
        count = prepared.report.bulletins
        return replace(self._now, state="done", line=f"Published: {count:,} bulletin{'' if count == 1 else 's'}.")

    def _back(self, request: Request) -> Job:
        went: list[str] = []
        self._patiently(lambda: went.append(publishing.rollback(self._root, request.generation or None)))
        return replace(self._now, state="done", line=f"Generation {went[0]} is in use again.")

    def _discard(self, request: Request) -> Job:
        self._discarded(self._forget_prepared() or request.generation)
        return replace(self._now, state="done", line="Discarded. The staged files are still there.")

    def _verify(self, request: Request) -> Job:
        verdict = verify(self._root)
        damaged = len({damage.where for damage in verdict.damage})
        line = f"{damaged} damaged file{'' if damaged == 1 else 's'} found." if damaged else "The library is whole."
        return replace(self._now, state="done", line=line, verdict=verdict)

    def _replayed(self, questions: Sequence[str], before: str, after: str) -> tuple[tuple[Change, ...], str]:
        """What is answered otherwise, or why that can't be told."""
        from rag.answer.assistant import Assistant
        from rag.library.reader import Library

        if not questions:
            return (), ""
        try:
            old = Library.open(self._root, generation=before or None)
        except (LibraryMissing, LibraryStale, LibraryDamaged) as error:
            return (), f"The saved questions were not asked: {error}"
        new = Library.open(self._root, generation=after, before=old)
        model = self._model()
        changes = replay(
            questions, Assistant(old, model), Assistant(new, model), progress=self._progress, cancelled=self._cancelled
        )
        return changes, ""

    def _forget_prepared(self) -> str:
        """The generation prepared before, which can't be published from now on; "" for none."""
        try:
            prepared = job.read_prepared(self._root)
        except LibraryDamaged as error:
            LOG.error("%s", error)
            prepared = None
        job.write_prepared(self._root, None)
        return prepared.report.generation if prepared else ""

    def _discarded(self, name: str) -> None:
        # it may have come into use by another way: then it stays
        with contextlib.suppress(OperatorRefused):
            self._patiently(lambda: publishing.discard(self._root, name))

    def _patiently(self, act: Callable[[], None]) -> None:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                return act()
            except LibraryBusy:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def _model(self) -> Encoder:
        from embeddings.factory import load_encoder

        if self._encoder is None:
            self._encoder = load_encoder(self._settings.model, self._settings.device)
        return self._encoder

    @property
    def _now(self) -> Job:
        assert self._job
        return self._job

    def _set(self, now: Job, *, written: bool = False) -> None:
        self._job, at = now, time.monotonic()
        if written or at > self._written_at + _WRITTEN:
            job.write(self._root, now)
            self._written_at = at
        if written or at > self._told_at + _TOLD:
            self._tell(now)
            self._told_at = at

    def _progress(self, what: str, done: int, whole: int) -> None:
        if self._cancelled():
            raise Cancelled("stopped; nothing was changed", where=self._root)
        self._set(replace(self._now, stage=what, done=done, whole=whole), written=what != self._now.stage)

    def _cancelled(self) -> bool:
        at = time.monotonic()
        if not self._asked_to_stop and at > self._looked_at + LOOK:
            self._asked_to_stop, self._looked_at = self.asked_to_stop(), at
        return self._asked_to_stop


def main() -> int:
    os.nice(NICE)
    configure()  # its standard error is the server's
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # nobody else writes between the lines

    def tell(now: Job) -> None:
        with contextlib.suppress(BrokenPipeError):  # nobody listens any more; standard input will end
            out.write(f"{job.to_line(now)}\n")
            out.flush()

    jobs = Jobs(load(**json.loads(sys.argv[1])), tell=tell)
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=[jobs, lines], daemon=True).start()
    threading.Thread(target=_see_to_it, args=[jobs], daemon=True).start()
    while line := lines.get():
        request = _REQUEST.validate_json(line)
        try:
            jobs.run(request)
        except RagError as error:
            tell(Job(request.id, request.what, "failed", line=str(error), error=type(error).__name__))
        if request.what == "check":
            threading.Thread(target=jobs.warm, daemon=True).start()
    return 0


def _receive(jobs: Jobs, lines: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    jobs.end()
    lines.put("")


def _see_to_it(jobs: Jobs) -> None:
    """Ends the process where a job doesn't stop that should; what it was writing is no part of the library yet."""
    asked_at = None
    while True:
        time.sleep(LOOK)
        if not jobs.asked_to_stop():
            asked_at = None
        elif asked_at is None:
            asked_at = time.monotonic()
        elif time.monotonic() > asked_at + GRACE:
            LOG.error("a job did not stop within %s seconds", GRACE)
            os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
