"""Puts single bulletins into the folder: files that are copied, and pages that are fetched."""

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
class Added:
    """``files`` are the names in the folder; each ``skipped`` one is named by its URL or its whole path."""

    files: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def fetch_one(url: str, client: Client) -> tuple[str, bytes]:
    """A name for the page's file, and its bytes as they came.

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
) -> Added:
    """Puts files and pages into the folder; ``replace`` allows it where another file of that name is there.

    ``client_factory`` is called once, and only where there is a page to fetch from one of ``hosts``.

    Raises:
        SeedsMissing, LibraryUnwritable: there is no such folder, or it can't be written.
        SettingInvalid: one of ``hosts`` can't be a host's name.
    """
    save.require(seeds)
    held = _Held(seeds)
    client: Client | None = None
    added: list[str] = []
    skipped: list[Skipped] = []
    for source in sources:
        is_url = isinstance(source, str) and "://" in source
        try:
            if is_url:
                _check_host(str(source), hosts)
                client = client or client_factory()
                name, data = fetch_one(str(source), client)
                save.read(name, data)
            else:
                name, data = _read_file(Path(source))
            if refusal := held.refusal(name, data, replace):
                raise BulletinUnreadable(refusal)
        except (BulletinUnreadable, FetchFailed) as error:
            shown = _shown(str(source)) if is_url else printable(os.path.abspath(source))
            skipped.append(Skipped(one_line(shown), save.reason(error)))
            continue
        save.save(seeds, name, data)
        held.note(name, data)
        added.append(name)
    return Added(tuple(added), tuple(skipped))


def _check_host(url: str, hosts: Sequence[str]) -> None:
    from rag.ingest.fetch.urls import Hosts

    if not hosts:
        raise FetchFailed("no host may be fetched from yet", remedy="Name the hosts in RAG_HOSTS")
    Hosts(hosts).check(url)


def _shown(url: str) -> str:
    from rag.ingest.fetch.urls import without_user

    return without_user(url)


def _read_file(path: Path) -> tuple[str, bytes]:
    """Name and bytes of a bulletin's file; a link is read through where it leads to an ordinary file.

    Raises:
        BulletinUnreadable: it can't be one.
    """
    if refusal := filenames.unfit(path.name):
        raise BulletinUnreadable(refusal)
    bulletin = parse(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BulletinUnreadable(f"can't be read ({os_reason(error)})") from error
    if hashlib.sha256(data).hexdigest() != bulletin.file_sha256:
        raise BulletinUnreadable("changed while it was read", remedy="Add it again")
    return path.name, data


class _Held:
    """What the folder holds, by size; digests are made of files that are as large as a new one."""

    def __init__(self, seeds: Path) -> None:
        self._seeds = seeds
        self._by_size: dict[int, set[str]] = {}
        for file in list_files(seeds)[0]:
            with suppress(OSError):  # gone, or not to be opened
                self._by_size.setdefault(file.path.stat().st_size, set()).add(file.name)

    def refusal(self, name: str, data: bytes, replace: bool) -> str | None:
        """Why these bytes aren't put there under this name; None where they can be."""
        digest = hashlib.sha256(data).hexdigest()
        for other in sorted(self._by_size.get(len(data), ())):
            if files.integrity_error(self._seeds / other, digest) is None:
                return f"is there already, as {other}"
        path = self._seeds / name
        if path.is_dir():
            return f"a folder named {name} is there. Rename one of the two"
        if os.path.lexists(path) and not replace:
            return f"another file named {name} is there. Rename one of them, or remove that one"
        return None

    def note(self, name: str, data: bytes) -> None:
        self._by_size.setdefault(len(data), set()).add(name)
