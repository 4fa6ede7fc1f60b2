"""The audit chain: what was decided at this desk and what became of it, each line bound to the one before.

Invariant: lines are only added, in the transaction of what they record; a line's hash is SHA-256 over the hash before
it and the line's exact bytes, so that one changed, removed or put between breaks every link after it. Signed decisions
carry the head of the chain and so vouch for all that came before. Lines name payloads by their hash, never in words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, insert, select

from console.domain.canonical import Json, canonical
from console.domain.decision import instant
from console.store.database import Database
from console.store.records import AuditCheck, AuditEntry
from console.store.tables import audit

START = "0" * 64


def link(prev: str, line: str) -> str:
    """The hash of a line that follows the one whose hash is ``prev``."""
    return hashlib.sha256(prev.encode("ascii") + line.encode("utf-8")).hexdigest()


def head(transaction: Connection) -> str:
    """The hash of the last line; 64 zeros before the first."""
    newest = select(audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    return transaction.execute(newest).scalar() or START


def append(transaction: Connection, kind: str, at: datetime, content: dict[str, Json]) -> None:
    """Add a line to the chain. Raises :class:`ValueError` for content without a canonical form."""
    prev = head(transaction)
    line = canonical({"kind": kind, "at": instant(at), "content": content}).decode("utf-8")
    transaction.execute(insert(audit), {"line": line, "prev": prev, "hash": link(prev, line)})


class Audit:
    """The chain, to be read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def head(self) -> str:
        """The hash of the last line."""
        with self._database.reading() as transaction:
            return head(transaction)

    def entries(self, after: int = 0, limit: int = 1_000) -> tuple[AuditEntry, ...]:
        """Lines in their order, from behind the one numbered ``after``."""
        query = select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(limit)
        with self._database.reading() as transaction:
            return tuple(AuditEntry(row.number, row.line, row.prev, row.hash) for row in transaction.execute(query))

    def verify(self, slice_size: int = 2_000) -> Iterator[AuditCheck]:
        """Check every link, telling after each slice how far it is; the last one told is the result."""
        prev, done, last = START, 0, 0
        while entries := self.entries(last, slice_size):
            for entry in entries:
                fault = _fault(entry, prev, last)
                if fault:
                    yield AuditCheck(done, entry.number, fault)
                    return
                prev, last, done = entry.hash, entry.number, done + 1
            yield AuditCheck(done)
        if done == 0:
            yield AuditCheck(0)


def _fault(entry: AuditEntry, prev: str, last: int) -> str:
    if entry.number != last + 1:
        return f"Entry {last + 1} is missing."
    if entry.prev != prev:
        return f"Entry {entry.number} does not follow the one before it."
    if entry.hash != link(entry.prev, entry.line):
        return f"Entry {entry.number} was changed after it was written."
    return ""
