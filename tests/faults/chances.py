"""What a fault proxy does to a call, by the call's name and a seeded chance. Pure.

Decisions and what settles them are hit often, reads now and then, a worker's reports rarely: losing one of those costs
the run a time limit. Long polls are left alone.
"""

from __future__ import annotations

import enum
import random
from collections.abc import Mapping
from dataclasses import dataclass


class Fault(enum.StrEnum):
    """What befalls one call."""

    DROPPED = "reply dropped"
    TWICE = "request duplicated"
    DELAYED = "delayed"
    TURNED_AWAY = "turned away unread"
    RESET = "connection reset"


class Loss(enum.StrEnum):
    """How the caller meets a reply that was dropped."""

    BROKEN = "unavailable"
    LATE = "deadline exceeded"
    SILENT = "silence"


Chances = Mapping[Fault, float]

DECIDING: Chances = {
    Fault.DROPPED: 0.2,
    Fault.TWICE: 0.14,
    Fault.DELAYED: 0.05,
    Fault.TURNED_AWAY: 0.05,
    Fault.RESET: 0.01,
}
READING_BACK: Chances = {
    Fault.DROPPED: 0.06,
    Fault.TWICE: 0.04,
    Fault.DELAYED: 0.03,
    Fault.TURNED_AWAY: 0.04,
    Fault.RESET: 0.002,
}
LISTING: Chances = {Fault.DROPPED: 0.01, Fault.TWICE: 0.01, Fault.DELAYED: 0.02, Fault.TURNED_AWAY: 0.01}
REPORTING: Chances = {
    Fault.DROPPED: 0.02,
    Fault.TWICE: 0.04,
    Fault.DELAYED: 0.03,
    Fault.TURNED_AWAY: 0.02,
    Fault.RESET: 0.001,
}
# The next task rides on the reply; the server misses it for ten seconds.
MOVING_ON: Chances = {Fault.DROPPED: 0.002, Fault.DELAYED: 0.02, Fault.TURNED_AWAY: 0.01}

DECIDE = "UpdateWorkflowExecution"
POLL_UPDATE = "PollWorkflowExecutionUpdate"
REPORT = "RespondActivityTaskCompleted"
CHANCES: Mapping[str, Chances] = {
    DECIDE: DECIDING,
    POLL_UPDATE: DECIDING,
    "QueryWorkflow": READING_BACK,
    "DescribeWorkflowExecution": READING_BACK,
    "ListWorkflowExecutions": LISTING,
    REPORT: REPORTING,
    "RespondActivityTaskFailed": REPORTING,
    "RespondWorkflowTaskCompleted": MOVING_ON,
}
LOSSES: Mapping[Loss, float] = {Loss.BROKEN: 0.5, Loss.LATE: 0.47, Loss.SILENT: 0.03}
SHORTEST_DELAY, LONGEST_DELAY = 0.02, 0.6


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one call. ``is_after`` puts a reset, or the second of two requests, after the server's reply."""

    fault: Fault | None = None
    loss: Loss = Loss.BROKEN
    delay: float = 0.0
    is_after: bool = False


SPARED = Fate()


def fate(method: str, chance: random.Random) -> Fate:
    """The fate of the next call of a method."""
    chances = CHANCES.get(method)
    if chances is None:
        return SPARED
    left = chance.random()
    for fault, share in chances.items():
        left -= share
        if left < 0:
            return Fate(
                fault,
                loss=chance.choices(list(LOSSES), list(LOSSES.values()))[0],
                delay=chance.uniform(SHORTEST_DELAY, LONGEST_DELAY),
                is_after=chance.random() < 0.5,
            )
    return SPARED
