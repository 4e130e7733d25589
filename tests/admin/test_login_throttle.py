"""How often somebody may try to sign in, over several servers."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag import limits
from rag.admin import login_throttle


def test_ten_in_five_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each account and each address; a try that was refused doesn't prolong the wait."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    assert [login_throttle.take(tmp_path, ["account olga", f"address {n}"]) for n in range(10)] == [0.0] * 10
    assert login_throttle.take(tmp_path, ["account olga", "address 99"]) == 300.0
    assert login_throttle.take(tmp_path, ["account OLGA", "address 98"]) == 300.0
    assert login_throttle.take(tmp_path, ["account anna", "address 1"]) == 0.0
    monkeypatch.setattr(time, "time", lambda: now + 299)
    assert 0 < login_throttle.take(tmp_path, ["account olga", "address 97"]) <= 1.0
    monkeypatch.setattr(time, "time", lambda: now + 301)
    assert login_throttle.take(tmp_path, ["account olga", "address 97"]) == 0.0


def test_a_right_one_does_not_count(tmp_path: Path) -> None:
    """However often."""
    keys = ["account olga", "address 1"]
    for _ in range(30):
        assert login_throttle.take(tmp_path, keys) == 0.0
        login_throttle.accept(tmp_path, keys)


def test_nobody_is_locked_out_of_a_known_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by tries of the account from elsewhere nor by everybody's; from there too, guesses have a limit."""
    monkeypatch.setattr(limits, "MAX_LOGIN_TRIES_OF_ALL", 40)
    keys, place = ["account olga", "address 1"], "account olga at 1"
    assert login_throttle.take(tmp_path, keys, place) == 0.0
    login_throttle.accept(tmp_path, keys, place)
    for n in range(60):
        login_throttle.take(tmp_path, ["account olga", f"address {n % 5}"], f"account olga at {n}, elsewhere")
        login_throttle.take(tmp_path, [f"account {n}", f"address {n}"])
    assert login_throttle.take(tmp_path, ["account olga", "address 9"], "account olga at 9") > 0
    assert login_throttle.take(tmp_path, ["account anna", "address 1"], "account anna at 1") > 0
    for _ in range(20):
        assert login_throttle.take(tmp_path, keys, "account Olga at 1") == 0.0
        login_throttle.accept(tmp_path, keys, place)
    assert [login_throttle.take(tmp_path, keys, place) > 0 for _ in range(11)] == [False] * 10 + [True]


def test_a_place_is_known_for_a_month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then tries from elsewhere count there, too."""
    login_throttle.accept(tmp_path, ["account olga"], "account olga at 1")
    now = time.time()
    for seconds, is_known in ((limits.KNOWN_PLACE_SECONDS - 10, True), (limits.KNOWN_PLACE_SECONDS + 10, False)):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: now + seconds)
        for _ in range(10):
            login_throttle.take(tmp_path, ["account olga"], "account olga elsewhere")
        assert (login_throttle.take(tmp_path, ["account olga"], "account olga at 1") == 0) is is_known


def test_known_places_are_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest is forgotten first."""
    monkeypatch.setattr(limits, "MAX_KNOWN_PLACES", 3)
    for n in range(6):
        login_throttle.accept(tmp_path, ["account olga"], f"account olga at {n}")
    for _ in range(10):
        login_throttle.take(tmp_path, ["account olga"])
    waits = [login_throttle.take(tmp_path, ["account olga"], f"account olga at {n}") for n in (2, 3, 5)]
    assert [wait > 0 for wait in waits] == [True, False, False]


@pytest.mark.process
def test_it_is_counted_over_all_processes(tmp_path: Path) -> None:
    """Of forty tries in four processes ten are taken."""
    code = (
        "import pathlib, sys\nfrom rag.admin import login_throttle\n"
        "print(sum(login_throttle.take(pathlib.Path(sys.argv[1]), ['account olga']) == 0 for _ in range(10)))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE) for _ in range(4)]
    assert sum(int(one.communicate()[0]) for one in running) == 10


def test_everybody_together_has_a_limit_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each try costs a processor's time, whoever makes it; what is noted stays small."""
    monkeypatch.setattr(limits, "MAX_LOGIN_TRIES_OF_ALL", 25)
    taken = [login_throttle.take(tmp_path, [f"account {n}", f"address {n}"]) for n in range(60)]
    assert [wait == 0 for wait in taken] == [True] * 25 + [False] * 35
    assert (tmp_path / "log" / "tries.json").stat().st_size < 10_000


def test_neither_account_nor_address_can_be_read_from_it(tmp_path: Path) -> None:
    """And after five minutes nothing of them is left."""
    login_throttle.take(tmp_path, ["account olga", "address 192.0.2.7"])
    noted = (tmp_path / "log" / "tries.json").read_text()
    assert "olga" not in noted
    assert "192.0.2.7" not in noted
    with pytest.MonkeyPatch.context() as patch:
        now = time.time
        patch.setattr(time, "time", lambda: now() + 301)
        login_throttle.take(tmp_path, ["account anna"])
    assert len((tmp_path / "log" / "tries.json").read_text()) < len(noted)


def test_a_damaged_note_is_begun_anew(tmp_path: Path) -> None:
    """Nobody is kept out for good by a changed byte."""
    login_throttle.take(tmp_path, ["account olga"])
    (tmp_path / "log" / "tries.json").write_bytes(b"\x00")
    assert login_throttle.take(tmp_path, ["account olga"]) == 0.0
