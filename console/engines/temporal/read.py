"""A run as it tells of itself: header, steps, state, hand-offs, and single items.

The run answers by query; where no worker answers, the header at least comes from the server's own description, and
says so. Nothing here changes anything.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC

from temporalio.api.workflow.v1 import WorkflowExecutionInfo

from console.domain.errors import RefusalCode, Refused, Unreachable
from console.domain.escalation import Escalation, EscalationKey
from console.domain.pauses import Scope
from console.domain.run import Access, HandOff, Run, RunRef, RunStatus, Snapshot, Step
from console.engines.temporal import ask, decode
from console.engines.temporal.connect import Line
from console.tower import wire

# By Temporal's numbers: running, completed, failed, cancelled, terminated, continued as new, timed out.
STATUS = {
    1: RunStatus.RUNNING,
    2: RunStatus.COMPLETED,
    3: RunStatus.FAILED,
    4: RunStatus.CANCELLED,
    5: RunStatus.CANCELLED,
    6: RunStatus.RUNNING,
    7: RunStatus.FAILED,
}

UNREADABLE = "could not be read"


async def escalation(line: Line, key: EscalationKey) -> Escalation:
    """One open item, read now. Raises :class:`Refused` when it is not open, or was never there."""
    found = await ask.escalations(line, key.run)
    if key.is_command and all(item.key.native_id != key.native_id for item in found):
        found = await ask.commands(line, key.run, [key.native_id])
    for item in found:
        if item.key == key:
            return item
    if any(item.key.native_id == key.native_id for item in found):
        raise Refused("This wait ended, and opened again as another item.", code=RefusalCode.CLOSED)
    raise Refused("This no longer waits for anybody.", code=RefusalCode.CLOSED)


async def commands(line: Line, ref: RunRef) -> tuple[Escalation, ...]:
    """What a person may do to a run, its plan, its agents and everything, at any time."""
    if ref.run_id == wire.CONTROL_ID:
        return ()
    own = await ask.commands(line, ref)
    run, planned = await header(line, ref), await steps(line, ref)
    names = [(Scope.RUN, ref.run_id), (Scope.PLAN, run.workflow)]
    names += [(Scope.AGENT, name) for name in dict.fromkeys(step.agent for step in planned if step.agent)]
    native_ids = [*(scope.native_id(name) for scope, name in names), Scope.ALL.native_id()]
    if run.closed_at is not None:
        native_ids.remove(Scope.RUN.native_id(ref.run_id))
    try:
        above = await ask.commands(line, RunRef(ref.server, wire.CONTROL_ID, ""), native_ids)
    except Refused:
        # A tower of before the control was: then nothing can be paused, and the run's own commands still stand.
        return own
    return (*own, *above)


async def header(line: Line, ref: RunRef) -> Run:
    """The header of a run, from the run itself or, where it does not answer, from the server."""
    info = (await ask.description_of(line, ref)).workflow_execution_info
    try:
        run = decode.reply(await ask.query(line, info.execution, wire.QUERY_HEADER), wire.HeaderReply).run
    except (Unreachable, Refused) as error:
        return _described(info, ref, error.message)
    run = dataclasses.replace(run, ref=ref, attempt_id=info.execution.run_id)
    if info.status == decode.RUNNING or info.status not in STATUS:
        return run
    closed_at = info.close_time.ToDatetime(tzinfo=UTC)
    # Cancelled or terminated from outside, a run does not know that it ended.
    status = run.status if run.closed_at else STATUS[info.status]
    return dataclasses.replace(run, status=status, closed_at=run.closed_at or closed_at)


async def steps(line: Line, ref: RunRef) -> tuple[Step, ...]:
    """The steps of the plan, in order."""
    return tuple((await ask.answer(line, ref, wire.QUERY_STEPS, wire.StepsReply)).steps)


async def state(line: Line, ref: RunRef, revision: int | None) -> Snapshot:
    """The state now, or at a revision the run still keeps."""
    reply = await ask.answer(line, ref, wire.QUERY_STATE, wire.StateReply, revision)
    return Snapshot(reply.revision, reply.at, tuple(reply.facts))


async def hand_offs(line: Line, ref: RunRef) -> tuple[HandOff, ...]:
    """What moved over each edge so far."""
    replied = await ask.query(line, await ask.execution_of(line, ref), wire.QUERY_HAND_OFFS)
    moved = decode.each(replied, "hand_offs", HandOff, HandOff(from_step=UNREADABLE, to_step=UNREADABLE, size=0))
    # A time without a zone is the tower's, which keeps all of its own in UTC.
    return tuple(
        dataclasses.replace(one, at=one.at.replace(tzinfo=UTC)) if one.at and not one.at.tzinfo else one
        for one in moved
    )


async def access(line: Line, ref: RunRef) -> tuple[Access, ...]:
    """Who may do what at each step, and what was done."""
    replied = await ask.query(line, await ask.execution_of(line, ref), wire.QUERY_ACCESS)
    return decode.each(replied, "access", Access, Access(step_id=UNREADABLE, agent=""))


def _described(info: WorkflowExecutionInfo, ref: RunRef, why: str) -> Run:
    run = decode.listed(info, ref.server)
    closed_at = info.close_time.ToDatetime(tzinfo=UTC) if info.HasField("close_time") else None
    is_waiting = decode.open_count(info) > 0
    status = STATUS.get(info.status, RunStatus.RUNNING)
    return Run(
        ref=ref,
        title=run.title or ref.run_id,
        workflow=decode.text_attribute(info, "ClearancePlan") or info.type.name,
        status=RunStatus.WAITS if status is RunStatus.RUNNING and is_waiting else status,
        attempt_id=info.execution.run_id,
        business_key=decode.text_attribute(info, "ClearanceBusinessKey"),
        started_at=info.start_time.ToDatetime(tzinfo=UTC),
        closed_at=closed_at,
        moved_at=run.changed_at,
        why_not_moving=why,
        waiting=tuple(row.key.item_id for row in run.rows),
    )
