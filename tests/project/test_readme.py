"""README says what is so: its commands run, its settings and its JSON are those of the code."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from rag.settings import Settings
from tests.conftest import ROOT, Run

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.strip()
    for block in re.findall(r"^```\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]
TABLE: dict[str, str] = {}
for _command, _keys in re.findall(r"^\| `(\w+)[^`]*` \| .* \| [^|`]*`([^`]*)`", README, re.MULTILINE):
    TABLE.setdefault(_command, _keys)


def test_the_commands_are_of_two_kinds() -> None:
    """Nothing is shown that the tests below would pass over."""
    assert {command.split()[0] for command in COMMANDS} == {"make", "python"}
    assert {"make chat", "make test"} <= set(COMMANDS)


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("make")])
def test_make_knows_the_target(command: str) -> None:
    """make would run something for it."""
    done = subprocess.run([*shlex.split(command), "-n"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_commands_run(rag: Run, tmp_path: Path) -> None:
    """Every ``python -m rag`` line, in README's order, with a library of its own."""
    ran = 0
    for command in COMMANDS:
        words = shlex.split(command)
        if words[:3] == ["python", "-m", "rag"]:
            if words[3:5] == ["parse", "seeds/*.txt"]:
                words[4:] = [str(path) for path in sorted((ROOT / "seeds").glob("*.txt"))]
            done = rag(*words[3:], RAG_LIBRARY=str(tmp_path / "library"))
            assert (done.returncode, bool(done.stdout)) == (0, True), (command, done.stderr)
            ran += 1
    assert ran >= 5


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
def test_the_json_is_as_described(rag: Run, seeds_library: Path, command: str, arguments: list[str]) -> None:
    """The table's keys are the keys printed, in the same order."""
    printed = rag(command, *arguments, "--json", RAG_LIBRARY=str(seeds_library)).stdout
    described = re.sub(r"\[[^]]*\]", "", TABLE[command]).split()
    assert list(json.loads(printed)) == described


def test_the_keys_of_a_verdict_are_described(rag: Run, seeds_library: Path) -> None:
    """What README lists of a verdict is what a verdict has."""
    printed = rag("check", "“50 residents participate”", "--json", RAG_LIBRARY=str(seeds_library)).stdout
    listed = re.search(r"Of a verdict, JSON gives `([^`]*)`", README)
    assert listed is not None
    assert re.sub(r"\[[^]]*\]", "", listed[1]).split() == list(json.loads(printed)["verdicts"][0])


def test_the_settings_are_those_of_the_code() -> None:
    """Every variable is described, and none that doesn't exist."""
    described = set(re.findall(r"`(RAG_[A-Z_]+)`", README))
    assert described == {f"RAG_{name.upper()}" for name in Settings.model_fields}


def test_the_quotes_keys_are_described(rag: Run, seeds_library: Path) -> None:
    """What README lists of a quote is what a quote has."""
    printed = rag("ask", "Who came from Turkmenistan?", "--json", RAG_LIBRARY=str(seeds_library)).stdout
    listed = re.search(r"A quote is `([^`]*)`", README)
    assert listed is not None
    assert listed[1].split() == list(json.loads(printed)["quotes"][0])
