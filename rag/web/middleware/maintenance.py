"""Maintenance mode: while the off switch is set, the public gets one line."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.admin import off_switch
from rag.web.responses import refusal

# Probes, static files, and the pages of those who can switch it off again.
_STILL_OPEN = re.compile(r"/(?:healthz|readyz|metrics|sign-in|sign-out|(?:desk|staff|operator)(?:/.*)?)", re.DOTALL)


class Maintenance:
    """ASGI middleware; the switch is that of the library at ``root``."""

    def __init__(self, app: ASGIApp, root: Path) -> None:
        self.app = app
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _STILL_OPEN.fullmatch(scope["path"]):
            return await self.app(scope, receive, send)
        if off := off_switch.off_state(self._root):
            return await refusal(scope, off.line, 503)(scope, receive, send)
        instead = False

        async def send_unless_off(message: Message) -> None:
            """What was begun before the switch isn't shown after it; a stream that has begun looks for itself."""
            nonlocal instead
            if message["type"] == "http.response.start" and (off := off_switch.off_state(self._root)):
                instead = True
                await refusal(scope, off.line, 503)(scope, receive, send)
            elif not instead:
                await send(message)

        return await self.app(scope, receive, send_unless_off)
