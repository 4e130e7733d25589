"""Adding single bulletins: files are copied, pages fetched, and nothing is overwritten unasked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.errors import SeedsMissing
from rag.ingest.fetch.add import AddResult, add
from rag.ingest.fetch.client import Client
from rag.ingest.parse import parse
from tests.support.fetching import SPRING, client_of
from tests.support.sample_bulletins import FIRST, SECOND
from tests.support.site import Answer, Site


def put(seeds: Path, *sources: str | Path, replace: bool = False) -> AddResult:
    """Files only: no host is named."""
    return add(sources, seeds, (), replace=replace)


def reasons(added: AddResult) -> str:
    return "\n".join(f"{one.bulletin}: {one.reason}" for one in added.skipped)


def test_files_are_copied_and_read_first(seeds: Path, folder: Path) -> None:
    """Byte for byte; what is no bulletin stays out, and the rest goes on."""
    (folder / "empty.txt").write_bytes(b"")
    (folder / "picture.png").write_bytes(b"png")
    others = (folder / "picture.png", folder / "none.txt", folder)
    added = put(seeds, folder / "empty.txt", str(folder / "first.txt"), *others)
    assert added.files == ("first.txt",)
    assert (seeds / "first.txt").read_bytes() == (folder / "first.txt").read_bytes()
    assert [one.bulletin for one in added.skipped] == [
        str(folder / "empty.txt"),
        str(folder / "picture.png"),
        str(folder / "none.txt"),
        str(folder),
    ]
    assert "is empty" in reasons(added)
    assert "no such file" in reasons(added)
    assert sorted(path.name for path in seeds.iterdir()) == ["first.txt"]


def test_the_same_bytes_are_not_put_there_twice(seeds: Path, tmp_path: Path) -> None:
    """Under whatever name, in whatever folder in the folder, and within one call."""
    (seeds / "2023").mkdir()
    (seeds / "2023" / "talk.txt").write_text(SECOND, encoding="utf-8")
    (tmp_path / "other.txt").write_text(SECOND, encoding="utf-8")
    (tmp_path / "a.txt").write_text(FIRST, encoding="utf-8")
    (tmp_path / "b.txt").write_text(FIRST, encoding="utf-8")
    added = put(seeds, tmp_path / "other.txt", tmp_path / "a.txt", tmp_path / "b.txt")
    assert added.files == ("a.txt",)
    assert [one.reason for one in added.skipped] == ["is there already, as 2023/talk.txt", "is there already, as a.txt"]


def test_another_file_of_that_name_stays_unless_it_may_be_replaced(seeds: Path, tmp_path: Path) -> None:
    """The line says what to do about it."""
    (seeds / "a.txt").write_text(FIRST, encoding="utf-8")
    (tmp_path / "a.txt").write_text(SECOND, encoding="utf-8")
    refused = put(seeds, tmp_path / "a.txt")
    assert refused.files == ()
    assert "another file named a.txt is there. Rename one of them, or remove that one" in reasons(refused)
    assert (seeds / "a.txt").read_text(encoding="utf-8") == FIRST
    assert put(seeds, tmp_path / "a.txt", replace=True).files == ("a.txt",)
    assert (seeds / "a.txt").read_text(encoding="utf-8") == SECOND


@pytest.mark.parametrize(
    "name", [".first.txt", "a\nb.txt", "a\u200bb.txt", "a" * 220 + ".txt", "a\\b.txt", "a\udcff.txt"]
)
def test_a_name_that_cannot_be_kept_is_refused(seeds: Path, tmp_path: Path, name: str) -> None:
    """In one line, with what to do."""
    (tmp_path / name).write_text(FIRST, encoding="utf-8")
    added = put(seeds, tmp_path / name)
    assert added.files == ()
    assert "Rename the file" in added.skipped[0].reason
    assert "\n" not in reasons(added)
    reasons(added).encode()
    assert list(seeds.iterdir()) == []


def test_a_link_is_read_through_to_an_ordinary_file_only(seeds: Path, folder: Path, tmp_path: Path) -> None:
    """What is put there is a file of its own; a link to a pipe, a folder or nothing is none."""
    for name, to in {"good.txt": folder / "first.txt", "folder.txt": folder, "nothing.txt": tmp_path / "gone"}.items():
        (tmp_path / name).symlink_to(to)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "pipe.txt").symlink_to(tmp_path / "pipe")
    added = put(seeds, *(tmp_path / f"{name}.txt" for name in ("good", "folder", "nothing", "pipe")))
    assert added.files == ("good.txt",)
    assert not (seeds / "good.txt").is_symlink()
    assert (seeds / "good.txt").read_text(encoding="utf-8") == FIRST
    assert len(added.skipped) == 3


def test_a_link_in_the_folder_is_replaced_not_written_through(seeds: Path, tmp_path: Path) -> None:
    """What it leads to isn't the desk's to change."""
    (tmp_path / "precious.txt").write_text(FIRST, encoding="utf-8")
    (seeds / "a.txt").symlink_to(tmp_path / "precious.txt")
    (tmp_path / "a.txt").write_text(SECOND, encoding="utf-8")
    assert put(seeds, tmp_path / "a.txt").files == ()
    assert put(seeds, tmp_path / "a.txt", replace=True).files == ("a.txt",)
    assert (tmp_path / "precious.txt").read_text(encoding="utf-8") == FIRST
    assert not (seeds / "a.txt").is_symlink()


def test_pages_and_files_go_together(site: Site, seeds: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One client for all pages; what can't be fetched or read is named, and the rest goes on."""
    site.pages["/news/menu.html"] = Answer(b"<html><body><nav>Home</nav></body></html>")
    made: list[Client] = []

    def factory(hosts: Sequence[str]) -> Client:
        assert hosts == (site.host,)
        made.append(client_of(site))
        return made[-1]

    urls = [site.url(path) for path in ("/news/spring.html", "/private/a.html", "/news/menu.html", "/news/gone.html")]
    outside = "https://user:secret@evil.example/a"
    sources: list[str | Path] = [*urls, outside, folder / "second.txt", urls[0]]
    monkeypatch.setattr("rag.ingest.fetch.add.Client", factory)
    added = add(sources, seeds, (site.host,))
    page, file = added.files
    assert (seeds / page).read_bytes() == SPRING.body
    assert parse(seeds / page).title == "Spring in Haidian"
    assert file == "second.txt"
    assert len(made) == 1
    assert [one.bulletin for one in added.skipped] == [*urls[1:], "https://evil.example/a", urls[0]]
    for words in ("robots.txt", "no paragraph", "404", "user name or a password", f"is there already, as {page}"):
        assert words in reasons(added)


def test_a_page_without_any_host_named_says_where_to_name_it(seeds: Path) -> None:
    """No client is made for it."""
    added = put(seeds, "https://news.example.org/a")
    assert added.skipped[0].reason == "no host may be fetched from yet. Name the hosts in RAG_HOSTS"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """It isn't made: a typing error would be a new folder."""
    with pytest.raises(SeedsMissing):
        put(tmp_path / "none", "https://news.example.org/a")


def test_a_file_that_changes_while_it_is_read_is_not_copied(
    seeds: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is saved is what was looked at."""

    def parse_then_change(path: Path) -> object:
        read = parse(path)
        path.write_text(SECOND, encoding="utf-8")
        return read

    monkeypatch.setattr("rag.ingest.fetch.add.parse", parse_then_change)
    added = put(seeds, folder / "first.txt")
    assert added.skipped[0].reason == "changed while it was read. Add it again"
    assert list(seeds.iterdir()) == []
