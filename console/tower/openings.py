"""Opening escalations, each with what a person needs to decide: why, what follows, what led here, and until when.

Invariant: every opening of a step has the next occurrence, and its row carries the digest of exactly what is asked.
A step has at most one open escalation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from console.domain.canonical import Json
from console.domain.digest import escalation_digest
from console.domain.escalation import (
    BlastRadius,
    Escalation,
    EscalationKey,
    Kind,
    Proposal,
    Rule,
    Verdict,
    Waiting,
)
from console.domain.identity import Role
from console.domain.receipt import Outcome as Became
from console.domain.risk import Risk
from console.domain.run import Standing, TrailEntry
from console.tower import leased
from console.tower.book import Phase
from console.tower.messages import Outcome, Question
from console.tower.plan import Gate
from console.tower.policy import DECIDERS, Weight

if TYPE_CHECKING:
    from console.tower.course import Course

UNSTICKERS = (Role.OPERATOR, Role.RESPONDER, Role.SUPERVISOR)
MAX_TITLE = 200
MAX_LED_HERE = 6
MAX_EXCERPT = 400
MAX_FAILURE = 2_000
_V = Verdict
_ENTRY = TypeAdapter(TrailEntry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What differs between the kinds of escalations."""

    kind: Kind
    title: str
    verdicts: tuple[Verdict, ...]
    risk: Risk
    rule: Rule | None
    roles: tuple[Role, ...] = DECIDERS
    required: int = 1
    proposal: Proposal | None = None
    question: str = ""
    schema: dict[str, Json] | None = None
    suggestion: Json = None
    gate: str = ""
    failure: str = ""


def checkpoint(course: Course, step_id: str, weight: Weight) -> None:
    """A gate is reached, planned or by consequence: ask for the approvals that the proposal weighs."""
    _open(course, step_id, _proposal_asked(course, step_id, weight, Kind.CHECKPOINT, weight.rule))


def doubt(course: Course, step_id: str, weight: Weight | None = None) -> None:
    """The agent is not sure: ask about its proposal, or, where it has none, about the findings held back."""
    spec, state = course.state(step_id)
    rule = Rule(
        "confidence-floor",
        1,
        f"Below {spec.floor:.0%} confidence a person decides. {state.agent} is {state.confidence or 0:.0%} sure."
        + (f" {weight.rule.text}" if weight else ""),
    )
    if weight is not None:
        weight = replace(weight, risk=max(weight.risk, Risk.MEDIUM))
        asked = _proposal_asked(course, step_id, weight, Kind.DOUBT, rule)
        _open(course, step_id, replace(asked, verdicts=(_V.APPROVE, _V.EDIT, _V.REJECT, _V.RETRY, *asked.verdicts[3:])))
        return
    asked = Asking(
        kind=Kind.DOUBT,
        title=f"{spec.title}: {state.agent} is {state.confidence or 0:.0%} sure",
        verdicts=(_V.APPROVE, _V.RETRY, *_ways_on(course, step_id), _V.CANCEL),
        risk=Risk.MEDIUM,
        rule=rule,
        suggestion=state.held_back,
    )
    _open(course, step_id, asked)


def question(course: Course, step_id: str, asked: Question) -> None:
    """The agent needs to know something that its data do not tell."""
    asking = Asking(
        kind=Kind.QUESTION,
        title=asked.text,
        verdicts=(_V.ANSWER, *_ways_on(course, step_id), _V.SKIP, _V.CANCEL),
        risk=Risk.MEDIUM,
        rule=Rule("no-guessing", 1, "An agent asks for what its data do not tell; it may not guess."),
        question=asked.text,
        schema=asked.schema,
        suggestion=asked.suggestion,
    )
    _open(course, step_id, asking)


def failure(course: Course, step_id: str, message: str, attempts: int) -> None:
    """A step gave up. What was to be executed is shown and, on retry, executed under the same key."""
    spec, state = course.state(step_id)
    proposal = state.proposals[state.turn] if state.phase is Phase.EXECUTE else None
    weight = course.weight(step_id, proposal) if proposal else None
    state.after_failure = state.phase
    what = proposal.summary if proposal else spec.title
    asking = Asking(
        kind=Kind.FAILURE,
        title=f"{what} failed {attempts} times" if attempts > 1 else f"{what} failed",
        verdicts=(_V.RETRY, *_ways_on(course, step_id), _V.SKIP, _V.CANCEL),
        risk=weight.risk if weight else Risk.MEDIUM,
        rule=Rule("attempts", 1, f"After {attempts} failed attempts a person decides."),
        roles=weight.roles if weight and weight.approvals else UNSTICKERS,
        proposal=proposal,
        failure=message[:MAX_FAILURE],
    )
    _open(course, step_id, asking)


def violation(course: Course, step_id: str, message: str) -> None:
    """The agent left its bounds, or its act met the executor's. The proposal is shown and cannot be approved."""
    _, state = course.state(step_id)
    proposal = state.proposals[state.turn] if state.turn < len(state.proposals) else None
    state.after_failure = Phase.AGENT
    what = proposal.summary if proposal else course.plan.step(step_id).title
    asking = Asking(
        kind=Kind.VIOLATION,
        title=f"Not executed: {what}" if state.phase is Phase.EXECUTE else f"{state.agent} left its bounds: {what}",
        verdicts=(_V.REJECT, _V.RETRY, *_ways_on(course, step_id), _V.CANCEL),
        risk=Risk.HIGH,
        rule=Rule("bounds", 1, f"{message} It was not executed."),
        roles=UNSTICKERS,
        proposal=proposal,
        failure=message[:MAX_FAILURE],
    )
    _open(course, step_id, asking)


def stuck(course: Course, step_id: str, rule: Rule) -> None:
    """A budget is passed: ask whether the run should go on. Retry grants the budget anew."""
    spec, state = course.state(step_id)
    state.after_failure = Phase.AGENT
    asking = Asking(
        kind=Kind.STUCK,
        title=f"{spec.title} makes no progress: {rule.name.removeprefix('budget-').replace('-', ' ')} used up",
        verdicts=(_V.RETRY, *_ways_on(course, step_id), _V.SKIP, _V.CANCEL),
        risk=Risk.MEDIUM,
        rule=rule,
        roles=UNSTICKERS,
        failure=rule.text,
    )
    _open(course, step_id, asking)


def weighed_anew(course: Course, escalation: Escalation, proposal: Proposal) -> Escalation:
    """The escalation about an edited proposal: weighed, due and signed anew, and approved by nobody yet."""
    weight = course.weight(escalation.step, proposal)
    gate = course.plan.step(escalation.step).gate
    required = max(1, weight.approvals, gate.approvals if gate else 0)
    since = course.book.steps[escalation.step].counted_from or escalation.row.opened_at
    risk = max(weight.risk, Risk.MEDIUM) if escalation.row.kind is Kind.DOUBT else weight.risk
    row = replace(
        escalation.row,
        title=proposal.summary[:MAX_TITLE],
        risk=risk,
        due_at=course.plan.policy.due_at(risk, since),
        approvals=0,
        required_approvals=required,
    )
    blast = replace(escalation.blast, resources=(proposal.resource,))
    edited = replace(
        escalation,
        row=row,
        proposal=proposal,
        rule=weight.rule,
        roles=deciders(weight, gate),
        approvals=(),
        blast=blast,
    )
    return signed(expiring(course, edited))


def close(course: Course, step_id: str, message: str) -> None:
    """What waits at a step no longer does; approvals given to it are superseded."""
    if escalation := course.book.open.pop(step_id, None):
        given = [approval.decision_id for approval in escalation.approvals]
        course.book.settle(given, Became.SUPERSEDED, course.now(), message)
        course.book.steps[step_id].granted = ()


def excerpt(outcome: Outcome) -> tuple[TrailEntry, ...]:
    """The entries of a trail that its agent says matter, cut to what a review pane shows."""
    found: list[TrailEntry] = []
    for index in outcome.led_here[-MAX_LED_HERE:]:
        try:
            entry = _ENTRY.validate_python(outcome.trail[index])
        except (ValidationError, IndexError):
            continue
        found.append(replace(entry, title=entry.title[:MAX_TITLE], text=entry.text[:MAX_EXCERPT], data={}))
    return tuple(found)


def _proposal_asked(course: Course, step_id: str, weight: Weight, kind: Kind, rule: Rule) -> Asking:
    spec, state = course.state(step_id)
    proposal = state.proposals[state.turn]
    gate = spec.gate
    return Asking(
        kind=kind,
        title=proposal.summary,
        verdicts=(_V.APPROVE, _V.EDIT, _V.REJECT, *_ways_on(course, step_id), _V.CANCEL),
        risk=weight.risk,
        rule=rule,
        roles=deciders(weight, gate),
        required=max(1, weight.approvals, gate.approvals if gate else 0),
        proposal=proposal,
        gate=gate.name if gate else "",
    )


def deciders(weight: Weight, gate: Gate | None) -> tuple[Role, ...]:
    """Who may decide by the policy and, where the gate is planned, by the plan."""
    if gate is None:
        return weight.roles
    return tuple(role for role in weight.roles if role in gate.roles) or gate.roles


def _ways_on(course: Course, step_id: str) -> tuple[Verdict, ...]:
    return (_V.REROUTE,) if course.plan.step(step_id).reroute else ()


def _open(course: Course, step_id: str, asking: Asking) -> None:
    spec, state = course.state(step_id)
    now = course.now()
    state.openings += 1
    state.counted_from, state.handed_at = now, None
    state.phase = Phase.GATE
    if asking.proposal is not None and asking.kind in {Kind.CHECKPOINT, Kind.DOUBT}:
        course.conclude(step_id, {"outcome": "pending", "proposed": asking.proposal.summary}, Standing.PENDING)
    carried_caveats, carried_questions = course.carried(step_id)
    behind = course.plan.behind(step_id)
    escalation = Escalation(
        row=_row(course, step_id, asking, now),
        opened_in=course.execution_id,
        step=step_id,
        owner=course.plan.agent(state.agent).owner,
        verdicts=asking.verdicts,
        proposal=asking.proposal,
        question=asking.question,
        schema=asking.schema or {},
        suggestion=asking.suggestion,
        rule=asking.rule,
        gate=asking.gate,
        confidence=state.confidence,
        caveats=tuple(dict.fromkeys((*carried_caveats, *state.caveats, *filter(None, [state.overtaken])))),
        open_questions=tuple(dict.fromkeys((*carried_questions, *state.open_questions))),
        targets=tuple(target for target in spec.reroute if target.target_id != state.agent),
        roles=asking.roles,
        initiator=course.start.started_by,
        blast=BlastRadius(
            steps=behind,
            runs=leased.others(course, step_id),
            resources=(asking.proposal.resource,) if asking.proposal else (),
        ),
        led_here=_led_here(course, step_id),
        failure=asking.failure,
        contest=leased.contest(course, step_id),
        revision=course.book.record.revision if asking.proposal is not None else None,
    )
    if not escalation.targets:
        verdicts = tuple(verdict for verdict in escalation.verdicts if verdict is not Verdict.REROUTE)
        escalation = replace(escalation, verdicts=verdicts)
    course.book.open[step_id] = signed(expiring(course, escalation))
    course.book.moved_at = now


def expiring(course: Course, escalation: Escalation) -> Escalation:
    """The escalation with the time at which its gate rejects it by itself, counted from when it fell due; mostly none.

    What fell due while nobody was told yet counts from when it was handed on.
    """
    gate, state = course.plan.step(escalation.step).gate, course.book.steps[escalation.step]
    due_at = escalation.row.due_at
    if due_at is None or gate is None or gate.reject_after_minutes is None or not escalation.gate:
        return escalation
    since = max(due_at, state.handed_at or due_at)
    return replace(escalation, expires_at=since + timedelta(minutes=gate.reject_after_minutes))


def signed(escalation: Escalation) -> Escalation:
    """The escalation with its own digest on its row."""
    return replace(escalation, row=replace(escalation.row, digest=escalation_digest(escalation)))


def _row(course: Course, step_id: str, asking: Asking, now: datetime) -> Waiting:
    state = course.book.steps[step_id]
    return Waiting(
        key=EscalationKey(course.ref, step_id, state.openings),
        kind=asking.kind,
        title=asking.title[:MAX_TITLE],
        workflow=course.plan.name,
        agent=state.agent,
        risk=asking.risk,
        opened_at=now,
        due_at=course.plan.policy.due_at(asking.risk, now),
        business_key=course.start.business_key[:MAX_TITLE],
        required_approvals=asking.required,
        resource=(leased.needed(course, step_id) or asking.proposal.resource)[:MAX_TITLE] if asking.proposal else "",
        failure=asking.failure[:MAX_TITLE],
    )


def _led_here(course: Course, step_id: str) -> tuple[TrailEntry, ...]:
    steps = [one for one in course.plan.order() if one in course.plan.before(step_id)]
    entries = [entry for one in (*steps, step_id) for entry in course.book.steps[one].led_here]
    return tuple(entries[-MAX_LED_HERE:])
