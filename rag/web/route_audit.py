"""Every way into the desk, and for whom it is: read off the application itself, so that none can be forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import gradio as gr
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Mount

from rag.web.auth.access import Door
from rag.web.middleware.gradio_allowlist import Shut
from rag.web.service import Desk

Whose = Literal["anybody", "staff", "operator", "nobody"]
_BESIDE: dict[str, Whose] = {"/metrics": "staff"}  # lets by a collector's token too, so it asks at the door itself


@dataclass(frozen=True, slots=True)
class Way:
    """``path`` has its parameters in braces; ``whose`` is "nobody" where Gradio has a route that the desk keeps shut.
    ``function`` is the number of the page's function that is called this way, None for a route of another kind."""

    method: str
    path: str
    whose: Whose
    function: int | None = None


def ways(app: FastAPI, page: gr.Blocks) -> tuple[Way, ...]:
    """Those of ``build_app``, in the order in which they are looked for, then the page's functions by each door of
    Gradio's."""
    return (*_routes(app.routes, None), *_functions(page))


def listed(desk: Desk) -> str:
    """A line for each way into the server of this desk."""
    from rag.web.server import build_app

    app = build_app(desk)
    return "\n".join(f"{way.whose:<9} {way.method:<7} {way.path}{_told(app, way)}" for way in ways(app, app.state.page))


def _told(app: FastAPI, way: Way) -> str:
    return "" if way.function is None else f"  (function {way.function}, {app.state.page.fns[way.function].api_name})"


def _routes(routes: Sequence[BaseRoute], shut: Shut | None) -> Iterator[Way]:
    for route in iter_route_contexts(routes):
        mount = route.original_route
        if isinstance(mount, Mount):
            inside = mount.app
            if isinstance(inside, Shut):
                assert isinstance(inside.app, FastAPI)
                yield from _routes(inside.app.routes, inside)
            else:
                yield Way("GET", f"{mount.path}/{{path}}", "anybody")
            continue
        for method in sorted(route.methods or ()):
            yield Way(method, route.path or "/", _whose(route, method, shut))


def _whose(route: Any, method: str, shut: Shut | None) -> Whose:
    if shut is not None:
        return "anybody" if shut.lets_by(method, filled(route.path)) else "nobody"
    if route.path in _BESIDE:
        return _BESIDE[route.path]
    asked = {call.__name__ for call in _calls(getattr(route, "dependant", None)) if isinstance(_self(call), Door)}
    return "operator" if "operator" in asked else "staff" if "staff" in asked else "anybody"


def _calls(dependant: Any) -> Iterator[Any]:
    for one in dependant.dependencies if dependant else ():
        yield one.call
        yield from _calls(one)


def _self(call: Any) -> object:
    return getattr(call, "__self__", None)


def _functions(page: gr.Blocks) -> Iterator[Way]:
    for number, function in page.fns.items():
        name = function.api_name if isinstance(function.api_name, str) else "predict"
        for path in ("queue/join", f"call/{name}", f"run/{name}", "run/predict"):
            yield Way("POST", f"/gradio_api/{path}", "anybody", number)


def filled(path: str, **values: str) -> str:
    """The path with something plain for each parameter."""
    for part in path.split("{")[1:]:
        name = part.partition("}")[0]
        path = path.replace(f"{{{name}}}", values.get(name.partition(":")[0], "x"))
    return path
