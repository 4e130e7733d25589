"""Sections -> passages: whole paragraphs that fit the encoder, cut at sentence ends where one is too long.

Every size is in word pieces, the tokens of the encoder.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence

from embeddings.token_spans import join_pieces
from rag.models import Bulletin, Passage, Section, Span
from rag.text import districts
from rag.text.dates import stated_periods
from rag.text.sentences import split_long_sentence, split_sentences, trim

CountTokens = Callable[[Sequence[str]], list[int]]
"""Returns the number of word pieces of each text, special ones included."""
Group = list[list[Span]]
"""The paragraphs of one passage, each as its sentences."""
_LINE_BREAKS = str.maketrans("\r\n", "  ")
_SPECIAL_TOKENS = 2  # that the encoder adds to every text


def split_passages(
    bulletin: Bulletin, sections: Sequence[Section], count_tokens: CountTokens, max_tokens: int
) -> tuple[Passage, ...]:
    """Returns every section's passages in order; together they have all words of the sections' paragraphs.

    A passage's search text has at most ``max_tokens`` word pieces.
    """
    text = bulletin.text
    sentences = [[sentences_in(paragraph, text) for paragraph in section.paragraphs] for section in sections]
    flat = [normalize(sentence.of(text)) for section in sentences for paragraph in section for sentence in paragraph]
    contexts = [_context(bulletin.title, section, count_tokens, max_tokens // 2) for section in sections]
    counts = iter(count_tokens([*flat, *contexts]))
    sizes = [[[next(counts) - _SPECIAL_TOKENS for _ in paragraph] for paragraph in section] for section in sentences]
    packed = [
        (number, group)
        for number, room in enumerate(max_tokens - next(counts) for _ in sections)
        for group in _pack(sentences[number], sizes[number], room, text)
    ]
    return tuple(
        _passage(bulletin, number, sections[number], contexts[number], group)
        for number, group in _fit(packed, contexts, text, count_tokens, max_tokens)
    )


def sentences_in(paragraph: Span, text: str) -> list[Span]:
    """Returns a paragraph's sentences, in order; one that was wrapped over several lines is read as one line."""
    words = paragraph.of(text).translate(_LINE_BREAKS)
    return [Span(paragraph.start + s.start, paragraph.start + s.end) for s in split_sentences(words)]


def search_pieces(passage: Passage, text: str) -> tuple[str, ...]:
    """Returns what the encoder reads for a passage, normalized: its context, then each of its sentences.

    It is never shown.
    """
    return (passage.context, *(normalize(sentence.of(text)) for sentence in passage.sentences))


def search_text(passage: Passage, text: str) -> str:
    """Returns the search pieces as one text, as the encoder reads them."""
    return join_pieces(search_pieces(passage, text))


def normalize(words: str) -> str:
    """Returns the words for searching only: compatibility forms folded (NFKC), white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", words).split())


def _passage(
    bulletin: Bulletin, number: int, section: Section, context: str, group: Sequence[Sequence[Span]]
) -> Passage:
    text = bulletin.text
    paragraphs = tuple(trim(Span(sentences[0].start, sentences[-1].end), text) for sentences in group)
    start, end = paragraphs[0].start, paragraphs[-1].end
    return Passage(
        start=start,
        end=end,
        bulletin=bulletin.name,
        section=number,
        districts=section.districts,
        heading=section.heading,
        mentions=districts.names_in_running_text(text[start:end]),
        paragraphs=paragraphs,
        sentences=tuple(trim(sentence, text) for sentences in group for sentence in sentences),
        context=context,
        stated=stated_periods(f"{context}\n{text[start:end]}", bulletin.date),
    )


def _context(title: str | None, section: Section, count_tokens: CountTokens, room: int) -> str:
    """Returns what a passage's words leave unsaid: "Title. Haidian District. Headline."."""
    parts = (title, ", ".join(section.districts), section.heading)
    context = normalize(" ".join(f"{part.rstrip('.')}." for part in parts if part))
    # A word piece has at least one character, so most contexts need no counting.
    fits = len(context) + _SPECIAL_TOKENS <= room or count_tokens([context])[0] <= room
    return context if fits else context[: room - _SPECIAL_TOKENS]


def _pack(paragraphs: Sequence[list[Span]], sizes: Sequence[Sequence[int]], room: int, text: str) -> Iterator[Group]:
    """Yields groups of whole paragraphs within ``room`` word pieces; a longer paragraph gives groups of its sentences.

    A group is one stretch of text: it ends where a caption stands before the next paragraph.
    """
    group: Group = []
    used = 0
    for sentences, counts in zip(paragraphs, sizes, strict=True):
        interrupted = group and text[group[-1][-1].end : sentences[0].start].strip()
        if group and (interrupted or used + sum(counts) > room):
            yield group
            group, used = [], 0
        if sum(counts) <= room:
            group.append(sentences)
            used += sum(counts)
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


def _fit(
    groups: Sequence[tuple[int, Group]],
    contexts: Sequence[str],
    text: str,
    count_tokens: CountTokens,
    max_tokens: int,
) -> list[tuple[int, Group]]:
    """Returns the groups, each with its section's number, halved until each fits with its context.

    A single sentence can be too long, and counts of parts don't add up exactly.
    """
    if not groups:
        return []
    fitting: list[tuple[int, Group]] = []
    texts = [normalize(f"{contexts[n]} {text[group[0][0].start : group[-1][-1].end]}") for n, group in groups]
    for (number, group), size in zip(groups, count_tokens(texts), strict=True):
        parts = [(number, part) for part in (_halve(group, text) if size > max_tokens else [group])]
        fitting += parts if len(parts) == 1 else _fit(parts, contexts, text, count_tokens, max_tokens)
    return fitting


def _halve(group: Group, text: str) -> list[Group]:
    """Returns two groups of paragraphs, of sentences, or of half sentences; one where it can't be divided."""
    if len(group) > 1:
        return [group[: len(group) // 2], group[len(group) // 2 :]]
    sentences = group[0] if len(group[0]) > 1 else split_long_sentence(group[0][0], text)
    if len(sentences) == 1:
        return [group]
    return [[sentences[: len(sentences) // 2]], [sentences[len(sentences) // 2 :]]]
