"""``account``, ``log`` and ``switch`` as they are typed."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from rag.admin import accounts, off_switch
from rag.cli.main import main
from rag.library import audit_log
from tests.support.accounts import PASSWORD


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def typed(root: Path, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Runs a command; its status and what it printed."""

    def run(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--library", str(root)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_an_account_from_beginning_to_end(root: Path, typed) -> None:  # type: ignore[no-untyped-def]
    """Its password is printed once, and is the right one."""
    assert "There is no account yet.  Make one" in typed("account", "list")[1]
    status, out, err = typed("account", "add", "anna", "--role", "staff")
    password = out.splitlines()[0]
    assert (status, err) == (0, "")
    assert "/staff" in out
    assert accounts.authenticate(root, "anna", password)
    assert typed("account", "role", "anna", "operator")[1].split()[:2] == ["anna", "operator"]
    assert "disabled" in typed("account", "disable", "anna")[1]
    assert accounts.authenticate(root, "anna", password) is None
    assert "disabled" not in typed("account", "enable", "anna")[1]
    renewed = json.loads(typed("account", "password", "anna", "--json")[1])
    assert accounts.authenticate(root, "anna", password) is None
    assert accounts.authenticate(root, "anna", renewed["password"])
    listed = json.loads(typed("account", "list", "--json")[1])["accounts"]
    assert [set(one) for one in listed] == [{"name", "role", "made", "changed", "disabled"}]
    assert typed("account", "remove", "anna")[:2] == (0, "anna has no account any more.\n")
    assert not accounts.has_accounts(root)
    told = [json.loads(line) for line in typed("log", "--json")[1].splitlines()]
    assert [one["what"].removeprefix("account ") for one in told] == [
        *("add", "role", "disable", "enable", "password", "remove")
    ]
    assert password not in json.dumps(told)
    assert all(one["who"].startswith("command line") for one in told)


def test_a_password_from_standard_input(root: Path, typed, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    """It isn't printed."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    status, out, _ = typed("account", "add", "anna", "--role", "operator", "--password-stdin")
    assert status == 0
    assert PASSWORD not in out
    assert accounts.authenticate(root, "anna", PASSWORD)


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (["account", "add", "a b", "--role", "staff"], 1, "can't be the name of an account"),
        (["account", "remove", "nobody"], 1, "nobody: has no account."),
        (["account", "add", "anna"], 2, "the following arguments are required: --role"),
        (["account"], 2, "the following arguments are required: ACT"),
        (["switch", "off"], 2, "a reason is missing"),
        (["switch", "on", "--reason", "x"], 2, "--reason belongs to: switch off"),
        (["log", "--last", "0"], 2, "is no number; write 1 or more"),
    ],
)
def test_what_can_not_be_done_is_one_line(typed, words: list[str], status: int, line: str) -> None:  # type: ignore[no-untyped-def]
    """With the exit status for it."""
    if words == ["account"]:
        words, found = [], (main(["account"]), "", "")
        assert found[0] == status
        return
    code, out, err = typed(*words)
    assert (code, out) == (status, "")
    assert line in err
    assert err.count("\n") == 1


def test_the_switch(root: Path, typed) -> None:  # type: ignore[no-untyped-def]
    """Off with a reason, on again, and how it stands."""
    assert typed("switch")[1] == "The desk is on.\n"
    assert "a wrong bulletin" in typed("switch", "off", "--reason", "a wrong\nbulletin")[1]
    told = json.loads(typed("switch", "--json")[1])
    assert (told["off"], told["reason"]) == (True, "a wrong bulletin")
    assert off_switch.off_state(root)
    assert typed("switch", "on")[1] == "The desk is on.\n"
    assert json.loads(typed("switch", "--json")[1]) == {"off": False, "reason": None, "since": None, "by": None}
    assert [entry.what for entry in audit_log.read(root)] == ["switch on", "switch off"]


def test_what_was_noted_long_ago_is_deleted(root: Path, typed) -> None:  # type: ignore[no-untyped-def]
    """A server does so every day by itself."""
    path = root / "log" / "unanswered.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text('{"day": "2020-01-01", "question": "elephants", "why": "x"}\n')
    told = json.loads(typed("tidy", "--json")[1])
    assert told == {"deleted": {"asked": 0, "unanswered": 1, "feedback": 0}}
    assert path.read_text() == ""
    assert "90 days ago" in typed("tidy")[1]


def test_a_switch_that_can_not_be_read_is_off(root: Path) -> None:
    """Whoever wrote it wanted the desk to be silent; turning it on puts it right."""
    off_switch.turn_off(root, "why", "olga")
    (root / off_switch.FILE).write_bytes(b"{")
    assert off_switch.off_state(root)
    off_switch.turn_on(root, "olga")
    assert off_switch.off_state(root) is None
