"""What is kept for how long: content goes when its connection's retention is over, the lines of the audit stay."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, select

from console.domain.decision import FINAL_STATES
from console.domain.escalation import Kind
from console.store.columns import micros
from console.store.database import Database
from console.store.tables import connections, decisions, waiting

DEFAULT_DAYS = 90
OFFERED_FOR = timedelta(days=1)


def purge(database: Database, now: datetime) -> int:
    """Remove items that closed, and decisions that were settled, longer ago than their retention; how many of both.

    Decisions of a connection that is gone are kept for :data:`DEFAULT_DAYS`.
    """
    final = sorted(str(state) for state in FINAL_STATES)
    removed = 0
    with database.writing() as transaction:
        retention = {
            row[0]: row[1]
            for row in transaction.execute(select(connections.c.connection_id, connections.c.retention_days))
        }
        for connection_id, kept_days in retention.items():
            before = micros(now - timedelta(days=kept_days))
            removed += transaction.execute(
                delete(waiting).where(waiting.c.connection_id == connection_id, waiting.c.closed_at < before)
            ).rowcount
            removed += transaction.execute(
                delete(decisions).where(
                    decisions.c.connection_id == connection_id,
                    decisions.c.state.in_(final),
                    decisions.c.changed_at < before,
                )
            ).rowcount
        removed += _purge_offers(transaction, now)
        before = micros(now - timedelta(days=DEFAULT_DAYS))
        removed += transaction.execute(
            delete(decisions).where(
                decisions.c.connection_id.not_in(list(retention)),
                decisions.c.state.in_(final),
                decisions.c.changed_at < before,
            )
        ).rowcount
    return removed


def _purge_offers(transaction: Connection, now: datetime) -> int:
    """Remove what could be done at any time, and this desk did not."""
    decided = select(decisions.c.item_id)
    is_offer = and_(waiting.c.kind == str(Kind.COMMAND), waiting.c.item_id.not_in(decided))
    before = micros(now - OFFERED_FOR)
    return transaction.execute(delete(waiting).where(is_offer, waiting.c.read_at < before)).rowcount
