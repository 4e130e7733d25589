"""What befalls a library on its disk, each fault tried a few times; ``make soak`` tries each for long."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.all import FAULTS, TABLE

pytestmark = pytest.mark.process


def tried(name: str, folder: Path) -> None:
    outcome = FAULTS[name].run(folder, short=True)
    assert outcome.tried > 0
    assert outcome.failed == 0, (outcome.what, outcome.details)


def test_kills(tmp_path: Path) -> None:
    """Killed at whatever step or moment, the library is the one before or after, and the next indexing works."""
    tried("kills", tmp_path)


def test_power(tmp_path: Path) -> None:
    """The same where the disk loses all that nobody waited for."""
    tried("power", tmp_path)


def test_full_disk(tmp_path: Path) -> None:
    """One line, the library before answers all the while, nothing half-written stays; with space again it works."""
    tried("disk", tmp_path)


def test_damage(tmp_path: Path) -> None:
    """Every changed, cut-off or lost file is named by verify, nothing wrong is shown, and indexing makes it good."""
    tried("damage", tmp_path)


def test_two_writers(tmp_path: Path) -> None:
    """One wins and the other is told, or they come one after the other; never a mixture."""
    tried("writers", tmp_path)


def test_deleted(tmp_path: Path) -> None:
    """No question fails; the bulletin is gone once indexed, and its old quote opens as withdrawn."""
    tried("deleted", tmp_path)


def test_clock(tmp_path: Path) -> None:
    """Generations and the versions of a text keep their order."""
    tried("clock", tmp_path)


def test_unmounted(tmp_path: Path) -> None:
    """Nothing changes, and one line names the folder."""
    tried("unmounted", tmp_path)


def test_bad_input(tmp_path: Path) -> None:
    """Each file is named with its reason, the rest goes on, and memory stays bounded."""
    tried("input", tmp_path)


def test_load(tmp_path: Path) -> None:
    """No question fails and no answer mixes generations, while bulletins come and go."""
    tried("load", tmp_path)


def test_the_table_is_that_of_the_figures() -> None:
    """docs/reliability.md says what make soak found, of every fault, and names tests that there are."""
    figures = TABLE.kept()
    assert list(figures) == list(FAULTS)
    page = TABLE.page.read_text(encoding="utf-8")
    assert TABLE.with_table(page, figures) == page
    assert {fault.test for fault in FAULTS.values()} <= set(globals())
    assert [name for name, one in figures.items() if one["failed"]] == []
