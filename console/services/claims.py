"""Claims and comments: "I am on it", and what people say about an item; kept by the engine, where it can."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from console.domain.canonical import Json
from console.domain.decision import instant
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Comment
from console.domain.identity import Person
from console.domain.language import tr
from console.engines.port import Ability
from console.services.link import Link
from console.services.links import Links
from console.services.means import Means
from console.services.read import Reader
from console.store.records import StoredRow

CLAIMED_FOR = timedelta(minutes=15)


class Claims:
    """Claims and comments of one person. All of it raises the four errors."""

    def __init__(self, means: Means, links: Links, reader: Reader, person: Person) -> None:
        self._means = means
        self._links = links
        self._reader = reader
        self._person = person

    async def claim(self, item_id: str) -> None:
        """Claim an item for a quarter of an hour, or renew a claim."""
        row, link = self._row(item_id, Ability.CLAIM)
        until = self._means.clock.now() + CLAIMED_FOR
        await link.send("claim an item", lambda engine: engine.claim(row.waiting.key, self._person, until))
        self._note("claimed", row, {"until": instant(until)})
        await self._reader.start(row)

    async def assign(self, item_id: str, person: Person) -> datetime:
        """Claim an item in somebody else's name; until when."""
        row, link = self._row(item_id, Ability.CLAIM)
        until = self._means.clock.now() + CLAIMED_FOR
        await link.send("hand an item to somebody", lambda engine: engine.claim(row.waiting.key, person, until))
        self._note("assigned", row, {"to": person.person_id, "until": instant(until)})
        await self._reader.start(row)
        return until

    async def release(self, item_id: str) -> None:
        """End one's own claim."""
        row, link = self._row(item_id, Ability.CLAIM)
        await link.send("release an item", lambda engine: engine.release(row.waiting.key, self._person))
        self._note("released", row, {})
        await self._reader.start(row)

    async def comment(self, item_id: str, text: str) -> None:
        """Add a comment."""
        row, link = self._row(item_id, Ability.COMMENT)
        comment = Comment(self._person, self._means.clock.now(), text)
        await link.send("comment on an item", lambda engine: engine.comment(row.waiting.key, comment))
        self._note("commented", row, {"words": hashlib.sha256(text.encode(errors="replace")).hexdigest()})
        await self._reader.start(row)

    def _note(self, kind: str, row: StoredRow, more: dict[str, Json]) -> None:
        """A line of the audit, once the engine has it; what was said is named by its hash."""
        run = row.waiting.key.run
        place: dict[str, Json] = {"item": row.item_id, "connection_id": row.connection_id, "run": run.run_id}
        place |= {"person": self._person.person_id, **more}
        self._means.store.audit.record(kind, self._means.clock.now(), place)

    def _row(self, item_id: str, ability: Ability) -> tuple[StoredRow, Link]:
        row = self._means.store.inbox.find(item_id, self._means.clock.now())
        link = self._links.get(row.connection_id) if row is not None else None
        if row is None or link is None or row.closed_at is not None:
            raise Refused(
                tr("It does not wait any more."), code=RefusalCode.CLOSED, next_action=tr("Take the next item.")
            )
        if link.engine is not None and link.server is not None:
            able = link.engine.capabilities
            if ability not in able.abilities:
                raise Refused(able.lacks.get(ability, tr("This engine cannot do that.")), code=RefusalCode.NOT_ALLOWED)
        return row, link
