"""Items in full, as they were last read, with the digest that a decision on them carries."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from pydantic_core import PydanticSerializationError
from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert

from console.domain.digest import escalation_digest
from console.domain.escalation import Escalation
from console.store.columns import ESCALATION, micros, moment, storable
from console.store.database import Database
from console.store.inbox import put_rows
from console.store.records import StoredItem, Touched
from console.store.rows import MAX_TEXT
from console.store.tables import items
from console.store.texts import put_text

MAX_ITEM_BYTES = 8 * 1024 * 1024


class Items:
    """The table of items."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, connection_id: str, escalation: Escalation, at: datetime) -> Touched:
        """Keep an item as it was read at ``at``, and its row with it.

        Of an item that cannot be kept or signed as it is, what can be kept is, with a ``problem``, and no verdict is
        left. Raises :class:`ValueError` when even its row cannot be kept.
        """
        escalation, digest, content = fit(escalation)
        value = {"item_id": escalation.key.item_id, "content": content, "digest": digest, "read_at": micros(at)}
        with self._database.writing(is_cache=True) as transaction:
            touched = put_rows(transaction, connection_id, [escalation.listed], at)
            if touched.unreadable:
                raise ValueError("an item whose row cannot be kept")
            before = transaction.execute(select(items.c.content).where(items.c.item_id == value["item_id"])).scalar()
            statement = upsert(items).values(value)
            transaction.execute(statement.on_conflict_do_update(index_elements=[items.c.item_id], set_=value))
            if before != content:
                put_text(transaction, escalation)
        return touched if before == content else touched | Touched(changed=frozenset({escalation.key.item_id}))

    def find(self, item_id: str) -> StoredItem | None:
        """An item as it was last read."""
        with self._database.reading() as transaction:
            row = transaction.execute(select(items).where(items.c.item_id == item_id)).first()
        if row is None:
            return None
        return StoredItem(ESCALATION.validate_json(row.content), row.digest, moment(row.read_at))

    def read_at(self, item_ids: list[str]) -> dict[str, tuple[datetime, str]]:
        """When each of these was last read in full, and its digest then; those never read are left out."""
        query = select(items.c.item_id, items.c.read_at, items.c.digest).where(items.c.item_id.in_(item_ids))
        with self._database.reading() as transaction:
            return {row.item_id: (moment(row.read_at), row.digest) for row in transaction.execute(query)}


def fit(escalation: Escalation) -> tuple[Escalation, str, bytes]:
    """An item as it can be kept, its digest and its JSON.

    Where part of an item could not be read, its digest is the engine's word, good for saying no to it.
    """
    try:
        digest = escalation_digest(escalation)
        content = ESCALATION.dump_json(escalation)
    except (ValueError, PydanticSerializationError):
        return _bare(escalation, "It holds values that cannot be signed (no valid Unicode, or no finite number).")
    if len(content) > MAX_ITEM_BYTES:
        size = len(content) / 1024 / 1024
        return _bare(escalation, f"It is {size:.1f} MB large; at most {MAX_ITEM_BYTES // 1024 // 1024} MB are shown.")
    if escalation.row.problem and escalation.row.digest:
        digest = escalation.row.digest
    return escalation, digest, content


def _bare(escalation: Escalation, problem: str) -> tuple[Escalation, str, bytes]:
    row = dataclasses.replace(
        escalation.row,
        problem=problem,
        title=storable(escalation.row.title)[:MAX_TEXT],
        workflow=storable(escalation.row.workflow)[:MAX_TEXT],
        agent=storable(escalation.row.agent)[:MAX_TEXT],
        business_key=storable(escalation.row.business_key)[:MAX_TEXT],
        claim=None,
    )
    bare = Escalation(
        row=row,
        opened_in=storable(escalation.opened_in),
        step=storable(escalation.step),
        owner=storable(escalation.owner),
        verdicts=(),
    )
    return bare, "", ESCALATION.dump_json(bare)
