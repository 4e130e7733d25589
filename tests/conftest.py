"""What many tests share: the real model and a library of the real seeds, made once, and small made-up bulletins."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from embeddings.encoder import Encoder
from embeddings.factory import load_encoder
from rag.answer.assistant import Assistant
from rag.library.build.update import update_library
from rag.library.reader import Library
from tests.support.hashing_encoder import HashingEncoder
from tests.support.paths import DEV, SEEDS
from tests.support.rag_command import UNLIMITED, RunRag, run_rag
from tests.support.sample_bulletins import FIRST, SECOND

os.environ.update(UNLIMITED)


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The real model, loaded on first use."""
    return load_encoder()


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
def rag(tmp_path: Path) -> RunRag:
    """``python -m rag …`` in a process of its own, by default without a library."""
    return partial(run_rag, RAG_LIBRARY=str(tmp_path / "none"))
