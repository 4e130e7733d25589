"""Drafts as they come: text, Markdown, Word, and files that are none of these or do harm."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as Word
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from rag import limits
from rag.checking.drafts.find_quotations import find_quotations
from rag.checking.drafts.read_draft import Draft, draft_from_text, draft_to_text, read_draft
from rag.errors import DraftUnreadable


def word(fill: Callable[[Word], object]) -> bytes:
    document = Document()
    fill(document)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def told(data: bytes, name: str) -> str:
    with pytest.raises(DraftUnreadable) as refused:
        read_draft(data, name)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def quoted(draft: Draft) -> list[tuple[str, bool]]:
    return [(found.of(draft.text), found.block) for found in find_quotations(draft.text, draft.blocks)[0]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_is_decoded_as_bulletins_are(encoding: str) -> None:
    """With line feeds for its line breaks, and the marks of block quotations taken off."""
    written = "On May 3 he said “we came”.\r\n\r\n> They 来了 here.\r\n>> Inner.\r\n"
    draft = read_draft(written.encode(encoding), "Draft.TXT")
    assert draft.text == "On May 3 he said “we came”.\n\nThey 来了 here.\nInner.\n"
    assert draft.name == "Draft.TXT"
    assert quoted(draft) == [("we came", False), ("They 来了 here.\nInner.", True), ("Inner.", True)]
    assert draft.messages == ()


def test_emphasis_in_markdown_makes_no_difference_and_that_is_said() -> None:
    """In a .md file alone; stars and underscores that are no emphasis stay."""
    written = '*Note*: "We **really** came _here_ for 2 * 3 snake_case \\*s."'
    draft = read_draft(written.encode(), "x.md")
    assert quoted(draft) == [("We really came here for 2 * 3 snake_case *s.", False)]
    assert draft.messages == ("Markdown's marks of emphasis were taken off before checking.",)
    assert draft_from_text(written).text == written
    assert read_draft(b'> "Plain words"\n', "x.md").messages == ()


def test_a_draft_can_be_typed_again() -> None:
    """The page shows what it read in a form that is read the same way."""
    draft = read_draft("Before.\n\n> One “two”.\n>> Three.\n> Four.\n\nAfter.".encode(), "x.txt")
    again = draft_from_text(draft_to_text(draft))
    assert (again.text, again.blocks) == (draft.text, draft.blocks)


@pytest.mark.process
def test_word_documents_are_read_whole() -> None:
    """Paragraphs, tables, links, tracked insertions, content controls and footnotes, without what was deleted; what is
    styled as a quotation is one."""

    def fill(document: Word) -> None:
        document.add_paragraph("On May 3 he said ").add_run("“we came”").bold = True
        document.add_paragraph("Robots bowed.", style="Quote")
        document.add_paragraph("They left.", style="Intense Quote")
        document.add_paragraph("")
        document.add_table(1, 2).cell(0, 1).text = "In a “small cell”"
        tracked = document.add_paragraph("Now ")
        w = nsdecls("w")
        for mark, text in (("w:ins", "<w:t>“put in”</w:t>"), ("w:del", "<w:delText>“taken out”</w:delText>")):
            tracked._p.append(parse_xml(f'<{mark} {w} w:id="1" w:author="A"><w:r>{text}</w:r></{mark}>'))
        control = f"<w:sdt {w}><w:sdtContent><w:p><w:r><w:t>“in control”</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        document.element.body.insert(0, parse_xml(control))
        line = document.add_paragraph("“One\u00a0line").add_run()
        line.add_break()
        line.add_text("and the next”")
        note = "<w:p><w:r><w:t>“A foot note”</w:t></w:r></w:p>"
        notes = f'<w:footnotes {w}><w:footnote w:id="2">{note}</w:footnote></w:footnotes>'
        part = Part(
            PackURI("/word/footnotes.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
            notes.encode(),
            document.part.package,
        )
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)

    draft = read_draft(word(fill), "draft.docx")
    assert draft.text == (
        "“in control”\n\nOn May 3 he said “we came”\n\nRobots bowed.\n\nThey left.\n\nIn a “small cell”\n\nNow “put in”"
        "\n\n“One\u00a0line and the next”\n\n“A foot note”"
    )
    assert quoted(draft) == [
        ("in control", False),
        ("we came", False),
        ("Robots bowed.\n\nThey left.", True),
        ("small cell", False),
        ("put in", False),
        ("One\u00a0line and the next", False),
        ("A foot note", False),
    ]


def test_a_long_draft_is_cut_at_a_paragraph_and_that_is_said() -> None:
    """What is cut off isn't checked, and the message says so."""
    line = "He said “we came here”. " * 40 + "\n"
    text = line * (limits.MAX_DRAFT_CHARS // len(line) + 5)
    draft = draft_from_text(text)
    assert limits.MAX_DRAFT_CHARS - len(line) <= len(draft.text) <= limits.MAX_DRAFT_CHARS
    assert text.startswith(draft.text + "\n")
    counts = f"The draft has {len(text):,} characters; the first {len(draft.text):,} were checked."
    assert draft.messages == (f"{counts} Check the rest by itself.",)
    assert len(draft_from_text("“" + "a" * limits.MAX_DRAFT_CHARS).text) == limits.MAX_DRAFT_CHARS


@pytest.mark.process
@pytest.mark.parametrize(
    ("data", "name", "line"),
    [
        (b"", "a.txt", "a.txt: is empty (0 bytes). Save the draft again"),
        (b" \n ", "a.md", "a.md: holds no text. Paste or write what is to be checked"),
        (
            b"x" * (limits.MAX_DRAFT_BYTES + 1),
            "a.txt",
            "a.txt: is larger than 10,000,000 bytes. Paste its text, or split it",
        ),
        (b"%PDF-1.7 x", "a.pdf", "a.pdf: is a PDF, whose lines and columns hide quotations. Paste its text"),
        (b"words", "a.odt", "a.odt: is not one of .txt, .md, .docx. Save it as one of them, or paste its text"),
        (b"words", "", "the file: is not one of .txt, .md, .docx. Save it as one of them, or paste its text"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
            "a.doc",
            "a.doc: is in Word's format of before 2007. Save it as .docx",
        ),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "a.docx",
            "a.docx: is protected by a password. Save it without one",
        ),
        (b"PK\x03\x04 zip", "a.txt", "a.txt: is not text. Name it .docx if it is a Word document"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_draft_is_refused_in_one_line(data: bytes, name: str, line: str) -> None:
    """Which file, what is wrong with it, what to do."""
    assert told(data, name) == line


def test_bytes_that_are_no_text_are_refused() -> None:
    """As for bulletins, nothing is mended in silence."""
    assert told(bytes(range(256)) * 4, "a.txt").startswith("a.txt: is not text in UTF-8")


@pytest.mark.process
def test_a_damaged_document_is_refused() -> None:
    """No archive, cut off, with a part that is no XML, without its main part, or another kind of archive."""
    whole = word(lambda document: document.add_paragraph("“We came.”"))
    broken = _with(whole, "word/document.xml", b"<w:document")
    for data in (b"no zip", whole[: len(whole) // 2], broken, _with(whole, None, b"x")):
        assert told(data, "a.docx") == (
            "a.docx: is damaged, or is not a Word document. Open it in Word and save it again"
        )
    assert told(word(lambda document: None), "a.docx") == "a.docx: holds no text. Check that it is the draft"


@pytest.mark.process
def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    """By what its directory says: too tightly packed, too large, too many parts."""
    whole = word(lambda document: document.add_paragraph("“We came.”"))
    assert "would unpack to" in told(_with(whole, "word/media/x.bin", bytes(20_000_000)), "a.docx")
    loose = bytes(range(256)) * 240_000
    assert "would unpack to" in told(_with(whole, "word/media/x.bin", loose), "a.docx")
    many = io.BytesIO(whole)
    with zipfile.ZipFile(many, "a") as archive:
        for number in range(2_000):
            archive.writestr(f"x{number}", b"")
    assert "in 2,0" in told(many.getvalue(), "a.docx")


@pytest.mark.process
def test_a_bomb_whose_directory_lies_is_refused() -> None:
    """It says that it is small: no more than that is unpacked, and then it is damaged."""
    part = b"<w:document>" + b" " * 40_000_000
    data = bytearray(_with(word(lambda document: None), "word/document.xml", part))
    size = struct.pack("<I", len(part))
    at = data.find(size)
    while at >= 0:
        data[at : at + 4] = struct.pack("<I", 1_000)
        at = data.find(size)
    assert zipfile.ZipFile(io.BytesIO(bytes(data))).getinfo("word/document.xml").file_size == 1_000
    assert "is damaged" in told(bytes(data), "a.docx")


@pytest.mark.process
def test_entities_are_not_expanded() -> None:
    """Neither a billion laughs nor a file of this machine comes into the text."""
    secret = Path(__file__).as_uri()
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    w = nsdecls("w")
    head = f'<!DOCTYPE x [<!ENTITY a0 "ha"><!ENTITY f SYSTEM "{secret}">{entities}]>'
    body = f"<w:document {w}><w:body><w:p><w:r><w:t>“We came &a8; &f;”</w:t></w:r></w:p></w:body></w:document>"
    data = _with(word(lambda document: None), "word/document.xml", (head + body).encode())
    try:
        text = read_draft(data, "a.docx").text
    except DraftUnreadable as refused:
        text = str(refused)
    assert "haha" not in text
    assert "entities" not in text


def _with(document: bytes, part: str | None, data: bytes) -> bytes:
    """The archive with one part of it replaced or added; without a name its main part is left out."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename != (part or "word/document.xml"):
                new.writestr(entry, old.read(entry))
        if part:
            new.writestr(part, data)
    return written.getvalue()
