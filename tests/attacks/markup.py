"""Markup and script in a title, a text, a file's name, a question and a draft, shown by a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote as quoted

from playwright.sync_api import Error, Page, expect

from rag.admin import off_switch
from rag.answer import notice
from rag.models import StoredBulletin
from tests.attacks.hostile import EVERYTHING, Hostile, desk_of, file_name, on_one_line
from tests.attacks.scripts import PAYLOADS, UNPRINTABLE
from tests.attacks.signing import account, sign_in
from tests.attacks.watched import Watched, watched
from tests.faults.outcome import Outcome, failures
from tests.support.browser import launch_chromium, serve_desk
from tests.support.chat_client import ShownQuote, parse_answer

FAULT = "markup and script in a title, a text, a file's name, a question, a draft"
DUTY = "it is shown as it stands and takes no effect: no dialog, no element, no request to another host"
PLACES = ("title", "text", "file name", "question", "draft")
_STAFF = ("", "/feedback", "/missing", "/receipts")
_OPERATOR = ("", "/new", "/bulletins", "/past", "/generations", "/questions", "/accounts", "/log", "/switch", "/files")


def run(folder: Path, *, every: int) -> Outcome:
    """With each ``every``-th payload of the list."""
    payloads = PAYLOADS[::every]
    typed = (*payloads, *UNPRINTABLE[::every])
    hostile = desk_of(folder, payloads)
    root = hostile.desk.settings.library
    notice.save(root, notice.parse_notice(on_one_line(payloads[0]), "kites"))
    for payload in payloads:
        off_switch.turn_off(root, on_one_line(payload), "olga")
    off_switch.turn_on(root, "olga")
    name = account(root)
    problems: list[str] = []
    with serve_desk(hostile.desk) as address, launch_chromium() as browser, watched(browser, address) as seen:
        try:
            problems += _all(seen, hostile, typed, name, folder)
        except Error as error:  # what took effect has broken the page
            problems.append(f"a page broke: {error.message[:200]}")
        problems += seen.problems
        looks = seen.looks
    tried = 3 * len(payloads) + 2 * len(typed)
    what = (
        f"{len(typed)} payloads as {', '.join(PLACES)}, on {looks} pages of Chromium: 0 dialogs, 0 elements, "
        "0 requests to other hosts; every quote is the stored text, character for character"
    )
    if problems:
        what = f"{len(typed)} payloads on {looks} pages: {len(problems)} took effect or were shown otherwise"
    return Outcome(FAULT, tried, min(len(problems), tried), what, failures(problems))


def _all(seen: Watched, hostile: Hostile, typed: Sequence[str], name: str, folder: Path) -> Iterator[str]:
    """As nobody, then signed in."""
    yield from _pages(seen, hostile)
    for payload in typed:
        _draft(seen, "/check", f"\u201cForty kites {payload} rose over lake 1\u201d", payload)
    sign_in(seen.visit("/sign-in"), name)
    yield from _chat(seen, hostile, typed)
    yield from _drafts(seen, folder, typed)
    yield from _behind_the_door(seen, hostile)


def _pages(seen: Watched, hostile: Hostile) -> Iterator[str]:
    """The pages of each bulletin and of a quote of it, and those that list them."""
    library = hostile.desk.serving.library  # type: ignore[union-attr]
    for payload, one in hostile.held:
        text = library.text(one.sha256)
        page = seen.visit(f"/bulletin/{one.sha256}")
        yield from _differs(page, "main", text, one)
        if (page.locator("h1").first.text_content() or "").split() != (one.title or "").split():
            yield f"{page.url}: the title of {one.name!r} is another"
        start, end = hostile.slice(one, payload)
        page = seen.visit(f"/quote/{one.sha256}/{start}-{end}")
        yield from _differs(page, "article.quoted blockquote", text[start:end], one)
        # a citation is a line without what can't be seen
        if payload.isprintable() and payload not in page.locator("p.cited").inner_text():
            yield f"the citation of {one.name!r} leaves something out"
        page = seen.visit(f"/check?sha256={one.sha256}&start={start}&end={end}")
        if on_one_line(payload) not in on_one_line(page.locator("#draft").input_value().replace("\n> ", " ")):
            yield f"the draft made of {one.name!r} is another"
        seen.visit(f"/bulletins?q={quoted(payload[:200])}")
    page = seen.visit("/bulletins")
    titles = [" ".join(title.split()) for title in page.locator("ol.bulletins h2").all_text_contents()]
    for _, one in hostile.held if len(hostile.held) <= 50 else ():
        if " ".join((one.title or "").split()) not in titles:
            yield f"the list leaves out {one.title!r}"


def _chat(seen: Watched, hostile: Hostile, payloads: Sequence[str]) -> Iterator[str]:
    """Everything in one answer, then each payload as a question, with the page of the answer that is kept and what a
    reader says of it."""
    library = hostile.desk.serving.library  # type: ignore[union-attr]
    page = seen.visit("/")
    expect(page.locator(".example").first).to_be_visible()
    seen.look("examples of questions")
    shown = _ask(page, EVERYTHING)
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    seen.look("an answer with everything")
    if [one.text for one in shown] != [library.text(one.sha256)[one.start : one.end] for one in shown]:
        yield "a quote isn't what is stored"
    for payload, one in hostile.held:
        if "\n" not in payload and not any(one.sha256 == quote.sha256 and payload in quote.text for quote in shown):
            yield f"no quote has {payload!r}"
    for number, payload in enumerate(payloads):
        if number % 10 == 0:
            page = seen.visit("/")
        asked = f'kites "{payload}" in Haidian'
        for quote in _ask(page, asked):
            if library.text(quote.sha256)[quote.start : quote.end] != quote.text:
                yield f"asked for {payload!r}, a quote isn't what is stored"
        seen.look(f"asked {payload[:40]}")
        told = page.locator(".asked").last.inner_text()
        if payload.isprintable() and on_one_line(payload) not in on_one_line(told):
            yield f"the question {asked!r} is shown as {told!r}"
        yield from _kept(seen, payload)


def _kept(seen: Watched, payload: str) -> Iterator[str]:
    """The last answer is linked, and said to be no help in the payload's words."""
    answer = seen.page.locator(".answer").last
    if answer.locator("button.keep").count():
        with seen.context.expect_page() as opening:
            answer.locator("button.keep").click()
        opening.value.wait_for_load_state()
        seen.look(f"the kept answer to {payload[:40]}", opening.value)
        opening.value.close()
    more = answer.locator(".feedback details")
    if more.count():
        more.locator("summary").click()
        more.locator("select").select_option(index=1)
        more.locator("textarea").fill(payload)
        more.locator("button.send").click()
        expect(answer.locator(".told")).not_to_be_empty()
        if "Thank" not in answer.locator(".told").inner_text():
            yield f"feedback of {payload!r} was answered with {answer.locator('.told').inner_text()!r}"


def _ask(page: Page, question: str) -> list[ShownQuote]:
    """The quotes of the page's answer."""
    before = page.locator(".asked").count()
    box = page.get_by_label("Your question")
    box.fill(question)
    box.press("Enter")
    expect(page.locator(".answer:not(.wait)")).to_have_count(before + 1, timeout=60_000)
    answer = page.locator(".answer").last
    kind = answer.get_attribute("class") or ""
    return [] if "refused" in kind else list(parse_answer(answer.evaluate("one => one.outerHTML")).quotes)


def _draft(seen: Watched, path: str, draft: str, payload: str) -> Page:
    """Types and checks it, as a reader or one of the staff."""
    page = seen.visit(path)
    page.locator("#draft").fill(draft)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#result .problem, #result .summary").first).to_be_visible()
    if "reached" in (told := page.locator("#result").inner_text()[:200]):
        seen.note(told)
    seen.look(f"{path} of {payload[:40]}")
    return page


def _drafts(seen: Watched, folder: Path, payloads: Sequence[str]) -> Iterator[str]:
    """Each payload in and beside a quotation; then all of them in one, whose report is saved and opened from the disk,
    where no header guards it."""
    for payload in payloads:
        draft = f"On {payload} he said \u201cForty kites {payload} rose over lake 1\u201d and {payload}"
        page = _draft(seen, "/staff/check", draft, payload)
        claimed = "".join(page.locator("blockquote.claimed").all_text_contents())
        # a quotation mark of its own ends the quotation
        if payload.isprintable() and not {'"', "\u201d"} & {*payload} and payload not in claimed:
            yield f"the quotation of {payload!r} is shown otherwise"
    usable = [payload for payload in payloads if payload not in UNPRINTABLE]
    whole = "\n\n".join(f"\u201cForty kites {payload} rose\u201d and {payload}" for payload in usable)
    for kind in ("html", "csv", "json"):
        got = seen.context.request.post(
            f"{seen.address}/staff/check/report.{kind}", multipart={"draft": whole}, headers={"Origin": seen.address}
        )
        if got.status != 200 or "attachment" not in got.headers.get("content-disposition", ""):
            yield f"the report was answered with {got.status}"
        (folder / f"report.{kind}").write_bytes(got.body())
    seen.page.goto((folder / "report.html").as_uri())
    seen.look("a report opened from the disk")


def _behind_the_door(seen: Watched, hostile: Hostile) -> Iterator[str]:
    """All of the staff's and the operator's pages, and files that come with such names."""
    for path in (*(f"/staff{page}" for page in _STAFF), *(f"/operator{page}" for page in _OPERATOR)):
        seen.visit(path)
        seen.page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        seen.look(path)
    unread = " ".join(seen.page.locator("main").inner_text().split())
    for number, (payload, one) in enumerate(hostile.held):
        if " ".join(file_name(number, payload).split()) not in unread:
            yield f"the file {file_name(number, payload)!r} is named otherwise"
        seen.visit(f"/operator/bulletin?name={quoted(one.name)}")
        titles = seen.page.locator("h1, h2, dd, td").all_text_contents()
        if not any((one.title or "").split() == title.split() for title in titles):
            yield f"{seen.page.url} doesn't show the title of {one.name!r}"
        staged = quoted("".join(c for c in file_name(number, payload) if c.isprintable()))
        seen.visit(f"/operator/staged?name={staged}")
    page = seen.visit("/staff/feedback")
    for path in {link.split("?")[0] for link in page.locator("a[href*='feedback/']").evaluate_all(_HREFS)}:
        seen.visit(path.removeprefix(seen.address))
    page = seen.visit("/operator/new")
    files = [
        {"name": f"{payload[:90]}.txt", "mimeType": "text/plain", "buffer": f"Tea {payload}".encode()}
        for payload, _ in hostile.held
    ]
    page.locator("#files").set_input_files(files)  # type: ignore[arg-type]
    page.get_by_role("button", name="Upload").click()
    expect(page.locator(".taken").first).to_be_visible()
    seen.look("uploaded files")


_HREFS = "all => all.map(one => one.href)"


def _differs(page: Page, place: str, text: str, one: StoredBulletin) -> Iterator[str]:
    """Where the page shows other words there."""
    if (page.locator(place).first.text_content() or "") != text:
        yield f"{page.url}: {place} of {one.name!r} shows other words"
