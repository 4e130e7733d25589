"""The web server: bulletin pages, saved answers and health routes, with Gradio's page mounted at the root, last."""

from __future__ import annotations

import datetime as dt
import errno
import logging
import resource
import socket
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request
from fastapi.middleware import Middleware
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from rag import limits
from rag.admin import accounts, off_switch
from rag.answer.csv_export import file_name, to_csv
from rag.errors import RagError, SettingInvalid
from rag.web.auth.access import Door, signing
from rag.web.auth.password import password
from rag.web.chat.feedback import feedback
from rag.web.chat.gradio_app import HEAD, THEME, build_page
from rag.web.check.routes import check_page, draft_page
from rag.web.middleware.body_limit import Bodies, Room
from rag.web.middleware.client_address import Address, networks
from rag.web.middleware.concurrency_limit import Crowd
from rag.web.middleware.error_pages import plain_errors
from rag.web.middleware.gradio_allowlist import shut
from rag.web.middleware.maintenance import OffSwitch
from rag.web.middleware.rate_limit import Rates
from rag.web.middleware.security_headers import Headers
from rag.web.middleware.trusted_hosts import Hosts, allowed
from rag.web.operator import operator
from rag.web.pages.receipts import receipts
from rag.web.pages.routes import pages, sentence
from rag.web.service import Desk
from rag.web.shutdown import DRAINING, LONGEST, DrainingServer, Streams
from rag.web.staff import staff
from rag.web.staff.metrics import metrics
from rag.web.state import Stage

LOG = logging.getLogger(__name__)
MAKE_ONE = "Make one: python -m rag account add NAME --role operator"
STATIC = Path(__file__).parent / "static"
METHODS = ("GET", "POST")
# Who may bring more than a question: each of these reads what comes within a limit of its own, and says so better.
ROOMS = {
    r"/staff/check(?:/report\.\w+)?": Room(3 * limits.MAX_DRAFT_FORM_BYTES, 600),
    r"/operator/upload": Room(2 * limits.MAX_UPLOAD_FORM_BYTES, 600),
    r"/operator/.+": Room(4_000_000, 60),  # the form of a bulletin has a box for each district of each section
}


def build_app(desk: Desk) -> FastAPI:
    """Everything the desk serves; it answers as soon as the desk is ready.

    Raises:
        SettingInvalid: a proxy is no address, or an origin no origin.
    """
    settings, door, origins = desk.settings, Door(desk.settings), allowed(desk.settings.origins)
    page = build_page(desk, lambda request: getattr(door.person(request), "name", None))
    desk.metrics.queue_from(lambda: len(page._queue))
    app = FastAPI(
        title="Bulletin Desk",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # From the outside in: first what a refusal needs too, then who it is, where it was sent to, how often, whether
        # anybody is answered; what was sent is read last, so that nothing is spent on whom the others turn away.
        middleware=[
            Middleware(Headers),
            Middleware(Address, proxies=networks(settings.proxies)),
            Middleware(Hosts, names=(*settings.names, settings.host), origins=origins),
            Middleware(Rates, a_minute=settings.requests_a_minute),
            Middleware(OffSwitch, root=settings.library),
            Middleware(Crowd, page=page, busy=desk.metrics.busy),
            Middleware(Bodies, rooms=ROOMS),
            # without one of the desk's own Gradio would answer any origin
            Middleware(CORSMiddleware, allow_origins=origins, allow_methods=METHODS, allow_headers=["*"]),
        ],
    )
    app.state.page = page
    app.mount("/desk", StaticFiles(directory=STATIC))

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        state = desk.state
        library = state.serving.library if state.serving else None
        name, line = _standing(desk, state.stage)
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
    app.include_router(signing(door))
    app.include_router(draft_page(desk, door))
    app.include_router(receipts(desk, door))
    app.include_router(operator(desk, door))
    app.include_router(staff(desk, door))
    app.include_router(password(desk, door))
    app.include_router(metrics(desk, door))
    app.include_router(feedback(desk))
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
    for one in (app, shut(app, page)):
        plain_errors(one, desk.metrics.failed)
    return app


def _standing(desk: Desk, stage: Stage) -> tuple[str, str]:
    if desk.draining.is_set():
        return "draining", DRAINING
    off = off_switch.off(desk.settings.library)
    return ("off", off.line) if off else (stage.name, stage.line)


def config(app: ASGIApp, **options: Any) -> uvicorn.Config:
    """How a server serves it: it believes no header of where a request comes from, ``Address`` does; it takes no
    WebSockets; and a head is small."""
    return uvicorn.Config(
        app,
        proxy_headers=False,
        ws="none",
        log_config=None,  # its lines go where all others do
        log_level="warning",
        access_log=False,
        limit_concurrency=limits.MAX_CONNECTIONS,
        timeout_keep_alive=5,
        h11_max_incomplete_event_size=32_768,
        server_header=False,
        **options,
    )


def serve(desk: Desk, host: str, port: int) -> None:
    """Serve until interrupted, and print the address once it can be opened; the desk gets ready meanwhile.

    At SIGTERM or SIGINT nobody new is let in, and it returns when the questions under way are answered, or after
    ``draining.LONGEST`` seconds; a second signal ends the process at once.

    Raises:
        SettingInvalid: the address can't be listened on.
        PortTaken: another program listens there.
    """
    listener = _listen(host, port)
    _take_connections()
    _tell_of_accounts(desk)
    desk.start()
    app = build_app(desk)
    streams = Streams(app, app.state.page, desk.draining)
    _Server(config(streams, timeout_graceful_shutdown=LONGEST), streams, desk.draining).run(sockets=[listener])


def _take_connections() -> None:
    """A process is often allowed fewer open files than the desk takes connections."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.MAX_CONNECTIONS + 500 if most == resource.RLIM_INFINITY else min(limits.MAX_CONNECTIONS + 500, most)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _tell_of_accounts(desk: Desk) -> None:
    try:
        if not accounts.any_(desk.settings.library):
            LOG.info("Nobody has an account, so the staff's and the operator's pages don't exist. %s", MAKE_ONE)
    except RagError as error:
        LOG.error("%s", error)


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
