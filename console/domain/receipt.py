"""Proof of what became of a decision, as the run itself tells it.

Invariant: a receipt echoes the decision it answers; one that differs in any part proves nothing (:func:`mismatches`).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from console.domain.canonical import Json
from console.domain.decision import Decision, DecisionState, payload_hash
from console.domain.escalation import EscalationKey, Verdict


class Outcome(enum.StrEnum):
    """What the run did with an accepted decision."""

    CONFIRMED = "confirmed"
    CARRIED_OUT = "carried out"
    FAILED = "failed after approval"
    HALF_GRANTED = "half-granted"
    SUPERSEDED = "superseded"
    REFUSED = "refused"

    @property
    def state(self) -> DecisionState:
        """The decision's state that this outcome puts it in."""
        return DecisionState(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What was done. ``effect_id`` is the idempotency key under which the tool recorded it."""

    effect_id: str
    tool: str
    at: datetime
    result: dict[str, Json] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The run's own record of one decision."""

    decision_id: str
    key: EscalationKey
    opened_in: str
    digest: str
    verdict: Verdict
    payload_hash: str
    key_id: str
    signature: str
    outcome: Outcome
    accepted_at: datetime
    settled_at: datetime | None = None
    message: str = ""
    effect: Effect | None = None
    approvals: int = 1
    required_approvals: int = 1


def mismatches(decision: Decision, receipt: Receipt) -> tuple[str, ...]:
    """The names of the echoed fields in which a receipt differs from the decision; empty when it proves it."""
    pairs = {
        "decision_id": (decision.decision_id, receipt.decision_id),
        "key": (decision.key, receipt.key),
        "opened_in": (decision.opened_in, receipt.opened_in),
        "digest": (decision.digest, receipt.digest),
        "verdict": (decision.verdict, receipt.verdict),
        "payload_hash": (payload_hash(decision.payload), receipt.payload_hash),
        "key_id": (decision.key_id, receipt.key_id),
        "signature": (decision.signature, receipt.signature),
    }
    return tuple(name for name, (sent, echoed) in pairs.items() if sent != echoed)
