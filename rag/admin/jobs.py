"""The state of the operator's jobs, in the library's folder, so that every server process can show it.

library/job.json        the latest job, checksummed
        job.lock        held by the process that does the job
        job.cancel      the id of the job that is to stop
        prepared.json   the generation prepared last, and what it would change, checksummed
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from rag import files
from rag.admin.replay import AnswerChange
from rag.errors import LibraryBusy, LibraryDamaged
from rag.library.build.plan import Plan
from rag.library.build.update import Report
from rag.library.verify import VerificationResult

FILE = "job.json"
PREPARED = "prepared.json"
JobKind = Literal["check", "prepare", "publish", "back", "discard", "verify"]
JOB_NAMES: dict[JobKind, str] = {
    "check": "Checking what would change",
    "prepare": "Preparing",
    "publish": "Publishing",
    "back": "Going back",
    "discard": "Discarding",
    "verify": "Verifying the library",
}
CANCELLABLE = ("check", "prepare", "verify")  # the others are quick, and must not stop half way
_REMEDY = "Remove it"
# The line of a job whose process has gone.
_INTERRUPTED = "It was broken off; the bulletins that are answered from are as they were."
_PERHAPS_DONE = "It was broken off. Look at the generations for the one that is in use, and do it again if it isn't."


@dataclass(frozen=True, slots=True)
class Job:
    """A job and its progress: ``stage``, items ``done`` of the ``whole``.

    ``line`` says how it ended; ``error`` names the type of the error that it failed with.  ``plan`` is the result of a
    check, ``verdict`` that of verifying.
    """

    id: str
    what: JobKind
    state: Literal["running", "done", "failed", "cancelled"] = "running"
    stage: str = ""
    done: int = 0
    whole: int = 0
    began: str = ""
    ended: str = ""
    line: str = ""
    error: str = ""
    plan: Plan | None = None
    verdict: VerificationResult | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A generation that can be published.

    ``report`` says what indexing did; ``previous`` is the generation that it follows on; ``staged`` are the files that
    it was made with, by name, with the SHA-256 of each and of its corrections.  ``changes`` are the answers to the
    saved ``questions``, of that number, that differ; ``note`` says why they were not asked, if they weren't.
    """

    report: Report
    previous: str
    staged: dict[str, tuple[str, str]]
    questions: int
    changes: tuple[AnswerChange, ...]
    note: str = ""


Record = TypeVar("Record")
_JOB = TypeAdapter(Job)
_PREPARED = TypeAdapter(Prepared)


@contextmanager
def exclusive(root: Path) -> Iterator[None]:
    """Holds the lock of jobs, so that only one runs at a time.

    Raises:
        LibraryBusy: another job is under way. LibraryUnwritable: the folder can't be written.
    """
    busy = LibraryBusy("another job is under way", where=root, remedy="Wait until it is done, or cancel it")
    with ExitStack() as stack:
        with files.translate_os_errors(root):
            stack.enter_context(files.locked(root / "job.lock", 1, busy))  # a reader holds it for an instant
        (root / "job.cancel").unlink(missing_ok=True)
        yield


def write(root: Path, job: Job) -> None:
    """Writes the job in place of the one before.  Raises LibraryUnwritable: it can't be written."""
    with files.translate_os_errors(root):
        files.write_checksummed(root / FILE, _JOB.dump_python(job, mode="json"))


def read(root: Path) -> Job | None:
    """The latest job, None where there was none.  A running job whose process has gone is returned as failed.

    Raises:
        LibraryDamaged: the file isn't what was written.
    """
    job = _read(root / FILE, _JOB)
    if job is None or job.state != "running" or _is_locked(root):
        return job
    job = _read(root / FILE, _JOB)  # it may have ended just now
    if job is None or job.state != "running":
        return job
    line = _INTERRUPTED if job.what in CANCELLABLE else _PERHAPS_DONE
    return replace(job, state="failed", line=line, error="Interrupted")


def cancel(root: Path, identity: str) -> None:
    """Asks the process that does this job to stop.  Raises LibraryUnwritable: that can't be written."""
    with files.translate_os_errors(root):
        files.write_atomic(root / "job.cancel", identity.encode("utf-8", "surrogatepass"))


def is_cancelled(root: Path, identity: str) -> bool:
    """Whether ``cancel`` was called for this job."""
    try:
        return (root / "job.cancel").read_bytes() == identity.encode()
    except OSError:
        return False


def to_line(job: Job) -> str:
    """The job as one line of JSON, without plan and verdict, which are in the file."""
    return json.dumps(asdict(replace(job, plan=None, verdict=None)))


def from_line(line: str) -> Job:
    """The job that ``to_line`` wrote.  Raises ValueError: it is no job."""
    job: Job = _JOB.validate_json(line)
    return job


def write_prepared(root: Path, prepared: Prepared | None) -> None:
    """Records the generation that can be published; None for none.  Raises LibraryUnwritable: it can't be written."""
    with files.translate_os_errors(root):
        if prepared:
            files.write_checksummed(root / PREPARED, _PREPARED.dump_python(prepared, mode="json"))
        else:
            (root / PREPARED).unlink(missing_ok=True)


def read_prepared(root: Path) -> Prepared | None:
    """The generation that can be published, None where nothing was prepared.

    Raises:
        LibraryDamaged: the file isn't what was written.
    """
    return _read(root / PREPARED, _PREPARED)


def utc_now() -> str:
    """The time in UTC in ISO 8601, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _read(path: Path, kind: TypeAdapter[Record]) -> Record | None:
    content = files.read_checksummed(path, _REMEDY)
    try:
        return None if content is None else kind.validate_python(content)
    except ValidationError as error:
        raise LibraryDamaged("is of another version", where=path, remedy=_REMEDY) from error


def _is_locked(root: Path) -> bool:
    try:
        with files.locked(root / "job.lock", 0, BlockingIOError()):
            return False
    except OSError:
        return True
