"""What a run and its activities say to each other: the call of an agent, its outcome, an execution and its effect.

Invariant: everything here is JSON of frozen data; a result that carries a trail has it under ``trail``, where whoever
reads the history finds it (:class:`console.tower.wire.TrailBearing`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from pydantic import Field

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.escalation import Change
from console.domain.identity import Person
from console.domain.receipt import Effect
from console.domain.registry import RegistryEntry
from console.domain.results import result_hash
from console.tower.plan import Plan
from console.tower.wire import CONTINUE_AFTER_UPDATES, OWN_ACTIVITY_PREFIX, TrailBearing
from console.verify.decisions import Evidence

_Bearing = TypeVar("_Bearing", bound=TrailBearing)
IDENTIFY_ACTIVITY = OWN_ACTIVITY_PREFIX + "identify"
EXECUTE_ACTIVITY = OWN_ACTIVITY_PREFIX + "execute"
NOTE_ACTIVITY = OWN_ACTIVITY_PREFIX + "note"
ALERT_ACTIVITY = OWN_ACTIVITY_PREFIX + "alert"
AUTHORISE_ACTIVITY = OWN_ACTIVITY_PREFIX + "authorise"
ADMIT_ACTIVITY = OWN_ACTIVITY_PREFIX + "admit"


class FailureType:
    """The types of errors that activities end with, told apart by what the run does next."""

    VIOLATION = "Violation"
    FAILED = "Failed"
    WORKER_STOPS = "WorkerStops"
    LEASE_LOST = "LeaseLost"
    PAUSED = "Paused"


@dataclass(frozen=True, slots=True)
class Proposed:
    """What an agent wants done. Resource, reversibility and schema come from the tool, not from the agent."""

    tool: str
    arguments: dict[str, Json]
    summary: str
    changes: tuple[Change, ...] = ()
    critical_name: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What an agent needs to know. The answer, an object that fits ``schema``, becomes the fact ``key``."""

    key: str
    text: str
    schema: dict[str, Json]
    suggestion: Json = None


@dataclass(frozen=True, slots=True)
class RunNames:
    """How activities name the run they work for."""

    run_id: str
    chain_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCall:
    """The argument of an agent's activity: the state it is handed, with what those before it handed over.

    ``note`` is what a person or a guardrail said about the turn before; ``made_by`` names the step that set each fact.
    """

    run: RunNames
    plan: str
    step: str
    agent: str
    occurrence: int
    attempt: int
    time_limit: float
    parameters: dict[str, Json]
    state: dict[str, Json]
    made_by: dict[str, str] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()
    note: str = ""
    prev: str = ""


class Outcome(TrailBearing):
    """What an agent returns: findings and proposals, never an act.

    ``patch`` sets facts, ``relied_on`` are the keys it read, ``heard_caveats`` and ``heard_questions`` the texts that
    it read of those handed over; ``calls`` are hashes of its tool calls (for the budget of equal ones); ``back_to``
    sends the work to an earlier step; ``led_here`` are indexes of the entries that matter.
    """

    patch: dict[str, Json] = Field(default_factory=dict)
    relied_on: tuple[str, ...] = ()
    heard_caveats: tuple[str, ...] = ()
    heard_questions: tuple[str, ...] = ()
    proposals: tuple[Proposed, ...] = ()
    question: Question | None = None
    back_to: str = ""
    confidence: float | None = None
    caveats: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    tokens: int = 0
    cost: float = 0.0
    led_here: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteCall:
    """The executor's argument. ``effect_id`` is the idempotency key; ``decision_id`` is empty if nobody was asked.

    ``evidence`` are the approvals, which the executor checks once more; ``initiator`` is who asked for the run.
    ``token`` is what the run was given with the lease on what the tool touches; 0 where it holds none.
    """

    run: RunNames
    plan: str
    step: str
    agent: str
    attempt: int
    effect_id: str
    tool: str
    arguments: dict[str, Json]
    parameters: dict[str, Json]
    decision_id: str
    time_limit: float
    evidence: tuple[Evidence, ...] = ()
    initiator: str = ""
    token: int = 0
    prev: str = ""


class Executed(TrailBearing):
    """What the executor returns."""

    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoriseCall:
    """A decision whose signer is asked for. ``approved_by`` are the keys of those who approved the same before."""

    decision: Decision
    initiator: str
    approved_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorised:
    """Whom the registry knows a decision to be from; ``None`` with a refusal's code where it does not count."""

    by: Person | None
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryStart:
    """The argument of the key registry: the log so far, at least the entry that opens it."""

    entries: tuple[RegistryEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitCall:
    """A log of keys, and the entry that should follow."""

    entries: tuple[RegistryEntry, ...]
    entry: RegistryEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCall:
    """What the run itself did to a step, to be kept in its trail: a history holds what activities return."""

    step: str
    occurrence: int
    at: datetime
    title: str
    text: str = ""
    prev: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What the outside is told of an escalation: nothing of what it says. ``prev`` is the head of the run's chain."""

    item_id: str
    server: str
    step: str
    risk: str
    workflow: str
    due_at: datetime | None
    prev: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStart:
    """The argument of a run. ``started_by`` is a person's id, who then may not approve what it proposes.

    ``carried`` is a run's whole state (JSON of :class:`console.tower.book.Book`) when it continues as new, which it
    does after ``continue_after`` updates at the latest.
    """

    plan: Plan
    title: str
    business_key: str
    started_by: str
    parameters: dict[str, Json] = field(default_factory=dict)
    continue_after: int = CONTINUE_AFTER_UPDATES
    carried: dict[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """What a run returns: how it ended, in one word and one sentence."""

    status: str
    message: str
    ended_at: datetime
    facts: dict[str, Json] = field(default_factory=dict)


def linked(result: _Bearing, prev: str) -> _Bearing:
    """The result, bound to the head of the run's chain that it was called with."""
    content = result.model_dump(mode="json", exclude={"prev", "hash"})
    return result.model_copy(update={"prev": prev, "hash": result_hash(prev, content)})
