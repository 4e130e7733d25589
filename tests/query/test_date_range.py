"""The range of dates that a question asks about."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.errors import QuestionRefused
from rag.query.date_range import DateRange, date_range_of
from rag.text.dates import stated_periods

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
        ("since 2022", "2022-01-01", None),
        ("from 2026 on", "2026-01-01", None),
        ("after March 2024", "2024-04-01", None),
        ("before 2023", None, "2022-12-31"),
        ("until May 2024", None, "2024-05-31"),
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
        # Years borrowed.
        ("between March 2023 and May", "2023-03-01", "2023-05-31"),
        ("between November 2021 and February", "2021-11-01", "2022-02-28"),
        ("from November to February 2022", "2021-11-01", "2022-02-28"),
        ("in March and May 2022", "2022-03-01", "2022-05-31"),
        ("from March to May 2022", "2022-03-01", "2022-05-31"),
        ("in January, February and March 2022", "2022-01-01", "2022-03-31"),
        ("spring and summer 2022", "2022-03-01", "2022-08-31"),
        ("from 20 May to 3 June 2022", "2022-05-20", "2022-06-03"),
        ("May 20 - June 3, 2022", "2022-05-20", "2022-06-03"),
        # The latest that has begun.
        ("in March", "2023-03-01", "2023-03-31"),
        ("in May", "2022-05-01", "2022-05-31"),
        ("in Q1", "2023-01-01", "2023-03-31"),
        ("in the fourth quarter", "2022-10-01", "2022-12-31"),
        ("三月", "2023-03-01", "2023-03-31"),
        # Seen from the day of asking.
        ("over the past two years", "2021-04-08", "2023-04-10"),
        ("in the past year", "2022-04-09", "2023-04-10"),
        ("two years ago", "2021-01-01", "2021-12-31"),
        ("next month", "2023-05-01", "2023-05-31"),
        ("last March", "2023-03-01", "2023-03-31"),
        ("March last year", "2022-03-01", "2022-03-31"),
        ("in the first half of the year", "2023-01-01", "2023-06-30"),
        ("the second half of last year", "2022-07-01", "2022-12-31"),
        ("early this year", "2023-01-01", "2023-04-30"),
        ("去年上半年", "2022-01-01", "2022-06-30"),
        ("去年三月", "2022-03-01", "2022-03-31"),
        ("最近三个月", "2023-01-07", "2023-04-10"),
        # Open ends.
        ("by 2022", None, "2022-12-31"),
        ("by March 2022", None, "2022-03-31"),
        ("as of December 2022", None, "2022-12-31"),
        ("2022年以来", "2022-01-01", None),
        ("2022年以后", "2023-01-01", None),
        ("2022年以前", None, "2021-12-31"),
        # Other spellings.
        ("2022/23", "2022-01-01", "2023-12-31"),
        ("on 12.03.2022", "2022-03-12", "2022-03-12"),
        ("2022年三月", "2022-03-01", "2022-03-31"),
        ("二〇二二年", "2022-01-01", "2022-12-31"),
        ("2021年至2022年", "2021-01-01", "2022-12-31"),
        ("in 2022 on consular protection", "2022-01-01", "2022-12-31"),
        # A year that belongs to no name.
        ("in Beijing in 2022", "2022-01-01", "2022-12-31"),
        ("in Beijing 2023", "2023-01-01", "2023-12-31"),
        ("at the 2022 Haidian lectures", "2022-01-01", "2022-12-31"),
        ("in 2022 Germany", "2022-01-01", "2022-12-31"),
        ("with the 2022 delegation", "2022-01-01", "2022-12-31"),
    ],
)
def test_a_question_names_a_period(words: str, first: str | None, last: str | None) -> None:
    """In English and in Chinese, whole and open-ended, seen from the day of asking."""
    asked = date_range_of(f"What happened {words}?", TODAY)
    assert (asked.first and str(asked.first), asked.last and str(asked.last)) == (first, last)


@pytest.mark.parametrize(
    "words",
    [
        "the 2022 Games volunteers",
        "Beijing 2022",
        "Expo 2019",
        "the Paris 2024 team",
        "the 2023 Trade Fair report",
        "2023 annual report",
        "2,022 snowflakes",
        "call 12308",
        "document 2024-99",
        "who may apply",
        "the march of the choir",
        "on March 5",
        "in winter",
        "the last train",
    ],
)
def test_numbers_and_names_are_no_periods(words: str) -> None:
    """A year inside a name, a count, a hotline, a day of any year, what is left out."""
    assert date_range_of(words, TODAY) == DateRange()


def test_a_month_alone_is_of_the_year_spoken_of() -> None:
    """What earlier questions were about goes before what is latest."""
    assert date_range_of("and in March?", TODAY, 2021).first == dt.date(2021, 3, 1)


def test_periods_named_one_by_one_are_kept() -> None:
    """A list gives the whole stretch, and each of its members for a comparison."""
    asked = date_range_of("in 2021, 2022 and 2024", TODAY)
    assert (str(asked.first), str(asked.last)) == ("2021-01-01", "2024-12-31")
    assert [period.first.year for period in asked.periods] == [2021, 2022, 2024]


@pytest.mark.parametrize(
    ("words", "published"),
    [
        ("events published in 2023", True),
        ("What was reported in March 2023?", True),
        ("the bulletin dated 12 March 2023", True),
        ("bulletins of 12 March 2023", True),
        ("the 12 March 2023 bulletin", True),
        ("notices issued in 2023", True),
        ("In 2023, which warnings were published?", True),
        ("2023年发布的消息", True),
        ("What happened in 2023?", False),
        ("passports issued in 2023", False),
        ("a guide published in 2023", False),
        ("What did Shunyi report in 2023?", False),
    ],
)
def test_a_date_of_publishing_is_the_bulletins_own(words: str, published: bool) -> None:
    """Bulletins and their news are published; passports are issued too."""
    assert date_range_of(words, TODAY).published is published


@pytest.mark.parametrize(
    "words", ["31 April 2024", "2024-13-40", "February 29, 2023", "2023年13月1日", "30 February", "31.04.2024"]
)
def test_a_day_that_the_calendar_lacks_is_named(words: str) -> None:
    """A question that names one is never answered as if it had not."""
    with pytest.raises(QuestionRefused, match=words):
        date_range_of(f"What happened on {words}?", TODAY)
    assert stated_periods(f"It happened on {words}.", TODAY) == ()


def test_dates_that_contradict_leave_no_day() -> None:
    """The period ends before it begins, so that the desk can say so."""
    asked = date_range_of("in 2025 before 2023", TODAY)
    assert asked.first is not None
    assert asked.last is not None
    assert asked.first > asked.last
