"""Deadlines: what becomes of an item that nobody decided in time.

Invariant: time raises urgency and asks others and, where the plan says so, rejects; it never approves, and never
changes who may decide. A deadline that passed while no worker ran does not count, since nobody could decide: the item
gets its time anew, and the trail says so. Pure, as the course is; whoever drives it wakes it at :func:`next_at`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.domain.escalation import Escalation
from console.domain.run import RunStatus, Standing
from console.tower import openings
from console.tower.book import Phase
from console.tower.messages import NoteCall
from console.tower.plan import OnReject

if TYPE_CHECKING:
    from console.tower.course import Course

BY_THE_PLAN = "the plan's deadline"


def next_at(course: Course) -> datetime | None:
    """When the next deadline passes, of those that something follows from."""
    return min((at for one in course.book.open.values() if (at := _following(course, one))), default=None)


def keep(course: Course) -> None:
    """Do what follows from every deadline that has passed."""
    grace = timedelta(minutes=course.plan.policy.grace_minutes)
    for step_id, escalation in tuple(course.book.open.items()):
        at = _following(course, escalation)
        if at is None or at > course.now() or course.book.open.get(step_id) is not escalation:
            continue
        if course.now() - at > grace:
            _count_anew(course, escalation, at)
        elif course.book.steps[step_id].handed_at is None:
            _hand_on(course, escalation, at)
        else:
            _reject(course, escalation, at)


def _following(course: Course, escalation: Escalation) -> datetime | None:
    is_handed_on = course.book.steps[escalation.step].handed_at is not None
    return escalation.expires_at if is_handed_on else escalation.row.due_at


def _hand_on(course: Course, escalation: Escalation, at: datetime) -> None:
    to = course.plan.policy.overdue_to
    course.book.steps[escalation.step].handed_at = course.now()
    _replace(course, openings.expiring(course, replace(escalation, handed_to=to)))
    text = f"It was due at {_clock(at)} and nobody has decided. It still waits: a deadline approves nothing."
    _note(course, escalation, f"Overdue, handed to {to.label}: {escalation.row.title}", text)


def _count_anew(course: Course, escalation: Escalation, at: datetime) -> None:
    state, row = course.book.steps[escalation.step], escalation.row
    state.counted_from, state.handed_at = course.now(), None
    due_at = course.plan.policy.due_at(row.risk, course.now())
    again = replace(escalation, row=replace(row, due_at=due_at), handed_to=None)
    _replace(course, openings.expiring(course, again))
    text = (
        f"No worker ran at {_clock(at)}, when its time was up, so nobody could decide. It is due at {_clock(due_at)}."
    )
    _note(course, escalation, f"Due anew: {row.title}", text)


def _reject(course: Course, escalation: Escalation, at: datetime) -> None:
    step_id, title = escalation.step, escalation.row.title
    spec, state = course.state(step_id)
    text = f"Nobody decided by {_clock(at)}, so it was rejected, as the plan says."
    _note(course, escalation, f"Rejected by {BY_THE_PLAN}: {title}", text)
    openings.close(course, step_id, text)
    course.conclude(step_id, {"outcome": "rejected", "by": BY_THE_PLAN, "reason": text}, Standing.DECIDED)
    if spec.on_reject is OnReject.HALT:
        state.phase, state.ended_at, state.message = Phase.SKIPPED, course.now(), f"Rejected by {BY_THE_PLAN}"
        course.end(RunStatus.COMPLETED, f"“{title}” was rejected by {BY_THE_PLAN}.")
    else:
        state.turn += 1
        course.next_proposal(step_id)


def _replace(course: Course, escalation: Escalation) -> None:
    course.book.open[escalation.step] = escalation
    course.book.moved_at = course.now()


def _note(course: Course, escalation: Escalation, title: str, text: str) -> None:
    occurrence = escalation.key.occurrence
    course.book.notes.append(
        NoteCall(step=escalation.step, occurrence=occurrence, at=course.now(), title=title, text=text)
    )


def _clock(at: datetime) -> str:
    return f"{at:%H:%M} UTC on {at.day} {at:%B}"
