"""The audit log: who changed what, and when; each entry holds the digest of the one before.

library/log/audit.jsonl   {"number", "at", "who", "what", "of", "previous", "sha256"} a line; ``sha256`` is that of the
                          line without it
library/log/audit.json    sealed: the number and digest of the last entry, so that a log cut short is found

An entry is on the disk before what it tells of is done.  Whoever can write to the library's folder can write a whole
new chain; send ``audit.json``'s digest elsewhere now and then to notice that too.
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
from rag.errors import LibraryBusy, LibraryDamaged, RagError, os_reason

FIRST = "0" * 64  # what the first entry has for the digest of the one before
_TAIL = 65_536  # bytes at the end of the file in which its last line lies
_REMEDY = "Find out who changed it; a new log begins once log/audit.jsonl and log/audit.json are moved away together"
_ACTOR: ContextVar[str | None] = ContextVar("actor", default=None)


@dataclass(frozen=True, slots=True)
class Entry:
    """``of`` are the particulars, such as names and digests; ``at`` is a time in UTC (ISO 8601)."""

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
    """Within this, what changes the library is this person's doing."""
    token = _ACTOR.set(who)
    try:
        yield
    finally:
        _ACTOR.reset(token)


def actor() -> str:
    """Whose doing a change is: who was named, else the user at the command line."""
    named = _ACTOR.get()
    if named is not None:
        return named
    try:
        return f"command line ({getpass.getuser()})"
    except (OSError, KeyError):  # a user without a name
        return f"command line (user {os.getuid()})"


@contextlib.contextmanager
def recorded(root: Path, what: str, **of: str | int) -> Iterator[None]:
    """Notes what is set about, and where it fails, that it did.  Raises as ``write``."""
    write(root, actor(), what, **of)
    try:
        yield
    except RagError as error:
        write(root, actor(), f"{what}: failed", **of, why=str(error))
        raise


def write(root: Path, who: str, what: str, **of: str | int) -> Entry:
    """Adds an entry, and returns when the disk has it.

    A damaged log is gone on with, and stays known as damaged.

    Raises:
        LibraryUnwritable: it can't be written. LibraryBusy.
    """
    path = _path(root)
    with files.translate_os_errors(root), _alone(path):
        last, whole = _last(path)
        number, previous = (last.number, last.sha256) if last else _known(root)
        number += 1
        at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        told = {key: _text(value) if isinstance(value, str) else value for key, value in of.items()}
        who, what = _text(who), _text(what)
        body = _body({"number": number, "at": at, "who": who, "what": what, "of": told, "previous": previous})
        entry = Entry(number, at, who, what, told, previous, hashlib.sha256(body).hexdigest())
        files.append_synced(path, _line(entry), whole)
        files.write_atomic(_head(root), files.dump_checksummed({"number": entry.number, "last": entry.sha256}))
        return entry


def read(root: Path, most: int | None = None) -> tuple[Entry, ...]:
    """The entries, the latest first, as far as they can be read.

    Raises:
        LibraryDamaged: the file can't be read at all.
    """
    found = []
    for line in reversed(_lines(_path(root))):
        with contextlib.suppress(ValidationError):
            found.append(_ENTRY.validate_json(line))
        if most is not None and len(found) >= most:
            break
    return tuple(found)


def integrity_errors(root: Path) -> list[tuple[Path, str]]:
    """What is wrong with the log: a line that isn't what was written, one that is gone, or an end that is."""
    path = _path(root)
    try:
        lines = _lines(path)
    except LibraryDamaged as error:
        return [(path, error.what)]
    try:
        head = files.read_checksummed(_head(root), _REMEDY)
    except LibraryDamaged as error:
        return [(_head(root), error.what)]
    previous, number = FIRST, 0
    digests = [FIRST]
    for at, line in enumerate(lines, 1):
        try:
            entry = _ENTRY.validate_json(line)
        except ValidationError:
            return [(path, f"line {at} is no entry")]
        body = asdict(entry)
        del body["sha256"]
        if hashlib.sha256(_body(body)).hexdigest() != entry.sha256 or line != _line(entry).rstrip(b"\n"):
            return [(path, f"line {at} is not what was written")]
        if entry.previous != previous or entry.number != number + 1:
            return [(path, f"line {at} doesn't follow on the line before")]
        previous, number = entry.sha256, entry.number
        digests.append(previous)
    if head is None:
        # the very first entry may have been written without the power left for this
        return [(path, "its end is not known any more (audit.json is missing)")] if number > 1 else []
    known = head["number"]
    if known > number or digests[known] != head["last"]:
        return [(path, f"ends with entry {number}, and {known} were written")]
    return []


def _path(root: Path) -> Path:
    return root / "log" / "audit.jsonl"


def _head(root: Path) -> Path:
    return root / "log" / "audit.json"


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    busy = LibraryBusy("another process is writing to it", where=path, remedy="Try again in a moment")
    with files.locked(path.with_suffix(".lock"), 10, busy):
        yield


def _text(value: str) -> str:
    """A file's name may hold bytes that are no text."""
    return value[: limits.MAX_AUDIT_VALUE_CHARS].encode("utf-8", "backslashreplace").decode()


def _body(content: dict[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def _line(entry: Entry) -> bytes:
    return json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n"


def _last(path: Path) -> tuple[Entry | None, int]:
    """The last entry, None where there is none to be read, and the length of the file without a line that was never
    finished."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            begin = file.seek(max(0, size - _TAIL))
            tail = file.read()
    except FileNotFoundError:
        return None, 0
    whole = tail[: tail.rfind(b"\n") + 1]
    if not whole:
        return None, begin
    try:
        return _ENTRY.validate_json(whole[:-1].rpartition(b"\n")[2]), begin + len(whole)
    except ValidationError:
        return None, begin + len(whole)


def _known(root: Path) -> tuple[int, str]:
    """Number and digest of the last entry, where the log itself doesn't tell."""
    try:
        head = files.read_checksummed(_head(root), _REMEDY)
    except LibraryDamaged:
        head = None
    return (head["number"], head["last"]) if head else (0, FIRST)


def _lines(path: Path) -> list[bytes]:
    """All that were finished."""
    try:
        return path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return []
    except OSError as error:
        what = f"can't be read ({os_reason(error)})"
        raise LibraryDamaged(what, where=path, remedy=_REMEDY) from error
