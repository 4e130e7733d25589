"""The file of corrections that lies beside a bulletin's file, to be read and written by hand too.

The corrections of ``first.txt`` are in ``first.txt.corrections.json``:

    {"format": 1, "corrections": [{"field": "date", "was": null, "now": "2024-03-11", "why": "…", "on": "2024-04-02"}]}

``was`` is what the file gives and ``now`` what holds instead, null for nothing.  The names of districts are joined by
"; "; a correction of these has the ``heading`` of its section too, null where it has none.
"""

from __future__ import annotations

import codecs
import datetime as dt
import errno
import hashlib
import json
import os
import stat
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from rag import files, limits
from rag.errors import CorrectionUnusable, one_line, os_reason
from rag.ingest.corrections.values import describe, normalize
from rag.models import Correction, CorrectionField

SUFFIX = ".corrections.json"
FORMAT = 1
_REMEDY = "Put it right, or remove it"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    field: CorrectionField
    was: str | None
    now: str | None
    heading: str | None = None
    why: str | None = None
    on: dt.date | None = None


class _Header(BaseModel):
    format: int


class _File(_Header):
    model_config = ConfigDict(extra="forbid", strict=True)

    corrections: tuple[_Entry, ...]


def path_of(file: Path) -> Path:
    """Returns where the corrections of a bulletin's file lie."""
    return file.with_name(file.name + SUFFIX)


def digest(file: Path) -> str:
    """Returns the SHA-256 of the file of corrections, "" where there is none; where it can't be read, of the reason."""
    try:
        data = _read_bytes(path_of(file))
    except CorrectionUnusable as error:
        data = error.what.encode()
    return "" if data is None else hashlib.sha256(data).hexdigest()


def read(file: Path) -> tuple[Correction, ...]:
    """Returns the corrections of a bulletin's file, () for none; raises ``CorrectionUnusable``."""
    return tuple(_read_entries(path_of(file)))


def save(file: Path, corrections: Sequence[Correction], *, why: str | None = None, on: dt.date | None = None) -> None:
    """Replaces the file's corrections by these, atomically; no corrections at all remove them.

    New ones get the reason ``why`` and the day ``on`` (default: today); others keep theirs.

    Raises:
        CorrectionUnusable: one of them is unusable, or the earlier ones can't be read, or these not written.
    """
    path = path_of(file)
    normalized = [normalize(correction) for correction in corrections]
    _refuse_duplicates(normalized, path)
    earlier = _read_entries(path) if normalized else {}
    reason = (one_line(why)[: limits.MAX_CORRECTION_CHARS] or None) if why else None
    entries = []
    for correction in normalized:
        kept = earlier.get(correction)
        entries.append(_entry_json(correction, *((kept.why, kept.on) if kept else (reason, on or dt.date.today()))))
    content = {"format": FORMAT, "corrections": entries}
    data = json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"
    if len(data) > limits.MAX_CORRECTIONS_BYTES:
        what = f"would be larger than {limits.MAX_CORRECTIONS_BYTES:,} bytes"
        raise CorrectionUnusable(what, where=path, remedy="Correct less")
    try:
        if normalized:
            files.write_atomic(path, data)
        else:
            path.unlink(missing_ok=True)
            files.sync_folder(path.parent)
    except OSError as error:
        what = f"can't be written ({os_reason(error)})"
        raise CorrectionUnusable(what, where=path, remedy="Check the folder's permissions and the disk") from error


def _entry_json(correction: Correction, why: str | None, on: dt.date | None) -> dict[str, Any]:
    entry = _Entry(**asdict(correction), why=why, on=on)
    left_out = {name for name in ("heading", "why", "on") if getattr(entry, name) is None}
    return entry.model_dump(mode="json", exclude=left_out)


def _read_bytes(path: Path) -> bytes | None:
    """Returns the file's bytes, None where there is none."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise CorrectionUnusable("is no plain file", where=path, remedy="Remove it")
            with os.fdopen(handle, "rb", closefd=False) as file:
                data = file.read(limits.MAX_CORRECTIONS_BYTES + 1)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
            return None
        if error.errno == errno.ELOOP:
            raise CorrectionUnusable("is a link", where=path, remedy="Put the file itself here") from error
        what = f"can't be read ({os_reason(error)})"
        raise CorrectionUnusable(what, where=path, remedy="Check its permissions") from error
    if len(data) > limits.MAX_CORRECTIONS_BYTES:
        raise CorrectionUnusable(f"is larger than {limits.MAX_CORRECTIONS_BYTES:,} bytes", where=path, remedy=_REMEDY)
    return data


def _read_entries(path: Path) -> dict[Correction, _Entry]:
    """Returns the corrections in a file, each with its entry there."""
    data = _read_bytes(path)
    if data is None:
        return {}
    entries = _parse(data.removeprefix(codecs.BOM_UTF8), path)
    corrections = []
    for number, entry in enumerate(entries, 1):
        try:
            corrections.append(normalize(Correction(entry.field, entry.was, entry.now, entry.heading)))
        except CorrectionUnusable as error:
            raise CorrectionUnusable(f"correction {number}: {error.what}", where=path, remedy=_REMEDY) from error
    _refuse_duplicates(corrections, path)
    return dict(zip(corrections, entries, strict=True))


def _parse(data: bytes, path: Path) -> tuple[_Entry, ...]:
    try:
        number = _Header.model_validate_json(data).format
        if number != FORMAT:
            raise CorrectionUnusable(f"is of format {number}, not {FORMAT}", where=path, remedy=_REMEDY)
        return _File.model_validate_json(data).corrections
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = " ".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
        what = f"can't be read as corrections ({f'{place}: ' if place else ''}{first['msg']})"
        raise CorrectionUnusable(what, where=path, remedy=_REMEDY) from error


def _refuse_duplicates(corrections: Sequence[Correction], path: Path) -> None:
    seen = set()
    for correction in corrections:
        key = (correction.field, correction.heading, correction.was if correction.field == "districts" else None)
        if key in seen:
            raise CorrectionUnusable(f"corrects {describe(correction)} twice", where=path, remedy=_REMEDY)
        seen.add(key)
