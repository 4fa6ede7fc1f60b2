"""The business database that the sample plans' tools act on, and the proof of what was done: table ``effects``.

Invariant: an effect and its row in ``effects`` are written in one transaction under the idempotency key, so that the
same key acts once, whoever calls and however often; every row names the decision it goes back to. One SQLite file, any
number of processes; a writer waits for another up to ten seconds.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from console.domain.canonical import Json, canonical, sha256_hex
from console.domain.receipt import Effect
from console.tower.messages import ExecuteCall
from console.tower.plan import ToolSpec

SCHEMA = """
CREATE TABLE IF NOT EXISTS effects (
    effect_id TEXT PRIMARY KEY, run_id TEXT NOT NULL, step TEXT NOT NULL, tool TEXT NOT NULL, resource TEXT NOT NULL,
    arguments_hash TEXT NOT NULL, decision_id TEXT NOT NULL, at TEXT NOT NULL, result TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS effects_by_tool ON effects (tool, at);
CREATE TABLE IF NOT EXISTS journal_entries (
    effect_id TEXT NOT NULL, line INTEGER NOT NULL, company TEXT NOT NULL, period TEXT NOT NULL, account TEXT NOT NULL,
    counter TEXT NOT NULL, amount TEXT NOT NULL, reference TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (effect_id, line));
CREATE TABLE IF NOT EXISTS refunds (
    effect_id TEXT PRIMARY KEY, order_no TEXT NOT NULL, customer TEXT NOT NULL, amount TEXT NOT NULL,
    reason TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
    effect_id TEXT PRIMARY KEY, recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS operations (
    effect_id TEXT PRIMARY KEY, alert TEXT NOT NULL, service TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL,
    at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS status_updates (
    effect_id TEXT PRIMARY KEY, alert TEXT NOT NULL, audience TEXT NOT NULL, severity TEXT NOT NULL, text TEXT NOT NULL,
    at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS prices (
    effect_id TEXT NOT NULL, list TEXT NOT NULL, sku TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
    valid_from TEXT NOT NULL, PRIMARY KEY (effect_id, list, sku));
CREATE TABLE IF NOT EXISTS outages (name TEXT PRIMARY KEY, until TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS fences (resource TEXT PRIMARY KEY, token INTEGER NOT NULL);
"""


MAX_RESULT_BYTES = 16 * 1024


class TooMany(Exception):
    """The tool has reached its limit of calls in an hour."""


class KeyReused(Exception):
    """The idempotency key stands for another call."""


class LeaseLost(Exception):
    """The resource belongs to somebody else by now, or to nobody until a person decides."""


def create(path: Path) -> None:
    """Make the database, for its owner alone, unless it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(connect(path)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript(SCHEMA)


def connect(path: Path) -> sqlite3.Connection:
    """A connection for one use; it writes only inside ``with db`` or an explicit transaction."""
    db = sqlite3.connect(path, timeout=10)
    db.row_factory = sqlite3.Row
    return db


def once(
    path: Path,
    call: ExecuteCall,
    spec: ToolSpec,
    resource: str,
    at: datetime,
    act: Callable[[sqlite3.Connection], dict[str, Json]],
    *,
    lease: str = "",
) -> tuple[Effect, bool]:
    """Act under the call's key, or find what was done under it before; the flag tells whether it acted now.

    ``lease`` names what the call has to hold, under a token that nobody was given a higher one than. Raises
    :class:`LeaseLost` where somebody was, :class:`TooMany` over the tool's rate, :class:`KeyReused` where the key
    stands for other arguments, and whatever ``act`` raises; then nothing was written.
    """
    digest = sha256_hex({"tool": call.tool, "arguments": call.arguments})
    with closing(connect(path)) as db:
        db.isolation_level = None
        db.execute("BEGIN IMMEDIATE")
        try:
            if known := db.execute("SELECT * FROM effects WHERE effect_id = ?", (call.effect_id,)).fetchone():
                db.execute("ROLLBACK")
                return _found(known, digest), False
            _check_fence(db, lease, call.token)
            _check_rate(db, spec, at)
            result = act(db)
            done = _bounded(result)
            row = (call.effect_id, call.run.run_id, call.step, call.tool, resource, digest, call.decision_id)
            values = (*row, at.isoformat(), done)
            db.execute("INSERT INTO effects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
    return Effect(effect_id=call.effect_id, tool=call.tool, at=at, result=result), True


def is_done(path: Path, effect_id: str) -> bool:
    """Whether something was done under a key."""
    with closing(connect(path)) as db:
        return db.execute("SELECT 1 FROM effects WHERE effect_id = ?", (effect_id,)).fetchone() is not None


def out_until(db: sqlite3.Connection, name: str, at: datetime, seconds: float) -> datetime | None:
    """When something that is out comes back; ``None`` if it is on. When first asked for it goes out for ``seconds``.

    The caller has to fail where there is a time: its transaction is rolled back, and the note kept apart from it.
    """
    path = db.execute("PRAGMA database_list").fetchone()["file"]
    row = db.execute("SELECT until FROM outages WHERE name = ?", (name,)).fetchone()
    if row is None:
        until = at + timedelta(seconds=seconds)
        if db.in_transaction:
            db.execute("ROLLBACK")
        with closing(connect(path)) as other, other:
            other.execute("INSERT OR IGNORE INTO outages VALUES (?, ?)", (name, until.isoformat()))
        return until
    until = datetime.fromisoformat(row["until"])
    return until if until > at else None


def effects_by_decision(path: Path) -> dict[str, int]:
    """How many effects go back to each decision, counted in the tables that they were written to."""
    query = """
        SELECT decision_id, count(*) FROM effects JOIN (
            SELECT effect_id FROM refunds UNION ALL SELECT effect_id FROM messages
            UNION ALL SELECT effect_id FROM operations UNION ALL SELECT effect_id FROM status_updates
            UNION ALL SELECT DISTINCT effect_id FROM journal_entries
            UNION ALL SELECT DISTINCT effect_id FROM prices) USING (effect_id)
        WHERE decision_id != '' GROUP BY decision_id"""
    with closing(connect(path)) as db:
        return {str(decision_id): int(count) for decision_id, count in db.execute(query)}


def next_token(path: Path, resource: str) -> int:
    """A token higher than any given out for a resource, over all leases on it; from now on no lower one acts."""
    with closing(connect(path)) as db, db:
        db.execute(
            "INSERT INTO fences VALUES (?, 1) ON CONFLICT (resource) DO UPDATE SET token = token + 1", (resource,)
        )
        (token,) = db.execute("SELECT token FROM fences WHERE resource = ?", (resource,)).fetchone()
    return int(token)


def next_number(path: Path, name: str) -> int:
    """Count one further, over restarts; the first number is 0."""
    with closing(connect(path)) as db, db:
        db.execute("INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1", (name,))
        (value,) = db.execute("SELECT value FROM counters WHERE name = ?", (name,)).fetchone()
    return int(value) - 1


def _found(row: sqlite3.Row, digest: str) -> Effect:
    if row["arguments_hash"] != digest:
        raise KeyReused(f"{row['effect_id']} was done with other arguments")
    result = cast("dict[str, Json]", json.loads(row["result"]))
    return Effect(effect_id=row["effect_id"], tool=row["tool"], at=datetime.fromisoformat(row["at"]), result=result)


def _bounded(result: dict[str, Json]) -> str:
    done = canonical(result).decode()
    if len(done) > MAX_RESULT_BYTES:
        raise ValueError(f"a result of {len(done) // 1024} KB; {MAX_RESULT_BYTES // 1024} are the most")
    return done


def _check_fence(db: sqlite3.Connection, lease: str, token: int) -> None:
    if not lease:
        return
    row = db.execute("SELECT token FROM fences WHERE resource = ?", (lease,)).fetchone()
    highest = int(row["token"]) if row is not None else 0
    if token < max(1, highest):
        raise LeaseLost(f"The token for {lease} is {token}, and {highest} was given out.")


def _check_rate(db: sqlite3.Connection, spec: ToolSpec, at: datetime) -> None:
    if not spec.per_hour:
        return
    since = (at - timedelta(hours=1)).isoformat()
    query = "SELECT count(*) FROM effects WHERE tool = ? AND at > ?"
    (count,) = db.execute(query, (spec.name, since)).fetchone()
    if count >= spec.per_hour:
        raise TooMany(f"{spec.name} was called {count} times in the last hour; {spec.per_hour} are allowed.")
