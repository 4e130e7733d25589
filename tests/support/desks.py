"""A desk over the two sample bulletins that can answer, and one whose answers wait."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from rag import settings
from rag.answer.assistant import Assistant
from rag.answer.models import Answer
from rag.library.reader import Library
from rag.web.service import Service
from tests.support.chat_client import ChatAnswer
from tests.support.hashing_encoder import HashingEncoder

QUESTION = "Which robots greeted guests from Norway?"
QUOTE = "Twenty robots greeted guests from Norway on May 3.  They bowed twice."


def ready_desk(library: Path, encoder: HashingEncoder | None = None, **chosen: Any) -> Service:
    """A desk with these settings that can answer."""
    desk = Service(settings.load(library=library, **chosen), encoder or HashingEncoder())
    opened = Library.open(library)
    desk.show(opened)
    desk.serve(Assistant(opened, encoder or HashingEncoder()))
    return desk


class BlockedAssistant:
    """An assistant that waits for ``go_on`` before it answers."""

    def __init__(self, inner: Assistant) -> None:
        self._inner = inner
        self.library = inner.library
        self.asked, self.go_on = threading.Event(), threading.Event()

    def ask(self, question: str, **options: Any) -> Answer:
        self.asked.set()
        self.go_on.wait(60)
        return self._inner.ask(question, **options)


def block_answers(desk: Service) -> BlockedAssistant:
    """Replaces the desk's assistant by one that waits."""
    assert desk.serving
    assert desk.serving.assistant
    assistant = BlockedAssistant(desk.serving.assistant)
    desk.serve(assistant)  # type: ignore[arg-type]
    return assistant


def quotes_robots(answer: ChatAnswer) -> bool:
    """Whether it is the answer to ``QUESTION``."""
    return QUOTE in [quote.text for quote in answer.quotes]
