"""Which network addresses may be connected to: those of the public internet, and this machine where it is named."""

from __future__ import annotations

import ipaddress

# What is outside can lead back to an IPv4 address, as 64:ff9b::/96 does.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# Special ranges that ipaddress calls global in some of Python's versions (RFC 6890, RFC 7526, RFC 3056, RFC 9637).
_SPECIAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")))


def allowed(address: str, host: str) -> bool:
    """Whether ``address``, which the name ``host`` was resolved to, may be connected to.

    A loopback address may only where ``host`` is itself one, or "localhost"; private, link-local, multicast and
    reserved ones never.
    """
    found = _parsed(address)
    if found is None:
        return False
    if found.is_loopback:
        named = _parsed(host)
        return host == "localhost" or (named is not None and named.is_loopback)
    if isinstance(found, ipaddress.IPv6Address) and found not in _GLOBAL_UNICAST:
        return False
    special = any(found.version == network.version and found in network for network in _SPECIAL)
    return found.is_global and not (special or found.is_multicast or found.is_reserved)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address, or the IPv4 address that it is another form of (::ffff:127.0.0.1)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
