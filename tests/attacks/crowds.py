"""Few addresses that hold as much of the desk as they may: streams that wait, answers that are never read."""

from __future__ import annotations

import resource
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from rag import limits
from tests.attacks.hostile import desk_of
from tests.attacks.raw import FORM, Raw, status
from tests.attacks.signing import account
from tests.faults.outcome import Outcome, failures
from tests.support.server_process import ServerProcess, run_server

FAULT = "a few addresses, and an IPv6 network, that hold as many streams as they can, and readers who never read"
DUTY = "others reach the home page, sign in and switch the desk off; who doesn't read is closed"

_HEARTBEAT = "/gradio_api/heartbeat/x"
_FRONT_SERVER = "127.0.0.9"
_PAGES = 300  # asked for by a reader who reads none: more than the system keeps for them


def run(folder: Path, streams: int, readers: int) -> Outcome:
    """``streams`` from each of four addresses, a quarter as many from each of 16 networks of one IPv6 /48, and so many
    ``readers`` who ask for pages and read nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    hostile = desk_of(folder / "home", ["kites"])
    root = hostile.desk.settings.library
    account(root, "olga", "operator")
    problems: list[str] = []
    tried = 0
    try:
        with run_server(root, RAG_PROXIES=_FRONT_SERVER) as at:
            before = _connections(at)
            for what, crowd in (("addresses", list(_addresses(streams))), ("networks", list(_networks(streams // 4)))):
                with ExitStack() as held:
                    for source, client in crowd:
                        tried += 1
                        line = _asking(at, held, source, _HEARTBEAT, client)
                        if not line.recv(12).startswith(b"HTTP/1.1 200"):
                            problems.append(f"a heartbeat from {client or source} is refused")
                    problems += (f"while {what} hold streams, {one}" for one in _shut_out(at))
            with ExitStack() as held:
                for number in range(readers):
                    _asking(at, held, f"127.0.0.{20 + number % 4}", "/", times=_PAGES)
                tried += readers
                problems += (f"while readers don't read, {one}" for one in _shut_out(at))
                if still := _never_closed(at, before):
                    problems.append(f"{still} of {readers} who read nothing are held")
            if "Traceback" in at.log.read_text():
                problems.append("the log has a traceback")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    what = f"{streams} heartbeats from each of 4 addresses, {streams // 4} from each of 16 networks of one /48, and "
    what += f"{readers} readers who read nothing: each time the home page, signing in, the operator's page and the off "
    what += "switch answered"
    return Outcome(FAULT, tried, min(len(problems), tried), what, failures(problems))


def _addresses(streams: int) -> Iterator[tuple[str, str]]:
    """From where each connects, and for whom a front server says that it does."""
    for number in range(4):
        yield from [(f"127.0.0.{10 + number}", "")] * streams


def _networks(streams: int) -> Iterator[tuple[str, str]]:
    for number in range(16):
        yield from [(_FRONT_SERVER, f"2001:db8:1:{number:x}00::1")] * streams


def _asking(
    at: ServerProcess, held: ExitStack, source: str, path: str, client: str = "", times: int = 1
) -> socket.socket:
    """A connection that has asked, and that takes little before it is read from."""
    line = held.enter_context(socket.socket())
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    line.bind((source, 0))
    line.settimeout(60)
    line.connect(("127.0.0.1", at.port))
    forwarded = f"X-Forwarded-For: {client}\r\n" if client else ""
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: {urlsplit(at.address).netloc}\r\n{forwarded}\r\n".encode() * times)
    return line


def _shut_out(at: ServerProcess) -> Iterator[str]:
    """What somebody else can't do, who has only just come."""
    reader, operator = Raw(at.address, source="127.0.0.30"), Raw(at.address, source="127.0.0.31")
    for path in ("/", "/healthz", "/bulletins", "/sign-in"):
        if (got := status(reader.ask("GET", path))) != 200:
            yield f"{path} is answered with {got}"
    operator.sign_in("olga")
    if (got := status(operator.ask("GET", "/operator"))) != 200:
        yield f"the operator's page is answered with {got}"
    off = operator.ask("POST", "/operator/off", urlencode({"reason": "a crowd"}).encode(), FORM)
    if status(off) != 303 or status(reader.ask("GET", "/")) != 503:
        yield f"the off switch is answered with {status(off)}"
    if (got := status(operator.ask("POST", "/operator/on", b"", FORM))) != 303:
        yield f"switching on is answered with {got}"


def _never_closed(at: ServerProcess, before: int) -> int:
    """How many connections the desk holds beyond those of before, after the time that it gives."""
    until = time.monotonic() + 3 * limits.SLOW_READER_SECONDS
    while (still := _connections(at) - before) > 0 and time.monotonic() < until:
        time.sleep(1)
    return max(0, still)


def _connections(at: ServerProcess) -> int:
    """The sockets that the desk holds."""
    opened = Path(f"/proc/{at.process.pid}/fd").iterdir()
    with suppress(FileNotFoundError):  # one was closed meanwhile: the next look counts
        return sum(str(one.readlink()).startswith("socket:") for one in opened)
    return sys.maxsize
