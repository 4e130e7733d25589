"""A link to a quote, opened in a real browser: the page scrolls to the quote's own place, and no other."""

from __future__ import annotations

import contextlib
import html
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, TimeoutError

from rag.answer.citation.text_fragment import directive_for, text_fragment_url

FILLER = [f"Paragraph {n} of a long page, which says nothing that anybody would quote." for n in range(60)]
PLACES = [
    "The delegation visited Haidian & Miyun, a well-known pair.",
    "Sixty guests, half of them new, came to the “Consular Protection for All” talk.",
    "The hotline is 12308, day and night.",
    "Consular protection begins before the journey.",
    "领事保护是为公民服务的，请记住电话12308。",
    "他们参观了海淀区的社区中心。",
    "The 50% rate\u00a0of 2023\u00a0– up from 40% – is the office’s own figure.",
    "A café in Pinggu: 1,000 peaches #1, 100% ripe (a+b=c).",
    "This one opens a pair of paragraphs that belong together and stand far below.",
    "This one closes the pair of paragraphs; nobody else ends like it.",
]
LONG = "A very long paragraph. " + " ".join(f"Sentence {n} of it names district number {n}." for n in range(40))
LINES = [
    "The hotline is 12308, day and night.",
    "What the office says of itself stands here.",
    *FILLER,
    *PLACES[:3],
    *FILLER,
    "The hotline is 12308, day and night.",
    "The hotline is 12308, day and night.",
    "Whoever calls is heard.",
    *FILLER,
    *PLACES[3:],
    *FILLER,
    LONG,
    *FILLER,
    "Consular protection begins before the journey. It ends after it.",
    *FILLER,
]
TEXT = "\n".join(LINES)


class Site(BaseHTTPRequestHandler):
    """One long page, each line a paragraph with the number of its line; spaces as an editor would break them."""

    def do_GET(self) -> None:
        broken = (html.escape(line).replace(" ", "\n  ", 3) for line in LINES)
        body = "\n".join(f'<p id="l{n}">{line}</p>' for n, line in enumerate(broken))
        data = f"<!doctype html><meta charset=utf-8><title>News</title>{body}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/news.html?id=1&page=2"
    server.shutdown()
    server.server_close()
    thread.join()


def middle(browser: Browser, url: str) -> int:
    """The number of the line in the middle of the screen, where a browser puts what a link names; -1 where the page
    wasn't scrolled."""
    context = browser.new_context(viewport={"width": 900, "height": 300})
    page = context.new_page()
    page.goto(url)
    with contextlib.suppress(TimeoutError):
        page.wait_for_function("scrollY > 0", timeout=3_000)
    found = page.evaluate(
        """() => {
            const off = p => {
                const box = p.getBoundingClientRect();
                return Math.max(box.top - innerHeight / 2, innerHeight / 2 - box.bottom, 0);
            };
            const near = [...document.querySelectorAll('p')].sort((a, b) => off(a) - off(b))[0];
            return scrollY > 0 ? Number(near.id.slice(1)) : -1;
        }"""
    )
    context.close()
    return int(found)


def place(words: str, nth: int = 0) -> tuple[int, int, int]:
    """Offsets of the ``nth`` place of these words, and the number of the line it begins in."""
    at = -1
    for _ in range(nth + 1):
        at = TEXT.index(words, at + 1)
    return at, at + len(words), TEXT.count("\n", 0, at)


@pytest.mark.parametrize(
    ("words", "nth"),
    [
        *((words, 0) for words in PLACES if words not in (PLACES[2], PLACES[3])),
        (PLACES[2], 1),  # also the page's first line
        (PLACES[2], 2),  # twice running
        (PLACES[2], 3),
        (PLACES[3], 0),
        (PLACES[3], 1),  # followed by another sentence
        ("\n".join(PLACES[-2:]), 0),
        (LONG, 0),  # 1,700 characters
        ("half of them new", 0),
        ("lega", 0),  # inside a word
        ("公民服务", 0),
        ("Sentence 7 of it names district number 7. Sentence 8 of it names", 0),
    ],
)
def test_the_link_opens_the_page_at_the_quote(browser: Browser, address: str, words: str, nth: int) -> None:
    """Punctuation, Chinese, no-break spaces, repeated words, several paragraphs: the right place is in the middle."""
    start, end, line = place(words, nth)
    url = text_fragment_url(address, TEXT, start, end)
    assert url is not None
    assert line <= middle(browser, url) <= line + words.count("\n")


def test_an_element_that_the_address_names_stays(browser: Browser, address: str) -> None:
    """The element #l5 is where a browser without text fragments goes; the others go to the quote."""
    start, end, line = place(PLACES[4])
    url = text_fragment_url(f"{address}#l5:~:text=old", TEXT, start, end)
    assert url is not None
    assert url.startswith(f"{address}#l5:~:text=%E9")
    assert middle(browser, url) == line
    assert middle(browser, f"{address}#l5:~:text=nowhere") < 12


def test_everything_with_a_meaning_is_encoded() -> None:
    """Hyphens, commas and ampersands part a directive; white space is collapsed as a browser does."""
    text = "Well-known,  50% R&D\n“é”"
    assert str(directive_for(text, 0, 20)) == "Well%2Dknown%2C%2050%25%20R%26D"
    assert str(directive_for(text, 0, len(text))) == "Well%2Dknown%2C%2050%25%20R%26D,%E2%80%9C%C3%A9%E2%80%9D"


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "file:///etc/hosts",
        "//host/page",
        "http://[",
        "https://",
        "https://a b/",
        "ftp://a/b",
    ],
)
def test_no_link_is_made_of_what_is_no_web_address(url: str | None) -> None:
    """An address that a bulletin states may be anything."""
    assert text_fragment_url(url, TEXT, *place(PLACES[1])[:2]) is None


def test_a_slice_of_white_space_has_no_link() -> None:
    """There are no words to look for."""
    assert text_fragment_url("https://a.b/", "One.\n \nTwo.", 4, 7) is None
