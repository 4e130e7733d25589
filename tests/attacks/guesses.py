"""Passwords guessed in turn at two servers of one library: of one account, of many, from one address and from many."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

from rag import limits
from rag.library.build.update import update_library
from tests.attacks.raw import FORM, Raw, status
from tests.attacks.signing import PASSWORD, account
from tests.faults.outcome import Outcome, failures
from tests.support.paths import ROOT
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import ENCODER

FAULT = "passwords guessed, at two servers at once"
DUTY = "ten tries at most of an account, and of an address, are compared in five minutes"

# Where each try comes from, whose account it is of and what a proxy is said to have seen, by its number.
WAYS = {
    "one account from one address": lambda n: ("127.0.0.1", "anna", ""),
    "one account from many addresses": lambda n: (f"127.0.1.{n % 250 + 1}", "boris", ""),
    "many accounts from one address": lambda n: ("127.0.0.3", f"nobody-{n}", ""),
    "one account from one address behind made-up proxies": lambda n: ("127.0.0.4", f"x{n}", f"198.51.100.{n % 250}"),
    "one account in many spellings": lambda n: (f"127.0.2.{n % 250 + 1}", _spelt("clara", n), ""),
}


def run(folder: Path, *, tries: int) -> Outcome:
    """So many tries in each way; the last has the right password, and isn't let in either."""
    seeds, root = folder / "seeds", folder / "library"
    seeds.mkdir()
    (seeds / "kites.txt").write_text(bulletin_text("2024-05-02", "Forty kites rose over the lake."))
    update_library(seeds, root, ENCODER)
    for name in ("anna", "boris", "clara"):
        account(root, name)
    problems: list[str] = []
    told = []
    with ExitStack() as stack:
        servers = [stack.enter_context(_served(seeds, root, folder / "compared")) for _ in range(2)]
        for how, way in WAYS.items():
            before, turned = _count(folder / "compared"), 0
            for number, address in zip(range(tries), cycle(servers), strict=False):
                source, name, seen = way(number)
                given = PASSWORD if number == tries - 1 else f"a wrong guess number {number}"
                form = urlencode({"name": name, "password": given}).encode()
                said = Raw(address, source=source).ask("POST", "/sign-in", form, FORM, X_Forwarded_For=seen)
                turned += status(said) == 429 or b"RAG_PROXIES" in said
                if status(said) not in (403, 429):
                    problems.append(f"{how}: try {number} was answered with {status(said)}")
            compared = _count(folder / "compared") - before
            told.append(compared)
            if compared > _MOST or turned < tries - _MOST:
                problems.append(f"{how}: {compared} were compared, {turned} turned away")
    total = tries * len(WAYS)
    what = f"{tries} tries in each of {len(WAYS)} ways, in turn at two server processes: "
    what += f"{', '.join(map(str, told))} compared, the others turned away, the right password too"
    return Outcome(FAULT, total, min(len(problems), total), what, failures(problems))


_MOST = limits.MAX_LOGIN_TRIES


def _spelt(name: str, number: int) -> str:
    """The same account, written otherwise."""
    letters = [letter.upper() if number >> place & 1 else letter for place, letter in enumerate(name)]
    return " " * (number % 3) + "".join(letters) + " " * (number % 2)


def _count(path: Path) -> int:
    return len(path.read_text().splitlines()) if path.exists() else 0


@contextmanager
def _served(seeds: Path, root: Path, compared: Path) -> Iterator[str]:
    """The address of a server process that notes what it compares."""
    command = [sys.executable, "-m", "tests.attacks.counting_desk", str(seeds), str(root), str(compared)]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://\S+", line)
            assert found is not None, line
            yield found[0]
        finally:
            process.terminate()
