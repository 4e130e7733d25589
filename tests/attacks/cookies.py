"""Cookies that the desk never gave, or gave to somebody who may no longer come in."""

from __future__ import annotations

import base64
import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from itsdangerous import Signer, TimestampSigner, URLSafeSerializer, URLSafeTimedSerializer

from rag.admin import accounts, sessions
from tests.attacks.hostile import desk_of
from tests.attacks.raw import Raw, status
from tests.attacks.signing import PASSWORD, account
from tests.faults.outcome import Outcome, failures
from tests.support.browser import serve_desk

FAULT = "cookies that are forged, changed, expired, of others, or of accounts that were closed"
DUTY = "they let nobody in"

_DOORS = ("/operator", "/staff", "/operator/accounts", "/operator/log", "/staff/feedback", "/staff/check")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def run(folder: Path) -> Outcome:
    """Each at a page of the staff's and one of the operator's, in turn."""
    hostile = desk_of(folder, ["kites"])
    root = hostile.desk.settings.library
    account(root, "olga", "operator")
    account(root, "stefan", "staff")
    problems: list[str] = []
    tried = 0
    with serve_desk(hostile.desk) as address:
        server = Raw(address)
        name, _, good = server.sign_in("olga").partition("=")
        if status(server.ask("GET", "/operator")) != 200:
            problems.append("the right cookie doesn't let in")
        for what, value in _forged(root, good):
            tried += 1
            server.cookie = f"{name}={value}"
            said = server.ask("GET", _DOORS[tried % len(_DOORS)])
            if status(said) not in (400, 403) or b"Sign out" in said:
                problems.append(f"{what}: {value[:80]!r} was answered with {status(said)}")
        for what, value, doors in _gone(root):
            for door in doors:
                tried += 1
                server.cookie = f"{name}={value}"
                if status(said := server.ask("GET", door)) != 403:
                    problems.append(f"{what}: {door} was answered with {status(said)}")
    what = f"{tried} cookies: changed in each place, cut, joined, signed otherwise, expired, of accounts disabled, "
    what += "removed, given another role or signed out: 0 let in"
    if problems:
        what = f"{tried} cookies: {len(problems)} let in"
    return Outcome(FAULT, tried, min(len(problems), tried), what, failures(problems))


def _forged(root: Path, good: str) -> Iterator[tuple[str, str]]:
    """What each is, and the cookie's value."""
    payload, stamp, signature = good.split(".")
    for place, letter in enumerate(good):
        for step in (1, 17, 40):
            other = _LETTERS[(_LETTERS.find(letter) + step) % 64] if letter != "." else "-"
            changed = good[:place] + other + good[place + 1 :]
            # the last letter of a part has bits that count for nothing
            if _bytes(changed) != _bytes(good):
                yield f"changed at {place}", changed
    for length in (0, 1, 10, len(payload), len(payload) + 1, len(good) - 10, len(good) - 2):
        yield f"cut to {length}", good[:length]
    yield "without a time", f"{payload}.{signature}"
    yield "twice", f"{good}.{good}"
    yield "a payload more", f"{payload}.{good}"
    yield "without a signature", f"{payload}.{stamp}."
    yield "an empty signature", f"{payload}.{stamp}.{base64.urlsafe_b64encode(bytes(32)).decode().rstrip('=')}"
    yield "swapped", f"{stamp}.{payload}.{signature}"
    yield "very long", good * 200
    yield "compressed", f".{good}"
    for words in ("olga", "true", "1", "admin", "[]", "null", '{"role":"operator"}', "../../accounts.json", "' or 1=1"):
        yield "plain words", words.replace(";", "")
    for value in (["olga", 0], ["OLGA", 0], ["olga"], "olga", {"name": "olga", "ends": 0}, [["olga"], 0]):
        for secret in ("", "secret", "bulletin-desk", "0" * 64, accounts.FILE, PASSWORD):
            yield "another key", URLSafeTimedSerializer(secret or " ", salt="bulletin-desk.session").dumps(value)
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    claims = base64.urlsafe_b64encode(json.dumps({"sub": "olga", "role": "operator"}).encode()).decode().rstrip("=")
    yield "a token without a signature", f"{none}.{claims}."
    # with the desk's very secret, but not as the desk signs
    secret = accounts.session_secret(root)
    for value in (["olga"], ["nobody", 0], ["olga", 1], ["olga", -1], ["olga", True], ["olga", None], [None, 0], {}, 7):
        yield "signed rightly, of nobody", sessions._signer(secret).dumps(value)
    yield "another salt", URLSafeTimedSerializer(secret, salt="other").dumps(["olga", 0])
    yield "no salt", URLSafeTimedSerializer(secret).dumps(["olga", 0])
    yield "no time", URLSafeSerializer(secret, salt="bulletin-desk.session").dumps(["olga", 0])
    yield "a bare signature", Signer(secret).sign(payload).decode()
    yield "a timed signature", TimestampSigner(secret).sign(payload).decode()
    for hours in (12.01, 24, 24 * 365, -1, -24 * 365):
        at = int(time.time() - hours * 3600)
        with patch.object(TimestampSigner, "get_timestamp", lambda _, at=at: at):
            old = sessions._signer(secret).dumps(["olga", 0])
        yield f"of {hours} hours ago", old


def _bytes(cookie: str) -> list[bytes]:
    """What its parts say; a part that can't be read says nothing."""
    said = []
    for part in cookie.split("."):
        with contextlib.suppress(ValueError):
            said.append(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return said


def _gone(root: Path) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Cookies that were good once: what happened since, the cookie, and where it lets nobody in."""

    def begun(name: str) -> str:
        found = accounts.find(root, name)
        assert found is not None
        return sessions.start(root, found)

    operators = tuple(door for door in _DOORS if door.startswith("/operator"))
    yield "one of the staff", begun("stefan"), operators
    old = begun("stefan")
    accounts.disable(root, "stefan", True)
    yield "a disabled account", old, _DOORS
    accounts.disable(root, "stefan", False)
    yield "an account that was disabled", old, _DOORS
    old = begun("stefan")
    accounts.set_password(root, "stefan", "another lake of kites")
    yield "a password that was changed", old, _DOORS
    old = begun("olga")
    account(root, "other", "operator")
    accounts.set_role(root, "olga", "staff")
    yield "a role that was changed", old, _DOORS
    old = begun("olga")
    accounts.end_sessions(root, "olga")
    yield "a session that was ended", old, _DOORS
    old = begun("olga")
    accounts.remove(root, "olga")
    yield "a removed account", old, _DOORS
    account(root, "olga", "operator")
    yield "a removed account that was made anew", old, _DOORS
