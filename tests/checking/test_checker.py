"""The verdict engine: what each verdict takes, what exact-normalised allows, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import limits
from rag.checking.attribution import parse_claims
from rag.checking.checker import Checker
from rag.checking.models import CheckedQuotation
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import build_library

MARCH = bulletin_text(
    "2024-03-11",
    "Spring has come to the districts since March 2.",
    "Haidian District",
    "Robots greet the guests",
    "Twenty-five robots greeted 1,200 guests from Norway on March 3 — they bowed twice. “Now I’d like one,” said the"
    " envoy’s daughter. The visitors did not touch the robots’ arms. Costs rose by 4.3% to 310,000 yuan, of which"
    " a third was donated by the guesthouses of the village.",
    "A lunch of dumplings rounded off the visit; the youngest guest, a boy of seven, ate twelve of them.",
    "Pinggu District",
    "Peaches for Lisbon",
    "A freight train with 40 tonnes of peaches left Mafang for Lisbon on March 4. It will take three weeks （with two"
    " stops）, and the customs officers sealed every wagon.",
    "The hotline for residents is 12308 and costs nothing.",
    title="What's New in All Districts",
)
MAY = bulletin_text(
    "2024-05-20",
    "Shunyi District",
    "A window for talents opened on May 6 at the airport. Permits and 19 other matters are settled at one counter."
    " 领事保护热线是12308全天开放。",
    "The hotline for residents is 12308 and costs nothing.",
    title="Shunyi Opens a Window for Talents",
    source="Foreign Affairs Office of Shunyi District",
)
COPIED = bulletin_text(
    "2024-01-05", "Daxing District", "Forty singers sang  in the hall of the old “Tea House” on January 3."
)
COPY = COPIED.replace("2024-01-05", "2024-01-08").replace("“Tea House”", '"Tea House"').replace("  ", " ")
CUT = bulletin_text(
    None,
    "The committee of the park - a non-profit body - met at a depth of -5 metres for $300 a day and  a 10-day stay.",
)
UNSEEN = bulletin_text(
    "2023-02-02", "The con\u200bsul answered all the ques\u00adtions in the library.", "A \u0430lready Cyrillic word."
)


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    folder = tmp_path_factory.mktemp("check")
    return Checker(build_library(folder, march=MARCH, may=MAY, copied=COPIED, copy=COPY, cut=CUT, unseen=UNSEEN))


def verdict(checker: Checker, quote: str, **claims: str) -> CheckedQuotation:
    """The verdict of words, with what is claimed of them; the true words are a slice of what is stored."""
    claimed = parse_claims(*(claims.get(kind) for kind in ("date", "title", "district")))
    (row,) = checker.check(quote, quote=quote, claims=claimed).rows
    for place in (*([row.citation] if row.citation else []), *row.fragments, *row.other_sources):
        assert checker.library.text(place.sha256)[place.start : place.end] == place.text
    return row


@pytest.mark.parametrize(
    "quote",
    [
        "Twenty-five robots greeted 1,200 guests",
        "they bowed twice. “Now I’d like one,” said the envoy’s daughter.",
        "“Now I’d like one,” said",
        "What's New in All Districts",  # a headline
        "Robots greet the guests",
        "领事保护热线是12308全天开放。",
        "  sealed every wagon.  ",
        "a non-profit body",
        "con\u200bsul answered all the ques\u00adtions",
        "\u0430lready Cyrillic",
    ],
)
def test_words_that_stand_as_they_are_are_exact(checker: Checker, quote: str) -> None:
    """Headlines, Chinese, odd characters of the source's own, and a quotation's own marks included."""
    row = verdict(checker, quote)
    assert (row.verdict, row.citation.text if row.citation else None) == ("exact", quote.strip())


NORMALISED = {
    "white space": ("Twenty-five  robots\u00a0greeted\n1,200 guests", "white space"),
    "white space beside a dash": ("March 3—they bowed twice", "white space"),
    "double spaces of the source": ("$300 a day and a 10-day stay", "white space"),
    "quotation marks": ("\"Now I'd like one,\" said the envoy's daughter.", "quotation marks"),
    "their nesting": ("‘Now I’d like one,’ said", "quotation marks"),
    "left out round a word": ("Now I’d like one, said the", "quotation marks"),
    "opened before a word": ("“Twenty-five robots” greeted 1,200 guests", "quotation marks"),
    "corner brackets": ("「Now I’d like one,」 said the", "quotation marks"),
    "hyphens": ("Twenty\u2011five robots", "dashes or hyphens"),
    "dashes": ("March 3 -- they bowed twice", "dashes or hyphens"),
    "full-width forms": ("three weeks (with two stops), and", "full-width forms"),
    "full-width letters": ("Ｒobots greet the guests", "full-width forms"),
    "the first letter's case": ("twenty-five robots greeted", "the first letter's case"),
    "punctuation added at the end": ("Twenty-five robots greeted.", "the punctuation at the end"),
    "punctuation changed at the end": (
        "A window for talents opened on May 6 at the airport!",
        "the punctuation at the end",
    ),
    "three points at the end": ("Twenty-five robots greeted …", "the punctuation at the end"),
    "characters without room in the source": ("consul answered all the questions", "characters that take no room"),
}


@pytest.mark.parametrize("name", NORMALISED)
def test_exact_normalised_allows_a_closed_list(checker: Checker, name: str) -> None:
    """Each member of the list by itself, named in the explanation."""
    quote, member = NORMALISED[name]
    row = verdict(checker, quote)
    assert row.verdict == "exact-normalised", row.explanation
    assert member in row.explanation.split("differ only in ")[1]
    assert row.differences == ()


def test_an_accent_is_one_character_or_two(tmp_path: Path) -> None:
    """Canonically equivalent spellings of a letter are the same letter."""
    checker = Checker(
        build_library(tmp_path, one=bulletin_text("2024-01-01", "Jelena Petkovi\u0107 visited the old centre."))
    )
    row = verdict(checker, "Jelena Petkovic\u0301 visited")
    assert (row.verdict, row.citation and row.citation.text) == ("exact-normalised", "Jelena Petkovi\u0107 visited")
    assert "accented letters" in row.explanation


@pytest.mark.parametrize(
    ("quote", "claimed", "true", "of"),
    [
        ("Twenty-six robots greeted 1,200 guests", "six", "five", "number"),
        ("robots greeted 1,300 guests from Norway", "1,300", "1,200", "number"),
        ("robots greeted 1200 guests from Norway", "1200", "1,200", "number"),
        ("of which half was donated by the guesthouses", "half", "a third", "word"),
        ("greeted 1,200 guests from Sweden on March 3", "Sweden", "Norway", "name"),
        ("The visitors did touch the robots’ arms", "", "not", "negation"),
        ("the customs officers never sealed every wagon", "never", "", "negation"),
        ("A freight train with 40 tonnes left Mafang for Lisbon", "", "of peaches", "word"),
        ("A freight train with fully 40 tonnes of peaches", "fully", "", "word"),
        ("robots greeted 1,200 Guests from Norway", "Guests", "guests", "case"),
        ("Twenty five robots greeted 1,200 guests", "", "-", "punctuation"),
        ("robots greeted, 1,200 guests from Norway", ",", "", "punctuation"),
        ("Costs rose by 4.3 to 310,000 yuan", "", "%", "punctuation"),
        ("said the envoys daughter. The visitors did not", "envoys", "envoy’s", "word"),
        ("the committee of the park — a nonprofit body", "nonprofit", "non-profit", "word"),
        ("领事保护热线不是12308全天开放。", "不", "", "negation"),
    ],
)
def test_changed_words_are_altered(checker: Checker, quote: str, claimed: str, true: str, of: str) -> None:
    """What was changed, added or dropped stands in the differences, by its kind, and in the explanation."""
    row = verdict(checker, quote)
    assert row.verdict == "altered", row.explanation
    assert [(d.claimed, d.true, d.kind) for d in row.differences] == [(claimed, true, of)]
    assert all(word in row.explanation for word in (claimed, true) if word)


@pytest.mark.parametrize(
    ("quote", "whole"),
    [
        ("five robots greeted 1,200 guests from Norway", "Twenty-five robots"),
        ("200 guests from Norway on March 3", "1,200 guests"),
        ("of the visitors did not touch the robots’ arms. Costs rose by 4", "4.3%"),
        ("touch the robots’ arms. Costs rose by 4.3", "4.3%"),
        ("profit body - met at a depth of", "non-profit"),
        ("5 metres for $300 a day", "-5 metres"),
        ("300 a day and  a 10-day stay", "$300"),
        ("metres for $300 a day and a 10", "10-day"),
        ("obots greeted 1,200 guests from Norway on", "robots"),
        ("met at a depth of -5 metre", "metres"),
        ("they bowed twice. “Now I", "I’d"),
    ],
)
def test_a_number_or_a_word_cut_short_is_not_exact(checker: Checker, quote: str, whole: str) -> None:
    """ "five" isn't "Twenty-five", "000" no number, and "4" not "4.3%"; the true words are shown whole."""
    row = verdict(checker, quote)
    assert row.verdict == "altered", row.explanation
    assert row.citation
    assert whole in row.citation.text
    assert row.differences


@pytest.mark.parametrize(
    ("quote", "character"),
    [
        ("Twenty-five robots greet\u200bed 1,200 guests", "U+200B ZERO WIDTH SPACE"),
        ("Twenty-five robots \u202egreeted 1,200 guests", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\ufeffTwenty-five robots greeted 1,200 guests", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("Twenty-five r\u043ebots greeted 1,200 guests", "U+043E CYRILLIC SMALL LETTER O"),
        ("Twenty-five \U0001d42bobots greeted 1,200 guests", "MATHEMATICAL BOLD SMALL R"),
        ("Twenty-five r\u043e\u200bbots greeted 1,300 guests", "U+043E CYRILLIC SMALL LETTER O"),
    ],
)
def test_characters_that_deceive_are_named(checker: Checker, quote: str, character: str) -> None:
    """Zero width, bidi controls and look-alikes make a quotation altered."""
    row = verdict(checker, quote)
    assert row.verdict == "altered"
    assert character in row.explanation


def test_many_deceiving_characters_are_counted(checker: Checker) -> None:
    """Three are named."""
    row = verdict(checker, "Twenty-five\u200b rob\u200cots\u200d gree\u2060ted\ufeff 1,200 guests")
    assert row.verdict == "altered"
    assert "and 2 more" in row.explanation


@pytest.mark.parametrize(
    ("quote", "claimed", "true"),
    [
        ("It [the train] will take three weeks", "[the train]", ""),
        ("[The train] will take three weeks", "[The train]", "It"),
        ("“Now [she would] like one,” said the envoy’s daughter", "[she would]", "I’d"),
        ("[a] freight train with 40 tonnes of peaches left", "[a]", "A"),
        ("[t]he visitors did not touch the robots’ arms", "[t]he", "The"),
    ],
)
def test_a_bracketed_insertion_is_altered(checker: Checker, quote: str, claimed: str, true: str) -> None:
    """The difference is marked as the draft's own bracket."""
    row = verdict(checker, quote)
    assert row.verdict == "altered"
    assert [(d.operation, d.claimed, d.true) for d in row.differences] == [("bracket", claimed, true)]
    assert "in brackets" in row.explanation


@pytest.mark.parametrize(
    "quote",
    [
        "Twenty-five robots greeted 1,200 guests; the youngest guest, a boy of seven, ate twelve of them.",
        "A freight train with 40 tonnes of peaches left, ate twelve of them and greeted 1,200 guests from Norway",
        "Twenty-five robots greeted 1,200 guests at the airport. Permits and 19 other matters are settled.",
        "Permits and 19 other matters are settled at one counter. A window for talents opened on May 6",
        "of which a third was donated. It will take three weeks",
    ],
)
def test_pieces_joined_without_an_ellipsis_are_spliced(checker: Checker, quote: str) -> None:
    """Pieces of different sentences, of different bulletins, or in another order."""
    row = verdict(checker, quote)
    assert row.verdict == "spliced", row.explanation
    assert len(row.fragments) > 1
    assert "without an ellipsis" in row.explanation
    assert row.citation


def test_a_splice_is_told_though_one_bulletin_has_something_of_all(tmp_path: Path) -> None:
    """Two sources that have every word explain a quotation better than one that differs in several."""
    one = "In 2023, a total of 158 talks on consular protection were held in the city."
    other = "The year 2023 saw 185 talks on consular protection, and 412 cases of citizens overseas were handled."
    checker = Checker(build_library(tmp_path, a=bulletin_text("2024-01-01", one), b=bulletin_text("2024-01-02", other)))
    row = verdict(checker, f"{one[:-1]}, and 412 cases of citizens overseas were handled.")
    assert row.verdict == "spliced", row.explanation
    assert [piece.bulletin for piece in row.fragments] == ["a.txt", "b.txt"]


@pytest.mark.parametrize(
    ("quote", "said"),
    [
        ("ate twelve of them … Twenty-five robots greeted 1,200 guests", "another order"),
        ("Twenty-five robots greeted … and 19 other matters are settled at one counter", "2 bulletins"),
    ],
)
def test_an_ellipsis_between_the_wrong_pieces_is_spliced(checker: Checker, quote: str, said: str) -> None:
    """Out of order, or from different bulletins."""
    row = verdict(checker, quote)
    assert (row.verdict, len(row.fragments)) == ("spliced", 2)
    assert "joined by an ellipsis" in row.explanation
    assert said in row.explanation


@pytest.mark.parametrize(
    "quote",
    [
        "A freight train of peaches left Mafang for Lisbon",  # within a sentence
        "left for Lisbon on March 4. It will take three weeks",  # a word short
        "the customs officers sealed every wagon. hotline for residents is 12308",  # one word short at the seam
        "The visitors did not touch. Costs rose by 4.3% to 310,000 yuan",  # the end of a sentence left out
        "ate twelve of them, a boy of seven, the youngest guest",  # clauses of one sentence in another order
        "A freight train with lemons, apples and pears left Mafang for Lisbon on March 4",  # several other words
        "The visitors did not touch the robots’ shiny metal legs",  # more words than the sentence has left
    ],
)
def test_a_gap_inside_a_sentence_is_altered(checker: Checker, quote: str) -> None:
    """And so is a slip at its edge."""
    row = verdict(checker, quote)
    assert row.verdict == "altered", row.explanation


@pytest.mark.parametrize(
    ("quote", "pieces"),
    [
        ("Twenty-five robots ... bowed twice", ["Twenty-five robots", "bowed twice"]),
        (
            "Twenty-five robots greeted … it will take three weeks",
            ["Twenty-five robots greeted", "It will take three weeks"],
        ),
        ("A freight train [...] left Mafang [ … ] for Lisbon", ["A freight train", "left Mafang", "for Lisbon"]),
        ("A freight train (…) left Mafang", ["A freight train", "left Mafang"]),
        ("A freight train . . . left Mafang.", ["A freight train", "left Mafang"]),
        ("they bowed twice. … The visitors did not", ["they bowed twice", "The visitors did not"]),
        ("… greeted 1,200 guests", ["greeted 1,200 guests"]),
    ],
)
def test_marked_gaps_in_the_right_order_are_an_ellipsis(checker: Checker, quote: str, pieces: list[str]) -> None:
    """By any of the usual marks; the pieces are given as they stand."""
    row = verdict(checker, quote)
    assert row.verdict == "ellipsis", row.explanation
    assert [piece.text.rstrip(".") for piece in row.fragments] == pieces
    assert row.citation
    assert row.citation.text.startswith(pieces[0])
    assert row.citation.text.rstrip(".").endswith(pieces[-1])


def test_the_shortest_stretch_is_taken_for_an_ellipsis(tmp_path: Path) -> None:
    """Where a piece stands several times, the places closest together."""
    text = (
        "The mayor spoke. The envoy left. The mayor spoke again, and then the guests applauded. The guests applauded."
    )
    checker = Checker(build_library(tmp_path, one=bulletin_text("2024-01-01", text)))
    row = verdict(checker, "The mayor spoke … the guests applauded")
    assert row.verdict == "ellipsis"
    assert row.citation
    assert row.citation.text == "The mayor spoke again, and then the guests applauded"


def test_a_changed_word_in_a_piece_is_altered(checker: Checker) -> None:
    """An ellipsis excuses what is left out, nothing else."""
    row = verdict(checker, "Twenty-five robots greeted 1,300 guests … they bowed twice")
    assert row.verdict == "altered", row.explanation


@pytest.mark.parametrize(
    ("quote", "claims", "said"),
    [
        ("Twenty-five robots greeted", {"date": "2024-05-20"}, "2024-05-20 is neither the date"),
        ("Twenty-five robots greeted", {"date": "May 2023"}, "dated 2024-03-11"),
        ("Twenty-five robots greeted", {"title": "Shunyi Opens a Window for Talents"}, "is not its title"),
        ("Twenty-five robots greeted", {"title": "Robots"}, "is not its title"),
        ("Twenty-five robots greeted", {"district": "Pinggu"}, "not of Pinggu but of Haidian District"),
        ("twenty-five robots … bowed twice", {"district": "昌平"}, "Haidian District"),
        ("a non-profit body", {"date": "2024-01-01"}, "which states no date"),
        ("a non-profit body", {"district": "Haidian"}, "it is not of Haidian."),
    ],
)
def test_a_wrong_claim_is_misattributed(checker: Checker, quote: str, claims: dict[str, str], said: str) -> None:
    """Real words with another's date, title or district; which one is wrong is said."""
    row = verdict(checker, quote, **claims)
    assert row.verdict == "misattributed", row.explanation
    assert said in row.explanation
    assert row.citation


@pytest.mark.parametrize(
    ("quote", "claims"),
    [
        ("Twenty-five robots greeted", {"date": "2024-03-11"}),
        ("Twenty-five robots greeted", {"date": "March 2024"}),
        ("Twenty-five robots greeted", {"date": "2024"}),
        ("Twenty-five robots greeted", {"date": "3 March 2024"}),  # stated in the section
        ("Twenty-five robots greeted", {"date": "March 3"}),
        ("Twenty-five robots greeted", {"date": "March 2"}),  # in the lead
        ("Twenty-five robots greeted", {"date": "spring 2024", "district": "Hai Dian"}),
        ("Twenty-five robots greeted", {"title": "WHAT’S NEW in all districts"}),
        ("Twenty-five robots greeted", {"title": "Robots greet the guests"}),
        ("A window for talents opened", {"district": "Shunyi District", "title": "Opens a Window"}),
        ("Forty singers sang  in the hall", {"date": "2024-01-08"}),  # the copy's
        ("Forty singers sang  in the hall", {"date": "winter 2024"}),
    ],
)
def test_a_true_claim_leaves_words_exact(checker: Checker, quote: str, claims: dict[str, str]) -> None:
    """A date may be the bulletin's, a copy's or one stated in the section, a title a part of it."""
    row = verdict(checker, quote, **claims)
    assert row.verdict in ("exact", "exact-normalised"), row.explanation
    assert all(claim.holds for claim in row.claims)


def test_words_of_two_bulletins_are_ambiguous_until_a_claim_settles_which(checker: Checker) -> None:
    """And misattributed where the claim fits neither."""
    quote = "The hotline for residents is 12308 and costs nothing."
    row = verdict(checker, quote)
    assert row.verdict == "ambiguous"
    assert "2 bulletins" in row.explanation
    assert {row.citation and row.citation.bulletin, *(other.bulletin for other in row.other_sources)} == {
        "march.txt",
        "may.txt",
    }
    assert verdict(checker, quote, district="Haidian").verdict == "misattributed"
    for claims, name in (({"date": "2024-05-20"}, "may.txt"), ({"district": "Pinggu"}, "march.txt")):
        settled = verdict(checker, quote, **claims)
        assert (settled.verdict, settled.citation and settled.citation.bulletin) == ("exact", name)
    assert verdict(checker, quote, date="2024").verdict == "ambiguous"


def test_copies_are_one_source(checker: Checker) -> None:
    """The wording nearest to the quotation's is taken; the other copy is named beside it."""
    row = verdict(checker, "Forty singers sang in the hall")
    assert (row.verdict, row.citation and row.citation.bulletin) == ("exact", "copy.txt")
    assert [other.bulletin for other in row.other_sources] == ["copied.txt"]
    assert verdict(checker, "Forty singers sang in the hall", date="2024-01-05").verdict == "exact"


def test_closing_punctuation_settles_which_of_two_it_is(tmp_path: Path) -> None:
    """Of one bulletin with the whole sentence and one that goes on, the first is meant, unless a claim says else."""
    one, other = "The card is valid for five years.", "The card is valid for five years, or less."
    checker = Checker(build_library(tmp_path, a=bulletin_text("2021-01-01", one), b=bulletin_text("2022-01-01", other)))
    assert verdict(checker, one).verdict == "exact"
    row = verdict(checker, one, date="2022-01-01")
    assert (row.verdict, row.citation and row.citation.bulletin) == ("exact-normalised", "b.txt")
    assert verdict(checker, one.rstrip(".")).verdict == "ambiguous"


@pytest.mark.parametrize("quote", ["robots", "Robots.", "热线", "12308"])
def test_one_word_is_too_short_to_attribute(checker: Checker, quote: str) -> None:
    """It is ambiguous wherever it stands, and its sources are given."""
    row = verdict(checker, quote, date="1999-01-01")
    assert row.verdict == "ambiguous"
    assert row.explanation.startswith("One word is too short to attribute: it stands in ")
    assert row.citation


@pytest.mark.parametrize(
    "quote",
    [
        "Thirty delegates of a chamber of commerce discussed tariffs",
        "flibbertigibbet",
        "a lunch in a park in the old town of Vienna",
        "…",
        "?!",
        "",
        "x" * (limits.MAX_QUOTATION_CHARS + 1),
        "[robots]",
        "Twenty-five cellists tuned … a committee resigned",
    ],
)
def test_what_stands_nowhere_is_not_found(checker: Checker, quote: str) -> None:
    """Nor is anything close enough to be its source."""
    row = verdict(checker, quote)
    assert (row.verdict, row.citation, row.fragments) == ("not-found", None, ())
    assert row.explanation.endswith(".")


def test_words_that_stand_everywhere_are_cut_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The texts that are claimed come first; how many there are is said as a least number."""
    monkeypatch.setattr(limits, "MAX_MATCHES", 4)
    texts = {
        f"n{n}": bulletin_text(f"2024-01-{n + 1:02}", f"The office is closed on holidays. Notice number {n}.")
        for n in range(9)
    }
    checker = Checker(build_library(tmp_path, **texts))
    assert "at least 4 bulletins" in verdict(checker, "The office is closed").explanation
    row = verdict(checker, "The office is closed", date="2024-01-09")
    assert (row.verdict, row.citation and row.citation.bulletin) == ("exact", "n8.txt")


def test_a_library_without_bulletins_finds_nothing(checker: Checker, tmp_path: Path) -> None:
    """One bulletin of two words is looked through all the same."""
    small = Checker(build_library(tmp_path, one="Two words"))
    assert verdict(small, "Three other words").verdict == "not-found"
    assert verdict(small, "Two words").verdict == "exact"


# Claims in the text around.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("On March 11, 2024 it was said: “Twenty-five robots greeted 1,200 guests”.", "exact"),
        ("“Twenty-five robots greeted 1,200 guests” (Haidian, 11 March 2024)", "exact"),
        ("On May 20, 2024 it was said: “Twenty-five robots greeted 1,200 guests”.", "misattributed"),
        ("Pinggu wrote: “Twenty-five robots greeted 1,200 guests”.", "misattributed"),
        ("In “Shunyi Opens a Window for Talents” we read: “Twenty-five robots greeted”", "misattributed"),
        ("In “What's New in All Districts” we read: “Twenty-five robots greeted”", "exact"),
        (
            "After the fair of 2019 in Pinggu, Haidian reported on March 11, 2024: “Twenty-five robots greeted”.",
            "exact",
        ),
        ("On May 20, 2024, Haidian wrote of March 3: “Twenty-five robots greeted”.", "misattributed"),
        ("The development area wrote: “Twenty-five robots greeted”.", "misattributed"),
        ("The BDA wrote: “Twenty-five robots greeted”.", "misattributed"),
    ],
)
def test_claims_are_read_around_a_quotation(checker: Checker, text: str, expected: str) -> None:
    """Dates, titles and districts of its sentence; of two dates or districts, one that holds is enough."""
    row = checker.check(text).rows[-1]
    assert row.quote.startswith("Twenty-five robots greeted")
    assert row.verdict == expected, row.explanation
    assert text[row.span.start : row.span.end] == row.quote


def test_a_given_quotation_is_looked_for_in_its_text(checker: Checker) -> None:
    """Its place is told, and what stands around it counts, unless claims are given apart."""
    text = "Pinggu wrote: Twenty-five robots greeted 1,200 guests."
    quote = "Twenty-five robots greeted 1,200 guests"
    (row,) = checker.check(text, quote=quote).rows
    assert (row.verdict, row.span.start) == ("misattributed", 14)
    assert checker.check(text, quote=quote, claims=()).rows[0].verdict == "exact"
    assert checker.check("Something else.", quote=quote).rows[0].verdict == "exact"


def test_a_draft_gets_a_row_for_each_quotation(checker: Checker) -> None:
    """In order, with progress, and a sentence where there are too many or none."""
    told: list[tuple[int, int]] = []
    draft = "“Robots greet the guests” and “Peaches for Lisbon”, “nothing of the sort was said”."
    report = checker.audit(draft, progress=lambda done, whole: told.append((done, whole)))
    assert [row.verdict for row in report.rows] == ["exact", "exact", "not-found"]
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert (report.bulletins, report.messages) == (6, ())
    none = checker.audit("Nothing is quoted here.")
    assert (none.rows, len(none.messages)) == ((), 1)
    assert none.messages[0].startswith("No quotation was found")
    many = checker.audit("“no” " * (limits.MAX_QUOTATIONS + 5))
    assert len(many.rows) == limits.MAX_QUOTATIONS
    assert "The first 2,000 of 2,005 quotations were checked" in many.messages[0]


@pytest.mark.parametrize(
    "claims", [("yesterday", None, None), ("2024-02-30", None, None), (None, None, "Gotham"), ("12", None, None)]
)
def test_a_claim_that_means_nothing_is_refused(claims: tuple[str | None, str | None, str | None]) -> None:
    """A date must name a day, month or year, a district one of Beijing's."""
    with pytest.raises(ValueError, match=r"names no day|none of Beijing's"):
        parse_claims(*claims)


def test_of_more_runs_than_are_chained_the_heaviest_are(tmp_path: Path) -> None:
    """Words that quotation and text share twenty times over make four hundred runs; those that tell are kept."""
    body = " ".join(f"kites rose beside {chr(97 + n) * 4}" for n in range(20))
    checker = Checker(build_library(tmp_path, kites=bulletin_text("2024-03-11", "Haidian District", "Kites", body)))
    row = verdict(checker, body.replace("beside", "above"))
    assert (row.verdict, row.citation and row.citation.text) == ("altered", body)
