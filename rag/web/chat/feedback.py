"""A reader's feedback on an answer: taken only for a cached answer, and from a page of this server."""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from rag import limits
from rag.admin import feedback
from rag.admin.feedback import REASONS, VERDICTS, Reason, Verdict
from rag.errors import RagError
from rag.web.auth.access import OTHER_ORIGIN, same_origin
from rag.web.middleware.client_address import address_key
from rag.web.middleware.rate_limit import PerMinuteLimiter
from rag.web.responses import sentence
from rag.web.service import Service

LOG = logging.getLogger(__name__)
GONE = "The desk no longer keeps this answer. Please ask again, and say it of the new one."
THANKS = "Thank you. The desk’s staff will read it."
TOO_MUCH = "So much was said from your address within a day that no more is kept. Please try again tomorrow."
_DAY_SECONDS = 86_400.0
_FIELDS = ("verdict", "reason", "words")


_Judgement = tuple[Verdict, Reason, str]  # with the reader's words


class _Unusable(Exception):
    """The form can't be taken; the message is one line."""


def feedback_routes(service: Service) -> APIRouter:
    """The route over this service."""
    router = APIRouter()
    pace = PerMinuteLimiter(limits.MAX_FEEDBACK_OF_ADDRESS, seconds=_DAY_SECONDS)

    @router.post("/answer/{key}/feedback")
    async def send(request: Request, key: str) -> Response:
        if not same_origin(request):
            return _reply(request, OTHER_ORIGIN, 403)
        if service.answers.entry(key) is None:
            return _reply(request, GONE, 404)
        try:
            judgement = _read(request.headers.get("content-type", ""), await _body(request))
        except _Unusable as unusable:
            return _reply(request, str(unusable), 422)
        if pace.wait(address_key(request.client.host if request.client else "")):
            return _reply(request, TOO_MUCH, 429)
        return await run_in_threadpool(_keep, service, request, key, judgement)

    return router


def _keep(service: Service, request: Request, key: str, judgement: _Judgement) -> Response:
    entry = service.answers.entry(key)
    if entry is None:
        return _reply(request, GONE, 404)
    given = feedback.from_answer(key, entry.answer, *judgement, history=entry.history, without=entry.without)
    try:
        feedback.save(service.settings.library, given)
    except RagError as error:
        LOG.error("%s", error)
        return _reply(request, "This could not be kept. The desk’s log says why.", 500)
    service.metrics.record_feedback(given.verdict)
    return _reply(request, THANKS, 200)


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > limits.MAX_FEEDBACK_BYTES:
            raise _Unusable(f"What was sent is too long. Please use at most {limits.MAX_FEEDBACK_CHARS} characters.")
    return body


def _read(content_type: str, body: bytes) -> _Judgement:
    if content_type.partition(";")[0].strip().casefold() != "application/x-www-form-urlencoded":
        raise _Unusable("What was sent is no form.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=len(_FIELDS), errors="strict")
    except ValueError:
        raise _Unusable("What was sent can’t be read. Please send it again.") from None
    sent = dict(pairs)
    if len(sent) < len(pairs) or not sent.keys() <= set(_FIELDS):
        raise _Unusable("What was sent has fields that this form doesn’t have.")
    verdict = next((known for known in VERDICTS if known == sent.get("verdict")), None)
    reason = next((known for known in REASONS if known == sent.get("reason")), None)
    words = _printable(sent.get("words", ""))
    if verdict is None:
        raise _Unusable("Say whether the answer was helpful or not.")
    if len(words) > limits.MAX_FEEDBACK_CHARS:
        raise _Unusable(f"These words have {len(words):,} characters. Please use at most {limits.MAX_FEEDBACK_CHARS}.")
    if verdict == "helpful":
        if sent.get("reason") or words:
            raise _Unusable("A helpful answer needs no reason and no words.")
        return verdict, "", ""
    if reason is None:
        raise _Unusable("Choose one of the reasons.")
    return verdict, reason, words


def _printable(words: str) -> str:
    """The words without characters that don't print, except line breaks."""
    broken = words.replace("\r\n", "\n")
    return "".join(c if c.isprintable() or c == "\n" else " " for c in broken).strip()


def _reply(request: Request, line: str, status: int) -> Response:
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"said": line}, status)
    return sentence(request, line, status)
