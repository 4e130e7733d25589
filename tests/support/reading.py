"""Files read within the tests' own process, by the same readers and through the same checks of what they say."""

from __future__ import annotations

import json

from rag.ingest.sandbox import worker


def ask_here(task: str, suffix: str, data: bytes) -> bytes:
    """Stands for ``rag.ingest.sandbox.reader.ask``, which starts a process."""
    return json.dumps(worker.perform(task, suffix, data), ensure_ascii=False).encode("utf-8", "replace")
