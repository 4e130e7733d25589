"""Dates in words, as bulletins state them."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.text.dates import format_period, stated_periods


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
    assert [(str(period.first), str(period.last)) for period in stated_periods(text, dt.date(2023, 1, 13))] == [
        (first, last)
    ]


def test_an_undated_bulletin_states_only_whole_dates() -> None:
    """Nothing is guessed, and "last month" is nobody's month."""
    text = "Training ended on December 6, 2022, began on December 1 and goes on; last month was quiet."
    assert [str(period.first) for period in stated_periods(text, None)] == ["2022-12-06"]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2024-01-01", "2024-12-31", "2024"),
        ("2024-02-01", "2024-02-29", "February 2024"),
        ("2024-02-02", "2024-02-29", "2 to 29 February 2024"),
        ("2024-01-01", "2025-12-31", "2024 to 2025"),
        ("2024-03-01", "2024-05-31", "March to May 2024"),
        ("2024-01-01", "2024-06-30", "January to June 2024"),
        ("2024-01-01", "2024-01-01", "1 January 2024"),
        ("2024-01-01", "2024-03-11", "1 January to 11 March 2024"),
        ("2024-03-01", "2024-03-01", "1 March 2024"),
        ("2024-03-11", "2024-03-11", "11 March 2024"),
        ("2022-01-01", None, "since 2022"),
        (None, "2022-12-31", "until 2022"),
        (None, None, ""),
    ],
)
def test_a_period_is_written_in_few_words(first: str | None, last: str | None, words: str) -> None:
    """Whole years and months by their names."""
    assert format_period(first and dt.date.fromisoformat(first), last and dt.date.fromisoformat(last)) == words


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("4月1日，朝阳区外办举办讲座。", "2024-04-01", "2024-04-01"),
        ("今年3月5日开馆。", "2024-03-05", "2024-03-05"),
        ("展览于12月20日至25日举行。", "2023-12-20", "2023-12-25"),
        ("书展从三月三十日到四月二日举行。", "2024-03-30", "2024-04-02"),
        ("2024年3月5日至7日举行。", "2024-03-05", "2024-03-07"),
        ("二〇二四年三月十二日签署。", "2024-03-12", "2024-03-12"),
        ("The hall opened on 19/09/2023.", "2023-09-19", "2023-09-19"),
        ("The hall opened on 9/19/2023.", "2023-09-19", "2023-09-19"),
        ("The fair was held in December last year.", "2023-12-01", "2023-12-31"),
        ("去年12月1日，展馆开放。", "2023-12-01", "2023-12-01"),
        ("Guests from Kenya came last year.", "2023-01-01", "2023-12-31"),
    ],
)
def test_a_bulletin_states_days_in_every_form(text: str, first: str, last: str) -> None:
    """Chinese days without a year, numbers parted by strokes, and last year's months are seen from its own date."""
    stated = [(str(period.first), str(period.last)) for period in stated_periods(text, dt.date(2024, 4, 2))]
    assert stated == [(first, last)]


@pytest.mark.parametrize(
    "text",
    [
        "Exports were up from 14 tonnes last year.",
        "More guests came than in the previous year.",
        "Compared with last year's total, twice as many came.",
        "比去年增长三成。",
        "为去年同期的两倍。",
    ],
)
def test_a_year_that_is_only_compared_with_is_not_stated(text: str) -> None:
    """Nothing that the sentence tells of happened then."""
    assert stated_periods(text, dt.date(2024, 4, 2)) == ()


def test_a_day_that_can_be_read_in_two_ways_states_both() -> None:
    """03/11/2024 is 11 March or 3 November, and the period says so."""
    assert [str(period.first) for period in stated_periods("Held on 03/11/2024.", None)] == ["2024-03-11", "2024-11-03"]
