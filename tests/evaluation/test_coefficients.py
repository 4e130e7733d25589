"""Files that come with the desk: what is missing, damaged or of another version is named, in one line."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rag.errors import DataDamaged
from rag.search.coefficients import read_fitted
from rag.text.wordlists import read_data, read_packaged
from tests.support.paths import ROOT

NAMES = ("borne", "weakest")
WRITTEN = {"coefficients": {"weakest": -2.5, "borne": 1}, "intercept": 0.25, "beta2": 2.0}


def written(folder: Path, found: object) -> Path:
    path = folder / "membership.json"
    path.write_text(json.dumps(found), encoding="utf-8")
    return path


def test_numbers_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    """Not in that of the file, whose order means nothing."""
    assert read_fitted(written(tmp_path, WRITTEN), NAMES, "beta2", "intercept") == ((1.0, -2.5), (2.0, 0.25))


@pytest.mark.parametrize(
    ("coefficients", "named"),
    [
        ({"borne": 1.0}, "differ in weakest"),
        ({"borne": 1.0, "weakest": 1.0, "rank": 1.0}, "differ in rank"),
        ({"borne": 1.0, "rank": 1.0}, "differ in rank, weakest"),
    ],
)
def test_a_file_that_was_fitted_for_other_signals_is_refused(
    tmp_path: Path, coefficients: dict[str, float], named: str
) -> None:
    """A number too few or too many would be a wrong answer in silence."""
    path = written(tmp_path, WRITTEN | {"coefficients": coefficients})
    with pytest.raises(DataDamaged, match=rf"membership\.json: is of another version.*{named}.*python -m evals\.fit"):
        read_fitted(path, NAMES, "intercept")


@pytest.mark.parametrize(
    "found",
    [
        [],
        None,
        {},
        WRITTEN | {"coefficients": [1.0, 2.0]},
        WRITTEN | {"coefficients": {"borne": "1.0", "weakest": 1.0}},
        WRITTEN | {"coefficients": {"borne": float("nan"), "weakest": 1.0}},
        WRITTEN | {"intercept": None},
        {key: value for key, value in WRITTEN.items() if key != "intercept"},
    ],
    ids=str,
)
def test_what_holds_no_fitted_numbers_is_refused(tmp_path: Path, found: object) -> None:
    """Of another shape, with words for numbers, or without one that is needed."""
    with pytest.raises(DataDamaged, match=r"membership\.json: is no file of fitted numbers\. It comes with the desk"):
        read_fitted(written(tmp_path, found), NAMES, "intercept")


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000])
def test_what_is_cut_short_is_refused(tmp_path: Path, content: bytes) -> None:
    """Or nested past all bounds."""
    (tmp_path / "membership.json").write_bytes(content)
    with pytest.raises(DataDamaged, match="is no file of fitted numbers"):
        read_fitted(tmp_path / "membership.json", NAMES, "intercept")


def test_what_is_missing_or_no_text_is_named(tmp_path: Path) -> None:
    """By its path, with what to do."""
    with pytest.raises(DataDamaged, match=r"refusal\.json: can't be read \(no such file.*It comes with the desk"):
        read_fitted(tmp_path / "refusal.json", NAMES, "intercept")
    with pytest.raises(DataDamaged, match=r"no-such-list\.txt: can't be read"):
        read_data("no-such-list.txt")
    (tmp_path / "glossary.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataDamaged, match=r"glossary\.txt: is not UTF-8\. It comes with"):
        read_packaged(tmp_path / "glossary.txt")


TWICE = """
import sys
from rag.cli.main import main
for question in ("When did the delegation from Turkmenistan arrive?", "what consular protection events happened"):
    print(main(["ask", question, "--library", sys.argv[1], "--json"]))
"""


@pytest.mark.model
@pytest.mark.process
def test_the_command_names_the_file_in_one_line(seeds_library: Path, tmp_path: Path) -> None:
    """In a checkout with one file damaged and one of an older version: no traceback, and no answer without them."""
    for package in ("rag", "embeddings"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    folder = tmp_path / "rag" / "data"
    for path in folder.glob("refusal*.json"):
        path.write_text("{", encoding="utf-8")
    stale = json.loads((folder / "membership.json").read_text(encoding="utf-8"))
    stale["coefficients"].popitem()
    (folder / "membership.json").write_text(json.dumps(stale), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", TWICE, str(seeds_library)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": ""},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    assert done.stdout.split() == ["1", "1"], done.stderr
    first, second = done.stderr.splitlines()
    assert re.match(rf"{folder}/refusal[a-z-]*\.json: is no file of fitted numbers", first)
    assert second.startswith(f"{folder / 'membership.json'}: is of another version")
