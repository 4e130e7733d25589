"""A conversation: each question with the HTML that answers it, whatever goes wrong."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from rag.errors import RagError
from rag.question import LONGEST
from rag.web.desk import Desk
from rag.web.render import answer_html, render

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question, and the HTML that answers it."""

    question: str
    html: str


Talk = tuple[Turn, ...]


def converse(desk: Desk, question: str, before: Talk) -> Iterator[Talk]:
    """The conversation as it goes on: at once with a word of patience, in the end with the answer.

    A question asked while the desk gets ready waits for it.
    """
    question = question.strip()
    if not question:
        yield before
        return
    if len(question) > LONGEST:
        line = f"This question has {len(question):,} characters, more than {LONGEST:,}. Please ask it in fewer words."
        yield (*before, Turn(question[:LONGEST] + "…", _line("refused", line)))
        return
    while not desk.settled(0):
        yield (*before, Turn(question, _line("wait", f"One moment, still loading. {desk.stage.line}")))
        desk.settled(1)
    yield (*before, Turn(question, _line("wait", "Looking through the bulletins…")))
    # what was too long to ask is too long to remember
    history = tuple(turn.question for turn in before if len(turn.question) <= LONGEST)
    yield (*before, Turn(question, _answer(desk, question, history)))


def _answer(desk: Desk, question: str, history: tuple[str, ...]) -> str:
    if desk.library is None or desk.assistant is None:
        return _line("trouble", desk.stage.line)
    try:
        return answer_html(desk.assistant.ask(question, history=history), desk.library)
    except RagError as error:
        LOG.error("%s", error)
        return _line("trouble", str(error))
    except Exception:
        number = secrets.token_hex(4)
        LOG.exception("a question was not answered, number %s", number)
        line = f"Something went wrong and this question was not answered. If you report it, give the number {number}."
        return _line("trouble", line)


def _line(kind: str, line: str) -> str:
    return render("line.html", kind=kind, line=line)
