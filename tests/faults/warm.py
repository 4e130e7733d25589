"""What children share: imported once by the process that they are forked from, and everything loaded that is lazy."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.generate import generate
from rag.library.build.update import update_library
from tests.faults.bulletins import state
from tests.support.hashing_encoder import HashingEncoder


def _warm() -> None:
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        generate(Path(folder, "bulletins"), 1)
        update_library(Path(folder, "bulletins"), Path(folder, "library"), HashingEncoder())
        state(Path(folder, "library"))


_warm()
