"""The store at ten thousand items, beside bare SQLite in files on the same disk, turn and turn about."""

from __future__ import annotations

import dataclasses
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.decision import Decision, DecisionState, signed_content
from console.domain.escalation import Escalation, EscalationKey, Verdict
from console.domain.identity import Person, Role
from console.domain.risk import Risk
from console.infra.keys import SigningKey
from console.store.records import NewDecision, RowFilter
from console.store.store import Store
from tests.bench import stock
from tests.bench.lines import Line, Spread

PAGE = 200
VALID_FOR = timedelta(hours=8)
WHO = Person("bench", "Bench", Role.SUPERVISOR)
INSERT = "INSERT INTO kept (content) VALUES (?)"
SELECT = """
    SELECT * FROM waiting WHERE closed_at IS NULL AND NOT is_decided
    ORDER BY risk DESC, due_at, opened_at LIMIT ?
"""


def decide(folder: Path, count: int) -> Line:
    """A decision with its signature and audit line, on the disk; and one row of as many bytes, on the disk."""
    where = stock.profile(folder)
    stock.fill(where)
    items = _items(count)
    key = SigningKey(Ed25519PrivateKey.generate(), is_kept=False)
    ours: list[float] = []
    bare: list[float] = []
    with closing(Store(where.database)) as store, closing(_bare(folder / "bare.db")) as connection:
        now = datetime.now(UTC)
        for item in items:
            store.items.put("tower", item, now)
        for number, item in enumerate(items):
            digest = store.items.find(item.key.item_id)
            new = _decision(number, item, digest.digest if digest else "", key)
            began = time.perf_counter()
            stored = store.outbox.add(new)
            ours.append((time.perf_counter() - began) * 1000)
            content = repr(stored.decision).encode()
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(INSERT, (content,))
            connection.execute("COMMIT")
            bare.append((time.perf_counter() - began) * 1000)
    return Line(
        name="decide: one transaction, synchronous=FULL",
        ours=Spread(ours),
        beside="bare SQLite, one row",
        baseline=Spread(bare),
    )


def page(folder: Path, count: int) -> Line:
    """The first page of the inbox with its order and counts; and the bare rows of as many, in order."""
    where = stock.profile(folder)
    stock.fill(where)
    ours: list[float] = []
    bare: list[float] = []
    wanted = RowFilter(now=datetime.now(UTC), limit=PAGE)
    with closing(Store(where.database)) as store, closing(sqlite3.connect(where.database)) as connection:
        for _ in range(count):
            began = time.perf_counter()
            rows = store.inbox.page(wanted).rows
            ours.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            found = connection.execute(SELECT, (PAGE,)).fetchall()
            bare.append((time.perf_counter() - began) * 1000)
            if len(rows) != len(found):
                raise AssertionError("the two did not find the same")
    return Line(
        name=f"inbox page: {PAGE} of {stock.ITEMS:,}, with counts",
        ours=Spread(ours),
        beside="bare SELECT",
        baseline=Spread(bare),
    )


def _items(count: int) -> list[Escalation]:
    server = stock.server(count)
    found = [server.escalation(row.key) for row in server.world.waiting()]
    return [_elsewhere(item, number) for number, item in enumerate(found)]


def _elsewhere(item: Escalation, number: int) -> Escalation:
    """The item as one of the rows that the store was filled with."""
    key: EscalationKey = stock.row(number, datetime.now(UTC), Risk.LOW).key
    row = dataclasses.replace(item.row, key=key, digest="")
    return dataclasses.replace(item, row=row)


def _decision(number: int, item: Escalation, digest: str, key: SigningKey) -> NewDecision:
    now = datetime.now(UTC)
    signed_at = now.replace(microsecond=now.microsecond // 1_000 * 1_000)

    def make(head: str) -> Decision:
        draft = Decision(
            decision_id=f"{number:032x}",
            key=item.key,
            opened_in=item.opened_in,
            digest=digest,
            verdict=Verdict.APPROVE,
            payload={"reason": "as agreed with the customer"},
            by=WHO,
            key_id=key.key_id,
            signed_at=signed_at,
            valid_until=signed_at + VALID_FOR,
            audit_head=head,
        )
        return dataclasses.replace(draft, signature=key.sign(signed_content(draft)))

    return NewDecision(
        item_id=item.key.item_id,
        digest=digest,
        connection_id="tower",
        connection="tower",
        title=item.row.title,
        risk=item.row.risk,
        state=DecisionState.HELD,
        holder="bench",
        at=signed_at,
        make=make,
    )


def _bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE kept (number INTEGER PRIMARY KEY, content BLOB)")
    return connection
