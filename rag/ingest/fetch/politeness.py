"""How politely a host wants to be asked: the rules of its robots.txt (RFC 9309), and the pauses between requests."""

from __future__ import annotations

from collections.abc import Callable

from protego import Protego

from rag import limits

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
    """Returns the rules that a response stands for: all is allowed where there is no file, nothing after an error."""
    if status == 200:
        return Rules(data.decode("utf-8-sig", "replace"))
    return Rules() if 400 <= status < 500 else Rules(error=f"was answered with {status}")


class Throttle:
    """Pauses between requests to a host, for ``limits.FETCH_PAUSE_SECONDS`` or longer where the host asks for it."""

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._ended: dict[str, float] = {}
        self._pauses: dict[str, float] = {}

    def slow_down(self, host: str, pause: float) -> None:
        """Makes the host's pauses longer, up to a limit; they never get shorter."""
        earlier = self._pauses.get(host, limits.FETCH_PAUSE_SECONDS)
        self._pauses[host] = max(earlier, min(pause, limits.MAX_FETCH_PAUSE_SECONDS))

    def wait(self, host: str) -> None:
        """Waits until the host may be asked."""
        if host in self._ended:
            seconds = self._ended[host] + self._pauses.get(host, limits.FETCH_PAUSE_SECONDS) - self._clock()
            if seconds > 0:
                self._sleep(seconds)

    def ended(self, host: str) -> None:
        """Notes that a request to the host has ended, successfully or not."""
        self._ended[host] = self._clock()
