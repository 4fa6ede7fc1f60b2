"""All that a run knows, as data: steps as state machines, record, open escalations, receipts, hand-offs, usage.

Invariant: the book is the whole of a run between two phases, so that it survives continue-as-new; nothing about a run
lives anywhere else. A receipt is never removed while the run lives.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import TypeAdapter

from console.domain.canonical import Json
from console.domain.escalation import Escalation, EscalationKey, Proposal, Verdict
from console.domain.precedent import Likeness
from console.domain.receipt import Effect, Outcome, Receipt
from console.domain.results import Links, folded
from console.domain.run import Breach, HandOff, RunStatus, StepStatus, Touch, TrailEntry
from console.tower.lease_calls import GiveBack, News
from console.tower.messages import NoteCall, Question
from console.tower.record import Record
from console.tower.wire import Refusal
from console.verify.decisions import Evidence

MAX_LINKS = 2_000
_SETTLED = frozenset({Outcome.CARRIED_OUT, Outcome.FAILED, Outcome.SUPERSEDED, Outcome.REFUSED})


class Phase(enum.StrEnum):
    """Where a step is. In ``gate`` it waits for a person and nothing runs for it, in ``lease`` for its turn."""

    TODO = "todo"
    AGENT = "agent"
    GATE = "gate"
    LEASE = "lease"
    EXECUTE = "execute"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """Whether the steps behind may go on."""
        return self in {Phase.DONE, Phase.SKIPPED, Phase.FAILED}


STEP_STATUS = {
    Phase.TODO: StepStatus.TO_DO,
    Phase.AGENT: StepStatus.RUNNING,
    Phase.GATE: StepStatus.GATE,
    Phase.LEASE: StepStatus.GATE,
    Phase.EXECUTE: StepStatus.RUNNING,
    Phase.DONE: StepStatus.DONE,
    Phase.SKIPPED: StepStatus.NOT_TAKEN,
    Phase.FAILED: StepStatus.FAILED,
}


@dataclass(slots=True)
class StepState:
    """One step as data. ``occurrence`` counts how often its agent was set to work, ``openings`` its escalations.

    ``offered`` is what it was handed when its agent was set to work, until that is done. ``turn`` is where in
    ``proposals`` it is, ``acted`` how many of them were carried out, and ``is_acting`` whether the one at hand may have
    been; ``answering`` are the decisions that its next act carries out; ``granted`` are the approvals of the proposal
    at hand, as evidence for the executor; ``failed_attempts`` belong to the phase it is in; ``after_failure`` is the
    phase that a retry goes back to. The time that its open escalation has counts from ``counted_from``; it fell due,
    and was handed on, at ``handed_at``. ``held`` says what is paused, while that holds it up, and ``holds`` how
    often it has asked since.
    """

    agent: str
    phase: Phase = Phase.TODO
    occurrence: int = 0
    openings: int = 0
    attempts: int = 0
    failed_attempts: int = 0
    not_before: datetime | None = None
    after_failure: Phase = Phase.AGENT
    stale: int = 0
    handed: dict[str, int] = field(default_factory=dict)
    offered: tuple[HandOff, ...] = ()
    relied_on: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    turn: int = 0
    acted: int = 0
    is_acting: bool = False
    question: Question | None = None
    held_back: dict[str, Json] = field(default_factory=dict)
    answering: tuple[str, ...] = ()
    granted: tuple[Evidence, ...] = ()
    note: str = ""
    confidence: float | None = None
    caveats: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()
    led_here: tuple[TrailEntry, ...] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None
    message: str = ""
    lease: News | None = None
    after_lease: Phase = Phase.GATE
    overtaken: str = ""
    counted_from: datetime | None = None
    handed_at: datetime | None = None
    announced: int = 0
    held: str = ""
    holds: int = 0


@dataclass(slots=True)
class Usage:
    """What a run has used of its budgets since they were last granted; ``tokens`` and ``cost`` in all are separate."""

    steps: int = 0
    tokens: int = 0
    cost: float = 0.0
    work_seconds: float = 0.0
    calls: dict[str, int] = field(default_factory=dict)
    returns: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A case that a person decided, by the decision that ended its waiting; what became of it is on the receipt."""

    decision_id: str
    title: str
    like: Likeness
    verdict: Verdict
    confidence: float | None = None


@dataclass(slots=True)
class Touched:
    """What one agent did at one step; ``left_out`` counts what there was no room for."""

    read: list[Touch] = field(default_factory=list)
    written: list[Touch] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    left_out: int = 0


@dataclass(slots=True)
class Book:
    """A run's state. ``open`` is keyed by step: a step waits for one thing at a time; ``touched`` by step and agent.

    ``carrying`` are decisions that the run's next move carries out, with what it then says on the receipt; ``notes``
    are not in the trail yet. ``interventions`` are those that wait for a person, by native id, and ``taken`` counts the
    ones that do no longer; ``paused`` says why the run as a whole is held. ``ruled`` are the latest cases that people
    decided.
    """

    server: str
    started_at: datetime
    moved_at: datetime
    record: Record = field(default_factory=Record)
    steps: dict[str, StepState] = field(default_factory=dict)
    open: dict[str, Escalation] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    ruled: list[Ruled] = field(default_factory=list)
    hand_offs: list[HandOff] = field(default_factory=list)
    touched: dict[str, dict[str, Touched]] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    carrying: dict[str, str] = field(default_factory=dict)
    tokens: int = 0
    cost: float = 0.0
    notes: list[NoteCall] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    given_back: list[GiveBack] = field(default_factory=list)
    links: Links = field(default_factory=Links)
    interventions: dict[str, Escalation] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    paused: str = ""
    ending: RunStatus | None = None
    ending_message: str = ""
    ended_at: datetime | None = None

    def find(self, key: EscalationKey) -> Escalation | None:
        """The open escalation of that key."""
        found = self.open.get(key.native_id) or self.interventions.get(key.native_id)
        return found if found is not None and found.key == key else None

    def put(self, escalation: Escalation) -> None:
        """Keep what waits as it is now."""
        where = self.interventions if escalation.key.is_command else self.open
        where[escalation.key.native_id] = escalation

    def waiting(self) -> tuple[Escalation, ...]:
        """Everything that waits for a person."""
        return (*self.open.values(), *self.interventions.values())

    def settle(
        self, decision_ids: Iterable[str], outcome: Outcome, at: datetime, message: str, effect: Effect | None = None
    ) -> None:
        """Write what became of accepted decisions; what is settled already stays as it is."""
        for decision_id in decision_ids:
            receipt = self.receipts[decision_id]
            if receipt.outcome not in _SETTLED:
                settled_at = at if outcome in _SETTLED else None
                self.receipts[decision_id] = replace(
                    receipt, outcome=outcome, settled_at=settled_at, message=message, effect=effect
                )

    def take(self, result_hash: str) -> None:
        """Bind a result to the run's chain; one without a hash is of a worker that binds nothing yet."""
        if not result_hash:
            return
        (head,) = folded(self.links.head, [result_hash])
        taken = (*self.links.taken, result_hash)
        before = self.links.before
        if len(taken) > MAX_LINKS:
            (before,) = folded(before, taken[:1])
        self.links = Links(head, self.links.count + 1, before, taken[-MAX_LINKS:])


BOOK: TypeAdapter[Book] = TypeAdapter(Book)
