"""A conversation: each question with the HTML that answers it, whatever goes wrong."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag import limits
from rag.admin.log_setup import about_question
from rag.admin.question_event import Seen, of_answer
from rag.answer.timing import Stopwatch
from rag.errors import RagError
from rag.models import Answer, Condition
from rag.web.service import Desk
from rag.web.templating import answer_html, render

if TYPE_CHECKING:
    from rag.answer.assistant import Assistant

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question, and the HTML that answers it.

    ``history`` are the questions before it; ``without`` the conditions that were taken away from it; ``chips`` those
    that still can be; ``key`` is the answer's id on the shelf, "" where there is no answer.
    """

    question: str
    html: str = ""
    history: tuple[str, ...] = ()
    without: tuple[Condition, ...] = ()
    chips: tuple[Condition, ...] = ()
    key: str = ""


Talk = tuple[Turn, ...]


def converse(desk: Desk, question: str, before: Talk) -> Iterator[Talk]:
    """The conversation as it goes on: at once with a word of patience, in the end with the answer.

    A question asked while the desk gets ready waits for it.
    """
    question = question.strip()
    if not question:
        yield before
        return
    history = _history(before)
    if len(question) > limits.MAX_QUESTION_CHARS:
        most = limits.MAX_QUESTION_CHARS
        line = f"This question has {len(question):,} characters, more than {most:,}. Please ask it in fewer words."
        asked = Turn(question[: limits.MAX_QUESTION_CHARS] + "…", history=history)
        desk.saw(Seen(desk.shelf.new_key(), "refused"))
        yield _grown(before, replace(asked, html=_line(desk, asked, "refused", line)))
        return
    yield from _answered(desk, Turn(question, history=history), before)


def ask_again(desk: Desk, key: str, condition: str, before: Talk) -> Iterator[Talk]:
    """The conversation with a question asked again without one of its conditions; the earlier answer stays.

    ``key`` and ``condition`` come from the browser: what no answer of this conversation offers changes nothing.
    """
    for turn in before:
        for chip in turn.chips:
            if key and (turn.key, chip.key) == (key, condition):
                again = Turn(turn.question, history=turn.history, without=(*turn.without, chip))
                yield from _answered(desk, again, before)
                return
    yield before


def told(desk: Desk, question: str, line: str, before: Talk) -> Talk:
    """The conversation with a line in the place of an answer that the desk doesn't give at this moment."""
    asked = Turn(question[: limits.MAX_QUESTION_CHARS], history=_history(before))
    return _grown(before, replace(asked, html=_line(desk, asked, "held", line)))


def _answered(desk: Desk, asked: Turn, before: Talk) -> Iterator[Talk]:
    while not desk.settled(0):
        line = _line(desk, asked, "wait", f"One moment, still loading. {desk.state.stage.line}")
        yield _grown(before, replace(asked, html=line))
        desk.settled(1)
    yield _grown(before, replace(asked, html=_line(desk, asked, "wait", "Looking through the bulletins…")))
    yield _grown(before, _answer(desk, asked, before))


def _answer(desk: Desk, asked: Turn, before: Talk) -> Turn:
    """The turn with its answer, and a line in the log and the record of what was asked."""
    key, watch = desk.shelf.new_key(), Stopwatch()
    with about_question(key):
        turn, answer = _made(desk, asked, before, key, watch)
        watch.lap("rendering")
        seconds, stages = watch.seconds, watch.stages
        desk.saw(of_answer(key, answer, seconds, stages) if answer else Seen(key, "trouble", seconds=seconds))
        if answer and answer.status == "no_match" and not asked.without:
            desk.unanswered(asked.question, answer.message)
    return turn


def _made(desk: Desk, asked: Turn, before: Talk, key: str, watch: Stopwatch) -> tuple[Turn, Answer | None]:
    state = desk.state
    if state.serving is None or state.serving.assistant is None:
        return replace(asked, html=_line(desk, asked, "trouble", state.stage.line)), None
    library, assistant = state.serving.library, state.serving.assistant
    try:
        answer, without = _ask(assistant, asked, before, watch)
        html = answer_html(answer, library, key=key, without=without, again=bool(asked.without))
        desk.shelf.put(answer, key, history=asked.history, without=tuple(chip.label for chip in without))
        return replace(asked, without=without, chips=answer.understood.chips, key=key, html=html), answer
    except RagError as error:
        LOG.error("%s", error)
        return replace(asked, html=_line(desk, asked, "trouble", str(error))), None
    except Exception:
        number = secrets.token_hex(4)
        LOG.exception("a question was not answered, number %s", number)
        line = f"Something went wrong and this question was not answered. If you report it, give the number {number}."
        return replace(asked, html=_line(desk, asked, "trouble", line)), None


def _ask(assistant: Assistant, asked: Turn, before: Talk, watch: Stopwatch) -> tuple[Answer, tuple[Condition, ...]]:
    """The answer, and the conditions that it was asked without."""

    def put(without: Sequence[Condition]) -> Answer:
        keys = [chip.key for chip in without]
        return assistant.ask(asked.question, history=asked.history, without=keys, watch=watch)

    without = asked.without
    answer = put(without)
    # what was taken away from the question before must not come back with what is carried over from it
    gone = {chip.key for chip in before[-1].without} if before and not without else set()
    if back := tuple(chip for chip in answer.understood.chips if chip.carried and chip.key in gone):
        answer = put(back)
    return answer, without or back


def _history(before: Talk) -> tuple[str, ...]:
    """The questions that led to this one.  What was too long to ask is too long to remember."""
    if not before:
        return ()
    last = before[-1]
    return (*last.history, *((last.question,) if len(last.question) <= limits.MAX_QUESTION_CHARS else ()))[
        -limits.MAX_EARLIER_QUESTIONS :
    ]


def _grown(before: Talk, turn: Turn) -> Talk:
    """With the turn; the earliest leave where there are too many, or where they are too large together."""
    turns, held = [turn], len(turn.html)
    for earlier in reversed(before[1 - limits.MAX_TURNS :]):
        held += len(earlier.html)
        if held > limits.MAX_CONVERSATION_CHARS:
            break
        turns.append(earlier)
    return tuple(reversed(turns))


def _line(desk: Desk, asked: Turn, kind: str, line: str) -> str:
    """A line of the desk's own; in an emergency the notice matters most where there is no answer."""
    return render("line.html", kind=kind, line=line, notice=desk.board.notice_for(asked.question))
