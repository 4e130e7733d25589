"""Records to HTML.  Every template is autoescaped: this is the page's one escaping point."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from rag import limits
from rag.admin.feedback_reasons import REASONS
from rag.answer.citation.line import citation
from rag.answer.citation.source import Cited, of_quote
from rag.answer.grouping import NEAR_MISSES, is_list
from rag.models import Answer, Condition
from rag.query.conditions import condition
from rag.web.chat.answer_cards import laid_out

if TYPE_CHECKING:
    from rag.library.reader import Library


def day(date: dt.date | None) -> str:
    """A date as a person writes it, "11 March 2024"; "undated" where the bulletin states none."""
    return f"{date.day} {date:%B %Y}" if date else "undated"


def listed(names: Iterable[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    *most, last = [*names] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def verbatim(text: str) -> Markup:
    """Stored text, escaped.  A parser turns a bare carriage return into a line feed, so it goes by its number."""
    return Markup(str(escape(text)).replace("\r", "&#13;"))


def line(cited: Cited) -> str:
    """The citation line that is copied today."""
    return citation(cited, accessed=dt.date.today())


TEMPLATES = Environment(
    loader=PackageLoader("rag.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
TEMPLATES.filters.update(day=day, listed=listed, verbatim=verbatim, condition=condition, cited=of_quote, line=line)


def render(template: str, **values: object) -> str:
    """The filled-in template, as HTML."""
    return TEMPLATES.get_template(template).render(**values)


def answer_html(
    answer: Answer, library: Library, *, key: str = "", without: Sequence[Condition] = (), again: bool = True
) -> str:
    """An answer as the chat shows it, each quote compared with the stored bulletin once more.

    ``key`` is the answer's id, which its buttons, its CSV and its link go by; ``without`` are the conditions taken away
    from the question, ``again`` whether that was done just now.

    Raises:
        QuoteMismatch: a quote is not what its bulletin holds at its place.
        RagError: the library can't give a bulletin's text.
    """
    return render(
        "answer.html",
        answer=answer,
        columns=laid_out(answer, library),
        total=len(answer.quotes),
        near=NEAR_MISSES if answer.status == "no_match" and answer.quotes else None,
        key=key,
        without=without,
        again=again,
        savable=bool(key) and is_list(answer) and bool(answer.quotes),
        keepable=bool(key) and answer.status != "refused",
        reasons=REASONS,
        most_words=limits.MAX_FEEDBACK_CHARS,
    )
