"""The metrics that a Prometheus server collects from the desk."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from rag.admin.feedback import VERDICTS
from rag.admin.question_log import OUTCOMES, STAGES, QuestionEvent

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds


class Metrics:
    """The metrics of one desk since it started, in a registry of its own.  Safe to use from several threads."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._questions = Counter("desk_questions", "Questions, by how they ended", ["status"], registry=registry)
        self._stages = Histogram(
            "desk_stage_seconds", "Time of a question's stages", ["stage"], buckets=_BUCKETS, registry=registry
        )
        self._seconds = Histogram("desk_question_seconds", "Time of a question", buckets=_BUCKETS, registry=registry)
        self._generation = Gauge("desk_generation_number", "Number of the generation answered from", registry=registry)
        self._bulletins = Gauge("desk_bulletins", "Bulletins of that generation", registry=registry)
        self._failures = Counter("desk_failures", "Questions and pages that failed", registry=registry)
        self._busy = Counter("desk_busy", "Questions turned away because the desk was busy", registry=registry)
        self._queue = Gauge("desk_queue_length", "Questions that wait", registry=registry)
        self._feedback = Counter("desk_feedback", "What readers said of answers", ["verdict"], registry=registry)
        for status in OUTCOMES:
            self._questions.labels(status)
        for stage in STAGES:
            self._stages.labels(stage)
        for verdict in VERDICTS:
            self._feedback.labels(verdict)

    def record_question(self, event: QuestionEvent) -> None:
        """Counts a question that was answered, or failed."""
        self._questions.labels(event.status).inc()
        if event.status == "trouble":
            self._failures.inc()
        if event.seconds:  # a question that is too long is refused without being parsed
            self._seconds.observe(event.seconds)
        for stage, seconds in event.stages.items():
            self._stages.labels(stage).observe(seconds)

    def record_failure(self) -> None:
        """Counts a page that could not be made."""
        self._failures.inc()

    def record_busy(self) -> None:
        """Counts a question that was turned away."""
        self._busy.inc()

    def record_feedback(self, verdict: str) -> None:
        """Counts a reader's verdict on an answer."""
        self._feedback.labels(verdict).inc()

    def track_generation(self, number: Callable[[], float], bulletins: Callable[[], float]) -> None:
        """Sets the functions that return the generation's number and the count of its bulletins."""
        self._generation.set_function(number)
        self._bulletins.set_function(bulletins)

    def track_queue(self, length: Callable[[], float]) -> None:
        """Sets the function that returns the count of waiting questions."""
        self._queue.set_function(length)

    def exposition(self) -> bytes:
        """All metrics in the collector's text format (``CONTENT_TYPE``)."""
        return generate_latest(self._registry)
