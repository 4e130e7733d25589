"""The security headers of every response."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NONE = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")

# Gradio's page compiles its templates in the browser, hence 'unsafe-eval'; nothing may come from another host.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'self'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _NONE),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
# A year; subdomains decide for themselves.
STRICT = {"Strict-Transport-Security": "max-age=31536000"}


class SecurityHeaders:
    """ASGI middleware: adds the headers that a response hasn't set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message), scope)
            await send(message)

        return await self.app(scope, receive, send_on)


def add_headers(headers: MutableHeaders, scope: Scope) -> None:
    """Adds the headers that are missing."""
    present = {name for name, _ in headers.raw}
    # ``ClientAddress`` has set the scheme
    rows = _SECURE if scope.get("scheme") == "https" else _PLAIN
    headers.raw.extend(row for row in rows if row[0] not in present)


_PLAIN = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_SECURE = [*_PLAIN, *((name.lower().encode(), value.encode()) for name, value in STRICT.items())]
