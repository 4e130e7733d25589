"""Bibliographic files, read back by the libraries that other programs read them with."""

from __future__ import annotations

import datetime as dt
import json

import bibtexparser
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from hypothesis import given
from hypothesis import strategies as st

from rag import models
from rag.answer.citation.bibliography import bibtex, csl_json, ris
from tests.support.citations import DAY, cited_slice

TEXT = "Talks & more\n\nCosts rose 5% to $7_000 #1 {about \\ 10~20^2}.\nTY  - “领事保护”，well-known --- it''s ``so''."
KNOWN = {
    "title": "R&D_1: 100% of {A} \\ B – “领事” #2 for $3",
    "source": "Office of Foreign Affairs and Trade, Miyun & Co",
    "date": dt.date(2024, 3, 1),
    "url": "https://a.b/c%20d_e?x=1&y=2;z~#top",
    "districts": ("Miyun District",),
    "heading": "A 50% rise",
}
WORDS = TEXT[14:]
STRANGE = st.text(st.sampled_from("ab &%_#{}\\$~^\"'`-!?<>@,=你“” 1.\n"), min_size=1, max_size=30)


def read_bibtex(written: str) -> dict[str, str]:
    """The one entry's fields; ``url`` is verbatim and not decoded."""
    raw = bibtexparser.parse_string(written)
    decoded = bibtexparser.parse_string(written, append_middleware=[LatexDecodingMiddleware()])
    assert (raw.failed_blocks, decoded.failed_blocks, len(decoded.entries)) == ([], [], 1)
    fields = {field.key: field.value for field in decoded.entries[0].fields}
    return fields | {"url": raw.entries[0]["url"]} if "url" in fields else fields


def test_bibtex_comes_back_the_same() -> None:
    """LaTeX's own characters, Chinese, ligatures and line breaks survive; nothing is added."""
    one = cited_slice(TEXT, WORDS, **KNOWN)
    written = bibtex(one, DAY)
    read = read_bibtex(written)
    assert all(f"\\{character}" in written for character in "&%_#$")  # LaTeX's own, which it would stop at
    assert read["title"] == KNOWN["title"]
    assert read["author"] == KNOWN["source"]
    assert (read["date"], read["year"], read["urldate"]) == ("2024-03-01", "2024", "2026-11-27")
    assert read["url"] == KNOWN["url"]
    assert read["annote"] == WORDS
    assert read["titleaddon"] == "Miyun District · A 50% rise"
    assert one.sha256 in read["note"]
    assert f"2024/talk.txt#char=14,{len(TEXT)}" in read["note"]


@given(STRANGE)
def test_no_title_or_quote_breaks_bibtex(words: str) -> None:
    """Whatever the characters, the entry stays one entry with these words."""
    read = read_bibtex(bibtex(cited_slice(words, words, title=words), DAY))
    assert (read["title"], read["annote"]) == (words, words)


@given(STRANGE)
def test_no_title_or_quote_breaks_ris(words: str) -> None:
    """A line that looks like a tag stays inside its value; line breaks become spaces."""
    [read] = rispy.loads(
        ris(cited_slice(f"TY  - {words}\nER  - ", f"TY  - {words}\nER  - ", title=f"{words}\nER  - x"), DAY)
    )
    assert " ".join(read["title"].split()) == " ".join(f"{words} ER - x".split())
    assert " ".join(read["notes"][0].split()) == " ".join(f"TY - {words} ER -".split())


def test_ris_comes_back_the_same() -> None:
    """Read by rispy: type, title, source, date, section, address, day of access, place and digest."""
    one = cited_slice(TEXT, WORDS, **KNOWN)
    written = ris(one, DAY)
    [read] = rispy.loads(written)
    assert written.startswith("TY  - ELEC\n")
    assert read["title"] == KNOWN["title"]
    assert read["authors"] == [KNOWN["source"]]
    assert (read["date"], read["year"], read["access_date"]) == ("2024/03/01", "2024", "2026/11/27")
    assert read["urls"] == ["https://a.b/c%20d_e?x=1&y=2%3Bz~#top"]
    assert read["section"] == "Miyun District · A 50% rise"
    assert read["notes"][0] == WORDS.replace("\n", " ")
    assert one.sha256 in read["notes"][1]
    assert read["accession_number"] == f"2024/talk.txt#char=14,{len(TEXT)}"


def rendered(one: models.Citation) -> str:
    """The item in Harvard style, by citeproc-py."""
    item = json.loads(json.dumps(csl_json(one, DAY)))
    source = CiteProcJSON([item])
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, source, formatter.plain)
    bibliography.register(Citation([CitationItem(item["id"])]))
    return str(bibliography.bibliography()[0])


def test_csl_json_is_rendered_by_a_citation_processor() -> None:
    """The style's own program finds source, title, year, address and day of access."""
    known = {"title": "A Talk", "source": "Office", "date": dt.date(2024, 3, 1), "url": "https://a.b/c"}
    line = rendered(cited_slice("One.", "One.", **known))
    assert line.startswith("Office (2024)")
    for part in ("A Talk", "https://a.b/c", "November 27, 2026"):
        assert part in line


def test_csl_json_says_only_what_is_known() -> None:
    """An undated, untitled bulletin without source and address has no such fields; place and digest it has."""
    bare = csl_json(cited_slice("One. Two.", "Two."), DAY)
    assert bare == {
        "id": bare["id"],
        "type": "article-newspaper",
        "accessed": {"date-parts": [[2026, 11, 27]]},
        "archive_location": "2024/talk.txt#char=5,9",
        "note": f"SHA-256 of the text: {cited_slice('One. Two.', 'Two.').sha256}, characters 5 to 9",
        "annote": "Two.",
    }
    full = csl_json(cited_slice(TEXT, WORDS, **KNOWN), DAY)
    assert (full["type"], full["issued"], full["URL"]) == ("webpage", {"date-parts": [[2024, 3, 1]]}, KNOWN["url"])


@pytest.mark.parametrize("write", [bibtex, ris])
def test_files_say_only_what_is_known(write: object) -> None:
    """No empty field, no invented "n.d."."""
    written = write(cited_slice("One. Two.", "Two."), DAY)  # type: ignore[operator]
    for word in ("None", "undated", "title =", "TI  -", "author", "AU  -", "year", "PY  -", "url =", "UR  -"):
        assert word not in written
