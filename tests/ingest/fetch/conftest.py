"""Fixtures of fetching: a served site, and a network in which every name leads where a test says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fetching import ROBOTS, SPRING, Network
from tests.support.site import Site, listing, serve
from tests.support.syncing import BULLETINS, LISTING


@pytest.fixture
def site() -> Iterator[Site]:
    with serve({"/robots.txt": ROBOTS, "/news/spring.html": SPRING}) as site:
        yield site


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    return Network(monkeypatch)


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    (tmp_path / "seeds").mkdir()
    return tmp_path / "seeds"


@pytest.fixture
def news() -> Iterator[Site]:
    """A listing and its three bulletins."""
    with serve({LISTING: listing("2024/spring.html", "2024/summer.html", "2024/autumn.html"), **BULLETINS}) as site:
        yield site
