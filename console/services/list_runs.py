"""The runs of all connections in one list, each as fresh as its connection could tell.

Invariants: a connection that is slow, down or fails delays no other and hides none of what it told before, which stays
with its age and the reason; the same is asked of a connection once at a time, and what nobody looks at any more is
given up. Kept in memory only, for the latest few questions.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.language import tr
from console.domain.listing import Completion, RunQuery, RunRow, RunsPage, completion
from console.domain.pauses import OVER, Pause
from console.domain.run import RunRef, RunStatus
from console.engines.port import Ability, Engine
from console.services.link import Link
from console.services.links import Links
from console.services.means import Means
from console.services.pausing import Pausing
from console.services.pictures import STALE_AFTER
from console.services.views import Health, RunLine, RunsChanged, RunSource, RunsView

GRACE = 1.0
KEPT_QUERIES = 6
MAX_PAGES = 25
CANNOT_LIST = tr("It does not list runs.")


@dataclass(slots=True)
class Listing:
    """What one connection told last. ``pages`` is how many a person has asked for so far."""

    rows: tuple[RunRow, ...] = ()
    total: int | None = None
    has_more: bool = False
    read_at: datetime | None = None
    error: str = ""
    next_action: str = ""
    pages: int = 1


class RunLists:
    """The lists of one desk."""

    def __init__(self, means: Means, links: Links, pausing: Pausing) -> None:
        self._means = means
        self._links = links
        self._pausing = pausing
        self._listings: OrderedDict[RunQuery, dict[str, Listing]] = OrderedDict()
        self._reading: dict[tuple[str, RunQuery], asyncio.Task[None]] = {}

    def known(self, query: RunQuery) -> RunsView:
        """What was told last, at once."""
        now = self._means.clock.now()
        listings = self._of(query)
        pauses = [view.pause for view in self._pausing.known()]
        lines: dict[RunRef, RunLine] = {}
        sources = []
        for link in self._links.all():
            listing = listings.get(link.config.connection_id, Listing())
            sources.append(self._source(query, link, listing))
            for row in listing.rows:
                lines.setdefault(row.ref, _line(row, link, listing, now, pauses))
        return RunsView(lines=tuple(lines.values()), sources=tuple(sources), at=now)

    def completion(self, ref: RunRef, workflow: str) -> Completion:
        """How the runs of one workflow of a server ended, among all that were listed so far."""
        listings = [listing for by_connection in self._listings.values() for listing in by_connection.values()]
        rows = {row.ref: row for listing in listings for row in listing.rows}
        return completion(row for row in rows.values() if (row.ref.server, row.workflow) == (ref.server, workflow))

    async def read(self, query: RunQuery, *, more: bool = False) -> RunsView:
        """Ask every connection, for a page more if told, and return what is known after a moment at most.

        Who answers later is told of by :class:`RunsChanged`.
        """
        listings = self._of(query)
        tasks = [self._begin(query, link, listings, more=more) for link in self._links.all()]
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE)
        return self.known(query)

    def stop(self) -> None:
        """Give up what is being read: nobody looks any more."""
        for task in tuple(self._reading.values()):
            task.cancel()

    def _begin(self, query: RunQuery, link: Link, listings: dict[str, Listing], *, more: bool) -> asyncio.Task[None]:
        name = (link.config.connection_id, query)
        listing = listings.setdefault(link.config.connection_id, Listing())
        task = self._reading.get(name)
        if task is not None and not more:
            return task
        if task is not None:
            task.cancel()
        if more and listing.has_more:
            listing.pages = min(listing.pages + 1, MAX_PAGES)
        made = self._means.tasks.start(f"list runs of {link.config.name}", self._list(query, link, listing))
        self._reading[name] = made
        made.add_done_callback(lambda done: self._ended(name, done))
        return made

    def _ended(self, name: tuple[str, RunQuery], done: asyncio.Task[None]) -> None:
        if self._reading.get(name) is done:
            del self._reading[name]

    async def _list(self, query: RunQuery, link: Link, listing: Listing) -> None:
        try:
            rows, total, has_more = await _pages(query, link, listing.pages)
        except (Unreachable, Uncertain, Denied, Refused) as error:
            listing.error, listing.next_action = error.message, error.next_action
        else:
            listing.rows, listing.total, listing.has_more = rows, total, has_more
            listing.read_at = self._means.clock.now()
            listing.error = listing.next_action = ""
        self._means.events.publish(RunsChanged(link.config.connection_id))

    def _of(self, query: RunQuery) -> dict[str, Listing]:
        listings = self._listings.setdefault(query, {})
        self._listings.move_to_end(query)
        while len(self._listings) > KEPT_QUERIES:
            self._listings.popitem(last=False)
        return listings

    def _source(self, query: RunQuery, link: Link, listing: Listing) -> RunSource:
        connection_id = link.config.connection_id
        return RunSource(
            connection_id=connection_id,
            connection=link.config.name,
            health=link.health,
            read_at=listing.read_at,
            total=listing.total,
            shown=len(listing.rows),
            has_more=listing.has_more and listing.pages < MAX_PAGES,
            is_reading=(connection_id, query) in self._reading,
            error=listing.error,
            next_action=listing.next_action or (link.next_action if link.health is Health.IDLE else ""),
            missing=link.message if link.health is Health.IDLE else "",
        )


async def _pages(query: RunQuery, link: Link, pages: int) -> tuple[tuple[RunRow, ...], int | None, bool]:
    """The rows of so many pages, how many runs there are, and whether there are more pages."""
    rows: dict[RunRef, RunRow] = {}
    total: int | None = None
    older = ""
    for _ in range(pages):
        page = await link.read("list runs", partial(_page, query=query, older=older))
        total = page.total
        for row in page.rows:
            rows.setdefault(row.ref, row)
        older = page.older
        if not older:
            break
    return tuple(rows.values()), total, bool(older)


async def _page(engine: Engine, *, query: RunQuery, older: str) -> RunsPage:
    able = engine.capabilities
    if Ability.RUNS not in able.abilities:
        raise Refused(able.lacks.get(Ability.RUNS, CANNOT_LIST), code="cannot-list")
    return await engine.runs(query, older=older)


def _line(row: RunRow, link: Link, listing: Listing, now: datetime, pauses: Sequence[Pause]) -> RunLine:
    """A run as it was listed; one that was at work is shown as paused where what it is part of is."""
    read_at = listing.read_at or now
    pause = None
    if row.status not in OVER:
        pause = next((each for each in pauses if each.holds(row.ref, row.workflow)), None)
    if pause is not None and row.status is RunStatus.RUNNING:
        row = replace(row, status=RunStatus.PAUSED)
    return RunLine(
        run=row,
        connection_id=link.config.connection_id,
        connection=link.config.name,
        read_at=read_at,
        is_stale=bool(listing.error) or now - read_at > STALE_AFTER,
        pause=pause,
    )
