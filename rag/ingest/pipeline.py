"""A bulletin's way from its file to its passages, one stage after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.ingest.corrections.apply import correct_districts, correct_head
from rag.ingest.near_duplicates import body_digest, sentence_digests
from rag.ingest.parse import parse
from rag.ingest.passages import CountTokens, sentences_in, split_passages
from rag.ingest.sections import split_sections
from rag.models import Bulletin, Correction, Passage, Section, StoredBulletin


@dataclass(frozen=True, slots=True)
class CorrectedBulletin:
    """A bulletin and its sections as ``corrections`` leave them.

    ``unfit`` are the corrections that no longer fit the file and were left out; ``notes`` are a sentence on each of
    these, after those of the bulletin.
    """

    bulletin: Bulletin
    sections: tuple[Section, ...]
    corrections: tuple[Correction, ...]
    notes: tuple[str, ...] = ()
    unfit: tuple[Correction, ...] = ()

    def to_stored(self) -> StoredBulletin:
        """Returns the record that a generation keeps; what the bulletin replaces, only a whole generation can tell."""
        return StoredBulletin(
            name=self.bulletin.name,
            title=self.bulletin.title,
            date=self.bulletin.date,
            source=self.bulletin.source,
            url=self.bulletin.url,
            column=self.bulletin.column,
            encoding=self.bulletin.encoding,
            sha256=self.bulletin.sha256,
            file_sha256=self.bulletin.file_sha256,
            sections=self.sections,
            body=body_digest(self.bulletin.text, self.sections),
            replaces=(),
            corrections=self.corrections,
        )


@dataclass(frozen=True, slots=True)
class IngestedBulletin:
    """A bulletin read from its file: its record, and the digests of its sentences, by which re-issues are found."""

    bulletin: Bulletin
    stored: StoredBulletin
    sentence_digests: frozenset[int]
    notes: tuple[str, ...]

    def passages(self, count_tokens: CountTokens, max_tokens: int) -> tuple[Passage, ...]:
        """Returns its passages, each of at most ``max_tokens`` word pieces; see ``split_passages``."""
        return split_passages(self.bulletin, self.stored.sections, count_tokens, max_tokens)


def ingest(path: Path, name: str, corrections: Sequence[Correction]) -> IngestedBulletin:
    """Reads a bulletin's file up to what is stored of it; raises ``BulletinUnreadable`` as ``parse`` does."""
    parsed = parse(path, name=name)
    corrected = correct(parsed, corrections)
    sentences = [
        sentence
        for section in corrected.sections
        for paragraph in section.paragraphs
        for sentence in sentences_in(paragraph, parsed.text)
    ]
    digests = sentence_digests(parsed.text, sentences)
    return IngestedBulletin(corrected.bulletin, corrected.to_stored(), digests, corrected.notes)


def correct(bulletin: Bulletin, corrections: Sequence[Correction] = ()) -> CorrectedBulletin:
    """Returns the bulletin with its sections: they follow from its corrected head, and are corrected themselves."""
    headed, head = correct_head(bulletin, corrections)
    sections, districts = correct_districts(split_sections(headed), corrections)
    outcome = head + districts
    return CorrectedBulletin(headed, sections, outcome.applied, headed.notes + outcome.notes, outcome.unfit)
