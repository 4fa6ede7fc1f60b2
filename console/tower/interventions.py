"""What a person's intervention makes of a run, once it is known to count. Pure.

Invariant: an approval that was given before a reset is given to nothing that comes after it; a step completed by hand
is never executed by the run.
"""

from __future__ import annotations

from dataclasses import replace

from console.domain.canonical import Json, canonical
from console.domain.decision import Decision
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Approval, Change, Escalation, Verdict
from console.domain.pauses import Scope
from console.domain.receipt import Outcome
from console.domain.run import RunStatus, Standing
from console.tower import commands, openings
from console.tower.book import Phase
from console.tower.control_calls import Standing as Word
from console.tower.course import Course
from console.tower.messages import NoteCall

RESULT = "result"


def check(escalation: Escalation, decision: Decision) -> None:
    """Raise :class:`Refused` for what a command cannot take."""
    if decision.verdict is not Verdict.COMPLETE:
        return
    if not isinstance(_result(decision), dict):
        raise Refused("“result” has to be an object.", code=RefusalCode.INVALID_PAYLOAD)
    if not decision.reason.strip():
        raise Refused("Say how it was done: a reason is missing.", code=RefusalCode.INVALID_PAYLOAD)
    for approval in escalation.approvals:
        if approval.changes != _said(decision):
            name = approval.by.name
            raise Refused(f"{name} completed it with another result.", code=RefusalCode.INVALID_PAYLOAD)


def apply(course: Course, escalation: Escalation, decision: Decision) -> None:
    """Do to the run what was decided."""
    _APPLY[decision.verdict](course, escalation, decision)


def told(course: Course, word: Word) -> None:
    """Take the control's word: the run is paused, or what held its steps up may be over."""
    book, now = course.book, course.now()
    is_own = word.native_id == Scope.RUN.native_id(course.ref.run_id)
    if is_own and book.paused != word.text:
        book.paused = word.text
        title = "Paused" if word.text else "Resumed"
        book.notes.append(NoteCall(step="", occurrence=book.links.count, at=now, title=title, text=word.text))
    if not word.text:
        for state in book.steps.values():
            if state.held:
                state.not_before, state.holds = None, 0


def _retry(course: Course, escalation: Escalation, decision: Decision) -> None:
    state = course.book.steps[escalation.step]
    state.not_before = None
    commands.taken(course, escalation)
    course.book.carrying[decision.decision_id] = f"“{course.plan.step(escalation.step).title}” is tried again."


def _reset(course: Course, escalation: Escalation, decision: Decision) -> None:
    message = f"Started again by {decision.by.name}"
    steps = commands.to_restart(course, escalation.step)
    for step_id in steps:
        state = course.book.steps[step_id]
        course.drop_answers(state, f"{message}: it will be asked anew.")
        course.restart(step_id, message, decision.reason if step_id == escalation.step else "")
        state.held, state.holds = "", 0
        if step_id != escalation.step:
            state.phase = Phase.TODO
    commands.taken(course, escalation)
    course.book.carrying[decision.decision_id] = f"{len(steps)} steps start anew." if steps[1:] else "It starts anew."


def _complete(course: Course, escalation: Escalation, decision: Decision) -> None:
    approval = Approval(
        by=decision.by,
        at=course.now(),
        decision_id=decision.decision_id,
        digest=escalation.row.digest,
        reason=decision.reason,
        changes=_said(decision),
    )
    approvals = (*escalation.approvals, approval)
    row = replace(escalation.row, approvals=len({one.by.person_id for one in approvals}))
    given = [one.decision_id for one in approvals]
    is_granted = row.approvals >= row.required_approvals
    for decision_id in given:
        course.book.receipts[decision_id] = replace(
            course.book.receipts[decision_id],
            outcome=Outcome.CONFIRMED if is_granted else Outcome.HALF_GRANTED,
            approvals=row.approvals,
        )
    if not is_granted:
        course.book.put(commands.approved(replace(escalation, row=row, approvals=approvals)))
        return
    step_id = escalation.step
    spec, state = course.state(step_id)
    names = " and ".join(one.by.name for one in approvals)
    openings.close(course, step_id, f"{names} did it by hand.")
    course.drop_answers(state, f"{names} did it by hand.")
    state.held, state.holds, state.not_before = "", 0, None
    done: dict[str, Json] = {"outcome": "done by hand", "by": names, "reason": decision.reason}
    course.apply(step_id, _result(decision) or {}, Standing.DECIDED)
    course.conclude(step_id, done, Standing.DECIDED)
    course.over(step_id, Phase.DONE, f"“{spec.title}” was done by hand by {names}: {decision.reason}")
    commands.taken(course, escalation)
    for decision_id in given:
        course.book.carrying[decision_id] = f"{names} did it by hand; the run goes on."


def _reject(course: Course, escalation: Escalation, decision: Decision) -> None:
    given = [approval.decision_id for approval in escalation.approvals]
    course.book.settle(given, Outcome.SUPERSEDED, course.now(), f"{decision.by.name} rejected it.")
    commands.taken(course, escalation)
    course.book.carrying[decision.decision_id] = "It was not completed by hand; the step waits as before."


def _cancel(course: Course, escalation: Escalation, decision: Decision) -> None:
    commands.taken(course, escalation)
    because = f": {decision.reason}" if decision.reason else ""
    course.end(RunStatus.CANCELLED, f"Cancelled by {decision.by.name}{because}")
    course.book.carrying[decision.decision_id] = "The run has ended."


_APPLY = {
    Verdict.RETRY: _retry,
    Verdict.RESET: _reset,
    Verdict.COMPLETE: _complete,
    Verdict.REJECT: _reject,
    Verdict.CANCEL: _cancel,
}


def _result(decision: Decision) -> dict[str, Json] | None:
    """The facts that a person gives as the step's findings; ``None`` for what is no object."""
    result = decision.payload.get(RESULT, {})
    return result if isinstance(result, dict) else None


def _said(decision: Decision) -> tuple[Change, ...]:
    """What all who complete a step have to agree on: the facts that they give, as lines."""
    return tuple(Change(name, "", canonical(value).decode()) for name, value in (_result(decision) or {}).items())
