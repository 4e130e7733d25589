"""Ways out of a folder, at every address, parameter and name that comes from outside."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

from rag.admin import accounts
from rag.answer.csv_export import file_name
from rag.web.service import Service
from tests.attacks.hostile import desk_of
from tests.attacks.raw import FORM, Raw
from tests.attacks.signing import account
from tests.faults.outcome import Outcome, failures
from tests.support.browser import serve_desk

FAULT = "ways out of a folder in addresses, parameters, names of files and of uploads"
DUTY = "nothing outside is read, nothing outside is written, no name gets a folder in front"

_UP = 12  # folders, enough to come to the root


def payloads(secret: Path) -> list[str]:
    """Ways to the file, as they are put into an address or a field."""
    name, bare = secret.name, str(secret).lstrip("/")
    near, far = f"../{name}", "../" * _UP + bare
    ways = [near, f"../../{name}", far, f"./{near}", f"x/../../{name}", f"....//{name}", f"..././{name}"]
    ways += ["/".join(("..", "..", ".", name)), f"..;/{name}", f"..\\{name}", "..\\" * _UP + bare.replace("/", "\\")]
    ways += [str(secret), f"//{secret}", f"/./{bare}", f"///{bare}", f"/proc/self/root/{bare}", f"/dev/fd/..{secret}"]
    ways += [f"file://{secret}", f"file:{secret}", f"file://localhost{secret}", f"FILE:///{bare}", f"http:{secret}"]
    ways += [f"\\\\localhost\\c$\\{name}", f"\\\\?\\C:\\{name}", f"//localhost/{bare}", f"C:\\{name}", f"c:/{name}"]
    ways += [f"{near}\0", f"{near}\0.txt", f"\0{secret}", f"{secret}\0.json", f"{near}%00.txt"]
    ways += [near.replace("..", ".%2e"), near.replace("/", "%2f"), near.replace("../", "%2e%2e%2f")]
    ways += [near.replace("../", "%252e%252e%252f"), near.replace("../", "%25252e%25252e%25252f"), quote(far, safe="")]
    ways += [near.replace("../", "..%c0%af"), near.replace("../", "%c0%ae%c0%ae/"), near.replace("../", "..%e0%80%af")]
    ways += [near.replace("../", "%uff0e%uff0e%u2215"), near.replace("/", "\u2215"), near.replace("..", "\u2024\u2024")]
    ways += [near.replace("..", "\uff0e\uff0e"), near.replace("../", "..%5c"), near.replace("../", "..%255c")]
    ways += [f"~/{name}", "~root/.bashrc", f"$HOME/{name}", f"%HOME%/{name}", f"{near}#", f"{near}?", f"{near}/."]
    ways += [f"{near}.json", f"{near}.csv", f"  {near}", f"{near}\r\nX: 1", "../accounts.json", "../library/CURRENT"]
    ways += ["..%2faccounts.json", "..%2f..%2fseeds%2f.hidden", "/etc/passwd", "../" * _UP + "etc/passwd", "."]
    ways += ["..", "../", "/", "%2e%2e", "/proc/self/environ", "/proc/self/cmdline", ".hidden", "con", "nul.txt"]
    return list(dict.fromkeys(ways))


# Where they are put: "{}" as it is, so that an encoded one is one that somebody encoded once more; "{:q}" quoted.
_PATHS = (
    "/bulletin/{}",
    "/bulletin/{sha256}/beside/{}",
    "/quote/{}/0-9",
    "/quote/{sha256}/{}",
    "/answer/{}",
    "/answer/{}.json",
    "/answer/{}.csv",
    "/desk/{}",
    "/desk/..%2f{}",
    "/assets/{}",
    "/static/{}",
    "/svelte/{}",
    "/custom_component/{}",
    "/gradio_api/file={}",
    "/gradio_api/file/{}",
    "/gradio_api/proxy={}",
    "/gradio_api/stream/{}",
    "/gradio_api/{}",
    "/gradio_api/custom_component/{}/client/component/index.js",
    "/gradio_api/component_server/{}",
    "/staff/{}",
    "/operator/{}",
    "/{}",
)
_FIELDS = (
    "/check?sha256={}&start=0&end=9",
    "/bulletins?source={}&district={}&q={}",
    "/operator/staged?name={}",
    "/operator/bulletin?name={}",
    "/operator/new?done={}&page={}",
    "/?view={}&deep_link={}",
    "/gradio_api/file?path={}",
    "/gradio_api/deep_link?session_hash={}",
    "/sign-in?to={}",
)
_FORMS = (
    ("/operator/unstage", "name"),
    ("/operator/correct", "name"),
    ("/operator/back", "generation"),
    ("/operator/publish", "generation"),
    ("/operator/cancel", "id"),
    ("/answer/{}/keep", ""),
    ("/sign-in", "name"),
    ("/check", "name"),
)


def run(folder: Path, *, every: int) -> Outcome:
    """Each ``every``-th place of each way out."""
    canary = secrets.token_hex(16)
    home = folder / "home"
    hostile = desk_of(home, ["kites"])
    secret = folder / "home" / "secret.txt"
    for path in (secret, folder / "secret.txt", home / "seeds" / ".hidden", home / "library" / "secret.txt"):
        path.write_text(f"{canary}\n")
    name = account(home / "library")
    own = (canary, accounts.session_secret(home / "library"), "root:x:0:0:", "PYTHONPATH=", "GRADIO_ANALYTICS")
    before, problems, tried = _state(folder), [], 0
    ways = payloads(secret)
    with serve_desk(hostile.desk) as address:
        server = Raw(address)
        server.sign_in(name)
        for sent in _requests(ways, hostile.held[0][1].sha256):
            tried += 1
            if tried % every:
                continue
            answer = server.ask(*sent)
            told = [word for word in own if word.encode() in answer]
            if told or not answer.startswith(b"HTTP/1.1 "):
                problems.append(f"{sent[0]} {sent[1][:120]!r} told {told or answer[:60]!r}")
        tried //= every
        named, downloads = _downloads(hostile.desk, ways)
        tried += named
        problems += downloads
    problems += _changed(before, _state(folder), folder)
    places = len(_PATHS) + len(_FIELDS) + len(_FORMS) + 3
    what = f"{len(ways)} ways out at {places} places, signed in as the operator: nothing outside was read or written"
    if problems:
        what = f"{len(ways)} ways out at {places} places: {len(problems)} led out"
    return Outcome(FAULT, tried, min(len(problems), tried), what, failures(problems))


def _requests(ways: list[str], sha256: str) -> Iterator[tuple[str, str, bytes, str]]:
    """Method, address, body and its type."""
    for way in ways:
        for place in _PATHS:
            at = place.replace("{sha256}", sha256)
            yield "GET", at.replace("{}", way), b"", ""
            if quote(way) != way:
                yield "GET", at.replace("{}", quote(way, safe="")), b"", ""
        for place in _FIELDS:
            yield "GET", place.replace("{}", quote(way, safe="")), b"", ""
        for place, key in _FORMS:
            form = urlencode({key: way, "staged": "yes", "title": "x", "draft": "x", "password": "x"})
            yield "POST", place.replace("{}", quote(way, safe="")), form.encode(), FORM
        for place, key in (("/operator/upload", "files"), ("/check", "file"), ("/gradio_api/upload", "files")):
            yield "POST", place, _upload(key, way), "multipart/form-data; boundary=bound"


def _upload(key: str, name: str) -> bytes:
    told = name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = f'--bound\r\nContent-Disposition: form-data; name="{key}"; filename="{told}"\r\n\r\n'
    return f"{head}Forty kites {secrets.token_hex(8)} rose.\r\n--bound--\r\n".encode()


def _downloads(desk: Service, ways: list[str]) -> tuple[int, list[str]]:
    """The names that files are saved under, of answers to such questions."""
    assistant = desk.serving.assistant  # type: ignore[union-attr]
    problems = []
    for way in ways:
        name = file_name(assistant.ask(f'kites "{way}" in {way}'), dt.date(2026, 1, 1))  # type: ignore[union-attr]
        if not (name.isascii() and name.endswith(".csv") and name.replace("-", "").removesuffix(".csv").isalnum()):
            problems.append(f"an answer is saved as {name!r}")
    return len(ways), problems


def _state(folder: Path) -> dict[str, str]:
    """Every file, by its digest."""
    paths = [Path(inner, name) for inner, _, names in os.walk(folder) for name in names]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _changed(before: dict[str, str], after: dict[str, str], folder: Path) -> Iterator[str]:
    """What changed otherwise than by staging a file under a plain name, or noting what was asked and done."""
    own = ("log/", "receipts/", "feedback/", "staging.lock", "job.json", "job.lock", "accounts.json", "accounts.lock")
    for path in sorted({*before, *after}):
        inner = path.removeprefix("home/library/")
        staged = inner.startswith("staging/") and inner.count("/") == 1
        if before.get(path) != after.get(path) and not (inner != path and (staged or inner.startswith(own))):
            yield f"{path} was {'changed' if path in before else 'written'}"
    if (leaked := folder.parent / "secret.txt").exists():
        yield f"{leaked} was written"
