"""What the desk shows to screens and the command line: frozen pictures of what the store holds, with their age."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from console.services.surroundings import UNREAD, Surroundings

if TYPE_CHECKING:
    # Types only: the window needs the names of this module before it is painted, and nothing of these.
    from console.domain.decision import Decision, DecisionState
    from console.domain.escalation import Change, Escalation, Kind, Waiting
    from console.domain.identity import Person
    from console.domain.listing import RunRow
    from console.domain.pauses import Pause
    from console.domain.receipt import Receipt
    from console.domain.risk import Risk
    from console.engines.port import Capabilities, Server


class Urgency(enum.IntEnum):
    """The groups of the inbox, in their order."""

    OVERDUE = 0
    DUE_SOON = 1
    WAITING = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxQuery:
    """What of the inbox is wanted; empty filters let everything through.

    ``text`` is in the language of :mod:`console.domain.search`; its words are matched in title, workflow, agent,
    business key, connection name and all that was read of the item, and an item's id finds the item.
    ``needs_signature`` leaves what others approved in part and this person may approve next.
    """

    text: str = ""
    risks: frozenset[Risk] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    connection_ids: frozenset[str] = frozenset()
    is_mine: bool = False
    is_unclaimed: bool = False
    needs_signature: bool = False
    limit: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """One waiting item. ``read_at`` is when the engine last said so; ``is_stale`` when that is too long ago."""

    item_id: str
    waiting: Waiting
    connection_id: str
    connection: str
    urgency: Urgency
    first_seen_at: datetime
    read_at: datetime
    is_stale: bool = False
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class InboxPage:
    """The first ``len(rows)`` of ``total`` items that match, by urgency, then risk, then time left.

    Items that this desk has decided are in no row and no count, unless the decision did not go through and they wait
    again. The counts are of what matches; ``all_waiting`` of everything, ``to_sign`` of what waits for this person's
    signature after another's, ``snoozed`` of what is put off, the first of it until ``wakes_at``.
    ``problems`` say what of the query's text could not be read.
    """

    rows: tuple[InboxRow, ...]
    total: int
    by_urgency: dict[Urgency, int] = field(default_factory=dict)
    by_risk: dict[Risk, int] = field(default_factory=dict)
    all_waiting: int = 0
    to_sign: int = 0
    snoozed: int = 0
    wakes_at: datetime | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What happened since ``left_at``: new items that still wait by risk, items that fell due, items that wait no more.

    ``decisions`` counts this desk's decisions that moved meanwhile, by where they are now.
    """

    left_at: datetime
    new: dict[Risk, int] = field(default_factory=dict)
    overdue: int = 0
    gone: int = 0
    decisions: dict[DecisionState, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.new or self.overdue or self.gone or self.decisions)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """What the next person at the desk should know, the first few of each; ``decided`` counts the last twelve hours."""

    at: datetime
    by: Person
    urgent: tuple[InboxRow, ...] = ()
    overdue: tuple[InboxRow, ...] = ()
    mine: tuple[InboxRow, ...] = ()
    put_off: tuple[InboxRow, ...] = ()
    open_ended: tuple[DecisionView, ...] = ()
    troubled: tuple[ConnectionView, ...] = ()
    decided: int = 0
    waiting: int = 0


class Health(enum.StrEnum):
    """How a connection is doing."""

    CONNECTING = "connecting"
    LIVE = "live"
    SLOW = "slow"
    IDLE = "server up, no worker"
    DOWN = "down"
    DENIED = "denied"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionConfig:
    """What a person enters.

    ``settings`` are the engine's own, without secrets; those lie in the keyring under ``connection_id`` and the names
    in ``secret_names``.
    """

    connection_id: str
    name: str
    kind: str
    settings: dict[str, str | bool | int | None] = field(default_factory=dict)
    secret_names: tuple[str, ...] = ()
    is_paused: bool = False
    is_demo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionView:
    """A connection with how it does; ``message`` and ``next_action`` are for a person to read when it is not live.

    ``standing`` is how this desk's key stands there, as far as that is checked and was told.
    """

    config: ConnectionConfig
    health: Health
    message: str = ""
    next_action: str = ""
    newest_at: datetime | None = None
    server: Server | None = None
    capabilities: Capabilities | None = None
    waiting: int = 0
    standing: KeyStanding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What a decision refers to, as it was shown then; empty where that is not kept any more.

    ``changes`` are the lines of an edit, ``to`` names where it was rerouted, ``sides`` are run id and agent of the two
    sides of a conflict.
    """

    changes: tuple[Change, ...] = ()
    to: str = ""
    sides: tuple[tuple[str, str], ...] = ()
    required_approvals: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """A decision with where it is. ``title`` and ``risk`` are those of the item when it was decided.

    ``held_for`` is the seconds of undo that are left (none unless held); ``message`` and ``next_action`` say what
    became of it and what to do, where it did not go through; ``changed_at`` is when it entered its state.
    """

    decision: Decision
    item_id: str
    connection_id: str
    connection: str
    title: str
    risk: Risk
    state: DecisionState
    changed_at: datetime
    held_for: float | None = None
    receipt: Receipt | None = None
    message: str = ""
    next_action: str = ""
    history: tuple[tuple[DecisionState, datetime], ...] = ()
    meant: Meant = Meant()


@dataclass(frozen=True, slots=True)
class DecidedPage:
    """The first decisions that match, newest first, and how many match in all."""

    decisions: tuple[DecisionView, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One item as the review pane needs it. ``escalation`` is ``None`` until it was read in full once.

    ``is_open`` is false once nothing waits there any more; ``decision`` is this desk's latest decision on it; ``error``
    says why it could not be read just now, ``read_at`` how old what is shown is. ``is_fully_shown`` is for the screen
    to compute, not here. ``rivals`` are other open items about the same resource, of any connection, and ``lately``
    what this desk decided on others about it within a day, newest first; ``meanwhile`` is what it decided on other
    items of the same run, or of the runs of both sides, while an item waited that is closed now; ``revision`` is that
    of the run's state when it was read last, where the item tells at which one it was proposed. ``around`` is what was
    read around it by now.
    """

    item_id: str
    row: InboxRow | None
    escalation: Escalation | None
    digest: str
    connection: ConnectionView
    is_open: bool
    read_at: datetime | None
    decision: DecisionView | None = None
    error: str = ""
    rivals: tuple[InboxRow, ...] = ()
    lately: tuple[DecisionView, ...] = ()
    meanwhile: tuple[DecisionView, ...] = ()
    revision: int | None = None
    around: Surroundings = UNREAD


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseView:
    """Something that is paused on a connection; ``is_ending`` once this desk has decided that it goes on."""

    pause: Pause
    connection_id: str
    connection: str
    is_ending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run with the connection that told of it, and when. ``is_stale`` where that is too long ago, or it is away.

    ``pause`` is what holds it up, where something that is paused does.
    """

    run: RunRow
    connection_id: str
    connection: str
    read_at: datetime
    is_stale: bool = False
    pause: Pause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSource:
    """How one connection answered. ``read_at`` is ``None`` until it has listed its runs once.

    ``total`` counts the runs that are wanted there, where the engine counts; ``error`` says why it was not read anew,
    ``missing`` that nobody does the work there.
    """

    connection_id: str
    connection: str
    health: Health
    read_at: datetime | None = None
    total: int | None = None
    shown: int = 0
    has_more: bool = False
    is_reading: bool = False
    error: str = ""
    next_action: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsView:
    """The runs of all connections, each of them newest movement first, and how each answered."""

    lines: tuple[RunLine, ...] = ()
    sources: tuple[RunSource, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunbookNote:
    """What a person wrote beside a kind of failure. ``used`` and ``worked`` count what was done about such since."""

    text: str
    by: str
    at: datetime
    used: int = 0
    worked: int = 0


class Enrolment(enum.StrEnum):
    """Whether this desk's key counts where keys are checked."""

    VALID = "valid"
    ENDED = "ended"
    UNKNOWN = "not enrolled"
    OTHER_KEY = "another key of this person is enrolled"


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """How this desk's key stands with one connection. ``key_id`` and ``since`` are of the key that is enrolled there.

    ``reason`` is why the own key ended, if somebody said so; ``ending`` how, when, by whom and why, in words.
    """

    connection: str
    enrolment: Enrolment
    key_id: str = ""
    since: datetime | None = None
    reason: str = ""
    connection_id: str = ""
    ending: str = ""


class CheckResult(enum.StrEnum):
    """How one line of a connection's test ended."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a connection's test, with what to do about it."""

    result: CheckResult
    text: str
    next_action: str = ""
    took_ms: int | None = None


@dataclass(frozen=True, slots=True)
class InboxChanged:
    """The waiting items changed; read a page again."""

    connection_id: str


@dataclass(frozen=True, slots=True)
class ItemChanged:
    """One item was read again, closed, claimed or decided."""

    item_id: str


@dataclass(frozen=True, slots=True)
class DecisionChanged:
    """A decision entered another state."""

    decision_id: str
    item_id: str


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """A connection's health, freshness or settings changed."""

    connection_id: str


@dataclass(frozen=True, slots=True)
class AuditChecked:
    """The audit was verified; ``fault`` says in words where it is broken, and is empty where it is whole."""

    fault: str = ""


@dataclass(frozen=True, slots=True)
class IdentityChanged:
    """This desk signs with another key from now on, or keeps it elsewhere."""


@dataclass(frozen=True, slots=True)
class RunsChanged:
    """A connection's runs were listed anew, or could not be."""

    connection_id: str


Event = InboxChanged | ItemChanged | DecisionChanged | ConnectionChanged | AuditChecked | IdentityChanged | RunsChanged
