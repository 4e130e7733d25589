"""The off switch: while it is off, everybody but the operators gets one sentence instead of a page.

library/off.json, checksummed.  A file that can't be read counts as off: whoever wrote it wanted the desk to be silent.
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
class OffState:
    """Why, since when and by whom the desk is switched off; ``reason`` is for the audit log and the operators."""

    reason: str
    since: str
    by: str

    @property
    def line(self) -> str:
        """The sentence for the public."""
        return "The desk is switched off for the moment. Please try again later."


_OFF_STATE = TypeAdapter(OffState)


def turn_off(root: Path, reason: str, who: str) -> None:
    """Switches off every server of the library.

    Raises:
        SettingInvalid: no reason, or a long one. LibraryUnwritable: the file can't be written.
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
        since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        files.write_checksummed(root / FILE, asdict(OffState(reason, since, who)))


def turn_on(root: Path, who: str) -> None:
    """Switches every server of the library on again.  Raises LibraryUnwritable: the file can't be removed."""
    with audit_log.as_actor(who), audit_log.recorded(root, "switch on"), files.translate_os_errors(root):
        (root / FILE).unlink(missing_ok=True)
        if root.exists():
            files.sync_folder(root)


def off_state(root: Path) -> OffState | None:
    """Why the desk is off, None where it is on; takes microseconds, as the file is read only when it changes."""
    path = root / FILE
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        LOG.error("%s: %s", path, error)
        return OffState("", "", "")
    return _read(path, (stat.st_mtime_ns, stat.st_ino, stat.st_size))


@functools.lru_cache(maxsize=8)
def _read(path: Path, version: tuple[int, int, int]) -> OffState | None:
    try:
        content = files.read_checksummed(path, _REMEDY)
        return None if content is None else _OFF_STATE.validate_python(content)
    except (LibraryDamaged, ValidationError) as error:
        LOG.error("%s", error)
        return OffState(f"{path} can't be read", "", "")
