"""The web server: the application with all routes and middleware, and the process that serves it."""

from __future__ import annotations

import errno
import logging
import resource
import socket
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI
from fastapi.middleware import Middleware
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from rag import limits
from rag.admin import accounts
from rag.errors import RagError, SettingInvalid
from rag.ingest.sandbox import confinement
from rag.web.auth.access import AccessControl
from rag.web.auth.sign_in import sign_in_routes
from rag.web.chat.feedback import feedback_routes
from rag.web.chat.gradio_app import HEAD, THEME, build_page
from rag.web.check.routes import check_routes, draft_check_routes
from rag.web.health import health_routes, metrics_routes
from rag.web.internals import QuestionQueue, check_versions
from rag.web.loader import Loader
from rag.web.middleware.body_limit import Allowance, BodyLimit
from rag.web.middleware.client_address import ClientAddress, parse_networks
from rag.web.middleware.concurrency_limit import ConcurrencyLimit
from rag.web.middleware.error_pages import install_error_pages
from rag.web.middleware.gradio_allowlist import install_allowlist
from rag.web.middleware.maintenance import Maintenance
from rag.web.middleware.rate_limit import Pace, RateLimit
from rag.web.middleware.security_headers import SecurityHeaders
from rag.web.middleware.trusted_hosts import TrustedHosts, parse_origins
from rag.web.operator.routes import operator_routes
from rag.web.pages.routes import page_routes, receipt_routes
from rag.web.service import Service
from rag.web.shutdown import GRACE_SECONDS, DrainingServer, DrainingStreams
from rag.web.staff.routes import staff_routes

LOG = logging.getLogger(__name__)
NO_ACCOUNT_REMEDY = "Make one: python -m rag account add NAME --role operator"
STATIC = Path(__file__).parent / "static"
CORS_METHODS = ("GET", "POST")
# Routes that take more than a question: each reads its form within a limit of its own, and says so better.
BODY_ALLOWANCES = {
    r"/staff/check(?:/report\.\w+)?": Allowance(3 * limits.MAX_DRAFT_FORM_BYTES, 600),
    r"/operator/upload": Allowance(2 * limits.MAX_UPLOAD_FORM_BYTES, 600),
    r"/operator/.+": Allowance(4_000_000, 60),  # a bulletin's form has a box for each district of each section
}


def build_app(service: Service) -> FastAPI:
    """Builds the application with all routes; it answers questions as soon as the service is ready.

    Raises:
        SettingInvalid: a proxy is no address, or an origin no origin.
        IncompatibleVersion: the installed Gradio isn't what this was made for.
    """
    access = AccessControl(service.settings)
    pace = Pace(service.settings.questions_a_minute, lambda request: getattr(access.person(request), "name", None))
    page = build_page(service, pace)
    queue = QuestionQueue(page)
    service.metrics.track_queue(lambda: len(queue))
    app = FastAPI(
        title="Bulletin Desk", docs_url=None, redoc_url=None, openapi_url=None, middleware=_middleware(service, queue)
    )
    app.state.page, app.state.queue, app.state.pace = page, queue, pace
    app.mount("/desk", StaticFiles(directory=STATIC))
    for router in (
        health_routes(service),
        page_routes(service, pace),
        check_routes(service, pace),
        sign_in_routes(access),
        draft_check_routes(service, access, pace),
        receipt_routes(service, access),
        operator_routes(service, access),
        staff_routes(service, access),
        metrics_routes(service, access),
        feedback_routes(service),
    ):
        app.include_router(router)
    _mount_page(app, page)
    for application in (app, install_allowlist(app, page)):
        install_error_pages(application, service.metrics.record_failure)
    return app


def _middleware(service: Service, queue: QuestionQueue) -> list[Middleware]:
    """From the outside in: first what a refusal needs too, then who sends it, to which host, how often, and whether
    anybody is answered; the body is read last, so that nothing is spent on what the others refuse."""
    settings, origins = service.settings, parse_origins(service.settings.origins)
    return [
        Middleware(SecurityHeaders),
        Middleware(ClientAddress, proxies=parse_networks(settings.proxies)),
        Middleware(TrustedHosts, names=(*settings.names, settings.host), origins=origins),
        Middleware(RateLimit, a_minute=settings.requests_a_minute),
        Middleware(Maintenance, root=settings.library),
        Middleware(ConcurrencyLimit, queue=queue, on_refused=service.metrics.record_busy),
        Middleware(BodyLimit, allowances=BODY_ALLOWANCES),
        # without one of our own Gradio would answer any origin
        Middleware(CORSMiddleware, allow_origins=origins, allow_methods=CORS_METHODS, allow_headers=["*"]),
    ]


def _mount_page(app: FastAPI, page: gr.Blocks) -> None:
    """Mounts Gradio's page at the root, after all other routes."""
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


def uvicorn_config(app: ASGIApp, **options: Any) -> uvicorn.Config:
    """How uvicorn serves an application: without WebSockets, with small request heads, and without reading forwarded
    headers, which ``ClientAddress`` does."""
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


def serve(service: Service, host: str, port: int, loader: Loader | None = None) -> None:
    """Serve until interrupted, and print the address once it can be opened; the ``loader`` prepares the service
    meanwhile.

    At SIGTERM or SIGINT no new connection is taken, and it returns when the questions under way are answered, or after
    ``shutdown.GRACE_SECONDS``; a second signal ends the process at once.

    Raises:
        SettingInvalid: the address can't be listened on.
        PortTaken: another program listens there.
        IncompatibleVersion: the installed Gradio or uvicorn isn't what this was made for.
    """
    listener = _listen(host, port)
    _raise_open_files()
    check_versions()
    _log_missing_accounts(service)
    if unconfined := confinement.lacking():
        LOG.warning("%s.", unconfined)
    (loader or Loader(service)).start()
    service.start_cleanup()
    app = build_app(service)
    streams = DrainingStreams(app, app.state.queue, service.draining)
    _Server(uvicorn_config(streams, timeout_graceful_shutdown=GRACE_SECONDS), streams, service.draining).run(
        sockets=[listener]
    )


def _raise_open_files() -> None:
    """Allows as many open files as there may be connections, which is often more than a process starts with."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.MAX_CONNECTIONS + 500 if hard == resource.RLIM_INFINITY else min(limits.MAX_CONNECTIONS + 500, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _log_missing_accounts(service: Service) -> None:
    try:
        if not accounts.has_accounts(service.settings.library):
            LOG.info(
                "Nobody has an account, so the staff's and the operator's pages don't exist. %s", NO_ACCOUNT_REMEDY
            )
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
    """Prints its address once it can be opened."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = (sockets or [])[0].getsockname()[:2]
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
        print(f"Bulletin Desk is at http://{shown}:{port}", flush=True)
