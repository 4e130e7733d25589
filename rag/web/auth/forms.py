"""The fields of forms without files, sent by pages for which one signs in."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

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
