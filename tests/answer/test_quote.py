"""A quote is a slice of its bulletin, of whole sentences, or it is not shown."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from pathlib import Path

import pytest

from rag.answer.assistant import Assistant
from rag.answer.quote import cut
from rag.errors import QuoteMismatch
from rag.library.build.update import update_library
from rag.library.reader import Library
from rag.models import Hit, Passage, Quote, Span, StoredBulletin, StoredText
from rag.web.chat.answer_cards import answer_html
from tests.support.hashing_encoder import HashingEncoder

HEARD = "Sixty pensioners heard a talk on consular protection on January 5."
SAID = "\u201cNow I dare to travel,\u201d said one of them."
HOTLINE = "The hotline is 12308."


@pytest.fixture
def opened(library: Path) -> Library:
    return Library.open(library)


def passage_of(library: Library, name: str) -> tuple[Passage, StoredBulletin, StoredText]:
    """The bulletin's first passage, what is known of the bulletin, and its text."""
    passage = next(passage for passage in library.passages if passage.bulletin == name)
    bulletin = library.by_name[name]
    return passage, bulletin, library.text(bulletin.sha256)


def quote_of(
    library: Library, first: int, last: int, telling: tuple[int, ...], name: str = "second.txt", **others: object
) -> Quote:
    """The sentences ``first`` to ``last`` of the bulletin's first passage."""
    passage, bulletin, text = passage_of(library, name)
    hit = Hit(passage, 1.5, (0.1,) * len(passage.sentences), first, last, telling)
    return cut(hit, bulletin, text, **others)  # type: ignore[arg-type]


def test_a_quote_is_the_source_as_it_stands(opened: Library) -> None:
    """Curly quotation marks and all; title, date and source beside it."""
    quote = quote_of(opened, 0, 1, (0,))
    assert quote.text == f"{HEARD} {SAID}"
    assert quote.text == opened.text(quote.sha256)[quote.start : quote.end]
    assert (quote.bulletin, quote.title) == ("second.txt", "A Talk on Consular Protection in Miyun")
    assert (str(quote.date), quote.source) == ("2023-01-09", "Foreign Affairs Office of Miyun District")
    assert quote.districts == ("Miyun District",)
    assert quote.score == 1.5


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [(0, 0, HEARD), (1, 1, SAID), (2, 2, HOTLINE), (1, 2, f"{SAID}\n\n{HOTLINE}"), (0, 1, f"{HEARD} {SAID}")],
)
def test_a_quote_is_the_sentences_of_its_hit_and_no_more(opened: Library, first: int, last: int, words: str) -> None:
    """Whole ones, with what stands between them, across paragraphs too."""
    assert quote_of(opened, first, last, (first,)).text == words


def test_double_spaces_stay(opened: Library) -> None:
    """Nothing is tidied up."""
    passage, bulletin, text = passage_of(opened, "first.txt")
    assert passage.of(text) == "Spring has come to the districts."
    robots = next(passage for passage in opened.passages if passage.heading == "Robots greet the guests")
    quote = cut(Hit(robots, 1.0, (1.0, 0.9), 0, 1, (0,)), bulletin, text)
    assert quote.text == "Twenty robots greeted guests from Norway on May 3.  They bowed twice."


def test_the_sentences_that_answer_are_highlighted(opened: Library) -> None:
    """Highlights are offsets in the bulletin's text, in order."""
    text = opened.text(opened.by_name["second.txt"].sha256)
    assert [span.of(text) for span in quote_of(opened, 0, 2, (1,)).highlights] == [SAID]
    assert [span.of(text) for span in quote_of(opened, 0, 2, (0, 2)).highlights] == [HEARD, HOTLINE]


def test_the_paragraph_around_a_quote_goes_with_it(opened: Library) -> None:
    """The whole paragraph that it is cut from, or the paragraphs; it holds the quote."""
    text = opened.text(opened.by_name["second.txt"].sha256)
    around = {(first, last): quote_of(opened, first, last, (first,)).around for first, last in ((0, 0), (2, 2), (1, 2))}
    assert all(around.values())
    assert {key: span.of(text) for key, span in around.items() if span} == {
        (0, 0): f"{HEARD} {SAID}",
        (2, 2): HOTLINE,
        (1, 2): f"{HEARD} {SAID}\n\n{HOTLINE}",
    }


def test_what_is_known_of_a_quote_is_kept_with_it(opened: Library) -> None:
    """Its copies, its side of a comparison, and what a reader must know; nothing unless it is given."""
    quote = quote_of(opened, 0, 0, (0,), also_in=("copy.txt",), side="Miyun District", note="A later text differs.")
    assert (quote.also_in, quote.side, quote.note) == (("copy.txt",), "Miyun District", "A later text differs.")
    plain = quote_of(opened, 0, 0, (0,))
    assert (plain.also_in, plain.side, plain.note) == ((), None, None)


@pytest.mark.parametrize(
    "change",
    [{"text": "Sixty pensioners heard nothing."}, {"start": 0}, {"end": 10**6}, {"sha256": "0" * 64}, {"text": ""}],
)
def test_what_is_no_slice_is_refused(opened: Library, change: dict[str, object]) -> None:
    """Other words, other offsets or another text: an error, never a quote."""
    quote = quote_of(opened, 0, 1, (1,))
    text = opened.text(quote.sha256)
    quote.verify(text)
    with pytest.raises(QuoteMismatch, match=r"second\.txt"):
        dataclasses.replace(quote, **change).verify(text)  # type: ignore[arg-type]


def test_a_forged_text_is_refused(opened: Library) -> None:
    """The words may stand there, but the text is not the one that was stored."""
    quote = quote_of(opened, 0, 1, (1,))
    with pytest.raises(QuoteMismatch, match="not the one cited"):
        quote.verify(StoredText(f"{opened.text(quote.sha256)} ".encode()))


def test_a_quote_is_not_even_cut_from_a_forged_text_or_outside_of_it(opened: Library) -> None:
    """The proof is part of the cutting."""
    passage, bulletin, text = passage_of(opened, "second.txt")
    hit = Hit(passage, 1.0, (1.0, 0.0, 0.0), 0, 0, (0,))
    with pytest.raises(QuoteMismatch, match="not the one cited"):
        cut(hit, bulletin, StoredText(text.replace("Sixty", "Eighty").encode()))
    beyond = dataclasses.replace(passage, sentences=(Span(len(text) - 3, len(text) + 3), *passage.sentences[1:]))
    with pytest.raises(QuoteMismatch, match="not a slice"):
        cut(dataclasses.replace(hit, passage=beyond), bulletin, text)


def test_a_text_is_read_and_hashed_when_a_quote_is_cut_and_when_it_is_shown(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the question to the page's HTML, each quote takes exactly two readings and two digests of its text."""
    assistant = Assistant(Library.open(library), HashingEncoder())
    question = "Who heard a talk on consular protection?"
    assistant.ask(question)  # the search keeps the words that it has read
    digests = {path.read_bytes(): path.stem for path in (library / "texts").glob("*.txt")}
    reads: Counter[str] = Counter()
    hashes: Counter[str] = Counter()
    read_bytes, sha256 = Path.read_bytes, hashlib.sha256

    def counting_read(path: Path) -> bytes:
        data = read_bytes(path)
        reads.update([digests[data]] if data in digests else [])
        return data

    def counting_hash(data: bytes = b"") -> object:
        hashes.update([digests[data]] if data in digests else [])
        return sha256(data)

    monkeypatch.setattr(Path, "read_bytes", counting_read)
    monkeypatch.setattr(hashlib, "sha256", counting_hash)
    answer = assistant.ask(question)
    html = answer_html(answer, assistant.library)
    assert "Sixty pensioners" in html
    twice = Counter([quote.sha256 for quote in answer.quotes] * 2)
    assert reads == hashes == twice


@pytest.fixture(scope="module")
def long_day(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """A desk of one bulletin with one paragraph of forty sentences, all of them alike."""
    folder = tmp_path_factory.mktemp("long")
    (folder / "seeds").mkdir()
    (folder / "seeds" / "long.txt").write_text(
        "A Long Day\nDate: 2024-01-01\nSource: Office\n\n"
        + "  ".join(f"Delegation zebra{n} from abroad was received in the hall of the old library." for n in range(40)),
        encoding="utf-8",
    )
    update_library(folder / "seeds", folder / "library", HashingEncoder(512))
    return Assistant(Library.open(folder / "library"), HashingEncoder(512))


@pytest.mark.parametrize("number", [0, 7, 19, 20, 33, 39])
def test_long_paragraphs_are_quoted_by_whole_sentences(long_day: Assistant, number: int) -> None:
    """Never over the limit, never inside a sentence, and the best sentence is in the first quote and highlighted."""
    answer = long_day.ask(f"Who received the delegation zebra{number} in the library?")
    assert answer.quotes
    for quote in answer.quotes:
        assert len(quote.text) <= 700
        assert quote.text.startswith("Delegation zebra")
        assert quote.text.endswith("library.")
    first = answer.quotes[0]
    text = long_day.library.text(first.sha256)
    assert f"zebra{number} " in first.text
    assert any(f"zebra{number} " in span.of(text) for span in first.highlights)
    assert first.around is not None
    assert len(first.around.of(text).split("  ")) == 40  # the paragraph, though it makes several passages
