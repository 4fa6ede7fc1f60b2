"""Carrying a decision to a run, and finding out what became of it.

A decision goes as one validated update whose id is the decision's id, so that sending it again to the same execution
only reads its outcome; over continuations the run's own record of receipts does the same. Invariants: at most one call
carries a decision, never repeated by itself; a receipt is returned only if it echoes the decision in every part; what
is not known is ``Uncertain``.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import UpdateWorkflowExecutionLifecycleStage
from temporalio.api.update.v1 import Input, Meta, Outcome, Request, UpdateRef, WaitPolicy
from temporalio.api.workflowservice.v1 import (
    PollWorkflowExecutionUpdateRequest,
    PollWorkflowExecutionUpdateResponse,
    UpdateWorkflowExecutionRequest,
    UpdateWorkflowExecutionResponse,
)
from temporalio.service import RPCError, RPCStatusCode

from console.domain.canonical import canonical
from console.domain.deciders import ANOTHER_KEY
from console.domain.decision import MAX_PAYLOAD_BYTES, Decision
from console.domain.errors import RefusalCode, Refused, Uncertain, Unreachable
from console.domain.receipt import Receipt, mismatches
from console.domain.run import RunRef
from console.engines.temporal import ask, decode, errors
from console.engines.temporal.connect import IDENTITY, Line
from console.tower import wire

COMPLETED = UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED
# Seconds that a run is waited for before the server is asked; a question takes some tens of milliseconds.
SOON = 2.5
# The run ended around the update: it may have been taken or not.
CUT_OFF = ("AcceptedUpdateCompletedWorkflow", "aborted by closing workflow", "AcceptedUpdateAborted")
# The server's own word, not the run's: a worker went away, or was too late, before it took the update on.
NOT_TAKEN_ON = ("UnprocessedUpdate", "wasn't processed by worker")
ASK_TO_ENROL = "Have a supervisor enrol your key: “clearance keys show” prints what they need."
NEXT_ACTIONS = {
    RefusalCode.UNREGISTERED_KEY: ASK_TO_ENROL,
    RefusalCode.REVOKED_KEY: ANOTHER_KEY,
    RefusalCode.EXPIRED_KEY: ANOTHER_KEY,
    RefusalCode.OTHER_PERSON: ASK_TO_ENROL,
    RefusalCode.DUTIES: "Ask another person who may approve it.",
}
NO_WORKER_NOW = "It was sent, and no worker answers, so nobody knows yet whether it will be taken."


async def deliver(line: Line, decision: Decision) -> Receipt:
    """Send a decision and return the run's receipt; see the port for the errors."""
    if len(canonical(decision.payload)) > MAX_PAYLOAD_BYTES:
        raise Refused(
            f"What is said with the decision is larger than {MAX_PAYLOAD_BYTES // 1024} KB.",
            code=RefusalCode.INVALID_PAYLOAD,
            next_action="Shorten it.",
        )
    request = wire.DecideRequest(decision=decision)
    try:
        outcome = await update(line, decision.key.run, wire.UPDATE_DECIDE, request, decision.decision_id)
    except Closed as error:
        return await _after_closing(line, decision, error)
    return _proven(decision, _receipt(outcome))


async def read_back(line: Line, decision: Decision) -> Receipt | None:
    """What became of a decision, by the run's record of receipts and the server's of updates.

    The run knows most, and may be silent for long, until a task is given up that was lost with its worker; so the
    server is asked soon, and an outcome that it has is enough. Raises :class:`Refused` if it came and was turned down.
    ``None``: neither knows of it.
    """
    try:
        async with asyncio.timeout(SOON):
            return await _by_run(line, decision)
    except TimeoutError:
        answer = await _kept(line, decision)
    if answer is not None and answer.HasField("outcome"):
        return _proven(decision, _receipt(answer.outcome))
    if answer is None and await _is_first(line, decision):
        return None
    return await _by_run(line, decision)


async def say(line: Line, ref: RunRef, name: str, argument: wire.Message, update_id: str) -> None:
    """Send an update that is no decision, and needs no receipt. Raises :class:`Refused` as the run says."""
    try:
        outcome = await update(line, ref, name, argument, update_id)
    except Closed as error:
        raise Refused("The run has ended.", code=RefusalCode.CLOSED) from error
    if outcome.HasField("failure"):
        _receipt(outcome)


async def update(line: Line, ref: RunRef, name: str, argument: wire.Message, update_id: str) -> Outcome:
    """Send one update to a run and wait for its outcome. Raises :class:`Closed` where it takes none any more."""
    return await update_workflow(line, ref.run_id, ref.chain_id, name, argument, update_id)


async def update_workflow(
    line: Line, workflow_id: str, chain_id: str, name: str, argument: wire.Message, update_id: str
) -> Outcome:
    """Send one update to a workflow; an empty ``chain_id`` names whichever runs under that id."""
    execution = WorkflowExecution(workflow_id=workflow_id)
    request = UpdateWorkflowExecutionRequest(
        namespace=line.namespace,
        workflow_execution=execution,
        first_execution_run_id=chain_id,
        wait_policy=WaitPolicy(lifecycle_stage=COMPLETED),
        request=Request(
            meta=Meta(update_id=update_id, identity=IDENTITY),
            input=Input(name=name, args=decode.to_payloads(argument)),
        ),
    )
    deadline = asyncio.get_running_loop().time() + line.settings.decide_within
    try:
        answer = await line.service.update_workflow_execution(request, timeout=_left(deadline))
        return await _outcome(line, answer, deadline)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND and "amespace" not in error.message:
            raise Closed(error.message) from error
        if any(mark in error.message for mark in CUT_OFF):
            raise Uncertain("The run ended while the decision was on its way.") from error
        mapped = errors.delivering(error, line.settings)
        is_late = error.status is RPCStatusCode.DEADLINE_EXCEEDED
        if is_late and isinstance(mapped, Uncertain) and await _lacks_worker(line):
            mapped = Uncertain(NO_WORKER_NOW, next_action=errors.no_worker(line.settings).next_action)
        raise mapped from error


class Closed(Exception):  # like the errors of the domain, named by what is the case
    """The server knows no running execution of the chain; never leaves this folder."""


async def _outcome(line: Line, answer: UpdateWorkflowExecutionResponse, deadline: float) -> Outcome:
    """The outcome of an update that the server has taken on; it may take longer than one call."""
    outcome = answer.outcome if answer.HasField("outcome") else None
    while outcome is None:
        poll = PollWorkflowExecutionUpdateRequest(
            namespace=line.namespace,
            update_ref=answer.update_ref,
            identity=IDENTITY,
            wait_policy=WaitPolicy(lifecycle_stage=COMPLETED),
        )
        polled = await line.service.poll_workflow_execution_update(poll, timeout=_left(deadline))
        outcome = polled.outcome if polled.HasField("outcome") else None
    return outcome


def _left(deadline: float) -> timedelta:
    left = deadline - asyncio.get_running_loop().time()
    if left <= 0:
        raise Uncertain("The decision was sent, and no answer came in time.")
    return timedelta(seconds=left)


def _receipt(outcome: Outcome) -> Receipt:
    """The receipt in an outcome. Raises :class:`Refused` for a refusal and ``Uncertain`` for what is neither."""
    if outcome.HasField("failure"):
        failure = outcome.failure
        code = failure.application_failure_info.type
        if any(mark in f"{code} {failure.message}" for mark in CUT_OFF):
            raise Uncertain("The run ended while the decision was being taken.")
        if any(mark in f"{code} {failure.message}" for mark in NOT_TAKEN_ON):
            raise Uncertain("The worker went away before the run could take the decision.")
        raise _refused(failure.message[:500] or "The run refused it.", code[:100] or RefusalCode.NOT_ALLOWED)
    try:
        return decode.reply(outcome.success, Receipt)
    except Refused as error:
        raise Uncertain(error.message) from error


def _refused(message: str, code: str) -> Refused:
    """A refusal of the run, with what helps against it."""
    if code in NEXT_ACTIONS:
        return Refused(message, code=code, next_action=NEXT_ACTIONS[code])
    return Refused(message, code=code)


def _proven(decision: Decision, receipt: Receipt) -> Receipt:
    if differing := mismatches(decision, receipt):
        raise Uncertain(
            f"The run's receipt is of another decision: it differs in {', '.join(differing)}.",
            next_action="Read the item again; tell whoever runs the workers.",
        )
    return receipt


async def _after_closing(line: Line, decision: Decision, error: Closed) -> Receipt:
    """The run is over: it took the decision before it ended, or it never will."""
    try:
        receipt = await read_back(line, decision)
    except (Unreachable, Uncertain) as unknown:
        raise Uncertain(f"The run has ended, and cannot be asked: {unknown.message}") from error
    if receipt is None:
        raise Refused("The run has ended without it.", code=RefusalCode.CLOSED) from error
    return receipt


async def _by_run(line: Line, decision: Decision) -> Receipt | None:
    """What the run says, and the server where the run knows of nothing or no worker answers for it."""
    try:
        execution = await ask.execution_of(line, decision.key.run)
        reply = await ask.query(line, execution, wire.QUERY_RECEIPT, decision.decision_id)
        receipt = decode.reply(reply, wire.ReceiptReply).receipt
        silence = ""
    except Unreachable as error:
        receipt, silence = None, error.message
        if not await _answers(line):
            raise
    except Refused as error:
        raise Uncertain(f"The run cannot say what became of it: {error.message}") from error
    if receipt:
        return _proven(decision, receipt)
    return await _by_update(line, decision, silence)


async def _by_update(line: Line, decision: Decision, silence: str) -> Receipt | None:
    """What the server says. ``silence`` is why the run could not be asked; updates are forgotten where it continued."""
    answer = await _kept(line, decision)
    if answer is None:
        if silence and not await _is_first(line, decision):
            raise Uncertain(f"Nobody can say what became of it: {silence}")
        return None
    if not answer.HasField("outcome"):
        raise Uncertain(NO_WORKER_NOW if silence else "The run has it, and has not answered yet.")
    return _proven(decision, _receipt(answer.outcome))


async def _is_first(line: Line, decision: Decision) -> bool:
    """Whether the run is in the execution where the item opened: then the server has forgotten nothing since."""
    try:
        return (await ask.execution_of(line, decision.key.run)).run_id == decision.opened_in
    except Refused:
        return False


async def _kept(line: Line, decision: Decision) -> PollWorkflowExecutionUpdateResponse | None:
    """What the server knows of the update, in the latest execution and in the one where the item opened."""
    for run_id in ("", decision.opened_in):
        ref = UpdateRef(
            workflow_execution=WorkflowExecution(workflow_id=decision.key.run.run_id, run_id=run_id),
            update_id=decision.decision_id,
        )
        poll = PollWorkflowExecutionUpdateRequest(namespace=line.namespace, update_ref=ref, identity=IDENTITY)
        try:
            return await line.service.poll_workflow_execution_update(poll, timeout=line.patience)
        except RPCError as error:
            if error.status not in {RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT}:
                raise errors.reading(error, line.settings) from error
    return None


async def _answers(line: Line) -> bool:
    """Whether the server itself answers, so that a run's silence is the run's own."""
    try:
        await line.verify()
    except Unreachable:
        return False
    return True


async def _lacks_worker(line: Line) -> bool:
    return await _answers(line) and not await line.has_worker()
