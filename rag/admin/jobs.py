"""The operator's jobs as they stand: in the library's folder, so that every server process can show them.

library/job.json        the latest job, sealed
        job.lock        held by the process that is at it
        job.cancel      the id of the job that is to stop
        prepared.json   the generation prepared last, and what it would change, sealed
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from rag import files
from rag.admin.replay import Change
from rag.errors import LibraryBusy, LibraryDamaged
from rag.library.build.plan import Plan
from rag.library.build.update import Report
from rag.library.verify import Verdict

FILE = "job.json"
PREPARED = "prepared.json"
What = Literal["check", "prepare", "publish", "back", "discard", "verify"]
NAMES: dict[What, str] = {
    "check": "Checking what would change",
    "prepare": "Preparing",
    "publish": "Publishing",
    "back": "Going back",
    "discard": "Discarding",
    "verify": "Verifying the library",
}
CANCELLABLE = ("check", "prepare", "verify")  # what is left is quick, and must not stop half way
_REMEDY = "Remove it"
# What is said of a job whose process has gone.
_BROKEN_OFF = "It was broken off; the bulletins that are answered from are as they were."
_PERHAPS = "It was broken off. Look at the generations for the one that is in use, and do it again if it isn't."


@dataclass(frozen=True, slots=True)
class Job:
    """``stage``, ``done`` and ``whole`` say how far it is; ``line`` what came of it, and ``error`` names the kind of
    error that it failed with.  ``plan`` is what a check found, ``verdict`` what verifying found."""

    id: str
    what: What
    state: Literal["running", "done", "failed", "cancelled"] = "running"
    stage: str = ""
    done: int = 0
    whole: int = 0
    began: str = ""
    ended: str = ""
    line: str = ""
    error: str = ""
    plan: Plan | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A generation that can be published: what indexing did, the generation it follows on, and the staged files that it
    was made with, each with its SHA-256 and that of its corrections.  ``changes`` are the saved questions, of so many,
    that it answers otherwise; ``note`` says why they were not asked, if they weren't."""

    report: Report
    previous: str
    staged: dict[str, tuple[str, str]]
    questions: int
    changes: tuple[Change, ...]
    note: str = ""


Kind = TypeVar("Kind")
_JOB = TypeAdapter(Job)
_PREPARED = TypeAdapter(Prepared)


@contextmanager
def only_one(root: Path) -> Iterator[None]:
    """
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
    """
    Raises:
        LibraryUnwritable: it can't be written.
    """
    with files.translate_os_errors(root):
        files.write_checksummed(root / FILE, _JOB.dump_python(job, mode="json"))


def read(root: Path) -> Job | None:
    """The latest job, None where there was none.  One that is said to run but is in nobody's hands has failed.

    Raises:
        LibraryDamaged: the file isn't what was written.
    """
    job = _read(root)
    if job is None or job.state != "running" or _in_hands(root):
        return job
    job = _read(root)  # it may have ended just now
    if job is None or job.state != "running":
        return job
    line = _BROKEN_OFF if job.what in CANCELLABLE else _PERHAPS
    return replace(job, state="failed", line=line, error="Interrupted")


def cancel(root: Path, identity: str) -> None:
    """Asks whoever is at this job to stop.

    Raises:
        LibraryUnwritable: that can't be written.
    """
    with files.translate_os_errors(root):
        files.write_atomic(root / "job.cancel", identity.encode("utf-8", "surrogatepass"))


def is_cancelled(root: Path, identity: str) -> bool:
    try:
        return (root / "job.cancel").read_bytes() == identity.encode()
    except OSError:
        return False


def to_line(job: Job) -> str:
    """One line of JSON, without what it found: that is in the file."""
    return json.dumps(asdict(replace(job, plan=None, verdict=None)))


def from_line(line: str) -> Job:
    """
    Raises:
        ValueError: it is no job.
    """
    found: Job = _JOB.validate_json(line)
    return found


def write_prepared(root: Path, prepared: Prepared | None) -> None:
    """Notes what can be published, or that nothing can.

    Raises:
        LibraryUnwritable: it can't be written.
    """
    with files.translate_os_errors(root):
        if prepared:
            files.write_checksummed(root / PREPARED, _PREPARED.dump_python(prepared, mode="json"))
        else:
            (root / PREPARED).unlink(missing_ok=True)


def read_prepared(root: Path) -> Prepared | None:
    """What can be published, None where nothing was prepared.

    Raises:
        LibraryDamaged: the file isn't what was written.
    """
    content = files.read_checksummed(root / PREPARED, _REMEDY)
    return None if content is None else _checked(_PREPARED, content, root / PREPARED)


def now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _read(root: Path) -> Job | None:
    content = files.read_checksummed(root / FILE, _REMEDY)
    return None if content is None else _checked(_JOB, content, root / FILE)


def _checked(kind: TypeAdapter[Kind], content: dict[str, Any], path: Path) -> Kind:
    try:
        return kind.validate_python(content)
    except ValidationError as error:
        raise LibraryDamaged("is of another version", where=path, remedy=_REMEDY) from error


def _in_hands(root: Path) -> bool:
    try:
        with files.locked(root / "job.lock", 0, BlockingIOError()):
            return False
    except OSError:
        return True
