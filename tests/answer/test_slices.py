"""What must hold for every text there is: nothing is lost, everything is a slice, and no input runs away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embeddings.encoder import Encoder
from rag import limits
from rag.errors import BulletinUnreadable
from rag.ingest.formats import FORMATS
from rag.ingest.parse import parse
from rag.ingest.passages import search_text, split_passages
from rag.ingest.sections import split_sections
from rag.models import Bulletin, Passage, Section, Span
from rag.text.sentences import split_sentences
from tests.support.effort import effort
from tests.support.paths import DEV, SEEDS

REAL = sorted([*SEEDS.iterdir(), *(DEV / "corpus").iterdir()])
MEGABYTE = 1_000_000
LONG_TEXT = effort(250_000, MEGABYTE)

# Pieces that bulletins are made of, and that their readers could stumble over.
PIECES = [
    *"\n \r\t\u00a0\u3000\u200b\ufeff\u2028.!?。！？…,;:：\"'“”()[]（）【】<>&|-—•*1I一é\U0001f600\u0301",
    *("\r\n", "\n\n", "   ", " and ", "No.", "U.S.", "Co., Ltd.", "12308", "2024-03-11", "Date:", "Source: The Office"),
    *("Haidian District", "Chaoyang", "海淀区", "BDA", "(Based on information from districts)", "Going forward, all"),
    *("Robots bow", "The guests bowed.", "他们来了。", "fontSize:", "Related Links", "Chinese", "Topics:", "Print"),
]
TAGS = [
    *"<p> </p> <div> </div> <br> <b> </b> <h1> </h1> <h3> </h3> <li> <ul> </ul> <table> </table> <tr> <td>".split(),
    *"<script> </script> <!-- --> <title> </title> <form> <head> <svg> <template> <![CDATA[".split(),
    *"<img> &nbsp; &lt; &#0; \0".split(" "),
    *('<div class="nav">', '<div class="TRS_Editor">', '<meta name="PubDate" content="2024-03-11">'),
    *('<p align="center">', '<p class="caption">'),
]
words = st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=200)
markup = st.lists(st.sampled_from(PIECES + TAGS), max_size=80).map("".join)
# The fixtures are folders and a model, which examples may share.
many = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(folder: Path, content: bytes, suffix: str) -> Bulletin | None:
    """The bulletin of a file, None where it is refused; any other error is the caller's to see."""
    path = folder / f"bulletin{suffix}"
    path.write_bytes(content)
    try:
        return parse(path)
    except BulletinUnreadable:
        return None


def visible(spans: Iterator[Span], text: str) -> list[int]:
    """Places of all characters in the spans that aren't white space, in order."""
    return [place for span in spans for place in range(span.start, span.end) if not text[place].isspace()]


def check_slices(bulletin: Bulletin, found: tuple[Section, ...], cuts: tuple[Passage, ...]) -> None:
    """Every span holds words of the text, and passages and sentences hold each paragraph's once."""
    text = bulletin.text
    spans = [*bulletin.body, *found, *cuts]
    spans += [span for part in (*found, *cuts) for span in part.paragraphs]
    spans += [sentence for passage in cuts for sentence in passage.sentences]
    assert all(0 <= span.start < span.end <= len(text) and span.of(text).strip() for span in spans)
    paragraphs = visible((p for section in found for p in section.paragraphs), text)
    assert len(set(paragraphs)) == len(paragraphs)
    assert visible(iter(cuts), text) == paragraphs
    assert visible((p for passage in cuts for p in passage.paragraphs), text) == paragraphs
    assert visible((s for passage in cuts for s in passage.sentences), text) == paragraphs


@many
@given(words)
def test_sentences_are_the_whole_text(text: str) -> None:
    """In order, without gap or overlap, none of them empty or endless."""
    spans = split_sentences(text)
    assert "".join(span.of(text) for span in spans) == text
    assert [span.start for span in spans[1:]] == [span.end for span in spans[:-1]]
    assert all(0 < len(span.of(text).strip()) <= limits.MAX_SENTENCE_CHARS or len(spans) == 1 for span in spans)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_bulletins_are_cut_without_loss(path: Path, encoder: Encoder) -> None:
    """Every passage is a slice that the encoder reads whole, and together they hold all that can be quoted."""
    bulletin = parse(path)
    found = split_sections(bulletin)
    cuts = split_passages(bulletin, found, encoder.count_tokens, encoder.max_tokens)
    check_slices(bulletin, found, cuts)
    assert max(encoder.count_tokens([search_text(passage, bulletin.text) for passage in cuts])) <= encoder.max_tokens
    for paragraph in (p.of(bulletin.text) for section in found for p in section.paragraphs):
        assert "".join(span.of(paragraph) for span in split_sentences(paragraph)) == paragraph


@pytest.mark.parametrize("suffix", FORMATS)
@many
@given(content=markup)
def test_made_up_bulletins_are_cut_without_loss(content: str, suffix: str, tmp_path: Path, encoder: Encoder) -> None:
    """The same of whatever pieces a file is made of."""
    bulletin = read(tmp_path, content.encode("utf-8"), suffix)
    if bulletin:
        found = split_sections(bulletin)
        cuts = split_passages(bulletin, found, encoder.count_tokens, encoder.max_tokens)
        check_slices(bulletin, found, cuts)
        sizes = encoder.count_tokens([search_text(passage, bulletin.text) for passage in cuts])
        assert all(size <= encoder.max_tokens for size in sizes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@many
@given(text=words.map(lambda text: "A 字 é " + text.replace("\ufeff", "")))
def test_a_text_comes_back_out_of_every_encoding(text: str, encoding: str, tmp_path: Path) -> None:
    """Character by character, with its line ends; a text of control characters is refused."""
    bulletin = read(tmp_path, text.encode(encoding), ".txt")
    assert bulletin is None or bulletin.text == text


@pytest.mark.parametrize("suffix", FORMATS)
@many
@given(content=st.binary(max_size=300) | markup.map(lambda page: page.encode("gb18030")))
def test_any_bytes_are_a_bulletin_or_a_named_refusal(content: bytes, suffix: str, tmp_path: Path) -> None:
    """No file raises anything else, neither when read nor when cut."""
    bulletin = read(tmp_path, content, suffix)
    if bulletin:
        assert all(section.of(bulletin.text) for section in split_sections(bulletin))


@many
@given(st.binary(max_size=100), st.sampled_from("utf-7 utf-16 idna unicode_escape hex undefined big5".split()))
def test_no_declared_charset_can_do_harm(tmp_path: Path, content: bytes, charset: str) -> None:
    """Python knows codecs that no page is written in."""
    bulletin = read(tmp_path, b'<meta charset="%s"><p>Guests came. ' % charset.encode() + content, ".html")
    assert bulletin is None or bulletin.text.encode("utf-8")


@pytest.mark.soak
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "piece",
    ["word ", "a", "(", ". ", "1. ", "U.S. ", "Haidian District ", "Date: ", "海淀区。", '"a." ', "home  ", "print   "],
)
def test_a_long_line_is_read_in_its_stride(piece: str, tmp_path: Path) -> None:
    """Time grows with length and no faster: the watchdog's minutes are many times what is needed."""
    check_long(tmp_path, piece * (LONG_TEXT // len(piece.encode())), ".txt")


@pytest.mark.soak
@pytest.mark.timeout(120)
@pytest.mark.parametrize("line", ["(", "Date:", "Haidian District", "Robots bow\n", "1. Robots", "Robots   4", "A b."])
def test_many_lines_are_read_in_their_stride(line: str, tmp_path: Path) -> None:
    """The same of short lines."""
    lines = effort(limits.MAX_BODY_LINES // 4, limits.MAX_BODY_LINES - 1)
    check_long(tmp_path, f"{line}\n" * lines, ".txt")


@pytest.mark.soak
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "piece",
    [
        *("<p>", "<p>Guests came.</p>", "a<br>", "<tr><td>a<td>b", "<", "&amp;", "<li>a", "<div>", "<b>", "<title> - "),
        *('<div class="content nav">a</div>', "<table><tr><td>a</td></tr></table>", "<h1>Date:</h1>", "<img><center>a"),
    ],
)
def test_much_markup_is_read_in_its_stride(piece: str, tmp_path: Path) -> None:
    """The same of pages."""
    check_long(tmp_path, piece * (LONG_TEXT // len(piece)), ".html")


@pytest.mark.timeout(120)
def test_the_largest_file_in_a_single_line_is_read(tmp_path: Path) -> None:
    """Four megabytes, of which nothing is lost."""
    bulletin = read(tmp_path, b"word " * (4 * MEGABYTE // 5), ".txt")
    assert bulletin
    (section,) = split_sections(bulletin)
    assert section.of(bulletin.text) == bulletin.text.strip()
    assert len(split_sentences(bulletin.text)) > 4 * MEGABYTE // limits.MAX_SENTENCE_CHARS


@pytest.mark.usefixtures("apart")
@pytest.mark.timeout(120)
@pytest.mark.parametrize(("suffix", "piece"), [(".txt", "(\n"), (".html", "a<br>")])
def test_more_lines_than_any_bulletin_has_are_refused_within_a_gigabyte(
    suffix: str, piece: str, tmp_path: Path
) -> None:
    """Each in one line: by their number, or by the time that they take on a busy machine."""
    path = tmp_path / f"bulletin{suffix}"
    path.write_text(piece * (4 * LONG_TEXT // len(piece)), encoding="utf-8")
    with pytest.raises(BulletinUnreadable) as refused:
        parse(path)
    assert refused.value.what in (f"holds over {limits.MAX_BODY_LINES:,} lines", "takes too long to read")


def check_long(folder: Path, content: str, suffix: str) -> None:
    """A file that is read is cut without loss."""
    bulletin = read(folder, f"{content}The guests came.".encode(), suffix)
    if bulletin:
        found = split_sections(bulletin)
        check_slices(
            bulletin, found, split_passages(bulletin, found, lambda texts: [len(t) // 4 + 2 for t in texts], 256)
        )
