"""The web server: bulletin pages, saved answers and health routes, with Gradio's page mounted at the root, last."""

from __future__ import annotations

import datetime as dt
import errno
import logging
import socket
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from rag.errors import RagError, SettingInvalid
from rag.export import file_name, to_csv
from rag.web.check_page import check_page
from rag.web.desk import Desk
from rag.web.draining import DRAINING, LONGEST, DrainingServer, Streams
from rag.web.guard import Guard
from rag.web.operator import operator
from rag.web.page import HEAD, THEME, build_page
from rag.web.routes import pages, sentence

LOG = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"


def build_app(desk: Desk) -> FastAPI:
    """Everything the desk serves; it answers as soon as the desk is ready."""
    app = FastAPI(title="Bulletin Desk", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(CORSMiddleware, allow_origins=[])  # else Gradio would answer any origin
    app.add_middleware(Guard)
    app.mount("/desk", StaticFiles(directory=STATIC))

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        state = desk.state
        library = state.serving.library if state.serving else None
        name, line = (state.stage.name, state.stage.line) if not desk.draining.is_set() else ("draining", DRAINING)
        content = {
            "status": name,
            "detail": line,
            "generation": library.generation if library else None,
            "number": library.manifest.number if library else None,
            "bulletins": len(library.bulletins) if library else None,
            "degraded": state.stage.name == "degraded",
        }
        return JSONResponse(content, 200 if name in ("ready", "degraded") else 503)

    @app.get("/answer/{key}.csv")
    def answer(request: Request, key: str) -> Response:
        kept, serving = desk.shelf.get(key), desk.serving
        if serving is None or kept is None:
            gone = "The desk no longer keeps this answer. Please ask again, and save the new answer."
            return sentence(request, gone, 404)
        try:
            table = to_csv(kept, serving.library)  # its texts are kept, whatever its generation
        except RagError as error:
            LOG.error("%s", error)
            return sentence(request, str(error), 500)
        name = file_name(kept, dt.date.today())
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(table, media_type="text/csv; charset=utf-8", headers=headers)

    app.include_router(pages(desk))
    app.include_router(check_page(desk))
    app.include_router(operator(desk))
    page = app.state.page = build_page(desk)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        theme=THEME,
        head=HEAD,
        favicon_path=str(STATIC / "icon.svg"),
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
        enable_monitoring=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
    )
    return app


def serve(desk: Desk, host: str, port: int) -> None:
    """Serve until interrupted, and print the address once it can be opened; the desk gets ready meanwhile.

    At SIGTERM or SIGINT nobody new is let in, and it returns when the questions under way are answered, or after
    ``draining.LONGEST`` seconds; a second signal ends the process at once.

    Raises:
        SettingInvalid: the address can't be listened on.
        PortTaken: another program listens there.
    """
    listener = _listen(host, port)
    desk.start()
    app = build_app(desk)
    streams = Streams(app, app.state.page, desk.draining)
    config = uvicorn.Config(streams, log_level="warning", access_log=False, timeout_graceful_shutdown=LONGEST)
    _Server(config, streams, desk.draining).run(sockets=[listener])


class PortTaken(RagError):
    """Another program listens there already."""


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        where = f"{host}:{port}"
        if error.errno == errno.EADDRINUSE:
            remedy = "Choose another port with --port or RAG_PORT"
            raise PortTaken("another program listens there already", where=where, remedy=remedy) from None
        remedy = "Correct --host or RAG_HOST, or choose another port with --port or RAG_PORT"
        raise SettingInvalid("can't be listened on", where=where, remedy=remedy) from error


class _Server(DrainingServer):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = (sockets or [])[0].getsockname()[:2]
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
        print(f"Bulletin Desk is at http://{shown}:{port}", flush=True)
