"""``python -m rag`` with the quick encoder in the place of the model, which takes seconds to load; as
``python -m tests.faults.command`` too."""

from __future__ import annotations

import contextlib
import io
import sys
from typing import Any

import embeddings.factory
from rag.cli import main
from tests.support.hashing_encoder import HashingEncoder


def rag(*arguments: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error.  Run it in a child: it leaves the encoder replaced."""
    _replace()
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        status = main.main(arguments)
    return status, out.getvalue(), err.getvalue()


def _replace() -> None:
    embeddings.factory.SentenceEncoder = _quick  # type: ignore[assignment, misc]


def _quick(*_: Any, **__: Any) -> HashingEncoder:
    return HashingEncoder()


if __name__ == "__main__":
    _replace()
    sys.exit(main.main(sys.argv[1:]))
