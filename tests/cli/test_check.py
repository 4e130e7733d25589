"""``python -m rag check``: texts, drafts and batches, as a person and as a program use it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from rag.cli.main import main
from tests.support.rag_command import RunRag

TRUE = "Twenty robots greeted guests from Norway on May 3."
FIELDS = (
    "quote at verdict bulletin title date source districts heading start end true_quote sha256 pieces differences "
    "other_sources claims explanation"
)


@pytest.fixture
def check(library: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command's exit status and what it printed on either stream."""

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main(["check", "--library", str(library), *map(str, arguments)])
        return (status, *capsys.readouterr())

    return run


def test_every_quotation_of_a_text_gets_a_verdict(check: Any) -> None:
    """The object has the contract's fields, and its places are slices of the draft and of the bulletin."""
    text = f"Haidian: “{TRUE}” And Pinggu: “Thirty robots greeted guests from Norway on May 3”."
    status, out, err = check(text, "--json")
    reply = json.loads(out)
    assert (status, err, reply["messages"]) == (0, "", [])
    assert [row["verdict"] for row in reply["verdicts"]] == ["exact", "altered"]
    for row in reply["verdicts"]:
        assert set(row) == set(FIELDS.split())
        assert text[slice(*row["at"])] == row["quote"]
        assert row["true_quote"].startswith("Twenty robots greeted")
    assert reply["verdicts"][1]["differences"] == [
        {"op": "replace", "claimed": "Thirty", "true": "Twenty", "of": "number"}
    ]


def test_a_person_reads_lines(check: Any) -> None:
    """Verdict, reason, the true words and where they stand."""
    status, out, _ = check("“Thirty robots greeted guests from Norway” and “robots”")
    assert status == 0
    assert "1. ALTERED: “Thirty robots greeted guests from Norway”" in out
    assert "true: “Twenty robots greeted guests from Norway”" in out
    assert "2. AMBIGUOUS: “robots”\n   One word is too short to attribute" in out
    assert "first.txt [" in out


def test_only_what_differs_is_set_beside_the_true_words(check: Any) -> None:
    """An exact quotation has a place alone, and one that is not found has neither."""
    assert "true:" not in check("--whole", TRUE)[1]
    assert check("--whole", "Nothing of the kind was ever printed")[1].count("\n") == 2


def test_the_pieces_of_a_splice_are_listed(check: Any) -> None:
    """Each with its bulletin."""
    quote = "Twenty robots greeted guests, the pensioners heard a talk on consular protection"
    _, out, _ = check("--whole", quote)
    assert "SPLICED" in out
    assert out.count("   piece: ") == 2
    _, out, _ = check("--whole", quote, "--json")
    assert [list(piece) for piece in json.loads(out)["verdicts"][0]["pieces"]] == [
        ["bulletin", "start", "end", "text"]
    ] * 2


def test_a_text_without_quotation_marks_can_be_the_quotation_itself(check: Any) -> None:
    """Without --whole the sentence says that none was found."""
    status, out, _ = check(TRUE)
    assert (status, out[:23]) == (0, "No quotation was found ")
    assert json.loads(check(TRUE, "--json")[1])["verdicts"] == []
    assert json.loads(check(TRUE, "--whole", "--json")[1])["verdicts"][0]["verdict"] == "exact"


@pytest.mark.parametrize(
    ("options", "verdict"),
    [
        ((), "exact"),
        (("--date", "2024-05-10"), "exact"),
        (("--date", "2023-01-09"), "misattributed"),
        (("--district", "Pinggu"), "misattributed"),
        (("--title", "A Talk on Consular Protection in Miyun"), "misattributed"),
    ],
)
def test_claims_are_given_as_options(check: Any, options: tuple[str, ...], verdict: str) -> None:
    """They are held against the source instead of what the text says."""
    _, out, _ = check(f"Pinggu said: “{TRUE}”" if options else f"“{TRUE}”", "--json", *options)
    assert json.loads(out)["verdicts"][0]["verdict"] == verdict


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "one of the three"),
        (("text", "--batch", "file"), "one of the three"),
        (("--batch", "file", "--date", "2024"), "belong to a TEXT or a draft"),
        (("--batch", "file", "--whole"), "belong to a TEXT or a draft"),
        (("--draft", "file", "--whole"), "--whole belongs to a TEXT"),
        (("text", "--date", "yesterday"), "names no day"),
        (("text", "--district", "Gotham"), "none of Beijing's districts"),
        (("--batch", "no such file"), "can't be read"),
    ],
)
def test_unusable_options_get_one_line(check: Any, options: tuple[str, ...], said: str) -> None:
    """And exit status 2."""
    status, out, err = check(*options)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_a_batch_answers_line_by_line(check: Any, tmp_path: Path) -> None:
    """With the claims of the line, of its text, or none; an unusable line says why and the rest goes on."""
    rows: list[Any] = [
        {"id": 1, "text": f"Haidian: “{TRUE}”"},
        {"id": 2, "text": f"On May 10, 2024: {TRUE}", "quote": TRUE},
        {"id": 3, "text": "…", "quote": TRUE, "claimed": {"date": "2023-01-09", "title": None}},
        {"id": 4, "text": f"On January 9, 2023: {TRUE}", "quote": TRUE, "claimed": {}},
        {"id": 5, "text": 7},
        {"id": 6, "text": TRUE, "quote": []},
        {"id": 7, "text": TRUE, "claimed": {"date": 2024}},
        {"id": 8, "text": TRUE, "quote": TRUE, "claimed": {"date": "soon"}},
        "no object",
    ]
    path = tmp_path / "citations.jsonl"
    path.write_text("\n".join([*map(json.dumps, rows), "{no json"]), encoding="utf-8")
    status, out, err = check("--batch", path, "--json")
    replies = [json.loads(line) for line in out.splitlines()]
    assert (status, err) == (0, "")
    assert [reply["id"] for reply in replies] == [1, 2, 3, 4, 5, 6, 7, 8, None, None]
    assert [row["verdict"] for reply in replies for row in reply["verdicts"]] == ["exact"] * 2 + [
        "misattributed",
        "exact",
    ]
    assert [bool(reply["messages"]) for reply in replies] == [False] * 4 + [True] * 6
    assert replies[4]["messages"][0].startswith("Line 5: no object with a text")


@pytest.mark.parametrize("kind", ["csv", "json", "html"])
def test_a_draft_is_audited_and_its_report_saved(check: Any, tmp_path: Path, kind: str) -> None:
    """As the page does it; the file's ending says which form."""
    draft, saved = tmp_path / "draft.md", tmp_path / f"report.{kind}"
    draft.write_text(f"> {TRUE}\n\nAnd “no such words were ever said by anyone”.", encoding="utf-8")
    status, out, _ = check("--draft", draft, "--save", saved, "--json")
    assert status == 0
    assert [row["verdict"] for row in json.loads(out)["verdicts"]] == ["exact", "not-found"]
    words = saved.read_text(encoding="utf-8-sig")
    if kind == "csv":
        assert [row["verdict"] for row in csv.DictReader(words.splitlines())] == ["exact", "not-found"]
    assert TRUE in words


def test_a_missing_draft_or_an_unknown_ending_gets_one_line(check: Any, tmp_path: Path) -> None:
    """Nothing is written."""
    status, _, err = check("--draft", tmp_path / "none.txt")
    assert (status, err.count("\n")) == (1, 1)
    status, _, err = check(f"“{TRUE}”", "--save", tmp_path / "report.pdf")
    assert (status, err.count("\n"), (tmp_path / "report.pdf").exists()) == (2, 1, False)


def test_it_runs_in_a_process_of_its_own(rag_process: RunRag, library: Path) -> None:
    """No model is loaded for a check."""
    done = rag_process("check", f"“{TRUE}”", "--json", "--library", library, RAG_MODEL="/no/such/model")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["verdicts"][0]["verdict"] == "exact"


def test_a_missing_library_is_told(rag: RunRag) -> None:
    """One line, exit status 1."""
    done = rag("check", "“words”")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "python -m rag index" in done.stderr
