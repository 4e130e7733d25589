"""A server that notes each password that it compares: ``python -m tests.attacks.counting_desk SEEDS LIBRARY FILE``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from rag import settings
from rag.web.server import serve
from tests.attacks.hostile import ReadyDesk

_verify = PasswordHasher.verify


def _noted(self: PasswordHasher, *args: Any, **options: Any) -> Any:
    with Path(sys.argv[3]).open("a") as file:
        file.write("compared\n")
    return _verify(self, *args, **options)


if __name__ == "__main__":
    PasswordHasher.verify = _noted  # type: ignore[method-assign]
    serve(ReadyDesk(settings.load(seeds=Path(sys.argv[1]), library=Path(sys.argv[2]))), "127.0.0.1", 0)
