"""Errors of models, vectors and stored indexes; each reads as one line: where, what, what to do.

Code that shows them to a person re-raises them as its own, with ``from``.
"""

from __future__ import annotations


class EmbeddingError(Exception):
    """Base of all errors here, one clear line for a person."""

    def __init__(self, what: str, *, where: object = "", remedy: str = "") -> None:
        self.what = _one_line(what)  # without a full stop
        self.where = _one_line(str(where))  # the file, folder or model concerned; may be empty
        self.remedy = _one_line(remedy)  # may be empty
        super().__init__(str(self))

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}" if self.where else self.what
        return f"{line}. {self.remedy}" if self.remedy else line


class EncoderMissing(EmbeddingError):
    """The model isn't on this machine, or not in a form that is safe to open."""


class EncoderDamaged(EmbeddingError):
    """The model is there, but isn't what it should be."""


class BadVectors(EmbeddingError):
    """An array has the wrong shape, or rows that can't be compared."""


class IndexUnreadable(EmbeddingError):
    """A stored index is not what was written."""


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
