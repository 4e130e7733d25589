"""What indexing would do, before it does it: a dry run says the same and leaves everything as it is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from rag.errors import RemovalRefused, SeedsMissing
from rag.ingest.folders import Skipped
from rag.library.build.plan import Plan, Republished
from rag.library.build.update import dry_run, prepare, update_library
from rag.library.reader import Library
from tests.support.hashing_encoder import HashingEncoder
from tests.support.sample_bulletins import FIRST, SECOND, bulletin_text

LINES = [f"Guests from the {n} hills planted apple trees in the park." for n in ("red", "green", "blue", "white")]
APPLES = bulletin_text("2024-03-01", " ".join(LINES), title="Apples")
CORRECTED = bulletin_text(
    "2024-03-08", " ".join([*LINES[:3], "Guests from the white hills planted pears."]), title="Apples"
)


@pytest.fixture
def more(tmp_path: Path) -> Path:
    (tmp_path / "more").mkdir()
    return tmp_path / "more"


@pytest.fixture
def planned(folder: Path, library: Path) -> Callable[..., Plan]:
    """The plan for the folders, which indexing then carries out: what it reports is the same, name by name."""

    def run(*folders: Path) -> Plan:
        before = contents(library)
        plan = dry_run(folders or folder, library)
        assert contents(library) == before
        report = update_library(folders or folder, library, HashingEncoder(), allow_removal=True)
        for field in fields(Plan):
            assert getattr(plan, field.name) == getattr(report, field.name), field.name
        return plan

    return run


def contents(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(root)): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in root.rglob("*")
    }


def reasons(skipped: tuple[Skipped, ...]) -> dict[str, str]:
    return {one.bulletin: one.reason for one in skipped}


def test_what_would_be_added_changed_and_removed_is_named(folder: Path, planned: Callable[..., Plan]) -> None:
    """In order; what stays is counted."""
    assert planned() == Plan(unchanged=2)
    (folder / "first.txt").write_text(FIRST.replace("Twenty", "Thirty"), encoding="utf-8")
    (folder / "third.txt").write_text(APPLES, encoding="utf-8")
    (folder / "a").mkdir()
    (folder / "a" / "fourth.txt").write_text(SECOND.replace("Sixty", "Ninety"), encoding="utf-8")
    (folder / "second.txt").unlink()
    plan = planned()
    assert (plan.added, plan.changed, plan.removed) == (("a/fourth.txt", "third.txt"), ("first.txt",), ("second.txt",))
    assert (plan.unchanged, plan.republished, plan.skipped, plan.notes) == (0, (), (), ())


def test_a_dry_run_needs_no_library_and_makes_none(folder: Path, tmp_path: Path) -> None:
    """Nor does it refuse what indexing would refuse."""
    plan = dry_run(folder, tmp_path / "none")
    assert plan.added == ("first.txt", "second.txt")
    assert not (tmp_path / "none").exists()
    update_library(folder, tmp_path / "library", HashingEncoder())
    for path in folder.iterdir():
        path.unlink()
    assert dry_run(folder, tmp_path / "library").removed == ("first.txt", "second.txt")
    with pytest.raises(SeedsMissing, match="no such folder of bulletins"):
        dry_run(tmp_path / "nowhere", tmp_path / "library")


def test_a_dry_run_of_a_library_of_another_model_compares_the_files(folder: Path, tmp_path: Path) -> None:
    """Which model is to come it can't know."""
    update_library(folder, tmp_path / "library", HashingEncoder(32))
    assert dry_run(folder, tmp_path / "library") == Plan(unchanged=2)


def test_a_renamed_file_is_told_from_a_new_one(folder: Path, planned: Callable[..., Plan]) -> None:
    """By its bytes."""
    (folder / "second.txt").rename(folder / "moved.txt")
    plan = planned()
    assert (plan.added, plan.removed) == (("moved.txt",), ("second.txt",))
    assert plan.republished == (Republished("moved.txt", "second.txt", "renamed"),)


def test_a_copy_is_named_however_it_is_printed(folder: Path, planned: Callable[..., Plan]) -> None:
    """The same words under another head; the one that was there first is the original."""
    (folder / "again.txt").write_text(SECOND.replace("“", '"').replace("2023-01-09", "2023-02-01"), encoding="utf-8")
    plan = planned()
    assert plan.republished == (Republished("again.txt", "second.txt", "copy"),)


def test_a_corrected_re_issue_is_named(folder: Path, planned: Callable[..., Plan]) -> None:
    """It carries nearly all sentences of an earlier one, whether that is in the library already or is new as well."""
    (folder / "apples.txt").write_text(APPLES, encoding="utf-8")
    (folder / "apples_put_right.txt").write_text(CORRECTED, encoding="utf-8")
    assert planned().republished == (Republished("apples_put_right.txt", "apples.txt", "correction"),)
    latest = CORRECTED.replace("2024-03-08", "2024-03-09").replace("pears", "plums")
    (folder / "apples_again.txt").write_text(latest, encoding="utf-8")
    assert planned().republished == (Republished("apples_again.txt", "apples_put_right.txt", "correction"),)


def test_of_two_files_with_one_name_the_first_folder_s_counts(
    folder: Path, more: Path, planned: Callable[..., Plan]
) -> None:
    """The other is named, with where the first lies; the rest of its folder is read."""
    (more / "second.txt").write_text(APPLES, encoding="utf-8")
    (more / "third.txt").write_text(CORRECTED, encoding="utf-8")
    plan = planned(folder, more)
    assert (plan.added, plan.unchanged) == (("third.txt",), 2)
    assert reasons(plan.skipped) == {
        "second.txt": f"another bulletin of this name lies in {folder}. Rename one of the two"
    }
    plan = planned(more, folder)
    assert (plan.changed, plan.unchanged) == (("second.txt",), 2)


def test_a_staged_file_takes_the_place_of_the_one_with_its_name(folder: Path, library: Path, more: Path) -> None:
    """In the plan and in what is prepared; once it lies in the folder, nothing is left to do."""
    (more / "second.txt").write_text(APPLES, encoding="utf-8")
    (more / "third.txt").write_text(CORRECTED, encoding="utf-8")
    plan = dry_run(folder, library, overlay=more)
    assert (plan.added, plan.changed, plan.unchanged, plan.skipped) == (("third.txt",), ("second.txt",), 1, ())
    report = prepare(folder, library, HashingEncoder(), overlay=more)
    assert (report.added, report.changed, report.skipped) == (plan.added, plan.changed, ())
    staged = Library.open(library, generation=report.generation)
    assert staged.text(staged.by_name["second.txt"].sha256) == APPLES
    shutil.copytree(more, folder, dirs_exist_ok=True)
    report = update_library(folder, library, HashingEncoder())
    assert (report.generation, report.embedded) == (staged.generation, 0)
    assert dry_run(folder, library, overlay=more / "none") == Plan(unchanged=3)


def test_what_lies_in_a_folder_and_can_be_no_bulletin_is_named(
    folder: Path, tmp_path: Path, planned: Callable[..., Plan]
) -> None:
    """Links that lead out, odd names, corrections of nothing; a link inside the folder is a file like any other."""
    (tmp_path / "secret.txt").write_text(SECOND, encoding="utf-8")
    (folder / "inner").mkdir()
    os.symlink(tmp_path / "secret.txt", folder / "out.txt")
    os.symlink("../../secret.txt", folder / "inner" / "up.txt")
    os.symlink(tmp_path, folder / "inner" / "all")
    os.symlink("first.txt", folder / "link.txt")
    os.symlink("circle.txt", folder / "circle.txt")
    for name in ("two\nlines.txt", "two\u2028lines.txt", "bell\a.txt", "carriage\r.txt"):
        (folder / name).write_text(SECOND, encoding="utf-8")
    (folder / "gone.txt.corrections.json").write_text("{}", encoding="utf-8")
    plan = planned()
    assert plan.added == ("link.txt",)
    found = reasons(plan.skipped)
    for name in ("out.txt", "inner/up.txt"):
        assert found.pop(name) == "is a link that leads out of the folder. Put the file itself here"
    assert found.pop("inner/all") == "is a link to a folder, which isn't followed. Put the files here"
    assert found.pop("gone.txt.corrections.json").startswith("corrects a bulletin that isn't there")
    assert "read" in found.pop("circle.txt")
    odd = "its name holds a line break or a character that can't be seen. Rename the file"
    assert found == dict.fromkeys(("two\nlines.txt", "two\u2028lines.txt", "bell\a.txt", "carriage\r.txt"), odd)


@pytest.mark.parametrize("left", ["an empty folder", "nothing"])
def test_a_folder_that_is_not_mounted_takes_no_bulletin_away(
    folder: Path, library: Path, more: Path, left: str
) -> None:
    """However few of all they are; the line says which folder, and they can go where that is meant."""
    for number in range(9):
        (folder / f"{number}.txt").write_text(SECOND.replace("Sixty", f"{number + 60}"), encoding="utf-8")
    (more / "third.txt").write_text(APPLES, encoding="utf-8")
    update_library([folder, more], library, HashingEncoder())
    before = contents(library)
    (more / "third.txt").unlink()
    if left == "an empty folder":
        refused, line = RemovalRefused, r"more: all 1 bulletins of this folder have gone; nothing was changed\. Check"
    else:
        more.rmdir()
        refused, line = SeedsMissing, r"more: there is no such folder of bulletins"
    with pytest.raises(refused, match=line):
        update_library([folder, more], library, HashingEncoder())
    assert contents(library).keys() == before.keys()
    assert len(Library.open(library).bulletins) == 12
    more.mkdir(exist_ok=True)
    report = update_library([folder, more], library, HashingEncoder(), allow_removal=True)
    assert (report.removed, report.bulletins) == (("third.txt",), 11)


def test_a_file_moved_from_one_folder_to_the_other_has_not_gone(folder: Path, library: Path, more: Path) -> None:
    """Under its name it is unchanged, under another one it is renamed."""
    (more / "third.txt").write_text(APPLES, encoding="utf-8")
    update_library([folder, more], library, HashingEncoder())
    (more / "third.txt").rename(folder / "third.txt")
    assert update_library([folder, more], library, HashingEncoder()).unchanged == 3
    (folder / "third.txt").rename(more / "fourth.txt")
    report = update_library([folder, more], library, HashingEncoder())
    assert report.republished == (Republished("fourth.txt", "third.txt", "renamed"),)
