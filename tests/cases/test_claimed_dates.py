"""Dates around a quotation are read whole, or said to be unread."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.checking.attribution import parse_claims
from rag.checking.checker import Checker
from rag.checking.claimed_dates import claimed_dates, nearest
from tests.support.sample_bulletins import bulletin_text
from tests.support.sample_library import build_library

QUOTE = "The lantern makers of Dajue taught ninety children"

HOLD = """
March 12, 2024 | 12 March 2024 | March 12th, 2024 | the 12th of March, 2024 | 12-Mar-2024 | Mar. 12, 2024
2024.3.12 | 2024/03/12 | 2024–03–12 | 2024 / 3 / 12 | 20240312 | ２０２４年３月１２日
二〇二四年三月十二日 | 2024年3月 | 二零二四年三月 | March 2024 | 12 March | the 12th of March | 3月12日
the twelfth of March 2024 | March the 12th, 2024 | March 11–13, 2024 | Tuesday, 12 March 2024 | 12.3.2024
10 to 12 March | 28 February to 15 March 2024 | March 9 to March 12 | 2024, March 12 | 12.3.24
3/9/2024 or 12 March 2024 | the March bulletin of 2024 | spring 2024 | 三月十二号
early March 2024 | mid-March | 3月中旬
"""
FAIL = """
13/3/2024 | 3/13/2024 | 13.03.2024 | 13-03-2024 | 19/09/2024 | 13/12/2024 | 5/14/2024
二〇二四年三月十三日 | 2024年3月13号 | March 13th, 2024 | 13th March, 2024 | 13-Mar-2024 | 20240313
March 13 of 2024 | the 13th day of March 2024 | 13 March | 3月13日 | 2024 March 13
March 30 to April 2, 2024 | 13/3/24 | 13 / 03 / 2024 | 12/05/2024 | 14/3 | winter 2022
the twenty-first of March 2024 | March thirty-first, 2024 | 13 March ’24 | the May bulletin of 2024
四月 | 2024年4月
late March 2024 | the end of March | 2024年3月下旬
"""
UNREAD = """
03/12/2024 | 12/3/24 | 31/02/2024 | 2024-13-45 | 30 February 2024 | 32 March 2024 | 12 / 03 / 2024 | 3/12
13. März 2024 | 13 de marzo de 2024 | 31 April | 2024年2月30日 | 40/40
"""


def words(rows: str) -> list[str]:
    return [word.strip() for row in rows.strip().splitlines() for word in row.split("|")]


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    text = bulletin_text("2024-03-12", "Haidian District", f"{QUOTE} on March 9.")
    return Checker(build_library(tmp_path_factory.mktemp("dates"), a=text))


@pytest.mark.parametrize("form", ["As published on {}, “{}”.", "“{1}” ({0})", "In the bulletin of {} we read “{}”."])
@pytest.mark.parametrize(
    ("date", "verdict"),
    [
        *((date, "exact") for date in words(HOLD)),
        *((date, "misattributed") for date in words(FAIL)),
        *((date, "unread") for date in words(UNREAD)),
    ],
)
def test_a_date_is_read_whole_or_said_to_be_unread(checker: Checker, date: str, verdict: str, form: str) -> None:
    """In every form, order and script; two readings or none are no reason to take the year alone."""
    (row,) = checker.check(form.format(date, QUOTE)).rows
    if verdict == "unread":
        assert row.verdict == "exact"
        assert f"{date} (it " in row.explanation
        assert row.explanation.endswith("not checked.")
        assert {claim.holds for claim in row.claims if claim.kind == "date"} == {None}
    else:
        assert row.verdict == verdict, row.explanation
        assert "not checked" not in row.explanation or " or " in date


@pytest.mark.parametrize("text", ["early 31/31/2024", "late 12. März 2024", "late May 32", "2024年2月30日初"])
def test_what_is_no_day_has_no_part_either(text: str) -> None:
    """It is unread, whatever part of a month is named beside it."""
    (mention,) = claimed_dates(text)
    assert mention.periods == ()
    assert mention.unread


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In March it opened", ["March"]),
        ("In March Tongzhou wrote", ["March"]),
        ("The guests may march in May", ["May"]),
        ("May we quote Theresa May?", []),
        ("Our May bulletin", ["May"]),
        ("(May)", ["May"]),
        ("as April Chen and June Liu said", []),
        ("they waited 3个月, then 12月", ["12月"]),
        ("in 2024 and 2025", ["2024", "2025"]),
        ("No. 2024-99 of 40 guests in 2024", ["2024"]),
        ("the 2022 Games", []),
    ],
)
def test_months_are_no_verbs_and_no_names(text: str, expected: list[str]) -> None:
    """A month alone is one by where it stands."""
    assert [mention.of(text) for mention in claimed_dates(text)] == expected


def test_a_date_without_a_year_is_the_bulletins(checker: Checker) -> None:
    """The nearest before it or soon after; an undated bulletin has none, and few years a February 29."""
    month, leap_day = claimed_dates("in February and on February 29")
    found = nearest(month.periods[0], dt.date(2023, 3, 1))
    assert found
    assert (str(found.first), str(found.last)) == ("2023-02-01", "2023-02-28")
    assert nearest(leap_day.periods[0], None) is None
    day = nearest(leap_day.periods[0], dt.date(2025, 1, 9))
    assert day
    assert str(day.first) == "2024-02-29"
    assert nearest(leap_day.periods[0], dt.date(2022, 6, 1)) is None


def test_a_date_given_apart_is_read_in_the_same_way(checker: Checker) -> None:
    """One of two readings is not proof; where none holds, the date is wrong."""
    for date, verdict, said in (
        ("03/12/2024", "exact", "may mean 2024-03-12 or 2024-12-03"),
        ("04/05/2024", "misattributed", "04/05/2024 is neither"),
        ("二〇二四年三月十二日", "exact", "Word for word"),
    ):
        (row,) = checker.check(QUOTE, quote=QUOTE, claims=parse_claims(date, None, None)).rows
        assert row.verdict == verdict
        assert said in row.explanation
