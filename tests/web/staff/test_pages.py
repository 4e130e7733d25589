"""The staff's pages as a program asks for them: who is let in, what each shows, and feedback that becomes a case."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from rag import settings
from rag.admin import accounts, feedback, question_log
from rag.admin.feedback import Reason, Verdict
from rag.answer.assistant import Assistant
from rag.answer.citation.receipt import of_answer
from rag.evaluation import datasets
from rag.library import audit_log, receipts
from rag.library.reader import Library
from rag.web.auth.access import AccessControl
from rag.web.auth.sign_in import sign_in_routes
from rag.web.chat.conversation import Turn, converse
from rag.web.health import metrics_routes
from rag.web.service import Service
from rag.web.staff.routes import staff_routes
from tests.support.hashing_encoder import HashingEncoder
from tests.support.paths import SEEDS
from tests.support.rag_command import RunRag

HOST = "http://desk.example"
PASSWORD = "five words that go together"
TOKEN = "a token for the collector"
ROBOTS = "How many robots greeted guests from Norway?"
PANDAS = "Do pandas fly to the moon on Zyzzyx?"
EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.fixture
def chosen(folder: Path, library: Path, tmp_path: Path) -> settings.Settings:
    return settings.load(seeds=folder, library=library, cases=tmp_path / "cases")


@pytest.fixture
def desk(chosen: settings.Settings) -> Service:
    return opened(chosen)


def opened(chosen: settings.Settings) -> Service:
    desk = Service(chosen)
    library = Library.open(chosen.library)
    desk.show(library)
    desk.serve(Assistant(library, HashingEncoder()))
    return desk


def client_of(desk: Service) -> TestClient:
    app, door = FastAPI(), AccessControl(desk.settings)
    for router in (sign_in_routes(door), staff_routes(desk, door), metrics_routes(desk, door)):
        app.include_router(router)
    return TestClient(app, base_url=HOST, follow_redirects=False, headers={"Origin": HOST})


@pytest.fixture
def nobody(desk: Service) -> Iterator[TestClient]:
    """Somebody who hasn't signed in."""
    with client_of(desk) as client:
        yield client


@pytest.fixture
def client(desk: Service, nobody: TestClient) -> TestClient:
    """One of the staff, signed in."""
    accounts.add(desk.settings.library, "ann", "staff", PASSWORD)
    assert nobody.post("/sign-in", data={"name": "ann", "password": PASSWORD}).status_code == 303
    return nobody


def ask(desk: Service, question: str) -> Turn:
    return [*converse(desk, question, ())][-1][-1]


def say(desk: Service, question: str, verdict: Verdict = "helpful", reason: Reason = "", words: str = "") -> str:
    """Feedback on the answer to a question; its id."""
    key = ask(desk, question).key
    answer = desk.answers.get(key)
    assert answer
    feedback.save(desk.settings.library, feedback.from_answer(key, answer, verdict, reason, words))
    return key


def words(response: httpx.Response) -> str:
    """What the page shows, white space collapsed."""
    body = LexborHTMLParser(response.text).body
    assert body
    return " ".join(body.text(separator=" ").split())


def shown(client: TestClient, page: str) -> str:
    response = client.get(page)
    assert response.status_code == 200
    return words(response)


def cases_of(desk: Service) -> list[dict[str, object]]:
    path = desk.settings.cases / "questions.jsonl"
    return [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()]


PAGES = ("/staff", "/staff/", "/staff/missing", "/staff/feedback", "/staff/feedback/x", "/staff/receipts")
ACTS = ("/staff/feedback/x/delete", "/staff/feedback/x/case", "/staff/receipts/x/delete")


def test_without_an_account_there_are_no_pages(nobody: TestClient) -> None:
    """Nor figures, where there is no token either."""
    assert {nobody.get(page).status_code for page in (*PAGES, "/metrics")} == {404}
    assert {nobody.post(act).status_code for act in ACTS} == {404}


def test_nobody_sees_them_without_signing_in(desk: Service, client: TestClient) -> None:
    """And nobody changes anything from another page, though signed in."""
    key = say(desk, ROBOTS)
    evil = {"Origin": "https://evil.example"}
    acts = (*ACTS, f"/staff/feedback/{key}/delete", f"/staff/feedback/{key}/case")
    assert {client.post(act, headers=evil).status_code for act in acts} == {403}
    client.cookies.clear()
    assert {client.get(page).status_code for page in (*PAGES, "/metrics")} == {403}
    assert {client.post(act).status_code for act in acts} == {403}
    assert feedback.read(desk.settings.library, key)
    assert not desk.settings.cases.exists()


def test_a_collector_shows_its_token(chosen: settings.Settings) -> None:
    """The token, the whole token, as a bearer; or somebody is signed in."""
    with_token = chosen.model_copy(update={"metrics_token": settings.load(metrics_token=TOKEN).metrics_token})
    desk = opened(with_token)
    ask(desk, ROBOTS)
    with client_of(desk) as client:
        for given in ("", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer ", f"Basic {TOKEN}", "Bearer é"):
            assert client.get("/metrics", headers={"Authorization": given.encode()}).status_code == 403
        for given in (f"Bearer {TOKEN}", f"bearer {TOKEN}"):
            response = client.get("/metrics", headers={"Authorization": given})
            assert response.status_code == 200
            assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
            assert 'desk_questions_total{status="answered"} 1.0\n' in response.text
            assert "desk_bulletins 2.0\n" in response.text
            assert "desk_generation_number 1.0\n" in response.text
        assert client.get("/staff", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404


def test_who_is_signed_in_sees_the_figures(desk: Service, client: TestClient) -> None:
    ask(desk, PANDAS)
    told = client.get("/metrics").text
    assert 'desk_questions_total{status="no_match"} 1.0\n' in told
    for stage in ("reading", "encoding", "searching", "quoting", "rendering"):
        assert f'desk_stage_seconds_count{{stage="{stage}"}} 1.0\n' in told


def test_an_empty_desk_has_an_overview(client: TestClient) -> None:
    """With nothing to draw."""
    for page in ("/staff", "/staff?span=hours", "/staff?span=nonsense"):
        told = shown(client, page)
        assert "0 questions" in told
        assert "There is nothing to show yet." in told


def test_the_overview_counts_what_was_asked(desk: Service, client: TestClient) -> None:
    """Each figure is said in a sentence and stands in a table."""
    for question in (ROBOTS, ROBOTS, PANDAS):
        ask(desk, question)
    say(desk, ROBOTS, "not_helpful", "other", EVIL)
    response = client.get("/staff")
    told = words(response)
    assert "4 questions: 3 answered, 1 no match." in told
    assert "25% of the questions looked up." in told
    assert "0 of 1 found the answer helpful (0%), on 25% of the answers." in told
    assert "Half of the answers took" in told
    assert f"1× {PANDAS}" in told
    page = LexborHTMLParser(response.text)
    questions, refusals, times, said = page.css("section.usage")
    assert [cell.text() for cell in questions.css("tbody td")] == ["3", "1"]
    assert [cell.text() for cell in refusals.css("tbody td")] == ["25%"]
    assert [cell.text() for cell in said.css("tbody td")] == ["0", "1"]
    assert len(times.css("tbody td")) == 2
    assert not page.css("main script, main img")
    assert EVIL in page.body.text()  # type: ignore[union-attr]
    assert len(question_log.read(desk.settings.library, 90)) == 4


def test_feedback_is_listed_by_verdict_and_page(desk: Service, client: TestClient) -> None:
    """The newest first; a page that there isn't is the nearest one that there is."""
    for number in range(30):
        say(desk, f"{ROBOTS} {number}", "helpful" if number % 3 else "not_helpful", "" if number % 3 else "other")
    assert "30 answers, page 1 of 2" in shown(client, "/staff/feedback")
    assert "20 answers" in shown(client, "/staff/feedback?verdict=helpful")
    told = shown(client, "/staff/feedback?verdict=not_helpful")
    assert "10 answers" in told
    assert "Something else" in told
    links = LexborHTMLParser(client.get("/staff/feedback?page=99").text).css(".said-list a")
    assert len(links) == 5
    assert "30 answers" in shown(client, "/staff/feedback?verdict=%3Cb%3E&page=x")


def test_a_feedback_shows_what_the_reader_saw(desk: Service, client: TestClient) -> None:
    """Its quotes are proved against the library first: what isn't there any more isn't shown."""
    key = say(desk, ROBOTS, "not_helpful", "missing", EVIL)
    told = shown(client, f"/staff/feedback/{key}")
    answer = desk.answers.get(key)
    assert answer
    for part in (ROBOTS, "Not helpful: Something is missing", EVIL, answer.message, "Twenty robots greeted guests"):
        assert " ".join(part.split()) in told
    given = feedback.read(desk.settings.library, key)
    assert given
    altered = replace(given.quotes[0], text="Ten robots.")
    feedback._write(desk.settings.library, replace(given, quotes=(altered,)))
    told = shown(client, f"/staff/feedback/{key}")
    assert "Ten robots." not in told
    assert "Its words are not shown" in told


def test_what_isn_t_there_is_said(client: TestClient) -> None:
    for page in ("/staff/feedback/x", f"/staff/feedback/{'0' * 24}", "/staff/feedback/..%2f..%2fmanifest"):
        response = client.get(page)
        assert response.status_code in (404, 409)
    for act in ACTS:
        response = client.post(act)
        assert response.status_code == 409
        assert "There is no such" in words(response)


def test_feedback_is_deleted_on_record(desk: Service, client: TestClient) -> None:
    """The audit log says who did it."""
    key = say(desk, ROBOTS)
    response = client.post(f"/staff/feedback/{key}/delete", follow_redirects=True)
    assert "It is deleted." in words(response)
    assert feedback.read(desk.settings.library, key) is None
    (entry,) = audit_log.read(desk.settings.library, 1)
    assert (entry.who, entry.what, entry.of) == ("ann", "delete feedback", {"answer": key})


def test_what_helped_becomes_a_case_in_one_click(desk: Service, client: TestClient) -> None:
    """Its gold are the quotes shown; the same feedback twice is the same case."""
    key = say(desk, ROBOTS)
    for _ in range(2):
        response = client.post(f"/staff/feedback/{key}/case", follow_redirects=True)
        assert "It is an evaluation case now." in words(response)
    (case,) = cases_of(desk)
    answer = desk.answers.get(key)
    assert answer
    assert (case["question"], case["answerable"], case["kind"]) == (ROBOTS, True, answer.query.kind)
    assert case["gold"] == [{"bulletin": q.bulletin, "section": None, "quote": q.text} for q in answer.quotes]
    read = datasets.read_question_set(desk.settings.cases)
    assert read.questions[0].gold[0].bulletin == "first.txt"
    assert datasets.corpus_folder(desk.settings.cases).resolve() == desk.settings.seeds.resolve()
    assert {entry.who for entry in audit_log.read(desk.settings.library, 2)} == {"ann"}
    given = feedback.read(desk.settings.library, key)
    assert given
    assert given.case == case["id"]


def test_of_what_didn_t_help_the_staff_tick_what_is_right(desk: Service, client: TestClient) -> None:
    """With none ticked it is a question without an answer, if that was what was wrong; else it can't be told."""
    key = say(desk, ROBOTS, "not_helpful", "should_refuse")
    client.post(f"/staff/feedback/{key}/case")
    assert [(case["answerable"], case["gold"]) for case in cases_of(desk)] == [(False, [])]
    client.post(f"/staff/feedback/{key}/case", data={"right": ["0", "99", "-1", "x"]})
    (case,) = cases_of(desk)
    assert (case["answerable"], len(case["gold"])) == (True, 1)  # type: ignore[arg-type]

    other = say(desk, ROBOTS, "not_helpful", "missing")
    response = client.post(f"/staff/feedback/{other}/case")
    assert response.status_code == 409
    assert "Tick the passages" in words(response)
    assert len(cases_of(desk)) == 1


def test_a_no_that_helped_is_a_case_without_an_answer(desk: Service, client: TestClient) -> None:
    """Its nearest passages are no gold."""
    client.post(f"/staff/feedback/{say(desk, PANDAS)}/case")
    (case,) = cases_of(desk)
    assert (case["kind"], case["answerable"], case["gold"]) == ("unanswerable", False, [])


def test_a_case_knows_the_questions_before_it(desk: Service, client: TestClient) -> None:
    """A follow-up means nothing without them."""
    first = [*converse(desk, ROBOTS, ())][-1]
    turn = [*converse(desk, "And in Pinggu?", first)][-1][-1]
    kept = desk.answers.entry(turn.key)
    assert kept
    assert kept.history == (ROBOTS,)
    given = feedback.from_answer(turn.key, kept.answer, "helpful", history=kept.history, without=kept.without)
    feedback.save(desk.settings.library, given)
    assert "After 1 earlier question" in shown(client, f"/staff/feedback/{turn.key}")
    client.post(f"/staff/feedback/{turn.key}/case")
    assert [case["history"] for case in cases_of(desk)] == [[ROBOTS]]


def test_a_set_of_the_staff_s_own_is_left_as_it_is(desk: Service, client: TestClient) -> None:
    """Its other lines, even unreadable ones, and the corpus that it names."""
    desk.settings.cases.mkdir()
    (desk.settings.cases / "set.toml").write_text('corpus = "elsewhere"\n')
    (desk.settings.cases / "questions.jsonl").write_text('{"id": 1}\nno case at all')
    client.post(f"/staff/feedback/{say(desk, ROBOTS)}/case")
    lines = (desk.settings.cases / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    assert (lines[:2], len(lines)) == (['{"id": 1}', "no case at all"], 3)
    assert (desk.settings.cases / "set.toml").read_text() == 'corpus = "elsewhere"\n'


def test_the_command_asks_the_cases(tmp_path: Path, seeds_library: Path, assistant: Assistant, rag: RunRag) -> None:
    """The real command, with the real model, over the real bulletins."""
    chosen = settings.load(seeds=SEEDS, library=tmp_path / "library", cases=tmp_path / "cases")
    shutil.copytree(seeds_library, chosen.library)
    desk = Service(chosen)
    desk.show(assistant.library)
    desk.serve(assistant)
    accounts.add(chosen.library, "ann", "staff", PASSWORD)
    with client_of(desk) as client:
        client.post("/sign-in", data={"name": "ann", "password": PASSWORD})
        for question in ("What happened in Haidian District?", "Who scored for Liverpool last night?"):
            client.post(f"/staff/feedback/{say(desk, question)}/case")
    done = rag("eval", chosen.cases, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(done.stdout)
    assert (figures["questions"], figures["hit@1"], figures["verbatim"]) == (2, 1.0, 1.0)


def test_kept_answers_are_listed_and_deleted(desk: Service, client: TestClient) -> None:
    """With the way to each; a damaged one is named too, and can go."""
    library = Library.open(desk.settings.library)
    first, second = [desk.answers.get(ask(desk, question).key) for question in (ROBOTS, PANDAS)]
    assert first
    assert second
    day = dt.date(2026, 1, 2)
    kept = [receipts.store(library.root, of_answer(answer, library, day)) for answer in (first, second)]
    folder = desk.settings.library / "receipts"
    (folder / f"{'0' * 64}.json").write_text("{}")
    told = shown(client, "/staff/receipts")
    assert "3 answers" in told
    assert all(part in told for part in (ROBOTS, PANDAS, "Not what was stored any more"))
    links = [link.attributes["href"] for link in LexborHTMLParser(client.get("/staff/receipts").text).css(".words a")]
    assert sorted(str(link) for link in links) == sorted(f"../answer/{identity}" for identity in kept)
    for identity in (kept[0], "0" * 64):
        assert client.post(f"/staff/receipts/{identity}/delete").status_code == 303
    assert receipts.list_stored(desk.settings.library) == [kept[1]]
    assert audit_log.read(desk.settings.library, 1)[0].what == "delete kept answer"
