"""A server and its readers without a network: ``python -m tests.attacks.alone SERVER...`` prints what they got as JSON.
It is run in a network of its own, where only this machine's own address is, and that is down at first."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import re
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence

import httpx

from tests.support.chat_client import ask

QUESTIONS = ("What consular protection events happened?", "What happened in Haidian District?", "Any lions?")
PAGES = ("/", "/bulletins", "/check", "/readyz", "/config", "/sign-in", "/staff", "/operator", "/gradio_api/info")
_UP, _SIOCGIFFLAGS, _SIOCSIFFLAGS = 1, 0x8913, 0x8914


def bring_up() -> None:
    """This machine's own address; where it is up already, nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket, contextlib.suppress(PermissionError):
        found = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, struct.pack("16sh14x", b"lo", 0))
        flags = struct.unpack("16sh14x", found)[1]
        if not flags & _UP:
            fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _UP))


async def read(command: Sequence[str]) -> dict[str, object]:
    """Starts the server, asks it, opens its pages, and stops it."""
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        found = re.search(r"http://\S+", line)
        if found is None:
            raise RuntimeError(f"the server said {line!r}")
        address = found[0]
        async with httpx.AsyncClient(timeout=120) as client:
            async with asyncio.timeout(240):
                while (await client.get(f"{address}/readyz")).status_code != 200:
                    await asyncio.sleep(0.2)
            answers = [(await ask(client, address, question)).status for question in QUESTIONS]
            pages = {path: (await client.get(f"{address}{path}")).status_code for path in PAGES}
            checked = await client.post(f"{address}/check", data={"draft": "\u201cForty kites rose.\u201d"})
        return {"answers": answers, "pages": pages, "check": checked.status_code}
    finally:
        process.terminate()
        await process.wait()


if __name__ == "__main__":
    bring_up()
    print(json.dumps(asyncio.run(read(sys.argv[1:]))), flush=True)
