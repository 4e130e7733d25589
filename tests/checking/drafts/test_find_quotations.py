"""Which words of a draft are quoted: marks of many kinds, apostrophes, block quotations, and marks left open."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import limits
from rag.checking.drafts.find_quotations import find_quotations
from rag.checking.drafts.quotation_marks import MARKS
from rag.models import Span
from tests.support.effort import effort


def quoted(text: str) -> list[str]:
    return [found.of(text) for found in find_quotations(text)[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('He said "We came. We saw." and left.', ["We came. We saw."]),
        ("He said “We came,” and then “we saw”.", ["We came,", "we saw"]),
        ("«Nous voici» et « nous restons ».", ["Nous voici", "nous restons"]),
        ("„Wir kamen an“, und »wir sahen es«, ‹so weit›.", ["Wir kamen an", "wir sahen es", "so weit"]),
        ("Er war ‚ganz klar‘ da.", ["ganz klar"]),
        ("Powiedział „dzień dobry” i poszedł.", ["dzień dobry"]),
        ("”Hej där du” sa han.", ["Hej där du"]),
        ('他说：「我们来了。」她说"你好朋友"。『再见』', ["我们来了。", "你好朋友", "再见"]),
        ("＂We came＂ said they.", ["We came"]),
        ('“Opened so and closed so" and "so on”.', ["Opened so and closed so", "so on"]),
        ("“Hello there“ she said.", ["Hello there"]),
        ('said:"we came" and—"we saw"—left', ["we came", "we saw"]),
        ('("in brackets") [“so too”] *"stressed"*', ["in brackets", "so too", "stressed"]),
    ],
)
def test_marks_of_every_kind_are_found(text: str, expected: list[str]) -> None:
    """Straight and curly ones, those of other languages, and ones that are mixed up."""
    assert quoted(text) == expected
    assert find_quotations(text)[1] == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'The first shipment is due before Mother's Day.'", ["The first shipment is due before Mother's Day."]),
        ("‘The guests’ rooms were clean,’ he said.", ["The guests’ rooms were clean,"]),
        ("'The guests' rooms were clean' he said.", ["The guests' rooms were clean"]),
        ("The guests' rooms and the hosts’ cars.", []),
        ("The '90s, the ’90s, the ‘90s; 'tis, ’twas; rock 'n' roll; class of '98.", []),
        ("A man of 5'10\", a pipe of 12\", 6' tall.", []),
        ('"A 12" pipe for a man of 5\'10" came," she said.', ['A 12" pipe for a man of 5\'10" came,']),
        ('"It opened in 2023" was the news.', ["It opened in 2023"]),
        ("'60 interpreters worked here.' So in '98.", ["60 interpreters worked here."]),
        ("In the 'hood they don't mind.", []),
        ("“Don’t touch the ’hood,” he said.", ["Don’t touch the ’hood,"]),
    ],
)
def test_apostrophes_feet_and_inches_are_no_quotation_marks(text: str, expected: list[str]) -> None:
    """Inside words, at their beginning and at their end."""
    assert quoted(text) == expected
    assert find_quotations(text)[1] == ()


def test_quotations_inside_quotations_know_the_one_around_them() -> None:
    """To any depth; words within two pairs of marks are one quotation."""
    text = "He: “She said ‘they called “come here” twice’ then.” And “‘we came’”."
    found, messages = find_quotations(text)
    assert [(q.of(text), q.outer) for q in found] == [
        ("She said ‘they called “come here” twice’ then.", None),
        ("they called “come here” twice", 0),
        ("come here", 1),
        ("we came", None),
    ]
    assert {q.clause for q in found[:3]} == {found[0].clause}
    assert messages == ()


def test_a_quotation_runs_over_paragraphs_that_begin_with_its_mark() -> None:
    """Each opens with the mark, the last one closes; a line break alone doesn't end a quotation either."""
    assert quoted("“We came.\n\n“We saw,” he said.") == ["We came.\n\n“We saw,"]
    assert quoted('The page: "Robots came.\nThey bowed." So there.') == ["Robots came.\nThey bowed."]
    wrapped = (
        'The district wrote in its bulletin that "sixty-five residents of the\r\nsubdistrict attended a class on what'
        ' to do\r\nabroad" and left.'
    )
    assert len(quoted(wrapped)) == 1


def test_an_unclosed_mark_is_told_and_swallows_nothing() -> None:
    """It ends with its paragraph; its words count where they are three or more; the quotations after it are found."""
    text = "One.\n\n“We came to see the robots.\n\nThen “another quotation here” stands.\n\nA “slip.\n\nLast one here.”"
    found, messages = find_quotations(text)
    assert [q.of(text) for q in found] == ["We came to see the robots.", "another quotation here"]
    assert messages == (
        "Line 3: nothing closes the quotation that begins “We came to see the robots.”;"
        " it was checked to the end of its paragraph.",
        "Line 7: nothing closes the quotation that begins “slip.”; it was not checked.",
        "Line 9: nothing opens the quotation that ends “Last one here.”; it was not checked.",
    )


def test_announced_speech_in_single_marks_is_told_when_nothing_closes_it() -> None:
    """An apostrophe before a capital elsewhere is a name's or an elision's."""
    found, messages = find_quotations("He said: 'We came to stay here.")
    assert len(found) == len(messages) == 1
    assert find_quotations("The ‘Abd family and the 'Hood.") == ((), ())


def test_lines_that_begin_with_a_mark_of_quotation_are_a_block() -> None:
    """With those inside them; the line that says whose words they are is left out, and counts as said about them."""
    text = "On May 3:\n\n> Twenty robots “bowed low” twice.\n>> They left.\n> — Beijing FAO, May 4\n\nAfter."
    found, messages = find_quotations(text)
    assert [(q.of(text), q.block, q.outer) for q in found] == [
        ("Twenty robots “bowed low” twice.\n>> They left.", True, None),
        ("bowed low", False, 0),
        ("They left.", True, 0),
    ]
    clause = found[0].clause
    assert clause
    assert clause.of(text).startswith("On May 3:")
    assert clause.of(text).endswith("— Beijing FAO, May 4")
    assert messages == ()


def test_a_block_wholly_in_marks_is_one_quotation() -> None:
    """Whether lines or the draft's file say that it is a block."""
    assert [(q.of(t), q.block) for t in ["> “We came.”"] for q in find_quotations(t)[0]] == [("We came.", True)]
    text = "Before.\n\n“We came to see.”\n— Miyun\n\nAfter “that day”."
    block = Span(text.index("“We"), text.index("\n\nAfter"))
    found, _ = find_quotations(text, [block])
    assert [(q.of(text), q.block) for q in found] == [("We came to see.", True), ("that day", False)]


def test_what_holds_no_word_is_no_quotation() -> None:
    """Empty marks, dots, and no marks at all."""
    assert find_quotations('"" “ ” "…" «?» ``') == ((), ())
    assert find_quotations("") == find_quotations("\n\n  \n") == find_quotations("> \n>\n") == ((), ())


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("Off. On May 3 he said “A b. C d.” in Miyun. Next.", "On May 3 he said “A b. C d.” in Miyun. "),
        ("Off. He said “We came here.” (June 20, 2025) Next one.", "He said “We came here.” (June 20, 2025)"),
        ("Off it is. “We came here.” — Miyun, May 3. Next one.", "“We came here.” — Miyun, May 3. "),
        ("Off.\n\nHaidian wrote on May 3:\n\n“We came here.”\n\nNext.", "Haidian wrote on May 3:\n\n“We came here.”"),
        ("It opened (May 3). “We came here.” Next one.", "It opened (May 3). “We came here.” "),
        ("Others “stay put.” “We came here.” Next one.", "“We came here.” "),
    ],
)
def test_the_clause_is_what_says_something_about_the_quotation(text: str, clause: str) -> None:
    """Its sentence, a line before it that ends with a colon, a note in brackets or behind a dash; where it stands
    alone, the sentence before it."""
    found = [q for q in find_quotations(text)[0] if q.of(text).startswith(("We", "A b"))]
    assert [q.clause.of(text) for q in found if q.clause] == [clause]


PIECES = st.sampled_from([*MARKS, *"aB1s .,:\n>—-(好", "\n\n", " word", "“We came”", "'s ", "> "])


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_spans_are_ordered_and_nested_whatever_the_text(text: str) -> None:
    """Each lies inside the text and its clause, apart from its neighbours or inside the one named, and has no white
    space at its ends."""
    found, _ = find_quotations(text)
    assert list(found) == sorted(found, key=lambda q: (q.start, -q.end))
    for number, q in enumerate(found):
        assert 0 <= q.start < q.end <= len(text)
        assert q.of(text) == q.of(text).strip()
        assert any(c.isalnum() for c in q.of(text))
        assert q.clause
        assert 0 <= q.clause.start <= q.start < q.end <= q.clause.end <= len(text)
        outer = [p for p, other in enumerate(found) if p != number and other.start <= q.start and q.end <= other.end]
        assert q.outer == (max(outer) if outer else None)
        for other in found[number + 1 :]:
            assert other.start >= q.end or other.end <= q.end
    assert len({(q.start, q.end) for q in found}) == len(found)


MANY = effort(25_000, 100_000)


@pytest.mark.soak
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    ['"' * MANY, "“" * MANY, "' " * MANY, ">" * MANY, "“ a‘s «" * (MANY // 2), '1" a' * MANY, "a\n" * (2 * MANY)],
)
def test_no_text_hangs(text: str) -> None:
    """Time grows with the text's length, not with its square."""
    found, messages = find_quotations(text)
    assert len(found) < 100
    assert len(messages) <= 21


def test_a_sentence_without_end_is_read_near_its_quotations() -> None:
    """Else each of its quotations would cost the whole of it."""
    found, _ = find_quotations("'a' " * 2_500)
    assert len(found) == 2_500
    assert max(one.clause.end - one.clause.start for one in found if one.clause) <= 2 * limits.MAX_CLAUSE_CHARS + len(
        "'a'"
    )


def test_what_is_quoted_in_a_long_quotation_is_read_by_itself() -> None:
    """In a short one it is read with what is said of that."""
    short, long = (f"In May 2024 she said: “We heard ‘so it is’ {'again ' * times}”" for times in (3, 1_000))
    assert len({found.clause for found in find_quotations(short)[0]}) == 1
    outer, inner = find_quotations(long)[0]
    assert outer.clause
    assert inner.clause
    assert (
        inner.clause.end - inner.clause.start
        <= inner.end - inner.start + 2 * limits.MAX_CLAUSE_CHARS
        < outer.end - outer.start
    )
