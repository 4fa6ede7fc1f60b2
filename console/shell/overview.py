"""What the frame of the window tells: how the connections do, what is on its way, how many wait, who sits here.

Needs no Qt. Invariant: read anew after events, in the window's loop; ages are worked out when asked, so that they go on
without reading anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from console.domain.ages import long_span
from console.domain.decision import DecisionState
from console.domain.display import one_line
from console.domain.identity import Identity
from console.domain.language import tr
from console.infra.errand import Errand
from console.infra.paths import DEFAULT_PROFILE
from console.qtkit.tokens import Tone
from console.screens import Ask
from console.services.views import (
    ConnectionChanged,
    ConnectionView,
    DecisionChanged,
    Event,
    Health,
    IdentityChanged,
    InboxChanged,
    ItemChanged,
    KeyStanding,
    PauseView,
)

if TYPE_CHECKING:
    # The desk brings the store with it, which takes longer to load than the window to paint.
    from console.services.desk import Desk

TITLE = "Clearance"
NAME = 40
TOLD_STATES = (DecisionState.HELD, DecisionState.QUEUED, DecisionState.SENDING, DecisionState.UNCERTAIN)
ALWAYS_TOLD = frozenset({DecisionState.HELD, DecisionState.SENDING, DecisionState.UNCERTAIN})
HEALTHS: dict[Health, tuple[str, Tone]] = {
    Health.CONNECTING: ("loader", Tone.SECOND),
    Health.LIVE: ("circle-check", Tone.OK),
    Health.SLOW: ("triangle-alert", Tone.MEDIUM),
    Health.IDLE: ("triangle-alert", Tone.HIGH),
    Health.DOWN: ("unplug", Tone.CRITICAL),
    Health.DENIED: ("lock", Tone.CRITICAL),
    Health.PAUSED: ("circle-pause", Tone.SECOND),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture of it."""

    connections: tuple[ConnectionView, ...] = ()
    is_read: bool = False
    on_their_way: Mapping[DecisionState, int] = field(default_factory=dict)
    waiting: int = 0
    identity: Identity | None = None
    pauses: tuple[PauseView, ...] = ()

    @property
    def standings(self) -> tuple[KeyStanding, ...]:
        """How the key stands, where that is checked and was told."""
        return tuple(view.standing for view in self.connections if view.standing is not None)


class Overview:
    """Keeps the frame up to date and tells one listener."""

    def __init__(self, desk: Desk, ask: Ask, listener: Callable[[Frame], None]) -> None:
        self._desk = desk
        self._listener = listener
        self.frame = Frame()
        self._connections = Errand(ask, self._read_connections)
        self._identity = Errand(ask, self._read_identity)
        self._standings = Errand(ask, self._read_standings)
        self._decisions = Errand(ask, self._read_decisions)
        self._waiting = Errand(ask, self._read_waiting)
        self._pauses = Errand(ask, self._read_pauses)

    def start(self) -> None:
        """Read everything for the first time."""
        self._identity.request()
        self._connections.request()
        self._decisions.request()
        self._waiting.request()
        self._pauses.request()

    def on_events(self, events: Sequence[Event]) -> None:
        """A batch of the desk's events."""
        kinds = {type(event) for event in events}
        if ConnectionChanged in kinds:
            self._connections.request()
        if DecisionChanged in kinds:
            self._decisions.request()
        if kinds & {InboxChanged, DecisionChanged, ConnectionChanged}:
            self._waiting.request()
            self._pauses.request()
        paused = {view.pause.item_id for view in self.frame.pauses}
        if any(isinstance(event, ItemChanged) and event.item_id in paused for event in events):
            self._pauses.request()
        if IdentityChanged in kinds:
            self.read_key()

    def read_key(self) -> None:
        """Read anew who works here, and whether their key counts."""
        self._identity.request()
        self._standings.request()

    async def _read_standings(self) -> None:
        # What is other than before comes with its connection.
        await self._desk.key_standings()

    async def _read_identity(self) -> None:
        identity = await self._desk.identity()
        self._put(replace(self.frame, identity=identity))

    async def _read_connections(self) -> None:
        connections = await self._desk.connections()
        self._put(replace(self.frame, connections=connections, is_read=True))

    async def _read_decisions(self) -> None:
        on_their_way = await self._desk.on_their_way()
        self._put(replace(self.frame, on_their_way=on_their_way))

    async def _read_waiting(self) -> None:
        waiting = await self._desk.waiting()
        self._put(replace(self.frame, waiting=waiting))

    async def _read_pauses(self) -> None:
        pauses = await self._desk.pauses()
        self._put(replace(self.frame, pauses=pauses))

    def _put(self, frame: Frame) -> None:
        self.frame = frame
        self._listener(frame)


def window_title(identity: Identity, profile: str) -> str:
    """Whose window it is, where a person has several of them open."""
    at = f" ({profile})" if profile and profile != DEFAULT_PROFILE else ""
    return f"{TITLE}: {one_line(identity.person.name)}, {tr(identity.person.role)}{at}"


def connection_words(view: ConnectionView, now: datetime) -> tuple[str, str]:
    """Name and state of a connection, with the age of its newest data."""
    name = one_line(view.config.name[:NAME])
    age = long_span(now - view.newest_at) if view.newest_at is not None else ""
    if view.health is Health.LIVE:
        return name, tr("live, {age} old", age=age) if age else tr("live")
    words = tr(view.health)
    if view.health is Health.IDLE:
        return name, words
    return name, tr("{said}, newest data {age} old", said=words, age=age) if age else words


def on_their_way_words(counts: Mapping[DecisionState, int]) -> str:
    """The decisions under way; ``none`` when there are none."""
    if not any(counts.get(state, 0) for state in TOLD_STATES):
        return tr("none")
    told = [state for state in TOLD_STATES if state in ALWAYS_TOLD or counts.get(state, 0)]
    return " · ".join(f"{counts.get(state, 0)} {tr(state)}" for state in told)
