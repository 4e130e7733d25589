"""HTML from templates, all of them autoescaped: the one place where text is escaped."""

from __future__ import annotations

import datetime as dt

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from rag.answer.citation import bibliography
from rag.models import Citation
from rag.query import conditions
from rag.text.dates import long_date
from rag.text.phrases import join_names


def verbatim(text: str) -> Markup:
    """Stored text, escaped; a bare carriage return goes by its number, since parsers turn it into a line feed."""
    return Markup(str(escape(text)).replace("\r", "&#13;"))


def citation_line(cited: Citation) -> str:
    """The citation line, accessed today."""
    return bibliography.citation_line(cited, accessed=dt.date.today())


def moment(iso: str) -> str:
    """The time in this machine's zone, "27 November 2026, 14:03"; "" for none."""
    if not iso:
        return ""
    at = dt.datetime.fromisoformat(iso).astimezone()
    return f"{at.day} {at:%B %Y, %H:%M}"


def size(count: int) -> str:
    """So many bytes as "1.2 MB"."""
    for unit, bytes_of_unit in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= bytes_of_unit:
            return f"{count / bytes_of_unit:,.1f} {unit}"
    return f"{count} bytes"


def on_day(iso: str) -> str:
    """The date as ``long_date`` has it."""
    return long_date(dt.date.fromisoformat(iso))


TEMPLATES = Environment(
    loader=PackageLoader("rag.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
TEMPLATES.filters.update(
    long_date=long_date,
    join_names=join_names,
    verbatim=verbatim,
    condition=conditions.display,
    citation_line=citation_line,
    moment=moment,
    size=size,
    on_day=on_day,
)


def render(template: str, **values: object) -> str:
    """The template filled in with the values, as HTML."""
    return TEMPLATES.get_template(template).render(**values)
