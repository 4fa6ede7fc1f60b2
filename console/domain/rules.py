"""Who may decide what, with how much friction, and until when it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.escalation import INTERVENING, Escalation, Verdict
from console.domain.identity import Person, Role
from console.domain.risk import VALID_FOR, Friction, Risk

EXECUTING = frozenset({Verdict.APPROVE, Verdict.EDIT, Verdict.COMPLETE})
NEEDS_PAYLOAD = {
    Verdict.EDIT: "arguments",
    Verdict.ANSWER: "answer",
    Verdict.REROUTE: "to",
}
PARTLY_SHOWN_LIMIT = Risk.MEDIUM


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a verdict is open to a person now; ``reason`` says why not, ready to be shown."""

    is_allowed: bool
    reason: str = ""


def permission(
    escalation: Escalation,
    verdict: Verdict,
    person: Person,
    *,
    is_fully_shown: bool = True,
) -> Permission:
    """Whether ``person`` may say ``verdict``. The first obstacle found is the reason."""
    row = escalation.row
    has_approved = any(approval.by.person_id == person.person_id for approval in escalation.approvals)
    if verdict is Verdict.WITHDRAW and not has_approved:
        return Permission(is_allowed=False, reason="You have not approved this, so you have nothing to withdraw.")
    if verdict is not Verdict.WITHDRAW and verdict not in escalation.verdicts:
        return Permission(is_allowed=False, reason=_not_offered(escalation, verdict))
    if person.role is Role.VIEWER:
        return Permission(is_allowed=False, reason="Viewers read; ask for the role of an operator.")
    if person.role not in escalation.roles and person.role is not Role.SUPERVISOR:
        return Permission(
            is_allowed=False,
            reason=f"Only {_listed(escalation.roles)} may decide this.",
        )
    if verdict in EXECUTING and escalation.initiator and person.person_id == escalation.initiator:
        return Permission(
            is_allowed=False,
            reason="You started this run; another person has to approve it.",
        )
    if verdict in EXECUTING and has_approved:
        return Permission(
            is_allowed=False,
            reason="You have approved this already; it needs another person.",
        )
    if verdict in EXECUTING and row.problem:
        return Permission(is_allowed=False, reason=f"Part of this could not be read: {row.problem}")
    if verdict in EXECUTING and not is_fully_shown and row.risk > PARTLY_SHOWN_LIMIT:
        return Permission(
            is_allowed=False,
            reason="Not everything could be shown, so it cannot be approved here.",
        )
    if verdict is Verdict.REROUTE and not escalation.targets:
        return Permission(is_allowed=False, reason="The plan names nobody to reroute to.")
    return Permission(is_allowed=True)


def friction(risk: Risk, verdict: Verdict) -> Friction:
    """What a person has to do for a verdict. Stopping things is easier than letting them happen.

    Taking back one's own word must come before the next person's, so it is the same at any risk.
    """
    if verdict is Verdict.WITHDRAW:
        return Friction.KEY_AND_ENTER
    by_risk = Friction(int(risk))
    if verdict is Verdict.COMPLETE:
        # Nobody but who did it can say how.
        return max(Friction.REASON, by_risk)
    if verdict in EXECUTING:
        return by_risk
    if verdict in {Verdict.RESUME, Verdict.RESET}:
        return by_risk
    if verdict in {Verdict.CANCEL, Verdict.PAUSE}:
        return max(Friction.KEY_AND_ENTER, min(by_risk, Friction.REASON))
    return min(by_risk, Friction.REASON)


def valid_until(risk: Risk, signed_at: datetime) -> datetime:
    """When a decision stops being valid, whatever the item's due time: that raises urgency, nothing else."""
    return signed_at + VALID_FOR[risk]


def can_wait_offline(risk: Risk) -> bool:
    """Whether a decision may be queued while its engine is away; critical ones may not."""
    return risk is not Risk.CRITICAL


DUE_SOON = timedelta(minutes=15)


def _not_offered(escalation: Escalation, verdict: Verdict) -> str:
    if verdict is Verdict.ANSWER and not escalation.question:
        return "There is no question to answer."
    if verdict in INTERVENING:
        return "This is done from the run, at any time."
    if verdict in EXECUTING and escalation.proposal is None:
        return "There is no proposal to approve."
    return f"{escalation.row.kind.capitalize()} items cannot be settled by “{verdict}”."


def _listed(roles: tuple[Role, ...]) -> str:
    return " or ".join(f"a {role}" for role in roles) or "nobody"
