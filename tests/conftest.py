"""What many tests share: the real model and a library of the real seeds, made once, and small made-up bulletins."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from embeddings.encoder import SentenceEncoder
from rag.answer.assistant import Assistant
from rag.library.build.update import bring_up_to_date
from rag.library.reader import Library
from tests.support.fakes import HashingEncoder

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
DEV = ROOT / "evals" / "dev"
# All that the tests ask comes from one address; those of the limits themselves set lower ones.
UNLIMITED = {"RAG_QUESTIONS_A_MINUTE": "100000", "RAG_REQUESTS_A_MINUTE": "1000000"}
os.environ.update(UNLIMITED)

FIRST = """What's New in Foreign Affairs in All Districts
Date: 2024-05-10
Source: Beijing Foreign Affairs Office
fontSize:   big middle small

Spring has come to the districts.

Haidian District

Robots greet the guests

Twenty robots greeted guests from Norway on May 3.  They bowed twice.

Pinggu District

Peaches for Lisbon

A train with peaches left for Lisbon on May 4. It will take three weeks.

(Based on information from foreign affairs offices of the above districts)"""

SECOND = """A Talk on Consular Protection in Miyun
Date: 2023-01-09
Source: Foreign Affairs Office of Miyun District

Sixty pensioners heard a talk on consular protection on January 5. \u201cNow I dare to travel,\u201d said one of them.

The hotline is 12308."""


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    """The real model, loaded on first use."""
    return SentenceEncoder()


@pytest.fixture(scope="session")
def seeds_library(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder) -> Path:
    """A library of the two real bulletins, built with the real model.  Not to be changed."""
    root = tmp_path_factory.mktemp("seeds-library")
    bring_up_to_date(SEEDS, root, encoder)
    return root


@pytest.fixture(scope="session")
def dev_library(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder) -> Path:
    """A library of the development corpus, built with the real model.  Not to be changed."""
    root = tmp_path_factory.mktemp("dev-library")
    bring_up_to_date(DEV / "corpus", root, encoder)
    return root


@pytest.fixture
def assistant(seeds_library: Path, encoder: SentenceEncoder) -> Assistant:
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
    bring_up_to_date(folder, root, fake)
    return root


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def rag(tmp_path: Path) -> Run:
    """``python -m rag …`` as a person would run it, in a process of its own."""

    def run(*arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("RAG_")}
        environment |= {"RAG_LIBRARY": str(tmp_path / "none"), "PYTHONWARNINGS": "default"} | settings
        return subprocess.run(
            [sys.executable, "-m", "rag", *map(str, arguments)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=240,
            check=False,
        )

    return run
