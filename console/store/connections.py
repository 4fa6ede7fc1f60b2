"""The configured connections, in the order in which they were added. Their secrets are elsewhere."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy import Row, Select, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from console.domain.canonical import Json
from console.store import audit
from console.store.columns import micros, moment_or_none
from console.store.database import Database
from console.store.records import StoredConnection
from console.store.tables import connections

RETENTION_DAYS = 90


class Connections:
    """The table of connections."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[StoredConnection, ...]:
        """Every connection."""
        with self._database.reading() as transaction:
            return tuple(
                _read(row) for row in transaction.execute(select(connections).order_by(connections.c.position))
            )

    def put(self, connection: StoredConnection, at: datetime) -> None:
        """Add a connection, or change one; what waits there and what its server is called stay.

        The audit tells which settings changed, and a hash of them; the names of secrets, never these.
        """
        entered = {
            "name": connection.name,
            "kind": connection.kind,
            "settings": json.dumps(connection.settings),
            "secret_names": json.dumps(connection.secret_names),
            "is_paused": connection.is_paused,
            "is_demo": connection.is_demo,
        }
        with self._database.writing() as transaction:
            known = transaction.execute(_by_id(connection.connection_id)).first()
            last = transaction.execute(select(func.max(connections.c.position))).scalar() or 0
            first = {
                "connection_id": connection.connection_id,
                "position": last + 1,
                "server": "",
                "newest_at": None,
                "retention_days": RETENTION_DAYS,
            }
            transaction.execute(
                upsert(connections)
                .values(first | entered)
                .on_conflict_do_update(index_elements=[connections.c.connection_id], set_=entered)
            )
            before = _read(known) if known is not None else None
            kind = "connection added" if before is None else "connection changed"
            audit.append(transaction, kind, at, _told(connection, before))

    def remove(self, connection_id: str, at: datetime) -> None:
        """Forget a connection with all that waits there. Decisions and the audit stay."""
        with self._database.writing() as transaction:
            row = transaction.execute(_by_id(connection_id)).first()
            if row is None:
                return
            transaction.execute(delete(connections).where(connections.c.connection_id == connection_id))
            audit.append(transaction, "connection removed", at, _named(_read(row)))

    def set_paused(self, connection_id: str, at: datetime, *, is_paused: bool) -> None:
        """Pause a connection or let it go on."""
        with self._database.writing() as transaction:
            row = transaction.execute(
                update(connections)
                .where(connections.c.connection_id == connection_id, connections.c.is_paused != is_paused)
                .values(is_paused=is_paused)
                .returning(*connections.c)
            ).first()
            if row is not None:
                kind = "connection paused" if is_paused else "connection resumed"
                audit.append(transaction, kind, at, _named(_read(row)))

    def retention(self) -> dict[str, int]:
        """For how many days content of each connection is kept after it was closed or settled."""
        with self._database.reading() as transaction:
            rows = transaction.execute(select(connections.c.connection_id, connections.c.retention_days))
            return {row.connection_id: row.retention_days for row in rows}

    def keep_for(self, connection_id: str, days: int, at: datetime) -> None:
        """Keep the content of a connection for so many days; what is older goes at the next start."""
        with self._database.writing() as transaction:
            row = transaction.execute(
                update(connections)
                .where(connections.c.connection_id == connection_id, connections.c.retention_days != days)
                .values(retention_days=days)
                .returning(*connections.c)
            ).first()
            if row is not None:
                audit.append(transaction, "retention changed", at, {**_named(_read(row)), "days": days})

    def saw(self, connection_id: str, server: str, at: datetime) -> None:
        """Note which server answered, and that all that is known of it was fresh then."""
        with self._database.writing(is_cache=True) as transaction:
            transaction.execute(
                update(connections)
                .where(connections.c.connection_id == connection_id)
                .values(server=server, newest_at=micros(at))
            )

    def other_with(self, server: str, connection_id: str) -> str:
        """The name of another connection to the same server; empty when there is none."""
        query = select(connections.c.name).where(
            connections.c.server == server, connections.c.connection_id != connection_id
        )
        with self._database.reading() as transaction:
            return transaction.execute(query).scalar() or ""


def _by_id(connection_id: str) -> Select[tuple[object, ...]]:
    return select(connections).where(connections.c.connection_id == connection_id)


def _named(connection: StoredConnection) -> dict[str, Json]:
    return {
        "connection_id": connection.connection_id,
        "name": connection.name,
        "engine": connection.kind,
        "server": connection.server,
    }


def _told(connection: StoredConnection, before: StoredConnection | None) -> dict[str, Json]:
    """What the audit tells of an entered connection: names of what is new in it, and the hash of all of it."""
    old = before.settings if before is not None else {}
    changed = [name for name in {*old, *connection.settings} if old.get(name) != connection.settings.get(name)]
    settings: dict[str, Json] = {**connection.settings}
    return {
        **_named(connection),
        "changed": sorted(changed),
        "settings": hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest(),
        "secrets": sorted(connection.secret_names),
    }


def _read(row: Row[tuple[object, ...]]) -> StoredConnection:
    return StoredConnection(
        connection_id=row.connection_id,
        name=row.name,
        kind=row.kind,
        settings=json.loads(row.settings),
        secret_names=tuple(json.loads(row.secret_names)),
        is_paused=row.is_paused,
        is_demo=row.is_demo,
        server=row.server,
        newest_at=moment_or_none(row.newest_at),
    )
