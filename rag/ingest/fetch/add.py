"""Adds single bulletins to the folder: files are copied, pages are fetched."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag import files
from rag.errors import BulletinUnreadable, FetchFailed, one_line, os_reason
from rag.ingest.fetch import filenames, save
from rag.ingest.folders import Skipped, list_files, printable
from rag.ingest.parse import parse

if TYPE_CHECKING:
    from rag.ingest.fetch.client import Client


@dataclass(frozen=True, slots=True)
class AddResult:
    """``files`` are the names in the folder; each ``skipped`` source is named by its URL or its absolute path."""

    files: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def fetch_page(url: str, client: Client) -> tuple[str, bytes]:
    """Returns a name for the page's file, and its bytes as they came.

    Raises:
        FetchFailed: the page can't be fetched, or may not be.
    """
    page = client.fetch(url)
    return filenames.from_url(page.url, page.suffix), page.data


def add(
    sources: Sequence[str | Path],
    seeds: Path,
    client_factory: Callable[[], Client],
    hosts: Sequence[str],
    *,
    replace: bool = False,
) -> AddResult:
    """Adds files and pages to the folder; ``replace`` allows it where another file of that name is there.

    ``client_factory`` is called once, and only where there is a page to fetch from one of ``hosts``.

    Raises:
        SeedsMissing, LibraryUnwritable: there is no such folder, or it can't be written.
        SettingInvalid: one of ``hosts`` can't be a host's name.
    """
    save.require_folder(seeds)
    existing = _ExistingFiles(seeds)
    client: Client | None = None
    added: list[str] = []
    skipped: list[Skipped] = []
    for source in sources:
        url = source if isinstance(source, str) and "://" in source else None
        try:
            if url:
                _check_host(url, hosts)
                client = client or client_factory()
                name, data = fetch_page(url, client)
                save.parse_bytes(name, data)
            else:
                name, data = _read_file(Path(source))
            existing.check(name, data, replace)
        except (BulletinUnreadable, FetchFailed) as error:
            shown = _without_user(url) if url else printable(os.path.abspath(source))
            skipped.append(Skipped(one_line(shown), save.error_message(error)))
            continue
        save.write(seeds, name, data)
        existing.note(name, data)
        added.append(name)
    return AddResult(tuple(added), tuple(skipped))


def _check_host(url: str, hosts: Sequence[str]) -> None:
    from rag.ingest.fetch.urls import HostAllowlist

    if not hosts:
        raise FetchFailed("no host may be fetched from yet", remedy="Name the hosts in RAG_HOSTS")
    HostAllowlist(hosts).check(url)


def _without_user(url: str) -> str:
    from rag.ingest.fetch.urls import without_user

    return without_user(url)


def _read_file(path: Path) -> tuple[str, bytes]:
    """Returns name and bytes of a bulletin's file; a link to an ordinary file is followed.

    Raises:
        BulletinUnreadable: it can't be a bulletin's.
    """
    if reason := filenames.unfit_reason(path.name):
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
        """Refuses a file that is there already, or whose name is taken.

        Raises:
            BulletinUnreadable: it is refused.
        """
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
        """Adds a file that was written."""
        self._by_size.setdefault(len(data), set()).add(name)
