"""Refused passwords in the audit log: told at once, then counted, none lost."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest

from rag import limits
from rag.admin import refused_passwords, retention
from rag.admin.refused_passwords import record, write_counts
from rag.library import audit_log

REFUSED = "sign in: refused"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which a test moves."""
    now = [time.time()]
    monkeypatch.setattr(refused_passwords.time, "time", lambda: now[0])
    return now


def entries(root: Path) -> list[tuple[str, str, int]]:
    """The log, the first first: whose, what, and of how many refusals."""
    return [(entry.who, entry.what, int(entry.of.get("times", 1))) for entry in reversed(audit_log.read(root))]


def test_a_flood_of_guesses_is_two_entries_an_hour(tmp_path: Path, clock: list[float]) -> None:
    """The first at once, and the number of the others when their hour is over; each purpose and account by itself."""
    for _ in range(300):
        record(tmp_path, "olga", REFUSED)
    record(tmp_path, "olga", "change own password: refused")
    record(tmp_path, "stefan", REFUSED)
    before = [("olga", REFUSED, 1), ("olga", "change own password: refused", 1), ("stefan", REFUSED, 1)]
    assert entries(tmp_path) == before
    clock[0] += limits.REFUSED_PASSWORDS_SECONDS
    record(tmp_path, "stefan", REFUSED)
    assert entries(tmp_path) == [*before, ("olga", REFUSED, 299), ("stefan", REFUSED, 1)]
    assert audit_log.integrity_errors(tmp_path) == []


def test_the_count_stands_before_the_sign_in_that_ends_it(tmp_path: Path) -> None:
    """A password that was guessed in the end is seen as such."""
    for _ in range(4):
        record(tmp_path, "olga", REFUSED)
    record(tmp_path, "stefan", REFUSED)
    record(tmp_path, "stefan", REFUSED)
    write_counts(tmp_path, "olga")
    write_counts(tmp_path, "olga")
    audit_log.write(tmp_path, "olga", "sign in")
    assert entries(tmp_path) == [
        ("olga", REFUSED, 1), ("stefan", REFUSED, 1), ("olga", REFUSED, 3), ("olga", "sign in", 1),
    ]  # fmt: skip


def test_what_nobody_asks_for_any_more_is_written_too(tmp_path: Path, clock: list[float]) -> None:
    """Once a day, with what is tidied then; also where the clock was set back."""
    for _ in range(3):
        record(tmp_path, "olga", REFUSED)
    retention.delete_expired(tmp_path, 90)
    assert entries(tmp_path) == [("olga", REFUSED, 1)]
    clock[0] -= limits.REFUSED_PASSWORDS_SECONDS
    retention.delete_expired(tmp_path, 90)
    assert entries(tmp_path) == [("olga", REFUSED, 1), ("olga", REFUSED, 2)]


def test_a_damaged_count_hinders_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is begun anew, and the server's log says so."""
    record(tmp_path, "olga", REFUSED)
    for damage in (b"\x00", (tmp_path / "log" / "refused.json").read_bytes().replace(b"olga", b"anna")):
        (tmp_path / "log" / "refused.json").write_bytes(damage)
        with caplog.at_level(logging.ERROR):
            record(tmp_path, "olga", REFUSED)
        assert "refused.json" in caplog.text
        caplog.clear()
    assert entries(tmp_path) == [("olga", REFUSED, 1)] * 3
