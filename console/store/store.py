"""The open store, by noun. It belongs to the thread that opened it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from console.store.audit import Audit
from console.store.connections import Connections
from console.store.database import Database
from console.store.decided import Decided
from console.store.inbox import Inbox
from console.store.items import Items
from console.store.outbox import Outbox
from console.store.past import Past
from console.store.retention import purge
from console.store.runbook import Runbook


class Store:
    """One store file, open. Raises :class:`~console.domain.errors.Refused` where it cannot be."""

    def __init__(self, path: Path, *, open_database: Callable[[Path], Database] = Database) -> None:
        self.database = open_database(path)
        self.connections = Connections(self.database)
        self.inbox = Inbox(self.database)
        self.items = Items(self.database)
        self.outbox = Outbox(self.database)
        self.past = Past(self.database)
        self.decided = Decided(self.database)
        self.audit = Audit(self.database)
        self.runbook = Runbook(self.database)

    def purge(self, now: datetime) -> int:
        """Remove what is over for longer than it is kept; how many things."""
        return purge(self.database, now)

    def version_of_data(self) -> int:
        """A number that moves when another process has committed."""
        return self.database.version_of_data()

    def close(self) -> None:
        """Close the file."""
        self.database.close()
