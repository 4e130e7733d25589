"""Letters that look like others, run backwards or aren't seen: in questions, in quotations, in bulletins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from rag.answer.assistant import Assistant
from rag.answer.csv_export import to_csv
from rag.checking.checker import Checker
from rag.library.reader import Library
from rag.web.chat.answer_cards import answer_html
from tests.faults.outcome import Outcome, failures
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import ENCODER, build_library

FAULT = "letters that look like others, run backwards or aren't seen"
DUTY = "a quote has the bulletin's very characters; a quotation that only looks like it is told from it, by their names"

WORDS = "Twenty kites rose over Haidian Lake and were seen from Changping"
_PLAIN = bulletin_text("2024-05-02", "Haidian District", "Kites over the lake", f"{WORDS} on May 1.", title="Kites")
# Of Unicode's confusables (UTS #39): a letter of the words, and what looks like it.
CONFUSABLES = {
    "T": "\u0422\u03a4\U0001d413\uff34",
    "K": "\u041a\u039a\u212a",
    "H": "\u041d\u0397\U0001d5a7",
    "L": "\u216c\U0001d40b",
    "C": "\u0421\u03f9\u216d",
    "a": "\u0430\u0251\u03b1\U0001d41a\uff41",
    "e": "\u0435\u212e\U0001d41e",
    "i": "\u0456\u2170\u03b9\U0001d422",
    "k": "\U0001d424\uff4b",
    "n": "\U0001d427\uff4e",
    "o": "\u043e\u03bf\u1d0f\U0001d428\u0585",
    "p": "\u0440\u03c1\uff50",
    "r": "\U0001d42b\uff52",
    "s": "\u0455\uff53",
    "v": "\u0475\u03bd\u2174",
    "y": "\u0443\uff59",
}
# Characters that take no room, and those that turn the way of reading.
UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"
    "\u2061\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206f\ufe00\ufe0e\ufe0f\ufeff\U000e0001\U000e0041\U000e007f\U000e0100"
)
_HIDDEN = "".join(chr(0xE0000 + ord(letter)) for letter in " in Miyun District in 1999")


def run(folder: Path, *, every: int) -> Outcome:
    """Each ``every``-th sample in a question, in a quotation, and in a bulletin of its own."""
    samples = list(_samples())[::every]
    plain = build_library(folder / "plain", plain=_PLAIN)
    held = {
        f"sample-{n:03}": bulletin_text(
            "2024-05-02", "Haidian District", "Kites", f"{words} as number {n}.", title=words
        )
        for n, (words, _) in enumerate(samples)
    }
    library = build_library(folder / "held", **held)
    problems = [
        *_quotations(plain, samples),
        *_bulletins(library, len(samples)),
        *_questions(plain, samples),
    ]
    tried = 3 * len(samples)
    what = (
        f"{len(samples)} samples in quotations, bulletins and questions: each altered quotation is told with what is "
        "altered, each quote of a bulletin keeps them, tag characters in a question count for nothing"
    )
    if problems:
        what = f"{len(samples)} samples: {len(problems)} went through unseen or changed"
    return Outcome(FAULT, tried, min(len(problems), tried), what, failures(problems))


def _samples() -> Iterator[tuple[str, str]]:
    """The words with one character that isn't theirs, and that character."""
    for letter, likes in CONFUSABLES.items():
        for like in likes:
            if letter in WORDS:
                yield WORDS.replace(letter, like, 1), like
    for character in UNSEEN:
        yield WORDS.replace("kites", f"ki{character}tes", 1), character


def _quotations(library: Library, samples: list[tuple[str, str]]) -> Iterator[str]:
    """A full-width letter is the same letter; any other must be told."""
    checker = Checker(library)
    if checker.check(f"\u201c{WORDS}\u201d").rows[0].verdict != "exact":
        yield "the words themselves aren't exact"
    for words, character in samples:
        [row] = checker.check(f"\u201c{words}\u201d", quote=words).rows
        full_width = 0xFF00 < ord(character) < 0xFF5F
        if full_width and row.verdict not in ("exact-normalised", "altered"):
            yield f"a full-width letter makes a quotation {row.verdict}"
        if not full_width and row.verdict != "altered":
            yield f"with U+{ord(character):04X} a quotation is {row.verdict}"
        if not full_width and f"U+{ord(character):04X}" not in row.explanation and character not in row.explanation:
            yield f"U+{ord(character):04X} isn't told: {row.explanation}"


def _bulletins(library: Library, count: int) -> Iterator[str]:
    """Quotes keep what is stored: on the page, inside an element of its own direction, and in the file."""
    answer = Assistant(library, ENCODER).ask("What happened in Haidian District in May 2024?")
    if {quote.bulletin for quote in answer.quotes} != {one.name for one in library.bulletins} or not count:
        yield f"{len(answer.quotes)} quotes of {count} bulletins"
    saved = to_csv(answer, library).decode("utf-8-sig")
    page = LexborHTMLParser(answer_html(answer, library, key="0" * 24))
    shown = [quote.text() for quote in page.css("article.quote > blockquote")]
    for quote in answer.quotes:
        stored = library.text(quote.sha256)[quote.start : quote.end]
        if quote.text != stored or quote.text not in saved or quote.text not in shown:
            yield f"a quote of {quote.bulletin} lost a character"
    turned = [node for node in page.css("h3, .from, .where") if not node.css("bdi")]
    if turned:
        yield f"{turned[0].html} could turn what stands around it"


def _questions(library: Library, samples: list[tuple[str, str]]) -> Iterator[str]:
    """The desk reads no hidden words; and what it can't read it says no to, or asks back."""
    assistant = Assistant(library, ENCODER)
    sound = assistant.ask("What rose over Haidian Lake?")
    hidden = assistant.ask(f"What rose over{_HIDDEN} Haidian Lake?")
    if (sound.status, sound.query.districts, sound.query.words, [one.text for one in sound.quotes]) != (
        hidden.status,
        hidden.query.districts,
        hidden.query.words,
        [one.text for one in hidden.quotes],
    ):
        yield f"hidden words were read: {hidden.query}"
    if assistant.ask(_HIDDEN).status != "refused":
        yield "a question of hidden words alone was answered"
    for words, character in samples:
        answer = assistant.ask(f"What is told of \u201c{words}\u201d?")
        for quote in answer.quotes:
            if library.text(quote.sha256)[quote.start : quote.end] != quote.text:
                yield f"asked with U+{ord(character):04X}, a quote isn't what is stored"
