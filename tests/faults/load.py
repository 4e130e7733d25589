"""Questions at a steady rate, by the page's own protocol, to a real server whose bulletins change all the while."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks.asking import read_questions
from evals.curves import Chart, Line, draw
from rag.library import generations
from rag.library.manifest import read_manifest
from rag.library.reader import text_path
from tests.faults.bulletins import bulletins, path_of
from tests.faults.outcome import Outcome, failures
from tests.faults.server import Server, Site
from tests.support.chat_client import AskEvent, ChatAnswer, Unanswered, ask, ask_event
from tests.support.server_log import problem_lines

FAULT = "questions all the while, and a reindex every so many seconds"
DUTY = "no question fails; the quotes of an answer are all of the generation that it names; memory stays level"
SLOW = 1.0  # seconds that 19 of 20 answers may take at most
_LOOK = 1.0  # seconds between two looks at the memory
_PROBE = 20.0  # seconds at each rate that is tried out, in which the bulletins are indexed once
_ROOM = 0.7  # of the highest rate is asked at: at that rate itself a queue that has once grown never shrinks
_FASTEST = 160.0  # questions a second; no higher rate is tried


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a question: seconds from the moment it was due, and the answer or why there is none."""

    due: float
    seconds: float
    answered: ChatAnswer | None
    failure: str = ""

    @property
    def at(self) -> float:
        """The time it came, since the epoch."""
        return self.due + self.seconds


@dataclass(slots=True)
class Seen:
    """All that a run saw: replies; per generation its texts; each publication (when, since the epoch, and of which);
    the server's memory (seconds since the start, megabytes)."""

    replies: list[Reply] = field(default_factory=list)
    texts: dict[str, frozenset[str]] = field(default_factory=dict)
    published: list[tuple[float, str]] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks at a rate, whether or not earlier questions have been answered."""

    client: httpx.AsyncClient
    address: str
    page: AskEvent
    questions: Sequence[str]

    async def at_rate(self, rate: float, seconds: float) -> list[Reply]:
        began = time.time()
        tasks = []
        for number, question in zip(range(round(rate * seconds)), itertools.cycle(self.questions), strict=False):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.time()))
            tasks.append(asyncio.create_task(self._ask(question, due)))
        return await asyncio.gather(*tasks)

    async def _ask(self, question: str, due: float) -> Reply:
        try:
            answered = await ask(self.client, self.address, question, self.page)
        except (Unanswered, httpx.HTTPError) as error:
            return Reply(due, time.time() - due, None, f"“{question}” met {error!r}")
        return Reply(due, time.time() - due, answered)


def run(
    folder: Path,
    *,
    model: bool,
    count: int,
    rate: float,
    seconds: float,
    every: float,
    search: bool = True,
    chart: Path | None = None,
) -> Outcome:
    """A library of ``count`` bulletins, kept in the folder; ``rate`` questions a second, or ``_ROOM`` of the highest
    rate that is answered in time where that is lower and ``search``ed for; a bulletin comes or goes ``every`` so many
    seconds."""
    return asyncio.run(_run(folder, model, count, rate, seconds, every, search, chart))


async def _run(
    folder: Path,
    model: bool,
    count: int,
    rate: float,
    seconds: float,
    every: float,
    search: bool,
    chart: Path | None,
) -> Outcome:
    site = Site(folder / "bulletins", folder / "library", model)
    bulletins(site.seeds, *range(count))
    path_of(site.seeds, count).unlink(missing_ok=True)
    await site.index()
    questions = [question.text for question in read_questions(10_000)]
    seen = Seen()
    limits = httpx.Limits(max_connections=None)
    log = folder / "server.log"
    async with site.served(log) as server, httpx.AsyncClient(limits=limits, timeout=60) as client:
        asker = Asker(client, server.address, await ask_event(client, server.address), questions)
        await asker.at_rate(2, 3)  # what is slow for the first reader alone
        highest = await _highest(asker, site, count + 1) if search else None
        held = min(rate, highest * _ROOM) if highest else rate
        _note(site, seen)
        over = asyncio.Event()
        beside = [
            asyncio.create_task(_index(site, seen, count, every, seconds, over)),
            asyncio.create_task(_look(server, seen, over)),
        ]
        seen.replies = await asker.at_rate(held, seconds)
        over.set()
        await asyncio.gather(*beside)
    if said := problem_lines(log):
        seen.problems.append(f"the server said {said[:3]!r}")
    if chart:
        _draw(seen, chart)
    return _outcome(site, seen, held, highest, seconds, every)


async def _highest(asker: Asker, site: Site, number: int) -> float | None:
    """The highest rate at which 19 of 20 questions are answered in time while the bulletins are indexed, by doubling
    and then halving the distance; None where even the lowest isn't."""
    good, bad = 0.0, _FASTEST * 2
    rate = 5.0
    while bad - good > max(1.0, good / 8):
        bulletins(site.seeds, number)
        indexing = asyncio.create_task(_later(site))
        replies = await asker.at_rate(rate, _PROBE)
        await indexing
        path_of(site.seeds, number).unlink()
        await site.index()
        in_time = all(reply.answered for reply in replies) and _percentile(replies, 95) < SLOW
        good, bad = (rate, bad) if in_time else (good, rate)
        if good >= _FASTEST:
            break
        rate = good * 2 if bad > _FASTEST else (good + bad) / 2
        await asyncio.sleep(2)
    return good or None


async def _later(site: Site) -> None:
    await asyncio.sleep(_PROBE / 4)
    await site.index()


async def _index(site: Site, seen: Seen, number: int, every: float, seconds: float, over: asyncio.Event) -> None:
    """A further bulletin comes, then goes, and so on: first after half the time, last so that it can still be seen."""
    began = time.monotonic()
    for turn in range(int(seconds / every)):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), max(0.0, began + (turn + 0.5) * every - time.monotonic()))
            return
        if turn % 2:
            path_of(site.seeds, number).unlink()
        else:
            bulletins(site.seeds, number)
        try:
            await site.index()
        except RuntimeError as error:
            seen.problems.append(str(error))
        _note(site, seen)


def _note(site: Site, seen: Seen) -> None:
    """Which texts the generation in use has, and when it was published, by its pointer's file."""
    name = generations.in_use(site.library)
    bulletins = generations.read_bulletins(site.library, read_manifest(site.library, name))
    seen.texts[name] = frozenset(bulletin.sha256 for bulletin in bulletins)
    at = (site.library / "CURRENT").stat().st_mtime
    if not seen.published or seen.published[-1][0] != at:
        seen.published.append((at, name))


async def _look(server: Server, seen: Seen, over: asyncio.Event) -> None:
    began = time.monotonic()
    while not over.is_set():
        seen.memory.append((time.monotonic() - began, server.megabytes()))
        await asyncio.sleep(_LOOK)


def _outcome(site: Site, seen: Seen, rate: float, highest: float | None, seconds: float, every: float) -> Outcome:
    failed = [reply.failure for reply in seen.replies if reply.failure]
    mixed = [line for reply in seen.replies if reply.answered for line in _mixed(site, seen, reply.answered)]
    delays = _delays(seen)
    figures: dict[str, Any] = {
        "asked": len(seen.replies),
        "failed": len(failed),
        "mixed": len(mixed),
        "rate": round(rate, 1),
        "highest rate": highest and round(highest, 1),
        "seconds": seconds,
        "reindexes": len(seen.published) - 1,
        "milliseconds": {f"p{share}": round(_percentile(seen.replies, share) * 1000) for share in (50, 95, 99)},
        "change-over seconds": [round(delay, 2) for delay in delays],
        "megabytes": {
            "start": round(seen.memory[0][1]),
            "end": round(seen.memory[-1][1]),
            "peak": round(max(level for _, level in seen.memory)),
        },
    }
    times, levels = figures["milliseconds"], figures["megabytes"]
    of_highest = f" (of {highest:.1f} that are answered in time for {_PROBE:g} s)" if highest else ""
    what = (
        f"{rate:.1f} questions a second for {seconds:g} s{of_highest}, a reindex every {every:g} s"
        f" ({figures['reindexes']} in all):"
        f" {len(failed)} failed, {len(mixed)} mixed;"
        f" half were answered within {times['p50']} ms, 95 of 100 within {times['p95']}, 99 within {times['p99']};"
        f" answers from the new generation {max(delays, default=0):.1f} s after it was published, at most;"
        f" memory {levels['start']} MB at the start, {levels['end']} at the end, {levels['peak']} at most"
    )
    problems = failed + mixed + seen.problems
    if len(delays) < len(seen.published) - 1:
        problems.append("a generation was published that nobody was answered from")
    return Outcome(FAULT, len(seen.replies), len(problems), what, figures | failures(problems))


def _mixed(site: Site, seen: Seen, answered: ChatAnswer) -> list[str]:
    """What isn't of the generation that the answer names, or no slice of its text."""
    texts = seen.texts.get(answered.generation or "")
    if texts is None:
        return [f"an answer names generation {answered.generation}"]
    wrong = []
    for quote in answered.quotes:
        if quote.sha256 not in texts:
            wrong.append(f"an answer of {answered.generation} quotes a text of another")
        text = text_path(site.library, quote.sha256).read_bytes().decode()
        if text[quote.start : quote.end] != quote.text:
            wrong.append(f"a quote is no slice of {quote.sha256}")
    return wrong


def _delays(seen: Seen) -> list[float]:
    """For each generation published: seconds until the first answer from it came."""
    delays = []
    for (at, name), (until, _) in zip(seen.published[1:], [*seen.published[2:], (float("inf"), "")], strict=True):
        own = [one.at for one in seen.replies if one.answered and one.answered.generation == name]
        delays += [min(one for one in own if one >= at) - at] if any(at <= one < until for one in own) else []
    return delays


def _percentile(replies: Sequence[Reply], share: int) -> float:
    return float(np.percentile([reply.seconds for reply in replies], share))


def _draw(seen: Seen, path: Path) -> None:
    points = [(at / 60, level) for at, level in seen.memory]
    draw(Chart("Memory of the server under load", "minutes", "megabytes", [Line("resident", points)]), path)
