"""README and docs/ say what is so: commands run, and outputs, settings, JSON keys, layers and limits are the code's."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import limits
from rag.answer.assistant import COMPARED_QUOTES
from rag.library import bm25
from rag.search.config import DEFAULT
from tests.project import settings_page
from tests.project.test_imports import LAYERS
from tests.support.paths import ROOT
from tests.support.rag_command import RunRag

README = (ROOT / "README.md").read_text(encoding="utf-8")
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("evals/**/*.md")]
    if "corpus" not in path.parts
)
TABLE: dict[str, str] = {}
for _command, _keys in re.findall(r"^\| `(\w+)[^`]*` \| .* \| [^|`]*`([^`]*)`", CLI, re.MULTILINE):
    TABLE.setdefault(_command, _keys)
# Where a document states a limit, and the number that it must state there.
STATED = (
    ("cli.md", "over {:,}\ncharacters", limits.MAX_QUESTION_CHARS),
    ("cli.md", "more than {} districts and periods", limits.MAX_CONDITIONS),
    ("page.md", "up to {:,} characters, with what is said", limits.MAX_PUBLIC_QUOTATION_CHARS),
    ("page.md", "up to {} characters of one's own", limits.MAX_FEEDBACK_CHARS),
    ("page.md", "at most {} characters. It is kept", limits.MAX_NOTICE_CHARS),
    ("page.md", "have {} MB as a file", limits.MAX_DRAFT_BYTES // 1_000_000),
    ("page.md", "{:,} characters and {:,} quotations", limits.MAX_DRAFT_CHARS, limits.MAX_QUOTATIONS),
    ("bulletins.md", "may have {} MB, a PDF", limits.MAX_TEXT_FILE_BYTES // 1_000_000),
    ("bulletins.md", "Word file {} MB", limits.MAX_BINARY_FILE_BYTES // 1_000_000),
    ("bulletins.md", "Up to {} questions can be saved", limits.MAX_SAVED_QUESTIONS),
    ("bulletins.md", "kept for {} days", limits.UNANSWERED_DAYS),
    ("deploying.md", "at most {:,} characters and a body", limits.MAX_QUESTION_CHARS),
    ("deploying.md", "lasts {} hours", limits.SESSION_SECONDS // 3600),
    ("answers.md", "The {} passages nearest", DEFAULT.candidates.passages),
    ("answers.md", "loses {} of its score for each name", DEFAULT.adjustments.missing_entity_penalty),
    ("answers.md", "k1 = {}, b = {}", bm25.K1, bm25.B),
    ("answers.md", "at least {} of it, while", DEFAULT.growth.neighbour_share),
    ("answers.md", "room: {}, {} and {} characters", *DEFAULT.spans.answer.max_chars),
    ("answers.md", "plain answer, {} for an entry", DEFAULT.spans.list_entry_chars),
    ("answers.md", "at most {} behind the best", DEFAULT.spans.answer.margin),
)
NUMERALS = {3: "three", 12: "twelve"}


def blocks(text: str, language: str = "") -> list[str]:
    """The fenced blocks of a document that are of this language."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for name, block in fenced if name == language]


def commands(text: str) -> list[str]:
    return [line.strip() for block in blocks(text) for line in block.splitlines() if line.strip()]


def shown_runs() -> Iterator[tuple[str, str]]:
    """Each command of README's console, and what is shown under it."""
    for block in blocks(README, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def without_generation(output: str) -> str:
    """A generation's name tells when it was built."""
    return re.sub(r"generation [0-9a-f]{16}", "generation …", output)


def test_readme_takes_five_minutes() -> None:
    """It has at most 150 lines and 8 KB."""
    assert README.count("\n") <= 150
    assert len(README.encode()) <= 8_000


@pytest.mark.parametrize("document", ["README.md", "docs/cli.md"])
def test_the_commands_are_of_two_kinds(document: str) -> None:
    """Nothing is shown that the tests below would pass over."""
    assert {command.split()[0] for command in commands((ROOT / document).read_text(encoding="utf-8"))} <= {
        "make",
        "python",
    }
    assert {"make chat", "make test"} <= set(commands(README))


@pytest.mark.process
@pytest.mark.parametrize("command", ["make chat", "make test"])
def test_make_knows_the_target(command: str) -> None:
    """make would run something for it."""
    done = subprocess.run([*shlex.split(command), "-n"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.model
@pytest.mark.parametrize("text", [README, CLI], ids=["README.md", "docs/cli.md"])
def test_the_commands_run(text: str, rag: RunRag, tmp_path: Path) -> None:
    """Every ``python -m rag`` line of a document, in its order, with a library of its own."""
    ran = 0
    for command in commands(text):
        words = shlex.split(command)
        if words[:3] == ["python", "-m", "rag"]:
            if words[3:5] == ["parse", "seeds/*.txt"]:
                words[4:] = [str(path) for path in sorted((ROOT / "seeds").glob("*.txt"))]
            done = rag(*words[3:], RAG_LIBRARY=str(tmp_path / "library"))
            assert (done.returncode, bool(done.stdout)) == (0, True), (command, done.stderr)
            ran += 1
    assert ran >= 2


@pytest.mark.parametrize(("command", "output"), list(shown_runs()))
def test_the_outputs_are_those_printed(rag: RunRag, seeds_library: Path, command: str, output: str) -> None:
    """README shows what a reader will see, the name of the generation aside."""
    words = shlex.split(command)
    assert words[:3] == ["python", "-m", "rag"]
    printed = rag(*words[3:], RAG_LIBRARY=str(seeds_library)).stdout
    assert without_generation(printed) == without_generation(output)


@pytest.mark.process
def test_the_lines_of_python_run(seeds_library: Path, tmp_path: Path) -> None:
    """As they stand, over a library in the folder ``library``."""
    [code] = blocks(README, "python")
    (tmp_path / "library").symlink_to(seeds_library)
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("answered 6 passages in 2 of 2 bulletins")


def test_the_layers_are_those_of_the_code() -> None:
    """README's picture has the rows of the table that the imports are held to."""
    [picture] = blocks(README, "text")
    shown = [set(line[:34].replace("·", " ").split()) for line in picture.splitlines() if line.strip()]
    assert shown == [{name.removeprefix("rag.") for name in row} - {"rag", "__main__"} for row in reversed(LAYERS)]


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("parse", ["seeds/000_348e3b90bbf4e686.txt"]),
        ("index", []),
        ("ask", ["Who came from Turkmenistan?"]),
        ("check", ["It said “More than 50 residents participated”."]),
        ("verify", []),
    ],
)
def test_the_json_is_as_described(rag: RunRag, seeds_library: Path, command: str, arguments: list[str]) -> None:
    """The table's keys are the keys printed, in the same order."""
    printed = rag(command, *arguments, "--json", RAG_LIBRARY=str(seeds_library)).stdout
    described = re.sub(r"\[[^]]*\]", "", TABLE[command]).split()
    assert list(json.loads(printed)) == described


@pytest.mark.parametrize(
    ("arguments", "rows", "described"),
    [
        (["check", "“50 residents participate”"], "verdicts", r"Of a verdict, JSON gives `([^`]*)`"),
        (["ask", "Who came from Turkmenistan?"], "quotes", r"A quote is `([^`]*)`"),
    ],
)
def test_the_keys_of_rows_are_described(
    rag: RunRag, seeds_library: Path, arguments: list[str], rows: str, described: str
) -> None:
    """What docs/cli.md lists of a verdict and of a quote is what each has."""
    printed = rag(*arguments, "--json", RAG_LIBRARY=str(seeds_library)).stdout
    listed = re.search(described, CLI)
    assert listed is not None
    assert re.sub(r"\[[^]]*\]", "", listed[1]).split() == list(json.loads(printed)[rows][0])


def test_the_settings_page_is_as_generated() -> None:
    """Each setting is described where it is defined, and the page says that."""
    assert settings_page.PAGE.read_text(encoding="utf-8") == settings_page.page()


@pytest.mark.parametrize(("document", "phrase", "numbers"), [(name, phrase, rest) for name, phrase, *rest in STATED])
def test_the_limits_stated_are_those_of_the_code(document: str, phrase: str, numbers: list[int]) -> None:
    """A document that gives a limit gives the one in force."""
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    assert " ".join(phrase.format(*numbers).split()) in " ".join(text.split())


def test_the_weights_are_those_of_the_code() -> None:
    """docs/answers.md gives every signal's weight."""
    text = (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")
    described = {name: float(weight) for name, weight in re.findall(r"^\| `(\w+)` \| \w+ \| ([\d.]+) \|", text, re.M)}
    assert described == dataclasses.asdict(DEFAULT.signals)
    latest, compared = NUMERALS[DEFAULT.lists.latest_entries], NUMERALS[COMPARED_QUOTES]
    assert f"`latest` gives the newest {latest}, `earliest` the oldest {latest}" in text
    assert f"Of the first {compared} quotes" in text


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_documents_name_exists(path: Path) -> None:
    """Every link to a file of the repository, to a heading in one, and every path and module named leads somewhere."""
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)):
        name, _, heading = target.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = (path.parent / name).resolve() if name else path
        assert file.exists(), target
        if heading:
            assert heading in headings(file.read_text(encoding="utf-8")), target
    for named in re.findall(r"`((?:rag|embeddings|tests|evals|benchmarks|docs)/[\w./-]*[\w/])`", text):
        assert (ROOT / named).exists() or "feedback" in named or "NAME" in named, named
    for module in re.findall(r"python -m ((?:rag|tests|evals|benchmarks)[\w.]*)", text):
        file = ROOT / module.replace(".", "/")
        assert file.with_suffix(".py").exists() or (file / "__main__.py").exists(), module


def headings(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
