"""People who decide, for tests: they read an item as a console does, and sign what they saw."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.digest import escalation_digest
from console.domain.escalation import Escalation, Verdict
from console.domain.identity import Person
from console.domain.receipt import Outcome, Receipt
from console.domain.run import Run, Step
from console.tower import wire
from console.tower.messages import RunStart
from console.tower.plan import Plan
from tests.signing import signed
from tests.verify.people import ANA, BEN, EVA, IAN

__all__ = ["ANA", "BEN", "EVA", "IAN", "Desk", "decision", "until"]

SOON = timedelta(minutes=10)
PATIENCE = 30.0
LOOK_AGAIN = 0.05
_ESCALATION = TypeAdapter(Escalation)
_numbers = itertools.count(1)

Handle = WorkflowHandle[object, object]


def decision(
    shown: Escalation,
    verdict: Verdict,
    by: Person = ANA,
    *,
    payload: dict[str, Json] | None = None,
    decision_id: str = "",
    now: datetime | None = None,
) -> Decision:
    """What ``by`` says to what was shown, signed with their key."""
    at = now or datetime.now(UTC)
    made = Decision(
        decision_id=decision_id or f"decision-{next(_numbers)}-{uuid.uuid4().hex[:8]}",
        key=shown.key,
        opened_in=shown.opened_in,
        digest=escalation_digest(shown),
        verdict=verdict,
        payload={"reason": "looked at it"} if payload is None else payload,
        by=by,
        key_id="",
        signed_at=at,
        valid_until=at + SOON,
        audit_head="0" * 64,
    )
    return signed(made)


class Desk:
    """A console's view of one run."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle

    @classmethod
    async def start(
        cls,
        client: Client,
        plan: Plan,
        parameters: dict[str, Json],
        *,
        started_by: str = "schedule",
        continue_after: int = wire.CONTINUE_AFTER_UPDATES,
    ) -> Desk:
        """Start a run of a plan."""
        start = RunStart(
            plan=plan,
            title="A run",
            business_key="order 4711",
            started_by=started_by,
            parameters=parameters,
            continue_after=continue_after,
        )
        run_id = f"{plan.name}-{uuid.uuid4().hex[:12]}"
        await client.start_workflow(wire.RUN_WORKFLOW, start, id=run_id, task_queue=wire.TASK_QUEUE)
        return cls(client.get_workflow_handle(run_id))

    async def open(self) -> list[Escalation]:
        """All that waits."""
        reply = await self.handle.query(wire.QUERY_ESCALATIONS, result_type=wire.EscalationsReply)
        return [_ESCALATION.validate_python(item) for item in reply.items]

    async def waits(self, step: str = "", *, occurrence: int = 0) -> Escalation:
        """What waits at a step (or anywhere), once it does."""
        found: list[Escalation] = []

        async def is_there() -> bool:
            found[:] = [
                one for one in await self.open() if (not step or one.step == step) and one.key.occurrence >= occurrence
            ]
            return bool(found)

        await until(is_there)
        return found[0]

    async def decide(self, said: Decision) -> Receipt:
        """Send a decision; the receipt as the run accepts it. Raises what Temporal raises."""
        receipt: Receipt = await self.handle.execute_update(
            wire.UPDATE_DECIDE, wire.DecideRequest(decision=said), id=said.decision_id, result_type=Receipt
        )
        return receipt

    async def say(
        self, shown: Escalation, verdict: Verdict, by: Person = ANA, *, payload: dict[str, Json] | None = None
    ) -> Receipt:
        """Decide on what was shown and read the receipt once it is settled."""
        return await self.settled(await self.decide(decision(shown, verdict, by, payload=payload)))

    async def receipt(self, decision_id: str) -> Receipt | None:
        """The run's record of a decision."""
        reply: wire.ReceiptReply = await self.handle.query(
            wire.QUERY_RECEIPT, decision_id, result_type=wire.ReceiptReply
        )
        return reply.receipt

    async def settled(self, accepted: Receipt) -> Receipt:
        """The receipt once it is settled."""
        assert accepted.outcome in {Outcome.CONFIRMED, Outcome.HALF_GRANTED}
        found: list[Receipt] = []

        async def is_settled() -> bool:
            receipt = await self.receipt(accepted.decision_id)
            assert receipt is not None
            found[:] = [receipt]
            return receipt.settled_at is not None

        await until(is_settled)
        return found[0]

    async def run(self) -> Run:
        """The header."""
        reply: wire.HeaderReply = await self.handle.query(wire.QUERY_HEADER, result_type=wire.HeaderReply)
        return reply.run

    async def steps(self) -> dict[str, Step]:
        """The steps by id."""
        reply = await self.handle.query(wire.QUERY_STEPS, result_type=wire.StepsReply)
        return {step.step_id: step for step in reply.steps}

    async def state(self, revision: int | None = None) -> wire.StateReply:
        """The state."""
        reply: wire.StateReply = await self.handle.query(wire.QUERY_STATE, revision, result_type=wire.StateReply)
        return reply

    async def facts(self) -> dict[str, Json]:
        """The values of the state by name."""
        return {fact.name: fact.value for fact in (await self.state()).facts}

    async def ends(self) -> Run:
        """The header once the run has ended."""

        async def has_ended() -> bool:
            return (await self.run()).closed_at is not None

        await until(has_ended)
        return await self.run()


async def until(is_so: Callable[[], object]) -> None:
    """Wait until something is so; fails when it never is."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                answer = is_so()
                if await answer if asyncio.iscoroutine(answer) else answer:
                    return
            except RPCError:
                pass  # a server or worker that is being started again
            await asyncio.sleep(LOOK_AGAIN)
