"""One plain sentence for each verdict."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

from rag import limits
from rag.budget import step
from rag.checking.config import EXPLANATIONS
from rag.checking.copied_text import FOOTNOTE_MARK, LINE_END_HYPHEN, PAGE_NUMBER, WORD_HYPHEN
from rag.checking.models import Claim, Difference, DifferenceKind, EditOperation
from rag.checking.sources import Source
from rag.checking.tokens import CLOSING_PUNCTUATION, DASHES, INVISIBLE_CHARACTER, LIGATURES, QUOTATION_MARKS
from rag.library.reader import Library, districts_of
from rag.models import StoredBulletin
from rag.text.phrases import join_names

NO_QUOTATION = (
    "No quotation was found in this text. Put the quoted words in quotation marks, or mark them as a block quotation "
    "with > before each line."
)
NO_WORDS = "This quotation holds no words, so nothing can be looked for."

# What ``exact-normalised`` allows, each with what makes two printings alike in it: a closed list.
_ALLOWED: dict[str, Callable[[str], str]] = {
    "page numbers": lambda text: PAGE_NUMBER.sub("", text),
    "footnote marks": lambda text: FOOTNOTE_MARK.sub("", text),
    "hyphens at line ends": lambda text: LINE_END_HYPHEN.sub("", text),
    "ligatures": lambda text: text.translate(LIGATURES),
    "white space": lambda text: "".join(text.split()),
    "quotation marks": lambda text: "".join(c for c in text if c not in QUOTATION_MARKS),
    "dashes or hyphens": lambda text: re.sub("-+", "-", text.translate(dict.fromkeys(map(ord, DASHES), "-"))),
    "full-width forms": lambda text: text.translate({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}),
    "the first letter's case": lambda text: text[:1].lower() + text[1:],
    "the punctuation at the end": lambda text: text.rstrip("".join(CLOSING_PUNCTUATION)),
    "the encoding of accented letters": lambda text: unicodedata.normalize("NFC", text),
    "characters that take no room": lambda text: INVISIBLE_CHARACTER.sub("", text),
}


def exact(source: Source) -> str:
    """Explains the verdict ``exact``."""
    return f"Word for word in {_bulletin_name(source.bulletin)}."


def exact_normalised(quote: str, source: Source, text: str) -> str:
    """Explains ``exact-normalised``: what the printings differ in."""
    differing = _printing_differences(quote.strip(), source.span.of(text))
    return f"The same words stand in {_bulletin_name(source.bulletin)}; the two differ only in {join_names(differing)}."


def ellipsis(source: Source) -> str:
    """Explains ``ellipsis``."""
    count = len(source.matches)
    pieces = (
        "The piece stands" if count == 1 else f"{'Both' if count == 2 else f'All {count}'} pieces stand in this order"
    )
    return f"{pieces} in {_bulletin_name(source.bulletin)}; what is left out is marked."


def ambiguous(sources: Sequence[Source]) -> str:
    """Explains ``ambiguous`` of words that stand in several bulletins."""
    where = _join_some([_bulletin_name(bulletin) for bulletin in _bulletins(sources)])
    return (
        f"These words stand in {_count_bulletins(sources)} bulletins that are no copies of each other, and nothing said"
        f" of their source settles which: {where}."
    )


def one_word(sources: Sequence[Source]) -> str:
    """Explains ``ambiguous`` of a single word."""
    bulletins = _bulletins(sources)
    number = f"{_count_bulletins(sources)} bulletins" if len(bulletins) > 1 else "one bulletin"
    where = _join_some([_bulletin_name(bulletin) for bulletin in bulletins])
    return f"One word is too short to attribute: it stands in {number}: {where}."


def misattributed(source: Source) -> str:
    """Explains ``misattributed``: which claims are false."""
    wrong = [claim for claim in source.claims if claim.holds is False]
    kinds = {claim.kind for claim in source.claims if claim.holds}
    # Of two dates the wrong one may be the more exact; a kind of which something holds is else left alone.
    errors = join_names(
        [_false_claim_text(c, source) for c in wrong if c.kind not in kinds or (c.kind == "date" and c.names_day)]
    )
    return f"The words are real and stand in {_bulletin_name(source.bulletin)}, but {errors}."


def with_unread_dates(why: str, claims: Sequence[Claim]) -> str:
    """Adds to an explanation which of the dates claimed were not checked, and why."""
    unread = [f"{claim.words} ({claim.unread})" for claim in claims if claim.unread and claim.holds is None]
    if not unread:
        return why
    dates = f"the date{'s' if unread[1:] else ''} {join_names(unread)}"
    return f"{why.removesuffix('.')}; {dates} {'were' if unread[1:] else 'was'} not checked."


def altered(source: Source, changes: Sequence[Difference], characters: Sequence[str]) -> str:
    """Explains ``altered``: what was changed, the most telling first."""
    groups: dict[tuple[DifferenceKind, EditOperation], list[Difference]] = {}
    for change in sorted(changes, key=lambda change: list(_DIFFERS).index(change.kind)):
        groups.setdefault((change.kind, change.operation), []).append(change)
    parts = [_differences_text(*key, group) for key, group in groups.items() if key[0] != "character"]
    if characters:
        names = _character_names(characters)
        parts.insert(0, f"it holds characters that look like others or take no room ({names})")
    return f"Close to {_bulletin_name(source.bulletin)}, but altered: {_join_some(parts) or 'its characters differ'}."


def invisible(characters: Sequence[str], source: Source) -> str:
    """Explains ``altered`` of words with characters that take no room."""
    where, names = _bulletin_name(source.bulletin), _character_names(characters)
    return f"It looks like the words of {where}, but holds characters that take no room: {names}."


def spliced(bulletins: Sequence[StoredBulletin], *, elided: bool) -> str:
    """Explains ``spliced``: where the fragments come from."""
    names = list({bulletin.name: _bulletin_name(bulletin) for bulletin in bulletins}.values())
    number = len(bulletins)
    where = (
        f"of {len(names)} bulletins ({_join_some(names)})"
        if len(names) > 1
        else f"of different sentences of {_bulletin_name(bulletins[0])}"
    )
    if elided:
        order = "" if len(names) > 1 else ", in another order than there"
        return f"{number} real pieces {where} are joined by an ellipsis as if they were one passage{order}."
    return f"{number} real pieces {where} are joined as one quotation, without an ellipsis."


def not_found(library: Library) -> str:
    """Explains ``not-found``."""
    number = len(library.bulletins)
    return f"Neither these words nor any close to them stand in the {number} bulletin{'' if number == 1 else 's'} held."


def too_long(length: int, limit: int) -> str:
    """Explains why a quotation of that length was not checked."""
    return f"This quotation has {length:,} characters, over the {limit:,} that are checked. Quote a part of it."


def too_many(count: int, limit: int) -> str:
    """Explains that only the first quotations of a draft were checked."""
    return f"The first {limit:,} of {count:,} quotations were checked. Check the rest of the draft by itself."


def stopped(checked: int, of: int) -> str:
    """Explains that checking a draft ended before all its quotations were checked."""
    return (
        f"Checking took too long and stopped after quotation {checked:,} of {of:,}: those behind it were not checked. "
        "Check the rest of the draft by itself."
    )


# What one of a kind and several are called, the most telling first.
_DIFFERS: dict[DifferenceKind, tuple[str, str]] = {
    "negation": ("a negation differs", "negations differ"),
    "number": ("a number differs", "numbers differ"),
    "name": ("a name differs", "names differ"),
    "character": ("look-alike characters are used", "look-alike characters are used"),
    "word": ("words differ", "words differ"),
    "case": ("upper and lower case differ", "upper and lower case differ"),
    "punctuation": ("the punctuation differs", "the punctuation differs"),
}
_ADDED: dict[DifferenceKind, tuple[str, str]] = {
    "negation": ("a negation is", "negations are"),
    "number": ("a number is", "numbers are"),
    "name": ("a name is", "names are"),
    "punctuation": ("punctuation is", "punctuation is"),
}
_TIMES = {1: "", 2: " twice"}


def _differences_text(kind: DifferenceKind, operation: EditOperation, changes: Sequence[Difference]) -> str:
    """The changes of one kind and operation, each pair of words once."""
    counts = Counter((_shorten(change.claimed), _shorten(change.true)) for change in changes)
    several = len(changes) > 1
    added = _ADDED.get(kind, ("words are", "words are"))[several]
    if operation == "bracket":
        pairs = [f"“{claimed}”" + (f" instead of “{true}”" if true else "") for claimed, true in counts]
        return f"{join_names(pairs)} {'are' if len(counts) > 1 else 'is'} inserted in brackets"
    instead = operation == "replace"
    items = [
        (f"“{claimed}” instead of “{true}”" if instead else f"“{claimed or true}”") + _TIMES.get(n, f" {n} times")
        for (claimed, true), n in counts.items()
    ]
    lead = _DIFFERS[kind][several] if instead else f"{added} {'added' if operation == 'insert' else 'left out'}"
    return (
        f"{lead} ({', '.join(items[: EXPLANATIONS.max_items])}{', …' if len(items) > EXPLANATIONS.max_items else ''})"
    )


def _false_claim_text(claim: Claim, source: Source) -> str:
    if claim.kind == "date":
        date = source.bulletin.date
        dated = f"which is dated {date}" if date else "which states no date"
        return f"{claim.words} is neither the date of that bulletin, {dated}, nor stated there"
    if claim.kind == "title":
        return f"“{_shorten(claim.words)}” is not its title"
    names = districts_of(source.bulletin, source.section)
    return f"it is not of {claim.words}" + (f" but of {join_names(list(names))}" if names else "")


def _printing_differences(quote: str, true: str) -> list[str]:
    """The members of the list in which the two differ."""

    def folded(text: str, but: str) -> str:
        step()
        for name, fold in _ALLOWED.items():
            text = text if name == but else fold(text)
        return text

    if folded(quote, "") != folded(true, ""):  # a word's own hyphen at a line end, and another word's
        quote, true = (WORD_HYPHEN.sub("", LINE_END_HYPHEN.sub("-\n", words)) for words in (quote, true))
    if names := [name for name in _ALLOWED if folded(quote, name) != folded(true, name)]:
        return names
    # Where two of the list would do ("-\n"), those that one of the printings has.
    return [name for name, fold in _ALLOWED.items() if (fold(quote) == quote) != (fold(true) == true)]


def _bulletin_name(bulletin: StoredBulletin) -> str:
    title = f"“{_shorten(bulletin.title)}”" if bulletin.title else bulletin.name
    return f"{title} ({bulletin.date or 'undated'})"


def _bulletins(sources: Sequence[Source]) -> list[StoredBulletin]:
    """The bulletins that they are in, of copies the first."""
    by_body: dict[str, StoredBulletin] = {}
    for source in sources:
        by_body.setdefault(source.bulletin.body, source.bulletin)
    return list(by_body.values())


def _count_bulletins(sources: Sequence[Source]) -> str:
    """How many bulletins they are; where not all places were looked at, the least."""
    return f"{'at least ' if len(sources) >= limits.MAX_MATCHES else ''}{len(_bulletins(sources))}"


def _shorten(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= EXPLANATIONS.max_words_chars else f"{words[: EXPLANATIONS.max_words_chars - 1]}…"


def _character_names(characters: Sequence[str]) -> str:
    """ "U+0430 CYRILLIC SMALL LETTER A, U+200B ZERO WIDTH SPACE and 2 more"."""
    names = [f"U+{ord(c):04X} {unicodedata.name(c, 'without a name')}" for c in characters[: EXPLANATIONS.max_items]]
    more = len(characters) - len(names)
    return join_names([*names, f"{more} more"] if more else names)


def _join_some(items: Sequence[str]) -> str:
    more = len(items) - EXPLANATIONS.max_items
    return "; ".join([*items[: EXPLANATIONS.max_items], *([f"and {more} more"] if more > 0 else [])])
