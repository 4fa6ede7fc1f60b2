"""A run as a list shows it, and what is asked of such a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from console.domain.escalation import Kind, Waiting
from console.domain.run import RunRef, RunStatus

FAILING = frozenset({Kind.FAILURE, Kind.STUCK, Kind.VIOLATION})
MAX_RUNS = 500
OVER = frozenset({RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run in a list. What its engine cannot tell is empty.

    ``moved_at`` is its last movement, and its end once it is over; ``why`` says in words why it does not move or how it
    ended. ``waiting`` is what waits in it for a person, the most urgent first, and ``more`` counts what is left out;
    ``problem`` says what of it could not be read.
    """

    ref: RunRef
    title: str
    workflow: str
    status: RunStatus
    business_key: str = ""
    started_at: datetime | None = None
    closed_at: datetime | None = None
    moved_at: datetime | None = None
    why: str = ""
    waiting: tuple[Waiting, ...] = ()
    more: int = 0
    problem: str = ""

    @property
    def failing(self) -> Waiting | None:
        """What failed in it and waits, if anything does."""
        return next((each for each in self.waiting if each.kind in FAILING), None)

    @property
    def is_failed(self) -> bool:
        """Whether it failed, or waits since something in it did."""
        return self.status in {RunStatus.FAILED, RunStatus.STUCK} or self.failing is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunQuery:
    """Which runs are wanted; what is empty lets every run through.

    ``key`` is the beginning of a business key or of the engine's name for a run, as written; ``is_failed`` leaves those
    that failed or wait since something in them did. ``limit`` bounds a page, at most :data:`MAX_RUNS`.
    """

    statuses: frozenset[RunStatus] = frozenset()
    workflow: str = ""
    key: str = ""
    is_failed: bool = False
    limit: int = 200

    def takes(self, row: RunRow) -> bool:
        """Whether a run is wanted."""
        return (
            (not self.statuses or row.status in self.statuses)
            and (not self.workflow or row.workflow == self.workflow)
            and (not self.is_failed or row.is_failed)
            and (row.business_key.startswith(self.key) or row.ref.run_id.startswith(self.key))
        )


@dataclass(frozen=True, slots=True)
class RunsPage:
    """Runs, newest movement first; ``older`` asks for the page after, and is empty at the end.

    ``total`` counts all that are wanted, on every page; ``None`` where the engine does not count.
    """

    rows: tuple[RunRow, ...]
    older: str = ""
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """How the runs of one workflow ended, as far as they were listed: ``completed`` of ``over``."""

    completed: int = 0
    over: int = 0


def completion(rows: Iterable[RunRow]) -> Completion:
    """How many of these are over, and how many of them came to their end."""
    ended = [row.status for row in rows if row.status in OVER]
    return Completion(ended.count(RunStatus.COMPLETED), len(ended))
