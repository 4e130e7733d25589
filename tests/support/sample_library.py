"""Small libraries of made-up bulletins, in which two words are hardly ever taken for one."""

from __future__ import annotations

from pathlib import Path

from embeddings.encoder import Encoder
from rag.library.build.update import update_library
from rag.library.reader import Library
from tests.support.hashing_encoder import HashingEncoder

ENCODER = HashingEncoder(512)


def build_library(folder: Path, *, encoder: Encoder = ENCODER, **texts: str) -> Library:
    """The library of these bulletins, each ``name=text``."""
    seeds = folder / "bulletins"
    seeds.mkdir(parents=True)
    for name, text in texts.items():
        (seeds / f"{name}.txt").write_bytes(text.encode("utf-8"))
    update_library(seeds, folder / "library", encoder)
    return Library.open(folder / "library")
