"""What every service works with: the store, time, the log, tasks, events and chance, handed in once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.infra.clock import Clock
from console.infra.logs import Log
from console.infra.tasks import Tasks
from console.services.events import Events

if TYPE_CHECKING:
    # Loads the database library; only the thread that opens the store does that.
    from console.store.store import Store

LONGEST_WAIT = 30.0


@dataclass(frozen=True, slots=True)
class Means:
    """The means of one desk. ``chance`` gives a number from 0 up to 1, to spread retries."""

    store: Store
    clock: Clock
    log: Log
    tasks: Tasks
    events: Events
    chance: Callable[[], float]

    def back_off(self, attempt: int, *, first: float = 0.5, longest: float = LONGEST_WAIT) -> float:
        """Seconds until the next try after ``attempt`` (from 0) failed ones: doubling, spread over its upper half."""
        whole = min(longest, first * 2 ** min(attempt, 16))
        return float(whole * (0.5 + self.chance() / 2))
