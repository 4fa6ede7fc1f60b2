"""The run: one Temporal workflow that interprets any plan.

It moves steps whose turn has come, publishes what waits, and takes decisions as validated updates. All it knows is in
the book, so that it continues as new between two phases with everything open and every receipt kept.

Invariants: a handler turns every error into an ``ApplicationError`` (any other exception would block the run), and what
it has checked it checks again after it waited; every exit waits until all handlers have answered. A change of this
module that alters the order of commands for histories under way stands behind ``workflow.patched``, and the recorded
histories are replayed in the tests.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from pydantic_core import to_json

    from console.domain.canonical import Json
    from console.domain.run import RunRef, RunStatus
    from console.tower import access, interventions, leased, precedents, publishing, views, wire
    from console.tower.answering import RETRY_LOST, typed
    from console.tower.book import BOOK, Book, Phase, StepState
    from console.tower.control_calls import Standing as Word
    from console.tower.course import Course
    from console.tower.decided import Decided
    from console.tower.lease_calls import LEASE_ACTIVITY, News, lease_id
    from console.tower.messages import (
        EXECUTE_ACTIVITY,
        IDENTIFY_ACTIVITY,
        AgentCall,
        ExecuteCall,
        Executed,
        FailureType,
        Outcome,
        RunEnd,
        RunStart,
    )
    from console.tower.payloads import served_chunk
    from console.tower.plan import problems
    from console.tower.tending import Tending

CHECKS_DRIFT = "drift-before-effect"
TELLS_DECIDED = "decided-in-memo"
HEARTBEAT_TIMEOUT = timedelta(seconds=6)
# Beyond the step's own limit, which the activity keeps itself, so that only a dead or blind worker runs into it.
TIMEOUT_SLACK = 15.0
# A little below what the server takes as an argument.
MAX_START = 1_900_000
_T = TypeVar("_T")


@workflow.defn(name=wire.RUN_WORKFLOW)
class ClearanceRun(Decided):
    """One execution of a run's chain."""

    @workflow.init
    def __init__(self, start: RunStart) -> None:
        info = workflow.info()
        book = BOOK.validate_python(start.carried) if start.carried else Book("", workflow.now(), workflow.now())
        self._problems = () if start.carried else problems(start.plan)
        if not book.steps and not self._problems:
            book.steps = {one: StepState(agent=start.plan.step(one).agent) for one in start.plan.order()}
        ref = RunRef(book.server, info.workflow_id, info.first_execution_run_id)
        self._course = Course(start, book, ref, info.run_id, workflow.now)
        self._active: dict[str, asyncio.Task[None]] = {}
        self._published: dict[str, Any] = {}
        self._tending = Tending(self._course, self._wake)
        self._returning: asyncio.Task[None] | None = None
        self._has_moved = False
        self._is_cancelled = False
        self._is_too_large = False
        self._updates = 0

    @workflow.run
    async def run(self, start: RunStart) -> RunEnd:
        """Drive the plan to its end, or on into the next execution."""
        course = self._course
        self._tending.begin()
        if not start.carried:
            await self._open()
        while course.book.ending is None:
            await self._drive()
            if course.book.ending is None:
                await self._wait(workflow.all_handlers_finished)
                self._continue(start)
        course.wind_up()
        self._return_leases()
        await self._wait(lambda: self._returning is None or self._returning.done())
        tells = bool(course.book.ruled) and workflow.patched(TELLS_DECIDED)
        self._published = publishing.publish(course, self._published, precedents.told(course) if tells else ())
        await self._wait(workflow.all_handlers_finished)
        return self._end()

    @workflow.signal(name=wire.SIGNAL_LEASE)
    def lease(self, news: News) -> None:
        """A lease tells how a step stands with what it needs."""
        self._course.book.news.append(news)
        self._has_moved = True

    @workflow.signal(name=wire.SIGNAL_CONTROL)
    def control(self, word: Word) -> None:
        """The control tells what is paused, or that it is no longer."""
        interventions.told(self._course, word)
        self._has_moved = True

    @workflow.query(name=wire.QUERY_COMMANDS)
    def commands(self, request: wire.CommandsRequest) -> wire.EscalationsReply:
        """What a person may do to the run now."""
        return views.commands(self._course, request.native_ids)

    @workflow.query(name=wire.QUERY_LINKS)
    def links(self) -> wire.LinksReply:
        """The chain of what the steps returned."""
        return wire.LinksReply(links=self._course.book.links)

    @workflow.query(name=wire.QUERY_PAYLOAD)
    def payload(self, request: wire.PayloadRequest) -> wire.PayloadReply:
        """Part of what is too large for the trail. Read by whoever answers; the run itself does not depend on it."""
        data, size = typed(lambda: served_chunk(self._course.ref.chain_id, request.digest, request.offset))
        return wire.PayloadReply(size=size, offset=request.offset, data=base64.b64encode(data).decode())

    @workflow.query(name=wire.QUERY_ACCESS)
    def access(self) -> wire.AccessReply:
        """Who may do what at each step, and what was done."""
        return wire.AccessReply(access=access.access(self._course))

    async def _open(self) -> None:
        if self._problems:
            raise ApplicationError("; ".join(self._problems), type="PlanRefused", non_retryable=True)
        server = await workflow.execute_local_activity(
            IDENTIFY_ACTIVITY, result_type=str, start_to_close_timeout=timedelta(seconds=10)
        )
        course = self._course
        course.book.server = server
        course.ref = RunRef(server, course.ref.run_id, course.ref.chain_id)

    def _continue(self, start: RunStart) -> None:
        """Go on as a new execution, unless what there is to carry is more than the server takes."""
        following = replace(start, carried=BOOK.dump_python(self._course.book, mode="json"))
        self._is_too_large = len(to_json(following)) > MAX_START
        if not self._is_too_large:
            workflow.continue_as_new(following)

    async def _drive(self) -> None:
        """Move until the run ends or has to continue as new; returns when nothing runs any more."""
        while True:
            self._reap()
            leased.hear(self._course, self._active)
            self._tending.keep()
            self._course.carry_out()
            self._return_leases()
            is_draining = self._is_draining()
            if self._course.book.ending is not None or (is_draining and not self._active):
                break
            for step_id in () if is_draining else self._course.ready():
                if step_id not in self._active:
                    # The loop is the workflow's own; a task group would wrap what an eviction throws into it.
                    self._active[step_id] = asyncio.create_task(self._act(step_id), name=step_id)  # noqa: TID251
            self._publish()
            self._has_moved = False
            self._tending.watch()
            await self._wait(lambda: self._has_moved)
        for step_id, task in self._active.items():
            # What is being executed is waited for, so that its receipt tells what became of it.
            if self._course.book.steps[step_id].phase is not Phase.EXECUTE:
                task.cancel()
        await self._wait(lambda: all(task.done() for task in self._active.values()))
        self._tending.leave()
        await self._wait(lambda: self._tending.is_done)
        await self._wait(lambda: self._returning is None or self._returning.done())
        self._reap()

    def _wake(self) -> None:
        self._has_moved = True

    async def _wait(self, condition: Callable[[], bool]) -> None:
        """Wait; a cancellation at the server ends the run as a person's does, when what is being executed is done."""
        while not condition():
            try:
                await workflow.wait_condition(condition)
            except asyncio.CancelledError:
                self._is_cancelled = True
                self._has_moved = True
                if self._course.book.ending is None:
                    self._course.end(RunStatus.CANCELLED, "Cancelled at the server.")

    def _return_leases(self) -> None:
        leased.let_go(self._course)
        if self._course.book.given_back and (self._returning is None or self._returning.done()):
            self._returning = asyncio.create_task(self._give_back(), name="leases")  # noqa: TID251  # as above

    async def _give_back(self) -> None:
        """Tell leases what is needed no longer; one that has ended need not know."""
        given = self._course.book.given_back
        while given:
            with contextlib.suppress(FailureError):
                await workflow.get_external_workflow_handle(lease_id(given[0].resource)).signal(
                    wire.SIGNAL_GIVE_BACK, given[0]
                )
            del given[0]

    def _reap(self) -> None:
        """Let go of steps that have acted; a bug in one shows here, blocks the run and is logged by the worker."""
        for step_id, task in tuple(self._active.items()):
            if task.done():
                del self._active[step_id]
                if not task.cancelled():
                    task.result()

    async def _act(self, step_id: str) -> None:
        """One phase of one step."""
        try:
            if await self._wait_for(step_id):
                phase = self._course.book.steps[step_id].phase
                if phase is Phase.EXECUTE:
                    await self._execute(step_id)
                elif phase is Phase.LEASE:
                    await self._lease(step_id)
                elif phase is Phase.AGENT:
                    await self._work(step_id)
        finally:
            self._has_moved = True

    async def _wait_for(self, step_id: str) -> bool:
        """Sleep through the back-off unless a person ends it; ``False`` when the run ends or continues as new first."""
        state = self._course.book.steps[step_id]
        while (until := state.not_before) is not None and until > workflow.now() and not self._is_leaving():
            left = until - workflow.now()
            try:
                await workflow.wait_condition(lambda: self._is_leaving() or state.not_before != until, timeout=left)
            except TimeoutError:
                break
        return not self._is_leaving()

    async def _work(self, step_id: str) -> None:
        call = self._course.begin(step_id)
        self._publish()
        if call is None:
            return
        outcome = await self._activity(step_id, call.agent, call, Outcome, "agent")
        if outcome is not None:
            self._course.took(step_id, outcome)

    async def _lease(self, step_id: str) -> None:
        want = leased.want(self._course, step_id)
        news = await self._activity(step_id, LEASE_ACTIVITY, want, News, "lease")
        if news is not None:
            leased.answered(self._course, step_id, news)

    async def _execute(self, step_id: str) -> None:
        if workflow.patched(CHECKS_DRIFT) and not self._course.may_act(step_id):
            return
        call = self._course.execution(step_id)
        executed = await self._activity(step_id, EXECUTE_ACTIVITY, call, Executed, "execute")
        if executed is not None:
            self._course.executed(step_id, executed.effect)

    async def _activity(self, step_id: str, name: str, call: Any, result: type[_T], phase: str) -> _T | None:  # noqa: ANN401
        """Run an activity once; a failure goes to the course. One lost with its worker is run again by the server."""
        spec, state = self._course.state(step_id)
        began, done, failure = workflow.now(), None, None
        if isinstance(call, AgentCall | ExecuteCall):
            call = replace(call, prev=self._course.book.links.head)
        try:
            done = await workflow.execute_activity(
                name,
                call,
                result_type=result,
                activity_id=f"{step_id}.{state.occurrence}.{phase}{state.attempts}",
                start_to_close_timeout=timedelta(seconds=(spec.time_limit or 60.0) + TIMEOUT_SLACK),
                heartbeat_timeout=HEARTBEAT_TIMEOUT,
                retry_policy=RETRY_LOST,
                summary=spec.title,
            )
        except ActivityError as error:
            failure = error.cause or error
        self._course.book.take(_bound(done, failure))
        self._course.book.usage.work_seconds += (workflow.now() - began).total_seconds()
        if isinstance(failure, ApplicationError):
            self._course.failed(step_id, failure.type or FailureType.FAILED, failure.message, _recorded(failure))
        elif failure is not None:
            self._course.failed(step_id, FailureType.FAILED, str(failure))
        return done

    def _is_draining(self) -> bool:
        if self._is_too_large:
            return False
        is_full = self._updates >= self._course.start.continue_after
        return is_full or workflow.info().is_continue_as_new_suggested()

    def _is_leaving(self) -> bool:
        return self._course.book.ending is not None or self._is_draining()

    def _publish(self) -> None:
        self._published = publishing.publish(self._course, self._published)

    def _end(self) -> RunEnd:
        book = self._course.book
        status = book.ending or RunStatus.COMPLETED
        if self._is_cancelled:
            raise asyncio.CancelledError
        if status is RunStatus.FAILED:
            raise ApplicationError(book.ending_message, type="RunFailed", non_retryable=True)
        facts = {name: fact.value for name, fact in book.record.facts.items()}
        return RunEnd(status=str(status), message=book.ending_message, ended_at=workflow.now(), facts=facts)


def _recorded(failure: ApplicationError) -> list[dict[str, Json]]:
    """The trail of an attempt that failed, as far as it came."""
    told = failure.details[0] if failure.details else None
    trail = told.get("trail") if isinstance(told, dict) else None
    return [entry for entry in trail if isinstance(entry, dict)] if isinstance(trail, list) else []


def _bound(done: object, failure: BaseException | None) -> str:
    """The hash of what an attempt returned, or of what it had recorded when it failed; empty where there is none."""
    if isinstance(done, wire.TrailBearing):
        return done.hash
    told = failure.details[0] if isinstance(failure, ApplicationError) and failure.details else None
    bound = told.get("hash") if isinstance(told, dict) else None
    return bound if isinstance(bound, str) else ""
