"""What the store takes and gives: frozen pictures of its rows. Loading this module loads no database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from console.domain.canonical import Json
from console.domain.decision import Decision, DecisionState
from console.domain.escalation import Escalation, Kind, Waiting
from console.domain.receipt import Receipt
from console.domain.risk import Risk
from console.domain.run import RunRef
from console.domain.search import Search

# While this desk's decision on an item is in one of these states, the item waits for nobody at this desk.
OCCUPYING = frozenset(
    {
        DecisionState.HELD,
        DecisionState.QUEUED,
        DecisionState.SENDING,
        DecisionState.UNCERTAIN,
        DecisionState.CONFIRMED,
        DecisionState.CARRIED_OUT,
    }
)
OCCUPYING_NAMES = sorted(str(state) for state in OCCUPYING)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredConnection:
    """A connection. ``server`` is the identity that answered last, ``newest_at`` when its data was last known fresh."""

    connection_id: str
    name: str
    kind: str
    settings: dict[str, str | bool | int | None] = field(default_factory=dict)
    secret_names: tuple[str, ...] = ()
    is_paused: bool = False
    is_demo: bool = False
    server: str = ""
    newest_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRow:
    """A row of the inbox. ``urgency`` is 0 overdue, 1 due soon, 2 waiting, at the time of asking."""

    item_id: str
    waiting: Waiting
    connection_id: str
    first_seen_at: datetime
    read_at: datetime
    closed_at: datetime | None = None
    is_decided: bool = False
    snoozed_until: datetime | None = None
    urgency: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFilter:
    """Which open rows. ``now`` decides urgency, which claims hold and what is put off.

    ``person_id`` is who asks; ``signer`` is the same person where they may sign, and empty otherwise.
    ``needs_signature`` leaves what was approved in part and can be approved next by them: not by who has approved it or
    asked for it. What is put off is left out unless ``search`` asks for it.
    """

    now: datetime
    search: Search = field(default_factory=Search)
    risks: frozenset[Risk] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    connection_ids: frozenset[str] = frozenset()
    is_mine: bool = False
    is_unclaimed: bool = False
    needs_signature: bool = False
    person_id: str = ""
    signer: str = ""
    limit: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPage:
    """The first rows that match, and counts: of what matches, of all that waits, of what needs one's signature.

    ``snoozed`` counts what is put off, the first of it until ``wakes_at``.
    """

    rows: tuple[StoredRow, ...]
    total: int
    by_urgency: dict[int, int]
    by_risk: dict[Risk, int]
    all_waiting: int
    to_sign: int = 0
    snoozed: int = 0
    wakes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """What changed in the inbox since a time: open rows first seen since by risk, and how many fell due or closed."""

    by_risk: dict[int, int]
    overdue: int
    gone: int


@dataclass(frozen=True, slots=True)
class Touched:
    """What a write to the inbox did: items it was told, which of them are new or look different, and closed ones."""

    told: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    unreadable: int = 0

    def __or__(self, other: Touched) -> Touched:
        return Touched(
            self.told | other.told,
            self.changed | other.changed,
            self.closed | other.closed,
            self.unreadable + other.unreadable,
        )

    def __bool__(self) -> bool:
        return bool(self.changed or self.closed)


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item in full, and the digest that a decision on it carries."""

    escalation: Escalation
    digest: str
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """What is to be recorded. ``make`` builds and signs the decision, given the head of the audit chain."""

    item_id: str
    digest: str
    connection_id: str
    connection: str
    title: str
    risk: Risk
    state: DecisionState
    holder: str
    at: datetime
    make: Callable[[str], Decision]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision:
    """A decision with where it is. ``holder`` names the process that holds it back for undo."""

    number: int
    decision: Decision
    item_id: str
    connection_id: str
    connection: str
    title: str
    risk: Risk
    state: DecisionState
    changed_at: datetime
    holder: str = ""
    message: str = ""
    next_action: str = ""
    receipt: Receipt | None = None
    history: tuple[tuple[DecisionState, datetime], ...] = ()

    @property
    def run(self) -> RunRef:
        """The run it is about."""
        return self.decision.key.run


@dataclass(frozen=True, slots=True)
class Moved:
    """A decision that entered another state; ``number`` counts all such moves in the store."""

    number: int
    decision_id: str
    item_id: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One link of the audit chain: ``hash`` is SHA-256 over ``prev`` and ``raw``, the exact bytes of the line."""

    number: int
    raw: bytes
    prev: str
    hash: str

    @property
    def line(self) -> str:
        """The line as text, to be read."""
        return self.raw.decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Signed:
    """The place of a signed head: the chain's name, the number of the line and its hash."""

    chain: str
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """What verifying the chain found: ``broken_at`` names the first link that does not hold, and ``fault`` how.

    ``signed_until`` is the number of the last signed head, which vouches for all lines before it.
    """

    entries: int
    broken_at: int | None = None
    fault: str = ""
    signed_until: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether every link holds."""
        return self.broken_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class AsShown:
    """Parts of an item as they were when it was decided. ``sides`` are run id and agent of a conflict's two sides."""

    required_approvals: int = 1
    arguments: dict[str, Json] = field(default_factory=dict)
    targets: tuple[tuple[str, str, str], ...] = ()
    sides: tuple[tuple[str, str], ...] = ()
