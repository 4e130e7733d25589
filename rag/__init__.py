"""Bulletin Desk: passages of news bulletins, retrieved and quoted word for word."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.answer.assistant import Assistant
    from rag.answer.models import Answer
    from rag.checking.checker import Checker
    from rag.library.reader import Library
    from rag.models import Quote

__all__ = ["Answer", "Assistant", "Checker", "Library", "Quote"]

_MODULES = {
    "Answer": "rag.answer.models",
    "Assistant": "rag.answer.assistant",
    "Checker": "rag.checking.checker",
    "Library": "rag.library.reader",
    "Quote": "rag.models",
}


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first asked for, so that importing this package stays light."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
