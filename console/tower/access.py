"""Who may do what at each step, and what was done: grants from the plan, the rest from what the run recorded.

Invariant: nothing is taken from an agent's word. A resource counts as read once a lookup of it came back, also in an
attempt that failed afterwards, and as written once the executor has said so. What an attempt did that was lost with its
worker is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from console.domain.canonical import Json
from console.domain.run import Access, Breach, Touch, TrailEntry, TrailKind
from console.tower import bounds
from console.tower.book import Book, Touched
from console.tower.plan import AgentSpec

if TYPE_CHECKING:
    from console.tower.course import Course

MAX_TOUCHES = 40
MAX_BREACHES = 20
MAX_NAME = 200
MAX_WHY = 500
_ENTRY = TypeAdapter(TrailEntry)


def note_trail(book: Book, step_id: str, trail: Iterable[Mapping[str, Json]]) -> bool:
    """Note the lookups of an attempt, those that were refused as well. Returns whether any was."""
    is_breached = False
    for raw in trail:
        try:
            entry = _ENTRY.validate_python(raw)
        except ValidationError:
            continue
        tool, resource = str(entry.data.get("tool", "")), str(entry.data.get("resource", ""))
        if entry.kind is TrailKind.TOOL_CALL and resource and not entry.is_failed:
            notes = _notes(book, step_id)
            notes.left_out += not _touch(notes.read, resource, tool, entry.at)
        elif entry.kind is TrailKind.GUARDRAIL and entry.is_failed:
            is_breached = True
            note_breach(book, step_id, entry.text, tool, resource, entry.at)
    return is_breached


def note_effect(book: Book, step_id: str, resource: str, tool: str, at: datetime) -> None:
    """Note what the executor has written."""
    notes = _notes(book, step_id)
    notes.left_out += not _touch(notes.written, resource, tool, at)


def note_breach(book: Book, step_id: str, why: str, tool: str, resource: str, at: datetime | None) -> None:
    """Note what was asked for and not done; the latest are kept."""
    notes = _notes(book, step_id)
    notes.breaches.append(Breach(why=why[:MAX_WHY], tool=tool[:MAX_NAME], resource=resource[:MAX_NAME], at=at))
    notes.left_out += len(notes.breaches) > MAX_BREACHES
    del notes.breaches[:-MAX_BREACHES]


def access(course: Course) -> list[Access]:
    """Every step with the agent that has it, and with those that had it before and did something."""
    found: list[Access] = []
    for step_id in course.plan.order():
        now = course.book.steps[step_id].agent
        done = course.book.touched.get(step_id, {})
        before = [_access(course, step_id, name, notes) for name, notes in done.items() if name != now]
        found += [*before, _access(course, step_id, now, done.get(now, Touched()))]
    return found


def _access(course: Course, step_id: str, name: str, notes: Touched) -> Access:
    agent = course.plan.agent(name)
    return Access(
        step_id=step_id,
        agent=agent.name,
        owner=agent.owner,
        is_now=name == course.book.steps[step_id].agent,
        tools=agent.tools,
        reads=_scope(course, agent, acts=False),
        writes=_scope(course, agent, acts=True),
        alone_up_to=agent.alone_up_to,
        read=tuple(notes.read),
        written=tuple(notes.written),
        breaches=tuple(notes.breaches),
        left_out=notes.left_out,
    )


def _scope(course: Course, agent: AgentSpec, *, acts: bool) -> tuple[str, ...]:
    try:
        return bounds.scope(agent, course.start.parameters, acts=acts)
    except ValueError:
        return ()  # without its parameter a pattern covers nothing: every call is a breach


def _notes(book: Book, step_id: str) -> Touched:
    return book.touched.setdefault(step_id, {}).setdefault(book.steps[step_id].agent, Touched())


def _touch(touches: list[Touch], resource: str, tool: str, at: datetime | None) -> bool:
    """Count one touch. Returns whether there was room for it."""
    resource, tool = resource[:MAX_NAME], tool[:MAX_NAME]
    for place, one in enumerate(touches):
        if (one.resource, one.tool) == (resource, tool):
            touches[place] = replace(one, times=one.times + 1, at=at)
            return True
    if len(touches) >= MAX_TOUCHES:
        return False
    touches.append(Touch(resource=resource, tool=tool, at=at))
    return True
