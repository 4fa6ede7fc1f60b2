"""The words of an item in full, as a search finds them: what was asked, proposed, said and done before it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert as upsert

from console.domain.escalation import Escalation, Proposal
from console.store.columns import storable
from console.store.tables import texts

MAX_WORDS = 200_000
MAX_PART = 20_000


def put_text(transaction: Connection, escalation: Escalation) -> None:
    """Keep the words of an item whose row is kept, inside a transaction."""
    words = storable("\n".join(part[:MAX_PART] for part in _parts(escalation) if part))[:MAX_WORDS]
    statement = upsert(texts).values(item_id=escalation.key.item_id, words=words)
    transaction.execute(
        statement.on_conflict_do_update(index_elements=[texts.c.item_id], set_={"words": statement.excluded.words})
    )


def _parts(item: Escalation) -> Iterator[str]:
    yield from (item.question, item.failure, item.contest, item.owner, item.step, item.gate)
    yield from (*item.caveats, *item.open_questions)
    if item.rule is not None:
        yield from (item.rule.name, item.rule.text)
    for proposal in (item.proposal, *(side.proposal for side in item.sides)):
        if proposal is not None:
            yield from _proposed(proposal)
    for comment in item.comments:
        yield from (comment.by.name, comment.text)
    for approval in item.approvals:
        yield from (approval.by.name, approval.reason)
    for entry in item.led_here:
        yield from (entry.title, entry.text)


def _proposed(proposal: Proposal) -> Iterator[str]:
    yield from (proposal.tool, proposal.summary, proposal.resource, proposal.critical_name)
    yield json.dumps(proposal.arguments, ensure_ascii=False, default=str)
    for change in proposal.changes:
        yield from (change.label, change.before, change.after)
