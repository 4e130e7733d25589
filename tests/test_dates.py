"""Dates in words, as people ask for them and as bulletins state them."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.dates import NoSuchDate, asked_period, stated, written

TODAY = dt.date(2023, 4, 10)  # a Monday


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("in 2023", "2023-01-01", "2023-12-31"),
        ("March 2024", "2024-03-01", "2024-03-31"),
        ("in Feb. of 2024", "2024-02-01", "2024-02-29"),
        ("on 16 March 2023", "2023-03-16", "2023-03-16"),
        ("on September 12th, 2024", "2024-09-12", "2024-09-12"),
        ("from July 11 to 29, 2022", "2022-07-11", "2022-07-29"),
        ("2024-03-11", "2024-03-11", "2024-03-11"),
        ("2024-03", "2024-03-01", "2024-03-31"),
        ("first half of 2022", "2022-01-01", "2022-06-30"),
        ("Q3 2024", "2024-07-01", "2024-09-30"),
        ("winter 2022", "2022-12-01", "2023-02-28"),
        ("between July and September 2023", "2023-07-01", "2023-09-30"),
        ("between March 2022 and June 2023", "2022-03-01", "2023-06-30"),
        ("2021-2023", "2021-01-01", "2023-12-31"),
        ("2024 and 2025", "2024-01-01", "2025-12-31"),
        ("since 2022", "2022-01-01", "9999-12-31"),
        ("from 2026 on", "2026-01-01", "9999-12-31"),
        ("after March 2024", "2024-04-01", "9999-12-31"),
        ("before 2023", "0001-01-01", "2022-12-31"),
        ("until May 2024", "0001-01-01", "2024-05-31"),
        ("last month", "2023-03-01", "2023-03-31"),
        ("this year", "2023-01-01", "2023-12-31"),
        ("last year", "2022-01-01", "2022-12-31"),
        ("last quarter", "2023-01-01", "2023-03-31"),
        ("last week", "2023-04-03", "2023-04-09"),
        ("last summer", "2022-06-01", "2022-08-31"),
        ("in the last three months", "2023-01-07", "2023-04-10"),
        ("yesterday", "2023-04-09", "2023-04-09"),
        ("2023年3月", "2023-03-01", "2023-03-31"),
        ("2023年上半年", "2023-01-01", "2023-06-30"),
        ("去年", "2022-01-01", "2022-12-31"),
        ("上个月", "2023-03-01", "2023-03-31"),
    ],
)
def test_a_question_names_a_period(words: str, first: str, last: str) -> None:
    """In English and in Chinese, whole and open-ended, seen from the day of asking."""
    period = asked_period(f"What happened {words}?", TODAY)
    assert period is not None
    assert (str(period.first), str(period.last)) == (first, last)


@pytest.mark.parametrize(
    "words",
    [
        "the 2022 Games volunteers",
        "2,022 snowflakes",
        "call 12308",
        "2023 annual report",
        "in May",
        "on 30 February",
        "document 2024-99",
        "who may apply",
    ],
)
def test_numbers_and_names_are_no_periods(words: str) -> None:
    """A year inside a name, a count, a hotline, a day that the calendar lacks."""
    period = asked_period(words, TODAY)
    assert period is None


@pytest.mark.parametrize("words", ["31 April 2024", "2024-13-40", "February 29, 2023", "2023年13月1日"])
def test_a_day_that_the_calendar_lacks_is_named(words: str) -> None:
    """A question that names one is never answered as if it had not."""
    with pytest.raises(NoSuchDate, match=words):
        asked_period(f"What happened on {words}?", TODAY)
    assert stated(f"It happened on {words}.", TODAY) == ()


def test_dates_that_contradict_leave_no_day() -> None:
    """The period ends before it begins, so that the desk can say so."""
    period = asked_period("in 2025 before 2023", TODAY)
    assert period is not None
    assert period.first > period.last


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("The class was held on January 8.", "2023-01-08", "2023-01-08"),
        ("It opened on December 24 and closed later.", "2022-12-24", "2022-12-24"),
        ("Open from September 20 to October 15.", "2022-09-20", "2022-10-15"),
        ("The lecture on November 7, 2021, was full.", "2021-11-07", "2021-11-07"),
        ("The next one is planned for March 3.", "2023-03-03", "2023-03-03"),
        ("Beijing's Foreign Affairs in Figures: 2022", "2022-01-01", "2022-12-31"),
    ],
)
def test_a_bulletin_states_days(text: str, first: str, last: str) -> None:
    """A day without a year is the one nearest to the bulletin's own date."""
    assert [(str(period.first), str(period.last)) for period in stated(text, dt.date(2023, 1, 13))] == [(first, last)]


def test_an_undated_bulletin_states_only_whole_dates() -> None:
    """Nothing is guessed, and "last month" is nobody's month."""
    text = "Training ended on December 6, 2022, began on December 1 and goes on; last month was quiet."
    assert [str(period.first) for period in stated(text, None)] == ["2022-12-06"]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2024-01-01", "2024-12-31", "2024"),
        ("2024-02-01", "2024-02-29", "2024-02"),
        ("2024-02-02", "2024-02-29", "2024-02-02 to 2024-02-29"),
        ("2024-01-01", "2025-12-31", "2024-01-01 to 2025-12-31"),
        ("2024-03-11", "2024-03-11", "2024-03-11"),
        ("2022-01-01", None, "since 2022-01-01"),
        (None, "2022-12-31", "until 2022-12-31"),
        (None, None, ""),
    ],
)
def test_a_period_is_written_in_few_words(first: str | None, last: str | None, words: str) -> None:
    """Whole years and months by their names."""
    assert written(first and dt.date.fromisoformat(first), last and dt.date.fromisoformat(last)) == words
