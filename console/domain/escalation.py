"""One thing that waits for a person, as a row (:class:`Waiting`) and in full (:class:`Escalation`).

Invariant: the digest is computed from the content (:func:`console.domain.digest.escalation_digest`), never taken on
trust; a row's digest only tells that something moved.
"""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime

from console.domain.canonical import Json, canonical
from console.domain.identity import Person, Role
from console.domain.risk import Risk
from console.domain.run import RunRef, TrailEntry


class Kind(enum.StrEnum):
    """Why something waits: at a step of a run, or because a person stepped in and a person has to end it.

    A ``command`` does not wait: it is what a person may do at any time, and in no list.
    """

    CHECKPOINT = "checkpoint"
    QUESTION = "question"
    DOUBT = "doubt"
    FAILURE = "failure"
    CONFLICT = "conflict"
    VIOLATION = "violation"
    STUCK = "stuck"
    INTERVENTION = "intervention"
    COMMAND = "command"


class Verdict(enum.StrEnum):
    """What a person may say to it.

    ``WITHDRAW`` takes back one's own approval while more are needed. It is never among an escalation's ``verdicts``,
    which are part of what is signed: whether it is open follows from the approvals.
    """

    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"
    ANSWER = "answer"
    REROUTE = "reroute"
    RETRY = "retry"
    SKIP = "skip"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"
    PAUSE = "pause"
    RESUME = "resume"
    RESET = "reset"
    COMPLETE = "complete"


INTERVENING = frozenset({Verdict.PAUSE, Verdict.RESUME, Verdict.RESET, Verdict.COMPLETE})
COMMAND_SIGN = "@"


@dataclass(frozen=True, slots=True)
class EscalationKey:
    """Names one escalation for ever: a wait that re-opens under the same native id has another ``occurrence``.

    The native id of what a person may do at any time begins with :data:`COMMAND_SIGN`.
    """

    run: RunRef
    native_id: str
    occurrence: int

    @property
    def is_command(self) -> bool:
        """Whether it names what a person may do at any time, waiting or not."""
        return self.native_id.startswith(COMMAND_SIGN)

    @property
    def item_id(self) -> str:
        """Twelve hexadecimal digits, stable everywhere: what people type and rows are stored under."""
        parts = [
            self.run.server,
            self.run.run_id,
            self.run.chain_id,
            self.native_id,
            str(self.occurrence),
        ]
        return hashlib.sha256(canonical(parts)).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Claim:
    """“I am on it”: advisory, until it ends or is renewed."""

    by: Person
    until: datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """What a person said about an item, kept with it."""

    by: Person
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a row of the inbox needs; a complete list of these is cheap to fetch and to keep.

    ``resource`` names what it is about, where two runs must not act on it side by side; empty where nothing is named.
    ``approved_by`` are the ids of the persons who have approved it and ``initiator`` is who asked for it: neither may
    give the next approval. In a row that comes with its item both may be empty; see :attr:`Escalation.listed`.
    ``failure`` is the beginning of what went wrong, where something did.
    """

    key: EscalationKey
    kind: Kind
    title: str
    workflow: str
    agent: str
    risk: Risk
    opened_at: datetime
    due_at: datetime | None = None
    digest: str = ""
    business_key: str = ""
    approvals: int = 0
    required_approvals: int = 1
    claim: Claim | None = None
    problem: str = ""
    resource: str = ""
    approved_by: tuple[str, ...] = ()
    initiator: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of what a proposal changes, as words and numbers ready to read."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What an agent wants to do. ``schema`` is the JSON Schema of ``arguments``; ``unit`` names what is at stake."""

    tool: str
    arguments: dict[str, Json]
    resource: str
    summary: str
    changes: tuple[Change, ...] = ()
    is_reversible: bool = False
    reversal: str = ""
    schema: dict[str, Json] = field(default_factory=dict)
    critical_name: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule that asked for a person, with the numbers that tripped it, in words."""

    name: str
    version: int
    text: str


class TargetKind(enum.StrEnum):
    """What work can be rerouted to."""

    AGENT = "agent"
    STEP = "step"
    TEAM = "team"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Target:
    """A place that work can be rerouted to."""

    kind: TargetKind
    target_id: str
    label: str


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """What a verdict or a failure reaches."""

    steps: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's approval of a proposal that needs several. ``changes`` is what an edit of theirs made different."""

    by: Person
    at: datetime
    decision_id: str
    digest: str
    reason: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the runs in a conflict, with what it proposes. ``at`` is when, ``revision`` its state's then.

    ``targets`` are where its work can go if it loses; ``is_holder`` says that it had the resource first.
    """

    run: RunRef
    title: str
    workflow: str
    agent: str
    owner: str
    step: str
    proposal: Proposal
    at: datetime
    risk: Risk
    business_key: str = ""
    confidence: float | None = None
    caveats: tuple[str, ...] = ()
    revision: int = 0
    targets: tuple[Target, ...] = ()
    is_holder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Everything a person needs in order to decide.

    ``opened_in`` is the engine's own run id at opening, part of what is signed. ``step`` is where the run waits;
    ``schema`` describes the answer to a question; ``problem`` says what could not be read, and then nothing that needs
    it can be approved. ``initiator`` may not approve their own request. ``sides`` are the runs of a conflict;
    ``contest`` says in words who else wants what this proposes; ``revision`` is the run's state when it was proposed.
    ``handed_to`` is who was asked when it fell due, which changes nothing about who may decide; ``expires_at`` is when
    its run rejects it by itself, if ever.
    """

    row: Waiting
    opened_in: str
    step: str
    owner: str
    verdicts: tuple[Verdict, ...]
    proposal: Proposal | None = None
    question: str = ""
    schema: dict[str, Json] = field(default_factory=dict)
    suggestion: Json = None
    rule: Rule | None = None
    gate: str = ""
    confidence: float | None = None
    caveats: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    roles: tuple[Role, ...] = (Role.OPERATOR, Role.SUPERVISOR)
    initiator: str = ""
    approvals: tuple[Approval, ...] = ()
    blast: BlastRadius = BlastRadius()
    led_here: tuple[TrailEntry, ...] = ()
    comments: tuple[Comment, ...] = ()
    failure: str = ""
    handed_to: Target | None = None
    expires_at: datetime | None = None
    sides: tuple[Side, ...] = ()
    contest: str = ""
    revision: int | None = None

    @property
    def key(self) -> EscalationKey:
        """The key of its row."""
        return self.row.key

    @property
    def listed(self) -> Waiting:
        """Its row as a list shows it without the item: with who has approved it and who asked for it."""
        approved_by = tuple(dict.fromkeys(approval.by.person_id for approval in self.approvals))
        return replace(self.row, approved_by=approved_by, initiator=self.initiator)
