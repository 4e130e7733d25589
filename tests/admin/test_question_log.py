"""What is kept of questions without their words, the figures made of it, and what is deleted in time."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import logging
import os
import threading
import time
from pathlib import Path

import pytest

from rag import limits, settings
from rag.admin import feedback, question_log, retention, unanswered
from rag.admin.feedback import Feedback
from rag.admin.metrics import Metrics
from rag.admin.question_log import LoggedQuestion, QuestionEvent
from rag.admin.usage_stats import count_by_bucket, total
from rag.answer.timing import Stopwatch
from rag.library.append_log import Log
from rag.web import service as desk_module
from tests.support.hashing_encoder import HashingEncoder

SEEN = QuestionEvent("k" * 24, "answered", "list", 3, "g1", 0.0124, {"reading": 0.002, "encoding": 0.0104})


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def path_of(root: Path) -> Path:
    return root / "log" / "asked.jsonl"


def line(at: dt.datetime, status: str = "answered", ms: float = 10.0) -> str:
    return json.dumps({"at": at.strftime("%Y-%m-%dT%H:%MZ"), "status": status, "ms": ms}) + "\n"


def glance(at: dt.datetime, verdict: str) -> Feedback:
    said = ("0" * 24, at.isoformat(), at.date(), verdict, "", "", "?", (), ())
    return Feedback(*said, "answered", "list", False, "", None, 0, ())  # type: ignore[arg-type]


def test_a_minute_and_figures_are_all_that_is_kept(tmp_path: Path) -> None:
    """No words, no asker, not even the second."""
    question_log.record(tmp_path, SEEN, 90)
    question_log.record(tmp_path, QuestionEvent("l" * 24, "refused"), 90)
    first, second = [json.loads(row) for row in path_of(tmp_path).read_text().splitlines()]
    at = dt.datetime.strptime(first.pop("at"), "%Y-%m-%dT%H:%MZ").replace(tzinfo=dt.UTC)
    assert abs(at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)
    assert first == {"status": "answered", "kind": "list", "ms": 12.4, "generation": "g1", "id": "k" * 24}
    assert (second["status"], second["kind"], second["ms"], second["generation"]) == ("refused", "", 0.0, None)
    assert [(one.status, one.ms) for one in question_log.read(tmp_path, 90)] == [("answered", 12.4), ("refused", 0.0)]


def test_a_torn_line_costs_itself_alone(tmp_path: Path) -> None:
    """What was noted before and after it counts."""
    path_of(tmp_path).parent.mkdir()
    path_of(tmp_path).write_text(line(now()) + line(now())[:30])
    question_log.record(tmp_path, SEEN, 90)
    assert len(question_log.read(tmp_path, 90)) == 2


def test_what_can_t_be_noted_fails_no_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Without a library, or while somebody holds the file for good: one line in the log."""
    with caplog.at_level(logging.ERROR):
        question_log.record(tmp_path / "none", SEEN, 90)
        path_of(tmp_path).parent.mkdir()
        with path_of(tmp_path).open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            question_log.record(tmp_path, SEEN, 90)
    assert ["could not be noted" in message for message in caplog.messages] == [True, True]


def test_many_threads_note_at_once(tmp_path: Path) -> None:
    path_of(tmp_path).parent.mkdir()
    threads = [
        threading.Thread(target=lambda: [question_log.record(tmp_path, SEEN, 90) for _ in range(50)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(question_log.read(tmp_path, 90)) == 400


def test_what_is_older_than_the_stated_period_is_deleted(tmp_path: Path) -> None:
    """Of all three; what became a case is kept, and so is what is new."""
    path_of(tmp_path).parent.mkdir()
    path_of(tmp_path).write_text(line(now() - dt.timedelta(days=8)) + line(now() - dt.timedelta(days=6)))
    days = [(now() - dt.timedelta(days=back)).date() for back in (9, 5)]
    rows = [json.dumps({"day": str(day), "question": f"of {day}", "why": ""}) + "\n" for day in days]
    (tmp_path / "log" / "unanswered.jsonl").write_text("".join(rows))
    for key, back, case in (("a", 9, ""), ("b", 9, "feedback-b"), ("c", 5, "")):
        at = (now() - dt.timedelta(days=back)).isoformat()
        feedback._write(tmp_path, said(key * 24, at=at, case=case))
    (tmp_path / "log" / "feedback" / f"{'d' * 24}.json").write_text("no feedback, but new")

    assert retention.delete_expired(tmp_path, 7) == retention.DeletedCounts(asked=1, unanswered=1, feedback=1)
    assert len(path_of(tmp_path).read_text().splitlines()) == 1
    assert [one.question for one in unanswered.most_frequent(tmp_path, kept_days=7)] == [f"of {days[1]}"]
    assert sorted(path.stem[0] for path in (tmp_path / "log" / "feedback").glob("*.json")) == ["b", "c", "d"]
    assert retention.delete_expired(tmp_path, 7) == retention.DeletedCounts(0, 0, 0)
    assert retention.delete_expired(tmp_path / "none", 7) == retention.DeletedCounts(0, 0, 0)


def test_a_server_tidies_at_its_start_and_every_day(
    folder: Path, library: Path, fake: HashingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day being short here."""
    monkeypatch.setattr(desk_module, "CLEANUP_SECONDS", 0.05)
    own = desk_module.Service(settings.load(seeds=folder, library=library, kept_days=7), fake)
    path_of(library).parent.mkdir(exist_ok=True)

    def tidied() -> bool:
        path_of(library).write_text(line(now() - dt.timedelta(days=8)))
        until = time.monotonic() + 60
        while path_of(library).stat().st_size and time.monotonic() < until:
            time.sleep(0.02)
        return not path_of(library).stat().st_size

    own.start_cleanup()
    try:
        assert tidied()
        assert tidied()
    finally:
        own.draining.set()


def said(key: str, **other: object) -> feedback.Feedback:
    fields: dict[str, object] = {
        "id": key, "at": now().isoformat(), "day": now().date(), "verdict": "helpful", "reason": "", "words": "",
        "question": "?", "history": (), "without": (), "status": "answered", "kind": "fact", "every": False,
        "message": "1 passage.", "generation": "g1", "total": 0, "quotes": (),
    }  # fmt: skip
    return feedback.Feedback(**fields | other)  # type: ignore[arg-type]


def test_a_desk_s_feedback_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest goes; the newest is there."""
    monkeypatch.setattr(limits, "MAX_FEEDBACK", 20)
    monkeypatch.setattr(feedback, "_SURPLUS", 2)
    for number in range(40):
        feedback.save(tmp_path, said(f"{number:024x}"))
    left = sorted(int(path.stem, 16) for path in (tmp_path / "log" / "feedback").glob("*.json"))
    assert len(left) <= 20
    assert left == list(range(left[0], 40))


def test_a_flood_pushes_out_neither_earlier_days_nor_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room is made of the day that has the most; a case stays on that day too, whatever comes."""
    monkeypatch.setattr(limits, "MAX_FEEDBACK", 20)
    monkeypatch.setattr(feedback, "_SURPLUS", 2)
    folder = tmp_path / "log" / "feedback"
    for number in range(12):
        feedback.save(tmp_path, said(f"{number:024x}"))
        if number == 7:
            feedback.mark_as_case(tmp_path, f"{number:024x}", "feedback-x")
        if number < 6:
            yesterday = (now() - dt.timedelta(days=1, minutes=-number)).timestamp()
            os.utime(folder / f"{number:024x}.json", (yesterday, yesterday))
    for number in range(12, 100):
        feedback.save(tmp_path, said(f"{number:024x}"))
    left = {int(path.stem, 16) for path in folder.glob("*.json")}
    assert len(left) <= 20
    assert left > {*range(6), 7, 99}


def test_a_flood_of_one_day_drops_no_lines_of_others(tmp_path: Path) -> None:
    """Each day keeps as much as any other needs."""
    log = Log(tmp_path / "log" / "a.jsonl", 10_000, 30)
    days = [(dt.date.today() - dt.timedelta(days=age)).isoformat() for age in (3, 2, 0)]
    counts = zip(days, (5, 40, 900), strict=True)
    lines = [f'{{"day": "{day}", "n": {number}}}\n' for day, many in counts for number in range(many)]
    log.path.parent.mkdir()
    log.path.write_text("".join(lines))
    log.prune()
    kept = [(row["day"], row["n"]) for row in map(json.loads, log.lines())]
    assert log.path.stat().st_size <= 5_000
    assert [n for day, n in kept if day == days[0]] == list(range(5))
    assert [n for day, n in kept if day == days[1]] == list(range(40))
    flood = [n for day, n in kept if day == days[2]]
    assert len(flood) > 50
    assert flood == list(range(flood[0], 900))


def test_days_are_counted_apart() -> None:
    """By status, with the share of refusals, the median and the 95th percentile; what is too old is left out."""
    yesterday, long_ago = now() - dt.timedelta(days=1), now() - dt.timedelta(days=40)
    noted = [
        *(LoggedQuestion(now(), "answered", float(ms)) for ms in range(1, 21)),
        *(LoggedQuestion(now(), "no_match", 100.0) for _ in range(5)),
        LoggedQuestion(now(), "refused", 0.0),
        LoggedQuestion(yesterday, "trouble", 9.0),
        LoggedQuestion(long_ago, "answered", 1),
    ]
    found = count_by_bucket("days", now(), noted, [glance(now(), "helpful"), glance(yesterday, "not_helpful")])
    assert len(found) == 30
    today = found[-1]
    assert (today.questions, today.statuses["no_match"], today.no_match_rate) == (26, 5, 0.2)
    assert (today.median_ms, today.p95_ms) == (13.0, 100.0)
    assert (found[-2].questions, found[-2].no_match_rate, found[-2].median_ms, found[-2].verdicts["not_helpful"]) == (
        1,
        None,
        None,
        1,
    )
    assert (total(found).questions, total(found).verdicts.total()) == (27, 2)
    hours = count_by_bucket("hours", now(), noted, [])
    assert (len(hours), hours[-1].questions) == (24, 26)


def test_stages_that_come_twice_add_up() -> None:
    watch = Stopwatch()
    for stage in ("reading", "encoding", "reading"):
        watch.lap(stage)
    assert list(watch.stages) == ["reading", "encoding"]
    assert sum(watch.stages.values()) == pytest.approx(watch.seconds)


def test_metrics_count_what_happened() -> None:
    """Each desk has its own; a question too long to be looked at has no time."""
    own, other = Metrics(), Metrics()
    own.track_generation(lambda: 7, lambda: 76)
    own.track_queue(lambda: 3)
    own.record_question(SEEN)
    own.record_question(QuestionEvent("x", "refused"))
    own.record_question(QuestionEvent("y", "trouble", seconds=0.2))
    own.record_failure()
    own.record_busy()
    own.record_feedback("helpful")
    told = own.exposition().decode()
    for row in (
        'desk_questions_total{status="answered"} 1.0', 'desk_questions_total{status="no_match"} 0.0',
        'desk_questions_total{status="refused"} 1.0', 'desk_questions_total{status="trouble"} 1.0',
        'desk_stage_seconds_bucket{le="0.0025",stage="reading"} 1.0', 'desk_stage_seconds_count{stage="encoding"} 1.0',
        "desk_question_seconds_count 2.0", "desk_generation_number 7.0", "desk_bulletins 76.0",
        "desk_failures_total 2.0", "desk_busy_total 1.0", "desk_queue_length 3.0",
        'desk_feedback_total{verdict="helpful"} 1.0', 'desk_feedback_total{verdict="not_helpful"} 0.0',
    ):  # fmt: skip
        assert f"\n{row}\n" in told
    assert 'desk_questions_total{status="answered"} 0.0' in other.exposition().decode()
