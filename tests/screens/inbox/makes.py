"""Items, rows and decisions made in a line, for tests of the inbox's pure parts."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from console.domain.canonical import Json
from console.domain.decision import Decision, DecisionState
from console.domain.digest import escalation_digest
from console.domain.escalation import Escalation, EscalationKey, Kind, Proposal, Target, TargetKind, Verdict, Waiting
from console.domain.identity import Person, Role
from console.domain.risk import Risk
from console.domain.run import RunRef
from console.engines.port import Ability, Capabilities
from console.services.views import (
    ConnectionConfig,
    ConnectionView,
    DecisionView,
    Health,
    InboxRow,
    ItemView,
    Urgency,
)

NOW = datetime(2026, 11, 21, 10, 52, 14, tzinfo=UTC)
DANA = Person("dana", "Dana Kern", Role.SUPERVISOR)
JONAS = Person("jonas", "Jonas Weber", Role.OPERATOR)
CAPABLE = Capabilities(verdicts=frozenset(Verdict), abilities=frozenset(Ability))
TARGET = Target(TargetKind.AGENT, "senior", "Senior agent")


def key(name: str = "gate") -> EscalationKey:
    return EscalationKey(RunRef("fake:eu", f"run-{name}", f"chain-{name}"), name, 1)


def waiting(name: str = "gate", **fields: Any) -> Waiting:  # noqa: ANN401 - fields of a row
    made = Waiting(
        key=key(name),
        kind=Kind.CHECKPOINT,
        title=f"Title of {name}",
        workflow="refunds",
        agent="refund-agent",
        risk=Risk.LOW,
        opened_at=NOW - timedelta(minutes=4),
    )
    return dataclasses.replace(made, **fields)


def row(name: str = "gate", urgency: Urgency = Urgency.WAITING, **fields: Any) -> InboxRow:  # noqa: ANN401 - as above
    return InboxRow(
        item_id=name,
        waiting=waiting(name, **fields),
        connection_id="eu",
        connection="tower-eu",
        urgency=urgency,
        first_seen_at=NOW,
        read_at=NOW,
    )


def proposal(**fields: Any) -> Proposal:  # noqa: ANN401 - fields of a proposal
    made = Proposal(
        tool="payments.refund",
        arguments={"order": "4711", "amount": 4200.0},
        resource="orders/4711",
        summary="sends €4,200.00 back.",
        critical_name="order 4711",
    )
    return dataclasses.replace(made, **fields)


def escalation(
    risk: Risk = Risk.LOW,
    kind: Kind = Kind.CHECKPOINT,
    row_fields: dict[str, Any] | None = None,
    **fields: Any,  # noqa: ANN401
) -> Escalation:
    made = Escalation(
        row=waiting(risk=risk, kind=kind, **(row_fields or {})),
        opened_in="attempt-1",
        step="refund",
        owner="Priya Nair, Payments",
        verdicts=tuple(Verdict),
        proposal=proposal(),
        targets=(TARGET,),
        gate="refund-approval",
    )
    return dataclasses.replace(made, **fields)


def item(content: Escalation | None = None, **fields: Any) -> ItemView:  # noqa: ANN401 - fields of an item
    content = content if content is not None else escalation()
    made = ItemView(
        item_id="gate",
        row=row(),
        escalation=content,
        digest=escalation_digest(content),
        connection=connection(),
        is_open=True,
        read_at=NOW,
    )
    return dataclasses.replace(made, **fields)


def connection(health: Health = Health.LIVE, capabilities: Capabilities = CAPABLE) -> ConnectionView:
    config = ConnectionConfig(connection_id="eu", name="tower-eu", kind="fake")
    return ConnectionView(config=config, health=health, capabilities=capabilities, newest_at=NOW)


def decision(
    state: DecisionState,
    verdict: Verdict = Verdict.APPROVE,
    payload: dict[str, Json] | None = None,
    **fields: Any,  # noqa: ANN401
) -> DecisionView:
    content = escalation()
    made = Decision(
        decision_id="d1",
        key=content.key,
        opened_in="attempt-1",
        digest=escalation_digest(content),
        verdict=verdict,
        payload=payload or {},
        by=DANA,
        key_id="0" * 16,
        signed_at=NOW,
        valid_until=NOW + timedelta(hours=1),
        audit_head="",
    )
    view = DecisionView(
        decision=made,
        item_id="gate",
        connection_id="eu",
        connection="tower-eu",
        title="Refund €89 to Lena Brandt",
        risk=Risk.LOW,
        state=state,
        changed_at=NOW,
    )
    return dataclasses.replace(view, **fields)
