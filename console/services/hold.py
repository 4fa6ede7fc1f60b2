"""The undo window: decisions are held back for some seconds before they may be sent.

Invariant: the window runs on the monotonic clock of the process that decided; a decision of a process that ended is
withdrawn, never sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from console.domain.decision import DecisionState
from console.domain.risk import undo_window
from console.infra.locks import Presence
from console.services import outcomes
from console.services.means import Means
from console.services.transitions import Transitions
from console.store.records import StoredDecision

UNDOABLE = frozenset({DecisionState.HELD, DecisionState.QUEUED})


class Holds:
    """What this process holds back; ``presence`` tells which others still do. ``when_queued`` is called after each."""

    def __init__(
        self, means: Means, transitions: Transitions, presence: Presence, when_queued: Callable[[], None]
    ) -> None:
        self._means = means
        self._transitions = transitions
        self._presence = presence
        self._when_queued = when_queued
        self._until: dict[str, float] = {}
        self._waiting: dict[str, asyncio.Task[None]] = {}

    @property
    def holder(self) -> str:
        """The name under which this process holds decisions."""
        return self._presence.name

    def hold(self, stored: StoredDecision) -> None:
        """Hold a decision back for its undo window, then queue it."""
        decision_id = stored.decision.decision_id
        self._until[decision_id] = self._means.clock.monotonic() + undo_window(stored.risk).total_seconds()
        self._waiting[decision_id] = self._means.tasks.keep(
            f"hold {decision_id}", lambda: self._wait(stored), self._means.clock
        )

    def left(self, decision_id: str) -> float | None:
        """Seconds in which it can still be undone; ``None`` if this process does not hold it."""
        until = self._until.get(decision_id)
        return None if until is None else max(0.0, until - self._means.clock.monotonic())

    def undo(self, decision_id: str) -> bool:
        """Withdraw a decision that was not sent yet; ``False`` where it is too late."""
        stored = self._means.store.outbox.find(decision_id)
        if stored is None or stored.state not in UNDOABLE:
            return False
        if self._transitions.end(stored, outcomes.UNDONE) is None:
            return False
        self._let_go(decision_id)
        return True

    def withdraw_own(self) -> None:
        """Withdraw all that this process holds: it ends."""
        for stored in self._means.store.outbox.in_states({DecisionState.HELD}):
            if stored.holder == self.holder:
                self._transitions.end(stored, outcomes.CLOSED_WHILE_HELD)
                self._let_go(stored.decision.decision_id)

    def withdraw_of_dead(self) -> None:
        """Withdraw what processes held that have ended without a word."""
        for stored in self._means.store.outbox.in_states({DecisionState.HELD}):
            if not self._presence.is_alive(stored.holder):
                self._transitions.end(stored, outcomes.CLOSED_WHILE_HELD)

    async def _wait(self, stored: StoredDecision) -> None:
        decision_id = stored.decision.decision_id
        while left := self.left(decision_id):
            await self._means.clock.sleep(left)
        queued = self._transitions.enter(stored, DecisionState.QUEUED)
        self._until.pop(decision_id, None)
        self._waiting.pop(decision_id, None)
        if queued is not None:
            self._when_queued()

    def _let_go(self, decision_id: str) -> None:
        self._until.pop(decision_id, None)
        if task := self._waiting.pop(decision_id, None):
            task.cancel()
