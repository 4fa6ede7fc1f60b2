"""Reads one run and keeps it fresh while it is looked at; holds the screen's state and tells it to one listener.

Invariant: what was read stays on screen when a later read fails, beside the reason; answers that belong to another run
than the one shown are dropped. While the screen is in front and the run is not over it is read again about each second,
more slowly while that fails; what the desk tells of reads it at once. ``poll`` is seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from console.domain.errors import Denied, RefusalCode, Refused, Uncertain, Unreachable
from console.domain.language import tr
from console.domain.listing import RunRow
from console.domain.run import Access, HandOff, Run, RunRef
from console.engines.port import Ability, Capabilities
from console.infra.clock import Clock
from console.screens import Ask, Navigate, OpenInbox, OpenRun, OpenRuns
from console.screens.run.copying import row_text
from console.screens.run.filters import TrailFilter
from console.screens.run.header import listed, summary
from console.screens.run.layers import done_count, layers
from console.screens.run.part_reader import PartReader
from console.screens.run.progress import Progress
from console.screens.run.record_reader import RecordReader
from console.screens.run.reporting import Reporter
from console.screens.run.state import INBOX, Phase, Problem, RunState, Tab
from console.screens.run.stepping import Group, groups
from console.screens.run.timeline import Timekeeper
from console.screens.run.trail_reader import TrailReader
from console.screens.run.waiting_reader import WaitingReader
from console.services.views import ConnectionView, DecisionChanged, Event, ItemChanged

if TYPE_CHECKING:
    from console.services.desk import Desk

POLL = 1.0
FAILING_TICKS = 5
SHOWS_ACCESS = frozenset({Tab.ACCESS, Tab.GRAPH, Tab.RAW})
SHOWS_TIME = frozenset({Tab.TIMELINE, Tab.GRAPH})
EVENT_SPACING = 0.3
GONE = frozenset({RefusalCode.CLOSED, RefusalCode.UNKNOWN})
NO_WORD = tr("This engine does not offer it.")


class RunPresenter:
    """The run's screen without a widget. Every handler runs in the window's loop and raises nothing but bugs."""

    def __init__(self, desk: Desk, ask: Ask, navigate: Navigate, clock: Clock, *, poll: float = POLL) -> None:
        self._desk = desk
        self._ask = ask
        self._navigate = navigate
        self._clock = clock
        self._poll = poll
        self._is_shown = False
        self._is_ticking = False
        self._is_reading = False
        self._is_all_read = False
        self._read_last = 0.0
        self._found: ConnectionView | None = None
        self._trail: TrailReader | None = None
        self._record: RecordReader | None = None
        self._hand_offs: PartReader[HandOff] | None = None
        self._access: PartReader[Access] | None = None
        self._waiting = WaitingReader(desk)
        self._commanded: frozenset[RunRef] = frozenset()
        self._times = Timekeeper()
        self.reporter = Reporter(desk, clock, self._tell)
        self.progress = Progress(desk, clock, self._tell)
        self._listener: Callable[[RunState], None] = lambda _: None
        self.state = RunState(now=self._now())

    def listen(self, listener: Callable[[RunState], None]) -> None:
        """Tell this one every state from now on, beginning with the present one."""
        self._listener = listener
        listener(self.state)

    def come_from(self, screen: str) -> None:
        """Say where going back leads, by the screen's name."""
        self.state = replace(self.state, back=screen)

    def open(self, ref: RunRef, title: str = "", known: RunRow | None = None) -> None:
        """Show this run from its beginning; ``title`` and what is ``known`` of it stand there until it is read."""
        if ref == self.state.ref and self.state.phase is Phase.READY:
            self.on_refresh()
            return
        self.progress.forget()
        self._trail = TrailReader(self._desk, ref, self._tell)
        self._record = RecordReader(self._desk, ref, self._tell)
        self._hand_offs = PartReader(lambda: self._desk.hand_offs(ref), self._tell)
        self._access = PartReader(lambda: self._desk.access(ref), self._tell)
        self._waiting = WaitingReader(self._desk)
        self._found = None
        told = listed(known) if known is not None else None
        self.state = RunState(
            now=self._now(),
            ref=ref,
            title=title,
            phase=Phase.LOADING,
            back=self.state.back,
            known=told,
            has_command=ref in self._commanded,
        )
        self._is_reading = self._is_all_read = False
        self._tell()
        self._ask(self._read(ref))

    def follow(self, decision_id: str) -> None:
        """Tell here what becomes of what was just decided about the run."""
        self._ask(self.progress.follow(decision_id))

    def on_undo(self) -> None:
        """Take back what was just decided, while it is held."""
        if self.state.progress.can_undo:
            self._ask(self._undo())

    def on_shown(self) -> None:
        """The screen came to the front."""
        self._is_shown = True
        if not self._is_ticking:
            self._is_ticking = True
            self._ask(self._tick())

    def on_hidden(self) -> None:
        """The screen is not looked at any more: reading rests."""
        self._is_shown = False

    def on_events(self, events: Sequence[Event]) -> None:
        """Read at once when an item or a decision changed; the next tick catches what comes in between."""
        if self.progress.is_of(events):
            self._ask(self.progress.read())
        mine = self.state.run.waiting if self.state.run is not None else ()
        if any(isinstance(event, ItemChanged) and event.item_id in mine for event in events):
            self._waiting.is_due = True
        is_near = any(isinstance(event, ItemChanged | DecisionChanged) for event in events)
        is_due = self._clock.monotonic() - self._read_last >= EVENT_SPACING
        if is_near and is_due and self._is_shown:
            self.on_refresh()

    def on_refresh(self) -> None:
        """Read everything again now."""
        if self.state.ref is not None:
            self._ask(self._read(self.state.ref))

    def on_back(self) -> None:
        """Return to where a person came from."""
        self._navigate(OpenInbox() if self.state.back == INBOX else OpenRuns())

    def on_open_escalation(self) -> None:
        """Go to what waits in this run."""
        if self.state.run is not None:
            self._ask(self._open_escalation(self.state.run))

    def on_resume(self) -> None:
        """Go to where the pause that holds it up is ended."""
        if self.state.can_resume and self.state.stillness is not None:
            self.on_command(self.state.stillness.item_id)

    def on_command_taken(self) -> None:
        """Take command of the run, or give it back: nothing here acts on a run before, and each keeps it until then."""
        if self.state.run is not None and not self.state.step_in_lack:
            self._commanded = frozenset({self.state.ref}) ^ self._commanded if self.state.ref else self._commanded
            self.state = replace(self.state, has_command=self.state.ref in self._commanded)
            self._tell()

    def on_step_in(self, offer: Callable[[tuple[Group, ...]], None]) -> None:
        """Take command, and give what a person may do to the run now to ``offer``, once it was read."""
        ref = self.state.ref
        if ref is None or self.state.run is None or self.state.step_in_lack:
            return
        if not self.state.has_command:
            self.on_command_taken()

        async def read() -> None:
            found = await self._desk.commands(ref)
            if ref == self.state.ref:
                offer(groups(found, ref))

        self._ask(self._guarded(read, lambda problem: self._fail(ref, problem)))

    def on_command(self, item_id: str) -> None:
        """Go to where it is decided, and come back from there."""
        ref, title = self.state.ref, self.state.title
        self._navigate(OpenInbox(item_id, back=OpenRun(ref, title, is_return=True) if ref is not None else None))

    def on_tab(self, tab: Tab) -> None:
        """Show another part of the run."""
        self.state = replace(self.state, tab=tab)
        self._tell()
        if tab in {Tab.STATE, Tab.RAW}:
            self._ask(self._read_record())
        if tab in SHOWS_ACCESS:
            self._ask(self._read_access())
        elif tab is Tab.HAND_OFFS and self.state.run is not None:
            self._ask(self._read_hand_offs())
        if tab in SHOWS_TIME:
            self._ask(self._read_whole_trail())

    def on_filter(self, chosen: TrailFilter) -> None:
        """Show only what passes of the trail."""
        if self._trail is not None:
            self._trail.filter(chosen)

    def on_step(self, step_id: str) -> None:
        """Show this step's entries only; the same step again shows all."""
        chosen = self.state.trail.filter
        self.state = replace(self.state, tab=Tab.TRAIL)
        self.on_filter(replace(chosen, step="" if chosen.step == step_id else step_id))

    def on_show_step(self, step_id: str) -> None:
        """Show what the trail holds of this step, whatever it showed before."""
        self.state = replace(self.state, tab=Tab.TRAIL)
        self.on_filter(TrailFilter(step=step_id))

    def on_unfold(self, row_id: str) -> None:
        """Fold a card out or in."""
        if self._trail is not None:
            self._trail.unfold(row_id)

    def on_follow(self, *, is_following: bool) -> None:
        """Stay at the live end, or stop."""
        if self._trail is not None:
            self._trail.follow(is_following=is_following)

    def on_reached_top(self) -> None:
        """The oldest card read is on screen: read those before it."""
        trail = self._trail
        if trail is not None and trail.state.problem is None and not trail.state.is_complete:
            self._ask(self._guarded(trail.read_older, trail.fail))

    def on_revision(self, revision: int | None) -> None:
        """Show the state at this revision, or (none) the newest."""
        if self._record is not None:
            self._record.ask_for(revision)
            self._ask(self._read_record())

    def on_compare(self, revision: int | None) -> None:
        """Show what differs from this revision, or (none) the state itself."""
        if self._record is not None:
            self._record.compare_with(revision)
            self._ask(self._read_record())

    def summary(self) -> str:
        """The run in some lines of text, for copying."""
        return summary(self.state)

    def on_report(self, path: Path) -> None:
        """Write a report of the run into this file."""
        if self.state.ref is not None:
            self._ask(self.reporter.write(self.state.ref, path))

    def on_copy(self, row_id: str, put: Callable[[str], None]) -> None:
        """Give all that a card of the trail holds to ``put``, once the run has told what the trail has the start of."""
        trail, ref = self._trail, self.state.ref
        row = trail.row(row_id) if trail is not None else None
        if trail is None or row is None or ref is None:
            return

        async def copy() -> None:
            entries = [await self._desk.whole(ref, each) if each.whole else each for each in row.entries]
            put(row_text(replace(row, entries=tuple(entries))))

        if any(each.whole for each in row.entries):
            self._ask(self._guarded(copy, trail.fail))
        else:
            put(row_text(row))

    async def _undo(self) -> None:
        await self.progress.undo()

    async def _tick(self) -> None:
        """Keep the ages true, and the run fresh while it is under way."""
        ticks = 0
        try:
            while self._is_shown:
                await self._clock.sleep(self._poll)
                ticks += 1
                ref = self.state.ref
                is_failing = self.state.problem is not None or self.state.trail.problem is not None
                is_due = not is_failing or ticks % FAILING_TICKS == 0
                if ref is not None and not self._is_all_read and is_due:
                    self._ask(self._read(ref))
                self.progress.tick()
                self.reporter.tick()
                self._tell()
        finally:
            self._is_ticking = False

    async def _read(self, ref: RunRef) -> None:
        """Read what may have changed. The parts fail each on its own."""
        if self._is_reading or self._trail is None or ref != self.state.ref:
            return
        self._is_reading = True
        self._read_last = self._clock.monotonic()
        trail, was_over = self._trail, self.state.is_over
        try:
            await self._guarded(lambda: self._learn_connection(ref), lambda problem: self._fail(ref, problem))
            parts = [self._guarded(lambda: self._read_header(ref), lambda problem: self._fail(ref, problem))]
            if not trail.state.lack:
                parts.append(self._guarded(trail.read_newest, trail.fail))
            await asyncio.gather(*parts)
        finally:
            if ref == self.state.ref:
                self._is_reading = False
        if ref == self.state.ref:
            # What was written just before the end may have missed the read that told of the end.
            self._is_all_read = was_over and self.state.is_over and trail.state.problem is None
        if self.state.tab is Tab.STATE and self._record is not None and self._record.is_behind:
            await self._read_record()
        elif self.state.tab in SHOWS_TIME:
            await self._read_whole_trail()

    async def _learn_connection(self, ref: RunRef) -> None:
        """Learn the connection's name and what its engine can do."""
        found = self._found = await self._connection(ref)
        await self._waiting.read_pauses()
        if ref != self.state.ref or self._trail is None or self._record is None:
            return
        name = found.config.name if found is not None else ""
        capable = found.capabilities if found is not None else None
        self.state = replace(self.state, connection=name, step_in_lack=_lack(capable, Ability.INTERVENE))
        self._record.allow(
            can_go_back=capable is not None and Ability.STATE_HISTORY in capable.abilities,
            lack=_lack(capable, Ability.STATE),
        )
        for part, ability in ((self._hand_offs, Ability.HAND_OFFS), (self._access, Ability.ACCESS)):
            if part is not None:
                part.allow(_lack(capable, ability))
        lack = _lack(capable, Ability.TRAIL)
        if lack:
            self._trail.lack(lack)

    async def _connection(self, ref: RunRef) -> ConnectionView | None:
        for view in await self._desk.connections():
            if view.server is not None and view.server.identity == ref.server:
                return view
        return None

    async def _read_header(self, ref: RunRef) -> None:
        run = await self._desk.run(ref)
        completion = await self._desk.completion(ref, run.workflow)
        if ref != self.state.ref:
            return
        has_moved = run != self.state.run or self.state.problem is not None
        self.state = replace(self.state, run=run, title=run.title, phase=Phase.READY, read_at=self._now(), problem=None)
        self.state = replace(self.state, completion=completion)
        if self._record is not None:
            self._record.tell_newest(run.revision)
        self._tell()
        if has_moved or (self._waiting.is_due and run.waiting):
            await self._waiting.read(run)
            self._tell()
        if has_moved:
            await self._read_plan(ref)

    async def _read_plan(self, ref: RunRef) -> None:
        steps = await self._desk.steps(ref)
        if ref != self.state.ref or self._trail is None:
            return
        if steps != self.state.steps:
            self.state = replace(self.state, steps=steps, plan=layers(steps), done=done_count(steps))
            self._tell()
        await self._read_hand_offs()
        if self.state.tab in SHOWS_ACCESS:
            await self._read_access()

    async def _read_hand_offs(self) -> None:
        hand_offs, trail = self._hand_offs, self._trail
        if hand_offs is not None and trail is not None:
            await self._guarded(hand_offs.read, hand_offs.fail)
            trail.take_hand_offs(hand_offs.state.values)

    async def _read_access(self) -> None:
        if self._access is not None:
            await self._guarded(self._access.read, self._access.fail)

    async def _read_whole_trail(self) -> None:
        """Read the trail back to the beginning, for what is drawn over time."""
        trail = self._trail
        if trail is not None and trail.state.problem is None and not trail.state.is_complete:
            await self._guarded(trail.read_all, trail.fail)

    async def _read_record(self) -> None:
        if self._record is not None:
            await self._guarded(self._record.read, self._record.fail)

    async def _open_escalation(self, run: Run) -> None:
        """Go to what waits first."""
        self._navigate(OpenInbox(await self._waiting.first_id(run)))

    async def _guarded(self, part: Callable[[], Awaitable[None]], fail: Callable[[Problem], None]) -> None:
        """Read a part; one of the four errors becomes its problem."""
        try:
            await part()
        except (Unreachable, Uncertain, Denied, Refused) as error:
            fail(self._problem(error))
            if isinstance(error, Refused) and error.code in GONE and self.state.run is None:
                self.state = replace(self.state, phase=Phase.GONE)
                self._tell()

    def _problem(self, error: Unreachable | Uncertain | Denied | Refused) -> Problem:
        """The error in words, with what the connection itself says where that is away."""
        found = self._found
        if isinstance(error, Unreachable) and found is not None and found.message not in error.message:
            return Problem(f"{tr(error.message)} {tr(found.message)}", found.next_action or error.next_action)
        return Problem(error.message, error.next_action)

    def _fail(self, ref: RunRef, problem: Problem) -> None:
        if ref == self.state.ref:
            self.state = replace(self.state, problem=problem)
            self._tell()

    def _tell(self) -> None:
        trail = self._trail.state if self._trail is not None else self.state.trail
        record = self._record.state if self._record is not None else self.state.record
        hand_offs = self._hand_offs.state if self._hand_offs is not None else self.state.hand_offs
        access = self._access.state if self._access is not None else self.state.access
        can_open = self.state.run is not None and bool(self.state.run.waiting)
        self.state = replace(self.state, now=self._now(), trail=trail, record=record, can_open_escalation=can_open)
        recent = self._trail.recent() if self._trail is not None else ()
        why = self._waiting.stillness(self.state.run, self.state.steps, recent, self.state.now)
        does = self._waiting.doing(self.state.run, why)
        told = replace(self.state, hand_offs=hand_offs, access=access, stillness=why, doing=does)
        self.state = replace(told, report=self.reporter.of(self.state.ref), progress=self.progress.state)
        if told.run is not None and told.tab in SHOWS_TIME:
            waits = self._waiting.since()
            made = self._times.of(told.run, told.steps, trail.entries, waits, hand_offs.values)
            self.state = replace(self.state, timeline=made)
        self._listener(self.state)

    def _now(self) -> datetime:
        return self._clock.now()


def _lack(capable: Capabilities | None, ability: Ability) -> str:
    """Why the engine cannot show something; empty when it can, or when nothing is known of it yet."""
    if capable is None or ability in capable.abilities:
        return ""
    return capable.lacks.get(ability, NO_WORD)
