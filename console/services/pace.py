"""When to try again: per decision, with growing pauses."""

from __future__ import annotations

from collections.abc import Iterable

from console.services.means import Means


class Pace:
    """The pauses of one kind of work, between ``first`` and ``longest`` seconds."""

    def __init__(self, means: Means, *, first: float, longest: float) -> None:
        self._means = means
        self._first = first
        self._longest = longest
        self._due: dict[str, float] = {}
        self._tries: dict[str, int] = {}

    def left(self, decision_id: str) -> float:
        """Seconds until it may be tried; 0 if it may be now."""
        return max(0.0, self._due.get(decision_id, 0.0) - self._means.clock.monotonic())

    def slow_down(self, decision_id: str) -> None:
        """Pause, longer than the last time."""
        tries = self._tries.get(decision_id, 0)
        self._tries[decision_id] = tries + 1
        wait = self._means.back_off(tries, first=self._first, longest=self._longest)
        self._due[decision_id] = self._means.clock.monotonic() + wait

    def hurry(self, decision_ids: Iterable[str]) -> None:
        """Try these now, and often again."""
        for decision_id in decision_ids:
            self._due.pop(decision_id, None)
            self._tries.pop(decision_id, None)

    def keep_only(self, decision_ids: Iterable[str]) -> None:
        """Forget all others: they are settled."""
        kept = set(decision_ids)
        self.hurry([decision_id for decision_id in self._tries if decision_id not in kept])
