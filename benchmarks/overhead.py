"""What limits, hardening, the log, the figures and the records cost a question: python -m benchmarks overhead.

Two servers of one process answer the same questions by turns: one is the desk, the other the same without the
middleware at its edge, without limits and without a record of what was asked.  The model and a client that asks as the
page does are the same for both; what differs is told as the median of the differences.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from unittest import mock

import httpx
from fastapi import FastAPI

from benchmarks.asking import read_questions
from benchmarks.generate import generate
from embeddings.factory import load_encoder
from rag.admin import accounts, sessions
from rag.answer.assistant import Assistant
from rag.library.build.update import update_library
from rag.library.reader import Library
from rag.settings import Settings
from rag.web import server
from rag.web.auth.access import COOKIE
from rag.web.middleware.rate_limit import Pace
from rag.web.server import build_app
from rag.web.service import Service, Serving
from tests.support.browser import serve_app
from tests.support.chat_client import ask, ask_event

ROUNDS = 3  # times that each question is asked
WARM = 20  # questions before the first that counts


@dataclass(frozen=True, slots=True)
class Overhead:
    """Milliseconds a question, as a client meets them; ``added`` has the differences of pairs."""

    who: str
    bare: float
    bare_p95: float
    whole: float
    whole_p95: float
    added: float
    added_quarter: float
    added_three_quarters: float
    pairs: int


def compare(folder: Path, bulletins: int, questions: int, on_progress: Callable[[str], None]) -> list[Overhead]:
    """Of whoever asks, and of somebody who is signed in, whose account is looked up too."""
    on_progress(f"Indexing {bulletins:,} bulletins")
    generate(folder / "seeds", bulletins)
    encoder = load_encoder()
    chosen = Settings(
        seeds=folder / "seeds", library=folder / "library", questions_a_minute=100_000, requests_a_minute=1_000_000
    )
    update_library(chosen.folders, chosen.library, encoder)
    library = Library.open(chosen.library)
    answering = Serving(library, (), Assistant(library, encoder))
    account = accounts.add(chosen.library, "anna", "staff", accounts.new_password())
    asked = [question.text for question in read_questions(questions)]
    apps = _bare(chosen, answering), build_app(_desk(chosen, answering))
    with serve_app(apps[0]) as bare, serve_app(apps[1]) as whole:
        found = []
        for who, cookie in (("anybody", ""), ("signed in", sessions.start(chosen.library, account))):
            on_progress(f"Asking {len(asked) * ROUNDS} questions of each, {who}")
            found.append(asyncio.run(_measured(who, cookie, bare, whole, asked)))
        return found


def as_rows(measured: Sequence[Overhead]) -> list[tuple[str, ...]]:
    """A column for each kind of reader."""
    rows = [("Milliseconds a question", *(run.who for run in measured))]
    for label, value in (
        ("Without edge, limits and records, median", lambda run: run.bare),
        ("… 95th percentile", lambda run: run.bare_p95),
        ("The desk, median", lambda run: run.whole),
        ("… 95th percentile", lambda run: run.whole_p95),
        ("Added, median of the differences (aim ≤ 3)", lambda run: run.added),
        ("… a quarter of them under", lambda run: run.added_quarter),
        ("… a quarter of them over", lambda run: run.added_three_quarters),
    ):
        rows.append((label, *(f"{value(run):,.2f}" for run in measured)))
    rows.append(("Pairs", *(str(run.pairs) for run in measured)))
    return rows


def _desk(chosen: Settings, serving: Serving) -> Service:
    desk = Service(chosen)
    desk.switch_to(serving)
    return desk


def _bare(chosen: Settings, serving: Serving) -> FastAPI:
    """The desk without what is measured."""
    desk = _desk(chosen, serving)
    desk.record_question = lambda seen: None  # type: ignore[method-assign]
    with mock.patch.object(server, "Pace", _NoPace):
        app = build_app(desk)
    app.user_middleware.clear()
    return app


class _NoPace(Pace):
    """A pace that counts nothing."""

    def refusal(self, sender: str, *, asks: bool) -> None:
        return None

    def charge(self, sender: str, seconds: float) -> None:
        pass


async def _measured(who: str, cookie: str, bare: str, whole: str, asked: Sequence[str]) -> Overhead:
    headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
    taken: dict[str, list[float]] = {bare: [], whole: []}
    async with httpx.AsyncClient(headers=headers) as client:
        page = await ask_event(client, whole)
        for number, question in enumerate([*asked[:WARM], *list(asked) * ROUNDS]):
            # who goes first alternates, so that a warm cache helps both
            for address in (bare, whole) if number % 2 else (whole, bare):
                began = time.perf_counter()
                await ask(client, address, question, page)
                if number >= len(asked[:WARM]):
                    taken[address].append((time.perf_counter() - began) * 1000)
    added = [one - other for one, other in zip(taken[whole], taken[bare], strict=True)]
    quarter, _, three_quarters = quantiles(added, n=4)
    return Overhead(
        who,
        median(taken[bare]),
        quantiles(taken[bare], n=20)[-1],
        median(taken[whole]),
        quantiles(taken[whole], n=20)[-1],
        median(added),
        quarter,
        three_quarters,
        len(added),
    )
