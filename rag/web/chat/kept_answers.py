"""The answers of all conversations together, in bounded memory: packed, and of too many the oldest are given up."""

from __future__ import annotations

import threading
import weakref
import zlib
from dataclasses import replace

from rag import limits
from rag.web.chat.conversation import Conversation, PackedAnswer, Turn
from rag.web.templating import render

GONE = "The desk no longer keeps this earlier answer. Please ask the question again to see it."


class KeptAnswers:
    """Packs the answers of conversations that nobody is just asking in.  Thread-safe.

    An answer is forgotten with its conversation, and the oldest of all where together they are over ``max_bytes``: its
    turn then says so.
    """

    def __init__(self, max_bytes: int = limits.MAX_CONVERSATIONS_BYTES) -> None:
        self.max_bytes = max_bytes
        self.size = 0  # bytes, packed
        self._held: dict[weakref.ref[PackedAnswer], int] = {}  # the oldest first, each with its size
        self._lock = threading.RLock()  # what is forgotten may be so within the lock

    def pack(self, conversation: Conversation) -> Conversation:
        """The conversation as it is kept until its next question."""
        return tuple(replace(turn, html="", packed=turn.packed or self._packed(turn.html)) for turn in conversation)

    def unpack(self, conversation: Conversation) -> Conversation:
        """The conversation with its answers; of those that were given up, a line says so."""
        return tuple(replace(turn, html=_html(turn)) for turn in conversation)

    def _packed(self, html: str) -> PackedAnswer:
        packed = PackedAnswer(zlib.compress(html.encode("utf-8", "surrogatepass"), 1))
        size = len(packed.data or b"")
        with self._lock:
            self._held[weakref.ref(packed, self._forget)] = size
            self.size += size
            while self.size > self.max_bytes and len(self._held) > 1:
                oldest = next(iter(self._held))
                if given_up := oldest():
                    given_up.data = None
                self._forget(oldest)
        return packed

    def _forget(self, answer: weakref.ref[PackedAnswer]) -> None:
        with self._lock:
            self.size -= self._held.pop(answer, 0)


def _html(turn: Turn) -> str:
    if turn.packed is None:
        return turn.html
    data = turn.packed.data
    if data is None:
        return render("line.html", kind="held", line=GONE, notice=None)
    return zlib.decompress(data).decode("utf-8", "surrogatepass")
