"""Files in, bulletins out: title, date, source, address and sections, whatever form the file has.

``bulletins/gold.jsonl`` says what a reader sees in each of the small bulletins beside it.
"""

from __future__ import annotations

import codecs
import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from rag import limits
from rag.errors import BulletinUnreadable
from rag.ingest.header import parse_date
from rag.ingest.parse import parse
from rag.ingest.sections import split_sections
from rag.models import Bulletin
from tests.support.paths import DEV, SEEDS

HERE = Path(__file__).parent / "bulletins"
BODY = "\n\nA robot greeted the guests at the gate on May 3.\n\nThe guests bowed.\n"


def read_gold(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


GOLD = {row["bulletin"]: row for row in read_gold(HERE / "gold.jsonl")}


def written(folder: Path, content: str | bytes, name: str = "bulletin.txt") -> Bulletin:
    """The bulletin of a file with that content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return parse(path)


def stated(bulletin: Bulletin) -> tuple[str | None, str | None, str | None]:
    return bulletin.title, bulletin.date and bulletin.date.isoformat(), bulletin.source


def test_every_small_bulletin_has_its_gold() -> None:
    """No small bulletin is forgotten."""
    assert {path.name for path in HERE.iterdir() if path.suffix in (".txt", ".html")} == set(GOLD)


@pytest.mark.parametrize("name", GOLD)
def test_head_is_read_as_the_page_states_it(name: str) -> None:
    """Title, date, source and address are what a reader sees, and None where none is stated."""
    gold, bulletin = GOLD[name], parse(HERE / name)
    assert (*stated(bulletin), bulletin.url) == (gold["title"], gold["date"], gold["source"], gold["url"])


@pytest.mark.parametrize("name", GOLD)
def test_sections_are_those_a_reader_sees(name: str) -> None:
    """Districts, heading, first words and last words of every section, in order."""
    bulletin = parse(HERE / name)
    found = [section for section in split_sections(bulletin) if section.role == "event"]
    expected = GOLD[name]["sections"]
    assert [(list(s.districts), s.heading) for s in found] == [(s["districts"], s["heading"]) for s in expected]
    for section, gold in zip(found, expected, strict=True):
        assert section.paragraphs[0].of(bulletin.text).startswith(gold["starts_with"])
        assert section.paragraphs[-1].of(bulletin.text).endswith(gold["ends_with"])


@pytest.mark.parametrize("name", [name for name, gold in GOLD.items() if gold["unquoted"]])
def test_furniture_captions_and_footers_are_no_paragraphs(name: str) -> None:
    """What stands around a bulletin can't be quoted as an answer."""
    bulletin = parse(HERE / name)
    quotable = "\n".join(p.of(bulletin.text) for section in split_sections(bulletin) for p in section.paragraphs)
    assert [words for words in GOLD[name]["unquoted"] if words in quotable] == []


@pytest.mark.parametrize("path", sorted([*HERE.glob("*.txt"), *SEEDS.glob("*.txt")]), ids=lambda path: path.name)
def test_a_text_files_words_are_kept_untouched(path: Path) -> None:
    """The stored text of a .txt is its bytes, decoded, less the byte-order mark; both digests can be made again."""
    bulletin, data = parse(path), path.read_bytes()
    mark = next((m for m in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE) if data.startswith(m)), b"")
    encoding = "utf-16-le" if mark == codecs.BOM_UTF16_LE else bulletin.encoding
    assert mark + bulletin.text.encode(encoding.removesuffix("-sig")) == data
    assert bulletin.file_sha256 == hashlib.sha256(data).hexdigest()
    assert bulletin.sha256 == hashlib.sha256(bulletin.text.encode("utf-8")).hexdigest()


@pytest.mark.parametrize(
    ("words", "date"),
    [
        ("2024-03-11", (2024, 3, 11)),
        ("2024-03-11 09:30:15", (2024, 3, 11)),
        ("2024-03-11T09:30:15+08:00", (2024, 3, 11)),
        ("2024/3/1", (2024, 3, 1)),
        ("2024.03.11", (2024, 3, 11)),
        ("20240311", (2024, 3, 11)),
        ("2024年3月11日", (2024, 3, 11)),
        ("2024 年 3 月 11 日 星期一", (2024, 3, 11)),
        ("March 11, 2024", (2024, 3, 11)),
        ("Monday, March 11th, 2024", (2024, 3, 11)),
        ("Sept. 5, 2024, 10:30 a.m.", (2024, 9, 5)),
        ("11 March 2024", (2024, 3, 11)),
        ("11\u00a0Mar\u00a02024 10:30", (2024, 3, 11)),
        ("2024-02-30", None),
        ("2024-13-01", None),
        ("2024-03-111", None),
        ("2024-03", None),
        ("March 2024", None),
        ("March 11", None),
        ("03/04/2024", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_read_only_where_it_is_written_in_full(words: str | None, date: tuple[int, int, int] | None) -> None:
    """Year, month and day, in any usual order of words; what is missing, impossible or ambiguous gives None."""
    assert parse_date(words) == (dt.date(*date) if date else None)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("T One\nDate: 2024-03-11\nSource: The Office", ("T One", "2024-03-11", "The Office")),
        ("T One\nSource:The Office\nDate:2024-03-11", ("T One", "2024-03-11", "The Office")),
        ("T One\n\nDATE : 2024-03-11\n\nSOURCE : The Office", ("T One", "2024-03-11", "The Office")),
        ("T One\nDate：2024-03-11　Source：The Office", ("T One", "2024-03-11", "The Office")),
        ("T One\nDate: 2024-03-11 | Source: The Office | fontSize: big", ("T One", "2024-03-11", "The Office")),
        ("T One\n2024-03-11 10:00   Source: The Office", ("T One", "2024-03-11", "The Office")),
        ("T One\n2024-03-11", ("T One", "2024-03-11", None)),
        ("T One\n发布时间：2024-03-11 来源：The Office 【字体：大 中 小】", ("T One", "2024-03-11", "The Office")),
        ("T One\nRelease time: 2024-03-11\nSource: The Office\nViews: 12", ("T One", "2024-03-11", "The Office")),
        ("T One\nDate: 2024-02-30\nSource:", ("T One", None, None)),
        ("T One\nDate:\nSource: \u00a0", ("T One", None, None)),
        ("T One\nfontSize:\u00a0 big middle small", ("T One", None, None)),
        ("T One\nT Two\nDate: 2024-03-11", ("T One T Two", "2024-03-11", None)),
        ("T One\n\nT Two\n\nDate: 2024-03-11\n\nSource: The Office", ("T One T Two", "2024-03-11", "The Office")),
        ("Express\n\nT One\nDate: 2024-03-11", ("T One", "2024-03-11", None)),
        ("Home  Express  About Us\nT One\nDate: 2024-03-11", ("T One", "2024-03-11", None)),
        ("Home | Express\n\nYou are here: Home » Express\nT One\nDate: 2024-03-11", ("T One", "2024-03-11", None)),
        ("Foreign Affairs Office\nT One\nDate: 2024-03-11", ("T One", "2024-03-11", None)),
        ("photo 1.jpg\nChinese\nT One\nDate: 2024-03-11", ("T One", "2024-03-11", None)),
        ("One Bowed. Two Did Too.\nDate: 2024-03-11", ("One Bowed. Two Did Too.", "2024-03-11", None)),
        ("2024-01-01\nOther news\n\nT One\nDate: 2024-03-11", ("T One", "2024-03-11", None)),
        ("It went on. " * 50 + "\nDate: 2024-03-11", (None, "2024-03-11", None)),
        ("T One", ("T One", None, None)),
    ],
)
@pytest.mark.parametrize("end_of_line", ["\n", "\r\n", "\r"])
def test_headers_in_every_order_and_shape(
    head: str, expected: tuple[str | None, ...], end_of_line: str, tmp_path: Path
) -> None:
    """Order, spacing, colons, labels and line ends of the header change nothing."""
    bulletin = written(tmp_path, (head + BODY).replace("\n", end_of_line))
    assert stated(bulletin) == expected
    assert bulletin.body[0].of(bulletin.text) == "A robot greeted the guests at the gate on May 3."


def test_a_label_inside_the_body_is_no_header(tmp_path: Path) -> None:
    """A notice that gives the date of its event states no date of publication."""
    body = "Pupils\n\nA concert is given for them.\n\nDate: 2024-05-05\nSource: a spring\n\nAll are welcome."
    assert stated(written(tmp_path, body)) == ("Pupils", None, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_are_told_apart(encoding: str, tmp_path: Path) -> None:
    """The same words come out of every encoding that the office's files have."""
    words = "Tea for “Two”\n\nTea masters met in Maliandao （马连道） in Xicheng District.\n"
    bulletin = written(tmp_path, words.encode(encoding))
    assert (bulletin.text, bulletin.encoding) == (words, encoding)


@pytest.mark.parametrize(
    ("declared", "encoding", "used"),
    [
        ("gb2312", "gb18030", "gb18030"),
        ("GBK", "gb18030", "gb18030"),
        ("gb2312", "utf-8", "utf-8"),
        ("iso-8859-1", "utf-8", "utf-8"),
        ("no-such-charset", "gb18030", "gb18030"),
        ("utf-7", "utf-8", "utf-8"),
        ("unicode_escape", "gb18030", "gb18030"),
        ("rot13", "gb18030", "gb18030"),
    ],
)
def test_a_declared_charset_helps_and_a_wrong_one_does_no_harm(
    declared: str, encoding: str, used: str, tmp_path: Path
) -> None:
    """The bytes have the last word: nothing is turned into other characters in silence."""
    page = f'<meta charset="{declared}"><title>x</title><p>Tea masters met in 马连道, +AOk- \\u0041.</p>'
    bulletin = written(tmp_path, page.encode(encoding), "page.html")
    assert "马连道, +AOk- \\u0041." in bulletin.text
    assert bulletin.encoding == used


@pytest.mark.parametrize("declared", ["gb2312", "iso-8859-1"])
def test_utf8_is_taken_for_utf8_whatever_is_declared(declared: str, tmp_path: Path) -> None:
    """Its bytes could be read as other characters, too."""
    page = f'<meta charset="{declared}"><p>Guests met in the Café Pékin.</p>'
    assert written(tmp_path, page.encode(), "page.html").text == "Guests met in the Café Pékin."


def test_latin_letters_come_out_of_a_declared_western_charset(tmp_path: Path) -> None:
    """A page in windows-1252 keeps its accents."""
    page = '<meta charset="windows-1252"><p>Guests from Málaga met in “Café Pékin”.</p>'
    assert written(tmp_path, page.encode("cp1252"), "page.html").text == "Guests from Málaga met in “Café Pékin”."


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"\n \n", "holds no paragraph"),
        (b"\xef\xbb\xbf", "holds no paragraph"),
        ("\u00a0\u3000\u2003\u200b\n".encode(), "holds no paragraph"),
        (bytes(range(256)), "is not text"),
        (b"PK\x03\x04 and so on", "is not text"),
        ("Words without a mark".encode("utf-16-le"), "is not text"),
        ("Words \ud7ff".encode("utf-32"), "is not text"),
        (b"\xff\xfe\x41", "is not text"),
        (b"a" * (limits.MAX_TEXT_FILE_BYTES + 1), "is larger than"),
    ],
)
def test_what_is_no_bulletin_is_refused_in_one_line(content: bytes, what: str, tmp_path: Path) -> None:
    """The line names the file and what is wrong with it, and says what to do."""
    with pytest.raises(BulletinUnreadable) as caught:
        written(tmp_path, content)
    assert what in caught.value.what
    assert caught.value.where.endswith("bulletin.txt")
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


def test_missing_files_folders_and_other_formats_are_refused(tmp_path: Path) -> None:
    """Each in its own words."""
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "bulletin.odt").write_bytes(b"words")
    for name, what in [("none.txt", "no such file"), ("folder.txt", "is a folder"), ("bulletin.odt", "is not one of")]:
        with pytest.raises(BulletinUnreadable, match=what):
            parse(tmp_path / name)


def test_suffixes_count_in_any_case_and_a_name_can_be_given(tmp_path: Path) -> None:
    """A file saved as .HTM is a page; the bulletin goes by the name that it is given, else by the file's."""
    path = tmp_path / "PAGE.HTM"
    path.write_text("<h1>Tea</h1><p>Tea masters met on May 3.</p>", encoding="utf-8")
    assert parse(path).title == "Tea"
    assert [parse(path).name, parse(path, name="2024/page.htm").name] == ["PAGE.HTM", "2024/page.htm"]


def plain(words: str | None) -> str:
    """White space collapsed and quotation marks straightened, as the development set's gold is written."""
    return " ".join((words or "").translate(str.maketrans("“”‘’", "\"\"''")).split())


def keys(found: Iterable[tuple[Sequence[str], str | None]]) -> Counter[tuple[tuple[str, ...], str]]:
    return Counter((tuple(sorted(districts)), plain(heading).casefold()) for districts, heading in found)


def test_the_development_set_is_read_as_its_gold_says() -> None:
    """Title, date and source are right in 97 of 100 files at least, and the sections' F1 is 0.95 at least."""
    gold = read_gold(DEV / "sections.jsonl")
    right: Counter[str] = Counter()
    hit = wanted = given = 0
    for row in gold:
        bulletin = parse(DEV / "corpus" / row["bulletin"])
        for field, value in zip(("title", "date", "source"), stated(bulletin), strict=True):
            right[field] += plain(value) == plain(row[field])
        named = [s["district"] if s["district_from"] != "body" else None for s in row["sections"]]
        listed = [[name] if isinstance(name, str) else name or [] for name in named]
        want = keys(zip(listed, (s["heading"] for s in row["sections"]), strict=True))
        got = keys((s.districts, s.heading) for s in split_sections(bulletin) if s.role == "event")
        hit, wanted, given = hit + (want & got).total(), wanted + want.total(), given + got.total()
    assert {field: right[field] / len(gold) >= 0.97 for field in ("title", "date", "source")} == {
        "title": True,
        "date": True,
        "source": True,
    }
    assert 2 * hit / (wanted + given) >= 0.95


@pytest.mark.parametrize(
    ("data", "refused"),
    [
        (b"Caf\xe9 hours\nDate: 2024-01-01\n\nIt\x92s open at the caf\xe9s from May on.", True),
        ("Phoenix Ridge（凤凰岭）\n\nThe bell near Phoenix Ridge（凤凰岭）will be tested.".encode("gb18030"), False),
        ("GDP值\n\n他在Beijing举行了一次会议，介绍了iPhone版 的情况。".encode("gb18030"), False),
    ],
)
def test_western_bytes_are_not_taken_for_chinese(tmp_path: Path, data: bytes, refused: bool) -> None:
    """Windows-1252 passes as GB18030, with other characters in it: refused, never stored as if it were the text."""
    path = tmp_path / "bulletin.txt"
    path.write_bytes(data)
    if refused:
        with pytest.raises(BulletinUnreadable, match="not text"):
            parse(path)
    else:
        assert parse(path).encoding == "gb18030"
