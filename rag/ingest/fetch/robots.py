"""What a host's robots.txt lets us fetch (RFC 9309)."""

from __future__ import annotations

from protego import Protego

AGENT = "BulletinDesk"


class Rules:
    """What one robots.txt says.  ``trouble`` says why it couldn't be read; nothing may be fetched then."""

    def __init__(self, text: str = "", *, trouble: str = "") -> None:
        self._rules = Protego.parse(text)
        self._trouble = trouble

    @property
    def pause(self) -> float:
        """Seconds that it wants between two requests (Crawl-delay); 0 where it says nothing."""
        return float(self._rules.crawl_delay(AGENT) or 0)

    def refusal(self, url: str) -> str | None:
        """Why the address may not be fetched; None where it may."""
        if self._trouble:
            return f"the site's robots.txt can't be read ({self._trouble}), so nothing may be fetched"
        return None if self._rules.can_fetch(url, AGENT) else "the site's robots.txt doesn't allow it"


def of_answer(status: int, data: bytes) -> Rules:
    """What an answer to the request for robots.txt means.  Where there is none, everything is allowed; where the site
    is in trouble, nothing."""
    if status == 200:
        return Rules(data.decode("utf-8-sig", "replace"))
    if 400 <= status < 500:
        return Rules()
    return Rules(trouble=f"was answered with {status}")
