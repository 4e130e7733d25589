"""Only pages of hosts that are named are asked for."""

from __future__ import annotations

import pytest

from rag.errors import FetchFailed, SettingInvalid
from rag.ingest.fetch.client import Client
from rag.ingest.fetch.urls import HostAllowlist
from tests.support.fetching import OUTSIDE, Network


@pytest.mark.parametrize("url", OUTSIDE)
def test_what_is_not_a_page_of_a_named_host_is_never_asked_for(url: str, network: Network) -> None:
    """Whatever form it is written in: no name is looked up, nobody is connected to, and no password is repeated."""
    client = Client(["news.example.org"])
    with pytest.raises(FetchFailed) as refused:
        client.fetch(url)
    assert (network.looked_up, network.connected, client.requests) == ([], [], 0)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_only_the_exact_host_and_port_are_named() -> None:
    """A name stands for https on its usual port, a name with a port for that one; "http://" allows http too."""
    hosts = HostAllowlist(
        [
            "news.example.org",
            "other.example:8080",
            "B\u00fccher.example",
            "[::1]:8000",
            "http://old.example",
            "http://o:81",
        ]
    )
    for given, asked in {
        "http://news.example.org/a#b": "https://news.example.org/a",
        "http://NEWS.example.org:80/a": "https://news.example.org/a",
        "https://NEWS.example.org:443/a": "https://news.example.org/a",
        "https://other.example:8080/": "https://other.example:8080/",
        "http://xn--bcher-kva.example/": "https://xn--bcher-kva.example/",
        "http://[::1]:8000/": "http://[::1]:8000/",
        "http://old.example/": "http://old.example/",
        "https://old.example/": "https://old.example/",
        "http://o:81/": "http://o:81/",
    }.items():
        assert str(hosts.check(given)) == asked
    for bad in ("http://other.example/", "http://sub.news.example.org/", "http://example.org/", "http://[::1]/"):
        with pytest.raises(FetchFailed, match="not one that may be fetched from"):
            hosts.check(bad)
    with pytest.raises(FetchFailed, match=r"is no https address.*Add http://other\.example:8080 to RAG_HOSTS"):
        hosts.check("http://other.example:8080/")


BAD = [
    "ftp://a.example",
    "http://a.example/b",
    "a.example/b",
    "http://",
    "://a",
    "u@a.example",
    "*.a",
    "a.example:99999",
    "",
]


@pytest.mark.parametrize("name", BAD)
def test_a_host_that_cannot_be_one_is_named(name: str) -> None:
    """Else a page would be refused for ever without a word of why."""
    with pytest.raises(SettingInvalid, match="RAG_HOSTS"):
        HostAllowlist([name])


def test_no_hosts_means_nothing_is_fetched(network: Network) -> None:
    """As the desk comes, it asks nobody."""
    with pytest.raises(FetchFailed, match=r"Add news\.example\.org to RAG_HOSTS"):
        Client([]).fetch("https://news.example.org/a")
    assert network.looked_up == []
