"""What a Prometheus server collects from the desk, in a registry of the desk's own."""

from __future__ import annotations

import logging
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from rag.admin.feedback_reasons import VERDICTS
from rag.admin.question_event import OUTCOMES, STAGES, Seen

LOG = logging.getLogger(__name__)
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # bounds of the histograms


class Metrics:
    """The figures of one desk since it started.  Safe to use from several threads."""

    def __init__(self) -> None:
        own = self._registry = CollectorRegistry()
        self._questions = Counter("desk_questions", "Questions, by how they ended", ["status"], registry=own)
        self._stages = Histogram(
            "desk_stage_seconds", "Time of a question's stages", ["stage"], buckets=_SECONDS, registry=own
        )
        self._seconds = Histogram("desk_question_seconds", "Time of a question", buckets=_SECONDS, registry=own)
        self._generation = Gauge("desk_generation_number", "Number of the generation answered from", registry=own)
        self._bulletins = Gauge("desk_bulletins", "Bulletins of that generation", registry=own)
        self._failures = Counter("desk_failures", "Questions and pages that failed", registry=own)
        self._busy = Counter("desk_busy", "Questions turned away because the desk was busy", registry=own)
        self._queue = Gauge("desk_queue_length", "Questions that wait", registry=own)
        self._feedback = Counter("desk_feedback", "What readers said of answers", ["verdict"], registry=own)
        for status in OUTCOMES:
            self._questions.labels(status)
        for stage in STAGES:
            self._stages.labels(stage)
        for verdict in VERDICTS:
            self._feedback.labels(verdict)

    def asked(self, seen: Seen) -> None:
        """A question has been answered, or failed."""
        self._questions.labels(seen.status).inc()
        if seen.status == "trouble":
            self._failures.inc()
        if seen.seconds:  # one that is too long isn't looked at
            self._seconds.observe(seen.seconds)
        for stage, seconds in seen.stages.items():
            self._stages.labels(stage).observe(seconds)

    def failed(self) -> None:
        """A page could not be made."""
        self._failures.inc()

    def busy(self) -> None:
        """A question was turned away."""
        self._busy.inc()

    def said(self, verdict: str) -> None:
        """A reader has said whether an answer was helpful."""
        self._feedback.labels(verdict).inc()

    def serve_from(self, number: Callable[[], float], bulletins: Callable[[], float]) -> None:
        """Where the generation's number and the count of its bulletins are asked for."""
        self._generation.set_function(number)
        self._bulletins.set_function(bulletins)

    def queue_from(self, length: Callable[[], float]) -> None:
        """Where the count of waiting questions is asked for."""
        self._queue.set_function(length)

    def text(self) -> bytes:
        """All of them, in the collector's format (``CONTENT_TYPE``)."""
        return generate_latest(self._registry)
