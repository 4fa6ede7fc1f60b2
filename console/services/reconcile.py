"""Taking over a store: what the last deliverer left half done is put right before anything is sent.

Invariants: what may have been sent is read back first; what a dead process held is withdrawn; what was confirmed is
followed further. Run by whoever gets the deliverer's lock, at the start or when another process ends.
"""

from __future__ import annotations

from console.domain.decision import DecisionState
from console.services import outcomes
from console.services.hold import Holds
from console.services.means import Means
from console.services.transitions import Transitions


def reconcile(means: Means, holds: Holds, transitions: Transitions) -> None:
    """Put the outbox right. The deliverer then reads back what is uncertain, and the follower what was confirmed."""
    holds.withdraw_of_dead()
    interrupted = means.store.outbox.in_states({DecisionState.SENDING})
    for stored in interrupted:
        transitions.end(stored, outcomes.STOPPED_WHILE_SENDING)
    means.log.say("reconciled", interrupted=len(interrupted))
