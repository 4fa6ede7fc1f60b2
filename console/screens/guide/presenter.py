"""Leads through the five moments, one at a time, and tells what came of each.

Invariant: it navigates and never decides. What the demo does to its own runs happens after a person decided, on the
item that the guide led to, and on no other. Every coroutine runs in the window's loop and raises nothing but bugs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from console.domain.decision import FINAL_STATES, DecisionState
from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.escalation import Verdict
from console.domain.language import counted, tr
from console.infra.clock import Clock
from console.infra.errand import Errand
from console.screens import Ask, Memory, Navigate, OpenInbox, OpenRun
from console.screens.guide.finding import Finder
from console.screens.guide.state import MOMENTS, Act, GuideState, Staging
from console.services.tamper import Tampered, tamper
from console.services.views import ConnectionChanged, DecisionChanged, DecisionView, Event, InboxChanged

if TYPE_CHECKING:
    from console.services.desk import Desk

SEEN, YES, PLACE = "guide.seen", "yes", "guide.place"
HAND_OFFS = tr("Hand-offs")
S = DecisionState
ERRORS = (Unreachable, Uncertain, Denied, Refused)
HELD_TOLD = {
    Act.RACE: tr("It is held. A colleague takes the case at this moment."),
    Act.KILL: tr("It is held. The worker is killed as it leaves."),
}


class GuidePresenter:
    """The guide without a widget."""

    def __init__(
        self, desk: Desk, ask: Ask, navigate: Navigate, memory: Memory, clock: Clock, staging: Staging | None
    ) -> None:
        self._desk = desk
        self._ask = ask
        self._navigate = navigate
        self._memory = memory
        self._clock = clock
        self._staging = staging
        self._finder: Finder | None = None
        self._staged = ""
        self._decision_id = ""
        self._listener: Callable[[GuideState], None] = lambda _: None
        self._looking = Errand(ask, self._look)
        self._following = Errand(ask, self._follow)
        self.state = GuideState()

    def listen(self, listener: Callable[[GuideState], None]) -> None:
        """Tell this one every state from now on, beginning with the present one."""
        self._listener = listener
        listener(self.state)

    def start(self) -> None:
        """Look whether there is a demo to lead through."""
        if self._staging is not None:
            self._ask(self._meet())

    def on_events(self, events: Sequence[Event]) -> None:
        """A batch of the desk's events."""
        kinds = {type(event) for event in events}
        if self._finder is None and ConnectionChanged in kinds:
            self.start()
        if not self.state.is_shown:
            return
        if InboxChanged in kinds:
            self._looking.request()
        if any(isinstance(event, DecisionChanged) and event.item_id == self._staged for event in events):
            self._following.request()

    def on_show_me(self) -> None:
        """Go to what the moment is about; the last one is shown here."""
        state, found = self.state, self.state.found
        if not state.is_shown or state.hindrance:
            return
        if state.moment.act is Act.AUDIT:
            self._put(is_busy=True, told="")
            self._ask(self._tamper())
        elif found is not None and found.ref is not None:
            self._navigate(OpenRun(found.ref, found.title, HAND_OFFS))
            self._put(is_over=True)
        elif found is not None:
            self._staged = found.item_id if state.moment.act in HELD_TOLD else ""
            if state.moment.act is Act.RACE:
                self._ask(self._invite())
            self._navigate(OpenInbox(found.item_id))
            self._put(is_over=state.moment.act is Act.CONFLICT)

    def on_next(self) -> None:
        """The next moment; after the last one the strip goes."""
        if self.state.is_last:
            self.on_skip()
        elif self.state.is_shown:
            self._go_to(self.state.place + 1)

    def on_skip(self) -> None:
        """Put the strip away, for good: it comes again when it is asked for."""
        self._memory.set(SEEN, YES)
        self._staged = ""
        self._put(is_shown=False)

    def on_again(self) -> None:
        """Begin anew."""
        self._begin(0)

    def _begin(self, place: int) -> None:
        if self.state.is_offered:
            self._put(is_shown=True)
            self._go_to(place)

    def _go_to(self, place: int) -> None:
        self._memory.set(PLACE, str(place))
        self._staged = self._decision_id = ""
        self._put(place=place, found=None, told="", is_over=False, is_busy=False)
        self._looking.request()

    async def _meet(self) -> None:
        """Offer the guide where the demo is connected, and begin it for whoever has not seen it."""
        demo = next((view.config for view in await self._desk.connections() if view.config.is_demo), None)
        if demo is None or self._finder is not None:
            return
        self._finder = Finder(self._desk, demo.connection_id)
        self._put(is_offered=True)
        if self._memory.get(SEEN, "") != YES:
            self._begin(_known(self._memory.get(PLACE, "")))

    async def _look(self) -> None:
        act, finder = self.state.moment.act, self._finder
        if finder is None or not await self._is_wanting():
            return
        try:
            found = await finder.find(act)
        except ERRORS:
            return
        if self.state.is_shown and self.state.moment.act is act and found != self.state.found:
            self._staged = ""
            self._put(found=found)

    async def _is_wanting(self) -> bool:
        """Whether there is nothing to show yet, or what there was has gone before it was decided here."""
        found = self.state.found
        if found is None:
            return True
        if self._decision_id or self.state.is_over or found.ref is not None:
            return False
        item = await self._desk.item(found.item_id)
        return item is None or not item.is_open

    async def _follow(self) -> None:
        """See to the decision on the item that was led to: stage what belongs to it, and tell how it ends."""
        item = await self._desk.item(self._staged) if self._staged else None
        view = item.decision if item is not None else None
        if view is None or view.decision.verdict is not Verdict.APPROVE:
            return
        if view.state is S.HELD and view.decision.decision_id != self._decision_id:
            self._decision_id = view.decision.decision_id
            self._put(told=HELD_TOLD[self.state.moment.act])
            self._ask(self._stage(view))
        elif view.decision.decision_id == self._decision_id and view.state in FINAL_STATES:
            told = await self._ending(view)
            self._put(told=told, is_over=view.state is not S.WITHDRAWN)

    async def _invite(self) -> None:
        """Have the colleague at hand before there is a race to win."""
        try:
            if self._staging is not None:
                await self._staging.invite()
        except ERRORS as error:
            self._put(told=f"{tr(error.message)} {tr(error.next_action)}")

    async def _stage(self, view: DecisionView) -> None:
        if self._staging is None:
            return
        try:
            if self.state.moment.act is Act.RACE:
                if not await self._staging.overtake(view.decision.key):
                    self._put(told=tr("The colleague came too late: it waits no more."))
                return
            await self._clock.sleep(view.held_for or 0.0)
            now = await self._desk.decision(view.decision.decision_id)
            if now is not None and now.state is not S.WITHDRAWN:
                await self._staging.kill_worker()
        except ERRORS as error:
            self._put(told=f"{tr(error.message)} {tr(error.next_action)}")

    async def _ending(self, view: DecisionView) -> str:
        """How the decision ended, with what stands in the business database."""
        if view.state is S.WITHDRAWN:
            self._decision_id = ""
            return tr("You took it back. Approve it once more to see what happens.")
        try:
            count = await self._staging.effects(view.decision.decision_id) if self._staging else 0
        except ERRORS as error:
            return f"{tr(error.message)} {tr(error.next_action)}"
        rows = counted(count, "effect of it in the business database", "effects of it in the business database")
        if self.state.moment.act is Act.RACE:
            there = tr("There is {rows}", rows=rows) if count == 1 else tr("There are {rows}", rows=rows)
            return tr(
                "Your approval: {state}. {message} {there}.", state=view.state, message=tr(view.message), there=there
            )
        return tr(
            "The worker was killed and is back. Your approval: {state}, with {rows}.", state=view.state, rows=rows
        )

    async def _tamper(self) -> None:
        try:
            told = tampered_words(await tamper(self._desk))
        except ERRORS as error:
            told = f"{tr(error.message)} {tr(error.next_action)}"
        if self.state.moment.act is Act.AUDIT:
            self._put(told=told, is_over=True, is_busy=False)

    def _put(self, **changed: object) -> None:
        self.state = replace(self.state, **changed)  # type: ignore[arg-type]
        self._listener(self.state)


def tampered_words(found: Tampered) -> str:
    """What verifying says of the export and of the copy."""
    whole = (
        tr("Your export is whole: {entries:,} entries.", entries=found.whole.entries)
        if found.whole.is_whole
        else found.whole.fault
    )
    line = found.broken.broken_line
    broken = (
        tr("broken at line {line:,}. {fault}", line=line, fault=found.broken.fault)
        if line is not None
        else tr("found to be whole")
    )
    return tr("{whole} The copy, changed in line {line:,}, is {broken}", whole=whole, line=found.line, broken=broken)


def _known(place: str) -> int:
    """The moment where somebody stopped, if that is one."""
    return int(place) if place in {str(each) for each in range(len(MOMENTS))} else 0
