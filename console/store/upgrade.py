"""Brings a store file up to the schema of this program, with Alembic; loaded only when there is something to do.

Invariants: one process at a time; a file that already held something is copied first (``clearance.db.before-2``, for
its owner only); a migration is applied as a whole, with the version number, or not at all.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config

from console.infra.paths import private_file
from console.store.database import BUSY_SECONDS, engine_of
from console.store.tables import SCHEMA_VERSION

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(path: Path) -> None:
    """Apply what is missing. Another process that is at it is waited for by SQLite's own lock."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    engine = engine_of(connection)
    with engine.begin() as transaction:
        # Under the write lock: somebody else may have done it while we waited.
        version = transaction.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version < SCHEMA_VERSION:
            if version:
                _keep_copy(path, path.with_name(f"{path.name}.before-{version + 1}"))
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = transaction
            command.upgrade(config, "head")
            transaction.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
    engine.dispose()


def _keep_copy(path: Path, copy: Path) -> None:
    private_file(copy)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
