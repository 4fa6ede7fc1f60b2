"""Reading runs: passed through to the engine that has them. Kept is only what a person may then decide on."""

from __future__ import annotations

import contextlib

from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Escalation
from console.domain.language import tr
from console.domain.listing import RunQuery
from console.domain.pauses import Scope
from console.domain.run import Access, HandOff, Run, RunRef, Snapshot, Step, TrailEntry, TrailPage
from console.services.link import Link
from console.services.links import Links
from console.services.means import Means


class Runs:
    """What can be read of runs. All of it raises the four errors."""

    def __init__(self, means: Means, links: Links) -> None:
        self._means = means
        self._links = links

    async def run(self, ref: RunRef) -> Run:
        """The header."""
        return await self._link(ref).read("read a run", lambda engine: engine.run(ref))

    async def steps(self, ref: RunRef) -> tuple[Step, ...]:
        """The steps, in a topological order."""
        return await self._link(ref).read("read the steps of a run", lambda engine: engine.steps(ref))

    async def trail(self, ref: RunRef, older: str, limit: int) -> TrailPage:
        """A page of the trail, newest first."""
        return await self._link(ref).read(
            "read the trail of a run", lambda engine: engine.trail(ref, older=older, limit=limit)
        )

    async def whole(self, ref: RunRef, entry: TrailEntry) -> TrailEntry:
        """All of an entry of which the trail holds the beginning."""
        return await self._link(ref).read("read an entry of a trail", lambda engine: engine.whole(ref, entry))

    async def state(self, ref: RunRef, revision: int | None) -> Snapshot:
        """The state, now or at a revision."""
        return await self._link(ref).read(
            "read the state of a run", lambda engine: engine.state(ref, revision=revision)
        )

    async def hand_offs(self, ref: RunRef) -> tuple[HandOff, ...]:
        """What moved over each edge."""
        return await self._link(ref).read("read the hand-offs of a run", lambda engine: engine.hand_offs(ref))

    async def access(self, ref: RunRef) -> tuple[Access, ...]:
        """Who may do what at each step, and what was done."""
        return await self._link(ref).read("read the access of a run", lambda engine: engine.access(ref))

    async def everything(self, connection_id: str) -> Escalation:
        """How everything on a connection is paused, or resumed where it is. Any run there tells it."""
        link = self._links.get(connection_id)
        if link is None:
            raise Refused(tr("There is no such connection."), code=RefusalCode.UNKNOWN)
        page = await link.read("list runs", lambda engine: engine.runs(RunQuery(limit=1)))
        if not page.rows:
            raise Refused(tr("There is no run there yet that could be paused."), code=RefusalCode.UNKNOWN)
        for command in await self.commands(page.rows[0].ref):
            if command.key.native_id == Scope.ALL.native_id():
                return command
        raise Refused(tr("Its orchestrator cannot pause everything."), code=RefusalCode.UNKNOWN)

    async def commands(self, ref: RunRef) -> tuple[Escalation, ...]:
        """What a person may do to a run at any time. It is kept, as read, so that it can be decided like what waits."""
        link = self._link(ref)
        found = await link.read("read what can be done", lambda engine: engine.commands(ref))
        kept: list[Escalation] = []
        for command in found:
            with contextlib.suppress(ValueError):
                self._means.store.items.put(link.config.connection_id, command, self._means.clock.now())
                kept.append(command)
        return tuple(kept)

    def _link(self, ref: RunRef) -> Link:
        link = self._links.of_server(ref.server)
        if link is None:
            raise Refused(
                tr("No connection here leads to the server of this run."),
                code=RefusalCode.UNKNOWN,
                next_action=tr("Add the connection, or wait until it has answered once."),
            )
        return link
