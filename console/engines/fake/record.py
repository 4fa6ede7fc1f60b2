"""What the scripted orchestrator keeps: runs, what waits in them, and what was done.

Mutable on purpose, and only touched by the server while it holds its lock; what leaves it is frozen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.escalation import (
    BlastRadius,
    Escalation,
    EscalationKey,
    Kind,
    Proposal,
    Rule,
    Side,
    Target,
    Verdict,
    Waiting,
)
from console.domain.identity import Person, Role
from console.domain.listing import RunRow
from console.domain.precedent import Likeness, Precedent, likeness
from console.domain.receipt import Outcome, Receipt
from console.domain.risk import Risk
from console.domain.run import Access, HandOff, Run, Snapshot, Step, TrailEntry
from console.engines import items

PROPOSAL_VERDICTS = (Verdict.APPROVE, Verdict.EDIT, Verdict.REJECT, Verdict.REROUTE, Verdict.CANCEL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a scripted run asks of a person. Without a ``proposal`` it is a question or whatever ``kind`` says."""

    title: str = "Refund €240 to ACME GmbH"
    kind: Kind = Kind.CHECKPOINT
    risk: Risk = Risk.LOW
    agent: str = "refunds"
    owner: str = "Finance operations"
    step: str = "refund"
    proposal: Proposal | None = None
    question: str = ""
    schema: Mapping[str, Json] = field(default_factory=dict)
    suggestion: Json = None
    verdicts: tuple[Verdict, ...] = PROPOSAL_VERDICTS
    required_approvals: int = 1
    roles: tuple[Role, ...] = (Role.OPERATOR, Role.SUPERVISOR)
    initiator: str = ""
    targets: tuple[Target, ...] = ()
    rule: Rule | None = None
    confidence: float | None = None
    caveats: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()
    led_here: tuple[TrailEntry, ...] = ()
    failure: str = ""
    blast: BlastRadius = field(default_factory=BlastRadius)
    sides: tuple[Side, ...] = ()
    contest: str = ""
    revision: int | None = None
    resource: str = ""
    due_in: timedelta | None = None
    handed_to: Target | None = None
    expires_in: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One decision that took effect; ``arguments`` are those the tool was called with, empty where none was."""

    key: EscalationKey
    decision_id: str
    verdict: Verdict
    by: Person
    payload: Mapping[str, Json]
    arguments: Mapping[str, Json]


@dataclass(slots=True)
class Item:
    """One wait, open until ``ended`` says how it ended. A raw item is decoded anew whenever it is read."""

    content: Escalation
    raw: Json = None
    ended: str = ""

    def read(self) -> Escalation:
        """The item as an engine would decode it."""
        if self.raw is None:
            return self.content
        row = self.content.row
        content = items.escalation(self.raw, row.key.run, opened_at=row.opened_at)
        return dataclasses.replace(content, row=dataclasses.replace(content.row, key=row.key))

    def row(self, now: datetime) -> Waiting:
        """The item's row, without a claim that has run out."""
        if self.raw is not None:
            content = self.content.row
            listed = items.row(items.row_part(self.raw), content.key.run, opened_at=content.opened_at)
            return dataclasses.replace(listed, key=content.key, problem=content.problem or listed.problem)
        row = self.content.listed
        return dataclasses.replace(row, claim=None) if row.claim and row.claim.until <= now else row


@dataclass(slots=True)
class RunRecord:
    """One run with everything in it. Trail and snapshots are oldest first."""

    run: Run
    items: dict[tuple[str, int], Item] = field(default_factory=dict)
    decisions: dict[str, tuple[Decision, Receipt]] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    trail: list[TrailEntry] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    hand_offs: list[HandOff] = field(default_factory=list)
    access: list[Access] = field(default_factory=list)

    def open_rows(self, now: datetime) -> tuple[Waiting, ...]:
        """What waits in this run now, highest risk first."""
        rows = [item.row(now) for item in self.items.values() if not item.ended]
        rows = [row for row in rows if row.kind is not Kind.COMMAND]
        return tuple(sorted(rows, key=lambda row: (-row.risk, row.opened_at)))

    def cases(self, like: Likeness) -> list[Precedent]:
        """What was decided here on items alike, each with the verdict that ended its waiting."""
        found: dict[EscalationKey, Precedent] = {}
        for decision, receipt in self.decisions.values():
            item = self.items.get((decision.key.native_id, decision.key.occurrence))
            is_final = receipt.outcome in {Outcome.CONFIRMED, Outcome.CARRIED_OUT, Outcome.FAILED}
            if item is None or not item.ended or not is_final or likeness(item.content) != like:
                continue
            found[decision.key] = Precedent(
                run=self.run.ref,
                title=item.content.row.title,
                like=like,
                verdict=decision.verdict,
                at=receipt.accepted_at,
                outcome=receipt.outcome,
                message=receipt.effect.error if receipt.effect else receipt.message,
                ended=self.run.status,
                confidence=item.content.confidence,
            )
        return list(found.values())

    def listed(self, now: datetime) -> RunRow:
        """The run as a list shows it."""
        return RunRow(
            ref=self.run.ref,
            title=self.run.title,
            workflow=self.run.workflow,
            status=self.run.status,
            business_key=self.run.business_key,
            started_at=self.run.started_at,
            closed_at=self.run.closed_at,
            moved_at=self.run.closed_at or self.run.moved_at,
            why=self.run.why_not_moving,
            waiting=self.open_rows(now),
        )

    def next_occurrence(self, native_id: str) -> int:
        """The occurrence that a wait opened under this id now would have, from 1 on."""
        return 1 + max((occurrence for name, occurrence in self.items if name == native_id), default=0)
