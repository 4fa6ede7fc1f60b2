"""Reading items in full from their engines into the store.

Invariant: one read of an item is under way at a time; what could not be read leaves what the store holds as it is, with
the reason beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import timedelta

from console.domain.errors import Denied, RefusalCode, Refused, Uncertain, Unreachable
from console.domain.escalation import EscalationKey
from console.domain.language import tr
from console.services.link import Link
from console.services.links import Links
from console.services.means import Means
from console.services.views import ItemChanged
from console.store.records import StoredRow, Touched

FRESH_FOR = 2.0
PREFETCHED_FOR = timedelta(seconds=30)
AT_ONCE = 4
GONE = RefusalCode.SUPERSEDING | {RefusalCode.UNKNOWN}


class Reader:
    """Reads items; ``errors`` says of which the last read failed, why, and what would help.

    ``revisions`` are those of the runs' states, of items that tell at which one they were proposed.
    """

    def __init__(self, means: Means, links: Links) -> None:
        self._means = means
        self._links = links
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._read_at: dict[str, float] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self.errors: dict[str, str] = {}
        self.revisions: dict[str, int] = {}

    def is_due(self, row: StoredRow) -> bool:
        """Whether what the store holds of an open item should be read again for a person who looks at it."""
        read_at = self._read_at.get(row.item_id)
        is_fresh = read_at is not None and self._means.clock.monotonic() - read_at <= FRESH_FOR
        return row.closed_at is None and not is_fresh

    def start(self, row: StoredRow) -> asyncio.Task[None]:
        """Read an item, or join the read under way. The task does not fail."""
        running = self._reading.get(row.item_id)
        if running is None:
            running = self._means.tasks.start(f"read item {row.item_id}", self._read(row))
            self._reading[row.item_id] = running
        return running

    def prefetch(self, item_ids: Iterable[str]) -> None:
        """Read those that were never read, changed since, or were read long ago."""
        now = self._means.clock.now()
        wanted = list(dict.fromkeys(item_ids))
        known = self._means.store.items.read_at(wanted)
        for item_id in wanted:
            row = self._means.store.inbox.find(item_id, now)
            if row is None or row.closed_at is not None:
                continue
            read_at, digest = known.get(item_id, (None, ""))
            has_moved = row.waiting.digest not in {"", digest}
            if read_at is None or has_moved or now - read_at > PREFETCHED_FOR:
                self.start(row)

    async def fetch(self, link: Link, connection_id: str, key: EscalationKey) -> None:
        """Read one item into the store now. Raises the four errors; what is gone is closed before that is said."""
        item_id = key.item_id
        try:
            escalation = await link.read("read an item", lambda engine: engine.escalation(key))
        except Refused as refused:
            if refused.code in GONE:
                self._publish(connection_id, self._means.store.inbox.close([item_id], self._means.clock.now()))
            raise
        if escalation.key != key:
            raise Refused("The engine answered with another item.", code=RefusalCode.UNKNOWN)
        try:
            touched = self._means.store.items.put(connection_id, escalation, self._means.clock.now())
        except ValueError as error:
            raise Refused(f"The item cannot be kept: {error}.", code=RefusalCode.INVALID_PAYLOAD) from error
        self._publish(connection_id, touched)

    async def _read(self, row: StoredRow) -> None:
        item_id = row.item_id
        try:
            link = self._links.get(row.connection_id)
            if link is not None:
                async with self._slots:
                    await self.fetch(link, row.connection_id, row.waiting.key)
                    await self._read_revision(link, row)
            self.errors.pop(item_id, None)
        except Refused as refused:
            if refused.code in GONE:
                self.errors.pop(item_id, None)
            else:
                self.errors[item_id] = f"{tr(refused.message)} {tr(refused.next_action)}"
        except (Unreachable, Uncertain, Denied) as error:
            self.errors[item_id] = f"{tr(error.message)} {tr(error.next_action)}"
        finally:
            del self._reading[item_id]
            self._read_at[item_id] = self._means.clock.monotonic()
        self._means.events.publish(ItemChanged(item_id))

    async def _read_revision(self, link: Link, row: StoredRow) -> None:
        """How far the run's state is by now; not knowing it is no reason not to show the item."""
        item = self._means.store.items.find(row.item_id)
        if item is None or item.escalation.revision is None:
            return
        with contextlib.suppress(Refused, Unreachable, Uncertain):
            run = await link.read("read its run", lambda engine: engine.run(row.waiting.key.run))
            self.revisions[row.item_id] = run.revision

    def _publish(self, connection_id: str, touched: Touched) -> None:
        self._means.events.publish_touched(connection_id, touched)
