"""Keeps the number of segments small, and their share of removed bulletins."""

from __future__ import annotations

import math

from rag.library.build.segment_writer import SegmentWriter
from rag.library.manifest import Part

MAX_MERGED_BULLETINS = 512  # larger segments aren't merged with others
MERGE_FACTOR = 8  # segments of one order of size that are merged into one


def compact(writer: SegmentWriter, live_docs: dict[str, set[str]]) -> list[Part]:
    """Merges segments of one order of size if there are many, and rewrites one of which most bulletins have gone.

    ``live_docs`` are the names of the bulletins that live, by the digest of their segment.  Returns the segments, each
    with its tombstones: the bulletins in it that have been changed or removed.
    """
    live_docs = dict(live_docs)
    sizes: dict[int, list[str]] = {}
    for digest, names in live_docs.items():
        if len(names) < MAX_MERGED_BULLETINS:
            sizes.setdefault(int(math.log(len(names), MERGE_FACTOR)), []).append(digest)
    many = [group for group in sizes.values() if len(group) >= MERGE_FACTOR]
    for group in many + _mostly_removed(writer, live_docs):
        if all(digest in live_docs for digest in group):
            digest = writer.rewrite({digest: live_docs.pop(digest) for digest in group})
            live_docs[digest] = set(writer.descriptions[digest].sources)
    parts = [
        Part(digest, tuple(name for name in writer.descriptions[digest].sources if name not in names))
        for digest, names in live_docs.items()
    ]
    return sorted(parts, key=lambda part: part.segment)


def _mostly_removed(writer: SegmentWriter, live_docs: dict[str, set[str]]) -> list[list[str]]:
    return [
        [digest] for digest, names in live_docs.items() if 2 * len(names) < len(writer.descriptions[digest].sources)
    ]
