"""Reads the trail of one run page by page and keeps it as the screen shows it.

Invariant: the newest page comes first; a gap between it and what is known is closed page by page, or what is known is
let go and can be read again by scrolling up. Two reads of older pages never run at a time. Raises the errors of the
desk; what was read stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from console.domain.run import HandOff, RunRef, TrailEntry, TrailPage
from console.screens.run.filters import Search, TrailFilter, agent_choices, kind_choices
from console.screens.run.state import Problem, TrailState
from console.screens.run.trail import Log, Row, rows, with_hand_offs

if TYPE_CHECKING:
    from console.services.desk import Desk

PAGE = 50
OLDER_PAGE = 200
GAP_PAGES = 20
RECENT = 40
MOST_READ = 4_000


class TrailReader:
    """One run's trail. ``changed`` is called whenever ``state`` is another one."""

    def __init__(self, desk: Desk, ref: RunRef, changed: Callable[[], None]) -> None:
        self._desk = desk
        self._ref = ref
        self._changed = changed
        self._log = Log()
        self._hand_offs: tuple[HandOff, ...] = ()
        self._search = Search()
        self._seen = ""
        self.state = TrailState()

    async def read_newest(self) -> None:
        """Read what is new at the end."""
        page = await self._desk.trail(self._ref, limit=PAGE)
        for _ in range(GAP_PAGES):
            if self._log.joins(page):
                break
            before = await self._desk.trail(self._ref, older=page.older, limit=OLDER_PAGE)
            page = TrailPage(page.entries + before.entries, before.older, page.total)
        log = self._log.with_newest(page)
        if log is not self._log or not self.state.is_read or self.state.problem is not None:
            self._log = log
            self.state = replace(self.state, is_read=True, problem=None)
            self._lay_out()

    async def read_older(self) -> None:
        """Read the page before what is known, if there is one."""
        cursor = self._log.older
        if not cursor or self.state.is_reading_older:
            return
        self._put(is_reading_older=True)
        try:
            page = await self._desk.trail(self._ref, older=cursor, limit=OLDER_PAGE)
        finally:
            self.state = replace(self.state, is_reading_older=False)
            self._changed()
        if self._log.older == cursor:
            self._log = self._log.with_older(page)
            self._lay_out()

    async def read_all(self) -> None:
        """Read back to the beginning of the run, or as far as ``MOST_READ`` entries."""
        while self._log.older and len(self._log.entries) < MOST_READ and not self.state.is_reading_older:
            before = self._log.older
            await self.read_older()
            if self._log.older == before:
                return

    def take_hand_offs(self, hand_offs: tuple[HandOff, ...]) -> None:
        """Show what moved between the steps among the entries."""
        if hand_offs != self._hand_offs:
            self._hand_offs = hand_offs
            self._lay_out()

    def fail(self, problem: Problem) -> None:
        """Show why it could not be read."""
        if problem != self.state.problem:
            self._put(problem=problem)

    def lack(self, reason: str) -> None:
        """Show that this engine has no trail, and why."""
        self._put(lack=reason, is_read=True, is_complete=True)

    def filter(self, chosen: TrailFilter) -> None:
        """Show only what passes."""
        if chosen != self.state.filter:
            self.state = replace(self.state, filter=chosen)
            self._lay_out()

    def unfold(self, row_id: str) -> None:
        """Fold a row out, or back in."""
        self._put(unfolded=self.state.unfolded ^ {row_id})

    def follow(self, *, is_following: bool) -> None:
        """Stay at the end as it grows, or leave what is on screen where it is and count what arrives."""
        if is_following != self.state.is_following:
            self._seen = self._log.entries[-1].entry_id if self._log.entries else ""
            self._put(is_following=is_following, fresh=0)

    def recent(self) -> tuple[TrailEntry, ...]:
        """The newest entries read, oldest first, whatever is filtered out."""
        return self._log.entries[-RECENT:]

    def row(self, row_id: str) -> Row | None:
        """The row of this id, if it is shown."""
        return next((row for row in self.state.rows if row.row_id == row_id), None)

    def _lay_out(self) -> None:
        trail = with_hand_offs(self._log.entries, self._hand_offs, since_start=self._log.is_complete)
        shown = rows(self.state.filter.apply(trail.entries, self._search))
        moved = trail.hand_offs
        shown = tuple(replace(row, hand_off=moved[row.row_id]) if row.row_id in moved else row for row in shown)
        entries = self._log.entries
        self._put(
            rows=shown,
            entries=entries,
            read=len(entries),
            total=self._log.total,
            is_complete=self._log.is_complete,
            fresh=0 if self.state.is_following else self._fresh(),
            newest_at=entries[-1].at if entries else None,
            kinds=kind_choices(trail.entries, self.state.filter),
            agents=agent_choices(trail.entries, self.state.filter),
        )

    def _fresh(self) -> int:
        for count, entry in enumerate(reversed(self._log.entries)):
            if entry.entry_id == self._seen:
                return count
        return len(self._log.entries)

    def _put(self, **changed: object) -> None:
        self.state = replace(self.state, **changed)  # type: ignore[arg-type]
        self._changed()
