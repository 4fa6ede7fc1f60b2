"""All that the screen of the connections shows, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from console.domain.deciders import Decider
from console.domain.language import tr
from console.qtkit.tokens import Tone
from console.services.enter import Entry
from console.services.views import Check, ConnectionConfig, ConnectionView, Health

HEALTH_LOOKS: dict[Health, tuple[str, str, Tone]] = {
    Health.CONNECTING: (tr("Connecting"), "loader", Tone.ACCENT),
    Health.LIVE: (tr("Live"), "circle-check", Tone.OK),
    Health.SLOW: (tr("Slow"), "triangle-alert", Tone.MEDIUM),
    Health.IDLE: (tr("Server up, no worker"), "triangle-alert", Tone.HIGH),
    Health.DOWN: (tr("Down"), "unplug", Tone.CRITICAL),
    Health.DENIED: (tr("Denied"), "lock", Tone.CRITICAL),
    Health.PAUSED: (tr("Paused"), "circle-pause", Tone.SECOND),
}
KIND_NAMES = {"temporal": "Temporal", "langgraph": "LangGraph"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TestState:
    """A test of a connection. ``seconds`` counts while it runs; ``failed`` says why it could not be made."""

    __test__ = False  # pytest: not a test

    is_running: bool = False
    seconds: int = 0
    checks: tuple[Check, ...] = ()
    ended_at: datetime | None = None
    failed: str = ""
    was_cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    """The form in use. ``known`` is the connection that is changed; none for a new one.

    ``problems`` are shown once the person tried to go on (``is_checked``).
    """

    entry: Entry
    start: Entry
    known: ConnectionConfig | None = None
    problems: dict[str, str] = field(default_factory=dict)
    is_checked: bool = False
    is_saving: bool = False
    failed: str = ""

    @property
    def is_dirty(self) -> bool:
        """Whether something was changed that would be lost."""
        return self.entry != self.start

    @property
    def shown_problems(self) -> dict[str, str]:
        """What is wrong, as far as it is time to say so."""
        return self.problems if self.is_checked else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidersState:
    """Who may decide at one connection, as its key registry proves; ``own_id`` is this desk's key.

    ``failed`` says why that could not be read.
    """

    connection_id: str
    deciders: tuple[Decider, ...] = ()
    root_id: str = ""
    own_id: str = ""
    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionsState:
    """The screen. ``removing`` asks for confirmation; ``notice`` says why a gesture did nothing.

    ``deciders`` are those of the chosen connection, once they were read, where it checks who decides.
    """

    now: datetime
    views: tuple[ConnectionView, ...] = ()
    is_read: bool = False
    selected_id: str = ""
    editing: Editing | None = None
    test: TestState | None = None
    deciders: DecidersState | None = None
    removing: bool = False
    is_busy: bool = False
    notice: str = ""
    keyring: str = ""
    can_start_demo: bool = False

    @property
    def selected(self) -> ConnectionView | None:
        """The chosen connection."""
        return next((view for view in self.views if view.config.connection_id == self.selected_id), None)

    @property
    def is_demo_away(self) -> bool:
        """Whether the chosen connection is the demo on this machine, and its server or its worker is away."""
        view = self.selected
        is_away = view is not None and view.config.is_demo and view.health in {Health.DOWN, Health.IDLE}
        return self.can_start_demo and is_away
