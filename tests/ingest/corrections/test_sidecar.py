"""The file of corrections: read as saved, refused where it is unusable, and never written over by mistake."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import CorrectionUnusable
from rag.ingest.corrections import sidecar
from rag.ingest.propose_corrections import propose
from rag.models import Correction
from rag.text.districts import CANONICAL
from tests.support.corrections import FENGTAI, HAIDIAN, PEACHES, PINGGU, ROBOTS, file_of, write_sidecar
from tests.support.sample_bulletins import FIRST


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
    write_sidecar(
        path, {"field": "date", "was": "2024-05-10", "now": "2024-05-12", "why": "a slip", "on": "2024-06-01"}
    )
    sidecar.save(path, [*sidecar.read(path), Correction("title", "What's New", "News")])
    date, title = json.loads(sidecar.path_of(path).read_text(encoding="utf-8"))["corrections"]
    assert (date["why"], date["on"]) == ("a slip", "2024-06-01")
    assert ("why" in title, title["on"]) == (False, dt.date.today().isoformat())


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
    write_sidecar(path, {"field": "districts", "was": "Pinggu", "now": typed, "heading": PEACHES})
    assert sidecar.read(path) == (Correction("districts", PINGGU, meant, PEACHES),)


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
