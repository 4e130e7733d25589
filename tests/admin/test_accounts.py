"""Accounts, their passwords and sessions: who is let in, for how long, and who never."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from itsdangerous import URLSafeTimedSerializer

from rag.admin import accounts, sessions
from rag.errors import AccountRefused, LibraryDamaged
from tests.support.accounts import PASSWORD, add_account, session_cookie


def test_the_right_password_and_no_other(tmp_path: Path) -> None:
    """Whatever the case of the name; nobody has an account unasked."""
    assert not accounts.has_accounts(tmp_path)
    assert accounts.authenticate(tmp_path, "olga", PASSWORD) is None
    accounts.add(tmp_path, "Olga", "operator", PASSWORD)
    assert accounts.has_accounts(tmp_path)
    for name in ("Olga", "olga", "OLGA"):
        found = accounts.authenticate(tmp_path, name, PASSWORD)
        assert found
        assert (found.name, found.role) == ("Olga", "operator")
    for wrong in ("", PASSWORD[:-1], PASSWORD.upper(), f"{PASSWORD} ", "x" * 10_000, "\udcff"):
        assert accounts.authenticate(tmp_path, "Olga", wrong) is None
    assert accounts.authenticate(tmp_path, "olgä", PASSWORD) is None


def test_nothing_of_a_password_is_kept_but_an_argon2id_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a file for its owner alone; two accounts with one password have two hashes."""
    monkeypatch.undo()  # the real cost
    accounts.add(tmp_path, "anna", "staff", PASSWORD)
    accounts.add(tmp_path, "bert", "staff", PASSWORD)
    path = tmp_path / accounts.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert PASSWORD not in path.read_text()
    one, other = (found.password for found in accounts.list_accounts(tmp_path))
    assert one.startswith("$argon2id$v=19$m=65536,")
    assert one != other
    assert {found.name for found in tmp_path.iterdir()} == {accounts.FILE, "accounts.lock"}


def test_made_passwords_are_long_and_never_the_same() -> None:
    """Four groups of five of 36 characters each: 103 bits."""
    made = {accounts.new_password() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(len(one) == 23 and one.count("-") == 3 for one in made)


@pytest.mark.parametrize(
    ("name", "role", "password", "line"),
    [
        ("", "staff", PASSWORD, "can't be the name"),
        ("a/b", "staff", PASSWORD, "can't be the name"),
        (".anna", "staff", PASSWORD, "can't be the name"),
        ("anna\n", "staff", PASSWORD, "can't be the name"),
        ("x" * 41, "staff", PASSWORD, "can't be the name"),
        ("ánna", "staff", PASSWORD, "can't be the name"),
        ("anna", "root", PASSWORD, "is no role"),
        ("anna", "staff", "x" * 5 + "abcdefghi", "the password has 14 characters"),
        ("anna", "staff", "ab" * 101, "the password has 202 characters"),
        ("anna", "staff", "aaaaabbbbbcccccddddd", "easily guessed"),
        ("anna", "staff", "the password of Anna", "easily guessed"),
        ("OLGA", "staff", PASSWORD, "has an account already"),
    ],
)
def test_what_is_no_account_is_refused_in_one_line(
    tmp_path: Path, name: str, role: accounts.Role, password: str, line: str
) -> None:
    """And nothing is changed."""
    add_account(tmp_path)
    before = (tmp_path / accounts.FILE).read_bytes()
    with pytest.raises(AccountRefused, match=line) as refused:
        accounts.add(tmp_path, name, role, password)
    assert "\n" not in str(refused.value)
    assert password not in str(refused.value)
    assert (tmp_path / accounts.FILE).read_bytes() == before


@pytest.mark.process
def test_a_session_holds_in_every_process_until_it_is_ended(tmp_path: Path) -> None:
    """It needs nothing but the accounts' file, so that it outlives a restart."""
    value = session_cookie(tmp_path)
    code = (
        "import pathlib, sys\nfrom rag.admin import sessions\n"
        "print(sessions.account_of(pathlib.Path(sys.argv[1]), sys.argv[2]))"
    )
    other = subprocess.run([sys.executable, "-c", code, tmp_path, value], capture_output=True, text=True, check=True)
    assert "name='olga'" in other.stdout
    accounts.end_sessions(tmp_path, "olga")
    assert sessions.account_of(tmp_path, value) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda root: accounts.set_password(root, "olga", accounts.new_password()),
        lambda root: accounts.set_role(root, "olga", "staff"),
        lambda root: accounts.disable(root, "olga", True),
        lambda root: accounts.remove(root, "olga"),
        lambda root: accounts.end_sessions(root, "olga"),
    ],
)
def test_a_change_of_the_account_ends_its_sessions(tmp_path: Path, change: object) -> None:
    """And those of no other account; enabling it again brings none back."""
    value, other = session_cookie(tmp_path), session_cookie(tmp_path, "staff")
    assert callable(change)
    change(tmp_path)
    assert sessions.account_of(tmp_path, value) is None
    assert sessions.account_of(tmp_path, other)
    if accounts.find(tmp_path, "olga"):
        accounts.disable(tmp_path, "olga", False)
        assert sessions.account_of(tmp_path, value) is None


def test_a_session_is_of_one_account_and_not_of_its_name(tmp_path: Path) -> None:
    """Somebody else's account of the same name isn't entered with it, however often its sessions were ended."""
    value = session_cookie(tmp_path)
    accounts.remove(tmp_path, "olga")
    accounts.add(tmp_path, "Olga", "operator", PASSWORD)
    for _ in range(3):
        assert sessions.account_of(tmp_path, value) is None
        accounts.end_sessions(tmp_path, "olga")


@pytest.mark.parametrize(("seconds", "held"), [(0, True), (12 * 3600 - 5, True), (12 * 3600 + 5, False), (-60, False)])
def test_a_session_lasts_twelve_hours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int, held: bool
) -> None:
    """One from the future is none: the clock was set back."""
    value, now = session_cookie(tmp_path), time.time
    monkeypatch.setattr(time, "time", lambda: now() + seconds)
    assert bool(sessions.account_of(tmp_path, value)) is held


def test_a_forged_session_is_nobodys(tmp_path: Path) -> None:
    """Of another library, changed in any place, cut, or signed over something else."""
    value = session_cookie(tmp_path)
    add_account(tmp_path / "other")
    forged = [value[:at] + ("A" if value[at] != "A" else "B") + value[at + 1 :] for at in range(len(value) - 1)]
    secret = accounts.session_secret(tmp_path)
    for content in ("olga", ["olga"], {"olga": 0}, ["olga", "0"], ["olga", True, 1], [0, 0], None, ["olga", "", 0]):
        forged.append(URLSafeTimedSerializer(secret, salt="another").dumps(content))
        forged.append(sessions._signer(secret).dumps(content))
    forged += ["", ".", "..", "x" * 10_000, "\x00", f"{value}.x", value[:-1], session_cookie(tmp_path / "other")]
    assert sessions.account_of(tmp_path, value)
    assert [one for one in forged if sessions.account_of(tmp_path, one)] == []


def test_no_secret_is_no_key(tmp_path: Path) -> None:
    """Where there is no account, a session signed with nothing isn't one."""
    value = sessions._signer("").dumps(["olga", "", 0])
    assert sessions.account_of(tmp_path, value) is None


def test_damaged_accounts_let_nobody_in(tmp_path: Path) -> None:
    """Whatever byte was changed, one line says so."""
    value = session_cookie(tmp_path)
    path = tmp_path / accounts.FILE
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(LibraryDamaged, match=r"accounts\.json"):
            sessions.account_of(tmp_path, value)
    path.write_text(json.dumps({"accounts": []}))
    with pytest.raises(LibraryDamaged):
        accounts.authenticate(tmp_path, "olga", PASSWORD)


def test_changes_at_once_lose_nothing(tmp_path: Path) -> None:
    """Each waits for the one before."""
    add_account(tmp_path)
    ends = [threading.Thread(target=accounts.end_sessions, args=[tmp_path, "olga"]) for _ in range(20)]
    for thread in ends:
        thread.start()
    for thread in ends:
        thread.join()
    found = accounts.find(tmp_path, "olga")
    assert found
    assert found.ends == 20
