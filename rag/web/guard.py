"""What every response carries, and the doors of Gradio that the desk keeps shut."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio fetches any public address through `file=` and `proxy=`, and stores what is sent to `upload`.
SHUT = ("/gradio_api/file", "/gradio_api/proxy", "/gradio_api/upload", "/gradio_api/deep_link")

# Gradio's page compiles its templates in the browser, hence 'unsafe-eval'; nothing may come from another host.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """ASGI middleware around the whole page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["path"].startswith(SHUT):
            return await PlainTextResponse("The desk takes and gives no files.", 404)(scope, receive, send_guarded)
        return await self.app(scope, receive, send_guarded)
