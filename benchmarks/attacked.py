"""How long readers wait while others ask for as much as they may: python -m benchmarks attacked.

Twenty readers ask in turns, each from an address of its own; then they do so again while four addresses put the
costliest questions, four at once and without a pause.  The server is one of its own, with the limits of the default.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import httpx

from benchmarks.asking import read_questions
from benchmarks.generate import generate
from tests.faults.server import Site
from tests.support.chat_client import AskEvent, Unanswered, ask, ask_event

READERS, ATTACKERS, PAUSE_SECONDS = 20, 4, 6.0
COSTLIEST = (
    "vs " * 333,
    f"compare lectures in {', '.join(map(str, range(2000, 2025)))}",
    "all events",
    "compare Haidian and Chaoyang and Fengtai and Dongcheng and Xicheng and Tongzhou and Shunyi lectures in 2023",
)


@dataclass(frozen=True, slots=True)
class Waited:
    """Seconds that the readers waited, and how many questions of the attackers were answered and refused."""

    who: str
    median: float
    p95: float
    questions: int
    failed: int
    answered: int
    refused: int


def compare(
    folder: Path, bulletins: int, questions: int, seconds: float, progress: Callable[[str], None]
) -> tuple[Waited, Waited]:
    """The readers alone, and beside the attackers, each for so many seconds."""
    site = Site(folder / "seeds", folder / "library", model=True, limits=True)
    generate(site.seeds, bulletins)
    asked = [question.text for question in read_questions(questions) if not question.history]
    return asyncio.run(_compare(site, folder, asked, seconds, progress))


async def _compare(
    site: Site, folder: Path, asked: Sequence[str], seconds: float, progress: Callable[[str], None]
) -> tuple[Waited, Waited]:
    progress("Indexing")
    await site.index()
    async with site.served(folder / "server.log") as server:
        async with _client(0, 1) as client:
            event = await ask_event(client, server.address)
            for question in asked[:12]:
                await ask(client, server.address, question, event)
        progress("Asking, alone")
        alone = await _waited("The readers alone", server.address, event, asked, 0, seconds)
        progress("Asking, beside the attackers")
        return alone, await _waited("Beside the attackers", server.address, event, asked, ATTACKERS, seconds)


async def _waited(
    who: str, address: str, event: AskEvent, asked: Sequence[str], attackers: int, seconds: float
) -> Waited:
    until = time.monotonic() + seconds
    waited: list[float] = []
    failed, told = [0], {True: 0, False: 0}

    async def reader(number: int) -> None:
        chosen = random.Random(number)
        async with _client(1, number) as client:
            await asyncio.sleep(chosen.random() * PAUSE_SECONDS)
            while (began := time.monotonic()) < until:
                try:
                    await ask(client, address, chosen.choice(asked), event)
                    waited.append(time.monotonic() - began)
                except (Unanswered, httpx.HTTPError):
                    failed[0] += 1
                await asyncio.sleep(max(0.0, PAUSE_SECONDS - (time.monotonic() - began)))

    async def attacker(number: int, question: str) -> None:
        async with _client(9, number) as client:
            while time.monotonic() < until:
                try:
                    await ask(client, address, question[:1_000], event)
                    told[True] += 1
                except (Unanswered, httpx.HTTPError):
                    told[False] += 1
                    await asyncio.sleep(2.0)

    await asyncio.gather(
        *(reader(number) for number in range(READERS)),
        *(attacker(number, question) for number in range(attackers) for question in COSTLIEST),
    )
    p95 = quantiles(waited, n=20)[-1]
    return Waited(who, median(waited), p95, len(waited), failed[0], told[True], told[False])


def _client(network: int, number: int) -> httpx.AsyncClient:
    """A reader at an address of this machine; whatever lies in 127/8 is one, on Linux."""
    transport = httpx.AsyncHTTPTransport(local_address=f"127.0.{network}.{number + 1}")
    return httpx.AsyncClient(transport=transport, timeout=120)


def as_rows(measured: Sequence[Waited]) -> list[tuple[str, ...]]:
    """A column for each of the two."""
    first = measured[0]
    return [
        ("Seconds until the answer is there", *(run.who for run in measured)),
        ("Median", *(f"{run.median:.3f}" for run in measured)),
        ("… times that alone (aim ≤ 2)", *(f"{run.median / first.median:.1f}" for run in measured)),
        ("95th percentile", *(f"{run.p95:.3f}" for run in measured)),
        ("… times that alone", *(f"{run.p95 / first.p95:.1f}" for run in measured)),
        ("Questions answered, not answered", *(f"{run.questions}, {run.failed}" for run in measured)),
        ("… of the attackers", *(f"{run.answered}, {run.refused}" for run in measured)),
    ]
