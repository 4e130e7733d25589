"""Bulletins to correct, and corrections as a person would write them."""

from __future__ import annotations

import json
from pathlib import Path

from rag.ingest.corrections import sidecar
from tests.support.sample_bulletins import FIRST
from tests.support.sample_bulletins import bulletin_text as lines

HAIDIAN, PINGGU, FENGTAI, MIYUN = "Haidian District", "Pinggu District", "Fengtai District", "Miyun District"
ROBOTS, PEACHES = "Robots greet the guests", "Peaches for Lisbon"
BY_NAME = lines(
    "2024-04-02", HAIDIAN, "Sixty kites rose over the hill in the morning.",
    FENGTAI, "A lion danced before the guests, and then it rained.",
)  # fmt: skip
IN_MIYUN = lines(
    "2024-04-02", "All of them had come a long way to be there.",
    "I. Kites", "Sixty kites rose over the hill in the morning.",
    "II. Tea", "The tea fair opened for all who like tea.",
    title="News from Miyun",
)  # fmt: skip


def file_of(folder: Path, text: str = FIRST) -> Path:
    path = folder / "first.txt"
    path.write_text(text, encoding="utf-8")
    return path


def write_sidecar(path: Path, *entries: dict[str, object], **others: object) -> None:
    """Writes corrections as a person would."""
    content = {"format": 1, "corrections": list(entries)} | others
    sidecar.path_of(path).write_text(json.dumps(content), encoding="utf-8")
