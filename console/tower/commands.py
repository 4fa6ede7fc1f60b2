"""What a person may do to a run at any time: try again now, start a step anew, complete it by hand, cancel it all.

Each is an item like those that wait, made from the book when somebody asks. Invariants: its digest covers what it would
do to the run as it is now, so that a command signed before the run moved counts no more; what has acted is never run
again; what is at work is left to end; completing by hand takes whom the step's own proposals would take.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from console.domain.canonical import Json
from console.domain.escalation import (
    COMMAND_SIGN,
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
from console.tower import leased, openings
from console.tower.book import Phase
from console.tower.policy import DECIDERS

if TYPE_CHECKING:
    from console.tower.course import Course

TOOL = "clearance."
CANCEL, RETRY, RESET, COMPLETE = "cancel", "retry", "reset", "complete"
ON_STEPS = (RETRY, COMPLETE, RESET)
MOST_NAMED = 5
AT_WORK = frozenset({Phase.AGENT, Phase.LEASE, Phase.EXECUTE})
BEGUN = AT_WORK | {Phase.GATE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What differs between commands. ``covers`` is all that the digest binds to."""

    native_id: str
    verdict: Verdict
    title: str
    text: str
    risk: Risk
    covers: dict[str, Json]
    step: str = ""
    steps: tuple[str, ...] = ()
    resource: str = ""
    roles: tuple[Role, ...] = openings.UNSTICKERS
    required: int = 1
    initiator: str = ""
    workflow: str = ""
    agent: str = ""


def offered(course: Course) -> tuple[Escalation, ...]:
    """All that can be done to the run now."""
    native_ids = [f"{COMMAND_SIGN}{act}/{step_id}" for step_id in course.plan.order() for act in ON_STEPS]
    found = (command(course, one) for one in (*native_ids, f"{COMMAND_SIGN}{CANCEL}"))
    return tuple(one for one in found if one is not None)


def command(course: Course, native_id: str) -> Escalation | None:
    """One of them as it is now, with the approvals that it has; ``None`` where it cannot be done."""
    act, _, step_id = native_id.removeprefix(COMMAND_SIGN).partition("/")
    if course.book.ending is not None:
        return None
    if act == CANCEL and not step_id:
        return item(course, _cancel(course))
    make = {RETRY: _retry, RESET: _reset, COMPLETE: _complete}.get(act)
    if make is None or step_id not in course.book.steps:
        return None
    made = make(course, step_id)
    if made is None:
        return None
    offer = item(course, made)
    kept = course.book.interventions.get(native_id)
    return kept if kept is not None and kept.row.digest == offer.row.digest else offer


def item(course: Course, made: Command) -> Escalation:
    """A command as a person sees and signs it."""
    key = EscalationKey(course.ref, made.native_id, course.book.taken.get(made.native_id, 0) + 1)
    agent = made.agent or (course.book.steps[made.step].agent if made.step else "")
    row = Waiting(
        key=key,
        kind=Kind.COMMAND,
        title=made.title[: openings.MAX_TITLE],
        workflow=made.workflow or course.plan.name,
        agent=agent,
        risk=made.risk,
        opened_at=course.book.moved_at,
        business_key=course.start.business_key[: openings.MAX_TITLE],
        required_approvals=made.required,
    )
    verdicts = (made.verdict, Verdict.REJECT) if made.required > 1 else (made.verdict,)
    offer = Escalation(
        row=row,
        opened_in=course.execution_id,
        step=made.step,
        owner=course.plan.owner,
        verdicts=verdicts,
        proposal=Proposal(
            tool=TOOL + str(made.verdict),
            arguments=made.covers,
            resource=made.resource or f"runs/{course.ref.run_id}",
            summary=made.title[: openings.MAX_TITLE],
        ),
        rule=Rule(str(made.verdict), 1, made.text),
        roles=made.roles,
        initiator=made.initiator,
        blast=BlastRadius(steps=made.steps),
    )
    return openings.signed(offer)


def taken(course: Course, escalation: Escalation) -> None:
    """The command was carried out, or waits no more: what comes next under its name is another one."""
    native_id = escalation.key.native_id
    course.book.interventions.pop(native_id, None)
    course.book.taken[native_id] = escalation.key.occurrence


def prune(course: Course) -> None:
    """Close what half the persons approved and the run has moved on from."""
    for native_id, kept in tuple(course.book.interventions.items()):
        if course.command(course, native_id) is not kept:
            given = [approval.decision_id for approval in kept.approvals]
            course.book.settle(given, Became.SUPERSEDED, course.now(), "The run has moved on meanwhile.")
            taken(course, kept)


def to_restart(course: Course, step_id: str) -> tuple[str, ...]:
    """The steps that start anew with this one: itself, and all behind it that have begun."""
    behind = (one for one in course.plan.behind(step_id) if course.book.steps[one].phase is not Phase.TODO)
    return (step_id, *behind)


def _retry(course: Course, step_id: str) -> Command | None:
    spec, state = course.state(step_id)
    if state.phase not in AT_WORK or not _is_resting(course, step_id):
        return None
    why = state.held or state.message
    return Command(
        native_id=f"{COMMAND_SIGN}{RETRY}/{step_id}",
        verdict=Verdict.RETRY,
        title=f"Try “{spec.title}”{_of(course)} again now",
        text=f"It waits before its next attempt{f': {why}' if why else '.'}",
        risk=Risk.LOW,
        covers={"step": step_id, "occurrence": state.occurrence, "attempts": state.attempts},
        step=step_id,
    )


def _reset(course: Course, step_id: str) -> Command | None:
    spec, steps = course.plan.step(step_id), to_restart(course, step_id)
    states = {one: course.book.steps[one] for one in steps}
    if states[step_id].phase is Phase.TODO or any(state.acted or state.is_acting for state in states.values()):
        return None
    if any(state.phase in AT_WORK and not _is_resting(course, one) for one, state in states.items()):
        return None
    names = ", ".join(course.plan.step(one).title for one in steps)
    them, acted = ("it", "it has not acted") if len(steps) == 1 else ("them", "none of them has acted")
    return Command(
        native_id=f"{COMMAND_SIGN}{RESET}/{step_id}",
        verdict=Verdict.RESET,
        title=f"Start again at “{spec.title}”{_of(course)}",
        text=f"Run anew: {names}. What was approved for {them} counts no more; {acted}.",
        risk=Risk.MEDIUM,
        covers={"step": step_id, "occurrences": {one: state.occurrence for one, state in states.items()}},
        step=step_id,
        steps=steps,
    )


def _complete(course: Course, step_id: str) -> Command | None:
    spec, state = course.state(step_id)
    if state.phase not in BEGUN or (state.phase in AT_WORK and not _is_resting(course, step_id)):
        return None
    left = state.proposals[state.turn :]
    what = "; ".join(proposal.summary for proposal in left) or spec.title
    risk, required, roles = _weight(course, step_id, left)
    doubt = " An attempt under way may have done it already: look before you say so." if state.is_acting else ""
    covers: dict[str, Json] = {"step": step_id, "occurrence": state.occurrence}
    if len(left) == 1:
        covers |= {"tool": left[0].tool, "arguments": left[0].arguments}
    elif left:
        covers["proposals"] = [{"tool": one.tool, "arguments": one.arguments} for one in left]
    return Command(
        native_id=f"{COMMAND_SIGN}{COMPLETE}/{step_id}",
        verdict=Verdict.COMPLETE,
        title=f"Complete “{spec.title}”{_of(course)} by hand",
        text=f"You say that a person has done it: {what}. The run executes nothing of it and goes on.{doubt}"
        f" {_found(course, step_id)}",
        risk=risk,
        covers=covers,
        step=step_id,
        steps=course.plan.behind(step_id),
        resource=left[0].resource if left else "",
        roles=roles,
        required=required,
        initiator=course.start.started_by,
    )


def _of(course: Course) -> str:
    """Which run a step is of: what was decided is read elsewhere, too."""
    return f" of run {course.ref.run_id}"


def _found(course: Course, step_id: str) -> str:
    """What the state gets of a step that a person completes, and which later steps read it: no plan tells the rest."""
    plan, facts = course.plan, course.book.record.facts
    name = plan.step(step_id).result or step_id
    told = f"Nothing that the step would find is put in the state; only how it was done is, as “{name}”."
    behind = [plan.step(one) for one in plan.behind(step_id)]
    if not behind:
        return told
    missing = dict.fromkeys(key for spec in behind for key in spec.reads if key not in facts and key != name)
    titles = _named(spec.title for spec in behind if not missing or missing.keys() & set(spec.reads))
    if missing:
        return f"{told} It lacks {_named(missing)}, which {titles} read."
    return f"{told} {titles} read the state, and fail where they need what is not there."


def _named(names: Iterable[str]) -> str:
    shown = [f"“{name}”" for name in names]
    more = f" and {len(shown) - MOST_NAMED} more" if len(shown) > MOST_NAMED else ""
    return ", ".join(shown[:MOST_NAMED]) + more


def _cancel(course: Course) -> Command:
    return Command(
        native_id=f"{COMMAND_SIGN}{CANCEL}",
        verdict=Verdict.CANCEL,
        title=f"Cancel run {course.ref.run_id}",
        text="No further step is taken. What is being executed ends; what was done stays done. "
        "It cannot be taken back.",
        risk=Risk.MEDIUM,
        covers={"run": course.ref.run_id},
        steps=tuple(one for one, state in course.book.steps.items() if not state.phase.is_over),
    )


def _weight(course: Course, step_id: str, left: tuple[Proposal, ...]) -> tuple[Risk, int, tuple[Role, ...]]:
    """What the step's gate would ask: for its proposals or, before there are any, for the most that its tools do."""
    spec = course.plan.step(step_id)
    gate = spec.gate
    weights = [course.weight(step_id, proposal) for proposal in left]
    if not left and spec.tools:
        clauses = [one for one in course.plan.policy.clauses if any(fnmatchcase(tool, one.tool) for tool in spec.tools)]
        heaviest = max(clauses, key=lambda one: (one.risk, one.approvals), default=None)
        risk, required = (heaviest.risk, heaviest.approvals) if heaviest else (Risk.HIGH, 1)
        roles = heaviest.roles if heaviest else (Role.SUPERVISOR,)
    elif weights:
        heavy = max(weights, key=lambda one: (one.risk, one.approvals))
        risk, required, roles = heavy.risk, heavy.approvals, openings.deciders(heavy, gate)
    else:
        risk, required, roles = Risk.MEDIUM, 1, DECIDERS
    return max(risk, Risk.MEDIUM), max(1, required, gate.approvals if gate else 0), roles


def _is_resting(course: Course, step_id: str) -> bool:
    """Whether nothing runs for a step that is under way: it waits out a failure, a pause, or another run."""
    state = course.book.steps[step_id]
    is_waiting = state.not_before is not None and state.not_before > course.now()
    return bool(state.held) or is_waiting or leased.is_held_up(course, step_id)


def approved(escalation: Escalation) -> Escalation:
    """A command that one person approved and another has to, so that it waits for that one."""
    return replace(escalation, row=replace(escalation.row, kind=Kind.INTERVENTION))
