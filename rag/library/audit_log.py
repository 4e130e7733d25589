"""The audit log: who changed what, and when; each entry holds the digest of the one before.

library/log/audit.jsonl   {"number", "at", "who", "what", "of", "previous", "sha256"} a line; ``sha256`` is that of the
                          line without it
library/log/audit.json    checksummed: the head, which is the number and digest of the last entry

An entry is on the disk before the change that it records is made.  Each entry follows on the head: where the file
doesn't end with it, because lines were cut off, swapped or added, the next entry leaves a break that stays.  Whoever
can write to the library's folder can write file and head together, so the head is also sent elsewhere (``audit_copy``).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import getpass
import hashlib
import json
import os
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rag import files, limits
from rag.errors import LibraryBusy, LibraryDamaged, RagError
from rag.library import audit_copy
from rag.library.audit_copy import Head

LOG, HEAD = "log/audit.jsonl", "log/audit.json"
FIRST = "0" * 64  # what the first entry has for the digest of the one before
_EMPTY, _LOST = Head(0, FIRST), Head(-1, "")
_TAIL_BYTES = 65_536  # at the end of the file, in which its last line lies
_REMEDY = (
    "Find out who changed it; a new log begins once log/audit.jsonl, log/audit.json and the file of RAG_AUDIT_COPY "
    "are moved away together"
)
_ACTOR: ContextVar[str | None] = ContextVar("actor", default=None)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry; ``of`` are the particulars, such as names and digests, and ``at`` is a time in UTC (ISO 8601)."""

    number: int
    at: str
    who: str
    what: str
    of: dict[str, str | int]
    previous: str
    sha256: str


_ENTRY = TypeAdapter(Entry)


@contextlib.contextmanager
def as_actor(who: str) -> Iterator[None]:
    """Attributes the library's changes within the block to this person."""
    token = _ACTOR.set(who)
    try:
        yield
    finally:
        _ACTOR.reset(token)


def actor() -> str:
    """Returns whom a change is attributed to: the actor of ``as_actor``, else the user at the command line."""
    named = _ACTOR.get()
    if named is not None:
        return named
    try:
        return f"command line ({getpass.getuser()})"
    except (OSError, KeyError):  # a user without a name
        return f"command line (user {os.getuid()})"


@contextlib.contextmanager
def recorded(root: Path, what: str, **of: str | int) -> Iterator[None]:
    """Records a change before it is made in the block, and its failure if it fails; raises as ``write`` does."""
    write(root, actor(), what, **of)
    try:
        yield
    except RagError as error:
        write(root, actor(), f"{what}: failed", **of, why=str(error))
        raise


def write(root: Path, who: str, what: str, **of: str | int) -> Entry:
    """Adds an entry, and returns when the disk has it.  A damaged log goes on, and stays known as damaged.

    Raises:
        LibraryUnwritable: it can't be written.
        LibraryBusy: another process holds it for too long.
    """
    path = root / LOG
    busy = LibraryBusy("another process is writing to it", where=path, remedy="Try again in a moment")
    with files.translate_os_errors(root), files.locked(path.with_suffix(".lock"), 10, busy):
        for stale in path.parent.glob(".audit.json.*"):  # of a process that was killed while it wrote
            stale.unlink(missing_ok=True)
        previous, size = _end_of_log(root, path)
        number = previous.number + 1
        at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        particulars = {key: _shorten(value) if isinstance(value, str) else value for key, value in of.items()}
        who, what = _shorten(who), _shorten(what)
        body = _body(
            {"number": number, "at": at, "who": who, "what": what, "of": particulars, "previous": previous.sha256}
        )
        entry = Entry(number, at, who, what, particulars, previous.sha256, hashlib.sha256(body).hexdigest())
        files.append_synced(path, _line(entry), size)
        head = Head(entry.number, entry.sha256)
        _write_head(root, head)
        audit_copy.append(head)
        return entry


def read(root: Path, limit: int | None = None) -> tuple[Entry, ...]:
    """Returns the entries that can be read, the latest first, at most ``limit``.

    Raises:
        LibraryDamaged: the file can't be read at all.
    """
    entries: list[Entry] = []
    for line in reversed(_read_lines(root / LOG)):
        with contextlib.suppress(ValidationError):
            entries.append(_ENTRY.validate_json(line))
        if limit is not None and len(entries) >= limit:
            break
    return tuple(entries)


def integrity_errors(root: Path) -> list[tuple[Path, str]]:
    """Returns what is wrong with the log: the first line that isn't what was written, or an end that is missing."""
    path = root / LOG
    try:
        lines, head, copies = _read_lines(path), _read_head(root), audit_copy.read()
    except LibraryDamaged as error:
        return [(Path(error.where), error.what)]
    digests = [FIRST]
    for number, line in enumerate(lines, 1):
        try:
            entry = _ENTRY.validate_json(line)
        except ValidationError:
            return [(path, f"line {number} is no entry")]
        if not _is_as_written(entry, line):
            return [(path, f"line {number} is not what was written")]
        if entry.previous != digests[-1] or entry.number != number:
            return [(path, f"line {number} doesn't follow on the line before")]
        digests.append(entry.sha256)
    return _end_errors(path, digests, head, copies, is_published=(root / "CURRENT").exists())


def _end_errors(
    path: Path, digests: list[str], head: Head | None, copies: list[Head] | None, *, is_published: bool
) -> list[tuple[Path, str]]:
    """Returns what is wrong with the end of a log of these digests; a crash explains one entry that the head lacks."""
    written = len(digests) - 1
    if copies == [] and written > 1:
        return [(path, "was not sent elsewhere as it should have been: the file of RAG_AUDIT_COPY is missing or empty")]
    for copy in copies or ():
        if copy.number > written or digests[copy.number] != copy.sha256:
            return [(path, f"doesn't hold entry {copy.number} as it was sent elsewhere (RAG_AUDIT_COPY)")]
    if head is None:
        missing = "its end is not known any more (audit.json is missing)" if written else "is missing"
        return [(path, missing)] if written or is_published else []
    if not written - 1 <= head.number <= written or digests[head.number] != head.sha256:
        return [(path, f"ends with entry {written}, and {head.number} were written")]
    return []


def _shorten(value: str) -> str:
    """Returns the value within its limit; a file's name may hold bytes that are no text."""
    return value[: limits.MAX_AUDIT_VALUE_CHARS].encode("utf-8", "backslashreplace").decode()


def _body(content: dict[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def _line(entry: Entry) -> bytes:
    return json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n"


def _is_as_written(entry: Entry, line: bytes) -> bool:
    body = asdict(entry)
    del body["sha256"]
    return hashlib.sha256(_body(body)).hexdigest() == entry.sha256 and line == _line(entry).rstrip(b"\n")


def _last_entry(path: Path) -> tuple[Entry | None, int]:
    """Returns the last entry, None if it can't be read, and the file's size without a line that was never finished."""
    try:
        tail, begin = files.read_tail(path, _TAIL_BYTES)
    except FileNotFoundError:
        return None, 0
    finished = tail[: tail.rfind(b"\n") + 1]
    if not finished:
        return None, begin
    try:
        return _ENTRY.validate_json(finished[:-1].rpartition(b"\n")[2]), begin + len(finished)
    except ValidationError:
        return None, begin + len(finished)


def _end_of_log(root: Path, path: Path) -> tuple[Head, int]:
    """Returns what the next entry follows on, and the file's size without a line that was never finished.

    That is the last entry if every head names it, or the one before it, as after a crash; else the latest head, or
    nothing where that would hide what is wrong.
    """
    last, size = _last_entry(path)
    local, sent = _LOST, None
    with contextlib.suppress(LibraryDamaged):
        local = _read_head(root) or _LOST
    with contextlib.suppress(LibraryDamaged):
        sent = audit_copy.last()
    if local == _LOST and not size:
        local = _EMPTY
        _write_head(root, local)  # from now on, a lost head is damage
    heads = [local, sent] if sent else [local]
    if last is None:
        return max(heads, key=lambda head: head.number), size
    end, before = Head(last.number, last.sha256), Head(last.number - 1, last.previous)
    if all(head in (end, before) for head in heads):
        return end, size
    latest = max(heads, key=lambda head: head.number)
    return Head(end.number, FIRST) if latest in (end, _LOST) else latest, size


def _write_head(root: Path, head: Head) -> None:
    files.write_checksummed(root / HEAD, {"number": head.number, "last": head.sha256})


def _read_head(root: Path) -> Head | None:
    """Returns the number and digest of the last entry, None where none are kept; raises LibraryDamaged."""
    content = files.read_checksummed(root / HEAD, _REMEDY)
    return Head(content["number"], content["last"]) if content else None


def _read_lines(path: Path) -> list[bytes]:
    """Returns the finished lines."""
    return (files.read_bytes(path, _REMEDY) or b"").split(b"\n")[:-1]
