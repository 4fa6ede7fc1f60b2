"""One event of a run's history as entries of its trail; most events are the engine's own bookkeeping and give none.

What agents and tools did stands in the results of activities (:class:`console.tower.wire.TrailBearing`), what people
decided in accepted updates, what failed in activity events. Invariants: entries are named so that their order is that
of the run, over continuations and resets as well; an unreadable entry is one entry that says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo

from console.domain.decision import Decision
from console.domain.run import Signed, TrailEntry, TrailKind
from console.engines import items
from console.engines.temporal import decode
from console.tower import wire

T = TypeVar("T")

MAX_RESULT_BYTES = 2 * 1024 * 1024
MAX_ENTRIES = 1_000
MAX_WORDS = 2_000
PENDING = "~"
RUN_DIGITS = 18

_ENTRY = TypeAdapter(TrailEntry)
_DECISION = TypeAdapter(Decision)
_COMMENT = TypeAdapter(wire.CommentRequest)
_LEASE = TypeAdapter(wire.LeaseTold)


@dataclass(frozen=True, slots=True)
class Activity:
    """What a scheduled activity is: its id is ``step.occurrence.phase`` and its type the agent's name."""

    activity_id: str
    kind: str

    @property
    def step(self) -> str:
        """The step it works for; empty for what the run does for itself."""
        parts = self.activity_id.rsplit(".", 2)
        return parts[0] if len(parts) == 3 else ""  # noqa: PLR2004  # step, occurrence, phase

    @property
    def agent(self) -> str:
        """The agent, or nothing for one of the tower's own."""
        return "" if self.kind.startswith(wire.OWN_ACTIVITY_PREFIX) else self.kind


UNKNOWN = Activity("", "")


def entries(event: HistoryEvent, run_id: str, activities: Mapping[int, Activity]) -> list[TrailEntry]:
    """What one event of an execution adds, in order. ``activities`` knows those scheduled, by event id."""
    if event.event_type in _PLAIN:
        made = [_note(_PLAIN[event.event_type])]
    elif event.event_type in _OF_ACTIVITIES:
        made = _OF_ACTIVITIES[event.event_type](event, activities.get(needs(event), UNKNOWN))
    elif event.event_type in _OF_THE_RUN:
        made = _OF_THE_RUN[event.event_type](event)
    else:
        return []
    at = event.event_time.ToDatetime(tzinfo=UTC)
    # An execution may end and the next begin in one millisecond; the server's run ids sort by their time.
    place = f"{int(at.timestamp() * 1000):014d}.{run_id[:RUN_DIGITS]}.{event.event_id:07d}"
    return [
        dataclasses.replace(entry, entry_id=f"{place}.{number:05d}", at=entry.at or at)
        for number, entry in enumerate(made)
    ]


def scheduled(event: HistoryEvent) -> Activity | None:
    """The activity that an event schedules, if it does."""
    if event.event_type != EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
        return None
    attributes = event.activity_task_scheduled_event_attributes
    return Activity(attributes.activity_id, attributes.activity_type.name)


def needs(event: HistoryEvent) -> int:
    """The id of the event that scheduled what this one is about; 0 if it does not matter here."""
    if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
        return event.activity_task_completed_event_attributes.scheduled_event_id
    if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED:
        return event.activity_task_failed_event_attributes.scheduled_event_id
    if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
        return event.activity_task_timed_out_event_attributes.scheduled_event_id
    if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
        return event.activity_task_started_event_attributes.scheduled_event_id
    return 0


def going_on(pending: PendingActivityInfo, number: int) -> list[TrailEntry]:
    """What an activity under way tells now: its last failed attempt, and the reasoning it has sent so far."""
    activity = Activity(pending.activity_id, pending.activity_type.name)
    entry_id = f"{PENDING}{number:05d}"
    told: list[TrailEntry] = []
    if pending.HasField("last_failure"):
        told.append(_failed_attempt(pending.last_failure, activity, pending.attempt - 1))
    told.extend(
        _of(activity, TrailKind.REASONING, "Thinking", text=text, attempt=pending.attempt)
        for text in _partial(pending.heartbeat_details)
    )
    if not told:
        told.append(_of(activity, TrailKind.NOTE, f"{activity.kind} is at work", attempt=pending.attempt))
    stamp = pending.last_heartbeat_time if pending.HasField("last_heartbeat_time") else pending.last_started_time
    at = stamp.ToDatetime(tzinfo=UTC) if stamp.seconds else None
    return [
        dataclasses.replace(entry, entry_id=f"{entry_id}.{place}", at=entry.at or at)
        for place, entry in enumerate(told)
    ]


def _partial(details: Payloads) -> list[str]:
    texts = []
    for payload in details.payloads:
        value, problem = decode.json_of(payload, cap=items.MAX_ITEM_BYTES)
        if isinstance(value, Mapping):
            value = value.get("text")
        if isinstance(value, str):
            texts.append(value)
        elif problem:
            texts.append(problem)
    return texts


def _completed(event: HistoryEvent, activity: Activity) -> list[TrailEntry]:
    return _recorded(event.activity_task_completed_event_attributes.result, activity)


def _recorded(result: Payloads, activity: Activity) -> list[TrailEntry]:
    """The entries under ``trail`` in a result, within the caps."""
    if not result.payloads:
        return []
    value, problem = decode.json_of(result.payloads[0], cap=MAX_RESULT_BYTES)
    if problem:
        return [_of(activity, TrailKind.NOTE, "A result that could not be read", text=problem, is_failed=True)]
    trail = value.get("trail") if isinstance(value, Mapping) else None
    if not isinstance(trail, list):
        return []
    told = [_entry(raw, activity) for raw in trail[:MAX_ENTRIES]]
    if len(trail) > MAX_ENTRIES:
        left_out = len(trail) - MAX_ENTRIES
        told.append(_of(activity, TrailKind.NOTE, f"{left_out:,} more entries of this step are left out"))
    return told


def _entry(raw: object, activity: Activity) -> TrailEntry:
    problem = items.oversize(raw)
    if not problem:
        try:
            entry = _ENTRY.validate_python(raw)
        except (ValidationError, ValueError) as error:
            problem = _first(error)
        else:
            at = entry.at.astimezone(UTC) if entry.at and entry.at.tzinfo else None
            return dataclasses.replace(
                entry, at=at, step=entry.step or activity.step, agent=entry.agent or activity.agent
            )
    return _of(activity, TrailKind.NOTE, "An entry that could not be read", text=problem, is_failed=True)


def _started(event: HistoryEvent, activity: Activity) -> list[TrailEntry]:
    attributes = event.activity_task_started_event_attributes
    if not attributes.HasField("last_failure"):
        return []
    return [_failed_attempt(attributes.last_failure, activity, attributes.attempt - 1)]


def _failed(event: HistoryEvent, activity: Activity) -> list[TrailEntry]:
    """The failure, after what the attempt had recorded until then: the tower sends it along with the failure."""
    failure = event.activity_task_failed_event_attributes.failure
    return [*_recorded(failure.application_failure_info.details, activity), _failed_attempt(failure, activity, 0)]


def _timed_out(event: HistoryEvent, activity: Activity) -> list[TrailEntry]:
    attributes = event.activity_task_timed_out_event_attributes
    return [_failed_attempt(attributes.failure, activity, 0)]


def _failed_attempt(failure: Failure, activity: Activity, attempt: int) -> TrailEntry:
    named = failure.application_failure_info.type
    words = f"{named}: {failure.message}" if named else failure.message
    which = f"Attempt {attempt} failed" if attempt > 0 else "The step failed"
    cause = failure.cause.message if failure.HasField("cause") else ""
    text = words if not cause or cause in words else f"{words}\n{cause}"
    return _of(
        activity,
        TrailKind.FAILED_ATTEMPT,
        which,
        text=text[:MAX_WORDS],
        attempt=max(1, attempt),
        is_failed=True,
    )


def _accepted(event: HistoryEvent) -> list[TrailEntry]:
    given = event.workflow_execution_update_accepted_event_attributes.accepted_request.input
    value, _ = decode.json_of(given.args.payloads[0]) if given.args.payloads else (None, "")
    if given.name == wire.UPDATE_DECIDE:
        raw = value.get("decision") if isinstance(value, Mapping) else None
        decision = _read(_DECISION.validate_python, raw)
        if decision is None:
            return [_note("A decision that could not be read", is_failed=True)]
        return [
            TrailEntry(
                entry_id="",
                at=None,
                kind=TrailKind.DECISION,
                title=f"{decision.by.name}: {decision.verdict}",
                text=decision.reason,
                step=decision.key.native_id,
                data={name: said for name, said in decision.payload.items() if name != "reason"},
                signed=Signed(decision.decision_id, decision.key_id, decision.digest),
            )
        ]
    if given.name == wire.UPDATE_COMMENT:
        said = _read(_COMMENT.validate_python, value)
        return [_note(f"{said.comment.by.name} commented", text=said.comment.text)] if said else []
    return []


def _update_done(event: HistoryEvent) -> list[TrailEntry]:
    outcome = event.workflow_execution_update_completed_event_attributes.outcome
    if not outcome.HasField("failure"):
        return []
    code = outcome.failure.application_failure_info.type
    text = outcome.failure.message[:MAX_WORDS]
    return [
        TrailEntry(
            entry_id="", at=None, kind=TrailKind.DECISION, title=f"Refused: {code[:100]}", text=text, is_failed=True
        )
    ]


def _ended_badly(event: HistoryEvent) -> list[TrailEntry]:
    failure = event.workflow_execution_failed_event_attributes.failure
    return [_note("The run failed", text=failure.message[:MAX_WORDS], is_failed=True)]


def _terminated(event: HistoryEvent) -> list[TrailEntry]:
    reason = event.workflow_execution_terminated_event_attributes.reason
    return [_note("The run was terminated", text=reason[:MAX_WORDS], is_failed=True)]


def _workflow_task_failed(event: HistoryEvent) -> list[TrailEntry]:
    attributes = event.workflow_task_failed_event_attributes
    if attributes.base_run_id:
        return [_note("The run was reset: what follows replaces what had happened after this point")]
    return [_note("The run's own code failed", text=attributes.failure.message[:MAX_WORDS], is_failed=True)]


def _signalled(event: HistoryEvent) -> list[TrailEntry]:
    signal = event.workflow_execution_signaled_event_attributes
    if signal.signal_name == wire.SIGNAL_LEASE and signal.input.payloads:
        value, _ = decode.json_of(signal.input.payloads[0])
        told = _read(_LEASE.validate_python, value)
        if told is not None:
            words = told.text or told.after or f"It has {told.resource} for itself."
            note = _note(f"Lease on {told.resource[:200]}: {told.standing[:40]}", text=words[:MAX_WORDS])
            return [dataclasses.replace(note, kind=TrailKind.GUARDRAIL, step=told.step)]
    return [_note(f"Signal “{event.workflow_execution_signaled_event_attributes.signal_name[:100]}”")]


def _note(title: str, *, text: str = "", is_failed: bool = False) -> TrailEntry:
    return TrailEntry(entry_id="", at=None, kind=TrailKind.NOTE, title=title, text=text, is_failed=is_failed)


def _of(
    activity: Activity, kind: TrailKind, title: str, *, text: str = "", attempt: int = 1, is_failed: bool = False
) -> TrailEntry:
    return TrailEntry(
        entry_id="",
        at=None,
        kind=kind,
        title=title,
        text=text,
        step=activity.step,
        agent=activity.agent,
        attempt=attempt,
        is_failed=is_failed,
    )


def _read(validate: Callable[[object], T], raw: object) -> T | None:
    if items.oversize(raw):
        return None
    try:
        return validate(raw)
    except (ValidationError, ValueError):
        return None


def _first(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        return f"“{'.'.join(map(str, first['loc']))}” is wrong: {first['msg']}."[:MAX_WORDS]
    return str(error)[:MAX_WORDS]


_PLAIN: dict[int, str] = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: "The run started",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: "The run is complete",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: "The run was cancelled",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED: "The run was asked to stop",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: "The run took too long and was ended",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: "The run goes on with a fresh history",
}
_OF_THE_RUN: dict[int, Callable[[HistoryEvent], list[TrailEntry]]] = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: _ended_badly,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: _terminated,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: _signalled,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: _accepted,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED: _update_done,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED: _workflow_task_failed,
}
_OF_ACTIVITIES: dict[int, Callable[[HistoryEvent, Activity], list[TrailEntry]]] = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED: _started,
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: _completed,
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED: _failed,
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT: _timed_out,
}
