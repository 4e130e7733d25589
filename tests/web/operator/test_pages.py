"""The operator's pages as a program asks for them: who is let in where, and what each form does to the library."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from rag import limits, settings
from rag.admin import accounts, jobs, off_switch, refused_passwords, saved_questions, sessions, staging, unanswered
from rag.admin.job_runner import JobRunner, Request
from rag.admin.jobs import Job, JobKind
from rag.answer.examples import example_questions
from rag.ingest.corrections import sidecar
from rag.ingest.propose_corrections import propose
from rag.library import audit_log, manifest
from rag.library import generations as generation
from rag.library.build import update
from rag.library.reader import Library
from rag.web.auth.access import COOKIE, AccessControl
from rag.web.auth.sign_in import sign_in_routes
from rag.web.middleware.client_address import ClientAddress, parse_networks
from rag.web.middleware.security_headers import SecurityHeaders
from rag.web.operator.account_pages import AccountPages
from rag.web.operator.actions import OperatorActions
from rag.web.operator.pages import OperatorPages
from rag.web.operator.routes import operator_routes
from rag.web.operator.worker_process import WorkerProcess
from rag.web.pages.bulletin import bulletin_html
from rag.web.service import Service, Serving
from tests.support.accounts import PASSWORD, add_account, session_cookie
from tests.support.hashing_encoder import HashingEncoder
from tests.support.sample_bulletins import FIRST, SECOND, bulletin_text

HOST = "http://desk.example"
ROSE = "Sixty kites rose over the hill in the morning."
KITES = bulletin_text("2024-06-02", "Miyun District", "Kites", ROSE, title="Kites")
EVIL = "<script>alert(1)</script>"


class Here(WorkerProcess):
    """A worker that does each job at once, in the test's own process, with the hashing encoder."""

    def __init__(self, chosen: settings.Settings) -> None:
        self._root = chosen.library
        self._jobs = JobRunner(chosen, HashingEncoder())

    def start(self, what: JobKind, *, who: str = "", generation: str = "", allow_removal: bool = False) -> Job:
        return self._jobs.run(Request(secrets.token_hex(4), what, generation, allow_removal, who))

    def wait(self, identity: str, seconds: float) -> None:
        pass

    def latest(self) -> Job | None:
        return jobs.read(self._root)

    def cancel(self, identity: str) -> None:
        jobs.cancel(self._root, identity)

    def close(self) -> None:
        pass


@pytest.fixture
def chosen(folder: Path, library: Path) -> settings.Settings:
    return settings.load(seeds=folder, library=library)


@pytest.fixture
def desk(chosen: settings.Settings) -> Service:
    desk = Service(chosen)
    desk.show(Library.open(chosen.library))
    return desk


@pytest.fixture
def nobody(desk: Service) -> Iterator[TestClient]:
    """Somebody who hasn't signed in."""
    app = pages(desk)
    app.add_middleware(SecurityHeaders)
    with TestClient(app, base_url=HOST, follow_redirects=False, headers={"Origin": HOST}) as client:
        yield client


@pytest.fixture
def client(desk: Service, nobody: TestClient) -> TestClient:
    """The operator, signed in."""
    sign_in(nobody, add_account(desk.settings.library))
    return nobody


def pages(desk: Service) -> FastAPI:
    """The door and what lies behind it."""
    app, door = FastAPI(), AccessControl(desk.settings)
    app.include_router(sign_in_routes(door))
    app.include_router(operator_routes(desk, door, Here(desk.settings)))
    return app


def sign_in(client: TestClient, name: str, password: str = PASSWORD, to: str = "") -> httpx.Response:
    return client.post("/sign-in", data={"name": name, "password": password, "to": to})


def serve_latest(desk: Service) -> None:
    """As the desk's own thread does when another generation is in use."""
    desk.switch_to(Serving(Library.open(desk.settings.library)))


def words(response: httpx.Response) -> str:
    """What the page shows, white space collapsed."""
    body = LexborHTMLParser(response.text).body
    assert body
    return " ".join(body.text(separator=" ").split())


def upload(client: TestClient, *files: tuple[str, str | bytes]) -> httpx.Response:
    sent = [("files", (name, data if isinstance(data, bytes) else data.encode())) for name, data in files]
    return client.post("/operator/upload", files=sent)


def taken(response: httpx.Response) -> list[str]:
    """What is said of each file that was sent."""
    return [" ".join(line.text().split()) for line in LexborHTMLParser(response.text).css(".taken li")]


def do(client: TestClient, act: str, **fields: str) -> httpx.Response:
    """Send a form, and follow to the page that it leads to."""
    return client.post(f"/operator/{act}", data=confirmed(act, fields), follow_redirects=True)


def confirmed(act: str, fields: dict[str, str]) -> dict[str, str]:
    """What is done to accounts takes the operator's own password."""
    return {"confirm": PASSWORD, **fields} if act.startswith("account-") else fields


def routes(desk: Service) -> list[tuple[str, str]]:
    views = OperatorPages(desk, Here(desk.settings))
    acts = OperatorActions(desk, Here(desk.settings), views)
    keys = AccountPages(desk, AccessControl(desk.settings), views)
    gets = [*views.pages, *keys.pages, "job.json", "", "no-such-page", "a/b"]
    posts = [*acts.actions, *keys.actions, "upload", "no-such-act"]
    return [("GET", f"/operator/{page}") for page in gets] + [("POST", f"/operator/{act}") for act in posts]


def status(client: TestClient, method: str, address: str, **headers: str) -> int:
    return client.request(method, address, headers=headers).status_code


# --- who is let in


def test_without_an_account_there_is_nothing(desk: Service, nobody: TestClient) -> None:
    """No address behind the door exists, nor the door, whatever is sent along."""
    others = [(method, "/operator/new") for method in ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")]
    door = [("GET", "/operator"), ("GET", "/sign-in"), ("POST", "/sign-in"), ("POST", "/sign-out")]
    for method, address in [*routes(desk), *others, *door]:
        assert status(nobody, method, address) == 404, address
        assert status(nobody, method, address, Cookie=f"{COOKIE}=x") == 404, address


def test_nobody_gets_in_without_signing_in(desk: Service, nobody: TestClient) -> None:
    """Every page and every form is shut to whoever has no session, a forged one, one that is over or was ended, another
    library's, or that of one of the staff; what is shown is the form to sign in by, and nothing else."""
    root = desk.settings.library
    other = root.parent / "other"
    foreign = session_cookie(other)
    ended = session_cookie(root)
    accounts.end_sessions(root, add_account(root))
    now = time.time
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: now() - 12 * 3600 - 5)
        over = session_cookie(root)
        patch.setattr(time, "time", lambda: now() + 3600)
        early = session_cookie(root)
    fresh = session_cookie(root)
    forged = f"{fresh[:-8]}00000000"
    staff = session_cookie(root, "staff")
    before = sorted(root.rglob("*"))
    for value in ("", "x", foreign, over, early, ended, forged, f"{fresh}.x", staff):
        for method, address in [*routes(desk), ("GET", "/operator")]:
            assert status(nobody, method, address, Cookie=f"{COOKIE}={value}") == 403, (address, value)
        for method in ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"):
            for address in ("/operator", "/operator/new", "/operator/publish"):
                assert status(nobody, method, address, Cookie=f"{COOKIE}={value}") == 403, (method, address)
        response = nobody.get("/operator", headers={"Cookie": f"{COOKIE}={value}"})
        assert ("Sign in" in words(response)) is (value != staff)
        assert "generation" not in words(response).casefold()
    assert sorted(root.rglob("*")) == before
    assert status(nobody, "GET", "/operator/new", Cookie=f"{COOKIE}={fresh}") == 200


def test_the_operator_gets_every_page(desk: Service, client: TestClient) -> None:
    """And a sentence where there is none."""
    for method, address in routes(desk):
        if method == "GET":
            wanted = 404 if "no-such" in address or "a/b" in address else 200
            if address.endswith(("/staged", "/bulletin")):
                wanted = 409  # no bulletin is named
            assert status(client, method, address) == wanted, address
    assert client.get("/operator").status_code == 200
    assert "Overview" in words(client.get("/operator"))


def test_nothing_is_kept_by_browsers_or_between(desk: Service, client: TestClient) -> None:
    """Every answer says so, refusals too, and the guard's headers are there."""
    assert desk
    for response in (
        client.get("/operator"),
        client.get("/operator/new"),
        client.get("/operator/job.json"),
        client.get("/operator/none"),
        client.post("/operator/verify"),
        client.post("/operator/verify", headers={"Origin": "http://evil.example"}),
        client.get("/sign-in"),
    ):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://desk.example:8080"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none", "Origin": "http://evil.example"},
    ],
)
def test_a_form_of_another_page_changes_nothing(desk: Service, client: TestClient, headers: dict[str, str]) -> None:
    """Not even with the operator's session: the browser says where it comes from."""
    before = {path: path.read_bytes() for path in desk.settings.library.rglob("*") if path.is_file()}
    for method, address in routes(desk):
        if method == "POST":
            assert status(client, method, address, **headers) == 403, address
    after = {path: path.read_bytes() for path in desk.settings.library.rglob("*") if path.is_file()}
    assert after == before


def test_a_form_that_does_not_say_where_it_comes_from_changes_nothing(desk: Service, client: TestClient) -> None:
    """Every browser says it."""
    del client.headers["Origin"]
    for method, address in routes(desk):
        if method == "POST":
            assert status(client, method, address) == 403, address


def test_nothing_is_changed_by_looking(desk: Service, client: TestClient) -> None:
    """What a form does can't be done by an address."""
    acts = [address for method, address in routes(desk) if method == "POST"]
    before = sorted(desk.settings.library.rglob("*"))
    for address in acts:
        if address != "/operator/upload":
            assert status(client, "GET", f"{address}?generation=x&name=first.txt") in (404, 409), address
    assert sorted(desk.settings.library.rglob("*")) == before


def test_signing_in_gives_a_session_that_scripts_and_other_pages_do_not_get(desk: Service, nobody: TestClient) -> None:
    """It is sent to the desk alone, or to the same below another address, for twelve hours."""
    name = add_account(desk.settings.library)
    response = sign_in(nobody, name)
    assert (response.status_code, response.headers["location"]) == (303, "operator")
    header = response.headers["set-cookie"]
    assert re.search(r"; HttpOnly\b", header)
    assert re.search(r"; SameSite=lax\b", header, re.IGNORECASE)
    assert f"Max-Age={12 * 3600}" in header
    assert "Domain=" not in header
    assert [one.path for one in nobody.cookies.jar] == ["/"]
    assert "Secure" not in header  # this desk isn't reached by https; one that is:
    nobody.cookies.clear()
    safe = "https://desk.example"
    again = nobody.post(f"{safe}/sign-in", data={"name": name, "password": PASSWORD}, headers={"Origin": safe})
    assert "; Secure" in again.headers["set-cookie"]


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("operator/log", "operator/log"),
        ("staff", "staff"),
        ("", "operator"),
        ("//evil.example", "operator"),
        ("https://evil.example/operator", "operator"),
        ("operator/../../x", "operator"),
        ("operator\n", "operator"),
        ("javascript:alert(1)", "operator"),
    ],
)
def test_signing_in_leads_to_the_page_asked_for_and_nowhere_else(
    desk: Service, nobody: TestClient, asked: str, led: str
) -> None:
    """No address of another host is ever led to."""
    assert sign_in(nobody, add_account(desk.settings.library), to=asked).headers["location"] == led
    assert nobody.get("/sign-in", params={"to": asked}).headers["location"] == led


def test_the_form_remembers_which_page_was_asked_for(desk: Service, nobody: TestClient) -> None:
    """Also after a wrong password."""
    name = add_account(desk.settings.library)
    for response in (nobody.get("/operator/log"), sign_in(nobody, name, "not the password", to="operator/log")):
        assert response.status_code == 403
        assert LexborHTMLParser(response.text).css_first("input[name=to]").attributes["value"] == "operator/log"


def test_signing_out_ends_the_session_everywhere(desk: Service, client: TestClient) -> None:
    """Also for whoever has copied the cookie; a session lasts over a restart, which is a new door."""
    root = desk.settings.library
    copied = client.cookies[COOKIE]
    assert status(client, "GET", "/operator/new") == 200
    with TestClient(pages(desk), base_url=HOST, cookies={COOKIE: copied}) as restarted:
        assert restarted.get("/operator/new").status_code == 200
    assert client.post("/sign-out").status_code == 303
    assert not list(client.cookies.jar)
    assert status(client, "GET", "/operator/new") == 403
    assert status(client, "GET", "/operator/new", Cookie=f"{COOKIE}={copied}") == 403
    assert sessions.account_of(root, copied) is None


def test_ten_wrong_passwords_and_no_more(desk: Service, nobody: TestClient) -> None:
    """Then even the right one has to wait, politely, and any other account from there; whoever is in stays in."""
    root = desk.settings.library
    name, inside = add_account(root), session_cookie(root)
    assert [sign_in(nobody, name, f"{PASSWORD}{n}").status_code for n in range(10)] == [403] * 10
    for other in (name, add_account(root, "staff"), "nobody"):
        response = sign_in(nobody, other)
        assert response.status_code == 429
        assert "Too many tries. Please try again in 5 minutes." in words(response)
        assert 0 < int(response.headers["Retry-After"]) <= 300
    assert status(nobody, "GET", "/operator/new", Cookie=f"{COOKIE}={inside}") == 200


def test_damaged_accounts_are_said_and_let_nobody_in(desk: Service, client: TestClient) -> None:
    """The desk never stands open."""
    (desk.settings.library / accounts.FILE).write_bytes(b"{}")
    for address in ("/operator", "/operator/new", "/sign-in"):
        response = client.get(address)
        assert response.status_code == 500
        assert "The accounts can't be read" in words(response)
        assert str(desk.settings.library) not in response.text


# --- accounts, the log and the off switch


def test_an_account_is_made_changed_and_removed(desk: Service, client: TestClient, nobody: TestClient) -> None:
    """Its password is shown once; with it one gets in, and by each change one is out again."""
    root = desk.settings.library
    made = do(client, "account-add", name="anna.li", role="staff")
    password = LexborHTMLParser(made.text).css_first("code.password").text()
    assert password not in client.get("/operator/accounts").text
    found = accounts.authenticate(root, "Anna.Li", password)
    assert found
    assert found.role == "staff"
    begun = sessions.start(root, found)
    do(client, "account-change", name="anna.li", to="operator")
    assert sessions.account_of(root, begun) is None
    again = accounts.authenticate(root, "anna.li", password)
    assert again
    assert again.role == "operator"
    do(client, "account-change", name="anna.li", to="disable")
    assert accounts.authenticate(root, "anna.li", password) is None
    do(client, "account-change", name="anna.li", to="enable")
    renewed = do(client, "account-password", name="anna.li")
    assert accounts.authenticate(root, "anna.li", password) is None
    assert accounts.authenticate(root, "anna.li", LexborHTMLParser(renewed.text).css_first("code.password").text())
    assert "The account is removed." in words(do(client, "account-change", name="anna.li", to="remove"))
    assert accounts.find(root, "anna.li") is None
    told = [entry.what for entry in audit_log.read(root)]
    for act in ("add", "operator", "disable", "enable", "password", "remove"):
        assert f"account {act}" in told
    assert password not in "".join(map(str, audit_log.read(root)))


@pytest.mark.parametrize(
    ("act", "fields", "line"),
    [
        ("account-add", {"name": "../x", "role": "staff"}, "can't be the name of an account"),
        ("account-add", {"name": EVIL, "role": "staff"}, "can't be the name of an account"),
        ("account-add", {"name": "anna", "role": "root"}, "is no role"),
        ("account-add", {"name": "OLGA", "role": "staff"}, "has an account already"),
        ("account-change", {"name": "olga", "to": "remove"}, "is your own account"),
        ("account-change", {"name": "nobody", "to": "remove"}, "has no account"),
        ("account-change", {"name": "stefan", "to": "root"}, "is no role"),
        ("account-password", {"name": "nobody"}, "has no account"),
        ("account-password", {"name": "Olga"}, "is your own account"),
        ("off", {"reason": " "}, "no reason is given"),
        ("off", {"reason": "x" * 301}, "no reason is given, or a long one"),
        ("notice", {"line": "x", "words": ""}, "--words is empty"),
    ],
)
def test_what_can_not_be_done_to_accounts_is_said(
    desk: Service, client: TestClient, act: str, fields: dict[str, str], line: str
) -> None:
    """In one line; nothing is changed, and the log has it as failed."""
    add_account(desk.settings.library, "staff")
    before = accounts.list_accounts(desk.settings.library)
    response = client.post(f"/operator/{act}", data=confirmed(act, fields))
    assert response.status_code == 409
    assert line in words(response)
    assert EVIL not in response.text
    assert accounts.list_accounts(desk.settings.library) == before
    assert off_switch.off_state(desk.settings.library) is None


def test_a_session_alone_changes_no_account(desk: Service, client: TestClient) -> None:
    """Each act asks for the operator's own password first, and is done with it alone; guesses have a limit."""
    root = desk.settings.library
    add_account(root, "staff")
    before = accounts.list_accounts(root)
    acts = [
        ("account-add", {"name": "anna", "role": "staff"}),
        ("account-password", {"name": "stefan"}),
        ("account-change", {"name": "stefan", "to": "operator"}),
        ("account-change", {"name": "stefan", "to": "remove"}),
    ]
    for act, fields in acts:
        asked = client.post(f"/operator/{act}", data=fields)
        form = LexborHTMLParser(asked.text).css_first("main form")
        sent = {field.attributes["name"]: field.attributes.get("value") for field in form.css("input[type=hidden]")}
        assert (asked.status_code, sent, form.attributes.get("action")) == (200, fields, None)
        assert "Your own password" in words(asked)
    waits = [client.post(f"/operator/{acts[0][0]}", data={**acts[0][1], "confirm": f"no {n}"}) for n in range(11)]
    assert [response.status_code for response in waits] == [403] * 10 + [429]
    assert "This is not the account’s password." in words(waits[0])
    assert accounts.list_accounts(root) == before
    assert [entry.what for entry in audit_log.read(root)].count("add the account: refused") == 1
    refused_passwords.write_counts(root, "olga")
    assert (audit_log.read(root)[0].what, audit_log.read(root)[0].of["times"]) == ("add the account: refused", 9)


def test_signing_out_and_wrong_passwords_are_in_the_audit_log(
    desk: Service, client: TestClient, nobody: TestClient
) -> None:
    """With whose account it was; the name of none is not written down."""
    root = desk.settings.library
    client.post("/sign-out")
    sign_in(nobody, "olga", "a wrong password")
    sign_in(nobody, "my password by mistake", "a wrong password")
    entries = [(entry.who, entry.what) for entry in reversed(audit_log.read(root, 3))]
    assert entries == [
        ("olga", "sign out"),
        ("olga", "sign in: refused"),
        ("an account that doesn't exist", "sign in: refused"),
    ]


def test_over_https_the_cookie_is_bound_to_this_host(desk: Service) -> None:
    """By its name, which browsers take over https from the very host alone; the other name isn't looked at."""
    name = add_account(desk.settings.library)
    with TestClient(pages(desk), base_url="https://desk.example", headers={"Origin": "https://desk.example"}) as client:
        response = client.post("/sign-in", data={"name": name, "password": PASSWORD}, follow_redirects=False)
        cookie = response.headers["set-cookie"]
        assert cookie.startswith("__Host-desk=")
        assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
        assert client.get("/operator/new").status_code == 200
        value = client.cookies["__Host-desk"]
        client.cookies.clear()
        assert client.get("/operator/new", headers={"Cookie": f"{COOKIE}={value}"}).status_code == 403


def test_nobody_signs_in_by_a_front_server_without_a_name(desk: Service) -> None:
    """Else wrong passwords of anybody would lock out all, and cookies would go over plain http."""
    name = add_account(desk.settings.library)
    app = pages(desk)
    app.add_middleware(ClientAddress)
    forwarded = {"Origin": HOST, "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    with TestClient(app, base_url=HOST, headers=forwarded) as client:
        for response in (client.get("/sign-in"), sign_in(client, name)):
            assert response.status_code == 403
            assert "isn’t named in RAG_PROXIES" in words(response)
            assert "password" not in response.text
    app = pages(desk)
    app.add_middleware(ClientAddress, proxies=parse_networks(["127.0.0.1"]))
    with TestClient(app, base_url=HOST, headers=forwarded, client=("127.0.0.1", 50_000)) as client:
        assert sign_in(client, name).cookies or client.cookies


def test_the_off_switch_and_the_notice(desk: Service, client: TestClient) -> None:
    """With who, when and why in the log."""
    root = desk.settings.library
    assert "The desk is off" in words(do(client, "off", reason=f"a wrong bulletin {EVIL}"))
    off = off_switch.off_state(root)
    assert off
    assert (off.by, off.reason) == ("olga", f"a wrong bulletin {EVIL}")
    page = client.get("/operator/switch")
    assert EVIL not in page.text
    assert "a wrong bulletin" in words(page)
    assert "The desk answers again." in words(do(client, "on"))
    assert off_switch.off_state(root) is None
    assert "The notice is up." in words(do(client, "notice", line="Call 12308.", words="lost passport"))
    assert "Call 12308." in words(client.get("/operator/switch"))
    assert "No notice is up." in words(do(client, "notice", clear="yes"))
    log = [(entry.who, entry.what) for entry in audit_log.read(root)][:4]
    assert log == [("olga", "notice clear"), ("olga", "notice set"), ("olga", "switch on"), ("olga", "switch off")]


def test_every_change_is_in_the_log_with_who_did_it(desk: Service, client: TestClient) -> None:
    """From upload to going back; the log's page shows it, escaped, and says where it is damaged."""
    root = desk.settings.library
    upload(client, ("kites.txt", KITES))
    do(client, "correct", name="kites.txt", staged="yes", uncorrect="yes")
    do(client, "prepare")
    ready = jobs.read_prepared(root)
    assert ready
    do(client, "publish", generation=ready.report.generation)
    do(client, "back")
    told = [(entry.who, entry.what) for entry in reversed(audit_log.read(root)) if entry.who == "olga"]
    assert [what for _, what in told] == [
        *("sign in", "upload", "correct", "prepare", "publish", "switch", "back", "go back")
    ]
    page = client.get("/operator/log")
    assert ready.report.generation in words(page)
    assert EVIL not in page.text
    assert audit_log.integrity_errors(root) == []
    path = root / "log" / "audit.jsonl"
    path.write_bytes(path.read_bytes().replace(b"olga", b"otto", 1))
    assert "The log is damaged" in words(client.get("/operator/log"))


# --- files


def test_what_is_uploaded_is_shown_as_it_is_read(desk: Service, client: TestClient) -> None:
    """Title, date, source, districts, first words; markup is shown as it stands; nothing is published."""
    text = bulletin_text(
        "2024-06-02", "Miyun District", f"Kites {EVIL}", f"Sixty kites {EVIL} rose.", title=f"News {EVIL}"
    )
    response = upload(client, ("kites.txt", text), ("page.html", "<title>x</title><p>No date is here at all.</p>"))
    assert taken(response) == ["kites.txt is staged.", "page.html is staged."]
    assert EVIL not in response.text
    shown = words(response)
    for part in (f"News {EVIL}", "2 June 2024", "Office", "Miyun District", f"Sixty kites {EVIL} rose."):
        assert part in shown
    assert "No date was found." in shown
    page = client.get("/operator/staged", params={"name": "kites.txt"})
    assert f"News {EVIL}" in words(page)
    assert "kites.txt" not in Library.open(desk.settings.library).by_name
    assert not (desk.settings.seeds / "kites.txt").exists()


def test_the_preview_shows_the_bulletin_as_its_page_will(desk: Service, client: TestClient) -> None:
    """The same head, sections and words, marked up alike; what is no HTML stays none."""
    text = KITES.replace("Kites\n", f"Kites {EVIL}\n").replace(
        ROSE, f"{ROSE}\n\nPinggu District\n\nPeaches\n\nA train left."
    )
    upload(client, ("kites.txt", text))
    before = LexborHTMLParser(client.get("/operator/staged?name=kites.txt").text).css_first(".preview")
    do(client, "prepare")
    do(client, "publish", generation=manifest_name(desk))
    library = Library.open(desk.settings.library)
    after = LexborHTMLParser(bulletin_html(library, library.by_name["kites.txt"].sha256, None, None) or "")
    public = after.css_first("main").html or ""
    assert (before.css_first(".stored").html or "").replace('<div class="stored">', "<main>")[:-6] == public[:-7]
    assert before.css_first(".stored").text() == text
    assert before.css_first("h3").text() == after.css_first("h1").text()
    for part in ("dl", ".contents tbody"):
        assert before.css_first(part).html == after.css_first(part).html


def manifest_name(desk: Service) -> str:
    """The generation that is prepared."""
    ready = jobs.read_prepared(desk.settings.library)
    assert ready
    return ready.report.generation


def test_what_can_not_be_taken_is_said_and_the_rest_goes_on(desk: Service, client: TestClient) -> None:
    """A line for each: no file comes out of the staging area, none takes another's place unasked."""
    (desk.settings.seeds / "third.txt").write_text(KITES.replace("Sixty", "Six"))
    response = upload(
        client,
        ("kites.txt", KITES),
        ("kites.txt", KITES.replace("Sixty", "Seventy")),  # two files with one name
        ("kites-again.txt", KITES),  # the same file twice
        ("first.txt", FIRST),  # in the library already
        ("copy.txt", SECOND),  # in the library under another name
        ("second.txt", SECOND.replace("12308", "12309")),  # takes a bulletin's place
        ("third.txt", KITES.replace("Sixty", "Nine")),  # takes that of a file that isn't indexed yet
        ("empty.txt", ""),
        ("program.exe", "MZ"),
        (".hidden.txt", "x"),
        ("../../evil.txt", "x"),
        ("..\\evil.txt", "x"),
        ("bidi\u202etxt.txt", "x"),
        ("long" * 60 + ".txt", "x"),
        ("bad.txt", b"\xff\xfe\xff"),
    )
    assert response.status_code == 200
    lines = taken(response)
    assert [line for line in lines if line.endswith(("is staged.", "of this name."))] == [
        "kites.txt is staged.",
        "second.txt is staged; it takes the place of the bulletin of this name.",
        "third.txt is staged; it takes the place of the bulletin of this name.",
        "bad.txt is staged.",
    ]
    assert [one.name for one in staging.list_staged(desk.settings.library)] == [
        "bad.txt",
        "kites.txt",
        "second.txt",
        "third.txt",
    ]
    for part in (
        "kites.txt another file of this name is staged. Remove that one first, or rename this.",
        "kites-again.txt is the same file as kites.txt, which is staged already.",
        "first.txt is in the library already, word for word.",
        "copy.txt is the same file as second.txt, which is in the library.",
        "empty.txt is empty (0 bytes). Save it again.",
    ):
        assert part in lines
    assert sum("Rename the file." in line for line in lines) == 4
    assert sum("is too long" in line for line in lines) == 1
    assert not (desk.settings.library.parent / "evil.txt").exists()
    assert "Can’t be read: is not text in UTF-8" in words(response)


def test_too_much_at_once_is_refused_whole(client: TestClient) -> None:
    """Its limit is said; nothing of it stays."""

    def body() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
        for _ in range(limits.MAX_UPLOAD_FORM_BYTES // 4_000_000 + 1):
            yield b"a" * 4_000_000
        yield b"\r\n--x--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    response = client.post("/operator/upload", content=body(), headers=headers)
    assert response.status_code == 409
    assert "larger than 256,000,000 bytes; none was staged" in words(response)
    assert "No file is staged." in words(client.get("/operator/new"))


def test_what_is_no_form_is_refused(client: TestClient) -> None:
    """In a sentence."""
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    for address in ("/operator/upload", "/operator/correct"):
        response = client.post(address, content=b"nothing of a form", headers=headers)
        assert response.status_code in (400, 409)
        assert "can't be read" in words(response)
    headers = {"Content-Type": "multipart/form-data"}
    assert client.post("/operator/upload", content=b"x", headers=headers).status_code == 409


def test_a_staged_file_is_removed_by_its_name_alone(desk: Service, client: TestClient) -> None:
    """A name that leads elsewhere is no staged file."""
    upload(client, ("kites.txt", KITES), ("bad.txt", b"\xff\xfe\xff"))
    for name in ("../CURRENT", "/etc/passwd", "", ".", "none.txt"):
        assert client.post("/operator/unstage", data={"name": name}).status_code == 409
    assert "The file is no longer staged." in words(do(client, "unstage", name="bad.txt"))
    assert [one.name for one in staging.list_staged(desk.settings.library)] == ["kites.txt"]
    do(client, "unstage-all")
    assert list(staging.folder(desk.settings.library).iterdir()) == []


def correction(client: TestClient, address: str, **query: str) -> dict[str, list[str]]:
    """The correction form as a browser would send it back untouched."""
    form = LexborHTMLParser(client.get(address, params=query).text).css_first("form.correct")
    fields: dict[str, list[str]] = {}
    for box in form.css("input"):
        if box.attributes.get("type") != "checkbox" or "checked" in box.attributes:
            fields.setdefault(box.attributes["name"] or "", []).append(box.attributes.get("value") or "")
    return fields


def test_a_staged_file_is_corrected(desk: Service, client: TestClient) -> None:
    """Title, date and a section's districts, beside the file; it is shown as a correction and can be taken away."""
    upload(client, ("kites.txt", KITES))
    fields = correction(client, "/operator/staged", name="kites.txt")
    assert fields["districts-0"] == ["Miyun District"]
    fields |= {"title": ["Kites again"], "date": ["2024-06-03"], "districts-0": ["Pinggu District", "Haidian District"]}
    response = client.post("/operator/correct", data=fields, follow_redirects=True)
    assert "The correction is kept" in words(response)
    for part in ("Kites again", "3 June 2024", "Haidian District; Pinggu District", "Miyun District"):
        assert part in words(response)
    staged = staging.find(desk.settings.library, "kites.txt")
    assert {one.field: (one.was, one.now) for one in sidecar.read(staged.path)} == {
        "title": ("Kites", "Kites again"),
        "date": ("2024-06-02", "2024-06-03"),
        "districts": ("Miyun District", "Haidian District; Pinggu District"),
    }
    assert client.post("/operator/correct", data=fields).status_code == 409  # the form is of before the correction
    fields = correction(client, "/operator/staged", name="kites.txt") | {"uncorrect": ["yes"]}
    client.post("/operator/correct", data=fields)
    assert sidecar.read(staged.path) == ()


def test_an_untouched_form_corrects_nothing(desk: Service, client: TestClient) -> None:
    """What the file gives needs no correction."""
    upload(client, ("kites.txt", KITES), ("undated.txt", bulletin_text(None, "A day without a date was had by all.")))
    for name in ("kites.txt", "undated.txt"):
        fields = correction(client, "/operator/staged", name=name)
        assert client.post("/operator/correct", data=fields).status_code == 303
        assert not sidecar.path_of(staging.find(desk.settings.library, name).path).exists()


def test_a_correction_that_can_not_be_is_refused(desk: Service, client: TestClient) -> None:
    """In a sentence, and nothing is kept."""
    upload(client, ("kites.txt", KITES))
    fields = correction(client, "/operator/staged", name="kites.txt")
    for wrong in ({"date": ["yesterday"]}, {"date": ["2424-01-01"]}, {"title": ["a\u0007b"]}):
        response = client.post("/operator/correct", data=fields | wrong)
        assert response.status_code == 409
        assert "Not done" in words(response)
    odd = {"districts-0": ["Atlantis District"]}  # no box has it: it counts as none
    client.post("/operator/correct", data=fields | odd)
    staged = staging.find(desk.settings.library, "kites.txt")
    assert [one.now for one in sidecar.read(staged.path)] == [None]


def test_a_bulletin_is_corrected_beside_its_file(desk: Service, client: TestClient) -> None:
    """The file itself stays as it is; the correction is what changes when it is prepared."""
    path = desk.settings.seeds / "first.txt"
    before = path.read_bytes()
    fields = correction(client, "/operator/bulletin", name="first.txt")
    assert (fields["districts-0"], fields["districts-1"]) == (["Haidian District"], ["Pinggu District"])
    fields["districts-1"] = ["Miyun District"]
    response = client.post("/operator/correct", data=fields, follow_redirects=True)
    assert "Pinggu District Miyun District" in words(response)
    assert path.read_bytes() == before
    assert [one.now for one in sidecar.read(path)] == ["Miyun District"]
    assert "1 changed first.txt" in words(do(client, "check"))
    for name in ("../library/CURRENT", "none.txt", "", "/etc/passwd"):
        assert client.get("/operator/bulletin", params={"name": name}).status_code == 409
        assert client.post("/operator/correct", data=fields | {"name": [name]}).status_code == 409


# --- checking, preparing, publishing, going back


def test_from_upload_to_publishing_and_back(desk: Service, client: TestClient) -> None:
    """Each step shows what it does before the next, and nothing is answered from until it is published."""
    root = desk.settings.library
    first = generation.in_use(root)
    saved_questions.add(root, "kites in Miyun")
    upload(client, ("kites.txt", KITES))
    checked = words(do(client, "check"))
    assert "This is what would change." in checked
    assert "1 added kites.txt" in checked
    prepared = words(do(client, "prepare"))
    assert "Prepared. Nothing is published yet." in prepared
    assert "1 of 1 saved question answered otherwise" in prepared
    assert "1 quote gained" in prepared
    assert ROSE in prepared
    assert generation.in_use(root) == first
    assert not (desk.settings.seeds / "kites.txt").exists()
    ready = jobs.read_prepared(root)
    assert ready
    published = words(do(client, "publish", generation=ready.report.generation))
    assert "Published: 3 bulletins." in published
    assert generation.in_use(root) == ready.report.generation
    assert (desk.settings.seeds / "kites.txt").read_text() == KITES
    assert staging.list_staged(root) == ()
    assert "No file is staged." in published
    serve_latest(desk)
    assert "Nothing has changed" in words(do(client, "prepare"))
    assert "Nothing would change." in words(do(client, "check"))
    back = words(do(client, "back", generation=first))
    assert f"Generation {first} is in use again." in back
    assert generation.in_use(root) == first


def test_corrections_go_along_with_a_staged_file(desk: Service, client: TestClient) -> None:
    """What was corrected before publishing is what is published; a later index finds nothing to do."""
    upload(client, ("kites.txt", KITES))
    fields = correction(client, "/operator/staged", name="kites.txt") | {"districts-0": ["Pinggu District"]}
    client.post("/operator/correct", data=fields)
    do(client, "prepare")
    ready = jobs.read_prepared(desk.settings.library)
    assert ready
    do(client, "publish", generation=ready.report.generation)
    kites = Library.open(desk.settings.library).by_name["kites.txt"]
    assert [section.districts for section in kites.sections] == [("Pinggu District",)]
    assert [one.now for one in kites.corrections] == ["Pinggu District"]
    report = update.update_library(desk.settings.folders, desk.settings.library, HashingEncoder())
    assert (report.generation, report.changed, report.embedded) == (ready.report.generation, (), 0)


def test_a_file_that_takes_anothers_place_keeps_its_corrections(desk: Service, client: TestClient) -> None:
    """They are carried over where they fit, and can be taken away."""
    path = desk.settings.seeds / "second.txt"
    sidecar.save(path, propose(path, date="2023-01-10"))
    upload(client, ("second.txt", SECOND.replace("12308", "12309")))
    page = words(client.get("/operator/staged", params={"name": "second.txt"}))
    assert "10 January 2023" in page
    assert "It takes the place of the bulletin of this name" in page
    do(client, "prepare")
    ready = jobs.read_prepared(desk.settings.library)
    assert ready
    do(client, "publish", generation=ready.report.generation)
    second = Library.open(desk.settings.library).by_name["second.txt"]
    assert str(second.date) == "2023-01-10"
    assert "12309" in path.read_text()


def test_what_was_prepared_of_other_files_is_not_published(desk: Service, client: TestClient) -> None:
    """Whoever changes the staged files, or publishes otherwise, has to prepare again, and is told."""
    root = desk.settings.library
    upload(client, ("kites.txt", KITES))
    do(client, "prepare")
    ready = jobs.read_prepared(root)
    assert ready
    first = generation.in_use(root)
    upload(client, ("tea.txt", bulletin_text("2024-06-04", "Fengtai District", "Tea", "The tea fair opened for all.")))
    page = words(client.get("/operator/new"))
    assert "The staged files have changed since this was prepared. Prepare again." in page
    do(client, "unstage", name="kites.txt")
    assert "changed since. Prepare again" in words(do(client, "publish", generation=ready.report.generation))
    assert generation.in_use(root) == first
    do(client, "prepare")
    again = jobs.read_prepared(root)
    assert again
    assert again.report.generation != ready.report.generation
    assert "is not prepared any more" in words(do(client, "publish", generation=ready.report.generation))
    (desk.settings.seeds / "more.txt").write_text(bulletin_text("2024-07-01", "Bells rang in every village."))
    update.update_library(desk.settings.folders, root, HashingEncoder())
    now = generation.in_use(root)
    assert "Another generation has been published since" in words(client.get("/operator/new"))
    assert "another generation was published since" in words(do(client, "publish", generation=again.report.generation))
    assert generation.in_use(root) == now
    assert not (desk.settings.seeds / "tea.txt").exists()


def test_discarding_leaves_the_staged_files(desk: Service, client: TestClient) -> None:
    """Only what was prepared goes."""
    root = desk.settings.library
    upload(client, ("kites.txt", KITES))
    do(client, "prepare")
    ready = jobs.read_prepared(root)
    assert ready
    page = words(do(client, "discard", generation=ready.report.generation))
    assert "Discarded. The staged files are still there." in page
    assert "Nothing is prepared." in page
    assert [one.name for one in staging.list_staged(root)] == ["kites.txt"]
    assert [one.state for one in generation.list_generations(root)] == ["current"]
    assert jobs.read_prepared(root) is None


def test_many_bulletins_go_only_when_that_is_said(desk: Service, client: TestClient) -> None:
    """The refusal's line is shown with a box to tick; without it nothing is prepared."""
    (desk.settings.seeds / "first.txt").unlink()
    refused = do(client, "prepare")
    assert "1 of 2 bulletins have gone; nothing was changed" in words(refused)
    assert "Yes, remove them" in words(refused)
    assert "--allow-removal" not in words(refused)
    assert jobs.read_prepared(desk.settings.library) is None
    agreed = words(do(client, "prepare", allow_removal="yes"))
    assert "1 removed first.txt" in agreed
    assert "Yes, remove them" not in agreed


def test_an_interrupted_publishing_can_be_done_again(desk: Service, client: TestClient) -> None:
    """The files were moved, the power went: the button publishes what was prepared all the same."""
    root = desk.settings.library
    upload(client, ("kites.txt", KITES))
    do(client, "prepare")
    ready = jobs.read_prepared(root)
    assert ready
    staging.publish(root, desk.settings.folders, ready.staged)
    assert "Published: 3 bulletins." in words(do(client, "publish", generation=ready.report.generation))
    assert staging.list_staged(root) == ()


def test_a_folder_that_can_not_be_written_is_said(desk: Service, client: TestClient) -> None:
    """Nothing is published then, and the staged files stay."""
    root, seeds = desk.settings.library, desk.settings.seeds
    first = generation.in_use(root)
    upload(client, ("kites.txt", KITES))
    do(client, "prepare")
    ready = jobs.read_prepared(root)
    assert ready
    (seeds / "kites.txt").mkdir()
    page = words(do(client, "publish", generation=ready.report.generation))
    assert "the bulletins can't be put there (is a directory)" in page
    assert generation.in_use(root) == first
    assert [one.name for one in staging.list_staged(root)] == ["kites.txt"]
    assert [path.name for path in seeds.iterdir() if path.name.startswith(".")] == []


# --- what else is shown


def test_bulletins_are_listed_with_their_state_and_history(desk: Service, client: TestClient) -> None:
    """Current, corrected and withdrawn ones; found by words; a bulletin's own page has its earlier texts."""
    (desk.settings.seeds / "second.txt").unlink()
    first = desk.settings.seeds / "first.txt"
    first.write_text(FIRST.replace("Twenty robots", "Thirty robots"))
    sidecar.save(first, propose(first, title="Robots"))
    update.update_library(desk.settings.folders, desk.settings.library, HashingEncoder(), allow_removal=True)
    serve_latest(desk)
    listed = words(client.get("/operator/bulletins"))
    assert "1 bulletin, newest first" in listed
    assert "current · corrected here" in listed
    assert "No bulletin fits all of these." in words(client.get("/operator/bulletins", params={"q": "elephants"}))
    past = words(client.get("/operator/past"))
    assert "2 texts" in past
    assert "withdrawn" in past
    assert "changed since" in past
    page = words(client.get("/operator/bulletin", params={"name": "first.txt"}))
    assert "Its texts" in page
    assert "What’s New" not in page
    assert re.search(r"current .* changed", page)


def test_long_lists_come_in_pages(tmp_path: Path) -> None:
    """Fifty a page; a page that isn't there is the nearest that is."""
    seeds = tmp_path / "many"
    seeds.mkdir()
    for number in range(60):
        text = bulletin_text("2024-01-01", f"Number {number} of the sayings is kept here.")
        (seeds / f"b{number:02}.txt").write_text(text)
    update.update_library(seeds, tmp_path / "library", HashingEncoder())
    for number in range(55):
        (seeds / f"b{number:02}.txt").unlink()
    update.update_library(seeds, tmp_path / "library", HashingEncoder(), allow_removal=True)
    desk = Service(settings.load(seeds=seeds, library=tmp_path / "library"))
    desk.show(Library.open(tmp_path / "library"))
    app = pages(desk)
    with TestClient(app, base_url=HOST, headers={"Origin": HOST}) as client:
        sign_in(client, add_account(tmp_path / "library"))
        first = client.get("/operator/past")
        assert "55 texts, page 1 of 2" in words(first)
        assert len(LexborHTMLParser(first.text).css(".bulletins > li")) == 50
        for page in ("2", "3", "99999"):
            assert len(LexborHTMLParser(client.get(f"/operator/past?page={page}").text).css(".bulletins > li")) == 5
        assert "page 1 of 2" in words(client.get("/operator/past?page=-1"))
    assert manifest.current_generation(tmp_path / "library")


def test_questions_are_saved_and_what_is_missing_is_counted(desk: Service, client: TestClient) -> None:
    """The most frequent first; each can be saved by one press."""
    root = desk.settings.library
    for question in ("elephants?", "Elephants", f"lions {EVIL}"):
        unanswered.record(root, question, "nothing")
    page = client.get("/operator/questions")
    assert EVIL not in page.text
    shown = words(page)
    assert shown.index("2×") < shown.index("1×")
    assert f"lions {EVIL}" in shown
    assert "The question is saved." in words(do(client, "save", question="Elephants"))
    assert saved_questions.read(root) == ("Elephants",)
    assert client.post("/operator/save", data={"question": "?"}).status_code == 409
    assert "The question is no longer saved." in words(do(client, "unsave", question="Elephants"))
    assert saved_questions.read(root) == ()


def test_the_examples_of_the_chat_are_asked_until_others_are_saved(desk: Service, client: TestClient) -> None:
    """One that is removed stays removed, and with none left none is asked."""
    library = Library.open(desk.settings.library)
    examples = example_questions(library)
    desk.show(library, examples)
    assert len(examples) > 1
    shown = words(client.get("/operator/questions"))
    assert all(question in shown for question in examples)
    upload(client, ("kites.txt", KITES))
    assert f"of {len(examples)} saved questions answered otherwise" in words(do(client, "prepare"))
    do(client, "save", question="Elephants")
    do(client, "unsave", question=examples[0])
    assert saved_questions.read(desk.settings.library) == (*examples[1:], "Elephants")
    assert f"of {len(examples)} saved questions" in words(do(client, "prepare"))
    for question in (*examples[1:], "Elephants"):
        do(client, "unsave", question=question)
    assert "No question is saved." in words(client.get("/operator/questions"))
    assert "No saved question was asked" in words(do(client, "prepare"))


def test_what_can_not_be_read_and_what_is_damaged_is_listed(desk: Service, client: TestClient) -> None:
    """By name, with the reason."""
    (desk.settings.seeds / f"bad{EVIL.replace('/', '')}.txt").write_bytes(b"\xff\xfe\xff")
    update.update_library(desk.settings.folders, desk.settings.library, HashingEncoder())
    page = client.get("/operator/files")
    assert "<script>alert" not in page.text
    assert "is not text in UTF-8" in words(page)
    assert "1 file can’t be read" in words(client.get("/operator"))
    assert "The library is whole." in words(do(client, "verify"))
    text = next(desk.settings.library.glob("texts/*.txt"))
    text.write_bytes(b"x")
    page = do(client, "verify")
    assert "1 damaged file found." in words(page)
    assert text.name in words(page)


def test_a_quote_that_is_not_in_its_text_is_not_shown(desk: Service, client: TestClient) -> None:
    """What was prepared is compared with the stored text whenever the page is made."""
    saved_questions.add(desk.settings.library, "kites in Miyun")
    upload(client, ("kites.txt", KITES))
    do(client, "prepare")
    ready = jobs.read_prepared(desk.settings.library)
    assert ready
    quote = ready.changes[0].gained[0]
    (desk.settings.library / "texts" / f"{quote.sha256}.txt").write_text(KITES.replace("Sixty", "Ninety"))
    page = client.get("/operator/new")
    assert page.status_code == 500
    assert "kites rose" not in page.text


def test_the_pages_work_below_another_address(desk: Service, client: TestClient) -> None:
    """No link begins at the root of the host."""
    upload(client, ("kites.txt", KITES))
    for method, address in [*routes(desk), ("GET", "/operator"), ("GET", "/operator/staged?name=kites.txt")]:
        if method == "GET":
            links = re.findall(r'(?:href|src|action|data-\w+)="([^"]*)"', client.get(address).text)
            assert not [link for link in links if link.startswith("/")], address


def test_a_desk_that_is_not_ready_says_so(chosen: settings.Settings) -> None:
    """Uploading goes on meanwhile."""
    app = pages(Service(chosen))
    with TestClient(app, base_url=HOST, headers={"Origin": HOST}) as client:
        sign_in(client, add_account(chosen.library))
        assert "Getting ready" in words(client.get("/operator"))
        assert "Please try again in a moment" in words(client.get("/operator/bulletins"))
        assert taken(upload(client, ("kites.txt", KITES))) == ["kites.txt is staged."]
