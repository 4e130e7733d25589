"""The network addresses that may be connected to: the public internet, and this machine where it is named."""

from __future__ import annotations

import ipaddress

# Ranges outside of it can lead back to an IPv4 address, as 64:ff9b::/96 does.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# Special ranges that ipaddress calls global in some of Python's versions (RFC 6890, RFC 7526, RFC 3056, RFC 9637).
_SPECIAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")))


def is_allowed(address: str, host: str) -> bool:
    """Whether ``address``, which the name ``host`` was resolved to, may be connected to.

    A loopback address may be only where ``host`` is itself one, or "localhost"; private, link-local, multicast and
    reserved ones may never be.
    """
    ip = _parse(address)
    if ip is None:
        return False
    if ip.is_loopback:
        named = _parse(host)
        return host == "localhost" or (named is not None and named.is_loopback)
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _GLOBAL_UNICAST:
        return False
    special = any(ip.version == network.version and ip in network for network in _SPECIAL)
    return ip.is_global and not (special or ip.is_multicast or ip.is_reserved)


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Returns the address, or the IPv4 address that it maps (::ffff:127.0.0.1); None where it is none."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip
