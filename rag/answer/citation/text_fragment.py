"""A link that opens a bulletin's page at a quote: a text fragment (https://wicg.github.io/scroll-to-text-fragment/).

``#:~:text=[prefix-,]start[,end][,-suffix]``: a browser looks for the first place where these words stand, case, accents
and the kind of quotation mark aside, white space collapsed, each part within one block of the page and at the edges of
words.  The same search is made in the stored text, and context is added until only the quote's own place is found.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from urllib.parse import quote, urlsplit

_SPACE = re.compile(r"[ \t\n\r\f]+")  # what a browser collapses; a no-break space stays
_BLOCKS = re.compile(r"[^\n\r\t\f]+")  # a tab stands between a table's cells
_WORD = re.compile(r"[^\s，。；：、！？]+[，。；：、！？]*|[，。；：、！？]+")
_MAX_START_CHARS = 300  # a longer slice is given by its first and last words
_WORD_COUNTS = (3, 8, 20)  # words of context, or of either end of a long slice, tried in this order
_MARKS = str.maketrans("“”„«»「」『』‘’‚\u00a0", '"' * 9 + "'" * 3 + " ")


@dataclass(frozen=True, slots=True)
class Directive:
    """The parts of a text directive; "" where a part is left out."""

    start: str
    end: str = ""
    prefix: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        parts = [
            f"{_encoded(self.prefix)}-" if self.prefix else "",
            _encoded(self.start),
            _encoded(self.end) if self.end else "",
            f"-{_encoded(self.suffix)}" if self.suffix else "",
        ]
        return ",".join(part for part in parts if part)


def text_fragment_url(url: str | None, text: str, start: int, end: int) -> str | None:
    """The page's address with a fragment that finds [start:end] of its text.

    None where the address isn't one of http or https, or the slice holds no words.  A fragment that the address has
    already ("#news") stays, for browsers that don't know text fragments.
    """
    directive = directive_for(text, start, end) if _is_web(url) else None
    if url is None or directive is None:
        return None
    page, _, fragment = url.partition("#")
    return f"{page}#{fragment.partition(':~:')[0]}:~:text={directive}"


def directive_for(text: str, start: int, end: int) -> Directive | None:
    """The shortest directive that finds this place alone; the longest where none does."""
    start, end = _trimmed(text, start, end)
    if start >= end:
        return None
    page = _folded(text)
    place = (len(_folded(text[:start])), len(_folded(text[:end])))
    directive = None
    for directive in _candidates(text, start, end):
        if [*islice(_matches(page, directive), 2)] == [place]:
            break
    return directive


def _candidates(text: str, start: int, end: int) -> Iterator[Directive]:
    """Directives for the slice, from short to long; one that begins or ends inside a word needs context there."""
    words = text[start:end]
    is_short = len(words) <= _MAX_START_CHARS and len(_BLOCKS.findall(words)) == 1
    ends = [(_collapsed(words), "")] if is_short else _ends(words)
    starts_inside, ends_inside = _is_inside_word(text, start), _is_inside_word(text, end)
    before, after = _prefixes(text, start, starts_inside), _suffixes(text, end, ends_inside)
    contexts = [("", ""), *((prefix, "") for prefix in before if prefix), *product(before, after)]
    for (first, last), (prefix, suffix) in product(ends, contexts):
        if (prefix or not starts_inside) and (suffix or not ends_inside):
            yield Directive(first, last, prefix, suffix)


def _ends(words: str) -> list[tuple[str, str]]:
    """The first words of the first block and the last of the last block, ever more of them, never overlapping."""
    blocks = [block for block in _BLOCKS.findall(words) if block.strip()]
    first, last = blocks[0], blocks[-1]
    ends = []
    for number in _WORD_COUNTS:
        opening, closing = _head(first, number), _tail(last, number)
        if len(blocks) == 1 and len(opening) + len(closing) >= len(first):
            break
        ends.append((_collapsed(opening), _collapsed(closing)))
    return ends or [(_collapsed(words), "")]  # one endless word


def _prefixes(text: str, start: int, inside_word: bool) -> list[str]:
    """The words before, within their block, fewer first; a browser skips the white space between."""
    block = _last_block(text[:start], inside_word)
    return list(dict.fromkeys(_collapsed(_tail(block, number)) for number in _WORD_COUNTS))


def _suffixes(text: str, end: int, inside_word: bool) -> list[str]:
    """The words after, as ``_prefixes``."""
    block = next((b[0] for b in _BLOCKS.finditer(text, end) if inside_word or b[0].strip()), "")
    return list(dict.fromkeys(_collapsed(_head(block, number)) for number in _WORD_COUNTS))


def _last_block(words: str, inside_word: bool) -> str:
    blocks = [block for block in _BLOCKS.findall(words[-4000:]) if inside_word or block.strip()]
    return blocks[-1] if blocks else ""


def _head(block: str, number: int) -> str:
    words = list(islice(_WORD.finditer(block), number))
    return block[: words[-1].end()] if words else ""


def _tail(block: str, number: int) -> str:
    words = deque(_WORD.finditer(block), maxlen=number)
    return block[words[0].start() :] if words else ""


def _matches(page: str, directive: Directive) -> Iterator[tuple[int, int]]:
    """Every place in the folded text that the directive matches; a browser takes the first.

    Browsers match whole words only, so for them there may be fewer.
    """
    first, last = _folded(directive.start), _folded(directive.end)
    prefix, suffix = _folded(directive.prefix), _folded(directive.suffix)
    at, closing = page.find(first), 0  # ``closing`` is where the last words stand that were found, with their suffix
    while at >= 0:
        stop = at + len(first)
        if last and closing < stop:
            closing = page.find(last, stop)
            while closing >= 0 and not _goes_on(page, closing + len(last), suffix):
                closing = page.find(last, closing + len(last))
            if closing < 0:
                return
        stop = closing + len(last) if last else stop
        if _comes_before(page, at, prefix) and (last or _goes_on(page, stop, suffix)):
            yield at, stop
        at = page.find(first, at + 1)


def _comes_before(page: str, at: int, prefix: str) -> bool:
    """Whether the prefix ends at a place, or before the white space in front of it."""
    while at and page[at - 1].isspace():
        at -= 1
    return page.endswith(prefix, 0, at)


def _goes_on(page: str, at: int, suffix: str) -> bool:
    """Whether the suffix begins at a place, or behind the white space there."""
    while at < len(page) and page[at].isspace():
        at += 1
    return page.startswith(suffix, at)


def _folded(words: str) -> str:
    """The words as a browser compares them."""
    plain = unicodedata.normalize("NFKD", _SPACE.sub(" ", words).translate(_MARKS)).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c))


def _collapsed(words: str) -> str:
    return _SPACE.sub(" ", words).strip(" ")


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    words = text[start:end]
    return start + len(words) - len(words.lstrip()), end - (len(words) - len(words.rstrip()))


def _is_inside_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _is_web(url: str | None) -> bool:
    try:
        parts = urlsplit(url or "")
        host = parts.hostname
    except ValueError:  # "http://[" is no address
        return False
    return parts.scheme in ("http", "https") and bool(host) and bool(url) and not re.search(r"[\s\x00-\x20]", url or "")


def _encoded(words: str) -> str:
    """The words percent-encoded, hyphens too: hyphen, comma and ampersand have a meaning in a directive."""
    return quote(words, safe="").replace("-", "%2D")
