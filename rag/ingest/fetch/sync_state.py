"""The state of a host's pages: SEEDS/.sync/HOST.json, written before each page's file.

pages{URL: file sha256 before etag last_modified fetched_on listing gone}, format
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rag import files
from rag.errors import LibraryDamaged, OperatorRefused
from rag.ingest.fetch.save import saving_to

_FORMAT = 1
_REMEDY = "Remove it; the pages are then fetched anew"


@dataclass(frozen=True, slots=True)
class PageState:
    """What is known of one page.

    ``file`` holds the bytes with ``sha256``, or still those with ``before`` where saving was interrupted; ``listing``
    is the URL of the listing that led here; ``gone`` says that the page wasn't there when it was last requested.
    """

    file: str
    sha256: str
    before: str
    etag: str
    last_modified: str
    fetched_on: str
    listing: str
    gone: bool = False


_PAGES = TypeAdapter(dict[str, PageState])


@contextmanager
def locked(seeds: Path) -> Iterator[None]:
    """Holds the folder's lock; raises ``OperatorRefused`` where another process fetches into it."""
    what = "bulletins are being fetched into this folder already"
    busy = OperatorRefused(what, where=seeds, remedy="Wait until that is done")
    with ExitStack() as stack:
        with saving_to(seeds):
            stack.enter_context(files.locked(seeds / ".sync" / "lock", 0, busy))
        yield


def read(seeds: Path, site: str) -> dict[str, PageState]:
    """Returns the pages of a site by URL; raises ``LibraryDamaged`` where the file isn't what was written."""
    path = _path(seeds, site)
    content = files.read_checksummed(path, _REMEDY)
    if content is None:
        return {}
    if content.get("format") != _FORMAT:
        raise LibraryDamaged("is of another format", where=path, remedy=_REMEDY)
    try:
        return _PAGES.validate_python(content.get("pages"))
    except ValidationError:
        raise LibraryDamaged("holds what isn't expected", where=path, remedy=_REMEDY) from None


def write(seeds: Path, site: str, pages: Mapping[str, PageState]) -> None:
    """Writes the pages of a site; raises ``LibraryUnwritable``."""
    with saving_to(seeds):
        content = {"format": _FORMAT, "pages": {url: asdict(page) for url, page in pages.items()}}
        files.write_checksummed(_path(seeds, site), content)


def _path(seeds: Path, site: str) -> Path:
    return seeds / ".sync" / f"{re.sub(r'[^a-z0-9.-]', '_', site)}.json"
