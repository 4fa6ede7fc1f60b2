"""The key registry of a namespace: who may decide in its runs, and with which key.

Invariant: entries are decoded one by one and returned as the registry tells them; whoever goes by them checks the log.
"""

from __future__ import annotations

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import WorkflowExecutionStatus

from console.domain.errors import RefusalCode, Refused
from console.domain.registry import RegistryEntry
from console.engines.temporal import ask, decode, deliver
from console.engines.temporal.connect import Line
from console.tower import wire

NO_REGISTRY = "No key registry answers in this namespace, so nobody checks who signed."


async def has_registry(line: Line) -> bool:
    """Whether a registry runs; without one nothing is enforced."""
    try:
        described = await line.describe(wire.REGISTRY_ID)
    except Refused:
        return False
    info = described.workflow_execution_info
    running = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
    return info.status == running and info.type.name == wire.REGISTRY_WORKFLOW


async def log(line: Line) -> tuple[RegistryEntry, ...]:
    """All entries, oldest first."""
    reply = await ask.query(line, WorkflowExecution(workflow_id=wire.REGISTRY_ID), wire.QUERY_KEYS)
    return tuple(decode.reply(reply, wire.KeysReply).entries)


async def admit(line: Line, entry: RegistryEntry) -> None:
    """Add an entry; the same one again is found to be there. Raises :class:`Refused` where it does not count."""
    request = wire.AdmitRequest(entry=entry)
    update_id = f"entry-{entry.number}-{entry.key_id}-{entry.signature[:16]}"
    try:
        outcome = await deliver.update_workflow(line, wire.REGISTRY_ID, "", wire.UPDATE_ADMIT, request, update_id)
    except deliver.Closed as error:
        raise Refused(NO_REGISTRY, code=RefusalCode.UNKNOWN) from error
    if outcome.HasField("failure"):
        failure = outcome.failure
        raise Refused(failure.message[:500], code=failure.application_failure_info.type[:100])
