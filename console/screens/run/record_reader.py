"""Reads the state of one run, now or at an earlier revision, with what changed in it.

Invariant: one read at a time, and the last one asked for wins: dragging over a hundred revisions reads few of them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from console.domain.errors import Refused
from console.domain.run import RunRef, Snapshot
from console.screens.run.record import changes, removed
from console.screens.run.state import Problem, RecordState

if TYPE_CHECKING:
    from console.services.desk import Desk

KEPT = 8


class RecordReader:
    """One run's state. ``changed`` is called whenever ``state`` is another one."""

    def __init__(self, desk: Desk, ref: RunRef, changed: Callable[[], None]) -> None:
        self._desk = desk
        self._ref = ref
        self._changed = changed
        self._kept: OrderedDict[int, Snapshot] = OrderedDict()
        self.state = RecordState()

    def allow(self, *, can_go_back: bool, lack: str) -> None:
        """Say what the engine can show of states."""
        if (can_go_back, lack) != (self.state.can_go_back, self.state.lack):
            self._put(can_go_back=can_go_back, lack=lack)

    def ask_for(self, revision: int | None) -> None:
        """Want this revision, or the newest."""
        asked = None if revision is None or revision >= self.state.newest else revision
        if asked != self.state.asked:
            self._put(asked=asked)
            self.compare_with(self.state.compared)

    def compare_with(self, revision: int | None) -> None:
        """Want what is shown compared with this revision, or with none; instead of itself with the one before."""
        shown = self.state.asked if self.state.asked is not None else self.state.newest
        if revision is not None and revision == shown:
            revision = shown - 1 if shown > 0 else None
        if revision != self.state.compared:
            self._put(compared=revision, base=self._kept.get(revision) if revision is not None else None)

    def tell_newest(self, revision: int) -> None:
        """The run has moved to this revision."""
        if revision != self.state.newest:
            self._put(newest=revision)

    async def read(self) -> None:
        """Read what is asked for, until what is on screen is that. Raises the errors of the desk."""
        if self.state.is_reading or self.state.lack:
            return
        self._put(is_reading=True)
        try:
            while True:
                asked, compared = self.state.asked, self.state.compared
                snapshot = await self._snapshot(asked)
                before = await self._before(snapshot)
                base = await self._snapshot(compared) if compared is not None else None
                if (asked, compared) == (self.state.asked, self.state.compared):
                    break
        finally:
            self.state = replace(self.state, is_reading=False)
            self._changed()
        self._show(snapshot, before, base)

    @property
    def is_behind(self) -> bool:
        """Whether the newest state is wanted and another one is shown."""
        shown = self.state.snapshot
        return shown is None or (self.state.asked is None and shown.revision < self.state.newest)

    def fail(self, problem: Problem) -> None:
        """Show why it could not be read."""
        if problem != self.state.problem:
            self._put(problem=problem)

    async def _snapshot(self, revision: int | None) -> Snapshot:
        if revision is None:
            return self._keep(await self._desk.state(self._ref))
        if revision in self._kept:
            return self._kept[revision]
        return self._keep(await self._desk.state(self._ref, revision=revision))

    async def _before(self, snapshot: Snapshot) -> Snapshot | None:
        """The state one revision earlier; none where the engine keeps none, or there was none."""
        if not self.state.can_go_back or snapshot.revision <= 1:
            return None
        try:
            return await self._snapshot(snapshot.revision - 1)
        except Refused:
            return None

    def _show(self, snapshot: Snapshot, before: Snapshot | None, base: Snapshot | None) -> None:
        if before is None:
            changed = {fact.name: "" for fact in snapshot.facts if fact.revision and fact.revision == snapshot.revision}
        else:
            changed = changes(before, snapshot)
        self._put(
            snapshot=snapshot,
            base=base,
            newest=max(self.state.newest, snapshot.revision),
            changed=changed,
            removed=removed(before, snapshot) if before is not None else (),
            problem=None,
        )

    def _keep(self, snapshot: Snapshot) -> Snapshot:
        self._kept[snapshot.revision] = snapshot
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return snapshot

    def _put(self, **changed: object) -> None:
        self.state = replace(self.state, **changed)  # type: ignore[arg-type]
        self._changed()
