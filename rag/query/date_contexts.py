"""What the words around a period say of it: that its year is part of a name, or that it is a date of publishing."""

from __future__ import annotations

import re

from rag.models import Period
from rag.text import dates, districts


def is_in_a_name(question: str, period: Period) -> bool:
    """Whether this year is part of a name: "Expo 2019", "the 2023 Trade Fair report"."""
    if not _YEAR_ALONE.fullmatch(question, period.start, period.end):
        return False
    before, after = question[: period.start], question[period.end :]
    if _NAME_WITH_YEAR.search(before) or (_HOSTED.search(question[: period.end]) and not _IN_HOST.search(before)):
        return True
    # "the 2023 Trade Fair", but "in 2023 Germany" and "the 2023 Haidian lectures".
    capital = _CAPITAL.match(after)
    return bool(
        capital
        and _ARTICLE.search(before)
        and question != question.upper()
        and not _MONTH_WORD.match(capital[1].lower())
        and not districts.names_in(capital[1])
    )


def is_of_publishing(words: str, period: Period) -> bool:
    """Whether the period is that of the bulletins' own dates (\"published in 2023\")."""
    before, after = words[: period.start], words[period.end :]
    if _CHINESE_PUBLISHED.match(after) or _OF_BULLETINS.search(before) or _BULLETINS.match(after):
        return True
    said = _PUBLISHED.search(before)
    if not said:
        return bool(_WERE_PUBLISHED.search(words)) and bool(_PAPERS.search(words))
    if said[1] in ("issued", "released", "dated"):  # so are permits and passports
        return bool(_PAPERS.search(words))
    return not _BOOKS.search(before[: said.start()])


_PAPER = (
    r"(?:bulletins?|news|reports?|notices?|stories|story|articles?|announcements?|items?|texts?|warnings?|reminders?"
    r"|press releases?)"
)
_PREPOSITION = r"(?:(?:in|on|between|since|from|before|after|during|by|until|as early as|over)\s+)?(?:the\s+)?"
_MONTH_WORD = re.compile(rf"{dates.MONTH}$")
_YEAR_ALONE = re.compile(r"\d{4}")
_CAPITAL = re.compile(r"\s+([A-Z]\w+)")
_ARTICLE = re.compile(r"(?i)(?:^|\b(?:the|an?|its|their|our)\s+|['’]s\s+)$")
_NAME_WITH_YEAR = re.compile(
    r"(?i)\b(?:expo|olympics|games|fair|forum|summit|cup|cop|apec|congress|marathon|championships?|universiade|biennale)\s+$"
)
# Games go by their host and year.
_HOSTED = re.compile(
    r"(?i)\b(?:beijing (?:2008|2022)|tokyo 2020|paris 2024|london 2012|rio 2016|sochi 2014|pyeongchang 2018"
    r"|cortina 2026|hangzhou 2022|los angeles 2028|milan 2026)$"
)
_IN_HOST = re.compile(r"(?i)\b(?:in|to|of)\s+\w+\s+$")
_PUBLISHED = re.compile(rf"\b(published|reported|posted|printed|dated|issued|released|appeared)\s+{_PREPOSITION}$")
_OF_BULLETINS = re.compile(r"\b(?:bulletins?|issues?)\s+(?:of|from|for|in|since|before|after)\s+(?:the\s+)?$")
_BULLETINS = re.compile(r"\s+(?:bulletins?|issues?)\b")
_WERE_PUBLISHED = re.compile(r"\b(?:published|issued|released|posted|came out|come out|appeared)\b")
_PAPERS = re.compile(rf"\b{_PAPER}\b|^what (?:was|has been|were)\b")
_BOOKS = re.compile(r"\b(?:books?|guides?|handbooks?|brochures?|dictionar\w+|maps?|novels?|papers?|magazines?)\s+$")
_CHINESE_PUBLISHED = re.compile(r"\s*(?:发布|刊登|报道|发表|刊发)")
