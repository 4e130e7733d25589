"""What may be tried against the desk from outside, each attack a little; ``make attacks`` tries each in full."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacks import pattern_growth, product_patterns
from tests.attacks.all import ATTACKS, TABLE
from tests.attacks.offline import watching
from tests.support.paths import ROOT

pytestmark = pytest.mark.process


def tried(name: str, folder: Path) -> None:
    outcome = ATTACKS[name].run(folder, short=True)
    assert outcome.tried > 0
    assert outcome.failed == 0, (outcome.what, outcome.details)


@pytest.mark.browser
def test_markup(tmp_path: Path) -> None:
    """Shown as it stands in a real browser: no dialog, no element, no request to another host."""
    tried("markup", tmp_path)


def test_paths(tmp_path: Path) -> None:
    """Nothing outside the desk's folders is read or written, whatever an address or a name says."""
    tried("paths", tmp_path)


def test_addresses(tmp_path: Path) -> None:
    """Nobody but a named host at a public address is connected to."""
    tried("addresses", tmp_path)


def test_confinement(tmp_path: Path) -> None:
    """A file that takes over the process which reads it gets at nothing else."""
    tried("confinement", tmp_path)


def test_instructions(tmp_path: Path) -> None:
    """Bulletins that command are quoted, and not obeyed."""
    tried("text", tmp_path)


def test_lookalikes(tmp_path: Path) -> None:
    """Quotes keep every character, and quotations that only look alike are told apart."""
    tried("lookalikes", tmp_path)


@pytest.mark.model
def test_models(tmp_path: Path) -> None:
    """No code of a model's folder is run, and no index but the library's own is opened."""
    tried("models", tmp_path)


def test_patterns(tmp_path: Path) -> None:
    """Every reader of what comes from outside ends; the watchdog is the tests' own."""
    tried("patterns", tmp_path)


def test_pattern_growth(tmp_path: Path) -> None:
    """Of texts made from a pattern to be hard for it, none takes longer than in proportion to its length."""
    tried("growth", tmp_path)


def test_no_pattern_is_hidden_from_the_attack() -> None:
    """But for those that are made of what is looked for, word for word, all are found; each bound is of one that is."""
    assert product_patterns.unseen_patterns() == product_patterns.MADE_OF_WORDS
    places = {place for found in product_patterns.product_patterns() for place in found.places}
    assert [one for one in pattern_growth.BOUNDS if not any(place.startswith(one) for place in places)] == []


def test_guesses(tmp_path: Path) -> None:
    """Of many passwords tried at two servers at once, ten at most are compared."""
    tried("guesses", tmp_path)


def test_cookies(tmp_path: Path) -> None:
    """No cookie but one that the desk gave lets anybody in."""
    tried("cookies", tmp_path)


def test_crowds(tmp_path: Path) -> None:
    """Few addresses with many streams shut nobody out, least of all the operator."""
    tried("crowds", tmp_path)


@pytest.mark.browser
def test_origins(tmp_path: Path) -> None:
    """No page of another site can have anything done."""
    tried("origins", tmp_path)


def test_offline(tmp_path: Path) -> None:
    """The server starts and answers without a network, and asks for none."""
    tried("offline", tmp_path)


def test_the_watch_sees_who_looks_outside(tmp_path: Path) -> None:
    """Without this, the test above could pass by seeing nothing."""
    environment, tries = watching(tmp_path)
    script = "import socket\nsocket.create_connection(('192.0.2.1', 80), 5)"
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "192.0.2.1" in tries.read_text()


def test_the_table_is_that_of_the_figures() -> None:
    """docs/security.md says what make attacks found, of every attack, and names tests that there are."""
    figures = TABLE.kept()
    assert list(figures) == list(ATTACKS)
    page = TABLE.page.read_text(encoding="utf-8")
    assert TABLE.with_table(page, figures) == page
    assert {attack.test for attack in ATTACKS.values()} <= set(globals())
    assert [name for name, one in figures.items() if one["failed"]] == []


def test_the_document_names_tests_that_there_are() -> None:
    """A line of the checklists is worth what its test is."""
    named = set(re.findall(r"`(test_\w+)`", TABLE.page.read_text(encoding="utf-8")))
    files = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    assert named - set(re.findall(r"^def (test_\w+)", "\n".join(files), re.MULTILINE)) == set()
    files_named = re.findall(r"`((?:rag|embeddings|tests|docs)/[\w/.]+)`", TABLE.page.read_text(encoding="utf-8"))
    assert [path for path in files_named if not (ROOT / path).exists()] == []


def test_work(tmp_path: Path) -> None:
    """What a review found to cost most stays within what each door may cost."""
    tried("work", tmp_path)
