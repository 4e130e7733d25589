"""Filters: which passages a question's districts and period allow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from rag.models import Passage, StoredBulletin
from rag.query.models import Exclusion, Query
from rag.text import districts

Mask = npt.NDArray[np.bool_]
_COLUMNS = {name: column for column, name in enumerate(districts.CANONICAL)}
_MAX_DAYS_OF_MONTH = 31


class Filters:
    """The districts and days of every passage, ready to be compared with a question's.

    ``named`` has shape ``(passages, districts)``: the district is in the passage's heading, in its bulletin's title or
    source, or in its words.
    """

    def __init__(
        self,
        passages: tuple[Passage, ...],
        bulletins: Mapping[str, StoredBulletin],
        copies: Mapping[str, Sequence[str]],
        replaced_by: Mapping[str, str],
    ) -> None:
        self.named, self._headed, self._placed = np.zeros((3, len(passages), len(_COLUMNS)), dtype=np.bool_)
        self._published = np.zeros(len(passages), dtype=np.int64)
        owners, first, last = [], [], []
        rows: dict[str, list[int]] = {}
        self._about = about = {
            name: districts.names_in(f"{b.title or ''}\n{b.source or ''}") for name, b in bulletins.items()
        }
        for number, passage in enumerate(passages):
            for district in (*passage.districts, *about[passage.bulletin]):
                self._headed[number, _COLUMNS[district]] = True
            for district in passage.mentions:
                self.named[number, _COLUMNS[district]] = True
            for district in self.districts_of(passage):
                self._placed[number, _COLUMNS[district]] = True
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
        passages_of = {name: np.array(rows.get(name, []), dtype=np.int64) for name in bulletins}
        # Of files with one text the first that is allowed answers, and the others are named with it; a corrected
        # bulletin gives way to its correction.
        better = [pair for names in copies.values() for pair in combinations(names, 2)]
        corrected = [(new, old) for old, new in replaced_by.items()]
        self._preferred = [(passages_of[name], passages_of[first]) for first, name in (*better, *corrected)]

    def days_told(self) -> frozenset[dt.date]:
        """Returns the days that bulletins are dated, and the first ones of those that their passages state."""
        short = self._last - self._first < _MAX_DAYS_OF_MONTH
        ordinals = {*self._published[self._published != 0].tolist(), *self._first[short].tolist()}
        return frozenset(map(dt.date.fromordinal, ordinals))

    def districts_of(self, passage: Passage) -> tuple[str, ...]:
        """Returns the districts that it is of: those that head it, else those of title or source, else of its words."""
        return passage.districts or self._about[passage.bulletin] or passage.mentions

    def left_out(self, exclusion: Exclusion) -> Mask:
        """Returns the passages, ``(passages,)``, that are of its districts and of its period, whatever they tell of."""
        result = np.ones(len(self._published), dtype=np.bool_)
        if exclusion.districts:
            result &= self._placed[:, [_COLUMNS[name] for name in exclusion.districts]].any(axis=1)
        if exclusion.date_from or exclusion.date_to:
            result &= self._of_time(Query(date_from=exclusion.date_from, date_to=exclusion.date_to))
        return result

    def outside_headings(self, query: Query) -> Mask:
        """Returns the passages that neither a heading nor a title or source puts into the districts asked for.

        Only the words of these, ``(passages,)``, can mention the districts.
        """
        if not query.districts:
            return np.zeros(len(self._published), dtype=np.bool_)
        asked = [_COLUMNS[name] for name in query.districts]
        unheaded: Mask = np.logical_not(self._headed[:, asked].any(axis=1))
        return unheaded

    def outside_period(self, query: Query) -> Mask:
        """Returns the passages whose bulletin's date lies outside the period asked for, or all where days of the week
        are asked for, which a bulletin's date tells nothing of.

        Only the words of these, ``(passages,)``, can state a day in the period.
        """
        if not query.has_time:
            return np.zeros(len(self._published), dtype=np.bool_)
        inside: Mask = np.zeros(len(self._published), dtype=np.bool_)
        for period in () if query.weekdays else query.periods:
            first, last = period.first.toordinal(), period.last.toordinal()
            inside |= (self._published >= first) & (self._published <= last) & (self._published != 0)
        return np.logical_not(inside)

    def allowed(self, query: Query, left_out: Mask | None = None) -> Mask:
        """Returns the passages that may answer, ``(passages,)``, without those ``left_out``.

        One of the districts asked for is named, and the bulletin's date, or a period that the passage states, lies in
        the period asked for; the bulletin's date alone if the question asks what was ``published`` then, and a day that
        it states alone if the question asks for days of the week.
        """
        allowed = np.ones(len(self._published), dtype=np.bool_)
        if query.districts:
            allowed &= self.named[:, [_COLUMNS[name] for name in query.districts]].any(axis=1)
        if query.has_time:
            allowed &= self._of_time(query)
        if left_out is not None:
            allowed &= ~left_out
        for other, preferred in self._preferred:
            if allowed[preferred].any():
                allowed[other] = False
        return allowed

    def _of_time(self, query: Query) -> Mask:
        dated = ~self.outside_period(query)
        for period in () if query.published and not query.weekdays else query.periods:
            stated = (self._first >= period.first.toordinal()) & (self._last <= period.last.toordinal())
            if query.weekdays:
                # Ordinal 1 is a Monday.
                stated &= (self._first == self._last) & np.isin((self._first - 1) % 7, query.weekdays)
            dated[self._owners[stated]] = True
        return dated
