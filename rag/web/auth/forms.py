"""Forms: the fields of those for which one signs in, and those with files, read within a limit of bytes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.types import Message

from rag.web.auth.access import AccessDenied


def form_with(max_fields: int) -> Callable[[Request], Coroutine[Any, Any, FormData]]:
    """Returns a dependency that reads a form of at most so many fields and no files.

    Raises:
        AccessDenied: what was sent is no such form (raised by the dependency).
    """

    async def read(request: Request) -> FormData:
        try:
            return await request.form(max_files=0, max_fields=max_fields)
        except HTTPException:
            raise AccessDenied("What was sent can't be read. Please send it again.", 400) from None

    return read


SmallForm = Annotated[FormData, Depends(form_with(20))]


def form_field(form: FormData, name: str) -> str:
    """The field's text, "" where it is missing or a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


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
