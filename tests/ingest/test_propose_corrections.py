"""An edit becomes the corrections to save: of what the file gives, in the place of earlier ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import CorrectionUnusable
from rag.ingest.corrections import sidecar
from rag.ingest.parse import parse
from rag.ingest.pipeline import correct
from rag.ingest.propose_corrections import propose, section_label
from rag.ingest.sections import split_sections
from rag.models import Bulletin, Correction
from rag.text.districts import CANONICAL
from tests.support.corrections import (
    BY_NAME,
    FENGTAI,
    HAIDIAN,
    IN_MIYUN,
    MIYUN,
    PEACHES,
    PINGGU,
    ROBOTS,
    file_of,
    write_sidecar,
)
from tests.support.paths import SEEDS
from tests.support.sample_bulletins import bulletin_text as lines


def test_two_sections_can_change_places(tmp_path: Path) -> None:
    """Each is found by what the file gives, not by what another correction made of it."""
    path = file_of(tmp_path, BY_NAME)
    swapped = (Correction("districts", HAIDIAN, FENGTAI), Correction("districts", FENGTAI, HAIDIAN))
    assert [section.districts for section in correct(parse(path), swapped).sections] == [(FENGTAI,), (HAIDIAN,)]
    sidecar.save(path, swapped)
    assert propose(path, districts={FENGTAI: [MIYUN]}) == (Correction("districts", HAIDIAN, MIYUN), swapped[1])


UNUSABLE = {
    "title": ["two\nlines", "a\u2028line", "tab\x0b", "\x07", "over\u202eride", "x" * 301],
    "date": [
        "2024-02-30", "2024-3-11", "20240311", "2024-W10-1", "11 March 2024", "0999-01-01", "2200-01-01",
        "２０２４-03-11", "2024-03-11T00:00", "soon",
    ],
    "districts": ["Hidian", "Paris", "Haidian or so", "Haidian; nowhere", "the city"],
}  # fmt: skip


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, own in UNUSABLE.items() for value in own])
def test_what_is_no_title_date_or_district_is_refused(tmp_path: Path, field: str, value: str) -> None:
    """When it is typed, saved or read: one line, and the file stays as it is."""
    path = file_of(tmp_path)
    wanted = Correction(field, None, value, ROBOTS if field == "districts" else None)  # type: ignore[arg-type]
    typed = {ROBOTS: value.split(";")} if field == "districts" else value
    with pytest.raises(CorrectionUnusable, match=r"^[^\n]+$"):
        propose(path, **{field: typed})  # type: ignore[arg-type]
    with pytest.raises(CorrectionUnusable, match=r"^[^\n]+$"):
        sidecar.save(path, [wanted])
    assert not sidecar.path_of(path).exists()
    write_sidecar(path, {"field": field, "was": None, "now": value, "heading": wanted.heading})
    with pytest.raises(CorrectionUnusable, match=r"^[^\n]+corrections\.json: correction 1: [^\n]+$"):
        sidecar.read(path)


def test_a_date_far_ahead_is_refused_when_typed(tmp_path: Path) -> None:
    """A slip of the year; what is in the file already isn't judged by today's clock."""
    path = file_of(tmp_path)
    far = (dt.date.today() + dt.timedelta(days=400)).isoformat()
    with pytest.raises(CorrectionUnusable, match=f"{far} is more than a year ahead. Check the year"):
        propose(path, date=far)
    sidecar.save(path, [Correction("date", "2024-05-10", far)])
    assert sidecar.read(path)[0].now == far


def test_a_correction_is_proposed_from_what_is_read(tmp_path: Path) -> None:
    """``was`` is what the file gives; nothing is written."""
    path = file_of(tmp_path)
    made = propose(path, title=" A  week\u3000in May ", date="2024-05-12", districts={ROBOTS: ["fengtai"], PEACHES: []})
    assert made == (
        Correction("title", "What's New in Foreign Affairs in All Districts", "A week in May"),
        Correction("date", "2024-05-10", "2024-05-12"),
        Correction("districts", HAIDIAN, FENGTAI, ROBOTS),
        Correction("districts", PINGGU, None, PEACHES),
    )
    assert not sidecar.path_of(path).exists()
    assert propose(path) == ()


def test_a_new_correction_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    """Of the same thing; others stay, and what the file gives itself needs none."""
    path = file_of(tmp_path)
    sidecar.save(path, propose(path, date="2024-05-12", districts={ROBOTS: [FENGTAI], PEACHES: [MIYUN]}))
    sidecar.save(path, propose(path, date="2024-05-13", districts={ROBOTS: [MIYUN]}))
    date, robots, peaches = (
        Correction("date", "2024-05-10", "2024-05-13"),
        Correction("districts", HAIDIAN, MIYUN, ROBOTS),
        Correction("districts", PINGGU, MIYUN, PEACHES),
    )
    assert sidecar.read(path) == (date, robots, peaches)
    assert propose(path) == (date, robots, peaches)
    assert propose(path, date="2024-05-10") == (robots, peaches)
    assert propose(path, date="") == (Correction("date", "2024-05-10", None), robots, peaches)
    assert propose(path, districts={ROBOTS: [HAIDIAN], PEACHES: ["Pinggu"]}) == (date,)


def test_what_was_said_of_a_section_holds_under_another_title(tmp_path: Path) -> None:
    """The title's district heads the sections; the one that was corrected stays as it was corrected."""
    path = file_of(tmp_path, IN_MIYUN)
    sidecar.save(path, propose(path, districts={"I. Kites": [FENGTAI], "II. Tea": [PINGGU]}))
    made = propose(path, title="News from Pinggu")
    assert made == (
        Correction("title", "News from Miyun", "News from Pinggu"),
        Correction("districts", PINGGU, FENGTAI, "I. Kites"),
    )
    read = correct(parse(path), made)
    assert [section.districts for section in read.sections] == [(PINGGU,), (FENGTAI,), (PINGGU,)]
    assert read.notes == ()


def test_corrections_that_fit_no_more_wait_until_they_are_made_anew(tmp_path: Path) -> None:
    """They may fit again when the file comes back; a new one of the same thing takes their place."""
    path = file_of(tmp_path)
    stale = (Correction("date", "2024-01-01", "2024-05-12"), Correction("districts", MIYUN, FENGTAI, ROBOTS))
    sidecar.save(path, stale)
    assert propose(path) == stale
    title = Correction("title", parse(path).title, "News")
    assert propose(path, title="News") == (stale[0], title, stale[1])
    assert propose(path, date="2024-05-10", districts={ROBOTS: [HAIDIAN]}) == ()


def test_a_section_without_a_headline_goes_by_its_district(tmp_path: Path) -> None:
    """As it is shown, corrected or not; where several could be meant their names are told."""
    path = file_of(tmp_path, BY_NAME)
    with pytest.raises(CorrectionUnusable, match="2 sections have no headline") as refused:
        propose(path, districts={None: [MIYUN]})
    assert f"“{HAIDIAN}”, “{FENGTAI}”" in str(refused.value)
    sidecar.save(path, propose(path, districts={HAIDIAN: [MIYUN]}))
    assert sidecar.read(path) == (Correction("districts", HAIDIAN, MIYUN),)
    for name in (MIYUN, HAIDIAN):
        assert propose(path, districts={name: [PINGGU]}) == (Correction("districts", HAIDIAN, PINGGU),)
    for name in ("Kites", PINGGU):
        with pytest.raises(CorrectionUnusable, match=f"no section goes by “{name}”"):
            propose(path, districts={name: [PINGGU]})


def test_the_one_section_without_a_headline_needs_no_name(tmp_path: Path) -> None:
    """A bulletin about one event, with a lead or without.  A lead goes by its district alone: whoever forgets to name a
    section doesn't mean it."""
    path = file_of(tmp_path, lines(None, "Spring has come to all districts.", HAIDIAN, "Kites rose over a hill."))
    assert propose(path, districts={None: [MIYUN]}) == (Correction("districts", HAIDIAN, MIYUN),)
    path = file_of(tmp_path, lines(None, "A day without a date was had by all of the guests."))
    assert propose(path, districts={None: [MIYUN]}) == (Correction("districts", None, MIYUN),)
    path = file_of(tmp_path, IN_MIYUN)
    with pytest.raises(CorrectionUnusable, match=r"every section has a headline\. Name its headline"):
        propose(path, districts={None: [PINGGU]})
    assert propose(path, districts={MIYUN: [PINGGU]}) == (Correction("districts", MIYUN, PINGGU),)


def test_of_one_headline_twice_the_district_tells_which(tmp_path: Path) -> None:
    """The label is headline and district."""
    path = file_of(
        tmp_path,
        lines(
            "2024-04-02", HAIDIAN, "A fair", "Sixty kites rose over the hill in the morning.",
            FENGTAI, "A fair", "A lion danced before the guests, and then it rained.",
        ),
    )  # fmt: skip
    with pytest.raises(CorrectionUnusable, match=r"Name one of “A fair \(Haidian District\)”, “A fair \(Fengtai"):
        propose(path, districts={"A fair": [MIYUN]})
    made = propose(path, districts={f"A fair ({FENGTAI})": [MIYUN]})
    assert made == (Correction("districts", FENGTAI, MIYUN, "A fair"),)
    read = correct(parse(path), made)
    assert [section_label(section) for section in read.sections] == [f"A fair ({HAIDIAN})", f"A fair ({MIYUN})"]


BULLETINS: list[Bulletin] = [parse(path) for path in sorted(SEEDS.glob("*.txt"))]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_is_proposed_is_what_comes_out(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Of real bulletins: any title, date and districts, in two goes; all other sections stay as they were."""
    bulletin = data.draw(st.sampled_from(BULLETINS))
    path = tmp_path_factory.mktemp("real") / bulletin.name
    path.write_bytes((SEEDS / bulletin.name).read_bytes())
    wanted: dict[str, tuple[str, ...]] = {}
    title: str | None = bulletin.title
    for _ in range(2):
        title = data.draw(st.sampled_from(["A week", "News from Pinggu", bulletin.title or "", title or ""]))
        standing = correct(bulletin, sidecar.read(path)).sections
        chosen = data.draw(st.sampled_from([section for section in standing if section.role == "event"]))
        names = tuple(data.draw(st.lists(st.sampled_from(CANONICAL), unique=True, max_size=3)))
        sidecar.save(path, propose(path, title=title, districts={section_label(chosen): names}))
        given = correct(bulletin, [one for one in sidecar.read(path) if one.field == "title"]).sections
        wanted[chosen.heading or ""] = names
        if names == next(section.districts for section in given if section.start == chosen.start):
            del wanted[chosen.heading or ""]  # that is what the file gives itself: nothing is kept of it
    read = correct(bulletin, sidecar.read(path))
    assert (read.bulletin.title or "", read.bulletin.text, read.notes) == (title, bulletin.text, ())
    for section, own in zip(read.sections, split_sections(read.bulletin), strict=True):
        expected = wanted.get(section.heading or "") if section.role == "event" else None
        assert section == (own if expected is None else replace(own, districts=expected))
