"""A run that is killed keeps what it has, and the next one goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rag.ingest.fetch.client import Client
from rag.ingest.fetch.sync import sync
from tests.support.paths import ROOT
from tests.support.site import Handler, Site, bulletin
from tests.support.syncing import BULLETINS, LISTING, name_of, run, saved

KILLED = """
import os, signal, sys
from pathlib import Path
from rag import files
from rag.ingest.fetch.client import Client
from rag.ingest.fetch.sync import sync

url, host, seeds, moment = sys.argv[1:]
when, thing, number = (moment or "never note 0").split()
replace, left = files.write_atomic, int(number)

def replace_and_die(path, data):
    global left
    ours = (path.suffix == ".json") == (thing == "note")
    if ours and left == 0 and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    replace(path, data)
    if ours and left == 0 and when == "after":
        os.kill(os.getpid(), signal.SIGKILL)
    left -= ours

files.write_atomic = replace_and_die
sync(url, Path(seeds), Client((host,), sleep=lambda _: None))
"""


def killed(news: Site, seeds: Path, moment: str = "") -> subprocess.Popen[bytes]:
    """A run in a process of its own, which is killed from outside or at this moment."""
    return subprocess.Popen([sys.executable, "-c", KILLED, news.url(LISTING), news.host, str(seeds), moment], cwd=ROOT)


def downloaded_again(news: Site, start: int, held: set[str]) -> set[str]:
    """Pages that were there at the kill and that the run after it has sent to it once more."""
    statuses = news.statuses(start)
    return {path for path, status in statuses.items() if status == 200 and name_of(news, path) in held}


@pytest.mark.process
@pytest.mark.parametrize("number", [0, 2])
@pytest.mark.parametrize("moment", ["before note", "after note", "before file", "after file"])
def test_a_killed_run_goes_on_where_it_was(news: Site, seeds: Path, moment: str, number: int) -> None:
    """A real SIGKILL, right before and right after each thing that is written: afterwards everything is there, whole,
    and of what was there nothing is downloaded again."""
    assert killed(news, seeds, f"{moment} {number}").wait(60) == -signal.SIGKILL
    held = set(saved(seeds))
    assert len(held) == number + (moment == "after file")
    assert all(data in {page.body for page in BULLETINS.values()} for data in saved(seeds).values())
    start = len(news.asked)
    synced = run(news, seeds)
    assert (len(synced.added), synced.unchanged, synced.skipped) == (3 - len(held), len(held), ())
    assert downloaded_again(news, start, held) == set()
    assert saved(seeds) == {name_of(news, path): page.body for path, page in BULLETINS.items()}


@pytest.mark.process
@pytest.mark.parametrize("moment", ["before note 0", "after note 0", "before file 0", "after file 0"])
def test_a_run_killed_while_it_replaces_a_file_is_no_change_of_ours(news: Site, seeds: Path, moment: str) -> None:
    """The file holds its earlier form or the new one, and the next run knows both."""
    run(news, seeds)
    old = saved(seeds)
    news.pages["/news/2024/spring.html"] = new = bulletin("Spring in Haidian", "It came late.")
    name = name_of(news, "/news/2024/spring.html")
    assert killed(news, seeds, moment).wait(60) == -signal.SIGKILL
    assert saved(seeds)[name] in (old[name], new.body)
    synced = run(news, seeds)
    assert synced.skipped == ()
    assert saved(seeds) == old | {name: new.body}


@pytest.mark.process
def test_a_run_killed_during_a_download_loses_that_page_only(news: Site, seeds: Path) -> None:
    """Killed from outside while a page is on its way."""
    process = killed(news, seeds)

    def half(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n<p>The first")
        handler.wfile.flush()
        os.kill(process.pid, signal.SIGKILL)

    news.pages["/news/2024/autumn.html"] = half
    assert process.wait(60) == -signal.SIGKILL
    held = set(saved(seeds))
    assert len(held) == 2
    news.pages |= BULLETINS
    start = len(news.asked)
    assert run(news, seeds).added == (name_of(news, "/news/2024/autumn.html"),)
    assert downloaded_again(news, start, held) == set()


def test_progress_counts_pages(news: Site, seeds: Path) -> None:
    """Each page of the listing, then each bulletin, before it is fetched."""
    told: list[tuple[str, int, int]] = []
    client = Client((news.host,), sleep=lambda _: None)
    sync(news.url(LISTING), seeds, client, progress=lambda *what: told.append(what))
    assert told == [("Reading the listing", 0, 1), ("Fetching", 0, 3), ("Fetching", 1, 3), ("Fetching", 2, 3)]
