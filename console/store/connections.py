"""The configured connections, in the order in which they were added. Their secrets are elsewhere."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

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

    def put(self, connection: StoredConnection) -> None:
        """Add a connection, or change one; what waits there and what its server is called stay."""
        entered = {
            "name": connection.name,
            "kind": connection.kind,
            "settings": json.dumps(connection.settings),
            "secret_names": json.dumps(connection.secret_names),
            "is_paused": connection.is_paused,
            "is_demo": connection.is_demo,
        }
        with self._database.writing() as transaction:
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

    def remove(self, connection_id: str) -> None:
        """Forget a connection with all that waits there. Decisions and the audit stay."""
        with self._database.writing() as transaction:
            transaction.execute(delete(connections).where(connections.c.connection_id == connection_id))

    def set_paused(self, connection_id: str, *, is_paused: bool) -> None:
        """Pause a connection or let it go on."""
        with self._database.writing() as transaction:
            transaction.execute(
                update(connections).where(connections.c.connection_id == connection_id).values(is_paused=is_paused)
            )

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
