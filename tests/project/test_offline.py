"""Nothing is asked of any other host: indexing and asking work with every outside connection refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

# An audit hook can't be taken off again, and sees every connection and every look-up that Python makes.
GUARD = """
import sys

def refuse(event, arguments):
    if event == "socket.connect" and arguments[1][0] not in ("127.0.0.1", "::1"):
        raise PermissionError(f"outside connection to {arguments[1]}")
    if event == "socket.getaddrinfo" and arguments[0] not in ("127.0.0.1", "::1", "localhost", None):
        raise PermissionError(f"look-up of {arguments[0]}")

sys.addaudithook(refuse)
"""
SCRIPT = (
    GUARD
    + """
from rag.cli.main import main
status = main(["index", "--library", sys.argv[1], "--json"])
status = status or main(["ask", "what consular protection events happened", "--library", sys.argv[1], "--json"])
sys.exit(status)
"""
)


@pytest.mark.process
def test_indexing_and_asking_work_offline(tmp_path: Path) -> None:
    """The model comes from its package, not from a hub."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert {quote["date"] for quote in answer["quotes"]} == {"2024-03-11", "2023-04-29"}


@pytest.mark.process
def test_the_guard_refuses_the_outside(tmp_path: Path) -> None:
    """Without this, the test above could pass by checking nothing."""
    script = GUARD + "import urllib.request\nurllib.request.urlopen('http://192.0.2.1/', timeout=5)\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "look-up of 192.0.2.1" in done.stderr
