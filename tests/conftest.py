"""Fixtures of many packages: the real model, libraries built once, small made-up bulletins, a browser, the command."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser

from embeddings.encoder import Encoder, SentenceEncoder
from rag.answer.assistant import Assistant
from rag.ingest.sandbox import reader
from rag.library.build.update import update_library
from rag.library.reader import Library
from tests.support.browser import launch_chromium
from tests.support.hashing_encoder import HashingEncoder
from tests.support.lanes import LaneGuard, add_markers
from tests.support.paths import DEV, SEEDS
from tests.support.rag_command import UNLIMITED, RunRag, run_in_process, run_rag
from tests.support.reading import ask_here
from tests.support.sample_bulletins import FIRST, SECOND

READ_APART = reader.ask

os.environ.update(UNLIMITED)
if "PYTEST_XDIST_WORKER" in os.environ:  # as many tests run as there are cores: more threads would only wait
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_configure(config: pytest.Config) -> None:
    reader.ask = ask_here
    config.pluginmanager.register(LaneGuard())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    add_markers(items)


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The real model, loaded on first use."""
    return SentenceEncoder()


@pytest.fixture(scope="session")
def seeds_library(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    """A library of the two real bulletins, built with the real model.  Not to be changed."""
    root = tmp_path_factory.mktemp("seeds-library")
    update_library(SEEDS, root, encoder)
    return root


@pytest.fixture(scope="session")
def dev_library(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    """A library of the development corpus, built with the real model.  Not to be changed."""
    root = tmp_path_factory.mktemp("dev-library")
    update_library(DEV / "corpus", root, encoder)
    return root


@pytest.fixture
def assistant(seeds_library: Path, encoder: Encoder) -> Assistant:
    return Assistant(Library.open(seeds_library), encoder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium.  Not for the session: while Playwright runs, no other test can run an event loop of its own."""
    with launch_chromium() as browser:
        yield browser


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in the sandbox, as the desk does; without this the tests read them in their own process."""
    monkeypatch.setattr(reader, "ask", READ_APART)


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password's hash costs next to nothing; ``monkeypatch.undo()`` brings the real cost back."""
    monkeypatch.setattr("rag.admin.accounts._hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def fake() -> HashingEncoder:
    return HashingEncoder()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two made-up bulletins."""
    folder = tmp_path / "bulletins"
    folder.mkdir()
    (folder / "first.txt").write_text(FIRST, encoding="utf-8")
    (folder / "second.txt").write_text(SECOND, encoding="utf-8")
    return folder


@pytest.fixture
def library(tmp_path: Path, folder: Path, fake: HashingEncoder) -> Path:
    """A library of the two made-up bulletins, built with the hashing encoder."""
    root = tmp_path / "library"
    update_library(folder, root, fake)
    return root


@pytest.fixture
def rag(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> RunRag:
    """``python -m rag …`` within this process, by default without a library; it shares the tests' model."""

    def shared(model: str, *, device: str, cache: Path) -> Encoder:
        if (model, device) == ("", "cpu"):
            return request.getfixturevalue("encoder")
        return SentenceEncoder(model, device=device, cache=cache)

    monkeypatch.setattr("embeddings.factory.SentenceEncoder", shared)
    return partial(run_in_process, RAG_LIBRARY=str(tmp_path / "none"))


@pytest.fixture
def rag_process(tmp_path: Path) -> RunRag:
    """``python -m rag …`` in a process of its own, by default without a library."""
    return partial(run_rag, RAG_LIBRARY=str(tmp_path / "none"))
