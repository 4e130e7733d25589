"""The desk as ``app.py`` serves it, with the quick encoder: ``python -m tests.faults.quick_desk SEEDS LIBRARY``."""

from __future__ import annotations

import sys
from pathlib import Path

from rag import settings
from rag.web.server import serve
from rag.web.service import Service
from tests.support.hashing_encoder import HashingEncoder

if __name__ == "__main__":
    chosen = settings.load(seeds=Path(sys.argv[1]), library=Path(sys.argv[2]))
    serve(Service(chosen, HashingEncoder()), "127.0.0.1", 0)
