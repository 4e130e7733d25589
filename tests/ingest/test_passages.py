"""Sections cut into what the encoder can read at once, with nothing lost and nothing changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rag.ingest.parse import parse
from rag.ingest.passages import normalize, search_text, split_passages
from rag.ingest.sections import split_sections
from rag.models import Bulletin, Passage

HEAD = "Robots\nDate: 2024-03-11\nSource: The Office\n\n"


def count_words(texts: Sequence[str]) -> list[int]:
    """A word, a word piece; two more for the whole, as encoders add."""
    return [len(text.split()) + 2 for text in texts]


def cut(folder: Path, body: str, room: int, head: str = HEAD) -> tuple[Bulletin, tuple[Passage, ...]]:
    path = folder / "bulletin.txt"
    path.write_text(head + body, encoding="utf-8")
    bulletin = parse(path)
    return bulletin, split_passages(bulletin, split_sections(bulletin), count_words, room)


def test_short_paragraphs_share_a_passage(tmp_path: Path) -> None:
    """As many whole paragraphs as there is room for."""
    bulletin, found = cut(tmp_path, "One bowed.\n\nTwo bowed.\n\nThree bowed.", 8)
    assert [passage.of(bulletin.text) for passage in found] == ["One bowed.\n\nTwo bowed.", "Three bowed."]
    assert [len(passage.paragraphs) for passage in found] == [2, 1]


def test_a_long_paragraph_is_cut_at_sentence_ends(tmp_path: Path) -> None:
    """Never inside a sentence that fits."""
    body = "One robot bowed. Two robots bowed.  Three robots bowed low. Four bowed."
    bulletin, found = cut(tmp_path, body, 10)
    assert [passage.of(bulletin.text) for passage in found] == [
        "One robot bowed. Two robots bowed.",
        "Three robots bowed low. Four bowed.",
    ]
    assert [[s.of(bulletin.text) for s in passage.sentences] for passage in found] == [
        ["One robot bowed.", "Two robots bowed."],
        ["Three robots bowed low.", "Four bowed."],
    ]


def test_a_sentence_without_end_is_cut_between_words(tmp_path: Path) -> None:
    """Each passage keeps within the room, and together they hold every word."""
    body = "robots bowed and " * 60 + "went."
    bulletin, found = cut(tmp_path, body, 20)
    assert max(count_words([search_text(passage, bulletin.text) for passage in found])) <= 20
    assert " ".join(passage.of(bulletin.text) for passage in found) == body


def test_a_context_without_end_leaves_room_for_the_words(tmp_path: Path) -> None:
    """A title of a hundred words is cut for the search, not in the bulletin."""
    title = "A Robot and " * 30 + "Guests"
    bulletin, found = cut(tmp_path, "One bowed.\n\nTwo bowed.", 60, f"{title}\nDate: 2024-03-11\n\n")
    assert bulletin.title == title
    assert [passage.of(bulletin.text) for passage in found] == ["One bowed.\n\nTwo bowed."]
    assert count_words([search_text(found[0], bulletin.text)])[0] <= 60


def test_no_passage_reaches_over_a_caption(tmp_path: Path) -> None:
    """What stands between two paragraphs and can't be quoted parts them."""
    captions = "Haidian District          Daxing District"
    body = f"At school\n\nOne bowed.\n\n{captions}\n\nTwo bowed.\n\nAt work\n\nThree bowed."
    bulletin, found = cut(tmp_path, body, 99)
    assert [passage.of(bulletin.text) for passage in found] == ["One bowed.", "Two bowed.", "Three bowed."]


def test_a_passage_knows_where_it_stands(tmp_path: Path) -> None:
    """Its bulletin, section, heading and districts, and apart from these the districts that its words name."""
    body = "Spring came to Miyun.\n\nHaidian District\n\nRobots bow\n\nGuests came from Daxing and from E-Town."
    _, found = cut(tmp_path, body, 99)
    assert [(p.bulletin, p.section, p.districts, p.heading) for p in found] == [
        ("bulletin.txt", 0, (), None),
        ("bulletin.txt", 1, ("Haidian District",), "Robots bow"),
    ]
    assert [passage.mentions for passage in found] == [
        ("Miyun District",),
        ("Daxing District", "Beijing Economic-Technological Development Area"),
    ]


def test_the_encoder_reads_title_district_and_heading_too(tmp_path: Path) -> None:
    """Those of its own section, in a round-up of several districts too; what there isn't is left out."""
    bulletin, found = cut(tmp_path, "Haidian District\n\nRobots bow\n\nGuests\u00a0came.", 99)
    assert search_text(found[0], bulletin.text) == ("Robots. Haidian District. Robots bow. Guests came.")
    round_up = "Spring came.\n\nHaidian District\n\nRobots bow\n\nGuests came.\n\nDaxing District\n\nMelons were cut."
    bulletin, found = cut(tmp_path, round_up, 99)
    assert [search_text(passage, bulletin.text) for passage in found] == [
        "Robots. Spring came.",
        "Robots. Haidian District. Robots bow. Guests came.",
        "Robots. Daxing District. Melons were cut.",
    ]


def test_words_are_cleaned_for_searching_only(tmp_path: Path) -> None:
    """Full-width signs and odd spaces are folded for the encoder and kept in the passage."""
    assert normalize("ＡＢＣ，\u3000x\u00a0 y\n") == "ABC, x y"
    bulletin, found = cut(tmp_path, "Guests\u00a0came，  and bowed.", 99)
    assert found[0].of(bulletin.text) == "Guests\u00a0came，  and bowed."


def test_a_bulletin_of_captions_only_has_no_passages(tmp_path: Path) -> None:
    """Nothing to quote is no error."""
    assert cut(tmp_path, "Haidian District     Daxing District", 99)[1] == ()
