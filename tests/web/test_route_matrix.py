"""Who meets what at every way into the desk, and that none is left out of the document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import main
from tests.support.route_matrix import PAGE, WHO, Met, table, tried

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> list[Met]:
    return tried(tmp_path_factory.mktemp("matrix"))


def test_nobody_gets_in_where_they_do_not_belong(met: list[Met]) -> None:
    """Nobody, staff, operator, a page of another origin, an expired and a forged session, at every address and each of
    the page's functions; and whoever belongs there is let in."""
    assert [(one.way.method, one.way.path, one.holes) for one in met if one.holes] == []
    assert {one.way.required_role for one in met} == {"anybody", "staff", "operator", "nobody"}


def test_what_the_pages_offer_is_among_the_ways(met: list[Met]) -> None:
    """A way that is read off wrongly would be tried wrongly."""
    found = {(one.way.method, one.way.path): one.way.required_role for one in met}
    for way, whose in (
        (("POST", "/operator/publish"), "operator"),
        (("POST", "/operator/upload"), "operator"),
        (("POST", "/operator/off"), "operator"),
        (("POST", "/operator/account-add"), "operator"),
        (("POST", "/staff/check"), "staff"),
        (("GET", "/staff/feedback"), "staff"),
        (("POST", "/answer/{key}/keep"), "staff"),
        (("POST", "/check"), "anybody"),
        (("POST", "/gradio_api/queue/join"), "anybody"),
        (("POST", "/gradio_api/upload"), "nobody"),
        (("GET", "/gradio_api/file={path_or_url:path}"), "nobody"),
    ):
        assert found[way] == whose


def test_the_document_has_every_way(met: list[Met]) -> None:
    """As the program lists them today: python -m tests.support.route_matrix --save writes it."""
    page = PAGE.read_text(encoding="utf-8")
    shown = re.findall(r"^\| `([^`]+)`(?:, function \d+)? \| (\w+) \| (\w+) \|", page, re.MULTILINE)
    own = re.findall(r"^\| `([^`]+)`(?:, function \d+)? \| (\w+) \| (\w+) \|", table(met), re.MULTILINE)
    assert shown == own
    assert f"{len(met)} ways, {len(met) * len(WHO)} tries, 0 holes." in page


def test_the_program_lists_them(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A line each, without serving anything."""
    assert main(["--ways", "--library", str(tmp_path / "none")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "operator  POST    /operator/publish" in lines
    assert "nobody    POST    /gradio_api/upload" in lines
