"""Files read within the tests' own process, by the same readers and through the same checks of what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from rag.ingest.sandbox import worker

_Read = TypeVar("_Read")


def ask_here(task: str, suffix: str, data: bytes, check: Callable[[bytes], _Read]) -> _Read:
    """Stands for ``rag.ingest.sandbox.reader.ask``, which starts a process."""
    return check(json.dumps(worker.perform(task, suffix, data), ensure_ascii=False).encode("utf-8", "replace"))
