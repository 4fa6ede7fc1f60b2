"""Between rows of the inbox and their columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from console.domain.escalation import Claim, EscalationKey, Kind, Waiting
from console.domain.identity import Person, Role
from console.domain.risk import Risk
from console.domain.run import RunRef
from console.store.columns import micros, micros_or_none, moment, moment_or_none, storable
from console.store.records import StoredRow

MAX_TEXT = 1_000
MAX_INTEGER = 2**63 - 1
MAX_SIGNERS = 50
NOBODY = "[]"

# What of a row a person sees; where only the others differ, nothing changed on screen.
SEEN = (
    "kind",
    "risk",
    "title",
    "workflow",
    "agent",
    "business_key",
    "opened_at",
    "due_at",
    "digest",
    "approvals",
    "required_approvals",
    "claim_by",
    "claim_until",
    "problem",
    "approved_by",
    "initiator",
    "resource",
)


def columns(row: Waiting, connection_id: str, at: datetime) -> dict[str, Any]:
    """A row as it is written. Raises :class:`ValueError` where it has no name that can be kept or a naive time."""
    key = row.key
    if not 0 <= key.occurrence <= MAX_INTEGER:
        raise ValueError("an occurrence out of range")
    seen = micros(at)
    texts = {name: storable(getattr(row, name))[:MAX_TEXT] for name in ("title", "workflow", "agent", "business_key")}
    return {
        "item_id": key.item_id,
        "connection_id": connection_id,
        "server": key.run.server,
        "run_id": key.run.run_id,
        "chain_id": key.run.chain_id,
        "native_id": key.native_id,
        "occurrence": key.occurrence,
        "kind": str(row.kind),
        "risk": int(row.risk),
        **texts,
        "words": "\n".join(texts.values()).casefold(),
        "opened_at": micros(row.opened_at),
        "due_at": micros_or_none(row.due_at),
        "digest": storable(row.digest),
        "approvals": min(row.approvals, MAX_INTEGER),
        "required_approvals": min(row.required_approvals, MAX_INTEGER),
        "claim_by": storable(row.claim.by.person_id) if row.claim else "",
        "claim_name": storable(row.claim.by.name) if row.claim else "",
        "claim_role": str(row.claim.by.role) if row.claim else "",
        "claim_until": micros(row.claim.until) if row.claim else None,
        "problem": storable(row.problem)[:MAX_TEXT],
        "first_seen_at": seen,
        "read_at": seen,
        "closed_at": None,
        # What may be done at any time waits for nobody, so that it stands in no list.
        "is_decided": row.kind is Kind.COMMAND,
        "approved_by": json.dumps([storable(each)[:MAX_TEXT] for each in row.approved_by[:MAX_SIGNERS]]),
        "initiator": storable(row.initiator)[:MAX_TEXT],
        "resource": storable(row.resource)[:MAX_TEXT],
        "snoozed_until": None,
    }


# In the order in which `stored_row` takes them apart.
READ = (
    "item_id",
    "connection_id",
    "server",
    "run_id",
    "chain_id",
    "native_id",
    "occurrence",
    "kind",
    "risk",
    "title",
    "workflow",
    "agent",
    "business_key",
    "opened_at",
    "due_at",
    "digest",
    "approvals",
    "required_approvals",
    "claim_by",
    "claim_name",
    "claim_role",
    "claim_until",
    "problem",
    "first_seen_at",
    "read_at",
    "closed_at",
    "is_decided",
    "approved_by",
    "initiator",
    "resource",
    "snoozed_until",
)


def stored_row(row: Sequence[Any]) -> StoredRow:
    """A row of the columns in :data:`READ` and its urgency. Taken apart by position: a page has hundreds of them."""
    (item_id, connection_id, server, run_id, chain_id, native_id, occurrence, kind, risk, *rest) = row
    (title, workflow, agent, business_key, opened_at, due_at, digest, approvals, required_approvals, *rest) = rest
    (claim_by, claim_name, claim_role, claim_until, problem, first_seen_at, read_at, *rest) = rest
    closed_at, is_decided, approved_by, initiator, resource, snoozed_until, urgency = rest
    claim = None
    if claim_until is not None:
        claim = Claim(Person(claim_by, claim_name, Role(claim_role)), moment(claim_until))
    waiting = Waiting(
        key=EscalationKey(RunRef(server, run_id, chain_id), native_id, occurrence),
        kind=Kind(kind),
        title=title,
        workflow=workflow,
        agent=agent,
        risk=Risk(risk),
        opened_at=moment(opened_at),
        due_at=moment_or_none(due_at),
        digest=digest,
        business_key=business_key,
        approvals=approvals,
        required_approvals=required_approvals,
        claim=claim,
        problem=problem,
        approved_by=() if approved_by == NOBODY else tuple(json.loads(approved_by)),
        initiator=initiator,
        resource=resource,
    )
    return StoredRow(
        item_id=item_id,
        waiting=waiting,
        connection_id=connection_id,
        first_seen_at=moment(first_seen_at),
        read_at=moment(read_at),
        closed_at=moment_or_none(closed_at),
        is_decided=is_decided,
        snoozed_until=moment_or_none(snoozed_until),
        urgency=urgency,
    )
