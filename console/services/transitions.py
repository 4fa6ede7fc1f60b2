"""Letting decisions enter another state: one store transaction, told in the log before and after it, then to everybody.

Invariant: a line "decision moves" without the line "decision moved" means that the program ended in between.
"""

from __future__ import annotations

from console.domain.decision import DecisionState
from console.domain.receipt import Receipt
from console.services.means import Means
from console.services.outcomes import Ending
from console.services.views import DecisionChanged, InboxChanged, ItemChanged
from console.store.records import StoredDecision


class Transitions:
    """The one way a decision moves."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def enter(self, stored: StoredDecision, state: DecisionState) -> StoredDecision | None:
        """Enter a state that needs no words."""
        return self.end(stored, Ending(state=state))

    def end(self, stored: StoredDecision, ending: Ending) -> StoredDecision | None:
        """Enter a state with its words and receipt; ``None`` if somebody else moved it so that it cannot."""
        decision_id = stored.decision.decision_id
        steps = {"decision": decision_id, "before": str(stored.state), "after": str(ending.state)}
        self._means.log.say("decision moves", **steps)
        moved = self._means.store.outbox.move(
            decision_id,
            ending.state,
            self._means.clock.now(),
            message=ending.message,
            next_action=ending.next_action,
            receipt=ending.receipt,
        )
        if moved is None:
            self._means.log.warning("decision stays", **steps)
            return None
        self._means.log.say("decision moved", **steps)
        self.tell(moved)
        return moved

    def note(self, receipt: Receipt) -> None:
        """Keep a newer receipt of a decision whose state stays."""
        noted = self._means.store.outbox.note(receipt, self._means.clock.now())
        if noted is not None:
            self._means.log.say("receipt noted", decision=receipt.decision_id)
            self.tell(noted)

    def tell(self, stored: StoredDecision) -> None:
        """Tell everybody that a decision is in another state."""
        self._means.events.publish(
            DecisionChanged(stored.decision.decision_id, stored.item_id),
            ItemChanged(stored.item_id),
            InboxChanged(stored.connection_id),
        )
