"""Titles, dates and sources as other offices' pages and texts state them, and encodings read right or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import BulletinUnreadable
from rag.ingest.parse import parse
from rag.ingest.readers.html import read_html
from rag.ingest.readers.text import read_text

PARSE = Path(__file__).parent / "data" / "parse"
BODY = "\n\nThe harbour office invited rowers from nine embassies to the old pier.\n\nThey rowed until dusk.\n"
TITLE = "Rowers welcomed at the old pier"
SPRING, AUTUMN = "2021-04-09", "2019-10-21"


@pytest.mark.parametrize(
    ("head", "date", "source"),
    [
        (f"{TITLE}\nDate: 09.04.2021", SPRING, None),
        (f"{TITLE}\nDate: 21/10/2019", AUTUMN, None),
        (f"{TITLE}\nDate: 04/09/2021", None, None),
        (f"{TITLE}\n发布日期：二〇二一年四月九日\n来源：外事办", SPRING, "外事办"),
        (f"{TITLE}\nPublished: 08:15, April 9, 2021", SPRING, None),
        (f"{TITLE}\nPublished on 9 April 2021 at 10:30 a.m.", SPRING, None),
        (f"{TITLE}\nLast updated: Friday, 9th April 2021", SPRING, None),
        (f"{TITLE}\nLast modified on Apr. 9, 2021", SPRING, None),
        (f"{TITLE}\nPosted April 9, 2021\nSource: Harbour Office", SPRING, "Harbour Office"),
        (f"{TITLE}\nUpdated: May 2, 2021 | Published: April 9, 2021", SPRING, None),
        (f"{TITLE}\nPublish time: 2021-04-09 Update time: 2021-05-02 Clicks: 120", SPRING, None),
        (f"{TITLE}\nFrom: Harbour Office  Time: 2021-04-09 08:00:12  Font: big small", SPRING, "Harbour Office"),
        (f"{TITLE}\nOrigin: Harbour Office  Release Date: 2021-04-09  Read: 12", SPRING, "Harbour Office"),
        (f"{TITLE}\n2021-04-09", SPRING, None),
        (f"{TITLE}\n\n9 April 2021", SPRING, None),
        (f"{TITLE}\n\nApril 9, 2021, 14:05", SPRING, None),
        (f"{TITLE}\nOctober 21, 2019 (Monday)", AUTUMN, None),
        (f"{TITLE}\n\nBy ZHAO QI | Harbour Times\nUpdated: 2021-04-09 08:15", SPRING, None),
        (f"{TITLE}\nBy Anna Lee and Zhao Qi\n9 April 2021", SPRING, None),
        (f"{TITLE}    2021-04-09", SPRING, None),
        (f"Latest News\n\nDaily Digest\n\n{TITLE}   April 9, 2021", SPRING, None),
        (f"Current location: Home >> Harbour >> News\n{TITLE}\nDate: 2021-04-09", SPRING, None),
        (f"Your location: Home > News\n{TITLE}", None, None),
        (f"Home / Departments / Harbour / News\n{TITLE}", None, None),
        (f"Main page Services Harbours Boats Rowers\nMain page > Boats\n{TITLE}\nDate: 2021-04-09", SPRING, None),
        (f"您当前的位置：首页 > 新闻\n{TITLE}\n时间：2021年4月9日", SPRING, None),
        (f"{TITLE}\nPublished Date：2021-04-09 Author: Li Source：Harbour Office", SPRING, "Harbour Office"),
        (f"{TITLE}\nApr 9, 2021 | By Li Na", SPRING, None),
        (f"{TITLE}\nBy Li Na | Apr 9, 2021", SPRING, None),
        (f"{TITLE}\nBy Li Na, Harbour Weekly | Updated: 2021-04-09 14:22", SPRING, None),
        (f"{TITLE}\nXinhua | Updated: 2021-04-09 14:22", SPRING, None),
        (f"{TITLE}\n(Harbour Weekly) 14:22, April 09, 2021", SPRING, None),
        (f"{TITLE}\nApril 9, 2021 - Quito", SPRING, None),
        (f"{TITLE}\n2021年04月09日 14:22 来源：海港办", SPRING, "海港办"),
        (f"{TITLE}\n更新：2021-05-02 发布于：2021-04-09", SPRING, None),
        (f"{TITLE}\nFirst published: 9 April 2021\nLast updated: 2 May 2021", SPRING, None),
        (f"{TITLE}\nCreated: 2021-04-09 Modified: 2021-05-02", SPRING, None),
        (f"{TITLE}\nDate of publication: 9 April 2021", SPRING, None),
        (f"{TITLE}\nPosted by admin on April 9, 2021", SPRING, None),
        (f"{TITLE} (2021-04-09)", SPRING, None),
        (f"[2021-04-09] {TITLE}", SPRING, None),
        (f"Skip to main content\nMenu\n{TITLE}\n9 April 2021", SPRING, None),
        (f"BOATS\n{TITLE}\nDate: 2021-04-09", SPRING, None),
    ],
)
def test_heads_of_copied_texts(head: str, date: str | None, source: str | None) -> None:
    """Bylines, crumbs and menus are no titles, and of two dates that of publication counts."""
    document = read_text(head + BODY)
    stated = document.date and document.date.isoformat()
    assert (document.title, stated, document.source) == (TITLE, date, source)
    assert document.body[0].of(document.text).startswith("The harbour office invited")


@pytest.mark.parametrize(
    "opening",
    [
        "The pier opened on April 9, 2021",
        "By 2021 the pier had been rebuilt",
        "From: the old pier to the new one in an hour",
    ],
)
def test_what_only_looks_like_a_head_is_none(opening: str) -> None:
    """A headline may hold a date or begin like a byline."""
    document = read_text(f"{TITLE}\n\n{opening}{BODY}")
    assert (document.title, document.date) == (TITLE, None)
    assert document.body[0].of(document.text) == opening


LD = '<script type="application/ld+json">{}</script>'
P = "<p>The harbour office invited rowers from nine embassies to the old pier.</p>"


@pytest.mark.parametrize(
    ("head", "body", "date"),
    [
        ("", '<time datetime="2021-04-09T09:00:00+08:00">Last week</time>', SPRING),
        ("", '<p>Posted <time datetime="2021-04-09">three days ago</time></p>', SPRING),
        ("", "<time>9 April 2021</time>", SPRING),
        ('<meta property="article:published_time" content="2021-04-09T09:00:00Z">', "", SPRING),
        (
            '<meta property="article:modified_time" content="2021-05-02"><meta name="date" content="2021-04-09">',
            "",
            SPRING,
        ),
        ('<meta itemprop="datePublished" content="2021-04-09">', "", SPRING),
        ('<meta name="DC.date.issued" content="2021-04-09">', "", SPRING),
        (
            LD.format('{"@type":"NewsArticle","datePublished":"2021-04-09T01:00:00Z","dateModified":"2021-05-02"}'),
            "",
            SPRING,
        ),
        (LD.format('{"@graph":[{"@type":"WebSite"},{"@type":["Article"],"datePublished":"2021-04-09"}]}'), "", SPRING),
        (
            LD.format('[{"@type":"Event","startDate":"2021-05-02"},{"@type":"Article","datePublished":"2021-04-09"}]'),
            "",
            SPRING,
        ),
        (LD.format("{broken"), "<p>Date: 2021-04-09</p>", SPRING),
        (LD.format("[" * 100_000), "<p>9 April 2021</p>", SPRING),
        ("", '<p class="byline">By <a>Zhao Qi</a></p><p>Updated: May 2, 2021 Published: April 9, 2021</p>', SPRING),
        ("", "<ul><li>Home</li><li>Boats</li></ul><p>Home &gt; Boats &gt; News</p><p>09.04.2021</p>", SPRING),
        (
            "",
            "<p><span>Source: Harbour</span><span>Updated: 2021-05-02</span><span>Published: 2021-04-09</span></p>",
            SPRING,
        ),
        ("", "<div>By <a>Li Na</a> · <time datetime='2021-04-09 10:00'>2 years ago</time> · 3 min read</div>", SPRING),
        ('<meta name="publication-date" content="2021-04-09">', "", SPRING),
        (
            '<meta name="PubDate" content="04/09/2021"><meta property="article:published_time" content="2021-04-09">',
            "",
            SPRING,
        ),
        (LD.format('{"@type":"WebPage","datePublished":"2021-04-09"}'), "", SPRING),
        (
            "",
            '<p>By Li Na</p><p><span itemprop="datePublished" content="2021-04-09">Friday, April 9, 2021</span></p>',
            SPRING,
        ),
    ],
)
def test_heads_of_pages(head: str, body: str, date: str) -> None:
    """What a page states for machines comes first, then what a reader sees."""
    page = (
        f"<html><head><title>{TITLE} - Harbour Office</title>{head}</head><body><h1>{TITLE}</h1>{body}{P}</body></html>"
    )
    document = read_html(page)
    assert (document.title, document.date and document.date.isoformat()) == (TITLE, date)
    assert document.text.split("\n")[1:] == ["The harbour office invited rowers from nine embassies to the old pier."]


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (
            f'<meta property="og:title" content="{TITLE}"><title>Harbour</title>',
            f"<h2>News</h2><div>{TITLE}</div><p>By Zhao Qi</p>",
        ),
        (LD.format(f'{{"@type":"NewsArticle","headline":"{TITLE}"}}'), "<h1>The Harbour Office</h1><div>Menu</div>"),
        ("<title>Harbour</title>", f"<p>Home &gt; News &gt; Boats</p><h1>{TITLE}</h1>"),
    ],
)
def test_titles_of_pages(head: str, body: str) -> None:
    """A title that the page states for machines comes before a heading that isn't the article's."""
    assert read_html(f"<html><head>{head}</head><body>{body}<p>Date: 2021-04-09</p>{P}</body></html>").title == TITLE


SIMPLIFIED = (
    "海港办公室邀请了来自九个国家的客人参观老码头。\n\n他们在湖上划船，一直到天黑，大家都说这是一次很好的活动。\n"
)
TRADITIONAL = (
    "海港辦公室邀請了來自九個國家的客人參觀老碼頭。\n\n他們在湖上划船，一直到天黑，大家都說這是一次很好的活動。\n"
)
WESTERN = "Señor Muñoz aß Käse im Café, à la crème, für 5 €.\n\nIl a été reçu à l’hôtel de ville où il a déjà dîné.\n"


@pytest.mark.parametrize("declared", ["", "utf-8", "gb2312", "big5", "iso-8859-1", "windows-1252"])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "gb18030"),
        (TRADITIONAL, "big5"),
        (SIMPLIFIED, "utf-8"),
        (f"{TITLE}\n\nThe office (市外事办) gave a dinner for the rowers.\n{BODY}", "gb18030"),
        ("宁夏银川举办枸杞采摘节，吸引众多游客。\n", "gb18030"),
        ("赵钱孙李周吴郑王冯陈褚卫。\n", "gb18030"),
        ("海淀区活动\n\n三月二日，十位来自秘鲁的客人游公园，种了十棵树。\n", "gb18030"),
    ],
)
def test_what_is_declared_wrongly_is_read_right(declared: str, text: str, encoding: str, tmp_path: Path) -> None:
    """Whatever a page says of itself, its Chinese is read as Chinese."""
    file = tmp_path / "a.html"
    meta = f"<meta charset={declared}>" if declared else ""
    body = "".join(f"<p>{line}</p>" for line in text.split("\n") if line)
    file.write_bytes(f"{meta}<body>{body}</body>".encode(encoding))
    assert parse(file).text.split("\n") == [line for line in text.split("\n") if line]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (TRADITIONAL, "utf-16-be"),
        ("Гости города приехали утром и остались до вечера.\n" * 2, "cp1251"),
        ("町の客は朝の汽車で来て、夕方まで残りました。\n" * 2, "cp932"),
        ("손님들은 아침 기차로 와서 저녁까지 머물렀습니다.\n" * 2, "cp949"),
        (WESTERN, "cp1252"),
    ],
)
def test_what_cannot_be_told_is_refused(text: str, encoding: str, tmp_path: Path) -> None:
    """Never stored as other characters."""
    file = tmp_path / "a.txt"
    file.write_bytes(text.encode(encoding))
    with pytest.raises(BulletinUnreadable, match="UTF-8"):
        parse(file)


def test_western_letters_are_read_where_they_are_declared(tmp_path: Path) -> None:
    """A few of them don't make Chinese."""
    file = tmp_path / "a.html"
    file.write_bytes(f"<meta charset=iso-8859-1><p>{WESTERN}</p>".encode("cp1252"))
    assert "Señor Muñoz aß Käse im Café" in parse(file).text


@pytest.mark.parametrize(
    ("name", "title", "date"),
    [
        ("P04_d16.txt", "Lecture on safe travel held in the library", "2024-03-11"),
        ("P05_d14.txt", "Lecture on safe travel held in the library", "2024-03-11"),
        ("P07_d19.txt", "Lecture on safe travel held in the library", "2024-03-11"),
        ("P08_d21.txt", "Lecture on safe travel held in the library", "2023-05-30"),
        ("P09_d24.txt", "Lecture on safe travel held in the library", "2024-03-11"),
        ("P12_t02.txt", "Rule on help abroad unveiled", "2023-07-26"),
        ("P13_t03.txt", "Spring gathering held for consuls", "2018-06-27"),
        ("P23_w03.html", "Round-up of districts", "2024-03-11"),
        ("P25_w06.html", "海淀区活动", "2024-03-11"),
        ("F13.txt", "Consular officials enjoy a tour", None),
        ("F14.txt", "Mayor meets mayor of a sister city", "2017-05-12"),
    ],
)
def test_the_cases(name: str, title: str, date: str | None) -> None:
    """Title and date as their pages state them, and the office that the texts name as their source."""
    bulletin = parse(PARSE / name)
    assert (bulletin.title, bulletin.date and bulletin.date.isoformat()) == (title, date)
    if name.startswith("P0"):
        assert bulletin.source == "Beijing Foreign Affairs Office"
    if name == "P13_t03.txt":
        assert bulletin.source == "市外事办"
