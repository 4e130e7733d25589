"""The off switch: while it is off, the desk answers nobody but its operators, with a sentence.

library/off.json, sealed.  One that can't be read counts as off: whoever wrote it wanted the desk to be silent.
"""

from __future__ import annotations

import datetime as dt
import functools
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rag import files, limits
from rag.errors import LibraryDamaged, SettingInvalid, one_line
from rag.library import audit_log

LOG = logging.getLogger(__name__)
FILE = "off.json"
_REMEDY = "Run: python -m rag switch on"


@dataclass(frozen=True, slots=True)
class Off:
    """``reason`` is for the audit log and the operators, ``line`` for the public."""

    reason: str
    since: str
    by: str

    @property
    def line(self) -> str:
        return "The desk is switched off for the moment. Please try again later."


def turn_off(root: Path, reason: str, who: str) -> None:
    """From now on, in every server of the library.

    Raises:
        SettingInvalid: no reason, or a long one. LibraryUnwritable.
    """
    reason = one_line(reason)
    if not 0 < len(reason) <= limits.MAX_OFF_REASON_CHARS:
        raise SettingInvalid(
            "no reason is given, or a long one", remedy=f"Say in 1 to {limits.MAX_OFF_REASON_CHARS} characters why"
        )
    with (
        audit_log.as_actor(who),
        audit_log.recorded(root, "switch off", reason=reason),
        files.translate_os_errors(root),
    ):
        files.write_checksummed(
            root / FILE, asdict(Off(reason, dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), who))
        )


def turn_on(root: Path, who: str) -> None:
    """Raises LibraryUnwritable."""
    with audit_log.as_actor(who), audit_log.recorded(root, "switch on"), files.translate_os_errors(root):
        (root / FILE).unlink(missing_ok=True)
        if root.exists():
            files.sync_folder(root)


def off(root: Path) -> Off | None:
    """Why the desk is off, None where it isn't; it takes microseconds."""
    path = root / FILE
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        LOG.error("%s: %s", path, error)
        return Off("", "", "")
    return _read(path, (stat.st_mtime_ns, stat.st_ino, stat.st_size))


@functools.lru_cache(maxsize=8)
def _read(path: Path, version: tuple[int, int, int]) -> Off | None:
    try:
        content = files.read_checksummed(path, _REMEDY)
        return None if content is None else TypeAdapter(Off).validate_python(content)
    except (LibraryDamaged, ValidationError) as error:
        LOG.error("%s", error)
        return Off(f"{path} can't be read", "", "")
