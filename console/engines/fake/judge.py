"""How the scripted orchestrator takes decisions: by the tower's rules, minus signatures.

Over one run's record alone: it refuses with a typed reason, or changes the record and returns the receipt. A decision
that was taken before gets its receipt again and changes nothing.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime

from console.domain.decision import Decision, payload_hash
from console.domain.digest import escalation_digest
from console.domain.edits import edited_lines
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Approval, Escalation, EscalationKey, Kind, Verdict
from console.domain.receipt import Effect, Outcome, Receipt, mismatches
from console.domain.rules import EXECUTING, NEEDS_PAYLOAD, permission
from console.engines.fake.record import Applied, Item, RunRecord

DECIDED = "decided"
CLOSED = "closed"


def judge(record: RunRecord, decision: Decision, now: datetime) -> tuple[Receipt, Applied | None]:
    """Take one decision: its receipt, and what is to be done now, if anything. Raises :class:`Refused`."""
    if known := record.decisions.get(decision.decision_id):
        return _again(decision, *known), None
    item = _open_item(record, decision.key)
    content = item.read()
    _check(content, decision, now)
    if decision.verdict is Verdict.WITHDRAW:
        return _withdrawn(record, item, content, decision, now), None
    if decision.verdict in EXECUTING and content.row.required_approvals > 1:
        if decision.verdict is Verdict.EDIT:
            content = _edited(record, item, content, decision)
        content = _approved(item, content, decision, now)
        if content.row.approvals < content.row.required_approvals:
            return _keep(record, decision, _receipt(decision, Outcome.HALF_GRANTED, now, content)), None
    item.ended = DECIDED
    return _keep(record, decision, _receipt(decision, Outcome.CONFIRMED, now, content)), _applied(content, decision)


def settle(record: RunRecord, decision: Decision, now: datetime, effect: Effect | None) -> None:
    """Write what became of it on this decision's receipt and on those that approved the same before."""
    content = record.items[(decision.key.native_id, decision.key.occurrence)].content
    is_agreed = decision.verdict in EXECUTING
    outcome = Outcome.FAILED if effect and effect.error else Outcome.CARRIED_OUT
    for decision_id in {approval.decision_id for approval in content.approvals} | {decision.decision_id}:
        first, receipt = record.decisions[decision_id]
        is_own = decision_id == decision.decision_id
        settled = dataclasses.replace(
            receipt,
            outcome=outcome if is_own or is_agreed else Outcome.SUPERSEDED,
            settled_at=now,
            effect=effect if is_own or is_agreed else None,
            message="" if is_own or is_agreed else "Another person rejected it.",
            approvals=max(receipt.approvals, content.row.approvals),
        )
        record.decisions[decision_id] = (first, settled)


def _again(decision: Decision, first: Decision, receipt: Receipt) -> Receipt:
    if mismatches(decision, receipt) or decision != first:
        raise Refused("This decision id was used for another decision.", code=RefusalCode.ID_REUSED)
    return receipt


def _open_item(record: RunRecord, key: EscalationKey) -> Item:
    item = record.items.get((key.native_id, key.occurrence))
    if item is None:
        raise Refused("The run knows no such item.", code=RefusalCode.UNKNOWN)
    if item.ended == DECIDED:
        raise Refused("Somebody decided this first.", code=RefusalCode.ALREADY_DECIDED)
    if item.ended:
        raise Refused("This no longer waits for anybody.", code=RefusalCode.CLOSED)
    return item


def _check(content: Escalation, decision: Decision, now: datetime) -> None:
    if decision.digest != content.row.digest or decision.opened_in != content.opened_in:
        raise Refused("What waits is not what was shown.", code=RefusalCode.CHANGED)
    if decision.valid_until <= now:
        raise Refused("The decision was valid until a time that has passed.", code=RefusalCode.EXPIRED)
    allowed = permission(content, decision.verdict, decision.by)
    if not allowed.is_allowed:
        raise Refused(allowed.reason, code=RefusalCode.NOT_ALLOWED)
    needed = NEEDS_PAYLOAD.get(decision.verdict)
    if needed and needed not in decision.payload:
        raise Refused(f"“{decision.verdict}” needs “{needed}”.", code=RefusalCode.INVALID_PAYLOAD)
    if decision.verdict is Verdict.EDIT and not isinstance(decision.payload["arguments"], dict):
        raise Refused("“arguments” has to be an object.", code=RefusalCode.INVALID_PAYLOAD)


def _edited(record: RunRecord, item: Item, content: Escalation, decision: Decision) -> Escalation:
    """An edit is another proposal: earlier approvals are void, and so are decisions on the old digest."""
    if content.proposal is None:
        return content
    for approval in content.approvals:
        first, receipt = record.decisions[approval.decision_id]
        voided = dataclasses.replace(receipt, outcome=Outcome.SUPERSEDED, message="An edit changed what was approved.")
        record.decisions[approval.decision_id] = (first, voided)
    arguments = decision.payload["arguments"]
    if isinstance(arguments, dict):
        changes = edited_lines(content.proposal.arguments, arguments)
        proposal = dataclasses.replace(content.proposal, arguments=arguments, changes=changes)
        content = dataclasses.replace(content, proposal=proposal)
    content = dataclasses.replace(content, approvals=())
    row = dataclasses.replace(content.row, approvals=0, digest=escalation_digest(content))
    item.content = dataclasses.replace(content, row=row)
    item.raw = None
    return item.content


def _approved(item: Item, content: Escalation, decision: Decision, now: datetime) -> Escalation:
    changes = content.proposal.changes if content.proposal and decision.verdict is Verdict.EDIT else ()
    approval = Approval(decision.by, now, decision.decision_id, content.row.digest, decision.reason, changes)
    approvals = (*content.approvals, approval)
    # What one person did of a command waits for the next.
    kind = Kind.INTERVENTION if content.key.is_command else content.row.kind
    row = dataclasses.replace(content.row, approvals=len(approvals), kind=kind)
    item.content = dataclasses.replace(content, approvals=approvals, row=row)
    return item.content


def _withdrawn(record: RunRecord, item: Item, content: Escalation, decision: Decision, now: datetime) -> Receipt:
    """The person's own approval is gone, as its receipt tells; the item waits for as many as before."""
    left = tuple(one for one in content.approvals if one.by.person_id != decision.by.person_id)
    kind = Kind.COMMAND if content.key.is_command and not left else content.row.kind
    row = dataclasses.replace(content.row, approvals=len(left), kind=kind)
    item.content = dataclasses.replace(content, approvals=left, row=row)
    for approval in content.approvals:
        first, receipt = record.decisions[approval.decision_id]
        if approval in left:
            receipt = dataclasses.replace(receipt, approvals=len(left))
        else:
            words = f"{decision.by.name} withdrew the approval."
            receipt = dataclasses.replace(receipt, outcome=Outcome.SUPERSEDED, settled_at=now, message=words)
        record.decisions[approval.decision_id] = (first, receipt)
    receipt = _receipt(decision, Outcome.CARRIED_OUT, now, item.content)
    receipt = dataclasses.replace(receipt, settled_at=now, message="The approval is withdrawn.", approvals=len(left))
    return _keep(record, decision, receipt)


def _applied(content: Escalation, decision: Decision) -> Applied:
    arguments = content.proposal.arguments if content.proposal and decision.verdict in EXECUTING else {}
    edited = decision.payload.get("arguments")
    if decision.verdict is Verdict.EDIT and isinstance(edited, dict):
        arguments = edited
    return Applied(
        key=content.key,
        decision_id=decision.decision_id,
        verdict=decision.verdict,
        by=decision.by,
        payload=decision.payload,
        arguments=arguments,
    )


def _receipt(decision: Decision, outcome: Outcome, now: datetime, content: Escalation) -> Receipt:
    return Receipt(
        decision_id=decision.decision_id,
        key=decision.key,
        opened_in=decision.opened_in,
        digest=decision.digest,
        verdict=decision.verdict,
        payload_hash=payload_hash(decision.payload),
        key_id=decision.key_id,
        signature=decision.signature,
        outcome=outcome,
        accepted_at=now,
        approvals=max(1, content.row.approvals),
        required_approvals=content.row.required_approvals,
    )


def _keep(record: RunRecord, decision: Decision, receipt: Receipt) -> Receipt:
    record.decisions[decision.decision_id] = (decision, receipt)
    return receipt
