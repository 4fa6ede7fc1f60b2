"""What becomes of the decision with which a person stepped in, told on the page of the run until that is known.

Invariant: of one run and one decision at a time; what went well goes away by itself a while after it is final, what did
not stays until it is put away. "Sent" is not "confirmed", "confirmed" is not "carried out".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from console.domain.ages import clock
from console.domain.decision import FINAL_STATES, DecisionState
from console.domain.display import one_line
from console.domain.language import tr
from console.infra.clock import Clock
from console.qtkit.tokens import Tone
from console.services.views import DecisionChanged, DecisionView, Event

if TYPE_CHECKING:
    from console.services.desk import Desk

S = DecisionState
STAYS = 60.0
TITLE, MESSAGE = 160, 300
WELL = frozenset({S.CARRIED_OUT, S.WITHDRAWN})
ASTRAY = ("triangle-alert", Tone.HIGH)
LOOKS: dict[DecisionState, tuple[str, Tone]] = {
    S.HELD: ("clock", Tone.ACCENT),
    S.QUEUED: ("clock", Tone.SECOND),
    S.SENDING: ("send", Tone.SECOND),
    S.CONFIRMED: ("check", Tone.ACCENT),
    S.CARRIED_OUT: ("check-check", Tone.OK),
    S.HALF_GRANTED: ("signature", Tone.PERSON),
    S.WITHDRAWN: ("undo-2", Tone.SECOND),
}


@dataclass(frozen=True, slots=True)
class ProgressState:
    """The line, empty where nothing was decided; ``can_undo`` while it is not sent."""

    words: str = ""
    icon: str = "clock"
    tone: Tone = Tone.SECOND
    can_undo: bool = False


class Progress:
    """Follows one decision. ``changed`` is called whenever ``state`` is another one."""

    def __init__(self, desk: Desk, clock: Clock, changed: Callable[[], None]) -> None:
        self._desk = desk
        self._clock = clock
        self._changed = changed
        self._decision_id = ""
        self._view: DecisionView | None = None
        self._read_at = 0.0
        self.state = ProgressState()

    def forget(self) -> None:
        """Tell of none any more."""
        self._decision_id, self._view = "", None
        self._put(ProgressState())

    def is_of(self, events: Sequence[Event]) -> bool:
        """Whether one of these is about the decision that is followed."""
        return any(isinstance(event, DecisionChanged) and event.decision_id == self._decision_id for event in events)

    async def follow(self, decision_id: str) -> None:
        """Follow this decision from now on. Raises the errors of the desk."""
        self._decision_id = decision_id
        await self.read()

    async def read(self) -> None:
        """Read how far it is."""
        asked = self._decision_id
        view = await self._desk.decision(asked) if asked else None
        if view is not None and asked == self._decision_id:
            self._view, self._read_at = view, self._clock.monotonic()
            self.tick()

    async def undo(self) -> bool:
        """Take it back, if it was not sent; ``False`` where there was nothing to take back."""
        is_undone = bool(self._decision_id) and await self._desk.undo(self._decision_id)
        await self.read()
        return is_undone

    def tick(self) -> None:
        """Time has passed: what is held is sent soon, what went well is told no longer."""
        if self._view is None:
            return
        passed = self._clock.monotonic() - self._read_at
        if self._view.state in WELL and passed > STAYS:
            self.forget()
            return
        view = self._view
        held = max(0.0, view.held_for - passed) if view.held_for is not None else None
        self._put(told(replace(view, held_for=held)))

    def _put(self, state: ProgressState) -> None:
        if state != self.state:
            self.state = state
            self._changed()


def told(view: DecisionView) -> ProgressState:
    """How far a decision is, in a line."""
    title = one_line(view.title[:TITLE])
    icon, tone = LOOKS.get(view.state, ASTRAY)
    if view.state is S.HELD:
        words = tr("{title}: held, sends in {held_for} s.", title=title, held_for=math.ceil(view.held_for or 0))
        return ProgressState(words, icon, tone, can_undo=True)
    at = f" {clock(view.changed_at)}" if view.state in FINAL_STATES | {S.CONFIRMED} else ""
    more = " ".join(one_line(part[:MESSAGE]) for part in (view.message, view.next_action) if part)
    return ProgressState(f"{title}: {view.state}{at}. {more}".strip(), icon, tone)
