"""A real server over a desk whose assistant takes its time: ``python -m tests.support.slow_server LIBRARY SECONDS``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from rag import settings
from rag.answer.assistant import Assistant
from rag.answer.models import Answer
from rag.library.reader import Library
from rag.web.loader import Loader
from rag.web.server import serve
from rag.web.service import Service
from tests.support.hashing_encoder import HashingEncoder


class SlowAssistant(Assistant):
    """Answers as another does, so many seconds later."""

    seconds = 0.0

    def ask(self, question: str, **options: Any) -> Answer:
        time.sleep(self.seconds)
        return super().ask(question, **options)


class ReadyLoader(Loader):
    """Opens the library that there is, without indexing or polling."""

    def start(self) -> None:
        assistant = SlowAssistant(Library.open(self._root), HashingEncoder())
        self._service.show(assistant.library)
        self._service.serve(assistant)


if __name__ == "__main__":
    SlowAssistant.seconds = float(sys.argv[2])
    desk = Service(settings.load(library=Path(sys.argv[1])))
    serve(desk, "127.0.0.1", 0, ReadyLoader(desk))
