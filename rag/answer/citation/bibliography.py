"""A slice -> what reference managers read: CSL-JSON, BibTeX and RIS.

The quoted words, the digest of the text they stand in and their place there go along; the place is written as RFC 5147
does ("000_x.txt#char=120,340": from before the first character to after the last, counted from 0).
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from rag.models import Citation

if TYPE_CHECKING:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

# LaTeX's own characters, in the forms that LaTeX sets and BibTeX's count of braces doesn't trip over.
_LATEX = {
    "\\": r"{\textbackslash}",
    "{": r"\ensuremath{\lbrace}",
    "}": r"\ensuremath{\rbrace}",
    "~": r"{\textasciitilde}",
    "^": r"{\string^}",
    "@": "{@}",  # at the start of a line it would open an entry
    **{character: f"\\{character}" for character in "&%_#$"},
}
# Two of these run together into one other: a dash, a curly quote, an inverted mark.
_LIGATURES = re.compile(r"([-`'!?,<>])(?=[-`',<>])")
# Whatever some reader of RIS may take for the end of a line.
_BREAKS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")


def csl_json(cited: Citation, accessed: dt.date) -> dict[str, Any]:
    """One item of CSL-JSON (https://github.com/citation-style-language/schema, csl-data.json).

    A bulletin with an address is a web page, another a newspaper's article; its source stands as the author.
    """
    item: dict[str, Any] = {"id": cited.key, "type": "webpage" if cited.url else "article-newspaper"}
    if cited.title:
        item["title"] = cited.title
    if cited.source:
        item["author"] = [{"literal": cited.source}]
    if cited.date:
        item["issued"] = _date_parts(cited.date)
    if cited.url:
        item["URL"] = cited.url
    if section := _section(cited):
        item["section"] = section
    item["accessed"] = _date_parts(accessed)
    item["archive_location"] = _place(cited)
    item["note"] = _proof(cited)
    item["annote"] = cited.text
    return item


def bibtex(cited: Citation, accessed: dt.date) -> str:
    """One ``@misc`` entry, for BibTeX and biblatex alike; UTF-8, only LaTeX's own characters are encoded.  ``url`` is
    left as it is: both read that field verbatim."""
    from bibtexparser.entrypoint import write_string
    from bibtexparser.library import Library
    from bibtexparser.model import Entry, Field

    fields = {
        "title": cited.title,
        "author": cited.source,
        "date": str(cited.date) if cited.date else None,
        "year": str(cited.date.year) if cited.date else None,
        "titleaddon": _section(cited),
        "url": cited.url,
        "urldate": str(accessed),
        "note": f"{_place(cited)}, {_proof(cited)}",
        "annote": cited.text,
    }
    encoder = _latex()
    written = [
        Field(key, value if key == "url" else _shielded(key, encoder.unicode_to_latex(value)))
        for key, value in fields.items()
        if value
    ]
    return str(write_string(Library([Entry("misc", cited.key, written)])))


def ris(cited: Citation, accessed: dt.date) -> str:
    """One record of RIS.  A line of RIS begins with its tag, so line breaks inside the words become spaces."""
    import rispy

    class Writer(rispy.RisWriter):  # type: ignore[misc]  # ships no types
        def set_header(self, count: int) -> str:
            return ""  # "1." above a record is not of the format

    record = {
        "type_of_reference": "ELEC" if cited.url else "NEWS",
        "id": cited.key,
        "title": cited.title,
        "authors": [cited.source] if cited.source else None,
        "date": cited.date.strftime("%Y/%m/%d") if cited.date else None,
        "year": str(cited.date.year) if cited.date else None,
        "section": _section(cited),
        # A semicolon stands between addresses there.
        "urls": [cited.url.replace(";", "%3B")] if cited.url else None,
        "access_date": accessed.strftime("%Y/%m/%d"),
        "accession_number": _place(cited),
        "notes": [cited.text, _proof(cited)],
    }
    flat = {key: _flat(value) for key, value in record.items() if value}
    return str(rispy.dumps([flat], implementation=Writer))


def _date_parts(date: dt.date) -> dict[str, list[list[int]]]:
    return {"date-parts": [[date.year, date.month, date.day]]}


def _section(cited: Citation) -> str:
    return " · ".join([*cited.districts, *filter(None, [cited.heading])])


def _place(cited: Citation) -> str:
    return f"{cited.bulletin}#char={cited.start},{cited.end}"


def _proof(cited: Citation) -> str:
    return f"SHA-256 of the text: {cited.sha256}, characters {cited.start} to {cited.end}"


def _flat(value: str | list[str]) -> str | list[str]:
    return _BREAKS.sub(" ", value) if isinstance(value, str) else [_BREAKS.sub(" ", part) for part in value]


def _shielded(key: str, words: str) -> str:
    """Braces keep an office's name from being read as first and last names, "and" as a list of authors."""
    return f"{{{words}}}" if key in ("author", "title") else words


@cache
def _latex() -> UnicodeToLatexEncoder:
    from pylatexenc import latexencode

    rules = [
        latexencode.UnicodeToLatexConversionRule(latexencode.RULE_REGEX, [(_LIGATURES, r"\1{}")]),
        latexencode.UnicodeToLatexConversionRule(latexencode.RULE_DICT, {ord(c): s for c, s in _LATEX.items()}),
    ]
    return latexencode.UnicodeToLatexEncoder(
        conversion_rules=rules,
        replacement_latex_protection="none",
        unknown_char_policy="keep",
        unknown_char_warning=False,
    )
