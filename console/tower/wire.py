"""The contract between the tower's workflows and whoever talks to them: names, caps and messages, with a version.

Messages hold the domain's own frozen dataclasses, validated by pydantic at both ends. What a newer side adds is ignored
by an older one; what changes its meaning raises :data:`WIRE_VERSION`.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.escalation import Comment, EscalationKey, Waiting
from console.domain.identity import Person
from console.domain.pauses import Scope
from console.domain.receipt import Receipt
from console.domain.registry import RegistryEntry
from console.domain.results import Links
from console.domain.run import Access, Fact, HandOff, Run, Step

WIRE_VERSION = 1

RUN_WORKFLOW = "ClearanceRun"
LEASE_WORKFLOW = "ClearanceLease"
REGISTRY_WORKFLOW = "ClearanceRegistry"
REGISTRY_ID = "clearance-registry"
CONTROL_WORKFLOW = "ClearanceControl"
CONTROL_ID = "clearance-control"
OWN_ACTIVITY_PREFIX = "clearance."
TASK_QUEUE = "clearance"

# Search attributes: to find runs by. Counts, kinds and times only; they are stored in the clear and capped in size.
SEARCH_ATTRIBUTES = {
    "ClearanceStatus": "Keyword",
    "ClearancePlan": "Keyword",
    "ClearanceKinds": "KeywordList",
    "ClearanceOpen": "Int",
    "ClearanceRisk": "Int",
    "ClearanceDue": "Datetime",
    "ClearanceChangedAt": "Datetime",
    "ClearanceOpenedAt": "Datetime",
    "ClearanceAssignee": "Keyword",
    "ClearanceBusinessKey": "Keyword",
}
MEMO_KEY = "clearance"
MEMO_ROWS = 20
MAX_OPEN_ESCALATIONS = 50
MAX_UPDATES_IN_FLIGHT = 8
CONTINUE_AFTER_UPDATES = 1_500

UPDATE_DECIDE = "decide"
UPDATE_CLAIM = "claim"
UPDATE_RELEASE = "release"
UPDATE_COMMENT = "comment"
UPDATE_ADMIT = "admit"

# Between runs and the leases on what they touch, nobody else's to send.
UPDATE_WANT = "want"
SIGNAL_GIVE_BACK = "give_back"
SIGNAL_LEASE = "lease"

# Between workers, runs and the control over what is paused.
SIGNAL_HELD = "held"
SIGNAL_CONTROL = "control"

QUERY_HEADER = "header"
QUERY_ESCALATIONS = "escalations"
QUERY_RECEIPT = "receipt"
QUERY_REFUSALS = "refusals"
QUERY_STATE = "state"
QUERY_STEPS = "steps"
QUERY_HAND_OFFS = "hand_offs"
QUERY_PAYLOAD = "payload"
QUERY_LINKS = "links"
QUERY_ACCESS = "access"
QUERY_KEYS = "keys"
QUERY_COMMANDS = "commands"
QUERY_PAUSES = "pauses"


def server_identity(cluster_id: str, namespace_id: str) -> str:
    """A Temporal namespace's own identity, from ``GetClusterInfo`` and ``DescribeNamespace``; it outlives restarts."""
    return f"temporal:{cluster_id}:{namespace_id}"


def scopes(run_id: str, plan: str, agent: str) -> tuple[str, ...]:
    """Every scope that what an agent does in a run belongs to."""
    return (
        Scope.ALL.native_id(),
        Scope.PLAN.native_id(plan),
        Scope.AGENT.native_id(agent),
        Scope.RUN.native_id(run_id),
    )


class Message(BaseModel):
    """What every message has: frozen, with the version of its sender."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    version: int = WIRE_VERSION


class RunMemo(Message):
    """The memo of a run: what inbox rows need, so that listing takes no further call.

    ``rows`` are the most urgent open escalations (at most :data:`MEMO_ROWS`) as JSON of
    :class:`~console.domain.escalation.Waiting`; ``more`` counts those left out, to be read by query. The memo is out of
    date when ``run_id`` is not the execution's own (after a reset): then read by query. ``rows`` are decoded one by
    one, so that one bad row does not hide the others.

    ``decided`` is written once, when the run ends: the latest :data:`MEMO_ROWS` cases that people decided in it, as
    JSON of :class:`~console.domain.precedent.Precedent`, each with what became of it.
    """

    title: str = ""
    plan: str = ""
    business_key: str = ""
    run_id: str = ""
    revision: int = 0
    more: int = 0
    rows: list[dict[str, Json]] = Field(default_factory=list)
    decided: list[dict[str, Json]] = Field(default_factory=list)


class DecideRequest(Message):
    """The argument of update ``decide``; its update id is the decision's id. It returns a ``Receipt``."""

    decision: Decision


class ClaimRequest(Message):
    """The argument of update ``claim`` (and of ``release``, where ``until`` is ignored)."""

    key: EscalationKey
    by: Person
    until: datetime


class CommentRequest(Message):
    """The argument of update ``comment``."""

    key: EscalationKey
    comment: Comment


class EscalationsReply(Message):
    """The result of query ``escalations``: every open item in full, as JSON of ``Escalation``, decoded one by one."""

    run_id: str
    items: list[dict[str, Json]]


class CommandsRequest(Message):
    """The argument of query ``commands``: the native ids asked for; none asks for all that there are.

    A run knows its own; the control (:data:`CONTROL_ID`), of which there is one, answers for whatever scope is asked.
    The result is an :class:`EscalationsReply`.
    """

    native_ids: list[str] = Field(default_factory=list)


class Refusal(BaseModel):
    """The run's record of a decision that it turned down: who it claimed to be from, and why it does not count.

    ``code`` is one of :class:`~console.domain.errors.RefusalCode`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    decision_id: str
    key: EscalationKey
    verdict: str
    person_id: str
    key_id: str
    at: datetime
    code: str
    message: str


class ReceiptReply(Message):
    """The result of query ``receipt``: both ``None`` where the run has no record of that decision."""

    receipt: Receipt | None
    refusal: Refusal | None = None


class RefusalsReply(Message):
    """The result of query ``refusals``: every decision that the run turned down, oldest first."""

    refusals: list[Refusal]


class AdmitRequest(Message):
    """The argument of update ``admit`` of the key registry: an entry for its log. It returns the entry's number.

    The registry is one workflow (:data:`REGISTRY_ID`); whoever reads it checks the log from the root key on.
    """

    entry: RegistryEntry


class KeysReply(Message):
    """The result of query ``keys`` (argument: how many entries are known already): the entries after those."""

    entries: list[RegistryEntry]


class HeaderReply(Message):
    """The result of query ``header``."""

    run: Run


class StateReply(Message):
    """The result of query ``state`` (argument: a revision, or ``None`` for now)."""

    revision: int
    at: datetime | None
    facts: list[Fact]
    waiting: list[Waiting] = Field(default_factory=list)


class StepsReply(Message):
    """The result of query ``steps``."""

    steps: list[Step]


class LeaseTold(BaseModel):
    """What the engine reads of the signal ``lease`` in a run's history: how a step stands with what it needs."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    resource: str
    step: str
    standing: str
    text: str = ""
    after: str = ""


class TrailBearing(Message):
    """What the engine reads of an activity's result in a run's history: the entries it adds to the trail.

    The trail is the history itself: every activity of a run whose result has ``trail`` contributes, in order; entries
    are JSON of :class:`~console.domain.run.TrailEntry`, decoded one by one. An activity's id is
    ``step.occurrence.phase`` (the phase is ``agent`` or ``execute`` with the number of the attempt) and its type the
    agent's name, or one of the tower's own, which begin with :data:`OWN_ACTIVITY_PREFIX`. An attempt that failed has
    what it recorded in the first detail of its failure, an object with the same ``trail``.

    ``prev`` is the head of the run's chain when the activity was called and ``hash`` that of the result
    (:func:`console.domain.results.result_hash`); both are empty from a worker that binds nothing yet.
    """

    trail: list[dict[str, Json]] = Field(default_factory=list)
    prev: str = ""
    hash: str = ""


class PayloadRequest(Message):
    """The argument of query ``payload``: part of what an entry's ``whole`` names."""

    digest: str
    offset: int = 0


class PayloadReply(Message):
    """The result of query ``payload``: bytes in base64 from ``offset`` on; it is for the asker to check their hash."""

    size: int
    offset: int
    data: str


class HandOffsReply(Message):
    """The result of query ``hand_offs``, oldest first; decoded one by one."""

    hand_offs: list[HandOff]


class LinksReply(Message):
    """The result of query ``links``."""

    links: Links


class AccessReply(Message):
    """The result of query ``access``, in the order of the steps; decoded one by one."""

    access: list[Access]
