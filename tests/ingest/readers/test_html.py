"""Saved web pages: their words laid out as a browser does, and the bulletin told from what stands around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import BulletinUnreadable
from rag.ingest.parse import parse
from rag.ingest.readers.html import read_html
from rag.models import Document

WORDS = ["A robot greeted the guests at the gate of the museum in Haidian District on May 3.", "The guests bowed."]
TEXT = "".join(f"<p>{words}</p>" for words in WORDS)


def lines(page: Document) -> list[str]:
    return [line.of(page.text) for line in page.body]


def marks(page: Document) -> list[tuple[str, str]]:
    return [(line.kind, line.of(page.text)) for line in page.body]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>a  b\n\tc</p><p>d</p>", "a b c\nd"),
        ("<p>a<b>b</b>c <i> d</i></p>", "abc d"),
        ("a<div>b</div>c", "a\nb\nc"),
        ("a<br>b<br/><br>c", "a\nb\nc"),
        ("<p>&ldquo;a&rdquo; &amp; b&nbsp;&nbsp;c &#8212; &lt;d&gt;</p>", "“a” & b\u00a0\u00a0c — <d>"),
        ("<p>\u3000\u3000a</p><p>&nbsp;</p><p> </p><p>b</p>", "\u3000\u3000a\nb"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "a\nb\nc"),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td></td><td>d</td></tr></table>", "a\tb\nc\t\td"),
        ("<table><tr><td><p>a</p>b</td><td>c</td></tr></table>", "a b\tc"),
        ("<table><tr><td><p>a</p><p>b</p></td><td>c<br>d</td></tr></table>", "a b\tc d"),
        ("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "a\nb"),
        ("<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td><td>c</td></tr></table>", "a\tb\nc"),
        ("<p>a<!-- b --></p><script>c</script><style>d</style><template><p>e</p></template>", "a"),
        ("<p>a</p><p hidden>b</p><p style='Display : None'>c</p><p aria-hidden=true>d</p><div class=hide>e</div>", "a"),
        ("<h2>a<br>b</h2><p>c</p>", "a b\nc"),
        ("<dl><dt>a</dt><dd>b</dd></dl><blockquote>c</blockquote><pre>d\ne</pre>", "a\nb\nc\nd e"),
        ("<p>a<wbr>b<sup>2</sup></p>", "ab2"),
    ],
)
def test_words_are_laid_out_as_a_browser_copies_them(markup: str, expected: str) -> None:
    """A line for each block, a tab between cells, ASCII white space collapsed, nothing that can't be seen."""
    assert read_html(f"<!DOCTYPE html><body><div>{markup}</div></body>").text == expected


def test_lines_carry_what_the_page_says_they_are() -> None:
    """Headings, bold lines, list items, table rows and captions are told apart; a bold word makes no bold line."""
    page = read_html(
        f"<title>T</title>{TEXT}<h3>Heading</h3><p><b>All</b> <strong>bold</strong></p><p><b>Half</b> bold</p>"
        "<ul><li>Item</li></ul><table><tr><td>1</td><td>2</td></tr></table><p class='img-title'>Caption</p>"
        "<figure><img><figcaption>Figure</figcaption></figure><p><img><br>Under it</p><p>Not under it</p>"
        "<p><img>It bowed.</p>"
        "<p><img></p><p align=center>Centered</p><center>No picture</center>"
    )
    assert marks(page)[2:] == [
        ("heading", "Heading"),
        ("strong", "All bold"),
        ("", "Half bold"),
        ("item", "Item"),
        ("row", "1\t2"),
        ("caption", "Caption"),
        ("caption", "Figure"),
        ("caption", "Under it"),
        ("", "Not under it"),
        ("", "It bowed."),
        ("caption", "Centered"),
        ("", "No picture"),
    ]


@pytest.mark.parametrize(
    "around",
    [
        '<div class="header"><ul class="nav"><li>Home</li></ul></div>{}<div id="footer">Copyright</div>',
        "<nav><a>Home</a></nav><main>{}</main><footer><p>All rights reserved to all who reserved them.</p></footer>",
        '<aside>Weather</aside><div class="x">{}<div class="article-share">WeChat Weibo</div></div>',
        '<div class="bread-crumb">Home &gt; Express</div>{}<div class="related-news"><ul><li>Other</li></ul></div>',
        "<div>Home</div><div>Express</div>{}<div>Print</div><div>【Close】</div>",
        "<p>You are here: Home &gt; Express</p>{}<h4>Related Links</h4><ul><li>Tea</li><li>Melons</li></ul>",
        "{}<p>Previous: Tea</p><p>Next: Melons</p><p>Copyright © 2024</p><p>京ICP备000号</p>",
        '<div class="content">{}</div><div class="k3"><p>The hotline 12345 answers at any hour.</p></div>',
        '<form id="form1" class="search">{}</form>',
        '<div id="print">{}</div>',
        '<body class="top nav">{}',
        '<div class="header nav">{}</div>',
    ],
)
def test_the_bulletin_is_told_from_what_stands_around_it(around: str) -> None:
    """Known tags, names and words are left out, unless they hold the bulletin itself."""
    page = read_html(around.format(f"<h1>Robots Bow</h1><p>Date: 2024-05-04 Source: The Office</p>{TEXT}"))
    assert (page.title, str(page.date), page.source) == ("Robots Bow", "2024-05-04", "The Office")
    assert page.text == "\n".join(["Robots Bow", *WORDS])


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ('<meta name="ArticleTitle" content="A">', "<h1>B</h1>", "A"),
        ('<meta name="articletitle" content="A &amp;  B">', "", "A & B"),
        ('<meta name="ARTICLETITLE" content=" ">', "<h1>B</h1>", "B"),
        ("<title>C</title>", "<h1>B</h1><p>Date: 2024-05-04</p>", "B"),
        ("<title>C_Beijing Foreign Affairs Office</title>", "<h1>B</h1><h2>C</h2><p>Date: 2024-05-04</p>", "C"),
        ("<title>Beijing Foreign Affairs Office</title>", "<h1>B</h1><p>A subtitle</p><p>Date: 2024-05-04</p>", "B"),
        ("", "<div><h1>Foreign Affairs Office of Beijing</h1></div><h1>B</h1>", "B"),
        ("", "<h1>Weather</h1><p>Dry</p><p>Warm</p><p>Calm</p><p>B</p><p>Date: 2024-05-04</p>", "B"),
        ("", "<header><h1>Our Site</h1></header><article><header><h1>B</h1></header>", "B"),
        ("", "<p class='wz_title'>B</p>", "B"),
        ("", "<div>Express</div><p>B</p><p>Date: 2024-05-04</p>", "B"),
        ("", "<h1>B<br>and C</h1>", "B and C"),
        ("<title>C - Beijing Foreign Affairs Office</title>", "", "C"),
        ("<title>北京市人民政府外事办公室 - C</title>", "", "C"),
        ("<title>C_Express_Beijing Foreign Affairs Office</title>", "", "C"),
        ('<meta name="SiteName" content="Our Site"><title>C - D | Our Site</title>', "", "C - D"),
        ("<title>Beijing Foreign Affairs Office</title>", "", None),
        ("", "", None),
    ],
)
def test_the_title_is_the_metadatas_else_the_pages_own(head: str, body: str, title: str | None) -> None:
    """Then that of <title>, without the site's name; a page that states none has none."""
    page = read_html(f"<html><head>{head}</head><body>{body}{TEXT}</body></html>")
    assert page.title == title
    assert lines(page) == WORDS


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<link rel="canonical" href="https://a.example/b.html">', "https://a.example/b.html"),
        ('<meta name="Url" content="http://a.example/c.html">', "http://a.example/c.html"),
        (
            '<meta name="SiteDomain" content="a.example"><meta name="Url" content="/en/c.html">',
            "https://a.example/en/c.html",
        ),
        ('<meta property="og:url" content="https://a.example/d.html">', "https://a.example/d.html"),
        ("<!-- saved from url=(0021)https://a.example/e.htm -->", "https://a.example/e.htm"),
        ("<!-- saved from url=(0014)about:internet -->", None),
        ('<meta name="Url" content="/en/c.html">', None),
        ('<link rel="canonical" href="http://[broken">', None),
        ('<link rel="canonical" href="javascript:alert(1)">', None),
        ("", None),
    ],
)
def test_the_address_is_one_that_the_page_states_whole(head: str, url: str | None) -> None:
    """A path counts only with the site's domain, and only http and https are addresses."""
    assert read_html(f"<html><head>{head}</head><body>{TEXT}</body></html>").url == url


def test_metadata_comes_before_what_the_page_shows_and_may_be_missing_in_part() -> None:
    """Each field by itself."""
    meta = '<meta name="PubDate" content="2024-05-05 08:00"><meta name="ContentSource" content="">'
    column = '<meta name="ColumnName" content="Events">'
    page = read_html(f"{meta}{column}<h1>T</h1><p>Date: 2024-05-04 Source: The Office</p>{TEXT}")
    assert (str(page.date), page.source, page.column) == ("2024-05-05", "The Office", "Events")
    assert read_html(f'<meta name="PubDate" content="soon"><h1>T</h1><p>2024-05-04</p>{TEXT}').date is not None
    assert read_html(f"<h1>T</h1>{TEXT}").date is None


def test_dates_in_menus_are_not_the_bulletins() -> None:
    """Other news beside the article carry their own dates."""
    page = read_html(f"<ul><li>Tea</li><li>2020-01-01</li></ul><h1>T</h1><p>Date: 2024-05-04</p>{TEXT}")
    assert (page.title, str(page.date)) == ("T", "2024-05-04")


def test_lines_are_slices_of_the_text() -> None:
    """Indents of full-width and no-break spaces stay in the text, outside the line."""
    page = read_html("<h1>T</h1><p>Date: 2024-05-04</p><p>\u3000\u3000One came. </p><p>&nbsp;Two came.&nbsp;</p>")
    assert page.text == "T\n\u3000\u3000One came.\n\u00a0Two came.\u00a0"
    assert [(line.start, line.end) for line in page.body] == [(4, 13), (15, 24)]


@pytest.mark.parametrize(
    "markup",
    ["<div>" * 100_000, "<div></p></span>" * 100_000, "<ul><li>" * 50_000, "".join(f"<b id={n}>" for n in range(999))],
)
def test_a_page_nested_beyond_reason_is_refused(markup: str, tmp_path: Path) -> None:
    """In one line, and without the minutes that a parser would take."""
    path = tmp_path / "deep.html"
    path.write_text(f"<body>{markup}{TEXT}", encoding="utf-8")
    with pytest.raises(BulletinUnreadable, match="nests its elements"):
        parse(path)


def test_unclosed_elements_are_no_nesting() -> None:
    """Old pages close neither paragraphs nor cells, and some open <b> in each of a thousand lines."""
    assert len(read_html("<p>One came." * 5_000).body) == 5_000
    assert len(read_html("<ul>" + "<li>One <b>came</b>.<br>" * 5_000).body) == 5_000
    assert lines(read_html("<div>" * 300 + TEXT)) == WORDS
