"""Every verdict on a real server: what it makes of the run, of the receipt, and of the business database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from console.domain.canonical import Json
from console.domain.errors import RefusalCode
from console.domain.escalation import Comment, Kind, Verdict
from console.domain.receipt import Outcome, mismatches
from console.domain.run import RunStatus, Standing, StepStatus
from console.tower import wire
from tests.servers import RunningServer, RunningWorker
from tests.tower.conftest import rows
from tests.tower.people import ANA, BEN, EVA, Desk, decision
from tests.tower.probe_plan import PLAN

Story = Callable[[Client], Awaitable[None]]


@pytest.fixture
def tell(server: RunningServer, worker: RunningWorker) -> Callable[[Story], None]:
    """Run a story against the server, while a worker works."""

    async def told(story: Story) -> None:
        await story(await server.client())

    assert worker.process.is_alive
    return lambda story: asyncio.run(told(story))


def paid(worker: RunningWorker, account: str) -> list[tuple[str, ...]]:
    query = "SELECT subject, decision_id FROM messages JOIN effects USING (effect_id) WHERE recipient = ?"
    return rows(worker.business, query, account)


def pays(account: str, amount: str, **more: Json) -> dict[str, Json]:
    return {"pay": {"pay": {"account": account, "amount": amount}, **more}}


async def refused(work: Awaitable[object]) -> str:
    """The code that something is refused with."""
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await work
    cause = caught.value.cause
    assert isinstance(cause, ApplicationError)
    return str(cause.type)


def test_approve(tell: Callable[[Story], None], worker: RunningWorker) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-approve", "42.00"))
        shown = await desk.waits("pay")
        assert shown.row.title == "Pay 42.00 to own-approve"
        assert shown.rule is not None
        assert shown.rule.text == "Over €10.00: this is €42.00."
        said = decision(shown, Verdict.APPROVE)
        accepted = await desk.decide(said)
        assert (accepted.outcome, accepted.effect) == (Outcome.CONFIRMED, None)
        receipt = await desk.settled(accepted)
        assert receipt.outcome is Outcome.CARRIED_OUT
        assert receipt.effect is not None
        assert receipt.effect.result == {"paid": "42.00"}
        assert mismatches(said, receipt) == ()
        assert paid(worker, "own-approve") == [("42.00", said.decision_id)]
        run = await desk.ends()
        assert run.status is RunStatus.COMPLETED
        # A closed run still tells.
        assert await desk.receipt(said.decision_id) == receipt
        assert (await desk.facts())["payment"] == {
            "outcome": "done",
            "effect_id": receipt.effect.effect_id,
            "paid": "42.00",
        }

    tell(story)


def test_edit(tell: Callable[[Story], None], worker: RunningWorker) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-edit", "42.00"))
        shown = await desk.waits("pay")
        for arguments, code in (
            ({"account": "own-edit"}, RefusalCode.INVALID_PAYLOAD),
            ({"account": "own-edit", "amount": "-1"}, RefusalCode.INVALID_PAYLOAD),
            ({"account": "strange", "amount": "1.00"}, RefusalCode.NOT_ALLOWED),
            ({"account": "own-edit", "amount": "60000.00"}, RefusalCode.NOT_ALLOWED),
            ({"account": "own-edit", "amount": "2000.00"}, RefusalCode.NOT_ALLOWED),  # supervisors only
            ({"account": "own-edit", "amount": "x" * 300_000}, RefusalCode.INVALID_PAYLOAD),
        ):
            said = decision(shown, Verdict.EDIT, payload={"arguments": arguments})
            assert await refused(desk.decide(said)) == code
        receipt = await desk.say(shown, Verdict.EDIT, payload={"arguments": {"account": "own-edit", "amount": "12.50"}})
        assert receipt.outcome is Outcome.CARRIED_OUT
        assert paid(worker, "own-edit") == [("12.50", receipt.decision_id)]

    tell(story)


def test_reject_goes_on_without_it(tell: Callable[[Story], None], worker: RunningWorker) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-reject", "42.00"))
        receipt = await desk.say(await desk.waits("pay"), Verdict.REJECT, payload={"reason": "not ours"})
        assert receipt.outcome is Outcome.CARRIED_OUT
        assert receipt.effect is None
        await desk.ends()
        assert (await desk.facts())["payment"] == {"outcome": "rejected", "by": "Ana", "reason": "not ours"}
        assert (await desk.steps())["last"].status is StepStatus.DONE
        assert paid(worker, "own-reject") == []

    tell(story)


def test_answer(tell: Callable[[Story], None]) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, {"first": {"ask": True}})
        shown = await desk.waits("first")
        assert (shown.row.kind, shown.row.title) == (Kind.QUESTION, "How much?")
        wrong = decision(shown, Verdict.ANSWER, payload={"answer": {"amount": 3}})
        assert await refused(desk.decide(wrong)) == RefusalCode.INVALID_PAYLOAD
        receipt = await desk.say(shown, Verdict.ANSWER, payload={"answer": {"amount": "3.00"}})
        assert receipt.outcome is Outcome.CARRIED_OUT
        await desk.ends()
        facts = {fact.name: fact for fact in (await desk.state()).facts}
        assert (facts["wanted"].value, facts["wanted"].standing) == ({"amount": "3.00"}, Standing.DECIDED)
        assert (await desk.steps())["first"].occurrence == 2

    tell(story)


def test_reroute_to_another_agent(tell: Callable[[Story], None], worker: RunningWorker) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-agent", "42.00"))
        shown = await desk.waits("pay")
        nobody = decision(shown, Verdict.REROUTE, payload={"to": {"kind": "agent", "id": "nobody"}})
        assert await refused(desk.decide(nobody)) == RefusalCode.INVALID_PAYLOAD
        receipt = await desk.say(shown, Verdict.REROUTE, payload={"to": {"kind": "agent", "id": "second-agent"}})
        assert receipt.outcome is Outcome.CARRIED_OUT
        again = await desk.waits("pay", occurrence=2)
        assert (again.key.occurrence, again.row.agent) == (2, "second-agent")
        late = decision(shown, Verdict.APPROVE)
        assert await refused(desk.decide(late)) == RefusalCode.ALREADY_DECIDED
        assert (await desk.say(again, Verdict.APPROVE)).outcome is Outcome.CARRIED_OUT
        assert len(paid(worker, "own-agent")) == 1

    tell(story)


def test_reroute_to_an_earlier_step(tell: Callable[[Story], None], worker: RunningWorker) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-step", "42.00"))
        shown = await desk.waits("pay")
        await desk.say(shown, Verdict.REROUTE, payload={"to": {"kind": "step", "id": "first"}})
        again = await desk.waits("pay", occurrence=2)
        steps = await desk.steps()
        assert (steps["first"].occurrence, steps["beside"].occurrence) == (2, 1)
        assert (await desk.say(again, Verdict.APPROVE)).outcome is Outcome.CARRIED_OUT
        assert len(paid(worker, "own-step")) == 1

    tell(story)


def test_retry_after_an_agent_gave_up(tell: Callable[[Story], None]) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, {"first": {"fail": True}})
        shown = await desk.waits("first")
        assert (shown.row.kind, shown.failure) == (Kind.FAILURE, "Locked: the file is locked")
        assert (await desk.steps())["first"].attempts == 2
        assert (await desk.say(shown, Verdict.RETRY)).outcome is Outcome.CARRIED_OUT
        assert (await desk.ends()).status is RunStatus.COMPLETED

    tell(story)


def test_failed_after_approval_then_retried_under_the_same_key(
    tell: Callable[[Story], None], worker: RunningWorker
) -> None:
    lock = worker.folder / "world-4711" / "locked"
    lock.parent.mkdir(exist_ok=True)
    lock.touch()

    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("locked", "42.00"))
        approved = await desk.say(await desk.waits("pay"), Verdict.APPROVE)
        assert (approved.outcome, approved.message) == (Outcome.FAILED, "Locked: the till is locked")
        failed = await desk.waits("pay", occurrence=2)
        assert (failed.row.kind, failed.row.title) == (Kind.FAILURE, "Pay 42.00 to locked failed 2 times")
        assert (await desk.say(failed, Verdict.RETRY)).outcome is Outcome.FAILED
        assert paid_nothing(worker, "locked")
        lock.unlink()
        retried = await desk.say(await desk.waits("pay", occurrence=3), Verdict.RETRY)
        assert retried.outcome is Outcome.CARRIED_OUT
        assert retried.effect is not None
        assert paid(worker, "locked") == [("42.00", retried.decision_id)]
        assert await desk.receipt(approved.decision_id) == approved

    tell(story)


def paid_nothing(worker: RunningWorker, account: str) -> bool:
    return not rows(worker.business, "SELECT 1 FROM effects WHERE resource = ?", f"till/{account}")


def test_skip(tell: Callable[[Story], None]) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, {"first": {"fail": True}, **pays("own-skip", "42.00")})
        assert (await desk.say(await desk.waits("first"), Verdict.SKIP)).outcome is Outcome.CARRIED_OUT
        shown = await desk.waits("pay")
        assert shown.caveats == ("“First” was skipped by Ana.",)
        assert (await desk.steps())["first"].status is StepStatus.NOT_TAKEN

    tell(story)


def test_cancel(tell: Callable[[Story], None], worker: RunningWorker) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-cancel", "420.00"))
        shown = await desk.waits("pay")
        half = await desk.decide(decision(shown, Verdict.APPROVE))
        receipt = await desk.say(await desk.waits("pay"), Verdict.CANCEL, BEN, payload={"reason": "wrong customer"})
        assert receipt.outcome is Outcome.CARRIED_OUT
        run = await desk.ends()
        assert (run.status, run.why_not_moving) == (RunStatus.CANCELLED, "Cancelled by Ben: wrong customer")
        superseded = await desk.receipt(half.decision_id)
        assert superseded is not None
        assert superseded.outcome is Outcome.SUPERSEDED
        assert paid(worker, "own-cancel") == []

    tell(story)


def test_cancelled_at_the_server(tell: Callable[[Story], None]) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-outside", "42.00"))
        await desk.waits("pay")
        await desk.handle.cancel()
        assert (await desk.ends()).status is RunStatus.CANCELLED
        assert await desk.open() == []

    tell(story)


def test_two_approvals(tell: Callable[[Story], None], worker: RunningWorker) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-two", "420.00"))
        shown = await desk.waits("pay")
        first = await desk.decide(decision(shown, Verdict.APPROVE))
        assert (first.outcome, first.approvals, first.required_approvals) == (Outcome.HALF_GRANTED, 1, 2)
        assert await refused(desk.decide(decision(shown, Verdict.APPROVE))) == RefusalCode.NOT_ALLOWED
        second = await desk.say(await desk.waits("pay"), Verdict.APPROVE, BEN)
        assert second.outcome is Outcome.CARRIED_OUT
        assert second.approvals == 2
        other = await desk.receipt(first.decision_id)
        assert other is not None
        assert (other.outcome, other.effect) == (Outcome.CARRIED_OUT, second.effect)
        assert paid(worker, "own-two") == [("420.00", second.decision_id)]

    tell(story)


def test_an_edit_voids_earlier_approvals(tell: Callable[[Story], None], worker: RunningWorker) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-void", "420.00"))
        shown = await desk.waits("pay")
        first = await desk.decide(decision(shown, Verdict.APPROVE))
        arguments: dict[str, Json] = {"account": "own-void", "amount": "380.00"}
        edited = await desk.decide(decision(shown, Verdict.EDIT, BEN, payload={"arguments": arguments}))
        assert edited.outcome is Outcome.HALF_GRANTED
        voided = await desk.receipt(first.decision_id)
        assert voided is not None
        assert voided.outcome is Outcome.SUPERSEDED
        assert await refused(desk.decide(decision(shown, Verdict.APPROVE, EVA))) == RefusalCode.CHANGED
        second = await desk.say(await desk.waits("pay"), Verdict.APPROVE, ANA)
        assert second.outcome is Outcome.CARRIED_OUT
        assert paid(worker, "own-void") == [("380.00", second.decision_id)]

    tell(story)


def test_the_initiator_may_not_approve(tell: Callable[[Story], None]) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-initiator", "42.00"), started_by=ANA.person_id)
        shown = await desk.waits("pay")
        assert await refused(desk.decide(decision(shown, Verdict.APPROVE))) == RefusalCode.NOT_ALLOWED
        assert (await desk.say(shown, Verdict.APPROVE, BEN)).outcome is Outcome.CARRIED_OUT

    tell(story)


def test_refusals_change_nothing(tell: Callable[[Story], None]) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-refuse", "42.00"))
        shown = await desk.waits("pay")
        good = decision(shown, Verdict.APPROVE)
        past = datetime.now(UTC) - timedelta(seconds=1)
        for wrong, code in (
            (replace(good, digest="0" * 64), RefusalCode.CHANGED),
            (replace(good, opened_in="another"), RefusalCode.CHANGED),
            (replace(good, valid_until=past), RefusalCode.EXPIRED),
            (replace(good, verdict=Verdict.ANSWER), RefusalCode.NOT_ALLOWED),
            (replace(good, key=replace(good.key, occurrence=9)), RefusalCode.UNKNOWN),
            (replace(good, key=replace(good.key, native_id="elsewhere")), RefusalCode.UNKNOWN),
            (replace(good, payload={"reason": "x" * 300_000}), RefusalCode.INVALID_PAYLOAD),
        ):
            assert await refused(desk.decide(replace(wrong, decision_id=f"{wrong.decision_id}{code}"))) == code
        assert await desk.waits("pay") == shown

    tell(story)


def test_the_same_decision_twice_is_applied_once(tell: Callable[[Story], None], worker: RunningWorker) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-again", "42.00"))
        said = decision(await desk.waits("pay"), Verdict.APPROVE)
        receipts = await asyncio.gather(*(desk.decide(said) for _ in range(4)))
        assert len({receipt.decision_id for receipt in receipts}) == 1
        await desk.ends()
        assert len(paid(worker, "own-again")) == 1

    tell(story)


def test_of_two_opposite_decisions_one_is_applied(tell: Callable[[Story], None], worker: RunningWorker) -> None:
    async def story(client: Client) -> None:
        for number in range(5):
            account = f"own-race-{number}"
            desk = await Desk.start(client, PLAN, pays(account, "42.00"))
            shown = await desk.waits("pay")
            said = (decision(shown, Verdict.APPROVE), decision(shown, Verdict.REJECT, BEN))
            answers = await asyncio.gather(*(desk.decide(one) for one in said), return_exceptions=True)
            accepted = [one for one in answers if not isinstance(one, BaseException)]
            failed = [one for one in answers if isinstance(one, WorkflowUpdateFailedError)]
            assert (len(accepted), len(failed)) == (1, 1)
            assert isinstance(failed[0].cause, ApplicationError)
            assert failed[0].cause.type == RefusalCode.ALREADY_DECIDED
            await desk.ends()
            assert len(paid(worker, account)) == (accepted[0].verdict is Verdict.APPROVE)

    tell(story)


def test_continuing_as_new_keeps_what_waits_and_every_receipt(
    tell: Callable[[Story], None], worker: RunningWorker
) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-new", "420.00"), continue_after=2)
        shown = await desk.waits("pay")
        first = decision(shown, Verdict.APPROVE)
        half = await desk.decide(first)
        said = Comment(BEN, datetime.now(UTC), "I look at it.")
        await desk.handle.execute_update(wire.UPDATE_COMMENT, wire.CommentRequest(key=shown.key, comment=said))
        attempt = (await desk.run()).attempt_id
        while attempt == shown.opened_in:
            attempt = (await desk.run()).attempt_id
        again = await desk.waits("pay")
        assert (again.key, again.opened_in, again.row.digest) == (shown.key, shown.opened_in, shown.row.digest)
        assert [comment.text for comment in again.comments] == ["I look at it."]
        # Temporal has forgotten the update's id; the run has not.
        other = replace(first, verdict=Verdict.REJECT)
        assert await refused(desk.decide(other)) == RefusalCode.ID_REUSED
        assert await desk.decide(first) == half
        second = await desk.say(again, Verdict.APPROVE, BEN)
        assert second.outcome is Outcome.CARRIED_OUT
        assert len(paid(worker, "own-new")) == 1
        kept = await desk.receipt(half.decision_id)
        assert kept is not None
        assert kept.outcome is Outcome.CARRIED_OUT

    tell(story)


def test_a_run_too_large_to_carry_over_stays_where_it_is(tell: Callable[[Story], None], worker: RunningWorker) -> None:
    async def story(client: Client) -> None:
        accounts = [f"own-{number}{'x' * 280_000}" for number in range(3)]
        proposals: list[Json] = [{"account": account, "amount": "42.00"} for account in accounts]
        desk = await Desk.start(client, PLAN, {"pay": {"pay": proposals}}, continue_after=1)
        for occurrence, account in enumerate(accounts, start=1):
            shown = await desk.waits("pay", occurrence=occurrence)
            assert (await desk.say(shown, Verdict.APPROVE)).outcome is Outcome.CARRIED_OUT
            assert len(paid(worker, account)) == 1
        assert (await desk.ends()).attempt_id == shown.opened_in

    tell(story)


def test_a_reset_supersedes_old_approvals_and_repeats_no_effect(
    tell: Callable[[Story], None], worker: RunningWorker
) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-reset", "42.00"))
        shown = await desk.waits("pay")
        said = decision(shown, Verdict.APPROVE)
        first = await desk.settled(await desk.decide(said))
        assert first.effect is not None
        events = [event async for event in desk.handle.fetch_history_events()]
        accepted = next(e.event_id for e in events if e.HasField("workflow_execution_update_accepted_event_attributes"))
        before = max(
            e.event_id
            for e in events
            if e.event_id < accepted - 2 and e.HasField("workflow_task_completed_event_attributes")
        )
        execution = WorkflowExecution(workflow_id=desk.handle.id)
        # The server sends the old approval again, to what is now another execution.
        await client.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace=client.namespace,
                workflow_execution=execution,
                workflow_task_finish_event_id=before,
                request_id="reset-1",
            )
        )
        again = await desk.waits("pay")
        assert again.key == shown.key
        assert again.opened_in != shown.opened_in
        assert await desk.receipt(said.decision_id) is None
        late = replace(said, decision_id="late-approval")
        assert await refused(desk.decide(late)) == RefusalCode.CHANGED
        second = await desk.say(again, Verdict.APPROVE)
        assert second.effect == first.effect
        assert paid(worker, "own-reset") == [("42.00", first.decision_id)]

    tell(story)


def test_claims_and_comments(tell: Callable[[Story], None]) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-claim", "42.00"))
        shown = await desk.waits("pay")
        request = wire.ClaimRequest(key=shown.key, by=ANA, until=datetime.now(UTC) + timedelta(hours=9))
        await desk.handle.execute_update(wire.UPDATE_CLAIM, request)
        claim = (await desk.waits("pay")).row.claim
        assert claim is not None
        assert claim.by == ANA
        assert claim.until < datetime.now(UTC) + timedelta(minutes=16)
        await desk.handle.execute_update(wire.UPDATE_RELEASE, request.model_copy(update={"by": BEN}))
        assert (await desk.waits("pay")).row.claim == claim
        await desk.handle.execute_update(wire.UPDATE_RELEASE, request)
        assert (await desk.waits("pay")).row.claim is None

    tell(story)


def test_a_list_finds_what_waits_by_memo_and_attributes(tell: Callable[[Story], None]) -> None:
    async def story(client: Client) -> None:
        desk = await Desk.start(client, PLAN, pays("own-list", "420.00"))
        shown = await desk.waits("pay")
        found = None
        while found is None or not found.typed_search_attributes:
            query = f"WorkflowId = '{desk.handle.id}' AND ClearanceOpen > 0 AND ClearanceRisk = 3"
            found = await anext(aiter(client.list_workflows(query)), None)
        memo = wire.RunMemo.model_validate((await found.memo())[wire.MEMO_KEY])
        assert [row["digest"] for row in memo.rows] == [shown.row.digest]
        assert memo.run_id == shown.opened_in
        await desk.say(shown, Verdict.REJECT)
        await desk.ends()
        described = await desk.handle.describe()
        assert wire.RunMemo.model_validate((await described.memo())[wire.MEMO_KEY]).rows == []

    tell(story)
