"""The inbox without its widgets: the list, and how list, review and decision bar move together.

Invariant: works from the store, so it opens at once and offline; events only say that something changed, and what is
shown is then read anew. Every coroutine runs in the window's loop and raises nothing but bugs.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from console.domain.decision import DecisionState
from console.domain.escalation import Verdict
from console.domain.language import tr
from console.infra.clock import Clock
from console.infra.errand import Errand
from console.screens import Ask, Memory, Navigate, OpenConnections, OpenRun
from console.screens.inbox.assigning import Assigning
from console.screens.inbox.board import Board, Workplace
from console.screens.inbox.decided import History
from console.screens.inbox.deciding import Deciding
from console.screens.inbox.handled import handled, is_quiet
from console.screens.inbox.later import Later
from console.screens.inbox.leaving import Leaving
from console.screens.inbox.listing import Listing
from console.screens.inbox.proving import Proving
from console.screens.inbox.reading import Reading
from console.screens.inbox.reasons import Reasons
from console.screens.inbox.rows import lines
from console.screens.inbox.saved import SavedViews
from console.screens.inbox.seeking import Seeking
from console.screens.inbox.state import InboxState
from console.screens.inbox.together import Bundle
from console.screens.inbox.underway import underway
from console.services.views import (
    ConnectionChanged,
    DecisionChanged,
    DecisionView,
    Event,
    IdentityChanged,
    InboxChanged,
    InboxQuery,
    ItemChanged,
    Urgency,
)

if TYPE_CHECKING:
    # The desk brings the store with it, which takes longer to load than the window to paint.
    from console.services.desk import Desk

AHEAD = 3
BREATH = 0.05
PACE = 4
SHORT_REST = 0.2
LONGEST_REST = 2.0
MOST_ALONE = 1


class InboxPresenter:
    """What the view draws, and what it may ask for. ``deciding`` and ``reading`` are its bar and its review pane.

    ``memory`` is where the view keeps how it is arranged.
    """

    def __init__(self, desk: Desk, ask: Ask, navigate: Navigate, clock: Clock, memory: Memory) -> None:
        self.memory = memory
        self._board = Board(InboxState(now=clock.now()))
        self._place = Workplace(desk, ask, navigate, clock, self._board)
        self.deciding = Deciding(self._place, Reasons(memory))
        self.reading = Reading(self._place, self.deciding)
        self.seeking = Seeking(self._place, SavedViews(memory), self._ask_for)
        self.leaving = Leaving(self._place, memory)
        self.assigning = Assigning(self._place)
        self.later = Later(self._place, self._on_left)
        self.bundle = Bundle(self._place, self._on_left, self.open)
        self.history = History(self._place, self.open)
        self.proving = Proving(self._place)
        self.deciding.is_armed = self.reading.is_armed
        self.deciding.on_decided = self._on_decided
        self.deciding.on_undone = self._on_undone
        self._is_settling = True
        self._is_shown = False
        self._is_to_top = self._is_for_new = False
        self._on_found: Callable[[], None] | None = None
        self._open_before = ""
        self._hurry = asyncio.Event()
        self._decisions_at = clock.monotonic()
        self._page = Errand(ask, self._read_page)
        self._ahead = Errand(ask, self._read_ahead)
        self._wakes_at: datetime | None = None
        self._connections = Errand(ask, self._read_connections)
        self._decisions = Errand(ask, self._read_decisions)

    @property
    def state(self) -> InboxState:
        """What is shown now."""
        return self._board.state

    def listen(self, listener: Callable[[InboxState], None]) -> None:
        """Tell this one every state from now on, beginning with the present one."""
        self._board.listen(listener)

    def on_shown(self) -> None:
        """The screen came to the front: ages go on."""
        self._is_shown = True
        self.leaving.arrive()
        self.tick()

    def on_hidden(self) -> None:
        """The screen left the front."""
        self._is_shown = False

    def start(self) -> None:
        """Read everything for the first time."""
        self._place.ask(self._read_identity())
        self._connections.request()
        self._decisions.request()
        self._page.request()

    def on_events(self, events: Sequence[Event]) -> None:
        """A batch of the desk's events."""
        open_id = self.state.listing.selected_id
        kinds = {type(event) for event in events}
        if kinds & {InboxChanged, DecisionChanged}:
            self._page.request()
        if DecisionChanged in kinds:
            self._decisions.request()
        if ConnectionChanged in kinds:
            self._connections.request()
        if IdentityChanged in kinds:
            # What was said of the key before is void.
            self.deciding.back()
            self._place.ask(self._read_identity())
        touched = {event.item_id for event in events if isinstance(event, ItemChanged | DecisionChanged)}
        if open_id and (open_id in touched or kinds & {ConnectionChanged, InboxChanged}):
            self.reading.again.request()

    def tick(self) -> None:
        """A second has passed: ages and times left go on, while somebody looks."""
        self.leaving.note_time()
        if not self._is_shown:
            return
        with self._board.together():
            self._board.put(now=self._place.clock.now())
            self._put_handled()
            self.reading.tick()
            self.deciding.draw()
        if self._wakes_at is not None and self._wakes_at <= self.state.now:
            self._wakes_at = None
            self._page.request()

    def show_new(self) -> None:
        """Show what is new: everything is put in its true place, and the list goes to its top."""
        self._is_to_top = self._is_for_new = True
        self._settle()

    def select_first(self) -> None:
        """Open the first row."""
        self.select(self.state.listing.first_id or self.state.listing.selected_id)

    def select(self, item_id: str) -> None:
        """Open an item."""
        listing = self.state.listing
        if item_id != listing.selected_id or self.state.item is None:
            self._go_to(listing.selecting(item_id))
        elif not listing.is_touched:
            self._put_listing(listing.selecting(item_id))

    def open(self, item_id: str, back: OpenRun | None = None) -> None:
        """Open an item whether it stands in the list or not, as when another screen leads here.

        ``back`` is the run from which a person steps in; what was open before is open again once that is over.
        """
        if back is not None and self.state.back is None:
            self._open_before = self.state.listing.selected_id
        if item_id != self.state.listing.selected_id or self.state.item is None:
            self._go_to(self.state.listing.opening(item_id), back)
        else:
            self._board.put(back=back)

    def go_back(self) -> None:
        """Leave an item at which a person steps in undecided: return to the run, and to what was open before."""
        back = self.state.back
        if back is not None:
            self._go_to(self.state.listing.selecting(self._open_before))
            self._place.navigate(back)

    def open_decision(self, decision_id: str) -> None:
        """Open the item of a decision."""
        for view in self.state.decisions:
            if view.decision.decision_id == decision_id:
                self.open(view.item_id)

    def move(self, step: int) -> None:
        """Open the item so many rows away."""
        self.select(self.state.listing.neighbour(step))

    def mark(self) -> None:
        """Mark the selected row to be decided with others, or no longer."""
        self._put_listing(self.state.listing.marking(self.state.listing.selected_id).placed())

    def mark_alike(self) -> None:
        """Mark all rows that are like the selected one."""
        self._put_listing(self.state.listing.marking_alike().placed())

    def clear_marks(self) -> None:
        """Mark nothing."""
        self._put_listing(replace(self.state.listing, marked=frozenset()).placed())

    def gather(self) -> bool:
        """Have what is marked, or what is like the selected row, decided together; ``False`` for fewer than two."""
        if len(self.state.listing.marked_ids) < MOST_ALONE + 1:
            self.mark_alike()
        wanted = self.state.listing.marked_ids
        if len(wanted) <= MOST_ALONE:
            self.clear_marks()
            self._board.put(notice=tr("Nothing else in the list is like this one; mark others with Space."))
            return False
        self.bundle.open(wanted)
        return True

    def fold(self, group: Urgency) -> None:
        """Fold a group of the list, or unfold it."""
        self._put_listing(self.state.listing.folding(group))

    def unfold(self) -> None:
        """Show what is folded under the selected row, or fold it again."""
        listing = self.state.listing.unfolding()
        if listing.selected_id == self.state.listing.selected_id:
            self._put_listing(listing)
        else:
            self._go_to(listing)

    def on_pointed(self, item_id: str) -> None:
        """The pointer is over this row, or over none."""
        if item_id != self.state.listing.pointed_id:
            self._board.put(listing=replace(self.state.listing, pointed_id=item_id))

    def on_viewport(self, first: int, last: int) -> None:
        """These lines are in sight: what is above stays where it is, what comes below is fetched in time."""
        place = self.state.lines.row_place
        listing = replace(self.state.listing, first_visible=place(first), last_visible=place(last))
        if listing == self.state.listing:
            return
        if listing.wants_more():
            listing = listing.grown()
            self._hurry.set()
            self._page.request()
        self._board.put(listing=listing)

    def on_frame(self) -> None:
        """A little time has passed: the ring of what is held empties."""
        self._put_handled()

    def find(self, text: str, then: Callable[[], None]) -> None:
        """Show what this asks for and open the first of it; ``then`` is called where there is one."""
        self.seeking.search(text)
        self._on_found = then

    def connect(self) -> None:
        """Go to where an engine is connected."""
        self._place.navigate(OpenConnections(is_new=True))

    def refresh(self) -> None:
        """Read everything from the engines again."""
        self._place.ask(self._refresh())

    def _settle(self) -> None:
        """Put everything in its true place, what waited behind the bar included."""
        self._is_settling = True
        self._hurry.set()
        self._page.request()

    def _ask_for(self, query: InboxQuery) -> None:
        self._is_settling = self._is_to_top = True
        self._is_for_new = False
        self._on_found = None
        self._hurry.set()
        self._board.put(listing=replace(self.state.listing, query=query, first_visible=0))
        self.seeking.draw()
        self._page.request()

    def _put_handled(self) -> None:
        now = self._place.clock.now()
        passed = self._place.clock.monotonic() - self._decisions_at
        decisions = self.state.decisions
        self._board.put(handled=handled(decisions, now, passed), is_quiet=is_quiet(decisions, now))

    def _put_listing(self, listing: Listing) -> None:
        before = self.state.listing
        if listing.rows is not before.rows or listing.selected_id in listing.away:
            listing = listing.placed()
        is_there = listing.rows is before.rows and listing.away == before.away
        is_same = is_there and listing.folded == before.folded
        self._board.put(listing=listing, lines=self.state.lines if is_same else lines(listing))

    def _go_to(self, listing: Listing, back: OpenRun | None = None) -> None:
        """Open what another list has selected."""
        with self._board.together():
            self.deciding.early.forget()
            self._put_listing(listing)
            self._board.put(back=back)
            self.reading.open()
        self._ahead.request()

    def _on_decided(self, view: DecisionView) -> None:
        """Show it in the tray and open the next item, unless the person has gone on to another one already.

        Whoever stepped in from a run returns to it, and finds here what was open before. Whoever withdraws an
        approval stays with the item, which waits for them again. List and tray are read anew when the desk tells of
        the decision, a little later: now the next item comes first.
        """
        with self._board.together():
            listing = self.state.listing
            is_still_there = listing.selected_id == view.item_id
            following = listing.after(view.item_id) if is_still_there else listing.selected_id
            self._decisions_at = self._place.clock.monotonic()
            decided = view.decision.decision_id
            others = tuple(each for each in self.state.decisions if each.decision.decision_id != decided)
            self._board.put(decisions=(view, *others))
            self._put_handled()
            back = self.state.back if is_still_there else None
            if view.decision.verdict is Verdict.WITHDRAW:
                self.reading.again.request()
            elif back is not None:
                self._go_to(listing.without(view.item_id).selecting(self._open_before))
                self._place.navigate(replace(back, decision_id=view.decision.decision_id))
            elif is_still_there:
                # The decided one stays before the eyes, out of use, until the next is read.
                self._put_listing(listing.without(view.item_id).selecting(following))
                self.reading.open()
                self._ahead.request()
            else:
                self._put_listing(listing.without(view.item_id))

    def _on_left(self, item_ids: Sequence[str]) -> None:
        """Open the next item in the place of the one that left, and read the list anew."""
        listing = self.state.listing
        selected = listing.selected_id
        following = listing.after(selected) if selected in item_ids else selected
        for item_id in item_ids:
            listing = listing.without(item_id)
        self._is_settling = True
        self._put_listing(listing.selecting(following))
        if following != selected:
            self.reading.open()
            self._ahead.request()
        self._page.request()

    def _on_undone(self, view: DecisionView) -> None:
        """Open the item again; its decision is shown as withdrawn."""
        with self._board.together():
            withdrawn = replace(view, state=DecisionState.WITHDRAWN, held_for=None)
            decisions = self.state.decisions
            self._is_settling = True
            self._board.put(
                decisions=tuple(withdrawn if each.decision == view.decision else each for each in decisions)
            )
            self._put_listing(self.state.listing.opening(view.item_id))
            self._put_handled()
            self.reading.open()
            self._decisions.request()
            self._page.request()

    async def _read_identity(self) -> None:
        identity = await self._place.desk.identity()
        with self._board.together():
            self._board.put(identity=identity)
            self.deciding.draw()

    async def _read_connections(self) -> None:
        connections = await self._place.desk.connections()
        kept = {view.config.connection_id for view in connections}
        if any(view.config.connection_id not in kept for view in self.state.connections):
            # What waited there was not handled by anybody, so it leaves no ghost.
            self._settle()
        self._board.put(connections=connections, are_connections_read=True)

    async def _read_decisions(self) -> None:
        decisions = await self._place.desk.decisions()
        with self._board.together():
            self._decisions_at = self._place.clock.monotonic()
            self._board.put(decisions=decisions)
            self._put_handled()
            self.deciding.draw()
        self.bundle.on_decisions(decisions)
        self.history.on_decisions()

    async def _read_page(self) -> None:
        query, began = self.state.listing.query, self._place.clock.monotonic()
        is_settling, self._is_settling = self._is_settling, False
        self._hurry.clear()
        page = await self._place.desk.inbox(query)
        if self.state.listing.query != query:
            self._is_settling = is_settling or self._is_settling
            return
        then, self._on_found = self._on_found, None
        with self._board.together():
            before = self.state.listing.selected_id
            listing = self.state.listing.with_page(page, underway(self.state.decisions), is_settling=is_settling)
            if then is not None and listing.first_id:
                listing = listing.selecting(listing.first_id)
            if is_settling and self._is_to_top:
                self._is_to_top = False
                listing = replace(listing, tops=listing.tops + 1, is_for_new=self._is_for_new)
            self._put_listing(listing)
            if listing.selected_id != before:
                self.reading.open()
                self._ahead.request()
        if then is not None and listing.first_id:
            then()
        self._wakes_at = page.wakes_at
        self.seeking.counting.request()
        await self._rest(PACE * (self._place.clock.monotonic() - began))

    async def _read_ahead(self) -> None:
        """Have the next ones read, once the one that a person waits for had the time to be read and drawn."""
        await self._place.clock.sleep(BREATH)
        listing = self.state.listing
        place = listing.place(listing.selected_id)
        ahead = [row.item_id for row in listing.rows[place + 1 : place + 1 + AHEAD]]
        if ahead:
            await self._place.desk.prefetch(ahead)

    async def _rest(self, seconds: float) -> None:
        """Leave the window time for other things after long work, unless a person asks for something meanwhile."""
        if seconds < SHORT_REST:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, LONGEST_REST)):
                await self._hurry.wait()

    async def _refresh(self) -> None:
        await self._place.desk.refresh_all()
        self._settle()
        self.reading.again.request()
