"""A quote is a slice of its bulletin, of whole sentences, or it is not shown."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from rag.errors import QuoteMismatch
from rag.library import Library
from rag.quote import LONGEST, cut, prove
from rag.records import Hit, Passage, Quote, StoredBulletin


@pytest.fixture
def opened(library: Path) -> Library:
    return Library.open(library)


def passage_of(library: Library, name: str, number: int = 0) -> tuple[Passage, StoredBulletin, str]:
    passage = [passage for passage in library.passages if passage.bulletin == name][number]
    bulletin = library.by_name[name]
    return passage, bulletin, library.text(bulletin.sha256)


def quote_of(library: Library, name: str, scores: tuple[float, ...]) -> Quote:
    passage, bulletin, text = passage_of(library, name)
    return cut(Hit(passage, 1.5, 0.9, scores), bulletin, text)


def test_a_quote_is_the_source_as_it_stands(opened: Library) -> None:
    """Curly quotation marks and all; title, date and source beside it."""
    quote = quote_of(opened, "second.txt", (0.1, 0.9, 0.2))
    assert quote.text.startswith("Sixty pensioners")
    assert "\u201cNow I dare to travel,\u201d" in quote.text
    assert quote.text == opened.text(quote.sha256)[quote.start : quote.end]
    assert (str(quote.date), quote.source) == ("2023-01-09", "Foreign Affairs Office of Miyun District")
    assert quote.districts == ("Miyun District",)


def test_the_sentence_that_answers_is_highlighted(opened: Library) -> None:
    """Highlights are offsets in the bulletin's text; those about as near to the question are marked too."""
    text = opened.text(opened.by_name["second.txt"].sha256)
    quote = quote_of(opened, "second.txt", (0.1, 0.9, 0.2))
    assert [span.of(text) for span in quote.highlights] == ["\u201cNow I dare to travel,\u201d said one of them."]
    quote = quote_of(opened, "second.txt", (0.85, 0.9, 0.2))
    assert len(quote.highlights) == 2


@pytest.mark.parametrize(
    "change",
    [{"text": "Sixty pensioners heard nothing."}, {"start": 0}, {"end": 10**6}, {"sha256": "0" * 64}, {"text": ""}],
)
def test_what_is_no_slice_is_refused(opened: Library, change: dict[str, object]) -> None:
    """Other words, other offsets or another text: an error, never a quote."""
    quote = quote_of(opened, "second.txt", (0.1, 0.9, 0.2))
    text = opened.text(quote.sha256)
    prove(quote, text)
    with pytest.raises(QuoteMismatch, match=r"second\.txt"):
        prove(dataclasses.replace(quote, **change), text)  # type: ignore[arg-type]


def test_a_forged_text_is_refused(opened: Library) -> None:
    """The words may stand there, but the text is not the one that was stored."""
    quote = quote_of(opened, "second.txt", (0.1, 0.9, 0.2))
    with pytest.raises(QuoteMismatch, match="not the one quoted"):
        prove(quote, opened.text(quote.sha256) + " ")


def test_long_paragraphs_are_quoted_by_whole_sentences(tmp_path: Path) -> None:
    """Never over the limit, never inside a sentence, and the best sentence is in it."""
    from rag.build import bring_up_to_date
    from tests.fakes import HashingEncoder

    sentences = [f"Delegation number {n} from abroad was received in the hall of the old library." for n in range(40)]
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "long.txt").write_text(
        "A Long Day\nDate: 2024-01-01\nSource: Office\n\n" + "  ".join(sentences), encoding="utf-8"
    )
    bring_up_to_date(tmp_path / "seeds", tmp_path / "library", HashingEncoder())
    library = Library.open(tmp_path / "library")
    for number, passage in enumerate(library.passages):
        for best in range(len(passage.sentences)):
            found, bulletin, text = passage_of(library, "long.txt", number)
            scores = tuple(1.0 if n == best else 0.1 for n in range(len(passage.sentences)))
            quote = cut(Hit(found, 1.0, 1.0, scores), bulletin, text)
            assert len(quote.text) <= LONGEST
            assert quote.start <= passage.sentences[best].start < passage.sentences[best].end <= quote.end
            assert quote.text.startswith("Delegation number")
            assert quote.text.endswith("library.")
