"""What the outside sees of a run: replies to queries, memo and search attributes, computed from the book.

Invariant: within the caps of the server. A search attribute holds a count, a kind, a time or a short name, never a
list that grows; the memo at most ``MEMO_ROWS`` rows, most urgent first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from console.domain.escalation import Escalation, Kind, Waiting
from console.domain.run import Run, RunStatus, Step, StepStatus
from console.tower import budgets, leased, wire
from console.tower import commands as offers
from console.tower.book import STEP_STATUS, Phase
from console.tower.course import Course

MAX_WORD = 200
WORKING = frozenset({Phase.AGENT, Phase.LEASE, Phase.EXECUTE})
_ROW = TypeAdapter(Waiting)
_ESCALATION = TypeAdapter(Escalation)
_KEYS: dict[str, Callable[[str], SearchAttributeKey[Any]]] = {
    "Keyword": SearchAttributeKey.for_keyword,
    "KeywordList": SearchAttributeKey.for_keyword_list,
    "Int": SearchAttributeKey.for_int,
    "Datetime": SearchAttributeKey.for_datetime,
}


def status(course: Course) -> RunStatus:
    """What the run is doing, in one word."""
    if course.book.ending is not None:
        return course.book.ending
    if any(escalation.row.kind is Kind.STUCK for escalation in course.book.open.values()):
        return RunStatus.STUCK
    if pausing(course):
        return RunStatus.PAUSED
    is_held_up = any(leased.is_held_up(course, one) for one in course.book.steps)
    is_working = any(one in WORKING and not leased.is_held_up(course, step_id) for step_id, one in _phases(course))
    return RunStatus.WAITS if (course.book.open or is_held_up) and not is_working else RunStatus.RUNNING


def header(course: Course) -> wire.HeaderReply:
    """The header of the run."""
    book, start = course.book, course.start
    waiting = urgent(course)
    why = pausing(course) or (_why(course, waiting[0]) if waiting else book.ending_message or _held_up(course))
    run = Run(
        ref=course.ref,
        title=start.title,
        workflow=start.plan.name,
        status=status(course),
        attempt_id=course.execution_id,
        business_key=start.business_key,
        started_by=start.started_by,
        owner=start.plan.owner,
        started_at=book.started_at,
        closed_at=book.ended_at,
        moved_at=book.moved_at,
        revision=book.record.revision,
        tokens=book.tokens,
        cost=round(book.cost, 4),
        why_not_moving=why,
        waiting=tuple(row.key.item_id for row in waiting),
        budgets=budgets.standing(start.plan.budgets, book.usage),
        trail_head=book.links.head,
        trail_links=book.links.count,
    )
    return wire.HeaderReply(run=run)


def steps(course: Course) -> wire.StepsReply:
    """The steps of the plan in order, with what became of each."""
    return wire.StepsReply(steps=[_step(course, step_id) for step_id in course.plan.order()])


def state(course: Course, revision: int | None) -> wire.StateReply:
    """The state at a revision. Raises :class:`LookupError` for one that is not kept."""
    number, at, facts = course.book.record.at_revision(revision)
    return wire.StateReply(revision=number, at=at, facts=list(facts), waiting=list(urgent(course)))


def escalations(course: Course) -> wire.EscalationsReply:
    """Everything that waits, in full."""
    items = [_ESCALATION.dump_python(item, mode="json") for item in course.book.waiting()]
    return wire.EscalationsReply(run_id=course.execution_id, items=items)


def commands(course: Course, native_ids: Sequence[str]) -> wire.EscalationsReply:
    """What a person may do at any time, of those asked for; all of a run where none is named."""
    named = [course.command(course, one) for one in native_ids] if native_ids else list(offers.offered(course))
    items = [_ESCALATION.dump_python(item, mode="json") for item in named if item is not None]
    return wire.EscalationsReply(run_id=course.execution_id, items=items)


def urgent(course: Course) -> tuple[Waiting, ...]:
    """The rows of what waits, highest risk first, then soonest due."""
    rows = [escalation.listed for escalation in course.book.waiting()]
    return tuple(sorted(rows, key=lambda row: (-row.risk, row.due_at or row.opened_at, row.key.native_id)))


def memo(course: Course) -> wire.RunMemo:
    """What a list shows of the run."""
    rows = urgent(course)
    return wire.RunMemo(
        title=course.start.title[:MAX_WORD],
        plan=course.plan.name,
        business_key=course.start.business_key[:MAX_WORD],
        run_id=course.execution_id,
        revision=course.book.record.revision,
        more=max(0, len(rows) - wire.MEMO_ROWS),
        rows=[_ROW.dump_python(row, mode="json") for row in rows[: wire.MEMO_ROWS]],
    )


def attributes(course: Course) -> dict[str, Any]:
    """Search attributes by name; ``None`` is unset. ``ClearanceChangedAt`` is the publisher's to add."""
    rows = urgent(course)
    asked = [row.claim.by.person_id for row in rows if row.claim is not None]
    asked += [one.handed_to.target_id for one in course.book.open.values() if one.handed_to is not None]
    dues = [row.due_at for row in rows if row.due_at is not None]
    return {
        "ClearanceStatus": str(status(course)),
        "ClearancePlan": course.plan.name[:MAX_WORD],
        "ClearanceKinds": sorted({str(row.kind) for row in rows}),
        "ClearanceOpen": len(rows),
        "ClearanceRisk": max((int(row.risk) for row in rows), default=0),
        "ClearanceDue": min(dues, default=None),
        "ClearanceOpenedAt": max((row.opened_at for row in rows), default=None),
        "ClearanceAssignee": asked[0][:MAX_WORD] if asked else None,
        "ClearanceBusinessKey": course.start.business_key[:MAX_WORD] or None,
    }


def update_of(name: str, value: Any) -> SearchAttributeUpdate[Any]:  # noqa: ANN401  # of one of four types
    """The change of one attribute; times lose what is below a millisecond, as the server keeps no more."""
    attribute = _KEYS[wire.SEARCH_ATTRIBUTES[name]](name)
    if value is None or value == []:
        return attribute.value_unset()
    if isinstance(value, datetime):
        value = value.replace(microsecond=value.microsecond // 1000 * 1000)
    return attribute.value_set(value)


def _why(course: Course, row: Waiting) -> str:
    found = course.book.find(row.key)
    if found is None or found.handed_to is None:
        return f"Waits for a person: {row.title}"
    return f"Overdue, handed to {found.handed_to.label}: {row.title}"


def _phases(course: Course) -> list[tuple[str, Phase]]:
    return [(step_id, state.phase) for step_id, state in course.book.steps.items()]


def pausing(course: Course) -> str:
    """What is paused, where that holds up the run or one of its steps."""
    if course.book.ending is not None:
        return ""
    return course.book.paused or next((state.held for state in course.book.steps.values() if state.held), "")


def _held_up(course: Course) -> str:
    """Whom the run waits for, where that is another run."""
    held_up = (one for one in course.book.steps if leased.is_held_up(course, one))
    return next((course.book.steps[one].message for one in held_up), "")


def _step(course: Course, step_id: str) -> Step:
    spec, step_state = course.state(step_id)
    shown = STEP_STATUS[step_state.phase]
    waits = course.book.open.get(step_id)
    if waits is not None and waits.row.kind in {Kind.FAILURE, Kind.STUCK, Kind.VIOLATION}:
        shown = StepStatus.FAILED
    agent = course.plan.agent(step_state.agent)
    return Step(
        step_id=step_id,
        title=spec.title,
        agent=agent.name,
        owner=agent.owner,
        status=shown,
        occurrence=max(1, step_state.occurrence),
        attempts=step_state.attempts,
        after=spec.after,
        has_gate=spec.gate is not None or bool(spec.tools),
        confidence=step_state.confidence,
        started_at=step_state.started_at,
        ended_at=step_state.ended_at,
        message=waits.row.title if waits is not None else step_state.held or step_state.message,
    )
