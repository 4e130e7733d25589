"""What a worker of the sandbox may say, and nothing else.

Types, lengths and places are looked at anew, since a file may have got hold of the worker.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag import limits
from rag.ingest.readers.page_links import PageLink, PageLinks
from rag.ingest.refused import Refused
from rag.models import Document, Line, LineKind, Span

_Short = Annotated[str, Field(max_length=200)]


class BadReply(Exception):
    """No worker that is in its right mind says this."""


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Start(_Strict):
    """A worker is ready; ``lacking`` are the means of confinement that the system hasn't."""

    lacking: Annotated[tuple[_Short, ...], Field(max_length=10)]


class _Refusal(_Strict):
    what: _Short
    remedy: _Short


class _Bulletin(_Strict):
    text: Annotated[str, Field(max_length=limits.MAX_TEXT_FILE_BYTES)]
    title: str | None
    date: dt.date | None
    source: str | None
    url: str | None
    column: str | None
    body: Annotated[tuple[tuple[int, int, LineKind], ...], Field(min_length=1, max_length=limits.MAX_BODY_LINES)]
    notes: tuple[str, ...]
    encoding: Annotated[str, Field(pattern=r"^[a-z0-9-]{3,20}$")]


class _BulletinReply(_Strict):
    read: _Bulletin


class Draft(_Strict):
    """A draft's text and the places of its block quotations."""

    text: str
    blocks: tuple[tuple[int, int], ...]


class _DraftReply(_Strict):
    read: Draft


class _Links(_Strict):
    base: str | None
    links: tuple[tuple[str, bool, bool], ...]


class _LinksReply(_Strict):
    read: _Links


_Reply = TypeVar("_Reply", bound=_Strict)


def bulletin(reply: bytes) -> tuple[Document, str]:
    """Returns a document and its encoding; raises ``Refused`` if it is a refusal, ``BadReply`` if neither."""
    read = _parse(_BulletinReply, reply).read
    body = tuple(Line(*line) for line in read.body)
    _check_places(body, len(read.text))
    values = read.model_dump(exclude={"body", "encoding"})
    return Document(**values, body=body), read.encoding


def draft(reply: bytes) -> Draft:
    """Returns what was read of a draft; raises as ``bulletin`` does."""
    read = _parse(_DraftReply, reply).read
    _check_places([Span(*block) for block in read.blocks], len(read.text))
    return read


def links(reply: bytes) -> PageLinks:
    """Returns a page's links; raises as ``bulletin`` does."""
    read = _parse(_LinksReply, reply).read
    return PageLinks(read.base, tuple(PageLink(*link) for link in read.links))


def start(reply: bytes) -> Start:
    """Returns what a worker says first; raises ``BadReply`` where it is anything else."""
    return _validate(Start, reply)


def _parse(kind: type[_Reply], reply: bytes) -> _Reply:
    if reply.startswith(b'{"what"'):
        refusal = _validate(_Refusal, reply)
        raise Refused(refusal.what, refusal.remedy)
    return _validate(kind, reply)


def _validate(kind: type[_Reply], reply: bytes) -> _Reply:
    try:
        return kind.model_validate_json(reply)
    except ValidationError as error:
        raise BadReply from error


def _check_places(spans: Sequence[Span], length: int) -> None:
    at = 0
    for span in spans:
        if not at <= span.start < span.end <= length:
            raise BadReply
        at = span.end
