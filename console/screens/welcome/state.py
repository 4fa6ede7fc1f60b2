"""All that the welcome shows, as one frozen value, and what it needs to know of the demo."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from console.domain.identity import Identity
from console.domain.language import tr
from console.services.enter import Entry
from console.services.views import Check

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """How to start the demo. ``what`` says what starts on this machine, ``takes`` what that costs, both as measured.

    ``is_running``: another window of this user started it, and this one joins.
    """

    start: Callable[[Say], Awaitable[None]]
    what: str
    takes: str
    is_running: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing that can be tried in the demo."""

    icon: str
    title: str
    text: str


SCENES = (
    Scene(
        "circle-check",
        tr("Approve, edit or reject"),
        tr("An agent wants to pay money back. You see what it found and what changes."),
    ),
    Scene("question", tr("Answer a question"), tr("A plan cannot go on without a fact that only a person has.")),
    Scene(
        "rotate-ccw",
        tr("Retry what failed"),
        tr("A step gave up. You say whether it tries again, or someone else does."),
    ),
    Scene("shuffle", tr("Reroute"), tr("Hand the work to another agent or another step.")),
    Scene(
        "check-check",
        tr("See it carried out, once"),
        tr("The run is read back, and its receipt is compared with what you signed."),
    ),
)


class Phase(enum.Enum):
    """What is under way."""

    IDLE = enum.auto()
    STARTING = enum.auto()
    TESTING = enum.auto()
    CONNECTING = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeState:
    """The screen. ``steps`` are those of the demo's start so far, the last one under way while starting.

    ``checks`` are of the last test; ``demo_problem`` and ``problem`` say why the demo or the connection did not come
    about. ``seconds`` count since what is under way began.
    """

    now: datetime
    phase: Phase = Phase.IDLE
    identity: Identity | None = None
    steps: tuple[str, ...] = ()
    seconds: int = 0
    demo_problem: str = ""
    entry: Entry
    problems: dict[str, str] = field(default_factory=dict)
    is_checked: bool = False
    checks: tuple[Check, ...] = ()
    tested_at: datetime | None = None
    problem: str = ""

    @property
    def is_busy(self) -> bool:
        """Whether something is under way that has to end first."""
        return self.phase is not Phase.IDLE

    @property
    def shown_problems(self) -> dict[str, str]:
        """What is wrong in the form, as far as it is time to say so."""
        return self.problems if self.is_checked else {}
