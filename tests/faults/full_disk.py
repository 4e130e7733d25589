"""The disk is full: when indexing begins, or at any write from then on.

A tmpfs of 16 MB, mounted for one child process alone, holds the library.  Just before the first text is encoded, so
after the look for space, a file takes all of the disk but a few blocks; with each try a block more is left, so that
another write is the one that fails.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import LibraryUnwritable
from rag.library import generations, publishing
from rag.library.build.update import update_library
from rag.library.manifest import all_manifests
from tests.faults.bulletins import State, bulletins, change, damage, path_of, state, unfinished
from tests.faults.command import rag
from tests.faults.outcome import Outcome, failures
from tests.support.hashing_encoder import HashingEncoder

FAULT = "a full disk"
DUTY = "one line; the library before answers all the while; nothing half-written stays; with space again it works"
_BLOCK = 4096
_MOST = 200  # blocks left at the last try; far sooner there is room for everything
_HIDDEN = ["--mount", "--propagation", "private"]


def run(folder: Path, *, every: int = 1) -> Outcome:
    """Each number of blocks left is tried, or every so many."""
    prefix, how = _small_disk(folder / "disk")
    (folder / "disk").mkdir()
    command = [*prefix, sys.executable, "-m", __name__, str(folder), how, str(every)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
    if done.returncode:
        raise RuntimeError(f"the child on the small disk ended with {done.returncode}: {done.stderr[-2000:]}")
    found = json.loads(done.stdout)
    what = (
        f"{how}; {found['refused']} times for want of room before it began, {found['full']} times half-way;"
        f" meanwhile {found['asked']} readers opened it and asked: {found['unanswered']} failed"
    )
    details = {"how": how, "asked": found["asked"]} | failures(found["problems"])
    return Outcome(FAULT, found["tried"], found["failed"], what, details)


TMPFS = "a disk of 16 MB"
LIMIT = "no disk can be mounted here, so a limit on the size of files"


def _small_disk(at: Path) -> tuple[list[str], str]:
    """What to put before a command so that it sees a small disk there, and what is done; nobody else sees it, and it
    goes with the command."""
    mount = ["sh", "-c", 'mount -t tmpfs -o size=16m tmpfs "$0" && exec "$@"', str(at)]
    for way in (["unshare", *_HIDDEN], ["unshare", "--map-root-user", *_HIDDEN]):
        try:
            with tempfile.TemporaryDirectory() as folder:
                subprocess.run([*way, *mount[:-1], folder, "true"], capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return [*way, *mount], TMPFS
    print("full disk: no tmpfs may be mounted here; a limit on the size of files stands in for it", file=sys.stderr)
    return [], LIMIT


@dataclass(slots=True)
class _Trials:
    """Tries on a library at ``root``, over and over; the rest counts what came of them."""

    folder: Path
    disk: Path
    fill: Callable[[int | None], None]
    tried: int = 0
    failed: int = 0
    refused: int = 0
    full: int = 0
    asked: int = 0
    unanswered: int = 0
    problems: list[str] = field(default_factory=list)

    def without_room(self, name: str, act: Callable[[Path, Callable[[], None]], None], every: int) -> None:
        """Until there is room for it, at a few blocks more each time."""
        whole, root = self.disk / "whole", self.disk / "library"
        shutil.copytree(whole, root)
        act(root, lambda: None)
        before, after = state(whole), state(root)
        shutil.rmtree(root)
        for blocks in range(0, _MOST, every):
            shutil.copytree(whole, root)
            found, done = self._one(root, act, blocks, before, after)
            shutil.rmtree(root)
            self.tried += 1
            self.failed += bool(found)
            self.problems += [f"{name}, {blocks} blocks left: {line}" for line in found]
            if done:
                return
        raise RuntimeError(f"{name}: {_MOST} blocks weren't enough")

    def _one(
        self,
        root: Path,
        act: Callable[[Path, Callable[[], None]], None],
        blocks: int,
        before: State,
        after: State,
    ) -> tuple[list[str], bool]:
        problems, done = [], False
        held, files = all_manifests(root), _files(root)
        with self._asking(root, (before, after)):
            try:
                act(root, lambda: self.fill(blocks * _BLOCK))
                done = True
            except LibraryUnwritable as error:
                line = str(error)
                self.full += "is full" in line or "can't be written" in line
                self.refused += "are needed" in line
                now = state(root)
                if "\n" in line or not ("nothing was changed" in line or "can't be written" in line):
                    problems.append(f"said {line!r}")
                if now != before and ("nothing was changed" in line or now != after):
                    problems.append(f"said {line!r} of a library that had changed")
                prepared = set(all_manifests(root)) - set(held)  # what needs no more room can be gone on with
                if not prepared and _files(root) != files:
                    problems.append(f"left {sorted(_files(root) - files)}")
            except Exception as error:  # noqa: BLE001
                problems.append(repr(error))
        problems += [f"kept {left}" for left in unfinished(root)] + damage(root)
        self.fill(None)
        act(root, lambda: None)
        if state(root) != after or damage(root):
            problems.append("with space again it didn't work")
        return problems, done

    @contextmanager
    def _asking(self, root: Path, states: tuple[State, State]) -> Iterator[None]:
        """Readers of their own, one after another, for as long as it lasts."""
        over = threading.Event()

        def ask() -> None:
            while not over.is_set():
                try:
                    right = state(root) in states
                except Exception as error:  # noqa: BLE001
                    right = False
                    self.problems.append(f"a reader met {error!r}")
                self.asked += 1
                self.unanswered += not right

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _on_the_disk(folder: Path, how: str, every: int) -> dict[str, Any]:
    """All tries; run it in a process that sees the small disk."""
    seeds, disk = folder / "bulletins", folder / "disk"
    bulletins(seeds, *range(5))
    (seeds / "empty.txt").touch()  # so that the list of unreadable files is written too
    trials = _Trials(seeds, disk, _filler(disk, how))
    _index(seeds, disk / "whole", lambda: None)
    bulletins(seeds, 7)
    _index(seeds, disk / "whole", lambda: None)
    for _ in range(60):  # so many that their list takes two blocks, and replacing one file makes no room for it
        publishing.rollback(disk / "whole")
    bulletins(seeds, 5)
    path_of(seeds, 1).unlink()
    change(seeds, 2)
    trials.without_room("one added, changed and removed", lambda root, fill: _index(seeds, root, fill), every)
    _index(seeds, disk / "whole", lambda: None)
    trials.without_room("gone back", _go_back, every)
    if how == TMPFS:
        _before_it_begins(seeds, trials)
    counted = ("tried", "failed", "refused", "full", "asked", "unanswered", "problems")
    return {name: getattr(trials, name) for name in counted}


def _index(folder: Path, root: Path, fill: Callable[[], None]) -> None:
    begun = False

    def told(what: str, done: int, whole: int) -> None:
        nonlocal begun
        if what == "Encoding" and not begun:
            begun = True
            fill()

    update_library(folder, root, HashingEncoder(), allow_removal=True, progress=told)


def _files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def _go_back(root: Path, fill: Callable[[], None]) -> None:
    """From the latest generation; where that is done already, once more would be one too many."""
    fill()
    if generations.list_generations(root)[0].state == "current":
        publishing.rollback(root)


def _before_it_begins(folder: Path, trials: _Trials) -> None:
    """By the command: exit status 1 and one line, before anything is written."""
    bulletins(folder, 6)
    whole = trials.disk / "whole"
    before = state(whole)
    trials.fill(8 * _BLOCK)
    status, out, line = rag("index", "--seeds", str(folder), "--library", str(whole), "--json")
    trials.fill(None)
    trials.tried += 1
    if status != 1 or out or line.count("\n") != 1 or "are needed; nothing was changed" not in line:
        trials.failed += 1
        trials.problems.append(f"the command ended with {status} and said {line!r}")
    elif state(whole) != before or damage(whole) or unfinished(whole):
        trials.failed += 1
        trials.problems.append("the command changed the library")
    trials.refused += 1


def _filler(disk: Path, how: str) -> Callable[[int | None], None]:
    """Leaves so many bytes free; None gives the space back."""
    ballast = disk / "ballast"

    def fill(left: int | None) -> None:
        ballast.unlink(missing_ok=True)
        if left is not None:
            with ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - left)

    def limit(left: int | None) -> None:
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard if left is None else max(1, left // 16), hard))

    return fill if how == TMPFS else limit


if __name__ == "__main__":
    print(json.dumps(_on_the_disk(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
