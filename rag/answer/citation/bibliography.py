"""A citation as one line for people, and as reference managers read it: CSL-JSON, BibTeX and RIS.

The quoted words, the digest of the text they stand in and their place there go along; the place is written as RFC 5147
does ("000_x.txt#char=120,340": from before the first character to after the last, counted from 0).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from rag.errors import one_line
from rag.models import Citation

# LaTeX's own characters, in the forms that LaTeX sets and BibTeX's count of braces doesn't trip over.
_LATEX = str.maketrans(
    {
        "\\": r"{\textbackslash}",
        "{": r"\ensuremath{\lbrace}",
        "}": r"\ensuremath{\rbrace}",
        "~": r"{\textasciitilde}",
        "^": r"{\string^}",
        "@": "{@}",  # at the start of a line it would open an entry
        **{character: f"\\{character}" for character in "&%_#$"},
    }
)
# LaTeX makes one character of two of these: a dash, a curly quote, an inverted mark.
_LIGATURE = re.compile(r"([-`'!?,<>])(?=[-`',<>])")
# Whatever some reader of RIS may take for the end of a line.
_BREAKS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")


def citation_line(cited: Citation, *, accessed: dt.date) -> str:
    """Source, title, date, section, address, file and place, day of access.

    What the bulletin doesn't state is said to be unstated, never guessed:

    "Beijing Foreign Affairs Office, “A Talk”, 2024-03-11, section “Robots” (Haidian District), https://…, file
    000_x.txt [120:340] (SHA-256 348e3b90bbf4), accessed 2026-11-27."
    """
    parts = [
        cited.source or "Source not stated",
        f"“{cited.title}”" if cited.title else "untitled",
        str(cited.date or "undated"),
        _described_section(cited),
        cited.url,
        f"file {cited.bulletin} [{cited.start}:{cited.end}] (SHA-256 {cited.sha256[:12]})",
        f"accessed {accessed}",
    ]
    return one_line(f"{', '.join(part for part in parts if part)}.")


def csl_json(cited: Citation, accessed: dt.date) -> dict[str, Any]:
    """One item of CSL-JSON (https://github.com/citation-style-language/schema, csl-data.json).

    A bulletin with an address is a web page, another a newspaper's article; its source stands as the author.
    """
    item = {
        "id": cited.key,
        "type": "webpage" if cited.url else "article-newspaper",
        "title": cited.title,
        "author": cited.source and [{"literal": cited.source}],
        "issued": cited.date and _date_parts(cited.date),
        "URL": cited.url,
        "section": _section(cited),
        "accessed": _date_parts(accessed),
        "archive_location": _place(cited),
        "note": _proof(cited),
        "annote": cited.text,
    }
    return {name: value for name, value in item.items() if value}


def bibtex(cited: Citation, accessed: dt.date) -> str:
    """One ``@misc`` entry, for BibTeX and biblatex alike; UTF-8, only LaTeX's own characters are encoded."""
    fields = {
        # Braces keep an office's name from being read as first and last names, "and" as a list of authors.
        "title": f"{{{_latex(cited.title)}}}" if cited.title else "",
        "author": f"{{{_latex(cited.source)}}}" if cited.source else "",
        "date": str(cited.date or ""),
        "year": str(cited.date.year) if cited.date else "",
        "titleaddon": _latex(_section(cited)),
        "url": cited.url,  # read verbatim by both
        "urldate": str(accessed),
        "note": _latex(f"{_place(cited)}, {_proof(cited)}"),
        "annote": _latex(cited.text),
    }
    lines = [f"\t{name} = {{{value}}}" for name, value in fields.items() if value]
    return ",\n".join([f"@misc{{{cited.key}", *lines]) + "\n}\n"


def ris(cited: Citation, accessed: dt.date) -> str:
    """One record of RIS.  A line of RIS begins with its tag, so line breaks inside the words become spaces."""
    fields = [
        ("TY", "ELEC" if cited.url else "NEWS"),
        ("ID", cited.key),
        ("TI", cited.title),
        ("AU", cited.source),
        ("DA", cited.date and cited.date.strftime("%Y/%m/%d")),
        ("PY", cited.date and str(cited.date.year)),
        ("SE", _section(cited)),
        ("UR", cited.url and cited.url.replace(";", "%3B")),  # a semicolon stands between addresses there
        ("Y2", accessed.strftime("%Y/%m/%d")),
        ("AN", _place(cited)),
        ("N1", cited.text),
        ("N1", _proof(cited)),
    ]
    return "".join(f"{tag}  - {_BREAKS.sub(' ', value)}\n" for tag, value in fields if value) + "ER  - \n"


def _date_parts(date: dt.date) -> dict[str, list[list[int]]]:
    return {"date-parts": [[date.year, date.month, date.day]]}


def _section(cited: Citation) -> str:
    return " · ".join([*cited.districts, *filter(None, [cited.heading])])


def _described_section(cited: Citation) -> str:
    districts = ", ".join(cited.districts)
    if cited.heading:
        return f"section “{cited.heading}”{f' ({districts})' if districts else ''}"
    return f"section {districts}" if districts else ""


def _place(cited: Citation) -> str:
    return f"{cited.bulletin}#char={cited.start},{cited.end}"


def _proof(cited: Citation) -> str:
    return f"SHA-256 of the text: {cited.sha256}, characters {cited.start} to {cited.end}"


def _latex(words: str) -> str:
    return _LIGATURE.sub(r"\1{}", unicodedata.normalize("NFC", words).translate(_LATEX))
