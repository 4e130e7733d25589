"""Every route of the server and the role that it requires, read off the application so that none can be forgotten."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import gradio as gr
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Mount

from rag.web.auth.access import AccessControl
from rag.web.internals import API
from rag.web.middleware.gradio_allowlist import GradioAllowlist
from rag.web.server import build_app
from rag.web.service import Service

RequiredRole = Literal["anybody", "staff", "operator", "nobody"]
# A collector's token opens it too, so that the route checks access itself.
_CHECKED_INSIDE: dict[str, RequiredRole] = {"/metrics": "staff"}


@dataclass(frozen=True, slots=True)
class AuditedRoute:
    """``path`` has its parameters in braces; "nobody" may use a route of Gradio that isn't on the allowlist.

    ``function`` is the number of the page's function that the route calls, None for a route of another kind.
    """

    method: str
    path: str
    required_role: RequiredRole
    function: int | None = None


def list_routes(app: FastAPI, page: gr.Blocks) -> tuple[AuditedRoute, ...]:
    """Returns the routes of ``build_app`` in the order in which they match, then those of the page's functions."""
    return (*_routes(app.routes, None), *_functions(page))


def routes_text(service: Service) -> str:
    """Returns one line for each route of the server."""
    app = build_app(service)
    page = app.state.page
    lines = []
    for route in list_routes(app, page):
        name = "" if route.function is None else f"  (function {route.function}, {page.fns[route.function].api_name})"
        lines.append(f"{route.required_role:<9} {route.method:<7} {route.path}{name}")
    return "\n".join(lines)


def _routes(routes: Sequence[BaseRoute], allowlist: GradioAllowlist | None) -> Iterator[AuditedRoute]:
    for route in iter_route_contexts(routes):
        mount = route.original_route
        if isinstance(mount, Mount):
            mounted = mount.app
            if isinstance(mounted, GradioAllowlist):
                assert isinstance(mounted.app, FastAPI)
                yield from _routes(mounted.app.routes, mounted)
            else:
                yield AuditedRoute("GET", f"{mount.path}/{{path}}", "anybody")
            continue
        for method in sorted(route.methods or ()):
            yield AuditedRoute(method, route.path or "/", _required_role(route, method, allowlist))


def _required_role(route: Any, method: str, allowlist: GradioAllowlist | None) -> RequiredRole:
    if allowlist is not None:
        return "anybody" if allowlist.allows(method, fill_path(route.path)) else "nobody"
    if route.path in _CHECKED_INSIDE:
        return _CHECKED_INSIDE[route.path]
    checks = {call.__func__ for call in _calls(getattr(route, "dependant", None)) if inspect.ismethod(call)}
    if AccessControl.require_operator in checks:
        return "operator"
    return "staff" if AccessControl.require_staff in checks else "anybody"


def _calls(dependant: Any) -> Iterator[Any]:
    for dependency in dependant.dependencies if dependant else ():
        yield dependency.call
        yield from _calls(dependency)


def _functions(page: gr.Blocks) -> Iterator[AuditedRoute]:
    for number, function in page.fns.items():
        name = function.api_name if isinstance(function.api_name, str) else "predict"
        for path in ("queue/join", f"call/{name}", f"run/{name}", "run/predict"):
            yield AuditedRoute("POST", f"{API}/{path}", "anybody", number)


def fill_path(path: str, **values: str) -> str:
    """The path with a value for each parameter, "x" where none is given."""
    for part in path.split("{")[1:]:
        name = part.partition("}")[0]
        path = path.replace(f"{{{name}}}", values.get(name.partition(":")[0], "x"))
    return path
