"""Long inputs of the kinds that make patterns slow, before everything that reads what comes from outside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.answer.assistant import Assistant
from rag.answer.citation.text_fragment import text_fragment_url
from rag.answer.csv_export import escape_formula
from rag.checking.checker import Checker
from rag.checking.drafts.read_draft import read_draft
from rag.errors import RagError
from rag.ingest.fetch import politeness, save
from rag.ingest.parse import parse
from rag.ingest.refused import Refused
from rag.ingest.sandbox import reader
from rag.library.reader import Library
from rag.query.parse import parse_bilingual
from rag.web.pages.catalogue import browse
from tests.faults.outcome import Outcome, failures
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import ENCODER, build_library

FAULT = "long inputs of the kinds that make patterns slow"
DUTY = "every reader of what comes from outside ends"

LENGTH = 10_000
# Each is repeated until it is as long as wanted; the last character is another, so that what would match doesn't.
PIECES = (
    *("a", " ", "\t", "\n", "\r\n", "\u3000", "\u200b", "-", "_", ".", ",", "'", '"', "\u201c", "\u201d", "\u2018"),
    *("(", "((", ")", "[", "{", "<", "<<a", "</", "&", "&#", "&amp;", "%", "%2", "\\", "/", "//", "http://", "a@"),
    *("1", "1,", "1.", "1/", "1-", "12:", "2024-", "2024 ", "May ", "May 1, ", "on ", "from ", "to and ", "in the "),
    *("A. ", "A.B.", "Mr. ", "Co., Ltd. ", "e.g. ", "i. ", "- ", "* ", "# ", "> ", "| a ", "|--", "```\n", "~~~\n"),
    *("\u5e74", "\u6708", "12\u6708", "\u4e00", "\u7b2c\u4e00", "\u5317\u4eac", "\uff08", "\u300a", "\u3001", "\u00b7"),
    *("Haidian ", "Haidian and ", "District ", "district of ", "Beijing\u2019s ", "how many ", "latest ", "vs "),
    *("e\u0301", "\u202e", "\U000e0041", "\ufe0f", "\U0001f468\u200d", "\u0130", "\u00df", "\uff21", "\u0336", "\x85"),
    *("aA", "a1", "a-", "a a ", "a, ", "a; ", "'a' ", '"a" ', "\u201ca\u201d ", "\u201ca ", "(a) "),
    *("a\n\n", "Date: a\n", "not "),
    *("<p>", "<div a=", "<a href=x>", "<!--", "<![CDATA[", "<script>", "<table><tr><td>", "fontSize: ", "var a = 1; "),
)


def run(folder: Path, *, every: int) -> Outcome:
    """Each ``every``-th piece."""
    kites = bulletin_text("2024-05-02", "Haidian District", "Kites", "Forty kites rose on May 1.")
    library = build_library(folder, kites=kites)
    problems: list[str] = []
    longest, where, tried = 0.0, "", 0
    readers = list(_readers(folder, library))
    for piece in PIECES[::every]:
        text = (piece * (LENGTH // len(piece) + 1))[: LENGTH - 1] + "\u00a4"
        for name, read in readers:
            tried += 1
            began = time.monotonic()
            try:
                read(text)
            except (RagError, Refused):
                pass  # it is refused
            except Exception as error:  # noqa: BLE001
                problems.append(f"{name} of {piece!r} raised {error!r}"[:300])
            took = time.monotonic() - began
            if took > longest:
                longest, where = took, f"{name} of {piece!r}"
    which = f"{longest:.2f} s ({where})".replace("|", "\\|")
    inputs = f"{len(PIECES[::every])} inputs of {LENGTH:,} characters to {len(readers)} readers"
    what = f"{inputs}: all end, at most in {which}"
    details = {"longest_seconds": round(longest, 2), "longest": where} | failures(problems)
    return Outcome(FAULT, tried, len(problems), what, details)


def _readers(folder: Path, library: Library) -> Iterator[tuple[str, Callable[[str], object]]]:
    assistant, checker = Assistant(library, ENCODER), Checker(library)
    yield "a question's words", lambda text: parse_bilingual(text[:1000])
    yield "a question", lambda text: assistant.ask(text)
    yield "a question of 1,000", lambda text: assistant.ask(text[:999] + "?")
    yield "a follow-up", lambda text: assistant.ask("And in Haidian?", history=(text[:1000], text))
    yield "a draft", lambda text: checker.audit(text)
    yield "a quotation", lambda text: checker.check(text, quote=text)
    yield "a draft with one quotation", lambda text: checker.audit(f"On May 1 he said \u201c{text}\u201d in Haidian")
    yield "a claim", lambda text: checker.audit(f"{text} \u201cForty kites rose on May 1.\u201d {text}")
    yield "a file of a draft", lambda text: read_draft(text.encode(), "draft.md")
    for suffix in (".txt", ".md", ".html"):
        path = folder / f"bulletin{suffix}"
        yield f"a {suffix} file", lambda text, path=path: _parsed(path, text)  # type: ignore[misc]
        yield f"a {suffix} file's text", lambda text, path=path: _parsed(path, _within(text))  # type: ignore[misc]
    yield "a search", lambda text: browse(library, [("q", text), ("date", text), ("district", text), ("page", text)])
    yield "a listing", lambda text: reader.read_links(text.encode())
    yield "robots.txt", lambda text: politeness.rules_of_response(200, text.encode()).refusal("http://a.example/b")
    yield "an address's name", lambda text: save.file_name(f"http://a.example/{text}", ".html")
    yield "a text fragment", lambda text: text_fragment_url("http://a.example/b", f"x {text} y", 2, len(text) + 2)
    yield "a cell", escape_formula


def _within(text: str) -> str:
    return f"Kites over the lake\nDate: 2024-05-02\nSource: Office\n\n{text}\n\nForty kites rose on May 1."


def _parsed(path: Path, text: str) -> object:
    path.write_text(text, encoding="utf-8")
    return parse(path)
