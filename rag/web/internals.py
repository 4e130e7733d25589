"""The one place that uses private parts of Gradio and uvicorn, which any of their releases may change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from importlib.metadata import version
from typing import Any

import gradio as gr
import uvicorn
from gradio.state_holder import SessionState

from rag.errors import RagError

LOG = logging.getLogger(__name__)
_QUEUE_PARTS = (
    *("pending_messages_per_session", "pending_event_ids_session", "event_ids_to_events", "__len__"),
    *("push", "start_processing", "stopped", "progress_update_sleep_when_free"),
)
MADE_FOR = {"gradio": "6.31.0", "uvicorn": "0.54.0"}
PROGRESS_PAUSE_SECONDS = 1.0  # between two looks at the progress of questions: the desk's handlers tell of none
# Gradio's page asks a question by one request and gets the answer by a second, a stream of events.
API = "/gradio_api"
JOIN, DATA, HEARTBEAT, CALL = f"{API}/queue/join", f"{API}/queue/data", f"{API}/heartbeat/", f"{API}/call/"


class IncompatibleVersion(RagError):
    """An installed package lacks a private part that is used here."""


def check_versions() -> None:
    """Logs which versions this module was made for, and which of them are others."""
    LOG.info("Made for %s", " and ".join(f"{package} {made_for}" for package, made_for in MADE_FOR.items()))
    for package, made_for in MADE_FOR.items():
        if (installed := version(package)) != made_for:
            LOG.warning("%s %s is installed, not %s. If pages fail, run: make setup", package, installed, made_for)


class QuestionQueue:
    """The queue of a Gradio page, which holds the questions that wait and the answers that haven't been read.

    Raises:
        IncompatibleVersion: Gradio's queue isn't what this class was made for.
    """

    def __init__(self, page: gr.Blocks) -> None:
        _require("gradio", page, "_queue")
        _require("gradio", page._queue, *_QUEUE_PARTS)
        self._queue = page._queue
        _sleep_while_empty(self._queue)

    def __len__(self) -> int:
        return len(self._queue)

    def unread(self) -> list[str]:
        """The sessions with messages that haven't been read."""
        messages_of = self._queue.pending_messages_per_session
        return [session for session, messages in messages_of.items() if not messages.empty()]

    def is_pending(self, session: str) -> bool:
        """Whether the session has a question whose answer hasn't been read to its end."""
        return bool(self._queue.pending_event_ids_session.get(session))

    def is_being_answered(self, session: str) -> bool:
        """Whether a question of the session waits or is being answered."""
        events = self._queue.pending_event_ids_session.get(session, ())
        return any(event in self._queue.event_ids_to_events for event in events)

    def drop(self, session: str) -> None:
        """Forgets the messages of a session."""
        self._queue.pending_messages_per_session.pop(session, None)
        self._queue.pending_event_ids_session.pop(session, None)


def _sleep_while_empty(queue: Any) -> None:
    """Lets a queue's two loops, which look for questions a thousand and for progress a hundred times a second, cost
    nothing while there are none: the first goes on as soon as a question comes in, the second once a second."""
    push, process = queue.push, queue.start_processing
    arrived = asyncio.Event()

    async def push_and_wake(*args: Any, **named: Any) -> Any:
        pushed = await push(*args, **named)
        arrived.set()
        return pushed

    async def until_there_is_work() -> None:
        while not len(queue) and not queue.stopped:
            arrived.clear()
            await arrived.wait()

    async def process_on_arrival() -> None:
        nonlocal arrived
        arrived = asyncio.Event()  # of the event loop that serves now
        await _pausing(process(), until_there_is_work)

    queue.push, queue.start_processing = push_and_wake, process_on_arrival
    queue.progress_update_sleep_when_free = PROGRESS_PAUSE_SECONDS


async def _pausing(work: Coroutine[Any, Any, None], pause: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Awaits ``work``, with a pause each time before it goes on from whatever it has waited for."""
    try:
        while True:
            awaited = work.send(None)
            await (asyncio.wait([awaited]) if awaited else asyncio.sleep(0))
            await pause()
    except StopIteration:
        pass
    finally:
        work.close()


def keep_no_shown_values() -> None:
    """Keeps Gradio from holding what each session's components show, the whole conversation among it: only "deep
    links", which are shut, would read it."""
    _require("gradio", SessionState, "_update_value_in_config")
    SessionState._update_value_in_config = _keep_nothing  # type: ignore[method-assign, assignment]


def _keep_nothing(state: SessionState, key: int, value: Any) -> None:
    """Takes the place of a method of ``SessionState``."""


def event_data(event: gr.EventData) -> dict[str, Any]:
    """What the browser sent along with an event: anything; {} where it is no object."""
    return event._data if isinstance(event._data, dict) else {}


def require_connection_fields(server: uvicorn.Server) -> None:
    """Raises IncompatibleVersion where a starting server isn't what the functions below were made for."""
    _require("uvicorn", server, "server_state")
    _require("uvicorn", server.server_state, "connections")
    make_connection: Any = server.config.http_protocol_class
    connection = make_connection(server.config, server.server_state, {})
    _require("uvicorn", connection, "cycle")


def connections(server: uvicorn.Server) -> list[Any]:
    """The open connections of the server."""
    return list(server.server_state.connections)


def last_request(connection: Any) -> Any:
    """The request that the connection brought last with its response, None where it hasn't brought any."""
    return connection.cycle


def is_answering(connection: Any) -> bool:
    """Whether a request of the connection is being answered."""
    return connection.cycle is not None and not connection.cycle.response_complete


def unsent_bytes(connection: Any) -> int:
    """How many bytes written for the connection wait until its client reads."""
    return int(connection.transport.get_write_buffer_size()) if connection.transport else 0


def stop_listening(server: uvicorn.Server) -> None:
    """Closes the sockets by which new connections come in."""
    for listener in server.servers:
        listener.close()


def _require(package: str, thing: object, *names: str) -> None:
    for name in names:
        if not hasattr(thing, name):
            what = f"version {version(package)} has no {name!r}; this was made for {MADE_FOR[package]}"
            raise IncompatibleVersion(what, where=package, remedy="Run: make setup")
