"""Which passages a question's districts and period leave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from rag.models import Passage, StoredBulletin
from rag.query.models import Query
from rag.text import districts

Mask = npt.NDArray[np.bool_]
_NUMBERS = {name: number for number, name in enumerate(districts.CANONICAL)}


class Filters:
    """The districts and days of every passage, ready to be compared with a question's.

    ``named`` is (passages, districts): the district heads the passage, its title or source names it, or its words do.
    """

    def __init__(
        self,
        passages: tuple[Passage, ...],
        bulletins: Mapping[str, StoredBulletin],
        copies: Mapping[str, Sequence[str]],
        replaced_by: Mapping[str, str],
    ) -> None:
        self.named = np.zeros((len(passages), len(_NUMBERS)), dtype=np.bool_)
        self._headed = np.zeros_like(self.named)
        self._published = np.zeros(len(passages), dtype=np.int64)
        owners, first, last = [], [], []
        rows: dict[str, list[int]] = {}
        about = {name: districts.named(f"{b.title or ''}\n{b.source or ''}") for name, b in bulletins.items()}
        for number, passage in enumerate(passages):
            for district in (*passage.districts, *about[passage.bulletin]):
                self._headed[number, _NUMBERS[district]] = True
            for district in passage.mentions:
                self.named[number, _NUMBERS[district]] = True
            date = bulletins[passage.bulletin].date
            rows.setdefault(passage.bulletin, []).append(number)
            self._published[number] = date.toordinal() if date else 0
            for period in passage.stated:
                owners.append(number)
                first.append(period.first.toordinal())
                last.append(period.last.toordinal())
        self.named |= self._headed
        self._owners = np.array(owners, dtype=np.int64)
        self._first = np.array(first, dtype=np.int64)
        self._last = np.array(last, dtype=np.int64)
        own = {name: np.array(rows.get(name, []), dtype=np.int64) for name in bulletins}
        # Of files with one text the first that is left answers, the others are named beside it; what was corrected
        # gives way to its correction.
        self._instead = [
            (own[name], own[better])
            for names in copies.values()
            for place, name in enumerate(names)
            for better in names[:place]
        ] + [(own[old], own[new]) for old, new in replaced_by.items()]

    def unheaded_by(self, understood: Query) -> Mask:
        """The passages that neither a heading nor a title or source puts into the districts asked for, ``(passages,)``:
        only their words can tell of them."""
        if not understood.districts:
            return np.zeros(len(self._published), dtype=np.bool_)
        asked = [_NUMBERS[name] for name in understood.districts]
        unheaded: Mask = np.logical_not(self._headed[:, asked].any(axis=1))
        return unheaded

    def undated_by(self, understood: Query) -> Mask:
        """The passages whose bulletin's date lies outside the period asked for, ``(passages,)``: only their words can
        tell of it."""
        if not (understood.date_from or understood.date_to):
            return np.zeros(len(self._published), dtype=np.bool_)
        first, last = _ordinals(understood)
        outside: Mask = (self._published < first) | (self._published > last) | (self._published == 0)
        return outside

    def leave(self, understood: Query) -> Mask:
        """Which passages may answer, ``(passages,)``: one of the districts asked for is named, and the bulletin's date,
        or a period that the passage states, lies in the period asked for (the bulletin's date alone where the question
        asks what was ``published`` then).  An undated bulletin has only the latter.
        """
        left = np.ones(len(self._published), dtype=np.bool_)
        if understood.districts:
            left &= self.named[:, [_NUMBERS[name] for name in understood.districts]].any(axis=1)
        if understood.date_from or understood.date_to:
            first, last = _ordinals(understood)
            dated = ~self.undated_by(understood)
            if not understood.published:
                dated[self._owners[(self._first >= first) & (self._last <= last)]] = True
            left &= dated
        for worse, better in self._instead:
            if left[better].any():
                left[worse] = False
        return left


def _ordinals(understood: Query) -> tuple[int, int]:
    first, last = understood.date_from or dt.date.min, understood.date_to or dt.date.max
    return first.toordinal(), last.toordinal()
