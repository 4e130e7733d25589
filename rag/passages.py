"""Section -> passages: whole paragraphs that fit the encoder, cut at sentence ends where one is too long."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence

from rag import gazetteer
from rag.records import Bulletin, Passage, Section, Span
from rag.sentences import split, trimmed

CountTokens = Callable[[Sequence[str]], list[int]]
_SPECIAL = 2  # word pieces the encoder adds to every text


def passages(
    bulletin: Bulletin, sections: Sequence[Section], count_tokens: CountTokens, max_tokens: int
) -> tuple[Passage, ...]:
    """Every section's passages in order; no words of a section's paragraphs are left out.

    ``count_tokens`` gives each text's word pieces, special ones included; a passage's search text holds at
    most ``max_tokens`` of them.
    """
    text = bulletin.text
    pieces = [_sentences(text, section) for section in sections]
    flat = [clean(sentence.of(text)) for section in pieces for paragraph in section for sentence in paragraph]
    title = None if _is_round_up(sections) else bulletin.title
    contexts = [_context(title, section) for section in sections]
    counts = iter(_less_special(count_tokens([*flat, *contexts])) if flat else [])
    sizes = [[[next(counts) for _ in paragraph] for paragraph in section] for section in pieces]
    found: list[Passage] = []
    for number, section in enumerate(sections):
        room = max_tokens - _SPECIAL - next(counts)
        for paragraphs in _packed(pieces[number], sizes[number], max(room, max_tokens // 4)):
            sentences = tuple(sentence for paragraph in paragraphs for sentence in paragraph)
            spans = tuple(trimmed(Span(p[0].start, p[-1].end), text) for p in paragraphs)
            start, end = spans[0].start, spans[-1].end
            found.append(
                Passage(
                    start=start,
                    end=end,
                    bulletin=bulletin.name,
                    section=number,
                    districts=section.districts,
                    heading=section.heading,
                    mentions=gazetteer.named(text[start:end]),
                    paragraphs=spans,
                    sentences=tuple(trimmed(sentence, text) for sentence in sentences),
                    context=contexts[number],
                )
            )
    return tuple(found)


def search_text(passage: Passage, text: str) -> str:
    """What the encoder reads for a passage: its context and its words, normalised.  Never shown."""
    return clean(f"{passage.context} {passage.of(text)}")


def clean(words: str) -> str:
    """For searching only: compatibility forms folded (full-width, no-break), white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", words).split())


def _is_round_up(sections: Sequence[Section]) -> bool:
    """Sections of several districts: the title ("What's New in …") tells of none of them."""
    return len({section.districts for section in sections if section.role == "event"}) > 1


def _context(title: str | None, section: Section) -> str:
    """What a passage's words leave unsaid: "Title. Haidian District. Headline."."""
    parts = (title, ", ".join(section.districts), section.heading)
    return clean(" ".join(f"{part.rstrip('.')}." for part in parts if part))


def _less_special(counts: list[int]) -> list[int]:
    return [count - _SPECIAL for count in counts]


def _sentences(text: str, section: Section) -> list[list[Span]]:
    """Of each paragraph, its sentences as spans of the bulletin's text."""
    return [
        [Span(paragraph.start + s.start, paragraph.start + s.end) for s in split(paragraph.of(text))]
        for paragraph in section.paragraphs
    ]


def _packed(
    paragraphs: Sequence[Sequence[Span]], sizes: Sequence[Sequence[int]], room: int
) -> Iterator[list[list[Span]]]:
    """Groups of whole paragraphs within ``room`` word pieces; a longer paragraph gives groups of its sentences."""
    group: list[list[Span]] = []
    used = 0
    for sentences, counts in zip(paragraphs, sizes, strict=True):
        size = sum(counts)
        if group and used + size > room:
            yield group
            group, used = [], 0
        if size <= room:
            group.append(list(sentences))
            used += size
            continue
        part: list[Span] = []
        for sentence, count in zip(sentences, counts, strict=True):
            if part and used + count > room:
                yield [part]
                part, used = [], 0
            part.append(sentence)
            used += count
        group = [part]
    if group:
        yield group
