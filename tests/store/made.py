"""Items, decisions and receipts made for tests of the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from console.domain.decision import Decision, DecisionState, payload_hash
from console.domain.digest import escalation_digest
from console.domain.escalation import Escalation, EscalationKey, Kind, Proposal, Verdict, Waiting
from console.domain.identity import Person, Role
from console.domain.receipt import Outcome, Receipt
from console.domain.risk import Risk
from console.domain.run import RunRef
from console.store.records import NewDecision, RowFilter, StoredConnection
from console.store.store import Store

NOW = datetime(2026, 11, 21, 8, 0, 0, 123_456, tzinfo=UTC)
PAT = Person("pat", "Pat", Role.SUPERVISOR)
ADA = Person("ada", "Ada", Role.SUPERVISOR)
LEDGER = StoredConnection(connection_id="ledger", name="Ledger", kind="fake")


def row(number: int = 1, **other: object) -> Waiting:
    key = EscalationKey(RunRef("fake:one", f"run-{number}", "chain"), "gate", 1)
    values: dict[str, object] = {
        "key": key,
        "kind": Kind.CHECKPOINT,
        "title": f"Refund {number}",
        "workflow": "refund",
        "agent": "refunds",
        "risk": Risk.LOW,
        "opened_at": NOW - timedelta(minutes=5),
        "digest": "",
    }
    return Waiting(**{**values, **other})  # type: ignore[arg-type]  # the caller knows the fields


def item(number: int = 1, amount: object = 240, **other: object) -> Escalation:
    proposal = Proposal(tool="refund.pay", arguments={"amount": amount}, resource="order 4711", summary="Refund")  # type: ignore[dict-item]
    values: dict[str, object] = {
        "row": row(number),
        "opened_in": f"chain-{number}.1",
        "step": "refund",
        "owner": "Finance",
        "verdicts": (Verdict.APPROVE, Verdict.REJECT),
        "proposal": proposal,
    }
    return Escalation(**{**values, **other})  # type: ignore[arg-type]  # the caller knows the fields


def decision(escalation: Escalation, decision_id: str = "d1", head: str = "0" * 64, **other: object) -> Decision:
    values: dict[str, object] = {
        "decision_id": decision_id,
        "key": escalation.key,
        "opened_in": escalation.opened_in,
        "digest": escalation_digest(escalation),
        "verdict": Verdict.APPROVE,
        "payload": {"reason": "fine"},
        "by": PAT,
        "key_id": "0123456789abcdef",
        "signed_at": NOW.replace(microsecond=123_000),
        "valid_until": NOW + timedelta(hours=8),
        "audit_head": head,
        "signature": "c2lnbmVk",
    }
    return Decision(**{**values, **other})  # type: ignore[arg-type]  # the caller knows the fields


def new_decision(
    escalation: Escalation,
    decision_id: str = "d1",
    *,
    digest: str = "",
    state: DecisionState = DecisionState.QUEUED,
    make: Callable[[str], Decision] | None = None,
) -> NewDecision:
    return NewDecision(
        item_id=escalation.key.item_id,
        digest=digest or escalation_digest(escalation),
        connection_id=LEDGER.connection_id,
        connection=LEDGER.name,
        title=escalation.row.title,
        risk=escalation.row.risk,
        state=state,
        holder="me",
        at=NOW,
        make=make or (lambda head: decision(escalation, decision_id, head)),
    )


def receipt(made: Decision, outcome: Outcome = Outcome.CONFIRMED) -> Receipt:
    return Receipt(
        decision_id=made.decision_id,
        key=made.key,
        opened_in=made.opened_in,
        digest=made.digest,
        verdict=made.verdict,
        payload_hash=payload_hash(made.payload),
        key_id=made.key_id,
        signature=made.signature,
        outcome=outcome,
        accepted_at=NOW,
    )


def wanted(**other: object) -> RowFilter:
    return RowFilter(**{"now": NOW, **other})  # type: ignore[arg-type]  # the caller knows the fields


def titles(store: Store, **other: object) -> list[str]:
    return [each.waiting.title for each in store.inbox.page(wanted(**other)).rows]
