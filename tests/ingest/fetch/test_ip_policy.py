"""Addresses of the public internet may be connected to, this machine's only where it is named."""

from __future__ import annotations

import pytest

from rag.ingest.fetch.ip_policy import is_allowed


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:2800:220:1:248::25c8", "::ffff:8.8.8.8"])
def test_public_addresses_are_allowed(address: str) -> None:
    """Else nothing could be fetched."""
    assert is_allowed(address, "news.example.org")


def test_this_machine_is_asked_only_where_it_is_named() -> None:
    """By an address of its own or as localhost; never by a name that happens to lead here."""
    assert is_allowed("127.0.0.1", "localhost")
    assert is_allowed("::1", "localhost")
    assert is_allowed("127.0.0.1", "127.0.0.1")
    assert is_allowed("::1", "::1")
    assert not is_allowed("127.0.0.1", "localhost.example.org")
    assert not is_allowed("10.0.0.1", "localhost")
    assert not is_allowed("10.0.0.1", "10.0.0.1")
    assert not is_allowed("127.0.0.1", "2130706433")
