"""A conversation: each question with the HTML that answers it, whatever goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rag import limits
from rag.admin import question_log
from rag.admin.log_setup import question_context
from rag.admin.question_log import QuestionEvent
from rag.answer.models import Answer
from rag.answer.notice import notice_for
from rag.answer.timing import Stopwatch
from rag.budget import OverBudget, limited
from rag.query.models import Condition
from rag.web.chat.answer_cards import answer_html
from rag.web.responses import failure_line
from rag.web.service import Service
from rag.web.templating import render

if TYPE_CHECKING:
    from rag.answer.assistant import Assistant

LOG = logging.getLogger(__name__)
TOO_MUCH = "This question asks for too much at once. Ask for fewer things, or in fewer words."


@dataclass(slots=True, eq=False, weakref_slot=True)
class PackedAnswer:
    """The packed HTML of an answer, None once it was given up."""

    data: bytes | None


@dataclass(frozen=True, slots=True)
class Turn:
    """A question, and the HTML that answers it.

    ``history`` are the questions before it; ``without`` the conditions that were removed from it; ``conditions`` those
    that can still be removed; ``key`` is the id of the cached answer, "" where there is no answer; ``packed`` is the
    HTML as it is kept between two questions.
    """

    question: str
    html: str = ""
    history: tuple[str, ...] = ()
    without: tuple[Condition, ...] = ()
    conditions: tuple[Condition, ...] = ()
    key: str = ""
    packed: PackedAnswer | None = field(default=None, compare=False)


Conversation = tuple[Turn, ...]


def converse(service: Service, question: str, before: Conversation) -> Iterator[Conversation]:
    """Yields the conversation as it goes on: first with a line that asks for patience, at last with the answer.

    A question asked while the service gets ready waits for it.
    """
    question = question.strip()
    if not question:
        yield before
        return
    turn = Turn(question, history=_history(before))
    most = limits.MAX_QUESTION_CHARS
    if len(question) > most:
        service.record_question(QuestionEvent(service.answers.new_key(), "refused"))
        line = f"This question has {len(question):,} characters, more than {most:,}. Please ask it in fewer words."
        turn = replace(turn, question=question[:most] + "…")
        yield append_turn(before, _with_line(service, turn, "refused", line))
        return
    yield from _answer_turn(service, turn, before)


def ask_without(service: Service, key: str, condition: str, before: Conversation) -> Iterator[Conversation]:
    """Yields the conversation with a question asked again without one of its conditions; the earlier answer stays.

    ``key`` and ``condition`` come from the browser: a pair that this conversation doesn't offer changes nothing.
    """
    for turn in before:
        for removed in turn.conditions:
            if key and (turn.key, removed.key) == (key, condition):
                again = Turn(turn.question, history=turn.history, without=(*turn.without, removed))
                yield from _answer_turn(service, again, before)
                return
    yield before


def with_notice(service: Service, question: str, line: str, before: Conversation) -> Conversation:
    """The conversation with a line in place of an answer that isn't given at this moment."""
    turn = Turn(question[: limits.MAX_QUESTION_CHARS], history=_history(before))
    return append_turn(before, _with_line(service, turn, "held", line))


def append_turn(before: Conversation, turn: Turn) -> Conversation:
    """The conversation with the turn; the earliest turns are dropped where they are too many or too large together."""
    turns, chars = [turn], len(turn.html)
    for earlier in reversed(before[1 - limits.MAX_TURNS :]):
        chars += len(earlier.html)
        if chars > limits.MAX_CONVERSATION_CHARS:
            break
        turns.append(earlier)
    return tuple(reversed(turns))


def _answer_turn(service: Service, turn: Turn, before: Conversation) -> Iterator[Conversation]:
    while not service.wait_until_settled(0):
        line = f"One moment, still loading. {service.state.stage.line}"
        yield append_turn(before, _with_line(service, turn, "wait", line))
        service.wait_until_settled(1)
    yield append_turn(before, _with_line(service, turn, "wait", "Looking through the bulletins…"))
    yield append_turn(before, _answered(service, turn, before))


def _answered(service: Service, turn: Turn, before: Conversation) -> Turn:
    """The turn with its answer, which is logged and recorded."""
    key, watch = service.answers.new_key(), Stopwatch()
    with question_context(key):
        answered, answer, outcome = _try_answer(service, turn, before, key, watch)
        watch.lap("rendering")
        seconds, stages = watch.seconds, watch.stages
        failed = QuestionEvent(key, outcome, seconds=seconds)
        event = question_log.from_answer(key, answer, seconds, stages) if answer else failed
        service.record_question(event)
        if answer and answer.status == "no_match" and not turn.without:
            service.record_unanswered(turn.question, answer.message)
    return answered


def _try_answer(
    service: Service, turn: Turn, before: Conversation, key: str, watch: Stopwatch
) -> tuple[Turn, Answer | None, question_log.Outcome]:
    """The turn with its answer, or with a line that says why it has none, and what came of it."""
    state = service.state
    if state.serving is None or state.serving.assistant is None:
        return _with_line(service, turn, "trouble", state.stage.line), None, "trouble"
    library, assistant = state.serving.library, state.serving.assistant
    try:
        with limited(limits.QUESTION_CPU_SECONDS, limits.QUESTION_SECONDS, TOO_MUCH):
            answer, without = _ask(assistant, turn, before, watch)
            html = answer_html(answer, library, key=key, without=without, again=bool(turn.without))
        service.answers.put(answer, key, history=turn.history, without=tuple(removed.label for removed in without))
        return (
            replace(turn, without=without, conditions=answer.query.conditions, key=key, html=html),
            answer,
            answer.status,
        )
    except OverBudget as error:
        LOG.warning("a question was ended: %s", error)
        return _with_line(service, turn, "refused", str(error)), None, "refused"
    except Exception as error:  # noqa: BLE001 - it is logged, with its number
        line = failure_line(error, "this question was not answered")
        return _with_line(service, turn, "trouble", line), None, "trouble"


def _ask(
    assistant: Assistant, turn: Turn, before: Conversation, watch: Stopwatch
) -> tuple[Answer, tuple[Condition, ...]]:
    """The answer, and the conditions that it was asked without."""

    def ask(without: Sequence[Condition]) -> Answer:
        keys = [removed.key for removed in without]
        return assistant.ask(turn.question, history=turn.history, without=keys, stopwatch=watch)

    answer = ask(turn.without)
    # a condition removed from the question before must not come back with what is inherited from it
    gone = {removed.key for removed in before[-1].without} if before and not turn.without else set()
    if back := tuple(read for read in answer.query.conditions if read.inherited and read.key in gone):
        answer = ask(back)
    return answer, turn.without or back


def _history(before: Conversation) -> tuple[str, ...]:
    """The questions that led to the next one, without those too long to be asked."""
    if not before:
        return ()
    last = before[-1]
    question = (last.question,) if len(last.question) <= limits.MAX_QUESTION_CHARS else ()
    return (*last.history, *question)[-limits.MAX_EARLIER_QUESTIONS :]


def _with_line(service: Service, turn: Turn, kind: str, line: str) -> Turn:
    """The turn with a line in place of an answer, below the operator's notice, if there is one for the question."""
    notice = notice_for(service.settings.library, turn.question)
    return replace(turn, html=render("line.html", kind=kind, line=line, notice=notice))
