"""All that the run's screen shows, as one frozen value."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from console.domain.doing import Doing
from console.domain.language import tr
from console.domain.listing import Completion
from console.domain.run import Access, HandOff, Run, RunRef, RunStatus, Snapshot, Step, StepStatus, TrailEntry
from console.domain.stillness import Cause, Stillness
from console.qtkit.tokens import Tone
from console.screens.run.filters import Choice, TrailFilter
from console.screens.run.layers import Layers
from console.screens.run.progress import ProgressState
from console.screens.run.timeline import Timeline
from console.screens.run.trail import Row

T = TypeVar("T")

OVER = frozenset({RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED})

STEP_LOOKS: dict[StepStatus, tuple[str, Tone]] = {
    StepStatus.TO_DO: ("circle-dashed", Tone.QUIET),
    StepStatus.RUNNING: ("loader", Tone.ACCENT),
    StepStatus.GATE: ("hourglass", Tone.PERSON),
    StepStatus.FAILED: ("octagon-x", Tone.CRITICAL),
    StepStatus.DONE: ("circle-check", Tone.OK),
    StepStatus.NOT_TAKEN: ("skip-forward", Tone.QUIET),
}
DASHED = frozenset({StepStatus.TO_DO, StepStatus.NOT_TAKEN})
FILLED = frozenset({StepStatus.GATE, StepStatus.FAILED})

INBOX = tr("Inbox")


class Phase(enum.Enum):
    """How far the screen is: nothing chosen, reading for the first time, shown, or not to be found by its engine."""

    EMPTY = enum.auto()
    LOADING = enum.auto()
    READY = enum.auto()
    GONE = enum.auto()


class Tab(enum.Enum):
    """The parts of the screen, by the word on their tab."""

    TRAIL = "Trail"
    STATE = "State"
    GRAPH = "Graph"
    TIMELINE = "Timeline"
    HAND_OFFS = "Hand-offs"
    ACCESS = "Access"
    RAW = "Raw"


READING, UNREAD = tr("Reading…"), tr("Nothing of it could be read yet.")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something could not be read, and what to do. What was read before stays on screen."""

    message: str
    next_action: str


@dataclass(frozen=True, slots=True)
class ReportState:
    """How far the report of a run is, in words; empty where none was asked for."""

    words: str = ""
    is_going: bool = False
    is_failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailState:
    """The trail as filtered. ``read`` counts the entries known, ``total`` those there are where the engine says so.

    ``fresh`` counts entries that arrived below while the end is not followed; ``entries`` are all those known.
    """

    rows: tuple[Row, ...] = ()
    entries: tuple[TrailEntry, ...] = ()
    read: int = 0
    total: int | None = None
    is_read: bool = False
    is_complete: bool = False
    is_reading_older: bool = False
    is_following: bool = True
    fresh: int = 0
    newest_at: datetime | None = None
    filter: TrailFilter = field(default_factory=TrailFilter)
    kinds: tuple[Choice, ...] = ()
    agents: tuple[Choice, ...] = ()
    unfolded: frozenset[str] = frozenset()
    problem: Problem | None = None
    lack: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordState:
    """The state of the run at a revision. ``changed`` names what differs from the revision before, with what it was.

    ``asked`` is the revision wanted (none: the newest); ``can_go_back`` when earlier ones can be read. ``compared`` is
    the revision that the one shown is compared with, where it is, and ``base`` the state there once it was read.
    """

    snapshot: Snapshot | None = None
    asked: int | None = None
    compared: int | None = None
    base: Snapshot | None = None
    newest: int = 0
    changed: dict[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    can_go_back: bool = False
    is_reading: bool = False
    problem: Problem | None = None
    lack: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState(Generic[T]):
    """A part of the run that is read whole, such as its hand-offs. ``lack`` is why the engine cannot show it."""

    values: tuple[T, ...] = ()
    is_read: bool = False
    problem: Problem | None = None
    lack: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """One run on screen. ``now`` is when the state was made: ages are counted from there.

    ``known`` is what a list told of it, which stands there until ``run`` was read; ``completion`` is how such runs
    ended before, ``doing`` what it does, and ``stillness`` why it does not move; ``has_command`` once the person has
    taken command of it; ``back`` names the screen that going back leads to.
    """

    now: datetime
    ref: RunRef | None = None
    title: str = ""
    back: str = INBOX
    phase: Phase = Phase.EMPTY
    tab: Tab = Tab.TRAIL
    run: Run | None = None
    known: Run | None = None
    doing: Doing = Doing.RUNNING
    completion: Completion = field(default_factory=Completion)
    connection: str = ""
    read_at: datetime | None = None
    problem: Problem | None = None
    plan: Layers = field(default_factory=Layers)
    done: int = 0
    steps: tuple[Step, ...] = ()
    timeline: Timeline = field(default_factory=Timeline)
    can_open_escalation: bool = False
    step_in_lack: str = ""
    stillness: Stillness | None = None
    has_command: bool = False
    report: ReportState = field(default_factory=ReportState)
    progress: ProgressState = field(default_factory=ProgressState)
    trail: TrailState = field(default_factory=TrailState)
    record: RecordState = field(default_factory=RecordState)
    hand_offs: PartState[HandOff] = field(default_factory=PartState)
    access: PartState[Access] = field(default_factory=PartState)

    @property
    def unread(self) -> str:
        """What stands where nothing was read: that it is on its way, or that it could not be."""
        return READING if self.problem is None else UNREAD

    @property
    def can_resume(self) -> bool:
        """Whether what holds it up is a pause that can be ended here."""
        return self.stillness is not None and self.stillness.cause is Cause.PAUSED and bool(self.stillness.item_id)

    @property
    def is_over(self) -> bool:
        """Whether the run has ended, so that nothing more is to come."""
        return self.run is not None and self.run.status in OVER
