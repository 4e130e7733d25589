"""Makes up bulletins in the form of the office's own: round-ups of districts, thematic ones, single-district ones."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

from benchmarks.topics import CLOSINGS, FOOTER, LEADS, PURPOSES, THEMES, TOPICS, Topic
from benchmarks.words import WORDS
from rag.text.districts import CANONICAL

FIRST_DAY, LAST_DAY = dt.date(2015, 1, 1), dt.date(2025, 12, 31)
LEAST_WORDS = 250
_SMALL = ("a", "and", "at", "by", "for", "from", "in", "into", "of", "on", "the", "to", "with")  # in titles


def generate(folder: Path, count: int, *, first: int = 0) -> None:
    """Writes bulletins number ``first`` to ``first + count - 1``; a number always gives the same file."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        (folder / f"bulletin_{number:05}.txt").write_text(bulletin(number), encoding="utf-8")


def bulletin(number: int) -> str:
    """The text of one bulletin, of 250 to some 350 words."""
    write = _Writer(number)
    form = write.random.choices((_round_up, _thematic, _of_one_district), weights=(6, 2, 2))[0]
    title, source, paragraphs = form(write)
    head = f"{title}\nDate: {write.date}\nSource: {source}\nfontSize:   big middle small"
    return "\n\n".join([head, *paragraphs]) + "\n"


class _Writer:
    """Fills templates in; what is drawn depends on the bulletin's number alone."""

    def __init__(self, number: int) -> None:
        self.random = random.Random(number)
        self.date = FIRST_DAY + dt.timedelta(days=self.random.randrange((LAST_DAY - FIRST_DAY).days + 1))

    def fill(self, template: str) -> str:
        filled = template.format_map(_Words(self.random, self.date))
        return filled[0].upper() + filled[1:]

    def title(self, template: str) -> str:
        words = self.fill(template).split()
        return " ".join(word if word in _SMALL else word[0].upper() + word[1:] for word in words)

    def topics(self) -> list[Topic]:
        """All topics, in an order of this bulletin's own."""
        return self.random.sample(TOPICS, len(TOPICS))

    def paragraph(self, topic: Topic, details: int) -> str:
        sentences = [self.random.choice(topic.openings), *self.random.sample(topic.details, details)]
        return " ".join(map(self.fill, sentences))


class _Words(dict[str, str]):
    """Draws a word for each name in a template; the same name in one sentence stands for the same word."""

    def __init__(self, source: random.Random, date: dt.date) -> None:
        super().__init__()
        self._random = source
        self._date = date

    def __missing__(self, name: str) -> str:
        drawn = self._draw(name.rstrip("2"), name)
        while drawn in self.values():
            drawn = self._draw(name.rstrip("2"), name)
        self[name] = drawn
        return drawn

    def _draw(self, kind: str, name: str) -> str:
        if kind == "count":
            return str(self._random.randrange(40, 900))
        if kind == "small":
            return str(self._random.randrange(3, 60))
        if kind == "year":
            return str(self._date.year - self._random.randrange(2, 40))
        if kind == "day":
            day = self._date - dt.timedelta(days=self._random.randrange(1, 28))
            return f"{day:%B} {day.day}"
        if kind == "month":
            return f"{self._date + dt.timedelta(days=self._random.randrange(30, 150)):%B}"
        return self._random.choice(WORDS[name if name in WORDS else kind])


def _round_up(write: _Writer) -> tuple[str, str, list[str]]:
    paragraphs = [write.fill(write.random.choice(LEADS))]
    for district, topic in zip(write.random.sample(CANONICAL, len(CANONICAL)), write.topics(), strict=False):
        paragraphs += [district, write.fill(write.random.choice(topic.headlines)), write.paragraph(topic, 2)]
        if _words(paragraphs) >= LEAST_WORDS:
            break
    return "What's New in Foreign Affairs in All Districts", "Beijing Foreign Affairs Office", [*paragraphs, FOOTER]


def _thematic(write: _Writer) -> tuple[str, str, list[str]]:
    paragraphs = [write.fill(write.random.choice(PURPOSES))]
    closing = write.fill(write.random.choice(CLOSINGS))
    for topic in write.topics():
        paragraphs += [write.fill(write.random.choice(topic.headlines)), write.paragraph(topic, 3)]
        if _words([*paragraphs, closing]) >= LEAST_WORDS:
            break
    return write.title(write.random.choice(THEMES)), "Beijing Foreign Affairs Office", [*paragraphs, closing]


def _of_one_district(write: _Writer) -> tuple[str, str, list[str]]:
    district = write.random.choice(CANONICAL)
    topics = write.topics()
    title = f"{district}: {write.title(write.random.choice(topics[0].headlines))}"
    paragraphs: list[str] = []
    for topic in topics:
        paragraphs.append(write.paragraph(topic, 3))
        if _words(paragraphs) >= LEAST_WORDS:
            break
    return title, f"Foreign Affairs Office of {district}", paragraphs


def _words(paragraphs: list[str]) -> int:
    return sum(len(paragraph.split()) for paragraph in paragraphs)
