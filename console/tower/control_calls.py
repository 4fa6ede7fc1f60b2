"""What runs, workers and the control say to each other: what is paused, and who is held up by it.

Invariant: what is paused has one name everywhere, the native id of its :class:`~console.domain.pauses.Scope`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.domain.canonical import Json
from console.tower.wire import OWN_ACTIVITY_PREFIX

IN_FLIGHT_ACTIVITY = OWN_ACTIVITY_PREFIX + "in_flight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """What is paused; ``text`` says so to people, with who did it and why."""

    native_id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A worker tells the control that a run cannot go on, so that it is told when it can."""

    native_id: str
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The control's word to a run: what is paused (``text``), or that it may try again (empty)."""

    native_id: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlStart:
    """The argument of the control: its whole state when it continues as new."""

    carried: dict[str, Json] | None = None
