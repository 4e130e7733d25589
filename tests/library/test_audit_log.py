"""The audit log: what is written stays, and whatever is changed in it is found."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from rag import files
from rag.errors import LibraryUnwritable, OperatorRefused
from rag.library import audit_copy, audit_log
from tests.support.effort import effort


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Of twelve entries; the folder that holds it."""
    for number in range(12):
        audit_log.write(tmp_path, "olga", "publish", generation=f"g{number}", bulletins=number)
    return tmp_path / "log"


def test_entries_are_read_back_the_latest_first(tmp_path: Path, log: Path) -> None:
    """With who, what, when and of what; each holds the digest of the one before."""
    entries = audit_log.read(tmp_path)
    assert [entry.number for entry in entries] == [*range(12, 0, -1)]
    assert entries[0].of == {"generation": "g11", "bulletins": 11}
    assert [entry.previous for entry in entries] == [*(entry.sha256 for entry in entries[1:]), audit_log.FIRST]
    assert audit_log.read(tmp_path, 3) == entries[:3]
    assert audit_log.integrity_errors(tmp_path) == []
    assert (log / "audit.jsonl").stat().st_mode & 0o777 == 0o600


def test_every_changed_byte_is_found(tmp_path: Path, log: Path) -> None:
    """Wherever it is; and so is a log cut off anywhere."""
    path, draw = log / "audit.jsonl", random.Random(3)
    whole = path.read_bytes()
    for at in draw.sample(range(len(whole)), 200):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ draw.randrange(1, 256)]) + whole[at + 1 :])
        assert [found for found, _ in audit_log.integrity_errors(tmp_path)] == [path], at
    for at in draw.sample(range(len(whole)), 50):
        path.write_bytes(whole[:at])
        assert audit_log.integrity_errors(tmp_path), at
    path.unlink()
    assert audit_log.integrity_errors(tmp_path)


def test_a_line_can_not_be_left_out_swapped_or_doubled(tmp_path: Path, log: Path) -> None:
    """Though each line is what was written."""
    path = log / "audit.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    swapped, doubled = [lines[1], lines[0], *lines[2:]], [*lines, lines[-1]]
    for changed in (lines[1:], lines[:-1], [*lines[:4], *lines[5:]], swapped, doubled):
        path.write_bytes(b"".join(changed))
        assert audit_log.integrity_errors(tmp_path)


def test_a_line_written_over_with_its_own_digest_breaks_the_chain(tmp_path: Path, log: Path) -> None:
    """Who rewrites one entry has to rewrite all that follow."""
    path = log / "audit.jsonl"
    lines = path.read_bytes().splitlines()
    other = tmp_path / "other"
    forged = audit_log.write(other, "otto", "publish", generation="g0", bulletins=0)
    lines[0] = (other / "log" / "audit.jsonl").read_bytes().strip()
    path.write_bytes(b"\n".join(lines) + b"\n")
    assert forged.number == 1
    assert audit_log.integrity_errors(tmp_path) == [(path, "line 2 doesn't follow on the line before")]


def test_a_damaged_log_goes_on_and_stays_known_as_damaged(tmp_path: Path, log: Path) -> None:
    """Nobody is kept from switching the desk off by a changed byte."""
    path = log / "audit.jsonl"
    whole = path.read_bytes()
    for data in (whole[:-10] + b"?" + whole[-9:], b"\x00\n", b""):
        path.write_bytes(data)
        assert audit_log.write(tmp_path, "olga", "switch off").number >= 13
        assert audit_log.integrity_errors(tmp_path)


Files = dict[str, bytes]


def files_of(root: Path) -> Files:
    """Log and head as they lie on the disk."""
    return {name: (root / name).read_bytes() for name in (audit_log.LOG, audit_log.HEAD) if (root / name).exists()}


def put_back(root: Path, contents: Files) -> None:
    for name in (audit_log.LOG, audit_log.HEAD):
        (root / name).unlink(missing_ok=True)
        if name in contents:
            (root / name).write_bytes(contents[name])


def mutations(draw: random.Random, now: Files, earlier: Files, *, copied: bool) -> Files:
    """Log and head as somebody could leave them who wants entries forgotten; what a crash explains is left out."""
    lines = now[audit_log.LOG].splitlines(keepends=True)
    cut = draw.randrange(len(lines))
    i, j = sorted(draw.sample(range(len(lines)), 2))
    swapped = [*lines[:i], lines[j], *lines[i + 1 : j], lines[i], *lines[j + 1 :]]
    place = draw.randrange(len(lines) + 1)
    at = draw.randrange(len(now[audit_log.LOG]))
    flipped = now[audit_log.LOG][:at] + bytes([now[audit_log.LOG][at] ^ 1]) + now[audit_log.LOG][at + 1 :]
    log: list[bytes] = [
        b"".join(lines[:cut]),  # cut off
        b"".join([*lines[:cut], *lines[cut + 1 :]]),  # one taken out
        b"".join(swapped),
        b"".join([*lines[:place], lines[cut], *lines[place:]]),  # replayed
        flipped,
        earlier[audit_log.LOG],  # yesterday's log, with today's head
    ]
    choices = [{**now, audit_log.LOG: changed} for changed in log]
    choices += [{**now, audit_log.HEAD: earlier[audit_log.HEAD]}, {audit_log.LOG: now[audit_log.LOG]}]
    if copied:  # all that lies in the library, put back together or gone
        choices += [earlier, earlier, {}, {audit_log.HEAD: earlier[audit_log.HEAD]}]
    return draw.choice(choices)


@pytest.mark.parametrize("copied", [False, True], ids=["alone", "with a copy elsewhere"])
def test_what_was_done_to_the_log_stays_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copied: bool) -> None:
    """Cut, swapped, replayed, put back from an earlier day: it is named at once, and after any ordinary use."""
    root, draw = tmp_path / "library", random.Random(15)
    copy = tmp_path / "elsewhere.jsonl"
    if copied:
        monkeypatch.setenv("RAG_AUDIT_COPY", str(copy))
    states: list[Files] = []
    for number in range(12):
        audit_log.write(root, "olga", "publish", generation=f"g{number}")
        states.append(files_of(root))
    sent = copy.read_bytes() if copied else b""
    for number in range(effort(250, 5_000)):
        changed = mutations(draw, states[-1], draw.choice(states[:-2]), copied=copied)
        put_back(root, changed)
        if copied:
            copy.write_bytes(sent)
        assert audit_log.integrity_errors(root), (number, changed)
        for use in range(draw.randrange(1, 4)):
            audit_log.write(root, "otto", "sign in", use=use)
            assert audit_log.integrity_errors(root), (number, use, changed)


def test_a_crash_before_the_head_was_written_is_no_damage(tmp_path: Path) -> None:
    """The entry was on the disk and its head not yet: the next entry follows on it, be it the first or a later one."""
    for _ in range(3):
        before = files_of(tmp_path).get(audit_log.HEAD)
        audit_log.write(tmp_path, "olga", "publish")
        empty = files.dump_checksummed({"number": 0, "last": audit_log.FIRST})
        (tmp_path / audit_log.HEAD).write_bytes(before or empty)
        assert audit_log.integrity_errors(tmp_path) == []
        audit_log.write(tmp_path, "olga", "publish")
        assert audit_log.integrity_errors(tmp_path) == []


def test_a_published_library_without_a_log_is_damaged(tmp_path: Path) -> None:
    """Publishing writes an entry, so there was one."""
    assert audit_log.integrity_errors(tmp_path) == []
    (tmp_path / "CURRENT").write_text("g1")
    assert audit_log.integrity_errors(tmp_path) == [(tmp_path / audit_log.LOG, "is missing")]


def test_a_head_that_can_not_be_sent_elsewhere_stops_the_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line, which names the setting; the log is whole."""
    monkeypatch.setenv("RAG_AUDIT_COPY", str(tmp_path / "none" / "heads.jsonl"))
    with pytest.raises(LibraryUnwritable, match=r"head can't be written there.*RAG_AUDIT_COPY"):
        audit_log.write(tmp_path, "olga", "publish")
    monkeypatch.setattr(audit_copy, "_SOCKET", str(tmp_path / "no-such-socket"))
    monkeypatch.setenv("RAG_AUDIT_COPY", "syslog")
    with pytest.raises(LibraryUnwritable, match="head can't be written there"):
        audit_log.write(tmp_path, "olga", "publish")
    monkeypatch.delenv("RAG_AUDIT_COPY")
    audit_log.write(tmp_path, "olga", "publish")
    assert audit_log.integrity_errors(tmp_path) == []


def test_a_damaged_copy_keeps_nobody_from_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named as damage, before and after."""
    copy = tmp_path / "elsewhere.jsonl"
    monkeypatch.setenv("RAG_AUDIT_COPY", str(copy))
    for _ in range(2):
        audit_log.write(tmp_path, "olga", "publish")
    copy.write_bytes(b"no head\n")
    audit_log.write(tmp_path, "olga", "switch off")
    assert audit_log.integrity_errors(tmp_path) == [(copy, "a line is no head of the audit log")]


def test_the_copy_is_only_ever_added_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a file which can't be written over will do; a line that a crash cut short stays, and harms nothing."""
    copy = tmp_path / "elsewhere.jsonl"
    monkeypatch.setenv("RAG_AUDIT_COPY", str(copy))
    opened: list[int] = []
    real = os.open

    def noted(path: Path, flags: int, *args: int) -> int:
        if path == copy:
            opened.append(flags)
        return real(path, flags, *args)

    monkeypatch.setattr(os, "open", noted)
    audit_log.write(tmp_path, "olga", "publish")
    copy.write_bytes(copy.read_bytes() + b'{"number": 2, "sha2')
    for _ in range(2):
        audit_log.write(tmp_path, "olga", "publish")
    assert len(opened) == 3
    assert all(flags & os.O_APPEND and not flags & os.O_TRUNC for flags in opened)
    assert audit_log.integrity_errors(tmp_path) == []


def test_a_copy_that_lacks_its_heads_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was taken away, or holds what is no entry's number."""
    copy = tmp_path / "elsewhere.jsonl"
    monkeypatch.setenv("RAG_AUDIT_COPY", str(copy))
    for _ in range(3):
        audit_log.write(tmp_path, "olga", "publish")
    copy.write_bytes(b'{"number": -99, "sha256": ""}\n')
    assert audit_log.integrity_errors(tmp_path) == [(copy, "a line is no head of the audit log")]
    copy.unlink()
    assert [what for _, what in audit_log.integrity_errors(tmp_path)] == [
        "was not sent elsewhere as it should have been: the file of RAG_AUDIT_COPY is missing or empty"
    ]


@pytest.mark.parametrize("entries", [1, 3])
def test_a_lost_head_stays_known(tmp_path: Path, entries: int) -> None:
    """Even beside a log of one entry."""
    for _ in range(entries):
        audit_log.write(tmp_path, "olga", "publish")
    (tmp_path / audit_log.HEAD).unlink()
    assert audit_log.integrity_errors(tmp_path)
    audit_log.write(tmp_path, "olga", "publish")
    assert audit_log.integrity_errors(tmp_path)


def test_syslog_is_sent_the_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With number and digest."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "log-socket"))
        monkeypatch.setattr(audit_copy, "_SOCKET", str(tmp_path / "log-socket"))
        monkeypatch.setenv("RAG_AUDIT_COPY", "syslog")
        entry = audit_log.write(tmp_path, "olga", "publish")
        assert entry.sha256.encode() in receiver.recv(10_000)


def test_a_line_that_was_never_finished_is_no_entry(tmp_path: Path, log: Path) -> None:
    """The power went while it was written: nothing had been done yet."""
    path = log / "audit.jsonl"
    path.write_bytes(path.read_bytes() + b'{"number": 13, "at": "20')
    assert audit_log.integrity_errors(tmp_path) == []
    assert len(audit_log.read(tmp_path)) == 12
    assert audit_log.write(tmp_path, "olga", "back").number == 13
    assert audit_log.integrity_errors(tmp_path) == []


@pytest.mark.process
def test_many_processes_write_one_chain(tmp_path: Path) -> None:
    """None is lost, and none comes between."""
    code = (
        "import pathlib, sys\nfrom rag.library import audit_log\n"
        "for n in range(20): audit_log.write(pathlib.Path(sys.argv[1]), sys.argv[2], 'publish', n=n)"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, tmp_path, str(n)]) for n in range(4)]
    assert [one.wait() for one in running] == [0] * 4
    assert audit_log.integrity_errors(tmp_path) == []
    written = {(entry.who, entry.of["n"]) for entry in audit_log.read(tmp_path)}
    assert written == {(str(who), n) for who in range(4) for n in range(20)}


def test_what_fails_is_told_as_failed(tmp_path: Path) -> None:
    """The entry is there before anything is done."""

    def purge() -> None:
        with audit_log.as_actor("olga"), audit_log.recorded(tmp_path, "purge", text="abc"):
            assert audit_log.read(tmp_path)[0].what == "purge"
            raise OperatorRefused("is carried by a bulletin", where="abc")

    with pytest.raises(OperatorRefused):
        purge()
    failed = audit_log.read(tmp_path)[0]
    assert (failed.who, failed.what, failed.of["why"]) == ("olga", "purge: failed", "abc: is carried by a bulletin")
    assert audit_log.actor().startswith("command line (")


def test_names_that_are_no_text_and_long_ones(tmp_path: Path) -> None:
    """A file may be called anything."""
    audit_log.write(tmp_path, "olga", "upload", files="a\udcff\nb\u2028" + "x" * 10_000)
    assert audit_log.integrity_errors(tmp_path) == []
    entry = audit_log.read(tmp_path)[0]
    assert str(entry.of["files"]).startswith("a\\udcff\nb\u2028x")
    assert len(str(entry.of["files"])) < 2_100
    assert len((tmp_path / "log" / "audit.jsonl").read_bytes().splitlines()) == 1
    assert json.loads((tmp_path / "log" / "audit.jsonl").read_bytes())["who"] == "olga"


def test_where_it_can_not_be_written_nothing_is_done(tmp_path: Path) -> None:
    """One line says why."""
    (tmp_path / "log").write_text("a file")
    done = False
    with pytest.raises(LibraryUnwritable), audit_log.recorded(tmp_path, "purge"):
        done = True
    assert not done
    assert os.listdir(tmp_path) == ["log"]
