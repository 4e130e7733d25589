"""The operator's token and the sessions that it opens: who is let in, for how long, and who never."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag import verify
from rag.errors import LibraryDamaged
from rag.operating import token
from tests.conftest import ROOT


def test_only_the_token_made_last_opens(tmp_path: Path) -> None:
    """An earlier one is void, and so is anything near the right one."""
    assert not token.exists(tmp_path)
    assert not token.check(tmp_path, "")
    first = token.make(tmp_path)
    assert token.exists(tmp_path)
    assert token.check(tmp_path, first)
    assert token.check(tmp_path, f"  {first}\n")  # as pasted
    second = token.make(tmp_path)
    assert second != first
    assert token.check(tmp_path, second)
    for wrong in (first, "", second[:-1], f"{second}x", second.swapcase(), "密码", "\ud800", "\0"):
        assert not token.check(tmp_path, wrong)


def test_a_token_has_at_least_192_bits_and_is_not_kept(tmp_path: Path) -> None:
    """Its letters are those of an address, 6 bits each; its file holds its digest and nothing that it is made from."""
    tokens = {token.make(tmp_path) for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(one) * 6 >= 192 for one in tokens)
    for path in tmp_path.rglob("*"):
        assert not any(one in path.read_text() for one in tokens)


def test_nobody_else_on_the_machine_may_read_its_file(tmp_path: Path) -> None:
    """A session could be signed with what it holds."""
    token.make(tmp_path)
    assert stat.S_IMODE((tmp_path / token.FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [token.FILE]


def test_a_session_holds_in_every_process_until_a_new_token_is_made(tmp_path: Path) -> None:
    """Another process reads the same file and knows the session."""
    token.make(tmp_path)
    session = token.new_session(tmp_path)
    script = (
        "import pathlib, sys\n"
        "from rag.operating import token\n"
        "print(token.holds(pathlib.Path(sys.argv[1]), sys.argv[2]))"
    )
    command = [sys.executable, "-c", script, str(tmp_path), session]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "True\n"
    token.make(tmp_path)
    assert not token.holds(tmp_path, session)


def test_a_session_ends_after_twelve_hours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does one hold before it was given out: the clock was set back, or it was made up."""
    token.make(tmp_path)
    now = time.time()
    session = token.new_session(tmp_path)
    for later, held in ((0, True), (12 * 3600 - 5, True), (12 * 3600 + 1, False), (-60, False)):
        monkeypatch.setattr(time, "time", lambda later=later: now + later)
        assert token.holds(tmp_path, session) is held


def test_a_forged_session_does_not_hold(tmp_path: Path) -> None:
    """Not one of another library, not one with its end put off, not rubbish."""
    token.make(tmp_path / "own")
    token.make(tmp_path / "other")
    until, nonce, signature = token.new_session(tmp_path / "own").split(".")
    forged = [
        token.new_session(tmp_path / "other"),
        f"{int(until) + 60}.{nonce}.{signature}",
        f"{until}.{nonce[::-1]}.{signature}",
        f"{until}.{nonce}.{'0' * 64}",
        f"{until}.{nonce}.",
        f"{until}.{nonce}.{signature}\n",
        f"٣{until[1:]}.{nonce}.{signature}",
        "",
        "..",
        "\ud800",
    ]
    assert not any(token.holds(tmp_path / "own", one) for one in forged)
    assert not token.holds(tmp_path / "none", f"{until}.{nonce}.{signature}")


def test_a_damaged_file_lets_nobody_in_and_is_named(tmp_path: Path, library: Path) -> None:
    """Not silently as if there were no token; ``verify`` names it, and a new token mends it."""
    made = token.make(library)
    path = library / token.FILE
    for damaged in (path.read_bytes().replace(b"a", b"b", 1), b"", json.dumps({"token_sha256": "0"}).encode()):
        path.write_bytes(damaged)
        for look in (token.exists, lambda root: token.check(root, made), token.new_session):
            with pytest.raises(LibraryDamaged, match="operator-token"):
                look(library)
    assert [one.where for one in verify.verify(library).damage] == [str(path)]
    assert token.check(library, token.make(library))
    assert verify.verify(library).damage == ()
