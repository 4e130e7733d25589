"""Requests sent exactly as they are given: a client would tidy their addresses and headers first."""

from __future__ import annotations

import socket
from urllib.parse import urlencode, urlsplit

from tests.attacks.signing import PASSWORD

FORM = "application/x-www-form-urlencoded"
_LARGEST = 20_000_000  # bytes of an answer


class Raw:
    """Sends to the server at ``address``, from another address of this machine where one is named."""

    def __init__(self, address: str, *, source: str = "") -> None:
        parts = urlsplit(address)
        self.address = address
        self.host = parts.netloc
        self.cookie = ""
        self._to = (parts.hostname or "", parts.port or 0)
        self._from = (source, 0) if source else None

    def sign_in(self, name: str) -> str:
        """Signs in; the cookie, name and value."""
        got = self.ask("POST", "/sign-in", urlencode({"name": name, "password": PASSWORD}).encode(), FORM)
        for line in got.partition(b"\r\n\r\n")[0].decode("latin-1").splitlines():
            if line.lower().startswith("set-cookie:"):
                self.cookie = line.split(":", 1)[1].split(";")[0].strip()
        assert self.cookie, got
        return self.cookie

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "", **headers: str) -> bytes:
        """The whole answer, as it came.  ``headers`` take the place of those of the desk's own page; underscores stand
        for hyphens, and "" leaves one out."""
        # what ends a request line can't be sent in one
        target = path.replace(" ", "%20").replace("\r", "%0D").replace("\n", "%0A").replace("\0", "%00")
        told = {"Host": self.host, "Connection": "close", "Origin": self.address, "Cookie": self.cookie}
        if method not in ("GET", "HEAD"):
            told |= {"Content-Length": str(len(body)), "Content-Type": kind}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items() if value), "", ""]
        with socket.create_connection(self._to, 60, source_address=self._from) as sent:
            sent.sendall("\r\n".join(lines).encode("utf-8", "surrogatepass") + body)
            got = b""
            while part := sent.recv(65536):
                got += part
                if len(got) > _LARGEST:
                    return b"it never ended"
        return got


def status(answer: bytes) -> int:
    """0 where it isn't one."""
    words = answer[:40].split(b" ")
    return int(words[1]) if words[0].startswith(b"HTTP/") and len(words) > 1 and words[1].isdigit() else 0


def head(answer: bytes) -> dict[str, str]:
    """Its headers, their names in lower case."""
    lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").splitlines()[1:]
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
