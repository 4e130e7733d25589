"""Names of bulletins' files: made of URLs, readable, and never outside the folder."""

from __future__ import annotations

import pytest

from rag import limits
from rag.ingest.fetch import save


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/..%5c..%5cwindows",
        "/.hidden",
        "/",
        "/a%00b",
        "/a%0Ab",
        "/%E6%96%B0%E9%97%BB",
        "/CON",
        "/" + "a" * 1_500 + ".html",
        "/a%F0%9F%98%80b.html?x=../../y",
        "/~root/-rf.html",
        "/%ff%fe",
    ],
)
def test_a_name_made_of_an_address_stays_in_the_folder(path: str) -> None:
    """Plain letters, no path, no leading dot, at most 100 characters."""
    name = save.file_name(f"http://news.example.org{path}", ".html")
    assert save.unfit_reason(name) is None
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert name[0] not in ".-"
    assert len(name) <= limits.MAX_MADE_NAME_CHARS
    assert name.endswith(".html")


def test_names_are_readable_stable_and_apart() -> None:
    """Two addresses never share one, one address has the same by http and https and on every run."""
    url = "http://news.example.org/en/2024/05/t20240510_12.html"
    assert save.file_name(url, ".html") == "en-2024-05-t20240510_12-c61e89467e.html"
    assert save.file_name(url.replace("http:", "https:"), ".html") == save.file_name(url, ".html")
    others = [url, url + "?page=2", url.upper(), url.replace("/05/", "-05-"), url.replace("news.", "www.")]
    assert len({save.file_name(other, ".html") for other in others}) == len(others)
