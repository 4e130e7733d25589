"""Times in questions, in other words than those of the failing cases: read whole, or said to be unread."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from rag.errors import QuestionRefused
from rag.query.parse import parse_bilingual
from rag.text.dates import long_date
from tests.cases.conftest import DATA, AssistantOf

MONDAY = "2024-05-20"
CASES = [json.loads(line) for line in (DATA / "time" / "questions.jsonl").read_text("utf-8").splitlines()]

# fmt: off
READ = [
    # numeric
    ("What happened on 14/05/2024?", MONDAY, "2024-05-14", "2024-05-14"),
    ("What happened on 5/14/2024?", MONDAY, "2024-05-14", "2024-05-14"),
    ("events on 18-05-2024", MONDAY, "2024-05-18", "2024-05-18"),
    ("What took place on 9/16/2023?", MONDAY, "2023-09-16", "2023-09-16"),
    ("What was reported on 2024/5/14?", MONDAY, "2024-05-14", "2024-05-14"),
    ("news of 14.05.2024", MONDAY, "2024-05-14", "2024-05-14"),
    ("events on 5/5/2024", MONDAY, "2024-05-05", "2024-05-05"),
    ("What happened between 2/5/2024 and 14/5/2024?", MONDAY, "2024-05-02", "2024-05-14"),
    ("events from 3/13/2024 to 4/2/2024", MONDAY, "2024-03-13", "2024-04-02"),
    ("List the events of 05/2024", MONDAY, "2024-05-01", "2024-05-31"),
    ("What happened on 14/05/24?", MONDAY, "2024-05-14", "2024-05-14"),
    ("What happened on Tuesday, 14 May 2024?", MONDAY, "2024-05-14", "2024-05-14"),
    ("2024.5.14有什么活动?", MONDAY, "2024-05-14", "2024-05-14"),
    # days
    ("What happened the day before yesterday?", MONDAY, "2024-05-18", "2024-05-18"),
    ("Any events the week before last?", "2024-03-20", "2024-03-04", "2024-03-10"),
    ("What was held the month before last?", MONDAY, "2024-03-01", "2024-03-31"),
    ("events the year before last", MONDAY, "2022-01-01", "2022-12-31"),
    ("What happened a fortnight ago?", MONDAY, "2024-05-06", "2024-05-12"),
    ("Which events were there ten days ago?", MONDAY, "2024-05-10", "2024-05-10"),
    ("events of the past fortnight", MONDAY, "2024-05-06", "2024-05-20"),
    ("What happened last Saturday?", MONDAY, "2024-05-18", "2024-05-18"),
    ("What went on last weekend?", MONDAY, "2024-05-18", "2024-05-19"),
    ("What is planned for tomorrow?", MONDAY, "2024-05-21", "2024-05-21"),
    ("What happened on Tuesday last week?", MONDAY, "2024-05-14", "2024-05-14"),
    ("What happened earlier this month?", MONDAY, "2024-05-01", "2024-05-20"),
    ("events so far this year", MONDAY, "2024-01-01", "2024-05-20"),
    ("three Saturdays ago, what happened?", MONDAY, "2024-05-04", "2024-05-04"),
    # zh
    ("前天发生了什么?", MONDAY, "2024-05-18", "2024-05-18"),
    ("大前天有什么活动?", MONDAY, "2024-05-17", "2024-05-17"),
    ("上上周有什么活动?", "2024-03-20", "2024-03-04", "2024-03-10"),
    ("上上个月举办了哪些活动?", MONDAY, "2024-03-01", "2024-03-31"),
    ("前年有哪些活动?", MONDAY, "2022-01-01", "2022-12-31"),
    ("大前年有哪些新闻?", MONDAY, "2021-01-01", "2021-12-31"),
    ("十天前发生了什么?", MONDAY, "2024-05-10", "2024-05-10"),
    ("两周前有什么活动?", MONDAY, "2024-05-06", "2024-05-12"),
    ("上周六有什么活动?", MONDAY, "2024-05-18", "2024-05-18"),
    ("上周末有什么活动?", MONDAY, "2024-05-18", "2024-05-19"),
    ("2024年3月上旬有哪些活动?", MONDAY, "2024-03-01", "2024-03-10"),
    ("2024年5月中旬发生了什么?", MONDAY, "2024-05-11", "2024-05-20"),
    ("三月下旬有什么活动?", MONDAY, "2024-03-21", "2024-03-31"),
    ("今年上半年有哪些活动?", MONDAY, "2024-01-01", "2024-06-30"),
    ("2024年5月14日前三天有什么活动?", MONDAY, "2024-05-11", "2024-05-13"),
    ("2024年第一季度有哪些活动?", MONDAY, "2024-01-01", "2024-03-31"),
    ("去年9月16日发生了什么?", MONDAY, "2023-09-16", "2023-09-16"),
    ("昨晚有什么活动?", MONDAY, "2024-05-19", "2024-05-19"),
    # windows
    ("What happened in the 3 days before May 14, 2024?", MONDAY, "2024-05-11", "2024-05-13"),
    ("What happened in the week after June 12, 2024?", MONDAY, "2024-06-13", "2024-06-19"),
    ("events in the two weeks after 2024-03-02", MONDAY, "2024-03-03", "2024-03-16"),
    ("Which events were held within five days of 16 September 2023?", MONDAY, "2023-09-11", "2023-09-21"),
    ("What happened two days after March 7, 2024?", MONDAY, "2024-03-09", "2024-03-09"),
    ("What happened the day before 15 May 2024?", MONDAY, "2024-05-14", "2024-05-14"),
    ("What happened a week before 25 May 2024?", MONDAY, "2024-05-18", "2024-05-18"),
    ("List the events of the ten days following March 1, 2024", MONDAY, "2024-03-02", "2024-03-11"),
    ("events in the month before June 1, 2024", MONDAY, "2024-05-01", "2024-05-31"),
    ("events in the 3 days before May 14", MONDAY, "2024-05-11", "2024-05-13"),
    ("What happened in the week after March 1?", MONDAY, "2024-03-02", "2024-03-08"),
    # parts
    ("events in the first week of March 2024", MONDAY, "2024-03-01", "2024-03-07"),
    ("What happened in the second half of May 2024?", MONDAY, "2024-05-16", "2024-05-31"),
    ("mid-June 2024 events", "2024-07-01", "2024-06-11", "2024-06-20"),
    ("What was held in early March 2024?", MONDAY, "2024-03-01", "2024-03-10"),
    ("events in late May 2024", "2024-07-01", "2024-05-21", "2024-05-31"),
    ("What happened at the end of September 2023?", MONDAY, "2023-09-21", "2023-09-30"),
    ("What happened in the last week of February 2024?", MONDAY, "2024-02-23", "2024-02-29"),
    ("events in the third week of May", MONDAY, "2024-05-15", "2024-05-21"),
    ("What took place in the first ten days of March 2024?", MONDAY, "2024-03-01", "2024-03-10"),
    ("in the middle of May 2024, what happened?", MONDAY, "2024-05-11", "2024-05-20"),
    ("events in the first half of March", MONDAY, "2024-03-01", "2024-03-15"),
    ("What happened in the first quarter of 2024?", MONDAY, "2024-01-01", "2024-03-31"),
    # more
    ("What happened on the 14th of May 2024?", "2024-06-20", "2024-05-14", "2024-05-14"),
    ("events on 14-May-2024", "2024-06-20", "2024-05-14", "2024-05-14"),
    ("events on May 14th 2024", "2024-06-20", "2024-05-14", "2024-05-14"),
    ("What happened on 2024.05.14?", "2024-06-20", "2024-05-14", "2024-05-14"),
    ("events on 20240514", "2024-06-20", "2024-05-14", "2024-05-14"),
    ("what happened during the last ten days", "2024-06-20", "2024-06-10", "2024-06-20"),
    ("What happened over the last week of May 2024?", "2024-06-20", "2024-05-25", "2024-05-31"),
    ("events in the week of May 14, 2024", "2024-06-20", "2024-05-13", "2024-05-19"),
    ("What happened in the fortnight before May 20, 2024?", "2024-06-20", "2024-05-06", "2024-05-19"),
    ("What happened three days earlier than May 17, 2024?", "2024-06-20", "2024-05-14", "2024-05-14"),
    ("events in the first three months of 2024", "2024-06-20", "2024-01-01", "2024-03-31"),
    ("events in the first two weeks of May 2024", "2024-06-20", "2024-05-01", "2024-05-14"),
    ("What happened at the beginning of May 2024?", "2024-06-20", "2024-05-01", "2024-05-10"),
    ("What happened towards the end of last month?", "2024-06-20", "2024-05-21", "2024-05-31"),
    ("events early last month", "2024-06-20", "2024-05-01", "2024-05-10"),
    ("events in the second quarter of last year", "2024-06-20", "2023-04-01", "2023-06-30"),
    ("events in the first half of this month", "2024-06-20", "2024-06-01", "2024-06-15"),
    ("What happened since the day before yesterday?", "2024-06-20", "2024-06-18", "None"),
    ("What happened on Saturday, May 18, 2024?", "2024-06-20", "2024-05-18", "2024-05-18"),
    ("What happened on the third Saturday of May 2024?", "2024-06-20", "2024-05-18", "2024-05-18"),
    ("What happened over the weekend of May 18, 2024?", "2024-06-20", "2024-05-18", "2024-05-19"),
    ("What happened in the 1990s?", "2024-06-20", "1990-01-01", "1999-12-31"),
    ("What happened six months ago?", "2024-06-20", "2023-12-01", "2023-12-31"),
    ("What happened half a year ago?", "2024-06-20", "2023-12-01", "2023-12-31"),
    ("events from yesterday to today", "2024-06-20", "2024-06-19", "2024-06-20"),
    ("events by mid-May 2024", "2024-06-20", "None", "2024-05-20"),
    ("events before the end of May 2024", "2024-06-20", "None", "2024-05-30"),
    ("events until the end of May 2024", "2024-06-20", "None", "2024-05-31"),
    ("events in March and early May 2024", "2024-06-20", "2024-03-01", "2024-05-10"),
    ("events from mid-March to mid-May 2024", "2024-06-20", "2024-03-11", "2024-05-20"),
    ("events in the last three days of May 2024", "2024-06-20", "2024-05-29", "2024-05-31"),
    ("What happened this weekend?", "2024-06-20", "2024-06-22", "2024-06-23"),
    ("What happened the previous week?", "2024-06-20", "2024-06-10", "2024-06-16"),
    ("the year before last: what happened?", "2024-06-20", "2022-01-01", "2022-12-31"),
    ("What happened between the week before last and yesterday?", "2024-06-20", "2024-06-03", "2024-06-19"),
    ("去年年底有什么活动?", "2024-06-20", "2023-10-01", "2023-12-31"),
    ("上个月底有什么活动?", "2024-06-20", "2024-05-21", "2024-05-31"),
    ("上个月中旬发生了什么?", "2024-06-20", "2024-05-11", "2024-05-20"),
    ("5月上旬有哪些活动?", "2024-06-20", "2024-05-01", "2024-05-10"),
    ("二〇二四年五月十四日发生了什么?", "2024-06-20", "2024-05-14", "2024-05-14"),
    ("2024年5月第二周有什么活动?", "2024-06-20", "2024-05-08", "2024-05-14"),
    ("2024年5月14日后一周内有什么活动?", "2024-06-20", "2024-05-15", "2024-05-21"),
    ("上个星期三有什么活动?", "2024-06-20", "2024-06-12", "2024-06-12"),
    ("这个月有什么活动?", "2024-06-20", "2024-06-01", "2024-06-30"),
    ("三个月前有什么活动?", "2024-06-20", "2024-03-01", "2024-03-31"),
    ("半年前有什么活动?", "2024-06-20", "2023-12-01", "2023-12-31"),
    ("近两周有什么活动?", "2024-06-20", "2024-06-06", "2024-06-20"),
    ("过去十天有哪些活动?", "2024-06-20", "2024-06-10", "2024-06-20"),
    ("2024年3月以来有什么活动?", "2024-06-20", "2024-03-01", "None"),
    ("2024年5月之前有什么活动?", "2024-06-20", "None", "2024-04-30"),
    ("2024年3月到5月有哪些活动?", "2024-06-20", "2024-03-01", "2024-05-31"),
    ("2024年5月6日至12日有什么活动?", "2024-06-20", "2024-05-06", "2024-05-12"),
    ("2023年下半年有什么活动?", "2024-06-20", "2023-07-01", "2023-12-31"),
    ("去年第四季度有哪些活动?", "2024-06-20", "2023-10-01", "2023-12-31"),
    ("本周有什么活动?", "2024-06-20", "2024-06-17", "2024-06-23"),
    ("上上个星期五有什么活动?", "2024-06-20", "2024-06-07", "2024-06-07"),
    ("前几天有什么活动?", "2024-06-20", "2024-06-17", "2024-06-20"),
    ("今年头三个月有什么活动?", "2024-06-20", "2024-01-01", "2024-03-31"),
]
# fmt: on


@pytest.mark.parametrize(("question", "asked_on", "first", "last"), READ)
def test_a_time_is_read_whole(question: str, asked_on: str, first: str, last: str) -> None:
    """In numbers, by the day of asking, as a part of a month and as so many days before or after; none is searched for
    as a word."""
    query = parse_bilingual(question, dt.date.fromisoformat(asked_on))
    assert (str(query.date_from), str(query.date_to), query.unread) == (first, last, ())
    assert query.topic in ("", "planned", "up")


@pytest.mark.parametrize(
    ("question", "readings"),
    [
        ("What happened on 03/11/2024?", ["2024-03-11", "2024-11-03"]),
        ("events on 2-3-2024", ["2024-02-03", "2024-03-02"]),
        ("What was reported on 04/05/23?", ["2023-04-05", "2023-05-04"]),
        ("03/11/2024发生了什么?", ["2024-03-11", "2024-11-03"]),
    ],
)
def test_a_day_with_two_readings_is_looked_for_under_both(question: str, readings: list[str]) -> None:
    """The message says which they are; the days between them are not asked about."""
    query = parse_bilingual(question, dt.date(2024, 5, 20))
    assert [str(period.first) for period in query.either] == readings
    assert [str(period.last) for period in query.either] == readings
    assert all(long_date(dt.date.fromisoformat(day)) in query.notes[0] for day in readings)


@pytest.mark.parametrize("question", ["What happened on Saturday 1/2/2024?", "events of Thursday, 1/2/2024"])
def test_a_date_in_numbers_may_stand_behind_its_day_of_the_week(question: str) -> None:
    """It has its two readings there too."""
    query = parse_bilingual(question, dt.date(2024, 6, 1))
    assert [period.first for period in query.either] == [dt.date(2024, 1, 2), dt.date(2024, 2, 1)]
    assert query.notes[0].startswith(("“Saturday 1/2/2024” can mean", "“Thursday, 1/2/2024” can mean"))


def test_what_stands_beside_a_date_of_two_readings_stays_whole() -> None:
    """December is the whole of it, whichever is the month of the other."""
    query = parse_bilingual("What happened from 03/11/2024 to December 2024?", dt.date(2025, 6, 1))
    assert {period.last for period in query.either} == {dt.date(2024, 12, 31)}


def test_one_date_tells_how_another_is_meant() -> None:
    """Who writes 14/5/2024 puts the day first in 2/5/2024 too."""
    query = parse_bilingual("What happened between 2/5/2024 and 14/5/2024?", dt.date(2024, 6, 1))
    assert (query.either, query.notes) == ((), ())


@pytest.mark.parametrize("question", ["What happened on 45/67/2024?", "events on 31/02/2024", "13/13/2024有什么活动?"])
def test_numbers_that_are_no_day_are_refused(question: str) -> None:
    """They are never half read as a year."""
    with pytest.raises(QuestionRefused, match="There is no such date"):
        parse_bilingual(question, dt.date(2024, 5, 20))


@pytest.mark.parametrize(
    ("question", "history"),
    [
        ("events 900 years before 900 years before 900 years before 2024", []),
        ("events before 999 years before 999 years before 1999", []),
        (f"events {'900 years after ' * 9}2024", []),
        ("and 950 years before?", ["events in 1900", "and 950 years before?"]),
    ],
)
def test_days_beyond_the_calendar_are_refused(question: str, history: list[str]) -> None:
    """However they are counted to, in one question or from one to the next."""
    with pytest.raises(QuestionRefused, match="counts to days that the calendar lacks"):
        parse_bilingual(question, dt.date(2024, 5, 20), history)


@pytest.mark.parametrize(
    ("question", "told", "first", "last"),
    [
        ("events in May", "2024-05-06 2023-05-01", "2024-05-01", "2024-05-31"),
        ("What happened in the first quarter?", "2023-02-03 2024-06-15", "2023-01-01", "2023-03-31"),
        ("五月有什么活动?", "2022-05-31", "2022-05-01", "2022-05-31"),
        ("events in mid-June", "2024-06-15", "2024-06-11", "2024-06-20"),
        ("events in the 3 days before May 14", "2024-05-06", "2024-05-11", "2024-05-13"),
        ("What happened on May 14?", "2023-05-14 2024-05-18", "2023-05-14", "2023-05-14"),
        ("5月14日发生了什么?", "2023-05-14 2024-05-18", "2023-05-14", "2023-05-14"),
        ("events in May", "2026-05-31", "2026-05-01", "2026-05-31"),
        ("events in May", "2024-06-15", "2026-05-01", "2026-05-31"),
    ],
)
def test_a_month_alone_is_the_latest_that_bulletins_tell_of(question: str, told: str, first: str, last: str) -> None:
    """The answer says so where that isn't this year's."""
    query = parse_bilingual(question, dt.date(2026, 11, 30), told=[*map(dt.date.fromisoformat, told.split())])
    assert (str(query.date_from), str(query.date_to)) == (first, last)
    assert bool(query.notes) is (first[:4] != "2026")


@pytest.mark.parametrize(
    ("earlier", "question", "first", "last"),
    [
        ("events in the first week of March 2024", "and the week after?", "2024-03-08", "2024-03-14"),
        ("What happened in May 2024?", "and the month before?", "2024-04-01", "2024-04-30"),
        ("What happened in 2023?", "And what was held the month after in Haidian?", "2024-01-01", "2024-01-31"),
        ("What happened on May 14, 2024?", "And a year later in Haidian?", "2025-05-01", "2025-05-31"),
        ("What happened on May 14, 2024?", "and two days later?", "2024-05-16", "2024-05-16"),
        ("events in May 2024", "And the following week?", "2024-06-01", "2024-06-07"),
        ("2024年5月有什么活动?", "三月呢?", "2024-03-01", "2024-03-31"),
    ],
)
def test_a_follow_up_moves_the_period(earlier: str, question: str, first: str, last: str) -> None:
    """It is reckoned from that of the question before."""
    query = parse_bilingual(question, dt.date(2024, 6, 20), [earlier])
    assert (str(query.date_from), str(query.date_to), query.unread) == (first, last, ())


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("Which events took place on a Saturday?", (5,)),
        ("What happened on weekends?", (5, 6)),
        ("Were there events on a Friday or a Sunday?", (4, 6)),
        ("List the events held on weekdays in March 2024", (0, 1, 2, 3, 4)),
        ("events on Saturdays in May 2024", (5,)),
        ("周末有什么活动?", (5, 6)),
        ("哪些活动在星期六举行?", (5,)),
        # One Saturday is a date, and what is open on one stands in the words of a passage.
        ("What happened last Saturday?", ()),
        ("上周六有什么活动?", ()),
        ("When is the visa hall open on Saturday?", ()),
    ],
)
def test_a_day_of_the_week_is_a_condition(question: str, days: tuple[int, ...]) -> None:
    """Of questions for all that matches, and it can be taken away."""
    query = parse_bilingual(question, dt.date(2024, 5, 20))
    assert query.weekdays == days
    keys = [condition.key for condition in query.conditions if condition.key.startswith("weekday:")]
    assert parse_bilingual(question, dt.date(2024, 5, 20), without=keys).weekdays == ()


def test_a_follow_up_keeps_the_days_of_the_week() -> None:
    """Until it names others."""
    earlier = ["Which events took place on a Saturday?"]
    followed = parse_bilingual("And in Haidian?", dt.date(2024, 5, 20), earlier)
    assert followed.weekdays == (5,)
    assert [condition.inherited for condition in followed.conditions if condition.key == "weekday:5"] == [True]
    assert parse_bilingual("And on a Sunday?", dt.date(2024, 5, 20), earlier).weekdays == (6,)


@pytest.mark.parametrize(
    ("question", "unread"),
    [
        ("What happened two weeks before the Lima memorandum was signed?", "two weeks before the Lima memorandum"),
        ("What happened the other day?", "the other day"),
        ("What happened three weeks after the film week ended?", "three weeks after the film week ended"),
        ("events in the week before the boat race", "in the week before the boat race"),
        ("What took place the day after the relay?", "the day after the relay"),
        ("What happened within a month of the sports day?", "within a month of the sports day"),
        ("What happened a while ago?", "a while ago"),
        ("Which events were there last Christmas?", "last Christmas"),
        ("What was held two days later?", "two days later"),
        ("备忘录签署前两周有什么活动?", "前两周"),
        ("前不久有什么活动?", "前不久"),
    ],
)
def test_a_time_that_no_calendar_tells_is_named(question: str, unread: str) -> None:
    """It isn't taken for another time, nor passed over."""
    query = parse_bilingual(question, dt.date(2024, 5, 20))
    assert query.date_from is query.date_to is None
    assert query.unread[0].startswith(unread)


@pytest.mark.process  # the corpus holds a PDF
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_question_of_time_is_answered_by_time(assistant_of: AssistantOf, case: dict[str, list[str]]) -> None:
    """The status, the dates of the bulletins quoted, in order, and what the message and the quotes say."""
    answer = assistant_of("corpus").ask(str(case["question"]), asked_on=dt.date.fromisoformat(str(case["asked_on"])))
    assert answer.status == case["status"]
    if "dates" in case:
        assert list(dict.fromkeys(str(quote.date) for quote in answer.quotes)) == case["dates"]
    for words in case.get("message", []):
        assert words in answer.message
    for words in case.get("quotes", []):
        assert any(words in quote.text for quote in answer.quotes)
