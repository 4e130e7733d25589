"""Every pattern of the product, by its places in the code, and with what its callers do with it."""

from __future__ import annotations

import ast
import functools
import importlib
import pkgutil
import re
import types
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeGuard

from tests.support.paths import ROOT

PACKAGES = ("rag", "embeddings")
_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")
# Of these files so many patterns are made anew of what a caller looks for, word for word.
MADE_OF_WORDS = {
    "rag.search.entity_support": 4,  # names of a question
    "rag.checking.copied_text": 1,  # a quotation
}
# And these are made once of constants, by a function that the module calls: they are found where they are kept.
_KEPT = {
    "rag.text.districts": 1,
    "rag.text.dates": 1,
    "rag.web.middleware.body_limit": 1,
    "rag.web.middleware.gradio_allowlist": 2,
}


@dataclass(slots=True)
class Found:
    """A pattern with its places ("rag.text.dates.YEAR") and the methods by which the code uses it."""

    pattern: re.Pattern[str] | re.Pattern[bytes]
    places: list[str] = field(default_factory=list)
    methods: set[str] = field(default_factory=set)


def product_patterns() -> list[Found]:
    """Every pattern that the product's modules hold once they are imported, each once."""
    found: dict[int, Found] = {}
    for module in _modules():
        seen: set[int] = set()
        for name, value in vars(module).items():
            for pattern in _held(value, seen, module.__name__):
                one = found.setdefault(id(pattern), Found(pattern))
                one.places.append(f"{module.__name__}.{name}")
                one.methods |= _methods(module.__name__, name)
    return [*found.values(), *_in_functions()[0]]


def _modules() -> list[types.ModuleType]:
    names = ["app"]
    for package in PACKAGES:
        names += [package, *(one.name for one in pkgutil.walk_packages([str(ROOT / package)], f"{package}."))]
    return [importlib.import_module(name) for name in names if not name.endswith("__main__")]


def _held(value: object, seen: set[int], module: str) -> Iterator[re.Pattern[str]]:
    """The patterns in a value: in its items, fields, attributes, defaults and closure."""
    if isinstance(value, re.Pattern):
        yield value
        return
    if id(value) in seen or isinstance(value, str | bytes | int | float | types.ModuleType | None):
        return
    seen.add(id(value))
    for inner in _inner(value, module):
        yield from _held(inner, seen, module)


def _inner(value: object, module: str) -> list[object]:
    if isinstance(value, dict | types.MappingProxyType):
        return [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    if isinstance(value, functools.partial):
        return [value.func, *value.args, *value.keywords.values()]
    if isinstance(value, types.BuiltinMethodType | types.MethodType):
        return [value.__self__]  # ``re.compile(...).search``
    if isinstance(value, types.FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        return [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values(), *cells]
    if isinstance(value, property):
        return [value.fget, value.fset]
    if isinstance(value, type):
        return list(vars(value).values()) if value.__module__ == module else []
    if type(value).__module__.partition(".")[0] not in (*PACKAGES, "app"):
        return [getattr(value, "__wrapped__", None)]
    slots = [getattr(value, name, None) for name in getattr(value, "__slots__", ())]
    return [*slots, *getattr(value, "__dict__", {}).values()]


def _methods(module: str, name: str) -> set[str]:
    """What the code does with the pattern of this name; where that can't be seen, everything."""
    used: set[str] = set()
    for path, uses in _uses().items():
        if path == module or not name.startswith("_"):
            used |= uses.get(name, set())
    return set(_METHODS) if not used or "?" in used else used


@functools.cache
def _uses() -> dict[str, dict[str, set[str]]]:
    """By module and variable, the methods called of it; "?" where it goes elsewhere, as into a table."""
    uses: dict[str, dict[str, set[str]]] = {}
    for path in product_files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        called = {
            id(node.value.value if isinstance(node.value, ast.Subscript) else node.value): node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr in _METHODS
        }
        of_file = uses.setdefault(_module_name(path), {})
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                name = node.id if isinstance(node, ast.Name) else node.attr
                of_file.setdefault(name, set()).add(called.get(id(node), "?"))
    return uses


def _module_name(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix().removesuffix("/__init__").replace("/", ".")


def product_files() -> list[Path]:
    """The product's files of code."""
    return [ROOT / "app.py", *(path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))]


def unseen_patterns() -> dict[str, int]:
    """How many patterns each module makes in its functions that aren't tried, since nobody knows them before."""
    made = {module: count - _KEPT.get(module, 0) for module, count in _in_functions()[1].items()}
    return {module: count for module, count in made.items() if count}


@functools.cache
def _in_functions() -> tuple[list[Found], Counter[str]]:
    """The patterns that functions have as constants, and how many others each module has there."""
    found, others = [], Counter[str]()
    for path in product_files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)]
        calls = {id(node): node for function in functions for node in ast.walk(function) if _compiles(node)}
        for call in calls.values():
            source, place = call.args[0], _module_name(path)
            if isinstance(source, ast.Constant):
                found.append(Found(re.compile(source.value), [f"{place}:{call.lineno}"], {call.func.attr}))
            else:
                others[place] += 1
    return found, others


def _compiles(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in ("compile", *_METHODS)
    )
