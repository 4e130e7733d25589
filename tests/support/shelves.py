"""Small libraries of made-up bulletins, in which two words are hardly ever taken for one."""

from __future__ import annotations

from pathlib import Path

from embeddings.encoder import Encoder
from rag.library.build.update import bring_up_to_date
from rag.library.reader import Library
from tests.support.fakes import HashingEncoder

ENCODER = HashingEncoder(512)


def library_of(folder: Path, *, encoder: Encoder = ENCODER, **texts: str) -> Library:
    """The library of these bulletins, each ``name=text``."""
    seeds = folder / "bulletins"
    seeds.mkdir(parents=True)
    for name, text in texts.items():
        (seeds / f"{name}.txt").write_bytes(text.encode("utf-8"))
    bring_up_to_date(seeds, folder / "library", encoder)
    return Library.open(folder / "library")


def bulletin(day: str | None, *lines: str, title: str = "Notes", source: str = "Office") -> str:
    """A bulletin of these lines (headings and paragraphs); without a day it states none."""
    head = [title] if day is None else [title, f"Date: {day}", f"Source: {source}"]
    return "\n".join(head) + "\n\n" + "\n\n".join(lines)
