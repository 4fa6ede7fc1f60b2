from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from console.domain.decision import DecisionState
from console.store.records import AuditCheck
from console.store.store import Store
from tests.store.made import NOW, item, new_decision

DECIDED = 5


@pytest.fixture(autouse=True)
def _five_decisions(store: Store) -> None:
    for number in range(1, DECIDED + 1):
        store.items.put("ledger", item(number), NOW)
        store.outbox.add(new_decision(item(number), f"d{number}"))


def verified(store: Store) -> AuditCheck:
    return list(store.audit.verify(slice_size=2))[-1]


def tamper(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def test_every_line_is_bound_to_the_one_before(store: Store) -> None:
    entries = store.audit.entries()
    assert len(entries) == DECIDED
    prev = "0" * 64
    for entry in entries:
        assert entry.prev == prev
        prev = hashlib.sha256(entry.prev.encode() + entry.line.encode()).hexdigest()
        assert entry.hash == prev
    assert store.audit.head() == prev
    assert verified(store) == AuditCheck(DECIDED)


def test_decisions_carry_the_head_they_were_signed_on(store: Store) -> None:
    entries = store.audit.entries()
    made = store.outbox.find("d4")
    assert made is not None
    assert made.decision.audit_head == entries[2].hash
    assert json.loads(entries[3].line)["content"]["audit_head"] == entries[2].hash


def test_an_empty_chain_is_whole(tmp_path: Path) -> None:
    store = Store(tmp_path / "empty.db")
    assert verified(store).is_whole
    store.close()


@pytest.mark.parametrize(
    ("statement", "broken_at", "fault"),
    [
        ("UPDATE audit SET line = replace(line, 'approve', 'reject') WHERE number = 3", 3, "was changed"),
        ("DELETE FROM audit WHERE number = 2", 3, "Entry 2 is missing"),
        ("UPDATE audit SET prev = hash WHERE number = 4", 4, "does not follow"),
        ("UPDATE audit SET hash = 'beef' WHERE number = 5", 5, "was changed"),
    ],
)
def test_the_broken_link_is_named(store: Store, path: Path, statement: str, broken_at: int, fault: str) -> None:
    tamper(path, statement)
    check = verified(store)
    assert not check.is_whole
    assert check.broken_at == broken_at
    assert fault in check.fault


def test_purging_content_keeps_the_chain(store: Store) -> None:
    store.outbox.move("d1", DecisionState.EXPIRED, NOW)
    store.connections.remove("ledger")
    assert store.purge(NOW.replace(year=2027)) == 1
    assert store.outbox.find("d1") is None
    assert verified(store).is_whole
    assert len(store.audit.entries()) == DECIDED + 1
