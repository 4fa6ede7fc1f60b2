"""What a run does beside its steps: it wakes at deadlines, keeps notes in its trail, and has people alerted.

Invariant: one timer at a time; a note is in the trail before the run ends or continues as new; each escalation is
announced once, over continuations too, for as long as it waits. Nothing here holds a step up.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from console.domain.escalation import Escalation
from console.tower import deadlines, wire
from console.tower.course import Course
from console.tower.messages import ALERT_ACTIVITY, NOTE_ACTIVITY, Alert

# What executions that began before it was there do without, until they continue as new.
KEEPS_DEADLINES = "deadlines"
ALERTS = "alerts"
ALERT_ATTEMPTS = 6
RETRY_NOTE = RetryPolicy(maximum_interval=timedelta(seconds=5))
RETRY_ALERT = RetryPolicy(
    initial_interval=timedelta(seconds=2),
    backoff_coefficient=3,
    maximum_interval=timedelta(minutes=2),
    maximum_attempts=ALERT_ATTEMPTS,
)
Announced = tuple[str, int]


class Tending:
    """What goes on beside the steps of one execution; ``wake`` lets the run look again."""

    def __init__(self, course: Course, wake: Callable[[], None]) -> None:
        self._course = course
        self._wake = wake
        self._keeps_deadlines = False
        self._alerts = False
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at: datetime | None = None
        self._noting: asyncio.Task[None] | None = None
        self._alerting: dict[Announced, asyncio.Task[None]] = {}

    def begin(self) -> None:
        """Find out what this execution does, before anything else."""
        self._keeps_deadlines = workflow.patched(KEEPS_DEADLINES)
        self._alerts = workflow.patched(ALERTS)

    @property
    def is_done(self) -> bool:
        """Whether everything noted is in the trail."""
        return self._noting is None or self._noting.done()

    def keep(self) -> None:
        """Do what deadlines that have passed ask for, and begin to write notes."""
        if self._keeps_deadlines:
            deadlines.keep(self._course)
            if self._course.book.notes and self.is_done:
                # The loop is the workflow's own, here and below.
                self._noting = asyncio.create_task(self._write_notes(), name="notes")  # noqa: TID251

    def watch(self) -> None:
        """Wake at the next deadline, and have what waits announced."""
        self._set_alarm(deadlines.next_at(self._course) if self._keeps_deadlines else None)
        if self._alerts:
            self._announce()

    def leave(self) -> None:
        """Stop: the run ends, and what waited does no longer, or the next execution goes on with it."""
        self._set_alarm(None)
        for task in self._alerting.values():
            task.cancel()
        self._alerting.clear()

    def _set_alarm(self, at: datetime | None) -> None:
        """By a timer that is set anew only if this is another time."""
        if at == self._alarm_at:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._alarm_at = None, at
        if at is not None:
            wait = max(0.0, (at - workflow.now()).total_seconds())
            self._alarm = asyncio.get_running_loop().call_later(wait, self._ring)

    def _ring(self) -> None:
        self._alarm = self._alarm_at = None
        self._wake()

    async def _write_notes(self) -> None:
        """Have the run's own notes recorded, in order."""
        notes = self._course.book.notes
        while notes:
            with contextlib.suppress(ActivityError):
                noted = await workflow.execute_activity(
                    NOTE_ACTIVITY,
                    replace(notes[0], prev=self._course.book.links.head),
                    result_type=wire.TrailBearing,
                    activity_id=f"{notes[0].step}.{notes[0].occurrence}.note",
                    start_to_close_timeout=timedelta(seconds=10),
                    retry_policy=RETRY_NOTE,
                )
                self._course.book.take(noted.hash)
            del notes[0]

    def _announce(self) -> None:
        book = self._course.book
        waiting = {(step_id, one.key.occurrence): one for step_id, one in book.open.items()}
        for announced, task in tuple(self._alerting.items()):
            if task.done() or announced not in waiting:
                task.cancel()
                del self._alerting[announced]
        for (step_id, occurrence), escalation in waiting.items():
            if book.steps[step_id].announced < occurrence and (step_id, occurrence) not in self._alerting:
                task = asyncio.create_task(self._alert(escalation), name="alert")  # noqa: TID251
                self._alerting[step_id, occurrence] = task

    async def _alert(self, escalation: Escalation) -> None:
        """Have the worker announce one escalation, if it is told to; it is never asked again after that.

        Only the worker knows, and not by a local activity: with an update under way at the same time, the history of
        one is not always replayed as it was made.
        """
        key, row = escalation.key, escalation.row
        alert = Alert(
            item_id=key.item_id,
            server=key.run.server,
            step=escalation.step,
            risk=row.risk.word,
            workflow=row.workflow,
            due_at=row.due_at,
            prev=self._course.book.links.head,
        )
        try:
            told = await workflow.execute_activity(
                ALERT_ACTIVITY,
                alert,
                result_type=wire.TrailBearing,
                activity_id=f"{key.native_id}.{key.occurrence}.alert",
                start_to_close_timeout=timedelta(seconds=30),
                retry_policy=RETRY_ALERT,
            )
            self._course.book.take(told.hash)
        except ActivityError as error:
            if is_cancelled_exception(error):
                return
        self._course.book.steps[escalation.step].announced = key.occurrence
