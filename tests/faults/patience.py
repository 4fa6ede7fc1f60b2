"""How long decisions were undetermined while everything answered, and how long they may be.

Invariant: only time counts in which server, worker and the desk's own console were there; when they were is measured
from outside. What a busy machine adds is measured too, by plain calls beside the campaign, never guessed.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError

SERVER, WORKER = "server", "worker"
EVERYBODYS = frozenset({SERVER, WORKER})
LIMIT = 30.0
# What an answer takes at most when it is lost again and again: so many calls are slowed down by a busy machine.
CALLS = 20
ASKED_EVERY = 0.5


@dataclass(frozen=True, slots=True)
class Span:
    """A time from one moment to another, in seconds since 1970."""

    since: float
    until: float


@dataclass
class Patience:
    """What was measured: who was ``away`` and when, and what plain calls took at which moments."""

    away: list[tuple[str, Span]] = field(default_factory=list)
    calls: list[tuple[float, float]] = field(default_factory=list)

    @contextmanager
    def without(self, who: str) -> Iterator[None]:
        """Somebody is away inside the ``with``: the server, the worker, or the console of a desk."""
        since = time.time()
        try:
            yield
        finally:
            self.away.append((who, Span(since, time.time())))

    async def keep_asking(self, client: Client) -> None:
        """Measure what a call takes that needs nothing but the server, until cancelled."""
        while True:
            at, since = time.time(), time.monotonic()
            try:
                await client.workflow_service.get_system_info(GetSystemInfoRequest())
            except RPCError:
                pass
            else:
                self.calls.append((at, time.monotonic() - since))
            await asyncio.sleep(ASKED_EVERY)

    def absences(self) -> Mapping[str, float]:
        """For how many seconds each was away, all in all."""
        totals: defaultdict[str, float] = defaultdict(float)
        for who, span in self.away:
            totals[who] += span.until - span.since
        return totals

    def waited(self, desk: str, span: Span) -> float:
        """Seconds of a desk's span in which nobody was away whom it takes."""
        away = [each for who, each in self.away if who in EVERYBODYS or who == desk]
        return span.until - span.since - _covered(span, away)

    def allowed(self, span: Span) -> float:
        """How many seconds of a span may pass until a decision is determined."""
        took = [each for at, each in self.calls if span.since <= at <= span.until]
        return LIMIT + CALLS * (sum(took) / len(took) if took else 0.0)


def _covered(span: Span, others: Sequence[Span]) -> float:
    """Seconds of a span that lie in any of the others."""
    covered, reached = 0.0, span.since
    for other in sorted(others, key=lambda each: each.since):
        until = min(other.until, span.until)
        covered += max(0.0, until - max(other.since, reached))
        reached = max(reached, until)
    return covered
