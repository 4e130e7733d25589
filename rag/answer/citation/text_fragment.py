"""A slice -> a link that opens its page at the quote (https://wicg.github.io/scroll-to-text-fragment/).

``#:~:text=[prefix-,]start[,end][,-suffix]``: a browser looks for the first place where these words stand, case, accents
and the kind of quotation mark aside, white space collapsed, each part within one block of the page and at the edges of
words.  Here the same is looked for in the stored text, and context is added until only the quote's own place is left.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from urllib.parse import quote, urlsplit

_SPACE = re.compile(r"[ \t\n\r\f]+")  # what a browser collapses; a no-break space stays
_BLOCKS = re.compile(r"[^\n\r\t\f]+")  # a tab stands between a table's cells
_WORD = re.compile(r"[^\s，。；：、！？]+[，。；：、！？]*|[，。；：、！？]+")
_LONGEST = 300  # characters that are written out whole
_STEPS = (3, 8, 20)  # words of context, or of either end of a long quote
_MARKS = str.maketrans("“”„«»「」『』‘’‚\u00a0", '"' * 9 + "'" * 3 + " ")


@dataclass(frozen=True, slots=True)
class Directive:
    """What a link looks for; "" where a part is left out."""

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
    """The page's address with a fragment that finds [start:end] of its text; None where there is no such address
    (http or https) or the slice holds no words.

    An element that the address names already ("#news") stays, for browsers that don't know text fragments.
    """
    directive = directive_for(text, start, end) if _is_web(url) else None
    if url is None or directive is None:
        return None
    page, _, named = url.partition("#")
    return f"{page}#{named.partition(':~:')[0]}:~:text={directive}"


def directive_for(text: str, start: int, end: int) -> Directive | None:
    """The shortest that finds this place alone; where nothing tells it from another, the longest."""
    start, end = _trimmed(text, start, end)
    if start >= end:
        return None
    page = _folded(text)
    ours = (len(_folded(text[:start])), len(_folded(text[:end])))
    wanted = None
    for wanted in _candidates(text, start, end):
        if list(_places(page, wanted)) == [ours]:
            break
    return wanted


def _candidates(text: str, start: int, end: int) -> Iterator[Directive]:
    """From short to long.  A slice that begins or ends inside a word is found by its context alone."""
    words = text[start:end]
    whole = len(words) <= _LONGEST and len(_BLOCKS.findall(words)) == 1
    ends = [(_shown(words), "")] if whole else _ends(words)
    cut = (_inside_word(text, start), _inside_word(text, end))
    before, after = _before(text, start, cut[0]), _after(text, end, cut[1])
    contexts = [("", ""), *((prefix, "") for prefix in before if prefix), *product(before, after)]
    for (first, last), (prefix, suffix) in product(ends, contexts):
        if (prefix or not cut[0]) and (suffix or not cut[1]):
            yield Directive(first, last, prefix, suffix)


def _ends(words: str) -> list[tuple[str, str]]:
    """The first words of the first block and the last of the last, more and more of them, never overlapping."""
    blocks = list(_BLOCKS.finditer(words))
    blocks = [block for block in blocks if block[0].strip()]
    first, last = blocks[0][0], blocks[-1][0]
    found = []
    for number in _STEPS:
        opening, closing = _head(first, number), _tail(last, number)
        if len(blocks) == 1 and len(opening) + len(closing) >= len(first):
            break
        found.append((_shown(opening), _shown(closing)))
    if not found:  # one endless word
        return [(_shown(words), "")]
    return found


def _before(text: str, start: int, cut: bool) -> list[str]:
    """The words before, within their block, fewer first; a browser passes over the white space between."""
    block = _last_block(text[:start], cut)
    return list(dict.fromkeys(_shown(_tail(block, number)) for number in _STEPS))


def _after(text: str, end: int, cut: bool) -> list[str]:
    block = next((b[0] for b in _BLOCKS.finditer(text, end) if cut or b[0].strip()), "")
    return list(dict.fromkeys(_shown(_head(block, number)) for number in _STEPS))


def _last_block(words: str, cut: bool) -> str:
    found = [block[0] for block in _BLOCKS.finditer(words[-4000:]) if cut or block[0].strip()]
    return found[-1] if found else ""


def _head(block: str, number: int) -> str:
    found = list(_WORD.finditer(block))[:number]
    return block[: found[-1].end()] if found else ""


def _tail(block: str, number: int) -> str:
    found = list(_WORD.finditer(block))[-number:]
    return block[found[0].start() :] if found else ""


def _places(page: str, wanted: Directive) -> Iterator[tuple[int, int]]:
    """Every stretch of the folded text that fits; a browser takes the first.  It looks for whole words alone, so that
    there may be fewer."""
    first, last = _folded(wanted.start), _folded(wanted.end)
    prefix, suffix = _folded(wanted.prefix), _folded(wanted.suffix)
    at = page.find(first)
    while at >= 0:
        if page[:at].rstrip().endswith(prefix):
            stop = at + len(first)
            if last:
                stop = page.find(last, stop) + len(last)
                while stop >= len(last) and not page[stop:].lstrip().startswith(suffix):
                    stop = page.find(last, stop) + len(last)
                fits = stop >= len(last)
            else:
                fits = page[stop:].lstrip().startswith(suffix)
            if fits:
                yield at, stop
        at = page.find(first, at + 1)


def _folded(words: str) -> str:
    """Words as a browser compares them."""
    plain = unicodedata.normalize("NFKD", _SPACE.sub(" ", words).translate(_MARKS)).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c))


def _shown(words: str) -> str:
    return _SPACE.sub(" ", words).strip(" ")


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    words = text[start:end]
    return start + len(words) - len(words.lstrip()), end - (len(words) - len(words.rstrip()))


def _inside_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _is_web(url: str | None) -> bool:
    try:
        parts = urlsplit(url or "")
        host = parts.hostname
    except ValueError:  # "http://[" is no address
        return False
    return parts.scheme in ("http", "https") and bool(host) and bool(url) and not re.search(r"[\s\x00-\x20]", url or "")


def _encoded(words: str) -> str:
    """Everything but letters, digits, "_", "." and "~" by its bytes: hyphen, comma and ampersand have a meaning."""
    return quote(words, safe="").replace("-", "%2D")
