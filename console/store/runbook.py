"""Notes of people on kinds of failures, by fingerprint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from console.store.columns import micros, moment, storable
from console.store.database import Database
from console.store.tables import runbook

MAX_NOTES = 1_000


@dataclass(frozen=True, slots=True)
class StoredNote:
    """A note. ``used`` counts how often somebody acted on such failures since, ``worked`` how often that helped."""

    fingerprint: str
    text: str
    by: str
    at: datetime
    used: int
    worked: int


class Runbook:
    """The table of notes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[StoredNote, ...]:
        """The latest notes."""
        query = select(runbook).order_by(runbook.c.at.desc()).limit(MAX_NOTES)
        with self._database.reading() as transaction:
            return tuple(
                StoredNote(row.fingerprint, row.text, row.by, moment(row.at), row.used, row.worked)
                for row in transaction.execute(query)
            )

    def put(self, fingerprint: str, text: str, by: str, at: datetime) -> None:
        """Write a note in the place of the one that was, or remove it where there is no text."""
        written = {"text": storable(text), "by": storable(by), "at": micros(at)}
        with self._database.writing() as transaction:
            if not text:
                transaction.execute(delete(runbook).where(runbook.c.fingerprint == fingerprint))
                return
            transaction.execute(
                upsert(runbook)
                .values(fingerprint=fingerprint, used=0, worked=0, **written)
                .on_conflict_do_update(index_elements=[runbook.c.fingerprint], set_=written)
            )

    def count(self, fingerprint: str, *, worked: bool) -> None:
        """Count a use of a note; nothing where there is none."""
        counted = {"used": runbook.c.used + 1, "worked": runbook.c.worked + worked}
        with self._database.writing() as transaction:
            transaction.execute(update(runbook).where(runbook.c.fingerprint == fingerprint).values(**counted))
