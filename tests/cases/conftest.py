"""Libraries of the small corpora under ``data/``, built once with the real model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from embeddings.encoder import Encoder
from rag.answer.assistant import Assistant
from rag.library.build.update import update_library
from rag.library.reader import Library

DATA = Path(__file__).parent / "data"
AssistantOf = Callable[[str], Assistant]


@pytest.fixture(scope="session")
def assistant_of(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> AssistantOf:
    """Gives the assistant over a corpus under ``data/``, by its folder's name."""
    assistants: dict[str, Assistant] = {}

    def assistant(corpus: str) -> Assistant:
        if corpus not in assistants:
            root = tmp_path_factory.mktemp("cases")
            update_library(DATA / corpus, root, encoder)
            assistants[corpus] = Assistant(Library.open(root), encoder)
        return assistants[corpus]

    return assistant
