"""Forms with files, read as they come and within a limit of bytes."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import FormData
from starlette.types import Message


async def read_limited_form(
    request: Request, max_bytes: int, drain_bytes: int, too_large: Exception, **options: int
) -> FormData:
    """Reads the form; ``options`` are those of ``Request.form``.

    Raises:
        too_large: the body is larger; up to ``drain_bytes`` of it were read, so that the browser gets to read why.
        HTTPException: it is no form, or goes beyond the options.
    """
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        while max_bytes < received < drain_bytes and message.get("more_body"):
            message = await request.receive()
            received += len(message.get("body", b""))
        if received > max_bytes:
            raise too_large
        return message

    return await Request(request.scope, receive).form(**options)
