"""What a run is doing, told for every screen by one function.

Pure. Invariant: it depends on the run's own status and on what waits in it, and on nothing that one screen knows and
another does not.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

from console.domain.escalation import Kind
from console.domain.listing import FAILING, RunRow
from console.domain.run import RunStatus


class Doing(enum.StrEnum):
    """What a run is doing, as people are told; :attr:`HELD_UP` waits for something else than a person."""

    RUNNING = "running"
    WAITS = "waits for a person"
    HELD_UP = "waits"
    STEP_FAILED = "step failed"
    STUCK = "stuck"
    FAILED = "failed"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


_ALONE: dict[RunStatus, Doing] = {
    RunStatus.RUNNING: Doing.RUNNING,
    RunStatus.WAITS: Doing.WAITS,
    RunStatus.STUCK: Doing.STUCK,
    RunStatus.FAILED: Doing.FAILED,
    RunStatus.PAUSED: Doing.PAUSED,
    RunStatus.COMPLETED: Doing.COMPLETED,
    RunStatus.CANCELLED: Doing.CANCELLED,
}


def doing(status: RunStatus, kinds: Iterable[Kind], *, is_asking: bool) -> Doing:
    """What a run does in which these kinds wait, the most urgent first; ``is_asking`` where anything waits at all."""
    if status is not RunStatus.WAITS:
        return _ALONE[status]
    failing = next((kind for kind in kinds if kind in FAILING), None)
    if failing is not None and failing is not Kind.STUCK:
        return Doing.STEP_FAILED
    return Doing.WAITS if is_asking else Doing.HELD_UP


def doing_of(run: RunRow) -> Doing:
    """What a listed run does."""
    return doing(run.status, (each.kind for each in run.waiting), is_asking=bool(run.waiting))
