"""A run and what can be read of it: steps, trail, state, hand-offs, access, budgets."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from console.domain.canonical import Json
from console.domain.risk import Risk


@dataclass(frozen=True, slots=True)
class RunRef:
    """Names one run with its whole chain of attempts, resets and continuations.

    ``server`` is the server's own identity, ``run_id`` the engine's name for the run (on Temporal the workflow id) and
    ``chain_id`` what stays the same over the chain (on Temporal the first execution's run id).
    """

    server: str
    run_id: str
    chain_id: str


class RunStatus(enum.StrEnum):
    """What a run is doing."""

    RUNNING = "running"
    WAITS = "waits"
    STUCK = "stuck"
    FAILED = "failed"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class StepStatus(enum.StrEnum):
    """What became of a step."""

    TO_DO = "to do"
    RUNNING = "running"
    GATE = "gate"
    FAILED = "failed"
    DONE = "done"
    NOT_TAKEN = "not taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One unit of a run. ``after`` names the steps before it, so that the steps of a run are its graph."""

    step_id: str
    title: str
    agent: str = ""
    owner: str = ""
    status: StepStatus = StepStatus.TO_DO
    occurrence: int = 1
    attempts: int = 0
    after: tuple[str, ...] = ()
    has_gate: bool = False
    confidence: float | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    message: str = ""


class TrailKind(enum.StrEnum):
    """What an entry of the trail records."""

    PROMPT = "prompt"
    RESPONSE = "response"
    REASONING = "reasoning"
    TOOL_CALL = "tool call"
    STATE_CHANGE = "state change"
    HAND_OFF = "hand-off"
    GUARDRAIL = "guardrail"
    RETRY = "retry"
    FAILED_ATTEMPT = "failed attempt"
    ESCALATION = "escalation"
    DECISION = "decision"
    EFFECT = "effect"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Whole:
    """What an entry is the beginning of: SHA-256 and size, in bytes, of the JSON of all of it."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Signed:
    """Which decision an entry tells of, by which key and of what: ids and digest as the run took them."""

    decision_id: str
    key_id: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEntry:
    """One recorded thing. ``data`` holds arguments and results; ``entry_id`` orders and names it within the run.

    ``signed`` is given with a decision, where the run tells which one it took.
    """

    entry_id: str
    at: datetime | None
    kind: TrailKind
    title: str
    text: str = ""
    step: str = ""
    agent: str = ""
    attempt: int = 1
    data: dict[str, Json] = field(default_factory=dict)
    tokens: int = 0
    cost: float = 0.0
    is_failed: bool = False
    whole: Whole | None = None
    signed: Signed | None = None


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Entries newest first; ``older`` asks for the page before, and is empty at the beginning of the run."""

    entries: tuple[TrailEntry, ...]
    older: str = ""
    total: int | None = None


class Standing(enum.StrEnum):
    """How sure a value of the state is."""

    KNOWN = "known"
    DECIDED = "decided"
    PENDING = "pending"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Fact:
    """One top-level value of the state, who set it and how sure it is."""

    name: str
    value: Json
    standing: Standing = Standing.KNOWN
    by_step: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a run at one revision."""

    revision: int
    at: datetime | None
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOff:
    """The context that moved over one edge, once; ``agent`` took it up, and ``owner`` answers for that agent.

    ``keys`` are the parts handed over and ``sizes`` theirs in the same order; sizes are bytes of canonical JSON, and
    ``size`` is of everything. ``used`` and ``dropped`` name parts by whether the next step read them; a part that was
    there and not handed over is dropped too. Of ``caveats`` and ``open_questions`` those that the next step never read
    stand in ``dropped_caveats`` and ``dropped_questions``. ``turn`` counts the turns of the step that took it up, and
    ``earlier`` the hand-offs over this edge before it that are no longer kept.
    """

    from_step: str
    to_step: str
    size: int
    keys: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()
    at: datetime | None = None
    sizes: tuple[int, ...] = ()
    dropped_caveats: tuple[str, ...] = ()
    dropped_questions: tuple[str, ...] = ()
    agent: str = ""
    owner: str = ""
    turn: int = 1
    earlier: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A resource that a tool read or wrote, how often, and when it last did."""

    resource: str
    tool: str
    times: int = 1
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """What was asked for and not done since it lies outside the agent's bounds; ``why`` is in words."""

    why: str
    tool: str = ""
    resource: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What one agent may do at one step, and what it did there; ``owner`` answers for the agent.

    ``tools`` are granted, ``reads`` and ``writes`` the patterns of resources with the run's parameters filled in;
    ``alone_up_to`` is the highest risk on which it acts without a person. ``read``, ``written`` and ``breaches``
    are what the run recorded, ``left_out`` counts what it could not keep. A step that was rerouted has one for each
    agent; ``is_now`` tells the one that has it.
    """

    step_id: str
    agent: str
    owner: str = ""
    is_now: bool = True
    tools: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    alone_up_to: Risk | None = None
    read: tuple[Touch, ...] = ()
    written: tuple[Touch, ...] = ()
    breaches: tuple[Breach, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a run has used of one budget since it was last granted; ``most`` names what used the most, if one does."""

    name: str
    used: float
    granted: float
    most: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The header of a run. ``attempt_id`` is the engine's id of the execution now under way (or the last one).

    ``trail_head`` is the head of the chain of what its steps returned, ``trail_links`` how many results it binds.
    """

    ref: RunRef
    title: str
    workflow: str
    status: RunStatus
    attempt_id: str = ""
    business_key: str = ""
    started_by: str = ""
    owner: str = ""
    started_at: datetime | None = None
    closed_at: datetime | None = None
    moved_at: datetime | None = None
    revision: int = 0
    tokens: int = 0
    cost: float = 0.0
    why_not_moving: str = ""
    waiting: tuple[str, ...] = ()
    budgets: tuple[Budget, ...] = ()
    trail_head: str = ""
    trail_links: int = 0
