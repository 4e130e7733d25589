"""What a reader says of an answer: taken only for an answer that the server keeps, and from the desk's own page."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from rag import limits
from rag.admin import feedback as kept
from rag.admin.feedback_reasons import REASONS, VERDICTS, Reason, Verdict
from rag.errors import RagError
from rag.web.auth.access import ELSEWHERE, same_origin
from rag.web.pages.routes import sentence
from rag.web.service import Desk

LOG = logging.getLogger(__name__)
GONE = "The desk no longer keeps this answer. Please ask again, and say it of the new one."
THANKS = "Thank you. The desk’s staff will read it."
_FIELDS = ("verdict", "reason", "words")


@dataclass(frozen=True, slots=True)
class _Said:
    verdict: Verdict
    reason: Reason
    words: str


class _Unusable(Exception):
    """What was sent can't be taken; the message is one line."""


def feedback(desk: Desk) -> APIRouter:
    """The route over this desk."""
    router = APIRouter()

    @router.post("/answer/{key}/feedback")
    async def say(request: Request, key: str) -> Response:
        if not same_origin(request):
            return _told(request, ELSEWHERE, 403)
        if desk.shelf.kept(key) is None:
            return _told(request, GONE, 404)
        try:
            said = _read(request.headers.get("content-type", ""), await _body(request))
        except _Unusable as unusable:
            return _told(request, str(unusable), 422)
        return await run_in_threadpool(_kept, desk, request, key, said)

    return router


def _kept(desk: Desk, request: Request, key: str, said: _Said) -> Response:
    on_shelf = desk.shelf.kept(key)
    if on_shelf is None:
        return _told(request, GONE, 404)
    given = kept.of_answer(
        key,
        on_shelf.answer,
        said.verdict,
        said.reason,
        said.words,
        history=on_shelf.history,
        without=on_shelf.without,
    )
    try:
        kept.keep(desk.settings.library, given)
    except RagError as error:
        LOG.error("%s", error)
        return _told(request, "This could not be kept. The desk’s log says why.", 500)
    desk.metrics.said(said.verdict)
    return _told(request, THANKS, 200)


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > limits.MAX_FEEDBACK_BYTES:
            raise _Unusable(f"What was sent is too long. Please use at most {limits.MAX_FEEDBACK_CHARS} characters.")
    return body


def _read(content_type: str, body: bytes) -> _Said:
    if content_type.partition(";")[0].strip().casefold() != "application/x-www-form-urlencoded":
        raise _Unusable("What was sent is no form.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=len(_FIELDS), errors="strict")
    except ValueError:
        raise _Unusable("What was sent can’t be read. Please send it again.") from None
    sent = dict(pairs)
    if len(sent) < len(pairs) or not sent.keys() <= set(_FIELDS):
        raise _Unusable("What was sent has fields that this form doesn’t have.")
    verdict = next((one for one in VERDICTS if one == sent.get("verdict")), None)
    reason = next((one for one in REASONS if one == sent.get("reason")), None)
    words = _plain(sent.get("words", ""))
    if verdict is None:
        raise _Unusable("Say whether the answer was helpful or not.")
    if len(words) > limits.MAX_FEEDBACK_CHARS:
        raise _Unusable(f"These words have {len(words):,} characters. Please use at most {limits.MAX_FEEDBACK_CHARS}.")
    if verdict == "helpful":
        if sent.get("reason") or words:
            raise _Unusable("A helpful answer needs no reason and no words.")
        return _Said(verdict, "", "")
    if reason is None:
        raise _Unusable("Choose one of the reasons.")
    return _Said(verdict, reason, words)


def _plain(words: str) -> str:
    """Without what doesn't print, line breaks excepted."""
    broken = words.replace("\r\n", "\n")
    return "".join(c if c.isprintable() or c == "\n" else " " for c in broken).strip()


def _told(request: Request, line: str, status: int) -> Response:
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"said": line}, status)
    return sentence(request, line, status)
