"""Sound things to vary in tests of the domain: one of each, all fields of meaning set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.domain.decision import Decision, payload_hash
from console.domain.escalation import Escalation, EscalationKey, Kind, Proposal, Verdict, Waiting
from console.domain.identity import Person, Role
from console.domain.receipt import Outcome, Receipt
from console.domain.risk import Risk
from console.domain.run import RunRef

MORNING = datetime(2026, 11, 21, 8, 0, 0, 123_456, tzinfo=UTC)
ANNA = Person("person-anna", "Anna", Role.OPERATOR)
SUE = Person("person-sue", "Sue", Role.SUPERVISOR)
KEY = EscalationKey(RunRef("temporal:cluster:namespace", "refund-4711", "first-run"), "pay", 1)

ROW = Waiting(
    key=KEY,
    kind=Kind.CHECKPOINT,
    title="Refund €240.00 to ACME GmbH",
    workflow="customer-refund",
    agent="refunds",
    risk=Risk.MEDIUM,
    opened_at=MORNING,
)
PROPOSAL = Proposal(
    tool="payments.refund",
    arguments={"order": "4711", "amount": "240.00"},
    resource="order/4711",
    summary="Refund €240.00",
)
CHECKPOINT = Escalation(
    row=ROW,
    opened_in="execution-1",
    step="pay",
    owner="Finance",
    verdicts=(Verdict.APPROVE, Verdict.EDIT, Verdict.REJECT),
    proposal=PROPOSAL,
)
QUESTION = Escalation(
    row=ROW,
    opened_in="execution-1",
    step="pay",
    owner="Finance",
    verdicts=(Verdict.ANSWER, Verdict.CANCEL),
    question="Which cost centre?",
    schema={"type": "object"},
    suggestion={"centre": "4400"},
)
DECISION = Decision(
    decision_id="decision-1",
    key=KEY,
    opened_in="execution-1",
    digest="d" * 64,
    verdict=Verdict.EDIT,
    payload={"arguments": {"order": "4711", "amount": "200.00"}, "reason": "as agreed"},
    by=ANNA,
    key_id="0123456789abcdef",
    signed_at=MORNING,
    valid_until=MORNING + timedelta(hours=1),
    audit_head="a" * 64,
    signature="c2lnbmVk",
)
RECEIPT = Receipt(
    decision_id=DECISION.decision_id,
    key=KEY,
    opened_in=DECISION.opened_in,
    digest=DECISION.digest,
    verdict=DECISION.verdict,
    payload_hash=payload_hash(DECISION.payload),
    key_id=DECISION.key_id,
    signature=DECISION.signature,
    outcome=Outcome.CONFIRMED,
    accepted_at=MORNING,
)
