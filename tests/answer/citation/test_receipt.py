"""Receipts: what an answer was is proved later, offline, and nothing altered passes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag.answer.citation import receipt
from rag.answer.citation.proof import Proof, prove
from rag.answer.citation.source import cite
from rag.errors import LibraryDamaged, QuoteMismatch, ReceiptUnusable
from rag.library import archive, receipts
from rag.library.build.update import update_library
from rag.library.reader import Library
from rag.library.verify import verify
from tests.support.paths import SEEDS
from tests.support.rag_command import RunRag
from tests.support.sample_answers import answer_of, quote_of
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import ENCODER, build_library

DAY = dt.date(2026, 11, 27)
WORDS = "Twenty robots greeted guests from Norway."
ROBOTS = bulletin_text("2024-03-11", "Haidian District", "Robots greet the guests", f"😀 {WORDS}  They bowed twice.")
TALK = bulletin_text("2023-01-09", "Sixty pensioners heard a talk.", title="A Talk")


@pytest.fixture
def shelf(tmp_path: Path) -> Library:
    return build_library(tmp_path, robots=ROBOTS, talk=TALK)


def made(library: Library) -> receipts.Receipt:
    """The receipt of an answer with a quote of each bulletin."""
    robots, talk = library.by_name["robots.txt"], library.by_name["talk.txt"]
    about: dict[str, Any] = {"districts": ("Haidian District",), "heading": "Robots greet the guests"}
    quotes = quote_of(library, robots, WORDS, **about), quote_of(library, talk, "Sixty pensioners heard a talk.")
    return receipt.of_answer(answer_of(*quotes), library, DAY)


def seeds_of(library: Library) -> Path:
    return library.root.parent / "bulletins"


def again(library: Library, change: Callable[[Path], object]) -> Proof:
    """The proof after the folder was changed and indexed."""
    one = made(library)
    change(seeds_of(library))
    update_library(seeds_of(library), library.root, ENCODER, allow_removal=True)
    return prove(one, library.root, seeds_of(library))


def forged(one: receipts.Receipt, **changes: object) -> receipts.Receipt:
    """As somebody would who knows how receipts are made: the digest fits, the first quote doesn't."""
    contents = one.model_dump(mode="json")
    contents["quotes"][0] |= changes
    return receipts.Receipt.model_validate_json(json.dumps(contents))


def test_the_same_answer_gives_the_same_bytes(shelf: Library) -> None:
    """On the same day, of the same generation; on another day it is another receipt."""
    one, other = made(shelf), made(Library.open(shelf.root))
    assert one.to_bytes() == other.to_bytes()
    later = one.model_copy(update={"created": dt.date(2026, 11, 28)})
    assert later.identity != one.identity
    assert receipts.read(one.to_bytes()) == one
    assert json.loads(one.to_bytes())["digest"] == one.identity


def test_layout_is_no_change(shelf: Library, tmp_path: Path) -> None:
    """A receipt that an editor has laid out anew, with a byte-order mark, is the same receipt."""
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(json.loads(made(shelf).to_bytes()), indent=8, sort_keys=True), encoding="utf-8-sig")
    assert receipts.read(path) == made(shelf)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Twenty robots", "Ninety robots"),
        ('"start": ', '"start": 1'),
        ("2024-03-11", "2024-03-12"),
        ("2026-11-27", "2026-11-26"),
        ('"question": "?"', '"question": "!"'),
        ('"digest": "', '"digest": "0'),
        ("1 passage.", "2 passages."),
    ],
)
def test_a_changed_receipt_is_refused(shelf: Library, old: str, new: str) -> None:
    """One character anywhere, and its digest no longer fits."""
    data = made(shelf).to_bytes().decode()
    assert old in data
    with pytest.raises(ReceiptUnusable, match="was changed after it was made"):
        receipts.read(data.replace(old, new, 1).encode())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"[1]", "is no receipt"),
        (b'{"question": "x"}', "is no receipt"),
        (b'{"format": 2, "kind": "answer", "quotes": [], "digest": ""}', "in format 2, this version reads 1"),
        (b'{"format": 1, "kind": "answer", "quotes": [], "digest": ""}', "“question” is missing or unusable"),
        (b'{"format": 1, "format": 1, "kind": "answer", "quotes": [], "digest": ""}', "is no JSON"),
        (b" " * 5_000_001, "over 5 MB"),
    ],
)
def test_what_is_no_receipt_is_refused(tmp_path: Path, data: bytes, says: str) -> None:
    """In one line that names the file."""
    path = tmp_path / "receipt.json"
    path.write_bytes(data)
    with pytest.raises(ReceiptUnusable, match=says) as caught:
        receipts.read(path)
    assert caught.value.where == str(path)


def test_half_a_character_in_a_receipt_is_refused(shelf: Library) -> None:
    """JSON can write half of a surrogate pair; no text holds one."""
    data = made(shelf).to_bytes().decode().replace('"question": "?"', '"question": "\\ud800"')
    with pytest.raises(ReceiptUnusable):
        receipts.read(data.encode())


def test_an_unchanged_library_proves_every_quote(shelf: Library) -> None:
    """By its stored texts alone: the folder of bulletins may be gone."""
    proof = prove(made(shelf), shelf.root, shelf.root / "no-folder")
    assert proof.ok
    assert [(one.proved_by, one.status, one.current_name) for one in proof.quotes] == [
        ("library", "current", "robots.txt"),
        ("library", "current", "talk.txt"),
    ]


def test_a_changed_bulletin_is_still_proved_and_said(shelf: Library) -> None:
    """The stored old text proves the quote."""
    proof = again(shelf, lambda seeds: (seeds / "robots.txt").write_text(ROBOTS.replace("Twenty", "Thirty")))
    assert [(one.proved_by, one.status, one.current_name) for one in proof.quotes] == [
        ("library", "changed", "robots.txt"),
        ("library", "current", "talk.txt"),
    ]


def test_a_renamed_and_a_removed_bulletin_are_still_proved_and_said(shelf: Library) -> None:
    """A new name is named; a bulletin that has gone is withdrawn."""

    def change(seeds: Path) -> None:
        (seeds / "robots.txt").rename(seeds / "moved.txt")
        (seeds / "talk.txt").unlink()

    proof = again(shelf, change)
    assert [(one.proved_by, one.status, one.current_name) for one in proof.quotes] == [
        ("library", "current", "moved.txt"),
        ("library", "withdrawn", None),
    ]


def test_the_files_alone_prove_a_receipt(shelf: Library, tmp_path: Path) -> None:
    """No library at all: by the bulletin's name, else by its file's digest; a changed file proves nothing."""
    one, none = made(shelf), tmp_path / "none"
    assert [(q.proved_by, q.status) for q in prove(one, none, seeds_of(shelf)).quotes] == [("file", "current")] * 2
    (seeds_of(shelf) / "robots.txt").rename(seeds_of(shelf) / "moved.txt")
    (seeds_of(shelf) / "talk.txt").write_text(TALK.replace("Sixty", "Seventy"))
    proof = prove(one, none, seeds_of(shelf))
    assert [(q.proved_by, q.status, q.current_name) for q in proof.quotes] == [
        ("file", "current", "moved.txt"),
        (None, "changed", "talk.txt"),
    ]
    assert "holds another text" in proof.quotes[1].reason
    assert [q.status for q in prove(one, none, none).quotes] == [None, None]


def test_a_stored_text_that_was_altered_proves_nothing(shelf: Library) -> None:
    """Its file does, where there is one."""
    one, digest = made(shelf), shelf.by_name["robots.txt"].sha256
    (shelf.root / "texts" / f"{digest}.txt").write_text(ROBOTS.replace("Norway", "Sweden"), encoding="utf-8")
    assert prove(one, shelf.root, seeds_of(shelf)).quotes[0].proved_by == "file"
    proof = prove(one, shelf.root, shelf.root / "no-folder")
    assert [q.proved for q in proof.quotes] == [False, True]
    assert "was changed on the disk" in proof.quotes[0].reason


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"text": WORDS.replace("Twenty", "Ninety")}, "other words stand at"),
        ({"start": 1}, "other words stand at"),
        ({"end": 9_999}, "other words stand at"),
        ({"prefix": ""}, "other words stand around"),
        ({"date": "2024-03-12"}, "wrong about its date"),
        ({"title": "Lies", "source": None}, "wrong about its title and source"),
        ({"url": "https://a.b/"}, "wrong about its address"),
        ({"districts": ["Miyun District"], "heading": "No"}, "wrong about its heading and districts"),
        ({"sha256": "0" * 64}, "is the file quoted, but"),
        ({"sha256": "0" * 64, "file_sha256": None}, "holds another text"),
        ({"sha256": "0" * 64, "bulletin": "../../../etc/passwd"}, "is the file quoted, but"),
        ({"sha256": "0" * 64, "bulletin": "/etc/passwd", "file_sha256": None}, "neither the library nor the folder"),
    ],
)
def test_a_forged_quote_is_not_proved(shelf: Library, changes: dict[str, object], says: str) -> None:
    """Though the receipt's digest was made to fit: words, place, text and what is said of the source are compared."""
    one = receipts.read(forged(made(shelf), **changes).to_bytes())
    proof = prove(one, shelf.root, seeds_of(shelf))
    assert [q.proved for q in proof.quotes] == [False, True]
    assert says in proof.quotes[0].reason


def test_a_receipt_does_not_lead_out_of_the_folder(shelf: Library, tmp_path: Path) -> None:
    """A file beside the folder is no bulletin, whatever a receipt calls it."""
    (seeds_of(shelf) / "robots.txt").rename(tmp_path / "secret.txt")
    for name in ("../secret.txt", str(tmp_path / "secret.txt")):
        proof = prove(forged(made(shelf), bulletin=name), tmp_path / "none", seeds_of(shelf))
        assert [q.proved for q in proof.quotes] == [False, True]


def test_without_a_record_it_is_said_what_is_not_compared(shelf: Library) -> None:
    """Words alone are proved by a text of which nothing else is known."""
    one, digest = made(shelf), shelf.by_name["talk.txt"].sha256
    (seeds_of(shelf) / "talk.txt").unlink()
    update_library(seeds_of(shelf), shelf.root, ENCODER, allow_removal=True)
    archive.record_path(shelf.root, digest).unlink()
    proof = prove(one, shelf.root, seeds_of(shelf))
    assert proof.ok
    assert "can't be compared" in proof.quotes[1].reason


def test_receipts_are_stored_once_under_their_identity(shelf: Library) -> None:
    """And read back; a damaged one is never shown, and another address names none."""
    one = made(shelf)
    identity = receipts.store(shelf.root, one)
    assert receipts.store(shelf.root, made(shelf)) == identity == one.identity
    assert [path.name for path in (shelf.root / "receipts").iterdir()] == [f"{identity}.json"]
    assert receipts.load(shelf.root, identity) == one
    for name in ("0" * 64, "../CURRENT", identity[:12], identity.upper(), ""):
        assert receipts.load(shelf.root, name) is None
    path = shelf.root / "receipts" / f"{identity}.json"
    path.write_bytes(path.read_bytes().replace(b"Twenty", b"Ninety"))
    assert [damage.where for damage in verify(shelf.root).damage] == [str(path)]
    with pytest.raises(LibraryDamaged, match="was changed"):
        receipts.load(shelf.root, identity)
    path.write_bytes(one.model_copy(update={"question": "Another?"}).to_bytes())
    with pytest.raises(LibraryDamaged, match="another receipt"):
        receipts.load(shelf.root, identity)
    receipts.store(shelf.root, one)
    assert receipts.load(shelf.root, identity) == one


def test_no_receipt_is_made_of_what_is_no_quote(shelf: Library) -> None:
    """A quote is proved right before its receipt is written; near misses of a "no match" are left out."""
    robots = shelf.by_name["robots.txt"]
    wrong = replace(quote_of(shelf, robots, WORDS), sha256=shelf.by_name["talk.txt"].sha256)
    with pytest.raises(QuoteMismatch):
        receipt.of_answer(answer_of(wrong), shelf, DAY)
    none = receipt.of_answer(answer_of(quote_of(shelf, robots, WORDS), status="no_match"), shelf, DAY)
    assert (none.status, none.quotes) == ("no_match", ())


def test_question_and_message_are_proved_by_keeping_alone(shelf: Library) -> None:
    """Anybody can write a receipt with its digest: one without a quote proves nothing, unless the desk keeps it."""
    no = receipt.of_answer(answer_of(status="no_match"), shelf, DAY)
    for one, alone in ((made(shelf), True), (no, False)):
        proof = prove(one, shelf.root, seeds_of(shelf))
        assert (proof.ok, proof.kept) == (alone, False)
        receipts.store(shelf.root, one)
        proof = prove(one, shelf.root, seeds_of(shelf))
        assert (proof.ok, proof.kept) == (True, True)
        made_up = one.model_copy(update={"question": "Was the mayor there?"})
        proof = prove(made_up, shelf.root, seeds_of(shelf))
        assert (proof.ok, proof.kept) == (alone, False)


def test_one_quote_has_a_receipt_too(shelf: Library) -> None:
    """A chat's quote and the same slice chosen by hand have the same words and place."""
    robots = shelf.by_name["robots.txt"]
    quote = quote_of(shelf, robots, WORDS)
    text = shelf.text(robots.sha256)
    quote.verify(text)
    slice_ = cite(text, robots, quote.start, quote.end)
    one, other = receipt.of_citation(quote, shelf, DAY), receipt.of_citation(slice_, shelf, DAY)
    assert (one.kind, one.question) == ("quote", None)
    assert one.quotes[0].prefix.endswith("😀 ")
    place = {"districts", "heading"}
    assert one.quotes[0].model_dump(exclude=place) == other.quotes[0].model_dump(exclude=place)
    assert prove(other, shelf.root, seeds_of(shelf)).ok


def test_an_answer_is_saved_and_proved_on_the_command_line(rag: RunRag, seeds_library: Path, tmp_path: Path) -> None:
    """ask --receipt writes what verify --receipt proves, with the library, or with the files alone; the same answer
    gives the same file."""
    path, other = tmp_path / "receipt.json", tmp_path / "other.json"
    for file in (path, other):
        done = rag(
            "ask", "what consular protection events happened", "--asked-on", "2026-11-27",
            "--library", seeds_library, "--receipt", file,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
    assert path.read_bytes() == other.read_bytes()
    one = receipts.read(path)
    done = rag("verify", "--receipt", path, "--library", seeds_library, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert list(found) == [
        "receipt", "kind", "question", "status", "created", "generation", "ok", "kept", "quotes", "notes",
    ]  # fmt: skip
    assert list(found["quotes"][0]) == [
        "rank", "text", "bulletin", "start", "end", "sha256", "proved", "by", "why", "standing", "now",
    ]  # fmt: skip
    assert (found["receipt"], found["ok"], found["notes"]) == (one.identity, True, [])
    assert len(found["quotes"]) == len(one.quotes) > 1
    done = rag("verify", "--receipt", path, "--library", tmp_path / "none", "--seeds", SEEDS)
    assert done.returncode == 0
    assert done.stdout.count("PROVED: “") == len(one.quotes)
    assert "there is no library yet" in done.stderr


def test_verify_says_what_is_not_proved(rag: RunRag, shelf: Library, tmp_path: Path) -> None:
    """Exit status 1 where a quote is not proved, 2 for a file that is no receipt; a line for each quote."""
    path = tmp_path / "receipt.json"
    path.write_bytes(forged(made(shelf), date="2024-03-12").to_bytes())
    done = rag("verify", "--receipt", path, "--library", shelf.root, "--seeds", seeds_of(shelf))
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert lines[0].startswith("1. NOT PROVED: “Twenty robots")
    assert lines[1].startswith("2. PROVED: “Sixty pensioners")
    assert lines[2:4] == [
        "1 of 2 quotes proved",
        "question and message are NOT PROVED: this desk keeps no such answer",
    ]
    path.write_bytes(made(shelf).to_bytes().replace(b"Twenty", b"Ninety"))
    done = rag("verify", "--receipt", path, "--library", shelf.root)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "was changed after it was made" in done.stderr
    done = rag("verify", "--receipt", tmp_path / "no-such-file", "--library", shelf.root)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
