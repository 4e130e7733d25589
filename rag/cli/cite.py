"""``python -m rag cite``: a slice of a stored text, in the form that is asked for."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.answer.citation import bibliography, receipt
from rag.answer.citation.annotation import annotation
from rag.answer.citation.line import citation
from rag.answer.citation.source import Cited, of_slice
from rag.answer.citation.text_fragment import text_fragment_url
from rag.errors import SettingInvalid, one_line
from rag.library import archive
from rag.library.archive import Kept
from rag.library.reader import Library

_PREFIX = re.compile(r"[0-9a-f]{8,64}")
_WRITERS: dict[str, Callable[[Cited, dt.date], str]] = {
    "line": lambda one, day: citation(one, accessed=day) + "\n",
    "bibtex": bibliography.bibtex,
    "ris": bibliography.ris,
}


@dataclass(frozen=True, slots=True)
class Printed:
    """What goes to standard output, and sentences about the text for standard error."""

    text: str
    notes: tuple[str, ...]


def cite(root: Path, named: str, start: int, end: int, form: str, day: dt.date, *, as_json: bool) -> Printed:
    """The slice [start:end] of the text with the digest, the beginning of a digest or the bulletin's name ``named``.

    Raises:
        SettingInvalid: no text or several are meant, it has no such slice, or its bulletin states no address.
        LibraryMissing, LibraryStale, LibraryDamaged: see ``Library.open``.
    """
    library = Library.open(root)
    kept = _kept(library, named)
    one = of_slice(kept.sha256, kept.bulletin, kept.text, start, end)
    if form in _WRITERS:
        text = _WRITERS[form](one, day)
        return Printed(_line({"format": form, "citation": text}) if as_json else text, _notes(kept))
    if form == "link":
        link = text_fragment_url(one.url, kept.text, start, end)
        if link is None:
            what = "states no address, so there is nothing to link to" if one.url is None else "has no usable link"
            raise SettingInvalid(what, where=one.bulletin, remedy="Use another --format")
        return Printed(_line({"format": form, "citation": link}) if as_json else f"{link}\n", _notes(kept))
    if form == "receipt":
        made = receipt.of_quote(one, library, day)
        return Printed(_line(made.contents()) if as_json else made.to_bytes().decode("utf-8"), _notes(kept))
    value = bibliography.csl_json(one, day) if form == "csl" else annotation(one, kept.text)
    return Printed(_line(value) if as_json else json.dumps(value, ensure_ascii=False, indent=1) + "\n", _notes(kept))


def _kept(library: Library, named: str) -> Kept:
    digests = {library.by_name[named].sha256} if named in library.by_name else _digests(library, named.lower())
    remedy = "Give a bulletin's name, or 8 digits or more of its text's digest (sha256)"
    if len(digests) > 1:
        raise SettingInvalid(f"{len(digests)} texts have a digest that begins so", where=named, remedy="Give it whole")
    found = archive.kept(library, digests.pop()) if digests else None
    if found is None:
        raise SettingInvalid("the library holds no such text", where=named, remedy=remedy)
    return found


def _digests(library: Library, prefix: str) -> set[str]:
    if not _PREFIX.fullmatch(prefix):
        return set()
    stored = {path.stem for path in (library.root / "texts").glob(f"{prefix}*.txt")}
    return {digest for digest in stored | library.by_digest.keys() if digest.startswith(prefix)}


def _notes(kept: Kept) -> tuple[str, ...]:
    """What a person should know of the text before citing it."""
    name = one_line(kept.bulletin.name) if kept.bulletin else kept.sha256
    notes = []
    if kept.state == "changed" and kept.now:
        notes.append(f"{name}: has changed since; today's text has the digest {kept.now.sha256[:12]}")
    if kept.state == "withdrawn":
        notes.append(f"{name}: is no longer among the bulletins")
    if kept.corrected_by:
        notes.append(f"{name}: {kept.corrected_by.name} corrects it")
    return tuple(notes)


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"
