"""Questions put to a running desk as its page puts them: join Gradio's queue, then read the stream of events.

For tests and for driving load: ``ask`` takes any ``httpx.AsyncClient``; a client of its own is a reader of its own.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from selectolax.lexbor import LexborHTMLParser

API = "gradio_api"
ASK = "ask"  # the page's event that a typed question is, by its name in the page's configuration
TIMEOUT = httpx.Timeout(60)


class Unanswered(Exception):
    """The desk gave no answer: it refused, broke off, or told of a trouble."""


@dataclass(frozen=True, slots=True)
class AskEvent:
    """What the page sends with a question: the number of its function, the id of what triggers it, and how many values
    its function takes."""

    fn_index: int
    trigger: int
    inputs: int


@dataclass(frozen=True, slots=True)
class ShownQuote:
    """A quote of an answer: ``text`` is the slice ``start`` to ``end`` of the bulletin's text with that digest."""

    sha256: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """The answer's HTML, the generation that it names, and its quotes."""

    html: str
    generation: str | None
    status: str
    quotes: tuple[ShownQuote, ...]


async def ask_event(client: httpx.AsyncClient, address: str) -> AskEvent:
    """What a page opened at this address would send; it is the same for every page of the desk."""
    config = (await client.get(f"{address}/config", timeout=TIMEOUT)).raise_for_status().json()
    for one in config["dependencies"]:
        if one["api_name"] == ASK:
            return AskEvent(one["id"], one["targets"][0][0], len(one["inputs"]))
    raise Unanswered("the page has no way to ask")


async def ask(client: httpx.AsyncClient, address: str, question: str, page: AskEvent | None = None) -> ChatAnswer:
    """The answer to a question asked on a page of its own.

    ``page`` spares the look into the page's configuration.

    Raises:
        Unanswered: there is none. httpx.HTTPError: the connection broke.
    """
    session = secrets.token_hex(6)
    await join_queue(client, address, question, session, page or await ask_event(client, address))
    return await read_stream(client, address, session)


async def join_queue(client: httpx.AsyncClient, address: str, question: str, session: str, page: AskEvent) -> None:
    """Put the question; its answer comes by ``read_stream``."""
    values = [question, *[None] * (page.inputs - 1)]
    body = {"data": values, "fn_index": page.fn_index, "trigger_id": page.trigger, "session_hash": session}
    sent = await client.post(f"{address}/{API}/queue/join", json=body, timeout=TIMEOUT)
    if sent.status_code != 200:
        raise Unanswered(f"the question was turned away: {sent.status_code} {sent.text[:200]}")


async def read_stream(
    client: httpx.AsyncClient, address: str, session: str, opened: asyncio.Event | None = None
) -> ChatAnswer:
    """The answer to the question that the session has put; ``opened`` is set once the desk has let the stream in."""
    shown: Any = None
    async for message in _messages(client, address, session, opened):
        kind, output = message["msg"], message.get("output") or {}
        if kind == "process_generating":
            value = output["data"][0]
            shown = value if shown is None else _patched(shown, value)
        elif kind == "process_completed":
            if not message["success"] or not shown:
                raise Unanswered(f"the question was not answered: {message}")
            return parse_answer(shown[-1]["content"][0]["props"]["value"])
        elif kind == "unexpected_error":
            raise Unanswered(f"the stream broke off: {message}")
    raise Unanswered("the stream ended before the answer")


async def _messages(
    client: httpx.AsyncClient, address: str, session: str, opened: asyncio.Event | None
) -> AsyncIterator[dict[str, Any]]:
    url = f"{address}/{API}/queue/data"
    async with client.stream("GET", url, params={"session_hash": session}, timeout=TIMEOUT) as stream:
        if stream.status_code != 200:
            raise Unanswered(f"there is no stream: {stream.status_code}")
        if opened:
            opened.set()
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def _patched(value: Any, patches: list[tuple[str, list[int | str], Any]]) -> Any:
    """The value with Gradio's patches applied: each an operation, the way to a place, and what is put there.  The page
    leaves a value that is no conversation as it was."""
    for operation, way, new in patches:
        if not way:
            value = new if isinstance(new, list) else value
            continue
        *outer, last = way
        place = value
        for step in outer:
            place = place[step]
        if operation == "append":
            place[last] += new
        elif operation == "add" and isinstance(place, list):
            place.insert(int(last), new)
        elif operation == "delete":
            del place[last]
        else:
            place[last] = new
    return value


def parse_answer(html: str) -> ChatAnswer:
    """What an answer's HTML says of itself.

    Raises:
        Unanswered: it tells of a wait or a trouble.
    """
    shown = LexborHTMLParser(html).css_first(".answer")
    status = (shown.attributes["class"] or "").split()[1]  # perhaps with "unsure" behind it
    if status not in ("answered", "no_match", "refused"):
        raise Unanswered(f"{status}: {shown.text(strip=True)[:200]}")
    quotes = []
    for quote in shown.css("article.quote"):
        link = urlsplit(quote.css_first('a[target="source"]').attributes["href"] or "")
        place = parse_qs(link.query)
        words = quote.css_first("blockquote").text()
        quotes.append(ShownQuote(re.sub(".*/", "", link.path), int(place["start"][0]), int(place["end"][0]), words))
    return ChatAnswer(html, shown.attributes.get("data-generation"), status, tuple(quotes))
