"""Periods relative to the day of asking: "last month", "the week before last", "ten days ago", 上上周, 去年上半年."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from rag.errors import QuestionRefused
from rag.models import Period
from rag.text import dates

_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen twenty thirty".split()
_NUMBERS = dict(zip(_ONES, [*range(1, 16), 20, 30], strict=True)) | {"a": 1, "an": 1, "a dozen": 12}
_VAGUE = {"a couple of": 2, "couple of": 2, "a few": 3, "few": 3, "several": 3, "几": 3}
_DAYS_OF = {"day": 1, "week": 7, "fortnight": 14, "month": 31, "quarter": 92, "year": 366}
_MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
_YEARS_BACK = {"今年": 0, "本年": 0, "去年": 1, "前年": 2, "大前年": 3, "明年": -1, "后年": -2}
_DAYS_BACK = {
    "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "yesterday": 1,
    "last night": 1, "last evening": 1, "tomorrow": -1, "今天": 0, "今日": 0, "今早": 0, "今晚": 0, "昨天": 1,
    "昨日": 1, "昨晚": 1, "前天": 2, "大前天": 3, "明天": -1, "后天": -2, "大后天": -3,
}  # fmt: skip
_BACK = {"this": 0, "current": 0, "the": 0, "next": -1, "coming": -1}
CHINESE_UNITS = {
    "天": "day", "日": "day", "周": "week", "星期": "week", "礼拜": "week", "月": "month", "季度": "quarter",
    "年": "year",
}  # fmt: skip
SEASONS = ("spring", "summer", "autumn", "fall", "winter")
WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
CHINESE_WEEKDAYS = "一二三四五六日天"
_DAY = dt.timedelta(days=1)
_WEEK = 7 * _DAY


def number_of(words: str) -> int:
    """The number of units that words or figures give: "ten", "a couple of", 十五; "few" passes for three."""
    known = _NUMBERS.get(words) or _VAGUE.get(words)
    return known or (int(words) if words.isdecimal() else dates.chinese_number(words.replace("两", "二")))


def shifted(period: Period, number: int, unit: str) -> Period:
    """The period so many units later, or earlier; a whole month or year stays one.

    Raises:
        QuestionRefused: it lies at an end of the calendar or beyond ("900 years before 900 years before 1950").
    """
    try:
        moved = _moved(period, number, unit)
    except (OverflowError, ValueError):
        moved = None
    if moved is None or moved.first.year == dt.MINYEAR or moved.last.year == dt.MAXYEAR:
        raise QuestionRefused("The question counts to days that the calendar lacks", remedy="Name nearer ones.")
    return moved


def _moved(period: Period, number: int, unit: str) -> Period:
    if unit not in _MONTHS_OF:
        by = number * _DAYS_OF[unit] * _DAY
        return Period(period.first + by, period.last + by)
    months = number * _MONTHS_OF[unit]
    whole = period.first.day == 1 and (period.last + _DAY).day == 1
    last = _months_later(period.last + _DAY, months) - _DAY if whole else _months_later(period.last, months)
    return Period(_months_later(period.first, months), last)


def _months_later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _unit(unit: str, back: int, today: dt.date) -> Period | None:
    """The day, week, month, quarter, season or year that is ``back`` before the one that ``today`` lies in."""
    monday = today - today.weekday() * _DAY - back * _WEEK
    if unit == "day":
        return Period(today - back * _DAY, today - back * _DAY)
    if unit == "year":
        return dates.year_period(today.year - back)
    if unit == "week":
        return Period(monday, monday + 6 * _DAY)
    if unit == "fortnight":
        return _unit("week", 2 * back, today)
    if unit == "weekend":
        return Period(monday + 5 * _DAY, monday + 6 * _DAY)
    if unit in ("month", "quarter"):
        length = _MONTHS_OF[unit]
        number = today.year * 12 // length + (today.month - 1) // length - back
        year, first = number * length // 12, number * length % 12 + 1
        return dates.month_range(year, first, first + length - 1)
    season = dates.month_range(today.year, *dates.PARTS[unit])
    if back < 0:
        return season if season and season.first > today else dates.month_range(today.year + 1, *dates.PARTS[unit])
    over = season is not None and (season.last < today if back else season.first <= today)
    return dates.month_range(today.year - (0 if over else 1) - max(back - 1, 0), *dates.PARTS[unit])


def _weekday(match: re.Match[str], today: dt.date) -> Period | None:
    """ "last Tuesday" is the latest before today, "this Tuesday" of this week, "next Tuesday" the first after today."""
    weekday, which = WEEKDAYS[match[2]], _BACK.get(match[1], 1)
    if which == 0:
        day = today + (weekday - today.weekday()) * _DAY
    elif which > 0:
        day = today - ((today.weekday() - weekday - 1) % 7 + 1) * _DAY
    else:
        day = today + ((weekday - today.weekday() - 1) % 7 + 1) * _DAY
    return Period(day, day)


def _part_of_unit(match: re.Match[str], today: dt.date) -> Period | None:
    """ "the first half of last year", "early this year"."""
    return dates.month_range(today.year - _BACK.get(match[2], 1), *dates.PARTS[match[1]])


def _month_of_year(match: re.Match[str], today: dt.date) -> Period | None:
    """ "last March", "March last year"."""
    name, which = (match[1], match[2]) if match[1] in dates.MONTHS else (match[2], match[1])
    number = dates.MONTHS[name]
    if match[0].endswith("year"):
        return dates.month_range(today.year - _BACK.get(which, 1), number, number)
    year = today.year - (dt.date(today.year, number, 1) > today) if which != "next" else today.year
    month = dates.month_range(year, number, number)
    if month and which == "next" and month.first <= today:
        return dates.month_range(year + 1, number, number)
    return dates.month_range(year - 1, number, number) if month and which == "last" and month.last >= today else month


def _day_of_year(match: re.Match[str], today: dt.date) -> Period | None:
    """ "March 5 last year", "5 March last year"."""
    name, day = (match[1], match[2]) if match[1] in dates.MONTHS else (match[2], match[1])
    return dates.day_range(today.year - _BACK.get(match[3], 1), dates.MONTHS[name], int(day))


def _past_units(match: re.Match[str], today: dt.date) -> Period | None:
    """ "the last three months", "the next ten days", 最近三个月."""
    unit = CHINESE_UNITS.get(match[2], match[2])
    if (match[1] or "").startswith(("半", "half")):
        span = {"month": 15, "year": 186}.get(unit, 4) * _DAY
    else:
        span = number_of(match[1] or "one") * _DAYS_OF[unit] * _DAY
    return Period(today, today + span) if match[0].startswith(("next", "coming")) else Period(today - span, today)


def _ago(match: re.Match[str], today: dt.date) -> Period | None:
    """ "ten days ago", 两周前; of "a few days ago" the days around are meant."""
    number, unit = match[1], CHINESE_UNITS.get(match[2], match[2])
    if number.startswith(("半", "half")):
        return _unit(*{"month": ("day", 15), "year": ("month", 6)}.get(unit, ("day", 4)), today)
    if number not in _VAGUE:
        return _unit(unit, number_of(number), today)
    farthest, nearest = _unit(unit, 2 * number_of(number), today), _unit(unit, 1, today)
    return Period(farthest.first, nearest.last) if farthest and nearest else None


def _weekdays_ago(match: re.Match[str], today: dt.date) -> Period | None:
    """ "three Saturdays ago"."""
    since = (today.weekday() - WEEKDAYS[match[2]] - 1) % 7 + 1
    return _unit("day", since + 7 * (number_of(match[1]) - 1), today)


def _eight_figures(match: re.Match[str], today: dt.date) -> Period | None:
    return dates.day_range(int(match[1]), int(match[2]), int(match[3]))


def _years(first: int, number: int) -> Period:
    return Period(dt.date(first, 1, 1), dt.date(first + number - 1, 12, 31))


def _so_far(match: re.Match[str], today: dt.date) -> Period | None:
    """ "earlier this month", "so far this year"."""
    period = _unit(match[1] or match[2] or match[3], 0, today)
    return period and Period(period.first, today)


def _chinese_year(match: re.Match[str], today: dt.date) -> Period | None:
    year = today.year - _YEARS_BACK[match[1]]
    if match[2]:
        return dates.month_range(year, *dates.CHINESE_PARTS[match[2]])
    month = dates.chinese_number(match[3]) if match[3] else 0
    if match[4]:
        return dates.day_range(year, month, dates.chinese_number(match[4]))
    return dates.month_range(year, month, month) if month else dates.year_period(year)


def _chinese_unit(match: re.Match[str], today: dt.date) -> Period | None:
    """本月, 上上周, 下个星期三, 上周末, 上个月5日."""
    which, unit, detail = match[1], match[2], match[3] or match[4]
    back = which.count("上") - which.count("下")
    period = _unit("weekend" if detail == "末" and unit != "月" else CHINESE_UNITS[unit], back, today)
    if not period or not detail or detail == "末":
        return period
    if match[4]:
        return dates.day_range(period.first.year, period.first.month, dates.chinese_number(detail))
    day = period.first + min(CHINESE_WEEKDAYS.index(detail), 6) * _DAY
    return Period(day, day)


def _words(table: dict[str, int]) -> str:
    return "|".join(sorted(table, key=len, reverse=True))


ENGLISH_NUMBER = rf"(?:\d{{1,3}}|(?:{_words({w: n for w, n in (_NUMBERS | _VAGUE).items() if w.isascii()})})(?=\s))"
CHINESE_NUMBER = r"(?:\d{1,3}|[一两二三四五六七八九十]{1,3}|几|半)"
UNIT = "(?:day|week|fortnight|month|quarter|year)"
CHINESE_UNIT = "(?:天|周|星期|礼拜|月|季度|年)"
WEEKDAY = f"(?:{'|'.join(WEEKDAYS)})"
_WHICH = r"(last|previous|preceding|this|current|next|coming)"
_SEASON = "|".join(SEASONS)
RELATIVE = dates.compile_rules(
    # The year in two figures is read in questions alone: in a bulletin it may be three numbers.
    (r"(?<![\d/.-])(\d{1,2})(/)(\d{1,2})/(\d\d)(?![\d/])", dates.numeric_day),
    (r"(?:(?<=\bon )|(?<=\bof )|(?<=dated ))((?:19|20)\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?![\d.-])", _eight_figures),
    (r"\b((?:19|20)\d)0s\b", lambda match, _: _years(int(match[1]) * 10, 10)),
    (rf"{dates.PART}\s+(?:of\s+)?(last|previous|past|this|current|next) year\b", _part_of_unit),
    (r"\b(first half|second half|(?:first|second|third|fourth|last) quarter) of (the) year\b", _part_of_unit),
    (rf"{dates.MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?:of\s+)?(last|this|next) year\b", _day_of_year),
    (rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{dates.MONTH},?\s+(?:of\s+)?(last|this|next) year\b", _day_of_year),
    (rf"{dates.MONTH},?\s+(?:of\s+)?(last|this|next) year\b", _month_of_year),
    (rf"\b(last|this|next)\s+{dates.MONTH}(?!\s+\d)", _month_of_year),
    (
        rf"\b(?:the\s+)?({UNIT}|weekend|{_SEASON}) before last\b"
        rf"(?!\s+(?:{UNIT}|weekend|{_SEASON}|{WEEKDAY}|{dates.MONTH}))",
        lambda match, today: _unit(match[1], 2, today),
    ),
    (
        r"\b(?:earlier|so far) this (week|month|quarter|year)\b|\bthis (week|month|quarter|year) so far\b"
        r"|\b(week|month|quarter|year)[ -]to[ -]date\b",
        _so_far,
    ),
    (
        rf"\b{_WHICH} (week|weekend|month|year|quarter|{_SEASON})\b(?! (?:olympics?|games|palace|festival|camp)\b)",
        lambda match, today: _unit(match[2], _BACK.get(match[1], 1), today),
    ),
    (rf"\b(last|past|this|next|coming) ({WEEKDAY})\b", _weekday),
    (rf"\b(?:last|past|previous|recent|preceding|next|coming) ({ENGLISH_NUMBER}|half)[ -]({UNIT})s?\b", _past_units),
    (rf"\bpast()\s({UNIT})\b", _past_units),
    (rf"\b({ENGLISH_NUMBER}|half an?) ({UNIT})s? ago\b", _ago),
    (rf"\b({ENGLISH_NUMBER}) ({WEEKDAY})s ago\b", _weekdays_ago),
    (
        rf"\b(?:{_words({w: n for w, n in _DAYS_BACK.items() if w.isascii()})})\b"
        rf"|(?<![以之日年])(?:{_words({w: n for w, n in _DAYS_BACK.items() if not w.isascii()})})",
        lambda match, today: _unit("day", _DAYS_BACK[match[0]], today),
    ),
    (
        rf"({_words(_YEARS_BACK)})\s*(?:的\s*)?(?:{dates.CHINESE_PART}|{dates.CHINESE_MONTH}(?:{dates.CHINESE_DAY})?)?",
        _chinese_year,
    ),
    (
        rf"(本|这一?个?|(?<!上)上++一?个?|(?<!下)下++一?个?)(周|星期|礼拜|季度|月)"
        rf"(?:(?<=[周期拜])([{CHINESE_WEEKDAYS}末])|(?<=月){dates.CHINESE_DAY})?",
        _chinese_unit,
    ),
    (
        rf"(?:最近|过去|近|这|前(?=几)|(?:^|(?<=[\s，,。在区]))前)的?\s*({CHINESE_NUMBER})\s*个?({CHINESE_UNIT})",
        _past_units,
    ),
    # Not after what happens: 签署两周前 is no time seen from today.
    (
        rf"(?<![\d月第署行始束幕生放达立开会发到订办赛节礼动后前])({CHINESE_NUMBER})\s*个?({CHINESE_UNIT})(?:之|以)?前",
        _ago,
    ),
)
