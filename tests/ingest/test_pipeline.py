"""Corrections applied on a bulletin's way: to title, date and districts, never to the words."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from rag.ingest.parse import parse
from rag.ingest.pipeline import CorrectedBulletin, correct
from rag.ingest.sections import split_sections
from rag.models import Correction
from tests.support.corrections import FENGTAI, HAIDIAN, IN_MIYUN, MIYUN, PEACHES, PINGGU, ROBOTS, file_of
from tests.support.sample_bulletins import bulletin_text as lines


def districts_of(read: CorrectedBulletin) -> dict[str | None, tuple[str, ...]]:
    return {section.heading: section.districts for section in read.sections if section.role == "event"}


def test_a_corrected_bulletin_keeps_its_words(tmp_path: Path) -> None:
    """Title, date and districts are as corrected; text, offsets and all else as they were."""
    bulletin = parse(file_of(tmp_path))
    wanted = (
        Correction("title", bulletin.title, "A week in May"),
        Correction("date", "2024-05-10", "2024-05-12"),
        Correction("districts", HAIDIAN, f"{FENGTAI}; {MIYUN}", ROBOTS),
        Correction("districts", PINGGU, None, PEACHES),
    )
    read = correct(bulletin, wanted)
    assert read.bulletin == replace(bulletin, title="A week in May", date=dt.date(2024, 5, 12))
    assert districts_of(read) == {ROBOTS: (FENGTAI, MIYUN), PEACHES: ()}
    cut = split_sections(bulletin)
    assert [replace(s, districts=()) for s in read.sections] == [replace(s, districts=()) for s in cut]
    assert (read.corrections, read.notes, read.unfit) == (wanted, (), ())


def test_without_corrections_a_bulletin_is_as_parsed(tmp_path: Path) -> None:
    bulletin = parse(file_of(tmp_path))
    assert correct(bulletin, ()) == CorrectedBulletin(bulletin, split_sections(bulletin), ())


def test_what_the_file_lacks_can_be_given(tmp_path: Path) -> None:
    """A date and a district that aren't stated, or aren't any."""
    bulletin = parse(file_of(tmp_path, lines(None, "A day without a date was had by all of the guests.")))
    given = (Correction("date", None, "2024-03-11"), Correction("districts", None, MIYUN))
    read = correct(bulletin, given)
    assert (read.bulletin.date, read.sections[0].districts) == (dt.date(2024, 3, 11), (MIYUN,))
    stated = parse(file_of(tmp_path))
    taken = correct(stated, [Correction("date", "2024-05-10", None), Correction("title", stated.title, None)])
    assert (taken.bulletin.date, taken.bulletin.title) == (None, None)


def test_sections_follow_the_corrected_title(tmp_path: Path) -> None:
    """Where no heading names a district the title's does; what is said of a section comes after that."""
    bulletin = parse(file_of(tmp_path, IN_MIYUN))
    assert {section.districts for section in split_sections(bulletin)} == {(MIYUN,)}
    title = Correction("title", "News from Miyun", "News from Pinggu")
    read = correct(bulletin, [Correction("districts", PINGGU, None, "II. Tea"), title])
    assert [section.districts for section in read.sections] == [(PINGGU,), (PINGGU,), ()]


def test_what_fits_no_more_is_left_out_and_named(tmp_path: Path) -> None:
    """One sentence each: the file gives something else, or holds no such section."""
    bulletin = parse(file_of(tmp_path))
    stale = (
        Correction("title", "What was\nNew", "News"),
        Correction("date", None, "2024-05-12"),
        Correction("districts", MIYUN, FENGTAI, ROBOTS),
        Correction("districts", MIYUN, FENGTAI, "Kites"),
        Correction("districts", MIYUN, FENGTAI),
    )
    read = correct(bulletin, stale)
    assert (read.bulletin, read.sections) == (bulletin, split_sections(bulletin))
    assert (read.corrections, read.unfit) == ((), stale)
    assert read.notes == (
        "The correction of the title no longer fits and is left out: the file gives"
        " “What's New in Foreign Affairs in All Districts”, not “What was New”.",
        "The correction of the date no longer fits and is left out: the file gives “2024-05-10”, not none.",
        "The correction of the districts of the section “Robots greet the guests” no longer fits and is left out:"
        " the file gives “Haidian District”, not “Miyun District”.",
        "The correction of the districts of the section “Kites” no longer fits and is left out:"
        " there is no such section.",
        "The correction of the districts of the section without a headline no longer fits and is left out:"
        " the file gives none, not “Miyun District”.",
    )


def test_what_the_file_has_caught_up_with_is_left_out_in_silence(tmp_path: Path) -> None:
    """The office has corrected its page: nothing is left to correct, and nothing to say."""
    bulletin = parse(file_of(tmp_path))
    caught_up = (
        Correction("title", "What was New", bulletin.title),
        Correction("date", None, "2024-05-10"),
        Correction("districts", MIYUN, HAIDIAN, ROBOTS),
        Correction("districts", PINGGU, PINGGU, PEACHES),
    )
    assert correct(bulletin, caught_up) == CorrectedBulletin(bulletin, split_sections(bulletin), ())
