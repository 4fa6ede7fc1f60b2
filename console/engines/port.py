"""The one abstraction: what a console asks of a running orchestrator.

All calls are coroutines on the background loop and raise only the four errors of :mod:`console.domain.errors`, a bug
aside. Everything they return is decoded, bounded and frozen. An engine that cannot do a thing leaves it out of its
:class:`Capabilities`, with the reason; calling it all the same raises :class:`~console.domain.errors.Refused`.

The rules, each a test in ``tests/engines/conformance.py``: a verdict arrives as what it is, with its payload, once; the
same decision twice is applied once; of two opposite ones at a time one is applied and both sides are told; a lost reply
is ``Uncertain`` and reading back settles it; a changed proposal makes an old decision superseded; a wait that re-opens
is a new escalation; what is decided elsewhere leaves; following survives a restart of the server and ends promptly.
"""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from console.domain.decision import Decision
from console.domain.escalation import (
    Comment,
    Escalation,
    EscalationKey,
    Verdict,
    Waiting,
)
from console.domain.identity import Person
from console.domain.listing import RunQuery, RunsPage
from console.domain.precedent import Likeness, Precedents
from console.domain.receipt import Receipt
from console.domain.registry import RegistryEntry
from console.domain.results import Links, StepResult
from console.domain.run import Access, HandOff, Run, RunRef, Snapshot, Step, TrailEntry, TrailPage


class Ability(enum.StrEnum):
    """Things beyond listing and deciding that an engine may be able to do."""

    RUNS = "list runs"
    TRAIL = "show the trail"
    STATE = "show the state"
    STATE_HISTORY = "show earlier states"
    PLAN = "show the plan"
    HAND_OFFS = "show hand-offs"
    ACCESS = "show access"
    READ_BACK = "prove what became of a decision"
    CLAIM = "hold claims"
    COMMENT = "hold comments"
    ENFORCE = "enforce who decides"
    INTERVENE = "let people step in"
    PRECEDENTS = "tell how such cases were decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an engine can do. ``lacks`` gives the reason for each ability it has not.

    ``race_window`` is the time in which two decisions could both be applied, where the engine has no lock of its own.
    """

    verdicts: frozenset[Verdict]
    abilities: frozenset[Ability]
    lacks: Mapping[Ability, str] = field(default_factory=dict)
    race_window: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Hands:
    """Whether anybody does the work there: ``missing`` says that nobody does, and is empty where somebody does.

    An engine that cannot tell never says that nobody does.
    """

    missing: str = ""
    next_action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What answered at the address. ``identity`` stays the same over restarts and tells two servers apart.

    ``skew`` is the server's clock minus ours; ``notices`` are facts that a person should know, ``hands`` whether
    anybody did the work there when it answered.
    """

    identity: str
    kind: str
    version: str
    space: str = ""
    skew: timedelta = timedelta(0)
    notices: tuple[str, ...] = ()
    hands: Hands = Hands()


@dataclass(frozen=True, slots=True)
class RunWaits:
    """All that waits in one run now; empty once nothing does. It replaces whatever was known of that run."""

    run: RunRef
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing changed, and the engine was asked at ``at``: what is known is that fresh."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Lost:
    """The thread of changes was lost: list anew before following on. Told when a server goes and when it is back."""

    why: str


# ``Hands`` are told when they change.
Change = RunWaits | Quiet | Lost | Hands


class Engine(Protocol):
    """One connection to one running orchestrator."""

    @property
    def kind(self) -> str:
        """The engine's kind, as connections name it: ``temporal``, ``fake``."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do; complete after :meth:`open`."""

    async def open(self) -> Server:
        """Connect and identify the server. Raises ``Unreachable`` or ``Denied``; may be called again."""

    async def close(self) -> None:
        """Let go of everything; calls under way end with ``Unreachable`` or ``Uncertain``."""

    def waiting(self) -> AsyncIterator[tuple[Waiting, ...]]:
        """Everything that waits for a person, in pages, highest risk first. An unreadable item has a ``problem``."""

    def changes(self) -> AsyncIterator[Change]:
        """What changed since the latest listing (or from now on, without one), for ever; ends promptly if cancelled."""

    async def escalation(self, key: EscalationKey) -> Escalation:
        """One item in full, read now. Raises ``Refused`` (``unknown-escalation``, ``closed``) when it is gone."""

    async def runs(self, query: RunQuery, *, older: str = "") -> RunsPage:
        """A page of the runs that are wanted, newest movement first; ``older`` comes from the page before.

        Every run is listed that is wanted and has moved before the page was asked for. A page may be shorter than the
        limit and still not be the last. What only keeps order between runs is none of them.
        """

    async def run(self, ref: RunRef) -> Run:
        """The header of a run."""

    async def steps(self, ref: RunRef) -> tuple[Step, ...]:
        """The steps of a run in a topological order, those to come included where the engine knows its plan."""

    async def trail(self, ref: RunRef, *, older: str = "", limit: int = 50) -> TrailPage:
        """A page of the trail, newest first; ``older`` comes from the page before."""

    async def whole(self, ref: RunRef, entry: TrailEntry) -> TrailEntry:
        """All of an entry of which the trail holds the beginning, checked. Raises ``Refused`` where it is not kept."""

    async def state(self, ref: RunRef, *, revision: int | None = None) -> Snapshot:
        """The state now, or at an earlier revision."""

    async def hand_offs(self, ref: RunRef) -> tuple[HandOff, ...]:
        """What moved over each edge so far, oldest first."""

    async def access(self, ref: RunRef) -> tuple[Access, ...]:
        """Who may do what at each step, and what was read and written there so far, in the order of the steps."""

    async def precedents(self, like: Likeness) -> Precedents:
        """Cases alike that were decided in runs that are over, newest first, each with how its run ended."""

    async def commands(self, ref: RunRef) -> tuple[Escalation, ...]:
        """What a person may do to a run, and to all that it is part of, at any time; decided on like what waits."""

    def results(self, ref: RunRef) -> AsyncIterator[tuple[StepResult, ...]]:
        """All that steps returned, as recorded, oldest first. Raises ``Refused`` where nothing binds it together."""

    async def links(self, ref: RunRef) -> Links:
        """What the run itself knows of the chain of its results. Raises ``Refused`` where it has none."""

    async def deliver(self, decision: Decision) -> Receipt:
        """Carry a decision to the run and return the run's own record of it.

        Raises ``Unreachable`` (surely not delivered), ``Uncertain`` (sent, no answer), ``Refused`` (typed) or
        ``Denied``. A receipt that does not echo the decision is not returned: it is ``Uncertain``.
        """

    async def read_back(self, decision: Decision) -> Receipt | None:
        """What became of a decision. ``None`` only if it surely never arrived; raises ``Uncertain`` if nobody knows.

        Raises ``Refused`` where it arrived and the run turned it down.
        """

    async def claim(self, key: EscalationKey, person: Person, until: datetime) -> None:
        """Say "I am on it", until a time."""

    async def release(self, key: EscalationKey, person: Person) -> None:
        """End a claim."""

    async def comment(self, key: EscalationKey, comment: Comment) -> None:
        """Keep a comment with the item."""

    async def key_log(self) -> tuple[RegistryEntry, ...]:
        """The log of keys that decisions are checked against; for engines that enforce who decides."""

    async def admit_key(self, entry: RegistryEntry) -> None:
        """Add an entry to that log. Raises ``Refused`` where it does not count."""
