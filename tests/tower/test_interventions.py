"""People step in, on a real server: pause and resume, start again, complete by hand, try now, cancel."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from console.domain.canonical import Json
from console.domain.decision import Decision
from console.domain.errors import RefusalCode
from console.domain.escalation import Escalation, Kind, Verdict
from console.domain.identity import Person, Role
from console.domain.pauses import Scope
from console.domain.receipt import Outcome
from console.domain.run import RunStatus, StepStatus
from console.tower import wire
from console.tower.plan import FailurePolicy
from tests.servers import RunningServer, RunningWorker, start_server, start_worker
from tests.signing import enrol_people
from tests.tower.conftest import PROBE, rows
from tests.tower.people import ANA, BEN, EVA, IAN, Desk, decision, until
from tests.tower.probe_plan import NAME, PLAN

R = RefusalCode
Story = Callable[[Client], Awaitable[None]]
_ESCALATION = TypeAdapter(Escalation)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose control nobody else needs."""
    running = start_server(tmp_path_factory.mktemp("paused"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def worker(own_server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorker]:
    running = start_worker(own_server, tmp_path_factory.mktemp("worker"), plans=(PROBE,))
    yield running
    running.stop()


@pytest.fixture
def tell(own_server: RunningServer, worker: RunningWorker) -> Callable[[Story], None]:
    """Run a story with a client; nothing stays paused after it."""
    assert worker.process.is_alive

    async def main(story: Story) -> None:
        client = await own_server.client()
        await story(client)
        for kept in await control(client).open():
            await control(client).say(kept, Verdict.RESUME, BEN)

    return lambda story: asyncio.run(main(story))


def control(client: Client) -> Desk:
    return Desk(client.get_workflow_handle(wire.CONTROL_ID))


async def offered(desk: Desk, native_id: str) -> Escalation | None:
    """What a person may do under a native id, now."""
    asked = wire.CommandsRequest(native_ids=[native_id])
    reply = await desk.handle.query(wire.QUERY_COMMANDS, asked, result_type=wire.EscalationsReply)
    assert len(reply.items) <= 1
    return _ESCALATION.validate_python(reply.items[0]) if reply.items else None


async def offer(desk: Desk, native_id: str) -> Escalation:
    """The same, once it is there."""
    found: list[Escalation] = []

    async def is_there() -> bool:
        one = await offered(desk, native_id)
        found[:] = [one] if one is not None else []
        return bool(found)

    await until(is_there)
    return found[0]


async def pause(client: Client, scope: Scope, name: str = "", *, reason: str = "too many refunds") -> Escalation:
    """Pause a scope; what then waits to be resumed."""
    native_id = scope.native_id(name)
    receipt = await control(client).say(
        await offer(control(client), native_id), Verdict.PAUSE, ANA, payload={"reason": reason}
    )
    assert receipt.outcome is Outcome.CARRIED_OUT
    (waits,) = [one for one in await control(client).open() if one.key.native_id == native_id]
    assert (waits.row.kind, waits.verdicts) == (Kind.INTERVENTION, (Verdict.RESUME,))
    return waits


async def refusal(desk: Desk, said: Decision) -> str:
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await desk.decide(said)
    assert isinstance(caught.value.cause, ApplicationError)
    return caught.value.cause.type or ""


def pays(amount: str = "42.00", **more: Json) -> dict[str, Json]:
    return {"pay": {"pay": {"account": f"own-{uuid.uuid4().hex[:12]}", "amount": amount}, **more}}


def effects(worker: RunningWorker, run: Desk) -> int:
    return len(rows(worker.business, "SELECT 1 FROM effects WHERE run_id = ?", run.handle.id))


def file_of(worker: RunningWorker, name: str) -> Path:
    return worker.folder / "world-4711" / name


@pytest.mark.parametrize("scope", list(Scope))
def test_what_is_paused_is_not_carried_out_until_it_is_resumed(
    tell: Callable[[Story], None], worker: RunningWorker, scope: Scope
) -> None:
    async def story(client: Client) -> None:
        run = await Desk.start(client, PLAN, pays())
        shown = await run.waits("pay")
        name = {Scope.RUN: run.handle.id, Scope.PLAN: NAME, Scope.AGENT: "probe-agent", Scope.ALL: ""}[scope]
        paused = await pause(client, scope, name)
        accepted = await run.decide(decision(shown, Verdict.APPROVE))

        async def says_why() -> bool:
            header = await run.run()
            return header.status is RunStatus.PAUSED and "too many refunds" in header.why_not_moving

        async def is_held() -> bool:
            receipt = await run.receipt(accepted.decision_id)
            return receipt is not None and receipt.message.startswith("Held up: ")

        await until(says_why)
        await until(is_held)
        assert effects(worker, run) == 0
        resumed = await control(client).say(paused, Verdict.RESUME, BEN)
        assert resumed.outcome is Outcome.CARRIED_OUT
        assert (await run.settled(accepted)).outcome is Outcome.CARRIED_OUT
        assert (await run.ends()).status is RunStatus.COMPLETED
        assert effects(worker, run) == 1

    tell(story)


def test_a_paused_agent_is_not_set_to_work_and_others_are(tell: Callable[[Story], None]) -> None:
    async def story(client: Client) -> None:
        paused = await pause(client, Scope.AGENT, "second-agent")
        run = await Desk.start(client, PLAN, {})

        async def is_held() -> bool:
            steps = await run.steps()
            return "agent second-agent was paused" in steps["last"].message.lower()

        await until(is_held)
        steps = await run.steps()
        assert {steps[one].status for one in ("first", "beside", "pay")} == {StepStatus.DONE}
        assert (await run.steps())["last"].occurrence == 1
        await control(client).say(paused, Verdict.RESUME, BEN)
        await run.ends()
        assert (await run.steps())["last"].occurrence == 1

    tell(story)


def test_a_pause_says_what_was_in_flight(tell: Callable[[Story], None], worker: RunningWorker) -> None:
    async def story(client: Client) -> None:
        pay: dict[str, Json] = {"pay": {"pay": {"account": "inside", "amount": "1.00"}}}
        run = await Desk.start(client, PLAN, pay)
        await until(file_of(worker, "inside").exists)
        other, own = Scope.AGENT.native_id("second-agent"), Scope.AGENT.native_id("probe-agent")
        nothing = await control(client).say(await offer(control(client), other), Verdict.PAUSE, ANA)
        assert nothing.message == "Paused. Nothing was in flight."
        something = await control(client).say(await offer(control(client), own), Verdict.PAUSE, ANA)
        assert something.message == f"Paused. In flight, and not stopped: {run.handle.id}: pay."
        file_of(worker, "let-go").touch()
        await run.handle.terminate()

    tell(story)


def test_stopping_is_anybodys_on_duty_and_more_than_a_run_goes_on_by_a_supervisor(
    tell: Callable[[Story], None],
) -> None:
    async def story(client: Client) -> None:
        desk = control(client)
        native_id = Scope.ALL.native_id()
        viewer = Person("vic", "Vic", Role.VIEWER)
        await enrol_people(client, [viewer])
        assert await refusal(desk, decision(await offer(desk, native_id), Verdict.PAUSE, viewer)) == R.NOT_ALLOWED
        first = await desk.decide(decision(await offer(desk, native_id), Verdict.PAUSE, IAN))
        paused = await offer(desk, native_id)
        assert await refusal(desk, decision(paused, Verdict.RESUME, IAN)) == R.NOT_ALLOWED
        forged = replace(decision(paused, Verdict.RESUME, IAN), by=BEN)
        assert await refusal(desk, forged) in {R.OTHER_PERSON, R.BAD_SIGNATURE}
        await desk.say(paused, Verdict.RESUME, BEN)
        assert await refusal(desk, decision(paused, Verdict.RESUME, ANA)) == R.ALREADY_DECIDED
        assert (await desk.settled(first)).outcome is Outcome.CARRIED_OUT

    tell(story)


def test_what_was_approved_before_a_reset_counts_no_more(tell: Callable[[Story], None], worker: RunningWorker) -> None:
    async def story(client: Client) -> None:
        run = await Desk.start(client, PLAN, pays("420.00"))
        shown = await run.waits("pay")
        half = await run.decide(decision(shown, Verdict.APPROVE, ANA))
        second = decision(shown, Verdict.APPROVE, BEN)
        reset = await run.say(await offer(run, "@reset/first"), Verdict.RESET, IAN)
        assert (reset.outcome, reset.message) == (Outcome.CARRIED_OUT, "2 steps start anew.")
        assert (await run.settled(half)).outcome is Outcome.SUPERSEDED
        again = await run.waits("pay", occurrence=2)
        assert (again.row.approvals, again.row.required_approvals) == (0, 2)
        assert await refusal(run, second) in R.SUPERSEDING
        assert effects(worker, run) == 0
        await run.decide(decision(again, Verdict.APPROVE, ANA))
        await run.say(await run.waits("pay", occurrence=2), Verdict.APPROVE, BEN)
        await run.ends()
        assert effects(worker, run) == 1
        assert (await run.steps())["first"].occurrence == 2

    tell(story)


def test_what_has_acted_is_not_started_again(tell: Callable[[Story], None]) -> None:
    async def story(client: Client) -> None:
        run = await Desk.start(client, PLAN, {**pays("1.00"), "last": {"wait": f"wait-{uuid.uuid4().hex}"}})

        async def has_paid() -> bool:
            return (await run.steps())["pay"].status is StepStatus.DONE

        await until(has_paid)
        assert [await offered(run, f"@reset/{one}") for one in ("first", "pay", "last")] == [None, None, None]
        assert await offered(run, "@complete/last") is None
        cancelled = await run.say(await offer(run, "@cancel"), Verdict.CANCEL, IAN)
        assert cancelled.outcome is Outcome.CARRIED_OUT
        assert (await run.ends()).status is RunStatus.CANCELLED
        assert await offered(run, "@cancel") is None

    tell(story)


def test_completing_by_hand_takes_whom_the_gate_would_take(
    tell: Callable[[Story], None], worker: RunningWorker
) -> None:
    async def story(client: Client) -> None:
        last = f"wait-{uuid.uuid4().hex}"
        run = await Desk.start(client, PLAN, {**pays("420.00"), "last": {"wait": last}}, started_by=IAN.person_id)
        shown = await run.waits("pay")
        hand = await offer(run, "@complete/pay")
        assert (hand.row.required_approvals, hand.row.risk) == (2, shown.row.risk)
        said: dict[str, Json] = {"reason": "Paid at the bank.", "result": {"slip": "B-17"}}
        assert await refusal(run, decision(hand, Verdict.COMPLETE, IAN, payload=said)) == R.NOT_ALLOWED
        assert await refusal(run, decision(hand, Verdict.COMPLETE, ANA, payload={})) == R.INVALID_PAYLOAD
        half = await run.decide(decision(hand, Verdict.COMPLETE, ANA, payload=said))
        assert half.outcome is Outcome.HALF_GRANTED
        waits = await run.waits("pay")
        (kept,) = [one for one in await run.open() if one.key == hand.key]
        assert (kept.row.kind, kept.row.approvals, waits.key) == (Kind.INTERVENTION, 1, shown.key)
        assert await refusal(run, decision(kept, Verdict.COMPLETE, ANA, payload=said)) == R.NOT_ALLOWED
        other: dict[str, Json] = {"reason": "Paid.", "result": {"slip": "B-18"}}
        assert await refusal(run, decision(kept, Verdict.COMPLETE, BEN, payload=other)) == R.INVALID_PAYLOAD
        whole = await run.say(kept, Verdict.COMPLETE, BEN, payload={**said, "reason": "I saw the slip."})
        assert whole.outcome is Outcome.CARRIED_OUT
        assert (await run.settled(half)).outcome is Outcome.CARRIED_OUT
        assert await refusal(run, decision(shown, Verdict.APPROVE, ANA)) == R.CLOSED
        file_of(worker, f"{last}-last-1").touch()
        await run.ends()
        facts = await run.facts()
        assert facts["slip"] == "B-17"
        assert facts["payment"] == {"outcome": "done by hand", "by": "Ana and Ben", "reason": "I saw the slip."}
        assert effects(worker, run) == 0

    tell(story)


def test_what_one_began_to_complete_by_hand_one_may_withdraw(tell: Callable[[Story], None]) -> None:
    async def story(client: Client) -> None:
        run = await Desk.start(client, PLAN, pays("420.00"))
        shown = await run.waits("pay")
        await run.decide(decision(shown, Verdict.APPROVE, EVA))
        hand = await offer(run, "@complete/pay")
        half = await run.decide(decision(hand, Verdict.COMPLETE, ANA))
        (kept,) = [one for one in await run.open() if one.key == hand.key]
        assert await refusal(run, decision(kept, Verdict.WITHDRAW, BEN)) == R.NOT_ALLOWED
        withdrawn = await run.decide(decision(kept, Verdict.WITHDRAW, ANA))
        assert withdrawn.outcome is Outcome.CARRIED_OUT
        assert (await run.settled(half)).outcome is Outcome.SUPERSEDED
        assert [one.key for one in await run.open()] == [shown.key]
        assert await refusal(run, decision(kept, Verdict.WITHDRAW, ANA)) == R.ALREADY_DECIDED
        again = await offer(run, "@complete/pay")
        assert again.key.occurrence == hand.key.occurrence + 1
        # What was approved at the gate is not touched by it.
        assert (await run.say((await run.open())[0], Verdict.APPROVE, BEN)).outcome is Outcome.CARRIED_OUT

    tell(story)


def test_half_a_completion_by_hand_goes_when_the_run_moves_on(tell: Callable[[Story], None]) -> None:
    async def story(client: Client) -> None:
        run = await Desk.start(client, PLAN, pays("420.00"))
        shown = await run.waits("pay")
        half = await run.decide(decision(await offer(run, "@complete/pay"), Verdict.COMPLETE, ANA))
        await run.say(shown, Verdict.REJECT)
        assert (await run.settled(half)).outcome is Outcome.SUPERSEDED
        assert all(not one.key.is_command for one in await run.open())

    tell(story)


def test_a_step_that_waits_out_a_failure_is_tried_at_once(tell: Callable[[Story], None], worker: RunningWorker) -> None:
    patient = FailurePolicy(attempts=2, first_wait=120, longest_wait=120)
    plan = replace(PLAN, steps=tuple(replace(step, failure=patient) for step in PLAN.steps))

    async def story(client: Client) -> None:
        locked = file_of(worker, "locked")
        locked.parent.mkdir(parents=True, exist_ok=True)
        locked.touch()
        run = await Desk.start(client, plan, {"pay": {"pay": {"account": "locked", "amount": "1.00"}}})
        retry = await offer(run, "@retry/pay")
        locked.unlink()
        assert (await run.say(retry, Verdict.RETRY, IAN)).outcome is Outcome.CARRIED_OUT
        await run.ends()
        assert effects(worker, run) == 1

    tell(story)


def test_where_the_control_does_not_answer_nothing_is_done(own_server: RunningServer, worker: RunningWorker) -> None:
    """Last in its module: the control is ended for good."""

    async def story() -> None:
        client = await own_server.client()
        run = await Desk.start(client, PLAN, pays())
        shown = await run.waits("pay")
        await client.get_workflow_handle(wire.CONTROL_ID).terminate()
        await client.start_workflow("Nothing", id=wire.CONTROL_ID, task_queue="nobody polls this")
        await run.decide(decision(shown, Verdict.APPROVE))

        async def is_held() -> bool:
            return "Nobody could say whether it is paused" in (await run.run()).why_not_moving

        await until(is_held)
        assert effects(worker, run) == 0

    asyncio.run(story())
