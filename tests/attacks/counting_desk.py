"""A server that notes each password that it compares: ``python -m tests.attacks.counting_desk SEEDS LIBRARY FILE``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from rag import settings
from rag.answer.assistant import Assistant
from rag.library.reader import Library
from rag.web.loader import Loader
from rag.web.server import serve
from rag.web.service import Service, Serving
from tests.support.sample_library import ENCODER

_verify = PasswordHasher.verify


def _noted(self: PasswordHasher, *args: Any, **options: Any) -> Any:
    with Path(sys.argv[3]).open("a") as file:
        file.write("compared\n")
    return _verify(self, *args, **options)


class ReadyLoader(Loader):
    """Opens the library that there is, without indexing or polling."""

    def start(self) -> None:
        library = Library.open(self._root)
        self._service.switch_to(Serving(library, (), Assistant(library, ENCODER)))


if __name__ == "__main__":
    PasswordHasher.verify = _noted  # type: ignore[method-assign]
    desk = Service(settings.load(seeds=Path(sys.argv[1]), library=Path(sys.argv[2])))
    serve(desk, "127.0.0.1", 0, ReadyLoader(desk))
