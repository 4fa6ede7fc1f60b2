"""A run that continues as new over and over is one run: nothing said, refused or handed over is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from temporalio.client import Client, WorkflowUpdateFailedError

from console.domain.canonical import Json
from console.domain.escalation import Comment, Verdict
from console.domain.receipt import Outcome
from console.domain.run import HandOff, RunStatus
from console.tower import wire
from tests.servers import RunningServer, RunningWorker
from tests.tower.conftest import rows
from tests.tower.people import ANA, BEN, Desk, decision, until
from tests.tower.probe_plan import PLAN

PARAMETERS: dict[str, Json] = {
    "first": {"find": {"order": "4711"}, "caveat": "The file is old."},
    "pay": {"read": ["first_found"], "pay": {"account": "own-long-life", "amount": "420.00"}},
}


async def refusals(desk: Desk) -> list[str]:
    """The ids of the decisions that the run turned down."""
    reply: wire.RefusalsReply = await desk.handle.query(wire.QUERY_REFUSALS, result_type=wire.RefusalsReply)
    return [refusal.decision_id for refusal in reply.refusals]


async def continued(desk: Desk, after: str) -> str:
    """The execution that follows."""
    found: list[str] = []

    async def has_continued() -> bool:
        found[:] = [(await desk.run()).attempt_id]
        return found[0] != after

    await until(has_continued)
    return found[0]


def test_what_was_said_refused_and_handed_over_outlives_every_execution(
    server: RunningServer, worker: RunningWorker
) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, PARAMETERS, continue_after=1)
        shown = await desk.waits("pay")
        before = await hand_offs(desk)
        assert [(one.from_step, one.to_step) for one in before]
        run = await desk.run()
        attempts = [run.attempt_id]
        wrong = replace(decision(shown, Verdict.APPROVE, ANA), signature="AAAA")
        try:
            await desk.decide(wrong)
        except WorkflowUpdateFailedError:
            attempts.append(await continued(desk, attempts[-1]))
        for number in range(2):
            said = Comment(BEN, datetime.now(UTC), f"Comment {number}")
            await desk.handle.execute_update(wire.UPDATE_COMMENT, wire.CommentRequest(key=shown.key, comment=said))
            attempts.append(await continued(desk, attempts[-1]))
        first = await desk.decide(decision(await desk.waits("pay"), Verdict.APPROVE, ANA))
        attempts.append(await continued(desk, attempts[-1]))
        assert len(set(attempts)) == len(attempts) == 5
        now = await desk.waits("pay")
        assert (now.key, now.opened_in, now.row.digest) == (shown.key, shown.opened_in, shown.row.digest)
        assert [comment.text for comment in now.comments] == ["Comment 0", "Comment 1"]
        assert now.caveats == ("The file is old.",)
        assert await refusals(desk) == [wrong.decision_id]
        assert await hand_offs(desk) == before
        assert (await desk.run()).started_at == run.started_at
        second = await desk.say(now, Verdict.APPROVE, BEN)
        ended = await desk.ends()
        assert (ended.status, ended.ref.chain_id) == (RunStatus.COMPLETED, shown.key.run.chain_id)
        for receipt in (first, second):
            kept = await desk.receipt(receipt.decision_id)
            assert kept is not None
            assert kept.outcome is Outcome.CARRIED_OUT
        assert rows(worker.business, "SELECT subject FROM messages WHERE recipient = 'own-long-life'") == [("420.00",)]

    async def told() -> None:
        await story(await server.client())

    asyncio.run(told())


async def hand_offs(desk: Desk) -> list[HandOff]:
    """What moved over each edge."""
    reply: wire.HandOffsReply = await desk.handle.query(wire.QUERY_HAND_OFFS, result_type=wire.HandOffsReply)
    return list(reply.hand_offs)
