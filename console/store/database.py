"""The SQLite file: opened once, on one thread, with one connection, and every transaction explicit.

Invariants: the file is for its owner only; a transaction that writes takes the write lock when it begins, so that what
it read still holds when it writes; what a person did is on the disk when its transaction ends. What engines can tell
again (the rows and items read from them) may be lost with the machine's power, never be half written.
Fails with :class:`Refused`: a newer schema than this program's (``newer-store``), a file that is no database
(``damaged-store``); with :class:`Unreachable`, nothing written, where the disk or another program's lock is in the way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from console.domain.errors import Refused, Unreachable
from console.infra.paths import private_file
from console.store.tables import SCHEMA_VERSION

BUSY_SECONDS = 5.0
NEWER = "newer-store"
DAMAGED = "damaged-store"


class Database:
    """An open store file."""

    def __init__(self, path: Path) -> None:
        self._raw = connect(path)
        self._begin = "BEGIN"
        self._engine = create_engine("sqlite://", creator=lambda: self._raw, poolclass=StaticPool)
        event.listen(self._engine, "begin", self._on_begin)
        self._connection = self._engine.connect()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent picture. Not to be nested."""
        self._begin = "BEGIN"
        with self._connection.begin():
            yield self._connection

    @contextmanager
    def writing(self, *, is_cache: bool = False) -> Iterator[Connection]:
        """One transaction, committed at the end of the block or not at all. Not to be nested.

        ``is_cache`` says that an engine can tell it again: then the disk is not waited for.
        """
        self._raw.execute(f"PRAGMA synchronous = {'NORMAL' if is_cache else 'FULL'}")
        self._begin = "BEGIN IMMEDIATE"
        try:
            with self._connection.begin():
                yield self._connection
        except OperationalError as error:
            raise Unreachable(
                f"The store could not be written: {error.orig}. Nothing of it was.",
                next_action="See that the disk has space and that nothing locks the file, then do it again.",
            ) from error

    def version_of_data(self) -> int:
        """A number that moves when another process has committed; our own commits do not move it."""
        return int(self._raw.execute("PRAGMA data_version").fetchone()[0])

    def state(self) -> tuple[int, int]:
        """Something that is another whenever any row was changed, by this process or another one."""
        return self._raw.total_changes, self.version_of_data()

    def close(self) -> None:
        """Close the file. A write lock still held is dropped, and nothing of its transaction kept."""
        self._connection.close()
        self._engine.dispose()
        self._raw.close()

    def _on_begin(self, connection: Connection) -> None:
        connection.exec_driver_sql(self._begin)


def connect(path: Path) -> sqlite3.Connection:
    """The file, current in its schema and ready for transactions that SQLAlchemy begins and ends."""
    private_file(path)
    try:
        version = _version(path)
        if version != SCHEMA_VERSION:
            _bring_up_to_date(path, version)
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.create_function("casefold", 1, str.casefold, deterministic=True)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        raise Refused(
            f"{path.name} is damaged: {error}.",
            code=DAMAGED,
            next_action=f"Move {path} to another place and start again; engines still hold what waits.",
        ) from error
    return connection


def _version(path: Path) -> int:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    finally:
        connection.close()


def _bring_up_to_date(path: Path, version: int) -> None:
    if version > SCHEMA_VERSION:
        raise Refused(
            f"{path.name} was written by a newer Clearance (schema {version}; this one knows {SCHEMA_VERSION}).",
            code=NEWER,
            next_action="Start the newer version, or use another profile.",
        )
    # Alembic takes a third of a second to load, and the schema is nearly always current.
    from console.store.upgrade import upgrade  # noqa: PLC0415

    upgrade(path)


def engine_of(connection: sqlite3.Connection) -> Engine:
    """SQLAlchemy over a connection whose transactions it begins and ends itself."""
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    event.listen(engine, "begin", lambda opened: opened.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine
