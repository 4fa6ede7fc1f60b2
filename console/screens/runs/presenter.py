"""Lists the runs of all connections while it is looked at, and lets a person act on many; holds the screen's state.

Invariant: what was listed stays on screen when a later reading fails, with its age and the reason; while the screen is
in front it is read about every ``every`` seconds, and soon after the desk tells of a decision or an item. The chosen
run and what is marked stay while the runs are there. Coroutines run in the window's loop and raise nothing but bugs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.escalation import Target, Verdict
from console.domain.fingerprint import failure_of, grouped
from console.domain.language import tr
from console.domain.run import RunRef
from console.infra.clock import Clock
from console.infra.errand import Errand
from console.screens import Ask, Memory, Navigate, OpenConnections, OpenInbox, OpenRun
from console.screens.runs.act_state import Stage
from console.screens.runs.acting import Acting
from console.screens.runs.finding import EVERYTHING, FAILED, Chip, Filter, Order, counts, questions, wanted
from console.screens.runs.remembering import remember, remembered
from console.screens.runs.rows import row_id
from console.screens.runs.state import Emptiness, RunsState
from console.services.views import ConnectionChanged, DecisionChanged, Event, InboxChanged, RunLine, RunsChanged

if TYPE_CHECKING:
    from console.services.desk import Desk

EVERY = 5.0
TICK = 1.0
SOON = 2.0
UNDER_WAY = tr("Wait until what is under way has ended, or stop it.")


class RunsPresenter:
    """The screen without a widget."""

    def __init__(
        self, desk: Desk, ask: Ask, navigate: Navigate, clock: Clock, memory: Memory, *, every: float = EVERY
    ) -> None:
        self._desk = desk
        self._ask = ask
        self._navigate = navigate
        self._clock = clock
        self._memory = memory
        self._every = every
        self._is_shown = False
        self._is_ticking = False
        self._read_at = 0.0
        self._is_due = False
        self._acting: Acting | None = None
        self._reading = Errand(ask, self._read)
        self._gathering = Errand(ask, self._gather)
        self._listener: Callable[[RunsState], None] = lambda _: None
        self.state = RunsState(now=clock.now(), filter=remembered(memory))

    def listen(self, listener: Callable[[RunsState], None]) -> None:
        """Tell this one every state from now on, beginning with the present one."""
        self._listener = listener
        listener(self.state)

    def on_shown(self) -> None:
        """The screen came to the front."""
        self._is_shown = True
        self._reading.request()
        if not self._is_ticking:
            self._is_ticking = True
            self._ask(self._tick())

    def on_hidden(self) -> None:
        """The screen is not looked at any more: reading rests, and what is under way is given up."""
        self._is_shown = False
        self._ask(self._guarded(self._desk.leave_runs))

    def on_events(self, events: Sequence[Event]) -> None:
        """Take over what was listed, read soon what was decided, and follow the receipts of what was done to many."""
        if any(isinstance(event, RunsChanged) for event in events) and self._is_shown:
            self._gathering.request()
        self._is_due |= any(isinstance(event, InboxChanged | DecisionChanged | ConnectionChanged) for event in events)
        decided = frozenset(event.decision_id for event in events if isinstance(event, DecisionChanged))
        if decided and self._acting is not None:
            self._ask(self._guarded(partial(self._acting.refresh, decided)))

    def on_refresh(self) -> None:
        """Read everything again now."""
        self._reading.request()

    def on_more(self) -> None:
        """List older runs too."""
        self._ask(self._guarded(self._read_more))

    # Finding

    def on_search(self, text: str) -> None:
        """Look for words, ``status:failed``, ``order:4711``."""
        self._filter(replace(self.state.filter, text=text))

    def on_chip(self, chip: Chip) -> None:
        """Let runs of this kind through, or no longer."""
        self._filter(replace(self.state.filter, chips=self.state.filter.chips ^ {chip}))

    def on_workflow(self, workflow: str) -> None:
        """Show the runs of one workflow; of all, where it is empty."""
        self._filter(replace(self.state.filter, workflow=workflow))

    def on_connection(self, connection_id: str) -> None:
        """Show the runs of one connection; of all, where it is empty."""
        self._filter(replace(self.state.filter, connection_id=connection_id))

    def on_order(self) -> None:
        """Order the runs the other way."""
        is_urgent = self.state.filter.order is Order.URGENT
        self._filter(replace(self.state.filter, order=Order.NEWEST if is_urgent else Order.URGENT))

    def on_order_by(self, order: Order) -> None:
        """Order the runs like this; by urgency where they are already."""
        is_so = self.state.filter.order is order
        self._filter(replace(self.state.filter, order=Order.URGENT if is_so else order))

    def on_everything(self) -> None:
        """Let every run through again."""
        self._filter(Filter(order=self.state.filter.order))

    # Choosing

    def on_select(self, selected_id: str) -> None:
        """Choose a run."""
        if selected_id != self.state.selected_id or self.state.group_id:
            self._put(selected_id=selected_id, group_id="", is_writing=False, notice="")

    def on_group(self, fingerprint: str) -> None:
        """Choose a group of failures."""
        if fingerprint != self.state.group_id:
            # One thing is chosen at a time: keys act on it.
            self._put(group_id=fingerprint, selected_id="", is_writing=False, notice="")

    def on_step_group(self, step: int) -> None:
        """Choose the next group, or the one before."""
        names = [group.fingerprint for group in self.state.groups]
        if names:
            here = names.index(self.state.group_id) if self.state.group_id in names else -1
            place = max(0, min(len(names) - 1, here + step)) if here >= 0 else 0
            self.on_group(names[place])

    def on_mark(self, marked_id: str = "") -> None:
        """Mark a run, the chosen one if none is named, or unmark it."""
        marked_id = marked_id or self.state.selected_id
        if marked_id:
            self._put(marked=self.state.marked ^ {marked_id}, notice="")

    def on_mark_group(self) -> None:
        """Mark all that failed like the chosen run, or the chosen group; unmark them where all are marked."""
        group = self.state.group
        line = self.state.selected
        known = failure_of(line.run) if line is not None else None
        if group is None and known is not None:
            group = next((each for each in self.state.groups if each.fingerprint == known.fingerprint), None)
        if group is None:
            self._put(notice=tr("This run has not failed, so there is no group of its like."))
            return
        ids = frozenset(row_id(run) for run in group.runs)
        self._put(marked=self.state.marked - ids if ids <= self.state.marked else self.state.marked | ids, notice="")

    def on_open(self) -> None:
        """Open the chosen run."""
        if self.state.selected is not None:
            self.on_open_run(self.state.selected.run.ref)

    def on_open_run(self, ref: RunRef) -> None:
        """Open a run."""
        known = next((line.run for line in self.state.lines if line.run.ref == ref), None)
        self._navigate(OpenRun(ref, known.title if known is not None else "", known=known))

    def on_item(self, item_id: str) -> None:
        """Go to where what waits is decided."""
        self._navigate(OpenInbox(item_id))

    def on_back(self) -> None:
        """Close what is open on top; with nothing open, return to the inbox."""
        state = self.state
        if state.act is not None and state.act.stage in {Stage.ASKING, Stage.OVER}:
            self.on_close_act()
        elif state.is_writing:
            self._put(is_writing=False)
        elif state.marked:
            self._put(marked=frozenset())
        elif state.group_id:
            self._put(group_id="")
        elif not state.filter.is_everything:
            self.on_everything()
        else:
            self._navigate(OpenInbox())

    def on_help_empty(self) -> None:
        """Do what helps where there is nothing to show."""
        if self.state.emptiness is Emptiness.NO_CONNECTION:
            self._navigate(OpenConnections(is_new=True))
        elif self.state.emptiness is Emptiness.NOT_READ:
            self._navigate(OpenConnections(self.state.sources[0].connection_id))
        else:
            self.on_everything()

    # Notes

    def on_write(self) -> None:
        """Open the note of the chosen group for writing."""
        if self.state.group is not None:
            self._put(is_writing=True)

    def on_note(self, text: str) -> None:
        """Keep what was written."""
        if self.state.group is not None:
            self._ask(self._guarded(partial(self._write, self.state.group.fingerprint, text)))

    # Acting on many

    def on_act(self, verdict: Verdict) -> None:
        """Begin to act on what is chosen: read it, and ask."""
        runs = self.state.chosen
        under_way = self.state.act is not None and self.state.act.stage in {Stage.READING, Stage.SENDING}
        if not runs or under_way:
            self._put(
                notice=tr("Wait until what is under way has ended, or stop it.")
                if under_way
                else tr("Choose runs first.")
            )
            return
        group = self.state.group
        is_group = group is not None and {run.ref for run in runs} == group.refs
        name = group.fingerprint if group is not None and is_group else ""
        acting = Acting(self._desk, runs, verdict, self._on_acting, fingerprint=name)
        self._acting = acting
        self._put(act=acting.state, act_group=group if is_group else None, notice="")
        self._ask(self._guarded(partial(self._prepare, acting)))

    def on_resume(self) -> None:
        """Let what is chosen go on; where more than one run is paused, go to where that is decided."""
        line = self.state.selected
        is_alone = line is not None and [run.ref for run in self.state.chosen] == [line.run.ref]
        if line is not None and is_alone and line.pause is not None and line.pause.is_wide:
            self._navigate(OpenInbox(line.pause.item_id, back=OpenRun(line.run.ref, line.run.title, known=line.run)))
        else:
            self.on_act(Verdict.RESUME)

    def on_reason(self, reason: str) -> None:
        """Take over the reason that all of them carry."""
        if self._acting is not None:
            self._acting.on_reason(reason)

    def on_target(self, target: Target) -> None:
        """Take over where they shall go."""
        if self._acting is not None:
            self._acting.on_target(target)

    def on_only_trouble(self, is_only: bool) -> None:  # noqa: FBT001 - on or off, plainly
        """Show only the receipts that need a person, or all."""
        if self._acting is not None:
            self._acting.on_trouble(is_only)

    def on_send(self) -> None:
        """Decide all of them, each by itself."""
        if self._acting is not None and not self._acting.state.lacks:
            self._ask(self._guarded(self._acting.send))

    def on_stop(self) -> None:
        """Decide no more of them."""
        if self._acting is not None:
            self._acting.stop()

    def on_close_act(self) -> None:
        """Put what was done aside; the receipts stay with each decision."""
        act = self.state.act
        if act is not None and act.stage is not Stage.SENDING:
            if self._acting is not None:
                self._acting.stop()
            self._acting = None
            self._put(act=None, marked=frozenset() if act.sent else self.state.marked)
            self._reading.request()

    def _on_acting(self) -> None:
        if self._acting is not None:
            self._put(act=self._acting.state)

    async def _prepare(self, acting: Acting) -> None:
        identity = await self._desk.identity()
        await acting.prepare(identity.person)

    async def _write(self, fingerprint: str, text: str) -> None:
        await self._desk.write_note(fingerprint, text)
        self._put(is_writing=False, notes=await self._desk.notes())

    def _filter(self, asked: Filter) -> None:
        if asked == self.state.filter:
            return
        remember(self._memory, asked)
        self._put(filter=asked, notice="")
        self._gathering.request()
        self._reading.request()

    async def _tick(self) -> None:
        """Keep ages true, and read again when it is time."""
        try:
            while self._is_shown:
                await self._clock.sleep(TICK)
                since = self._clock.monotonic() - self._read_at
                if since >= self._every or (self._is_due and since >= SOON):
                    self._reading.request()
                self._put()
        finally:
            self._is_ticking = False

    async def _read(self) -> None:
        self._is_due = False
        self._read_at = self._clock.monotonic()
        try:
            for query in questions(self.state.filter):
                await self._desk.runs(query)
            notes = await self._desk.notes()
        except Unreachable as error:
            self._put(notice=f"{tr(error.message)} {tr(error.next_action)}")
            return
        self._put(notes=notes)
        await self._gather()

    async def _read_more(self) -> None:
        queries = questions(self.state.filter)
        await self._desk.runs(queries[-1] if len(queries) > len((EVERYTHING, FAILED)) else EVERYTHING, more=True)
        await self._gather()

    async def _gather(self) -> None:
        """Put together what is known, without asking anybody."""
        try:
            views = [await self._desk.known_runs(query) for query in questions(self.state.filter)]
        except Unreachable:
            return
        lines: dict[RunRef, RunLine] = {}
        for line in (line for view in views for line in view.lines):
            known = lines.get(line.run.ref)
            if known is None or line.read_at > known.read_at:
                lines[line.run.ref] = line
        everything, failed = views[:2]
        alike = grouped(lines[line.run.ref].run for line in failed.lines)
        self._show(tuple(lines.values()), wanted(lines.values(), self.state.filter, self._clock.now()))
        self._put(
            is_read=True,
            has_connection=bool(everything.sources),
            groups=alike,
            has_more_failed=any(source.has_more for source in failed.sources),
            sources=everything.sources,
            chips=counts(lines.values(), self.state.filter),
        )

    def _show(self, known: tuple[RunLine, ...], lines: tuple[RunLine, ...]) -> None:
        """Show these lines; the chosen one stays, else the one that stands in its place is chosen."""
        ids = [row_id(line.run) for line in lines]
        before = [row_id(line.run) for line in self.state.lines]
        selected = self.state.selected_id
        if selected not in ids and self.state.act is not None:
            # What is told at the side is of what was acted on: no other run slides into its place.
            selected = ""
        elif selected not in ids and selected:
            place = before.index(selected) if selected in before else 0
            selected = ids[min(place, len(ids) - 1)] if ids else ""
        self.state = replace(
            self.state,
            lines=lines,
            known=len(known),
            selected_id=selected,
            workflows=tuple(sorted({line.run.workflow for line in known})),
        )

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except (Unreachable, Uncertain, Denied, Refused) as error:
            self._put(notice=f"{tr(error.message)} {tr(error.next_action)}".strip())

    def _put(self, **changed: object) -> None:
        self.state = replace(self.state, now=self._clock.now(), **changed)  # type: ignore[arg-type]
        self._listener(self.state)
