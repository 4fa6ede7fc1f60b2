from __future__ import annotations

import dataclasses
import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.chain import START, link
from console.domain.decision import DecisionState, signed_content
from console.domain.receipt import Outcome
from console.infra.keys import SigningKey
from console.store.records import AuditCheck, Signed
from console.store.store import Store
from tests.store.made import LEDGER, NOW, decision, item, new_decision, receipt

DECIDED = 5
# The connection that every store here begins with has a line.
FIRST = 1
KEY = SigningKey(Ed25519PrivateKey.generate(), is_kept=False)


@pytest.fixture(autouse=True)
def _five_decisions(store: Store) -> None:
    decide(store, range(1, DECIDED + 1))


def decide(store: Store, numbers: range, key: SigningKey | None = None) -> None:
    for number in numbers:
        store.items.put("ledger", item(number), NOW)

        def make(head: str, number: int = number) -> Any:  # noqa: ANN401 - a decision
            draft = decision(item(number), f"d{number}", head)
            if key is None:
                return draft
            draft = dataclasses.replace(draft, key_id=key.key_id)
            return dataclasses.replace(draft, signature=key.sign(signed_content(draft)))

        store.outbox.add(new_decision(item(number), f"d{number}", make=make))


def sign(store: Store, key: SigningKey = KEY, why: str = "opened") -> Signed:
    signed = store.audit.sign(NOW, why, key, "pat")
    assert signed is not None
    return signed


def verified(store: Store, signed: Signed | None = None) -> AuditCheck:
    return list(store.audit.verify(slice_size=2, signed=signed))[-1]


def tamper(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def kinds(store: Store) -> list[str]:
    return [json.loads(entry.line)["kind"] for entry in store.audit.entries()]


def test_every_line_is_bound_to_the_one_before(store: Store) -> None:
    entries = store.audit.entries()
    assert len(entries) == FIRST + DECIDED
    prev = "0" * 64
    for entry in entries:
        assert entry.prev == prev
        prev = hashlib.sha256(entry.prev.encode() + entry.raw).hexdigest()
        assert entry.hash == prev
    assert store.audit.head() == prev
    assert verified(store) == AuditCheck(FIRST + DECIDED)


def test_decisions_carry_the_head_they_were_signed_on(store: Store) -> None:
    entries = store.audit.entries()
    made = store.outbox.find("d4")
    assert made is not None
    assert made.decision.audit_head == entries[FIRST + 2].hash
    assert json.loads(entries[FIRST + 3].line)["content"]["audit_head"] == entries[FIRST + 2].hash


def test_an_empty_chain_is_whole_and_is_not_signed(tmp_path: Path) -> None:
    store = Store(tmp_path / "empty.db")
    assert verified(store).is_whole
    assert store.audit.sign(NOW, "opened", KEY, "pat") is None
    store.close()


def test_a_chain_is_begun_once_with_its_name(tmp_path: Path) -> None:
    store = Store(tmp_path / "empty.db")
    store.audit.begin(NOW, "one")
    store.audit.begin(NOW, "two")
    (entry,) = store.audit.entries()
    assert json.loads(entry.line)["content"] == {"name": "one"}
    assert store.audit.chain() == entry.hash == link(START, entry.raw)
    store.close()


@pytest.mark.parametrize(
    ("statement", "broken_at", "fault"),
    [
        ("UPDATE audit SET line = replace(line, 'approve', 'reject') WHERE number = 3", 3, "was changed"),
        ("UPDATE audit SET line = CAST(x'ff' AS TEXT) WHERE number = 3", 3, "was changed"),
        ("DELETE FROM audit WHERE number = 2", 3, "Entry 2 is missing"),
        ("UPDATE audit SET prev = hash WHERE number = 4", 4, "does not follow"),
        ("UPDATE audit SET hash = 'beef' WHERE number = 5", 5, "was changed"),
        ("UPDATE audit SET hash = x'00' WHERE number = 5", 5, "was changed"),
    ],
)
def test_the_broken_link_is_named(store: Store, path: Path, statement: str, broken_at: int, fault: str) -> None:
    tamper(path, statement)
    check = verified(store)
    assert not check.is_whole
    assert check.broken_at == broken_at
    assert fault in check.fault


def test_a_head_is_signed_once_and_its_key_introduced_before_it(store: Store) -> None:
    signed = sign(store)
    assert kinds(store)[-2:] == ["key", "head"]
    assert store.audit.sign(NOW, "closed", KEY, "pat") is None
    assert signed == Signed(store.audit.chain(), FIRST + DECIDED + 2, store.audit.head())
    assert verified(store) == AuditCheck(signed.number, signed_until=signed.number)
    store.outbox.move("d1", DecisionState.EXPIRED, NOW)
    assert store.audit.unsigned() == 1
    assert sign(store).number == signed.number + 2
    assert kinds(store).count("key") == 1
    other = SigningKey(Ed25519PrivateKey.generate(), is_kept=False)
    sign(store, other)
    sign(store, KEY)
    assert kinds(store).count("key") == 3
    assert set(store.audit.keys()) == {KEY.key_id, other.key_id}
    assert verified(store).is_whole


def rewritten(path: Path, change: Callable[[dict[str, Any]], None], *, number: int) -> None:
    """Change a line as somebody without the key would: with every hash after it made to fit."""
    with closing(sqlite3.connect(path)) as connection:
        prev = START
        for at, line in connection.execute("SELECT number, line FROM audit ORDER BY number").fetchall():
            value = json.loads(line)
            if at == number:
                change(value)
            if "audit_head" in value["content"]:
                value["content"]["audit_head"] = prev
            raw = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            after = link(prev, raw.encode())
            connection.execute("UPDATE audit SET line = ?, prev = ?, hash = ? WHERE number = ?", (raw, prev, after, at))
            prev = after
        connection.commit()


def test_a_chain_recomputed_without_the_key_breaks_at_the_signed_head(store: Store, path: Path) -> None:
    sign(store)
    decide(store, range(6, 8), KEY)
    sign(store)
    rewritten(path, lambda value: value["content"].update(verdict="reject"), number=FIRST + 2)
    check = verified(store)
    # The decisions before the first head are not of this key, so that head is where it shows.
    assert check.broken_at == FIRST + DECIDED + 1
    assert "signature" in check.fault


def test_what_was_signed_here_is_missed_when_it_was_cut_off_or_replaced(store: Store, path: Path) -> None:
    sign(store)
    store.outbox.move("d1", DecisionState.EXPIRED, NOW)
    last = sign(store, why="closed")
    assert verified(store, last).is_whole
    cut = "DELETE FROM audit WHERE number > 8"
    assert last.number == FIRST + DECIDED + 4 == 10
    # SQLite's own count, too, would show a gap.
    tamper(path, cut, "UPDATE sqlite_sequence SET seq = 8 WHERE name = 'audit'")
    assert verified(store).is_whole
    check = verified(store, last)
    assert (check.broken_at, "cut off" in check.fault) == (last.number - 1, True)
    store.outbox.move("d2", DecisionState.EXPIRED, NOW)
    sign(store)
    assert "written anew" in verified(store, last).fault


def test_purging_content_keeps_the_chain(store: Store) -> None:
    store.outbox.move("d1", DecisionState.EXPIRED, NOW)
    store.connections.remove("ledger", NOW)
    assert store.purge(NOW.replace(year=2027)) == 1
    assert store.outbox.find("d1") is None
    assert store.outbox.shown("d1") is None
    assert verified(store).is_whole
    assert len(store.audit.entries()) == FIRST + DECIDED + 2


def test_connections_leave_lines_without_their_secrets_and_settings(store: Store) -> None:
    entered = dataclasses.replace(LEDGER, settings={"address": "secret-host:7233"}, secret_names=("api_key",))
    store.connections.put(entered, NOW)
    store.connections.set_paused("ledger", NOW, is_paused=True)
    store.connections.set_paused("ledger", NOW, is_paused=True)
    store.connections.set_paused("ledger", NOW, is_paused=False)
    store.connections.remove("ledger", NOW)
    store.connections.remove("ledger", NOW)
    lines = [json.loads(entry.line) for entry in store.audit.entries()]
    assert [line["kind"] for line in lines if line["kind"].startswith("connection")] == [
        "connection added",
        "connection changed",
        "connection paused",
        "connection resumed",
        "connection removed",
    ]
    changed = lines[FIRST + DECIDED]["content"]
    assert (changed["name"], changed["changed"], changed["secrets"]) == ("Ledger", ["address"], ["api_key"])
    assert not any("secret-host" in entry.line for entry in store.audit.entries())


def test_what_was_shown_is_kept_as_it_was(store: Store) -> None:
    before = store.outbox.shown("d1")
    assert before is not None
    store.items.put("ledger", item(1, amount=9_000), NOW)
    assert store.outbox.shown("d1") == before
    told = json.loads(store.audit.entries()[FIRST].line)["content"]["shown"]
    assert told == hashlib.sha256(before).hexdigest()


def test_of_an_older_decision_the_item_is_shown_while_it_is_the_same(store: Store, path: Path) -> None:
    tamper(path, "DELETE FROM shown")
    assert store.outbox.shown("d1") is not None
    store.items.put("ledger", item(1, amount=9_000), NOW)
    assert store.outbox.shown("d1") is None
    assert store.outbox.shown("nothing") is None


def test_lines_are_found_by_decision_and_by_time(store: Store) -> None:
    made = store.outbox.find("d2")
    assert made is not None
    later = NOW.replace(hour=12)
    store.outbox.move("d2", DecisionState.SENDING, later)
    store.outbox.move("d2", DecisionState.CONFIRMED, later, receipt=receipt(made.decision, Outcome.CONFIRMED))
    assert store.audit.about("d2") == (FIRST + 2, FIRST + DECIDED + 1, FIRST + DECIDED + 2)
    assert store.audit.first_since(later) == FIRST + DECIDED + 1
    assert store.audit.first_since(NOW.replace(year=2000)) == 1
    assert store.audit.first_since(NOW.replace(year=2100)) == FIRST + DECIDED + 3
    head = sign(store)
    assert store.audit.heads(FIRST) == (head.number,)


def test_an_engines_long_words_are_cut_in_the_audit(store: Store) -> None:
    store.outbox.move("d1", DecisionState.REFUSED, NOW, message="x" * 100_000)
    assert len(store.audit.entries()[-1].raw) < 3_000
