"""Which passages a question's districts and period leave."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt

from rag import gazetteer
from rag.records import Passage, StoredBulletin, Understood

Mask = npt.NDArray[np.bool_]
_NUMBERS = {name: number for number, name in enumerate(gazetteer.CANONICAL)}


class Filters:
    """The districts and days of every passage, ready to be compared with a question's.

    ``named`` is (passages, districts): the district heads the passage, its title or source names it, or its words do.
    """

    def __init__(self, passages: tuple[Passage, ...], bulletins: dict[str, StoredBulletin]) -> None:
        self.named = np.zeros((len(passages), len(_NUMBERS)), dtype=np.bool_)
        self._published = np.zeros(len(passages), dtype=np.int64)
        by_digest = {bulletin.sha256: name for name, bulletin in reversed(bulletins.items())}
        # Of files with one text only the first answers; the others are named beside it.
        self._originals = np.array([by_digest[bulletins[p.bulletin].sha256] == p.bulletin for p in passages], np.bool_)
        owners, first, last = [], [], []
        about = {name: gazetteer.named(f"{b.title or ''}\n{b.source or ''}") for name, b in bulletins.items()}
        for number, passage in enumerate(passages):
            for district in (*passage.districts, *passage.mentions, *about[passage.bulletin]):
                self.named[number, _NUMBERS[district]] = True
            date = bulletins[passage.bulletin].date
            self._published[number] = date.toordinal() if date else 0
            for period in passage.stated:
                owners.append(number)
                first.append(period.first.toordinal())
                last.append(period.last.toordinal())
        self._owners = np.array(owners, dtype=np.int64)
        self._first = np.array(first, dtype=np.int64)
        self._last = np.array(last, dtype=np.int64)

    def leave(self, understood: Understood) -> Mask:
        """Which passages may answer, ``(passages,)``: one of the districts asked for is named, and the bulletin's date,
        or a period that the passage states, lies in the period asked for.  An undated bulletin has only the latter.
        """
        left = self._originals.copy()
        if understood.districts:
            left &= self.named[:, [_NUMBERS[name] for name in understood.districts]].any(axis=1)
        if understood.date_from or understood.date_to:
            first = (understood.date_from or dt.date.min).toordinal()
            last = (understood.date_to or dt.date.max).toordinal()
            dated = (self._published >= first) & (self._published <= last) & (self._published > 0)
            dated[self._owners[(self._first >= first) & (self._last <= last)]] = True
            left &= dated
        return left
