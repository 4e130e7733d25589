"""One plain sentence for each verdict."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from rag import limits
from rag.checking.attribution import is_day
from rag.checking.homoglyphs import named
from rag.checking.models import Changed, Claim, Difference
from rag.checking.sources import Source
from rag.checking.tokens import DASHES, ENDING, MARKS, UNSEEN_CHARACTER
from rag.library.reader import Library, districts_of
from rag.models import StoredBulletin

_TOLD = 3  # bulletins or differences that a sentence names
_LONGEST = 80  # characters of changed words that a sentence repeats
NO_QUOTATION = (
    "No quotation was found in this text. Put the quoted words in quotation marks, or mark them as a block quotation "
    "with > before each line."
)
NO_WORDS = "This quotation holds no words, so nothing can be looked for."

# What ``exact-normalised`` allows, each with what makes two printings alike in it: a closed list.
_ALLOWED: dict[str, Callable[[str], str]] = {
    "white space": lambda text: "".join(text.split()),
    "quotation marks": lambda text: "".join(c for c in text if c not in MARKS),
    "dashes or hyphens": lambda text: re.sub("-+", "-", text.translate(dict.fromkeys(map(ord, DASHES), "-"))),
    "full-width forms": lambda text: text.translate({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}),
    "the first letter's case": lambda text: text[:1].lower() + text[1:],
    "the punctuation at the end": lambda text: text.rstrip("".join(ENDING)),
    "the encoding of accented letters": lambda text: unicodedata.normalize("NFC", text),
    "characters that take no room": lambda text: UNSEEN_CHARACTER.sub("", text),
}


def exact(source: Source) -> str:
    return f"Word for word in {_of(source)}."


def normalised(quote: str, source: Source, text: str) -> str:
    differing = _only(quote.strip(), source.span.of(text))
    return f"The same words stand in {_of(source)}; the two differ only in {_listed(differing)}."


def ellipsis(source: Source) -> str:
    count = len(source.matches)
    pieces = (
        "The piece stands" if count == 1 else f"{'Both' if count == 2 else f'All {count}'} pieces stand in this order"
    )
    return f"{pieces} in {_of(source)}; what is left out is marked."


def ambiguous(sources: Sequence[Source]) -> str:
    where = _some([_named(bulletin) for bulletin in _bulletins(sources)])
    return (
        f"These words stand in {_number(sources)} bulletins that are no copies of each other, and nothing said of "
        f"their source settles which: {where}."
    )


def one_word(sources: Sequence[Source]) -> str:
    bulletins = _bulletins(sources)
    number = f"{_number(sources)} bulletins" if len(bulletins) > 1 else "one bulletin"
    where = _some([_named(bulletin) for bulletin in bulletins])
    return f"One word is too short to attribute: it stands in {number}: {where}."


def misattributed(source: Source) -> str:
    wrong = [claim for claim in source.claims if not claim.holds]
    kinds = {claim.kind for claim in source.claims if claim.holds}
    # Of two dates the wrong one may be the more exact; a kind of which something holds is else left alone.
    told = _listed([_wrong(c, source) for c in wrong if c.kind not in kinds or (c.kind == "date" and is_day(c))])
    return f"The words are real and stand in {_of(source)}, but {told}."


def altered(source: Source, changes: Sequence[Difference], characters: Sequence[str]) -> str:
    changes = sorted(changes, key=lambda change: _TELLING.index(change.of))
    told = [_change(change) for change in changes if change.of != "character"]
    if characters:
        told.insert(0, f"it holds characters that look like others or take no room ({named(tuple(characters))})")
    return f"Close to {_of(source)}, but altered: {_some(told) or 'its characters differ'}."


def unseen(characters: Sequence[str], source: Source) -> str:
    named_ones = named(tuple(characters))
    return f"It looks like the words of {_of(source)}, but holds characters that take no room: {named_ones}."


def spliced(bulletins: Sequence[StoredBulletin], *, elided: bool) -> str:
    names = list({bulletin.name: _named(bulletin) for bulletin in bulletins}.values())
    number = len(bulletins)
    where = (
        f"of {len(names)} bulletins ({_some(names)})"
        if len(names) > 1
        else f"of different sentences of {_named(bulletins[0])}"
    )
    if elided:
        order = "" if len(names) > 1 else ", in another order than there"
        return f"{number} real pieces {where} are joined by an ellipsis as if they were one passage{order}."
    return f"{number} real pieces {where} are joined as one quotation, without an ellipsis."


def not_found(library: Library) -> str:
    number = len(library.bulletins)
    return f"Neither these words nor any close to them stand in the {number} bulletin{'' if number == 1 else 's'} held."


def too_long(length: int, most: int) -> str:
    return f"This quotation has {length:,} characters, over the {most:,} that are checked. Quote a part of it."


def too_many(number: int, most: int) -> str:
    return f"The first {most:,} of {number:,} quotations were checked. Check the rest of the draft by itself."


_TELLING: tuple[Changed, ...] = ("negation", "number", "name", "character", "word", "case", "punctuation")
_WHAT: dict[Changed, str] = {
    "negation": "a negation differs",
    "number": "a number differs",
    "name": "a name differs",
    "character": "look-alike characters are used",
    "word": "words differ",
    "case": "upper and lower case differ",
    "punctuation": "the punctuation differs",
}


def _change(change: Difference) -> str:
    claimed, true = _short(change.claimed), _short(change.true)
    if change.op == "bracket":
        return f"“{claimed}” is inserted in brackets" + (f" instead of “{true}”" if true else "")
    if change.op == "insert":
        return f"{_ADDED.get(change.of, 'words are')} added (“{claimed}”)"
    if change.op == "delete":
        return f"{_ADDED.get(change.of, 'words are')} left out (“{true}”)"
    return f"{_WHAT[change.of]} (“{claimed}” instead of “{true}”)"


_ADDED: dict[Changed, str] = {
    "negation": "a negation is",
    "number": "a number is",
    "name": "a name is",
    "punctuation": "punctuation is",
}


def _wrong(claim: Claim, source: Source) -> str:
    if claim.kind == "date":
        date = source.bulletin.date
        its = f"which is dated {date}" if date else "which states no date"
        return f"{claim.words} is neither the date of that bulletin, {its}, nor stated there"
    if claim.kind == "title":
        return f"“{_short(claim.words)}” is not its title"
    theirs = districts_of(source.bulletin, source.section)
    return f"it is not of {claim.words}" + (f" but of {_listed(list(theirs))}" if theirs else "")


def _only(quote: str, true: str) -> list[str]:
    """The members of the list in which the two differ."""

    def alike(text: str, but: str) -> str:
        for name, fold in _ALLOWED.items():
            text = text if name == but else fold(text)
        return text

    return [name for name in _ALLOWED if alike(quote, name) != alike(true, name)] or ["the way they are printed"]


def _of(source: Source) -> str:
    return _named(source.bulletin)


def _named(bulletin: StoredBulletin) -> str:
    title = f"“{_short(bulletin.title)}”" if bulletin.title else bulletin.name
    return f"{title} ({bulletin.date or 'undated'})"


def _bulletins(sources: Sequence[Source]) -> list[StoredBulletin]:
    return list({source.bulletin.name: source.bulletin for source in sources}.values())


def _number(sources: Sequence[Source]) -> str:
    """How many bulletins they are; where not all places were looked at, the least."""
    return f"{'at least ' if len(sources) >= limits.MAX_MATCHES else ''}{len(_bulletins(sources))}"


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


def _some(items: Sequence[str]) -> str:
    more = len(items) - _TOLD
    return "; ".join([*items[:_TOLD], *([f"and {more} more"] if more > 0 else [])])


def _listed(items: Sequence[str]) -> str:
    return " and ".join([", ".join(items[:-1]), items[-1]] if items[1:] else items)
