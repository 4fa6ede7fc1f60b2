"""A conflict to look at: two runs of two owners that want one order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.domain.canonical import Json
from console.domain.escalation import BlastRadius, Kind, Proposal, Rule, Side, Target, TargetKind, Verdict
from console.domain.risk import Risk
from console.domain.run import RunRef
from console.engines.fake.record import Opening

RESOURCE = "orders/4711"
FIRST, SECOND = "r-7f3a", "sup-2210"
SENIOR = Target(TargetKind.AGENT, "senior-refund-agent", "Senior refund agent")
SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {
        "winner": {"type": "string", "enum": [FIRST, SECOND, "neither"]},
        "loser": {"type": "string", "enum": ["wait", "stop", "reroute"]},
        "to": {"type": "string", "enum": ["agent:senior-refund-agent"]},
    },
    "required": ["winner", "loser"],
    "additionalProperties": False,
}


def sides(server: str = "fake:tower-eu") -> tuple[Side, Side]:
    """A refund to the card that was charged, and one to an account that nobody has seen."""
    now = datetime.now(UTC)
    first = Side(
        run=RunRef(server, FIRST, "chain-a"),
        title="Refund for ACME GmbH, T-10001",
        workflow="refunds",
        agent="refund-agent",
        owner="Priya Nair, Payments",
        step="refund",
        proposal=_refund("card ···· 3021", "duplicate_charge", "Refund €4,200.00 to ACME GmbH"),
        at=now - timedelta(minutes=4),
        risk=Risk.HIGH,
        business_key="order 4711",
        confidence=0.82,
        caveats=("3-D Secure of the second capture was not read.",),
        revision=17,
        targets=(SENIOR,),
        is_holder=True,
    )
    second = Side(
        run=RunRef(server, SECOND, "chain-b"),
        title="Ticket ZD-58213",
        workflow="support-triage",
        agent="support-agent",
        owner="Amir Sadeghi, Support",
        step="goodwill",
        proposal=_refund("IBAN DE89 ···· 3000", "goodwill", "Refund €4,200.00 to ACME GmbH"),
        at=now - timedelta(minutes=3),
        risk=Risk.HIGH,
        business_key="order 4711",
        confidence=0.64,
        caveats=("The ticket alone was read, no payment data.", "Finance may refund this too."),
        revision=15,
    )
    return first, second


def quarrel(title: str = "Conflict: two refunds want order 4711") -> Opening:
    """The item that asks who goes first."""
    both = sides()
    return Opening(
        title=title,
        kind=Kind.CONFLICT,
        risk=Risk.HIGH,
        agent="refund-agent + support-agent",
        owner="Priya Nair, Payments + Amir Sadeghi, Support",
        step="conflict",
        question=f"Which run goes first on {RESOURCE}, and what becomes of the other?",
        schema=SCHEMA,
        verdicts=(Verdict.ANSWER,),
        rule=Rule("one-run-at-a-time", 1, f"Only one run at a time may be about to act on {RESOURCE}."),
        blast=BlastRadius(runs=(FIRST, SECOND), resources=(RESOURCE,)),
        sides=both,
        resource=RESOURCE,
    )


def _refund(to: str, reason: str, summary: str) -> Proposal:
    return Proposal(
        tool="payments.refund",
        arguments={"order": "4711", "amount": "4200.00", "to": to, "reason": reason},
        resource=RESOURCE,
        summary=summary,
        reversal="after the 22:00 settlement." if to.startswith("card") else "SEPA Instant is final.",
        is_reversible=to.startswith("card"),
    )
