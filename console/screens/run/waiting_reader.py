"""Reads what waits in one run: its rows as listed, and the items in full as far as the desk has them.

Invariant: at most ``MOST`` are read; where the engine names what waits in words of its own, the rows are found among
what is known to wait there. Raises the errors of the desk; what was read stays.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from console.domain.doing import Doing, doing
from console.domain.escalation import Escalation, Waiting
from console.domain.pauses import Pause
from console.domain.run import Run, RunStatus, Step, StepStatus, TrailEntry
from console.domain.stillness import Cause, Seen, Stillness, stillness
from console.services.views import InboxQuery, PauseView

if TYPE_CHECKING:
    from console.services.desk import Desk

MOST = 5
SEARCHED = 1_000


class WaitingReader:
    """What waits in one run. ``is_due`` once something of it has changed since it was read."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.rows: tuple[Waiting, ...] = ()
        self.items: tuple[Escalation, ...] = ()
        self.is_due = True
        self._pauses: tuple[PauseView, ...] = ()

    async def read_pauses(self) -> None:
        """Learn what is paused; the desk knows it at once."""
        self._pauses = await self._desk.pauses()

    def pause(self, run: Run, steps: tuple[Step, ...]) -> Pause | None:
        """What holds the run up, the widest first; an agent's pause does while a step of theirs is to come."""
        agents = {step.agent for step in steps if step.status not in {StepStatus.DONE, StepStatus.NOT_TAKEN}}
        pauses = (view.pause for view in self._pauses)
        return next((each for each in pauses if each.holds(run.ref, run.workflow, agents)), None)

    async def read(self, run: Run) -> None:
        """Read it now."""
        self.is_due = False
        views = [await self._desk.item(item_id) for item_id in run.waiting[:MOST]]
        found = [view for view in views if view is not None and view.is_open]
        self.items = tuple(view.escalation for view in found if view.escalation is not None)
        rows = [view.row.waiting for view in found if view.row is not None]
        self.rows = tuple(rows or await self._listed(run))

    def doing(self, run: Run | None, why: Stillness | None) -> Doing:
        """What the run does, as the list of runs tells it too; held up by a pause it is paused, whatever it was at."""
        if run is not None and run.status is RunStatus.RUNNING and why is not None and why.cause is Cause.PAUSED:
            return Doing.PAUSED
        rows = self.rows or tuple(item.row for item in self.items)
        if run is None:
            return Doing.RUNNING
        return doing(run.status, (row.kind for row in rows), is_asking=bool(run.waiting or rows))

    def since(self) -> dict[str, datetime]:
        """Since when each step that waits for a person does, by its id."""
        steps = {item.key: item.step for item in self.items}
        return {steps.get(row.key) or row.key.native_id: row.opened_at for row in self.rows}

    def stillness(
        self, run: Run | None, steps: tuple[Step, ...], recent: tuple[TrailEntry, ...], now: datetime
    ) -> Stillness | None:
        """Why the run does not move, from this and what else was read of it."""
        if run is None:
            return None
        pause = self.pause(run, steps)
        seen = Seen(run=run, steps=steps, recent=recent, waiting=self.rows, items=self.items, pause=pause)
        return stillness(seen, now)

    async def first_id(self, run: Run) -> str:
        """The item to decide first; empty where none is known."""
        for item_id in run.waiting[:1]:
            if await self._desk.item(item_id) is not None:
                return item_id
        listed = await self._listed(run)
        return listed[0].key.item_id if listed else ""

    async def _listed(self, run: Run) -> list[Waiting]:
        if not run.waiting:
            return []
        page = await self._desk.inbox(InboxQuery(text=run.workflow, limit=SEARCHED))
        return [row.waiting for row in page.rows if row.waiting.key.run == run.ref]
