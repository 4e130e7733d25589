"""A server in a process of its own, which takes its time for each answer."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.support.paths import ROOT
from tests.support.rag_command import UNLIMITED, clean_environment


@dataclass(frozen=True, slots=True)
class ServerProcess:
    process: subprocess.Popen[str]
    address: str
    log: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def megabytes(self) -> float:
        """What it holds in memory at this moment."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        assert found
        return int(found[1]) / 1e3


@contextlib.contextmanager
def run_server(library: Path, seconds: float = 0.0, **chosen: str) -> Iterator[ServerProcess]:
    """A real server's process that takes so long for each answer; ``chosen`` are settings by the names of the
    environment."""
    log = library.with_name("log")
    command = [sys.executable, "-m", "tests.support.slow_server", str(library), str(seconds)]
    environment = clean_environment() | UNLIMITED | chosen
    with log.open("w") as errors:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
    with process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            found = re.search(r"http://\S+$", line.strip())
            assert found, f"it said {line!r} and {log.read_text()!r}"
            yield ServerProcess(process, found[0], log)
        finally:
            process.terminate()
            try:
                process.wait(40)
            finally:
                process.kill()


def percentile(seconds: list[float], share: float) -> float:
    return float(np.percentile(seconds, share)) if seconds else float("nan")
