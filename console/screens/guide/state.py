"""All that the guide shows, as one frozen value; its five moments, and what it needs of the demo."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from console.domain.escalation import EscalationKey
from console.domain.language import tr
from console.domain.run import RunRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """What the demo does to its own runs, and how to count what was done.

    ``invite`` has a colleague come, and ``overtake`` has them hand an item to another agent, and says whether that came
    about; ``kill_worker`` ends the worker by force and starts it again; ``effects`` counts the rows of the business
    database that go back to a decision. They raise ``Unreachable``.
    """

    invite: Callable[[], Awaitable[None]]
    overtake: Callable[[EscalationKey], Awaitable[bool]]
    kill_worker: Callable[[], Awaitable[None]]
    effects: Callable[[str], Awaitable[int]]


class Act(enum.Enum):
    """What a moment shows, and by what it is found."""

    CONFLICT = enum.auto()
    HAND_OFF = enum.auto()
    RACE = enum.auto()
    KILL = enum.auto()
    AUDIT = enum.auto()


@dataclass(frozen=True, slots=True)
class Moment:
    """One of the five. ``searching`` is said while there is nothing to show yet."""

    act: Act
    icon: str
    title: str
    text: str
    searching: str = tr("It comes in a moment, with the demo’s next runs.")


MOMENTS = (
    Moment(
        Act.CONFLICT,
        "git-merge",
        tr("Two agents are about to refund one order twice"),
        tr("Neither has been allowed to: both wait in one conflict, side by side, until you say who goes first."),
        tr("Nobody is in anybody’s way just now. That conflict has been ruled."),
    ),
    Moment(
        Act.HAND_OFF,
        "arrow-right-left",
        tr("A caveat was dropped between two agents"),
        tr("One agent noted a doubt, and the next never read it. Here it is told, with what else was not used."),
    ),
    Moment(
        Act.RACE,
        "history",
        tr("Your approval races a change, and says so"),
        tr("Go there and approve. While it is held, a colleague of the demo hands the case to another agent."),
    ),
    Moment(
        Act.KILL,
        "zap",
        tr("The worker dies in the middle of your decision"),
        tr("Go there and approve. The demo kills its worker as your decision leaves, and starts it again."),
    ),
    Moment(
        Act.AUDIT,
        "shield-check",
        tr("Nobody can change what was decided"),
        tr(
            "Your audit is exported, one byte of a copy is changed, and both are verified. Nothing of yours is touched."
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a moment leads to: an item, or a run with its title."""

    item_id: str = ""
    ref: RunRef | None = None
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideState:
    """The strip. ``told`` is what came of the moment so far; ``is_over`` marks that it is all there is to see."""

    is_shown: bool = False
    is_offered: bool = False
    place: int = 0
    found: Found | None = None
    told: str = ""
    is_over: bool = False
    is_busy: bool = False

    @property
    def moment(self) -> Moment:
        """The moment in the strip."""
        return MOMENTS[self.place]

    @property
    def progress(self) -> str:
        """How far it is: ``Tour, 2 of 5``."""
        return tr("Tour, {place} of {count}", place=self.place + 1, count=len(MOMENTS))

    @property
    def said(self) -> str:
        """What came of it, or why there is nothing to show."""
        return self.told or ("" if self.is_busy else self.hindrance)

    @property
    def is_last(self) -> bool:
        """Whether nothing follows."""
        return self.place + 1 == len(MOMENTS)

    @property
    def hindrance(self) -> str:
        """Why "Show me" does nothing now; empty when it does something."""
        if self.is_busy:
            return tr("It is under way.")
        return "" if self.found is not None or self.moment.act is Act.AUDIT else self.moment.searching
