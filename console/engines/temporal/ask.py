"""Questions put to a run itself: its queries, answered by a worker from the run's own memory.

Invariant: the answer is of the asked chain, whatever else runs under the same workflow id by now
(:func:`execution_of`). Fails with ``Unreachable`` where no worker answers and ``Refused`` where the answer makes none.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel
from temporalio.api.common.v1 import Payloads, WorkflowExecution
from temporalio.api.enums.v1 import HistoryEventFilterType
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryRequest,
    QueryWorkflowRequest,
)
from temporalio.service import RPCError, RPCStatusCode

from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Escalation
from console.domain.run import RunRef
from console.engines.temporal import decode, errors
from console.engines.temporal.connect import Line
from console.engines.temporal.patience import patiently
from console.tower import wire

M = TypeVar("M", bound=BaseModel)

MAX_CHAIN = 100
WITH_ARGUMENT = frozenset({wire.QUERY_RECEIPT, wire.QUERY_STATE, wire.QUERY_PAYLOAD, wire.QUERY_COMMANDS})
Argument = BaseModel | str | int | None


async def query(line: Line, execution: WorkflowExecution, name: str, argument: Argument = None) -> Payloads:
    """The raw result of one query."""
    arguments = decode.to_payloads(argument) if name in WITH_ARGUMENT else None
    request = QueryWorkflowRequest(
        namespace=line.namespace,
        execution=execution,
        query=WorkflowQuery(query_type=name, query_args=arguments),
    )
    try:
        answer = await patiently(lambda: line.service.query_workflow(request, timeout=line.patience))
    except RPCError as error:
        # Who comes first, the server or this side's own clock, tells of the same silence.
        is_late = error.status in {RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}
        if is_late and not await line.has_worker():
            raise errors.no_worker(line.settings) from error
        if errors.NO_WORKER in error.message:
            line.doubt.set()
        raise errors.reading(error, line.settings) from error
    return answer.query_result


async def answer(line: Line, ref: RunRef, name: str, kind: type[M], argument: Argument = None) -> M:
    """The result of one query of the run, decoded."""
    return decode.reply(await query(line, await execution_of(line, ref), name, argument), kind)


async def escalations(line: Line, ref: RunRef) -> tuple[Escalation, ...]:
    """Everything open in a run, in full."""
    return decode.escalations(await query(line, await execution_of(line, ref), wire.QUERY_ESCALATIONS), ref)


async def commands(line: Line, ref: RunRef, native_ids: Sequence[str] = ()) -> tuple[Escalation, ...]:
    """What a person may do to a run, or to the control, at any time; all that a run offers if none is named."""
    described = (await description_of(line, ref)).workflow_execution_info
    own = ref if ref.chain_id else dataclasses.replace(ref, chain_id=described.first_run_id)
    asked = wire.CommandsRequest(native_ids=list(native_ids))
    return decode.escalations(await query(line, described.execution, wire.QUERY_COMMANDS, asked), own)


async def execution_of(line: Line, ref: RunRef) -> WorkflowExecution:
    """The latest execution of the run's chain."""
    return (await description_of(line, ref)).workflow_execution_info.execution


async def description_of(line: Line, ref: RunRef) -> DescribeWorkflowExecutionResponse:
    """What the server says of the latest execution of the run's chain; of the newest run where no chain is named."""
    described = await line.describe(ref.run_id)
    if not ref.chain_id or described.workflow_execution_info.first_run_id in {"", ref.chain_id}:
        return described
    return await line.describe(ref.run_id, (await _end_of_chain(line, ref)).run_id)


async def _end_of_chain(line: Line, ref: RunRef) -> WorkflowExecution:
    """Another run has taken the workflow id: follow our chain from its first execution to its last."""
    run_id = ref.chain_id
    for _ in range(MAX_CHAIN):
        execution = WorkflowExecution(workflow_id=ref.run_id, run_id=run_id)
        request = GetWorkflowExecutionHistoryRequest(
            namespace=line.namespace,
            execution=execution,
            history_event_filter_type=HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
        )
        page = await line.read(line.service.get_workflow_execution_history(request, timeout=line.patience))
        closing = page.history.events[-1] if page.history.events else None
        following = closing.workflow_execution_continued_as_new_event_attributes.new_execution_run_id if closing else ""
        if not following:
            return execution
        run_id = following
    raise Refused("The run has been continued too often to be followed.", code=RefusalCode.UNKNOWN)
