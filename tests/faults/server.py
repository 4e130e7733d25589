"""A real server process over a folder of bulletins, and other processes that index the folder."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.paths import ROOT
from tests.support.rag_command import UNLIMITED

_PATIENCE = 900.0  # seconds for a first library to be made


@dataclass(frozen=True, slots=True)
class Site:
    """A folder of bulletins and its library, served and indexed with the real model, or with the quick encoder.

    ``limits`` says that an address may ask no more than by default.
    """

    seeds: Path
    library: Path
    model: bool
    limits: bool = False

    async def index(self) -> dict[str, Any]:
        """What ``python -m rag index --json`` reports.

        Raises:
            RuntimeError: it failed.
        """
        module = "rag" if self.model else "tests.faults.command"
        where = ("--seeds", str(self.seeds), "--library", str(self.library), "--allow-removal", "--json")
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, "index", *where),
            cwd=ROOT,
            env=_environment(UNLIMITED),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await child.communicate()
        if child.returncode:
            raise RuntimeError(f"indexing ended with {child.returncode}: {err.decode()}")
        report: dict[str, Any] = json.loads(out)
        return report

    @contextlib.asynccontextmanager
    async def served(self, log: Path) -> AsyncIterator[Server]:
        """A server that can answer; it is stopped as an operator would."""
        real = ["app.py", "--port", "0", "--seeds", str(self.seeds), "--library", str(self.library)]
        quick = ["-m", "tests.faults.quick_desk", str(self.seeds), str(self.library)]
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, *(real if self.model else quick)),
                cwd=ROOT,
                env=_environment({} if self.limits else UNLIMITED),
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        try:
            assert process.stdout is not None
            line = (await process.stdout.readline()).decode()
            found = re.search(r"http://\S+", line)
            if found is None:
                raise RuntimeError(f"the server said {line!r} and {log.read_text()!r}")
            server = Server(process, found[0])
            await server.ready()
            yield server
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 60)
            except TimeoutError:
                process.kill()


@dataclass(frozen=True, slots=True)
class Server:
    process: asyncio.subprocess.Process
    address: str

    async def ready(self) -> None:
        async with httpx.AsyncClient() as client, asyncio.timeout(_PATIENCE):
            while (await client.get(f"{self.address}/readyz")).status_code != 200:
                await asyncio.sleep(0.2)

    def megabytes(self) -> float:
        """What it holds in memory at this moment."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        assert found is not None
        return int(found[1]) * 1024 / 1e6


def _environment(settings: dict[str, str]) -> dict[str, str]:
    """Without other settings than these: UNLIMITED are those by which all the load may come from one address."""
    return {key: value for key, value in os.environ.items() if not key.startswith("RAG_")} | settings
