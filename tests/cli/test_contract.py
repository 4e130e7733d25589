"""The command line's contract: its JSON, its exit statuses, one line for an error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT, SEEDS
from tests.support.rag_command import RunRag

ASK_KEYS = [
    "question",
    "status",
    "message",
    "confidence",
    "certainty",
    "understood",
    "total",
    "quotes",
    "generation",
    "notice",
]
UNDERSTOOD_KEYS = ["kind", "districts", "not_districts", "date_from", "date_to", "sort", "carried", "chips"]
QUOTE_KEYS = (
    "rank text bulletin title date source districts mentions heading start end score highlights side also_in sha256 "
    "around note"
).split()


def test_parse_prints_the_contract(rag: RunRag) -> None:
    """One object a line, with exactly the contract's keys."""
    done = rag("parse", *sorted(SEEDS.iterdir()), "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr, len(rows)) == (0, "", 2)
    assert list(rows[0]) == [
        "bulletin", "title", "date", "source", "url", "encoding", "sha256", "file_sha256", "sections",
    ]  # fmt: skip
    assert list(rows[0]["sections"][0]) == ["districts", "heading", "start", "end"]
    assert [row["date"] for row in rows] == ["2024-03-11", "2023-04-29"]
    assert [section["districts"] for section in rows[0]["sections"]] == [
        ["Haidian District"], ["Shijingshan District"], ["Changping District"],
    ]  # fmt: skip


def test_parse_text_prints_what_offsets_count_in(rag: RunRag) -> None:
    """Anyone can slice it again; a section's offsets give its words."""
    path = sorted(SEEDS.iterdir())[0]
    text = rag("parse", "--text", path).stdout
    section = json.loads(rag("parse", path, "--json").stdout)["sections"][1]
    assert text == path.read_text(encoding="utf-8")
    assert text[section["start"] : section["end"]].startswith("Shijingshan District\n\nPromotion of preventive")


def test_index_ask_and_verify_print_the_contract(rag_process: RunRag, tmp_path: Path) -> None:
    """From a folder to a proved quote, with exactly the contract's keys."""
    library = tmp_path / "library"
    done = rag_process("index", "--library", library, "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert list(report) == [
        "generation", "bulletins", "sections", "passages",
        "added", "changed", "removed", "republished", "unchanged", "skipped", "seconds",
    ]  # fmt: skip
    assert (report["bulletins"], report["sections"], len(report["added"])) == (2, 7, 2)

    done = rag_process("ask", "what consular protection events happened", "--library", library, "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert list(answer) == ASK_KEYS
    assert list(answer["understood"]) == UNDERSTOOD_KEYS
    assert list(answer["quotes"][0]) == QUOTE_KEYS
    assert answer["generation"] == report["generation"]
    assert [quote["rank"] for quote in answer["quotes"]] == list(range(1, len(answer["quotes"]) + 1))
    for quote in answer["quotes"]:
        assert (SEEDS / quote["bulletin"]).read_text(encoding="utf-8")[quote["start"] : quote["end"]] == quote["text"]

    person = rag_process("ask", "what consular protection events happened", "--library", library, "--limit", 1)
    assert "Shijingshan District" in person.stdout

    done = rag_process("verify", "--library", library, "--json")
    verified = json.loads(done.stdout)
    assert (done.returncode, verified["damage"], verified["readable_by_others"]) == (0, [], 0)
    modes = {path.stat().st_mode & 0o777 for path in (library, *library.rglob("*"))}
    assert modes == {0o600, 0o700}  # nothing is for other users of the machine
    next(library.glob("segments/*/passages.jsonl")).write_text("x", encoding="utf-8")
    done = rag_process("verify", "--library", library)
    assert done.returncode == 1
    assert "passages.jsonl" in done.stderr
    done = rag_process("ask", "anything", "--library", library)
    assert (done.returncode, done.stdout) == (1, "")
    assert "is damaged" in done.stderr


def test_a_batch_is_answered_in_its_order_and_goes_on_after_bad_lines(
    rag: RunRag, tmp_path: Path, seeds_library: Path
) -> None:
    """Unusable lines are refused one by one; the exit status stays 0."""
    lines = [
        '{"id": "a", "question": "what consular protection events happened", "history": [], "kind": "list"}',
        "not json",
        '{"id": "b", "question": 7}',
        '{"id": "c", "question": ""}',
        '{"id": "d", "question": "Who led the delegation?", "asked_on": "yesterday"}',
        '{"id": "e", "question": "Who led the delegation?", "asked_on": "2024-05-01", "history": ["and then?"]}',
        '["id", "f"]',
        '{"id": "g", "question": "x", "history": "y"}',
        '{"id": "h", "question": "\\ud800 consular"}',
        '{"id": "i", "question": "consular", "asked_on": []}',
        '{"id": "j", "question": "and in 2024?", "history": ["\\ud800 talks on 31 April 2024"]}',
        '{"id": NaN, "question": "consular"}',
    ]
    batch = tmp_path / "questions.jsonl"
    batch.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    done = rag("ask", "--batch", batch, "--library", seeds_library, "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [row["id"] for row in rows] == ["a", None, "b", "c", "d", "e", None, "g", "h", "i", "j", None]
    assert [row["status"] for row in rows] == [
        "answered", "refused", "refused", "refused", "refused", "answered", "refused", "refused",
        "refused", "refused", "answered", "refused",
    ]  # fmt: skip
    assert all(row["quotes"] == [] and row["message"] for row in rows if row["status"] == "refused")


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ([], 2, "COMMAND"),
        (["dance"], 2, "invalid choice"),
        (["ask"], 2, "QUESTION or --batch"),
        (["ask", "x", "--batch", "y"], 2, "one of the two"),
        (["ask", ""], 2, "empty"),
        (["ask", "x" * 10_000], 2, "10,000 characters"),
        (["ask", "x", "--limit", "none"], 2, "is no number; write 1 or more"),
        (["ask", "x", "--asked-on", "2024-02-31"], 2, "no date"),
        (["ask", "x", "--asked-on", "2024-W01"], 2, "no date"),
        (["ask", "events last year", "--asked-on", "0001-01-01"], 2, "not of this time"),
        (["ask", "events this week", "--asked-on", "9999-12-31"], 2, "not of this time"),
        (["ask", "what happened on 31 April 2024"], 2, "no such date as 31 April 2024"),
        (["ask", "what happened on 2024-13-45"], 2, "no such date"),
        (["ask", "--batch", "questions.jsonl", "--limit", "3"], 2, "belong to a single QUESTION"),
        (["ask", "--batch", "no-such-file"], 2, "no-such-file"),
        (["ask", "anything"], 1, "there is no library yet"),
        (["verify"], 1, "there is no library yet"),
        (["parse"], 2, "FILE"),
        (["parse", "no-such-file.txt"], 1, "no such file"),
        (["parse", "seeds"], 1, "not one of .txt"),
        (["index", "--seeds", "no-such-folder"], 1, "no such folder"),
    ],
)
def test_bad_input_gets_one_line_and_a_status(
    rag: RunRag, seeds_library: Path, arguments: list[str], status: int, says: str
) -> None:
    """What is wrong, where and what to do: one line on standard error, nothing on standard output."""
    settings = {"RAG_LIBRARY": str(seeds_library)} if status == 2 else {}
    done = rag(*arguments, **settings)
    assert done.returncode == status
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


def test_a_bad_setting_names_its_key(rag: RunRag) -> None:
    """The environment's mistakes are reported like a person's."""
    done = rag("verify", RAG_PORT="seven")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "RAG_PORT" in done.stderr


def test_a_missing_model_is_one_line_with_the_remedy(rag: RunRag, seeds_library: Path, tmp_path: Path) -> None:
    """No download, no other model in its place, no traceback; the library stays."""
    for model in (str(tmp_path / "no-model"), "nobody/no-such-model"):
        done = rag("ask", "anything", "--library", seeds_library, RAG_MODEL=model)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert model in done.stderr
        done = rag("index", "--library", tmp_path / "library", RAG_MODEL=model)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_a_device_that_is_not_there_is_one_line(rag: RunRag, seeds_library: Path) -> None:
    """No silent fallback to another device."""
    done = rag("ask", "anything", "--library", seeds_library, RAG_DEVICE="abacus")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "can't use the device abacus" in done.stderr


@pytest.mark.model
def test_unreadable_bulletins_are_named_and_the_rest_is_published(rag: RunRag, tmp_path: Path) -> None:
    """Exit status 1, a line for each, and the report lists them."""
    folder = tmp_path / "bulletins"
    folder.mkdir()
    (folder / "good.txt").write_bytes(sorted(SEEDS.iterdir())[0].read_bytes())
    (folder / "empty.txt").write_bytes(b"")
    (folder / "binary.txt").write_bytes(os.urandom(4000) + b"\x00")
    (folder / "line.txt").write_bytes(b"a" * 10_000_000)
    done = rag("index", "--seeds", folder, "--library", tmp_path / "library", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["bulletins"]) == (1, 1)
    assert [skipped["bulletin"] for skipped in report["skipped"]] == ["binary.txt", "empty.txt", "line.txt"]
    assert done.stderr.count("\n") == 3
    assert "Traceback" not in done.stderr


def test_names_with_line_breaks_stay_on_one_line(rag: RunRag, tmp_path: Path) -> None:
    """A file's name can hold anything but a slash."""
    path = tmp_path / "two\nlines.txt"
    path.write_bytes(b"")
    done = rag("parse", path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "two lines.txt" in done.stderr


def test_a_name_that_is_no_text_is_shown_by_its_numbers(rag_process: RunRag, tmp_path: Path) -> None:
    """Whatever the terminal's encoding, there is no traceback."""
    path = os.fsdecode(os.fsencode(tmp_path / "bad") + b"\xff.txt")
    Path(path).write_bytes(sorted(SEEDS.iterdir())[0].read_bytes())
    for encoding in ("utf-8", "ascii"):
        done = rag_process("parse", path, "--json", PYTHONIOENCODING=encoding)
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["bulletin"] == "bad\udcff.txt"


@pytest.mark.process
def test_output_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """A full disk behind ``>``."""
    command = f"'{sys.executable}' -m rag parse seeds/*.txt --json > /dev/full"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "no space left" in done.stderr


@pytest.mark.process
def test_a_reader_that_leaves_early_sees_no_traceback() -> None:
    """``| head`` closes the pipe."""
    files = " ".join(f"'{path}'" for path in sorted((ROOT / "evals" / "dev" / "corpus").iterdir()))
    command = f"'{sys.executable}' -m rag parse {files} --text | head -c 100"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr == ""
