"""Adds single bulletins to the folder: files are copied, pages are fetched."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rag import files
from rag.errors import BulletinUnreadable, FetchFailed, one_line, os_reason
from rag.ingest.fetch import save
from rag.ingest.fetch.client import Client
from rag.ingest.fetch.urls import without_user
from rag.ingest.folders import Skipped, list_files, printable
from rag.ingest.parse import parse


@dataclass(frozen=True, slots=True)
class AddResult:
    """``files`` are the names in the folder; each ``skipped`` source is named by its URL or its absolute path."""

    files: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def add(sources: Sequence[str | Path], seeds: Path, hosts: Sequence[str], *, replace: bool = False) -> AddResult:
    """Adds files, and pages of ``hosts``; ``replace`` allows it where another file of that name is there.

    Raises:
        SeedsMissing, LibraryUnwritable: there is no such folder, or it can't be written.
        SettingInvalid: one of ``hosts`` can't be a host's name, and there is a page to fetch.
    """
    existing = _ExistingFiles(seeds)
    client: Client | None = None
    added: list[str] = []
    skipped: list[Skipped] = []
    for source in sources:
        url = source if isinstance(source, str) and "://" in source else None
        try:
            if url:
                if not hosts:
                    raise FetchFailed("no host may be fetched from yet", remedy="Name the hosts in RAG_HOSTS")
                client = client or Client(hosts)
                page = client.fetch(url)
                name, data = save.file_name(page.url, page.suffix), page.data
                save.parse_bytes(name, data)
            else:
                name, data = _read_file(Path(source))
            existing.check(name, data, replace)
        except (BulletinUnreadable, FetchFailed) as error:
            shown = without_user(url) if url else printable(os.path.abspath(source))
            skipped.append(Skipped(one_line(shown), save.error_message(error)))
            continue
        with save.saving_to(seeds):
            files.write_atomic(seeds / name, data)
        existing.note(name, data)
        added.append(name)
    return AddResult(tuple(added), tuple(skipped))


def _read_file(path: Path) -> tuple[str, bytes]:
    """Returns name and bytes of a bulletin's file; a link to an ordinary file is followed."""
    if reason := save.unfit_reason(path.name):
        raise BulletinUnreadable(reason)
    bulletin = parse(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BulletinUnreadable(f"can't be read ({os_reason(error)})") from error
    if hashlib.sha256(data).hexdigest() != bulletin.file_sha256:
        raise BulletinUnreadable("changed while it was read", remedy="Add it again")
    return path.name, data


class _ExistingFiles:
    """The folder's files by size, so that only those as large as a new one are hashed."""

    def __init__(self, seeds: Path) -> None:
        self._seeds = seeds
        self._by_size: dict[int, set[str]] = {}
        for file in list_files(seeds)[0]:
            with suppress(OSError):  # gone, or not to be opened
                self._by_size.setdefault(file.path.stat().st_size, set()).add(file.name)

    def check(self, name: str, data: bytes, replace: bool) -> None:
        digest = hashlib.sha256(data).hexdigest()
        for other in sorted(self._by_size.get(len(data), ())):
            if files.integrity_error(self._seeds / other, digest) is None:
                raise BulletinUnreadable(f"is there already, as {other}")
        path = self._seeds / name
        if path.is_dir():
            raise BulletinUnreadable(f"a folder named {name} is there. Rename one of the two")
        if os.path.lexists(path) and not replace:
            raise BulletinUnreadable(f"another file named {name} is there. Rename one of them, or remove that one")

    def note(self, name: str, data: bytes) -> None:
        self._by_size.setdefault(len(data), set()).add(name)
