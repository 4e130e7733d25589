"""Corrections of what was misread: kept beside the file, applied to title, date and districts, never to the words."""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import CorrectionUnusable
from rag.ingest.corrections import sidecar
from rag.ingest.parse import parse
from rag.ingest.pipeline import CorrectedBulletin, correct
from rag.ingest.propose_corrections import propose, section_label
from rag.ingest.sections import split_sections
from rag.models import Bulletin, Correction
from rag.text.districts import CANONICAL
from tests.support.paths import SEEDS
from tests.support.sample_bulletins import FIRST
from tests.support.sample_bulletins import bulletin_text as lines

HAIDIAN, PINGGU, FENGTAI, MIYUN = "Haidian District", "Pinggu District", "Fengtai District", "Miyun District"
ROBOTS, PEACHES = "Robots greet the guests", "Peaches for Lisbon"
BY_NAME = lines(
    "2024-04-02", HAIDIAN, "Sixty kites rose over the hill in the morning.",
    FENGTAI, "A lion danced before the guests, and then it rained.",
)  # fmt: skip
IN_MIYUN = lines(
    "2024-04-02", "All of them had come a long way to be there.",
    "I. Kites", "Sixty kites rose over the hill in the morning.",
    "II. Tea", "The tea fair opened for all who like tea.",
    title="News from Miyun",
)  # fmt: skip


def file_of(folder: Path, text: str = FIRST) -> Path:
    path = folder / "first.txt"
    path.write_text(text, encoding="utf-8")
    return path


def beside(path: Path, *entries: dict[str, object], **others: object) -> None:
    """Corrections as a person would write them."""
    content = {"format": 1, "corrections": list(entries)} | others
    sidecar.path_of(path).write_text(json.dumps(content), encoding="utf-8")


def districts_of(read: CorrectedBulletin) -> dict[str | None, tuple[str, ...]]:
    return {section.heading: section.districts for section in read.sections if section.role == "event"}


def test_corrections_lie_beside_the_file_and_are_read_as_saved(tmp_path: Path) -> None:
    """As JSON that a person can read; none at all leave no file."""
    path = file_of(tmp_path)
    assert (sidecar.read(path), sidecar.digest(path)) == ((), "")
    wanted = (Correction("date", "2024-05-10", "2024-05-12"), Correction("districts", HAIDIAN, FENGTAI, ROBOTS))
    sidecar.save(path, wanted, why="as on\nthe site", on=dt.date(2024, 6, 1))
    assert sidecar.read(path) == wanted
    assert sorted(one.name for one in tmp_path.iterdir()) == ["first.txt", "first.txt.corrections.json"]
    content = json.loads((tmp_path / "first.txt.corrections.json").read_text(encoding="utf-8"))
    noted = {"why": "as on the site", "on": "2024-06-01"}
    assert content == {
        "format": 1,
        "corrections": [
            {"field": "date", "was": "2024-05-10", "now": "2024-05-12", **noted},
            {"field": "districts", "was": HAIDIAN, "now": FENGTAI, "heading": ROBOTS, **noted},
        ],
    }
    assert len(sidecar.digest(path)) == 64
    sidecar.save(path, ())
    assert [one.name for one in tmp_path.iterdir()] == ["first.txt"]


def test_what_stays_keeps_its_reason_and_its_day(tmp_path: Path) -> None:
    """Only what is new gets those of today."""
    path = file_of(tmp_path)
    beside(path, {"field": "date", "was": "2024-05-10", "now": "2024-05-12", "why": "a slip", "on": "2024-06-01"})
    sidecar.save(path, [*sidecar.read(path), Correction("title", "What's New", "News")])
    date, title = json.loads(sidecar.path_of(path).read_text(encoding="utf-8"))["corrections"]
    assert (date["why"], date["on"]) == ("a slip", "2024-06-01")
    assert ("why" in title, title["on"]) == (False, dt.date.today().isoformat())


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


def test_two_sections_can_change_places(tmp_path: Path) -> None:
    """Each is found by what the file gives, not by what another correction made of it."""
    path = file_of(tmp_path, BY_NAME)
    swapped = (Correction("districts", HAIDIAN, FENGTAI), Correction("districts", FENGTAI, HAIDIAN))
    assert [section.districts for section in correct(parse(path), swapped).sections] == [(FENGTAI,), (HAIDIAN,)]
    sidecar.save(path, swapped)
    assert propose(path, districts={FENGTAI: [MIYUN]}) == (Correction("districts", HAIDIAN, MIYUN), swapped[1])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("haidian", HAIDIAN),
        ("Hai-dian", HAIDIAN),
        ("海淀区", HAIDIAN),
        ("BDA", CANONICAL[-1]),
        ("Yizhuang", CANONICAL[-1]),
        ("Haidian ; Fengtai Dist.; haidian district", f"{HAIDIAN}; {FENGTAI}"),
        ("Haidian and Fengtai Districts", f"{HAIDIAN}; {FENGTAI}"),
        ("", None),
        (None, None),
    ],
)
def test_districts_are_understood_by_any_of_their_names(tmp_path: Path, typed: str | None, meant: str | None) -> None:
    path = file_of(tmp_path)
    beside(path, {"field": "districts", "was": "Pinggu", "now": typed, "heading": PEACHES})
    assert sidecar.read(path) == (Correction("districts", PINGGU, meant, PEACHES),)


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
    beside(path, {"field": field, "was": None, "now": value, "heading": wanted.heading})
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


ONE = {"field": "date", "was": None, "now": "2024-05-12"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "can't be read as corrections"),
        (b"{", "can't be read as corrections"),
        (b"[]", "can't be read as corrections"),
        (b"null", "can't be read as corrections"),
        (b"\xff\xfe{}", "can't be read as corrections"),
        (b'{"format": 1}', "corrections: Field required"),
        (b'{"format": 2, "corrections": []}', "is of format 2, not 1"),
        (b'{"corrections": []}', "format: Field required"),
        (b'{"format": 1, "corrections": [], "more": 1}', "more: "),
        (b"[" * 100_000, "can't be read as corrections"),
        (b" " * 300_000, "is larger than 256,000 bytes"),
        (json.dumps({"format": 1, "corrections": [ONE, ONE]}).encode(), "corrects the date twice"),
        (json.dumps({"format": 1, "corrections": [ONE | {"was": 3}]}).encode(), "corrections 1 was: "),
        (json.dumps({"format": 1, "corrections": [ONE | {"field": "source"}]}).encode(), "corrections 1 field: "),
        (json.dumps({"format": 1, "corrections": [ONE | {"reason": "x"}]}).encode(), "corrections 1 reason: "),
        (json.dumps({"format": 1, "corrections": [ONE | {"on": "soon"}]}).encode(), "corrections 1 on: "),
        (json.dumps({"format": 1, "corrections": [ONE, 7]}).encode(), "corrections 2: "),
        (rb'{"format": 1, "corrections": [{"field": "title", "was": null, "now": "\ud800"}]}', "can't be read"),
    ],
)
def test_a_file_that_holds_no_corrections_is_named(tmp_path: Path, content: bytes, why: str) -> None:
    """One line with what is wrong; it has a digest all the same, and is never written over."""
    path = file_of(tmp_path)
    sidecar.path_of(path).write_bytes(content)
    with pytest.raises(CorrectionUnusable, match=r"^[^\n]+$") as refused:
        sidecar.read(path)
    assert why in str(refused.value)
    assert "first.txt.corrections.json" in str(refused.value)
    assert len(sidecar.digest(path)) == 64
    with pytest.raises(CorrectionUnusable):
        sidecar.save(path, [Correction("date", None, "2024-05-12")])
    assert sidecar.path_of(path).read_bytes() == content


def test_a_byte_order_mark_is_no_harm(tmp_path: Path) -> None:
    """Some editors write one."""
    path = file_of(tmp_path)
    sidecar.path_of(path).write_bytes(b"\xef\xbb\xbf" + json.dumps({"format": 1, "corrections": [ONE]}).encode())
    assert sidecar.read(path) == (Correction("date", None, "2024-05-12"),)


def test_only_a_plain_file_is_opened(tmp_path: Path) -> None:
    """No link is followed, no pipe waited for, no folder read; each has a digest of its own."""
    digests = set()
    for kind in ("link", "pipe", "folder"):
        path = tmp_path / f"{kind}.txt"
        file = sidecar.path_of(path)
        if kind == "link":
            file.symlink_to("/etc/hostname")
        elif kind == "pipe":
            os.mkfifo(file)
        else:
            file.mkdir()
        with pytest.raises(CorrectionUnusable, match=r"^[^\n]+is (a link|no plain file)\. [^\n]+$"):
            sidecar.read(path)
        digests.add(sidecar.digest(path))
    assert len(digests) == 2
    assert "" not in digests


def test_a_name_too_long_for_a_file_beside_it_has_no_corrections(tmp_path: Path) -> None:
    """It can be read as ever; correcting it says in one line why that can't be."""
    path = tmp_path / f"{'x' * 246}.txt"
    path.write_text(FIRST, encoding="utf-8")
    assert (sidecar.read(path), sidecar.digest(path)) == ((), "")
    with pytest.raises(CorrectionUnusable, match=r"can't be written .*too long"):
        sidecar.save(path, propose(path, date="2024-05-12"))


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text().map(str.encode) | st.builds(
    lambda entries: json.dumps({"format": 1, "corrections": entries}).encode(),
    st.lists(st.dictionaries(st.sampled_from(["field", "was", "now", "heading", "why", "on"]),
                             st.none() | st.text(max_size=20) | st.sampled_from(["date", "title", "districts"])),
             max_size=3)))  # fmt: skip
def test_whatever_lies_there_is_read_or_named(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """No other error than ours, whatever the bytes; what is read is saved as it was read."""
    path = tmp_path_factory.getbasetemp() / "any.txt"
    sidecar.path_of(path).write_bytes(content)
    assert len(sidecar.digest(path)) == 64
    try:
        found = sidecar.read(path)
    except CorrectionUnusable:
        return
    sidecar.save(path, found)
    assert sidecar.read(path) == found


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
