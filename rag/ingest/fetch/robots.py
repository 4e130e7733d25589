"""The rules of a host's robots.txt (RFC 9309)."""

from __future__ import annotations

from protego import Protego

AGENT = "BulletinDesk"


class Rules:
    """The rules of one robots.txt; where ``error`` says why it couldn't be read, nothing may be fetched."""

    def __init__(self, text: str = "", *, error: str = "") -> None:
        self._rules = Protego.parse(text)
        self._error = error

    @property
    def pause(self) -> float:
        """The seconds that it wants between two requests (Crawl-delay), 0 where it says nothing."""
        return float(self._rules.crawl_delay(AGENT) or 0)

    def refusal(self, url: str) -> str | None:
        """Returns why the address may not be fetched; None where it may."""
        if self._error:
            return f"the site's robots.txt can't be read ({self._error}), so nothing may be fetched"
        return None if self._rules.can_fetch(url, AGENT) else "the site's robots.txt doesn't allow it"


def rules_of_response(status: int, data: bytes) -> Rules:
    """Returns the rules that the response to a request for robots.txt stands for.

    Where there is no such file everything is allowed, where the site has an error nothing is.
    """
    if status == 200:
        return Rules(data.decode("utf-8-sig", "replace"))
    if 400 <= status < 500:
        return Rules()
    return Rules(error=f"was answered with {status}")
