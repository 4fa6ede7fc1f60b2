"""A person's verdict on one escalation, and the states it passes through.

Invariant: a decision never changes after it is made; only its state and receipt do, along :data:`NEXT_STATES`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, datetime

from console.domain.canonical import Json, sha256_hex
from console.domain.escalation import EscalationKey, Verdict
from console.domain.identity import Person

DECISION_TAG = "clearance-decision-v1"
MAX_PAYLOAD_BYTES = 256 * 1024


class DecisionState(enum.StrEnum):
    """Where a decision is on its way."""

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    CONFIRMED = "confirmed"
    CARRIED_OUT = "carried out"
    FAILED = "failed after approval"
    HALF_GRANTED = "half-granted"
    SUPERSEDED = "superseded"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


_S = DecisionState
_ANSWERS = frozenset(
    {
        _S.CONFIRMED,
        _S.CARRIED_OUT,
        _S.FAILED,
        _S.HALF_GRANTED,
        _S.SUPERSEDED,
        _S.REFUSED,
    }
)

NEXT_STATES: dict[DecisionState, frozenset[DecisionState]] = {
    _S.HELD: frozenset({_S.QUEUED, _S.WITHDRAWN}),
    _S.QUEUED: frozenset({_S.SENDING, _S.EXPIRED, _S.SUPERSEDED, _S.REFUSED, _S.WITHDRAWN}),
    _S.SENDING: _ANSWERS | {_S.UNCERTAIN, _S.QUEUED, _S.EXPIRED},
    _S.UNCERTAIN: _ANSWERS | {_S.QUEUED, _S.EXPIRED},
    _S.CONFIRMED: frozenset({_S.CARRIED_OUT, _S.FAILED, _S.SUPERSEDED, _S.REFUSED}),
    _S.HALF_GRANTED: frozenset(
        {
            _S.CONFIRMED,
            _S.CARRIED_OUT,
            _S.FAILED,
            _S.SUPERSEDED,
            _S.REFUSED,
            _S.WITHDRAWN,
        }
    ),
    _S.CARRIED_OUT: frozenset(),
    _S.FAILED: frozenset(),
    _S.SUPERSEDED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}
FINAL_STATES = frozenset(state for state, following in NEXT_STATES.items() if not following)
UNDETERMINED_STATES = frozenset({_S.SENDING, _S.UNCERTAIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A verdict, bound by ``digest`` to what was shown.

    ``payload`` holds what the verdict needs and all that was said with it: ``arguments`` (edit), ``answer`` (answer),
    ``to`` (reroute: ``{"kind", "id"}``), ``reason``, ``shown`` ("partial" where not everything could be displayed),
    ``over_claim`` (the person whose claim was passed over) and ``together`` (of how many that were decided together).
    Times are aware and in UTC; ``signature`` is Ed25519 over :func:`signed_content`, base64; ``audit_head`` is the hash
    of the last entry of the console's audit chain.
    """

    decision_id: str
    key: EscalationKey
    opened_in: str
    digest: str
    verdict: Verdict
    payload: dict[str, Json]
    by: Person
    key_id: str
    signed_at: datetime
    valid_until: datetime
    audit_head: str
    signature: str = ""

    @property
    def reason(self) -> str:
        """The reason given, or nothing."""
        reason = self.payload.get("reason", "")
        return reason if isinstance(reason, str) else ""


def payload_hash(payload: dict[str, Json]) -> str:
    """SHA-256 over the canonical payload; an empty payload has a hash, too."""
    return sha256_hex(payload)


def instant(moment: datetime) -> str:
    """A time as it is signed: UTC, milliseconds, ``2026-11-21T08:00:00.000Z``. Raises :class:`ValueError` if naive."""
    if moment.tzinfo is None:
        message = "a time without a zone cannot be signed"
        raise ValueError(message)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def signed_content(decision: Decision) -> dict[str, Json]:
    """What a signature covers, as JSON; the bytes signed are its canonical form."""
    key = decision.key
    return {
        "tag": DECISION_TAG,
        "server": key.run.server,
        "run": key.run.run_id,
        "chain": key.run.chain_id,
        "opened_in": decision.opened_in,
        "escalation": key.native_id,
        "occurrence": key.occurrence,
        "digest": decision.digest,
        "verdict": str(decision.verdict),
        "payload_hash": payload_hash(decision.payload),
        "decision_id": decision.decision_id,
        "person": decision.by.person_id,
        "key_id": decision.key_id,
        "signed_at": instant(decision.signed_at),
        "valid_until": instant(decision.valid_until),
        "audit_head": decision.audit_head,
    }
