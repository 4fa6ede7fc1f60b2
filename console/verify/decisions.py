"""Whether a decision counts: who signed it, with a key that holds, and what it was bound to.

Invariant: nothing that a decision says of its signer is believed; person and role come from the registry. A key counts
if it was valid when it signed and has not been revoked since: revocation is immediate, a rotation leaves what was
signed before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.domain.canonical import Json, sha256_hex
from console.domain.decision import Decision, signed_content
from console.domain.escalation import Verdict
from console.domain.identity import Role
from console.domain.registry import KeyRecord
from console.verify.registry import Registry
from console.verify.signatures import decoded, is_signed
from console.verify.trust import Distrusted, Doubt

EXECUTING = frozenset({Verdict.APPROVE, Verdict.EDIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One approval with what it was given for: ``action`` is the semantic action whose digest was signed."""

    decision: Decision
    action: dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What has to be proven before an effect: for which call, where, and by whom.

    ``initiator`` is the person who asked for it and may not approve it; ``roles`` may, and supervisors always.
    ``opened_in`` names the execution that asks, where one name of a run may come again: only what was asked in that one
    counts. Empty where the run's name is enough.
    """

    server: str
    run_id: str
    step: str
    tool: str
    arguments: dict[str, Json]
    approvals: int
    roles: Collection[Role]
    initiator: str = ""
    opened_in: str = ""


def signer_of(registry: Registry, decision: Decision) -> KeyRecord:
    """The registered key that signed a decision. Raises :class:`Distrusted`."""
    record = registry.record(decision.key_id)
    if not is_signed(decoded(record.public_key), signed_content(decision), decision.signature):
        raise Distrusted("The signature does not fit the decision and its key.", code=Doubt.SIGNATURE)
    if record.person.person_id != decision.by.person_id:
        raise Distrusted(f"The key {record.key_id} is not {decision.by.name}’s.", code=Doubt.OTHER_PERSON)
    if record.is_revoked:
        raise Distrusted(f"The key of {record.person.name} was revoked.", code=Doubt.REVOKED)
    if not record.is_valid(decision.signed_at):
        raise Distrusted(f"The key of {record.person.name} was not valid when it signed.", code=Doubt.EXPIRED_KEY)
    return record


def check_evidence(registry: Registry, demand: Demand, evidence: Sequence[Evidence]) -> tuple[KeyRecord, ...]:
    """Who approved what is demanded, each person once. Raises :class:`Distrusted` for what is missing."""
    counted: list[KeyRecord] = []
    for one in evidence:
        record = signer_of(registry, one.decision)
        _check_bound(demand, one)
        if record.person.role not in demand.roles and record.person.role is not Role.SUPERVISOR:
            raise Distrusted(f"{record.person.name} is {record.person.role} and may not approve this.", code=Doubt.ROLE)
        if demand.initiator and record.person.person_id == demand.initiator:
            raise Distrusted(f"{record.person.name} asked for this and may not approve it.", code=Doubt.DUTIES)
        if not any(registry.is_same_person(record, known) for known in counted):
            counted.append(record)
    if len(counted) < demand.approvals:
        given = f"{len(counted)} of {demand.approvals} approvals by different persons"
        raise Distrusted(f"Only {given} are proven.", code=Doubt.QUORUM)
    return tuple(counted)


def is_in_time(decision: Decision, at: datetime) -> bool:
    """Whether a decision was still valid at a time."""
    return at < decision.valid_until


def _check_bound(demand: Demand, evidence: Evidence) -> None:
    """An approval counts for one call in one place: its digest is that of the action, the action is the call."""
    decision, action = evidence.decision, evidence.action
    if decision.verdict not in EXECUTING:
        raise Distrusted(f"“{decision.verdict}” approves nothing.", code=Doubt.OTHER_CONTENT)
    if sha256_hex(action) != decision.digest:
        raise Distrusted("The approval was given for something else.", code=Doubt.OTHER_CONTENT)
    key = decision.key
    places = (key.run.server, key.run.run_id, key.native_id, key.occurrence)
    if places != tuple(action.get(name) for name in ("server", "run", "escalation", "occurrence")):
        raise Distrusted("The approval names another place than what it approves.", code=Doubt.OTHER_PLACE)
    if places[:3] != (demand.server, demand.run_id, demand.step):
        raise Distrusted("The approval was given in another place.", code=Doubt.OTHER_PLACE)
    if demand.opened_in and not demand.opened_in == decision.opened_in == action.get("opened_in"):
        raise Distrusted("The approval was given for another execution.", code=Doubt.OTHER_PLACE)
    approved = decision.payload.get("arguments") if decision.verdict is Verdict.EDIT else action.get("arguments")
    if action.get("tool") != demand.tool or approved != demand.arguments:
        raise Distrusted("The approval was given for another call.", code=Doubt.OTHER_CONTENT)
