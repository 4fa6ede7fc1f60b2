"""Agents and executor as Temporal activities, with one fence around each attempt.

Invariant: an attempt ends as a result or as one typed failure: a violation, a failure that counts, or the worker's own
stop, which does not and is run again elsewhere. The step's time limit is kept here; heartbeats tell that the worker
lives, and what the agent thinks meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from temporalio import activity
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from console.domain.canonical import Json
from console.domain.results import result_hash
from console.domain.run import TrailEntry, TrailKind
from console.tower import business, executor
from console.tower.authority import Authority
from console.tower.desk import ENTRY, Desk, Violation
from console.tower.messages import (
    ADMIT_ACTIVITY,
    AUTHORISE_ACTIVITY,
    EXECUTE_ACTIVITY,
    IDENTIFY_ACTIVITY,
    NOTE_ACTIVITY,
    AdmitCall,
    AgentCall,
    AuthoriseCall,
    Authorised,
    ExecuteCall,
    Executed,
    FailureType,
    NoteCall,
    Outcome,
    linked,
)
from console.tower.pauses import Paused, Pauses
from console.tower.staff import Workplace
from console.tower.wire import TrailBearing

HEARTBEAT_SECONDS = 2.0
logger = logging.getLogger(__name__)
_T = TypeVar("_T", bound=TrailBearing)


def activities(place: Workplace, authority: Authority, pauses: Pauses) -> Sequence[Callable[..., Any]]:
    """All activities of a worker: one for each agent's name, the executor, who the server is, and who may decide."""

    @activity.defn(name=IDENTIFY_ACTIVITY)
    async def identify() -> str:
        return authority.server

    @activity.defn(name=AUTHORISE_ACTIVITY)
    async def authorise(call: AuthoriseCall) -> Authorised:
        return await authority.authorise(call)

    @activity.defn(name=ADMIT_ACTIVITY)
    async def admit(call: AdmitCall) -> str:
        return authority.admit(call)

    @activity.defn(name=EXECUTE_ACTIVITY)
    async def execute(call: ExecuteCall) -> Executed:
        caller = activity.info().workflow_id or ""

        async def turn() -> Executed:
            # What an attempt before this one has done is told, paused or not.
            if not await asyncio.to_thread(business.is_done, place.business, call.effect_id):
                await pauses.check(caller, call.plan, call.agent)
            return await executor.execute(call, place, authority, caller)

        return await _fenced(turn(), call, lambda: "", list)

    @activity.defn(name=NOTE_ACTIVITY)
    async def note(call: NoteCall) -> TrailBearing:
        name = f"{call.step}.{call.occurrence}.note"
        entry = TrailEntry(
            entry_id=name, at=call.at, kind=TrailKind.NOTE, title=call.title, text=call.text, step=call.step
        )
        return linked(TrailBearing(trail=[ENTRY.dump_python(entry, mode="json")]), call.prev)

    names = sorted({agent.name for staffed in place.plans.values() for agent in staffed.plan.agents})
    return [identify, authorise, admit, execute, note, stranger, *(_agent(name, place, pauses) for name in names)]


@activity.defn(dynamic=True)
async def stranger(_arguments: Sequence[RawValue]) -> None:
    """Answer for an agent that no plan of this worker has any more, so that its run asks a person and does not hang."""
    raise _failure(FailureType.FAILED, f"This worker has no {activity.info().activity_type}.", {})


def _agent(name: str, place: Workplace, pauses: Pauses) -> Callable[[AgentCall], Awaitable[Outcome]]:
    @activity.defn(name=name)
    async def work(call: AgentCall) -> Outcome:
        staffed = place.plans.get(call.plan)
        if staffed is None or all(name != agent.name for agent in staffed.plan.agents):
            raise _failure(FailureType.FAILED, f"This worker has no {name} for plan {call.plan}.", {})
        desk = Desk(call, staffed, place)

        async def turn() -> Outcome:
            await pauses.check(activity.info().workflow_id or "", call.plan, call.agent)
            return desk.outcome(await staffed.agents[name](desk))

        return await _fenced(turn(), call, lambda: desk.partial, desk.trail)

    return work


async def _fenced(
    work: Awaitable[_T],
    call: AgentCall | ExecuteCall,
    partial: Callable[[], str],
    recorded: Callable[[], list[Any]],
) -> _T:
    """One attempt. What it recorded until it failed travels with the failure, under ``trail``, bound like a result."""
    time_limit, result = call.time_limit, list[_T]()

    def trail() -> dict[str, Json]:
        content: dict[str, Json] = {"trail": recorded()}
        return {**content, "prev": call.prev, "hash": result_hash(call.prev, content)}

    failure: ApplicationError | None = None
    async with asyncio.TaskGroup() as group:
        beat = group.create_task(_beat(partial))
        try:
            async with asyncio.timeout(time_limit):
                result.append(await work)
        except TimeoutError:
            failure = _failure(FailureType.FAILED, f"It took longer than {time_limit:g} s.", trail())
        except Violation as error:
            failure = _failure(FailureType.VIOLATION, str(error), trail())
        except Paused as error:
            failure = _failure(FailureType.PAUSED, str(error), trail())
        except business.LeaseLost as error:
            failure = _failure(FailureType.LEASE_LOST, str(error), trail())
        except asyncio.CancelledError:
            if not activity.is_worker_shutdown():
                raise
            failure = ApplicationError("The worker stops.", type=FailureType.WORKER_STOPS)
        except Exception as error:  # an agent's or a tool's code may raise anything
            logger.info("An attempt failed.", exc_info=True)
            failure = _failure(FailureType.FAILED, f"{type(error).__name__}: {error}", trail())
        finally:
            beat.cancel()
    if failure is not None:
        raise failure
    return linked(result[0], call.prev)


def _failure(kind: str, message: str, recorded: Mapping[str, Json]) -> ApplicationError:
    # Expected by the run, which counts it; the worker's log needs no stack of it.
    category = ApplicationErrorCategory.BENIGN
    return ApplicationError(message, recorded, type=kind, non_retryable=True, category=category)


async def _beat(partial: Callable[[], str]) -> None:
    while True:
        activity.heartbeat(partial())
        await asyncio.sleep(HEARTBEAT_SECONDS)
