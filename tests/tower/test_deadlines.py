"""Deadlines: what falls due is raised and handed on, never approved; on a table with a clock, and on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from console.domain.canonical import Json
from console.domain.escalation import Comment, Escalation, Kind, Target, TargetKind, Verdict
from console.domain.receipt import Outcome as Became
from console.domain.run import RunStatus
from console.tower import deadlines, views, wire
from console.tower.book import BOOK, Phase
from console.tower.messages import NOTE_ACTIVITY
from console.tower.plan import Gate, OnReject, Plan, problems
from console.tower.policy import SUPERVISORS
from tests.servers import RunningServer, RunningWorker, start_server, start_worker
from tests.tower.conftest import PROBE, rows
from tests.tower.people import ANA, BEN, Desk, Handle, until
from tests.tower.probe_plan import PLAN
from tests.tower.test_course import Table, payment

EVA = Target(TargetKind.PERSON, "eva", "Eva")
SECOND = 1 / 60
GATED: dict[str, Json] = {"pay": {"pay": {"account": "own-late", "amount": "5.00"}}}


def gated(reject_after: float | None, on_reject: OnReject = OnReject.CONTINUE, plan: Plan = PLAN) -> Plan:
    """The plan with a gate before its payment, which may reject by itself."""
    gate = Gate(name="Payment", reject_after_minutes=reject_after)
    steps = (replace(s, gate=gate, on_reject=on_reject) if s.step_id == "pay" else s for s in plan.steps)
    return replace(plan, steps=tuple(steps))


def quick(seconds: float, plan: Plan = PLAN, *, grace: float = 10.0, to: Target = SUPERVISORS) -> Plan:
    """The plan, where everything is due in some seconds."""
    due = (seconds * SECOND,) * 4
    return replace(plan, policy=replace(plan.policy, due_minutes=due, grace_minutes=grace, overdue_to=to))


def overdue(table: Table, shown: Escalation, *, by: timedelta = timedelta(0)) -> None:
    """Turn the clock to when an item is due, and on."""
    assert shown.row.due_at is not None
    table.at = shown.row.due_at + by
    deadlines.keep(table.course)


def test_what_falls_due_is_handed_on_and_waits_as_before() -> None:
    table = Table(replace(PLAN, policy=replace(PLAN.policy, overdue_to=EVA)))
    shown = table.reach_pay()
    assert deadlines.next_at(table.course) == shown.row.due_at
    overdue(table, shown, by=timedelta(microseconds=-1))
    assert table.book.open["pay"] == shown
    assert table.book.notes == []
    overdue(table, shown)
    late = table.book.open["pay"]
    assert late == replace(shown, handed_to=EVA)
    assert deadlines.next_at(table.course) is None
    assert (views.attributes(table.course)["ClearanceAssignee"], late.row.due_at) == ("eva", shown.row.due_at)
    assert views.header(table.course).run.why_not_moving == f"Overdue, handed to Eva: {shown.row.title}"
    assert [note.title for note in table.book.notes] == [f"Overdue, handed to Eva: {shown.row.title}"]
    assert table.book.receipts == {}
    # What was signed before it fell due still holds, and once more no time makes anything of it.
    table.at += timedelta(days=400)
    deadlines.keep(table.course)
    assert table.book.open["pay"] == late
    assert table.say(shown, Verdict.APPROVE).outcome is Became.HALF_GRANTED


@pytest.mark.parametrize("kind", [Kind.QUESTION, Kind.FAILURE, Kind.DOUBT, Kind.CHECKPOINT])
def test_no_time_settles_anything_where_the_plan_does_not_say_so(kind: Kind) -> None:
    table = Table(gated(None))
    outcome: dict[Kind, dict[str, object]] = {
        Kind.QUESTION: {"question": {"key": "k", "text": "How much?", "schema": {}}},
        Kind.DOUBT: {"confidence": 0.1},
        Kind.CHECKPOINT: {"proposals": (payment("5.00"),)},
    }
    if kind is Kind.FAILURE:
        for _ in range(2):
            table.course.begin("first")
            table.course.failed("first", "Failed", "no")
    else:
        table.work("first", **outcome[kind])
        if kind is Kind.CHECKPOINT:
            table = Table(gated(None))
            table.reach_pay(**outcome[kind])
    ((step, shown),) = table.book.open.items()
    assert shown.row.kind is kind
    assert shown.expires_at is None
    overdue(table, shown)
    for _ in range(50):
        table.at += timedelta(minutes=9)
        deadlines.keep(table.course)
    assert table.book.open == {step: replace(shown, handed_to=SUPERVISORS)}
    assert table.book.steps[step].phase is Phase.GATE


@pytest.mark.parametrize("on_reject", list(OnReject))
def test_a_gate_that_expires_rejects_by_the_plan_in_nobodys_name(on_reject: OnReject) -> None:
    table = Table(gated(5, on_reject))
    shown = table.reach_pay(proposals=(payment("420.00"),))
    half = table.say(shown, Verdict.APPROVE)
    shown = table.book.open["pay"]
    assert shown.row.due_at is not None
    assert shown.expires_at == shown.row.due_at + timedelta(minutes=5)
    overdue(table, shown, by=timedelta(minutes=3))
    handed = table.book.open["pay"]
    # Whoever it is handed to has the whole time.
    assert handed.expires_at == deadlines.next_at(table.course) == table.at + timedelta(minutes=5)
    table.at += timedelta(minutes=5)
    deadlines.keep(table.course)
    assert table.book.open == {}
    payment_made = table.book.record.facts["payment"].value
    assert isinstance(payment_made, dict)
    assert (payment_made["outcome"], payment_made["by"]) == ("rejected", "the plan's deadline")
    assert list(table.book.receipts) == [half.decision_id]
    assert table.book.receipts[half.decision_id].outcome is Became.SUPERSEDED
    assert table.book.notes[-1].title == f"Rejected by the plan's deadline: {shown.row.title}"
    ended = RunStatus.COMPLETED if on_reject is OnReject.HALT else None
    assert table.book.ending is ended


def test_a_deadline_that_passed_while_no_worker_ran_does_not_count() -> None:
    table = Table(gated(5))
    shown = table.reach_pay(proposals=(payment("420.00"),))
    overdue(table, shown, by=timedelta(hours=14))
    again = table.book.open["pay"]
    assert again.row.due_at == table.at + timedelta(minutes=PLAN.policy.due_minutes[2])
    assert (again.row.opened_at, again.row.digest, again.handed_to) == (shown.row.opened_at, shown.row.digest, None)
    assert again.expires_at == again.row.due_at + timedelta(minutes=5)
    assert [note.title for note in table.book.notes] == [f"Due anew: {shown.row.title}"]
    # An edit does not bring the old time back.
    changed: dict[str, Json] = {"arguments": {"account": "own-1", "amount": "300.00"}}
    table.say(again, Verdict.EDIT, payload=changed)
    assert table.book.open["pay"].row.due_at == again.row.due_at
    overdue(table, again)
    table.at += timedelta(hours=14)
    deadlines.keep(table.course)
    assert table.book.open["pay"].handed_to is None
    assert table.book.record.facts["payment"].value != {"outcome": "rejected"}


def test_a_book_with_deadlines_is_the_same_after_json() -> None:
    table = Table(gated(5))
    overdue(table, table.reach_pay(proposals=(payment("420.00"),)))
    assert BOOK.validate_python(BOOK.dump_python(table.book, mode="json")) == table.book


def test_a_plan_whose_deadlines_make_no_sense_is_refused() -> None:
    assert problems(gated(-1)) == ("step pay: gate Payment would expire before it is due",)
    assert problems(quick(0)) == ("a policy's times are more than 0 minutes",)
    step = Target(TargetKind.STEP, "first", "First")
    assert problems(quick(1, to=step)) == ("what falls due is handed to a team or a person",)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[RunningServer, RunningWorker]]:
    """A server and a worker of the test's own."""
    server = start_server(tmp_path / "server")
    worker = start_worker(server, tmp_path / "work", plans=(PROBE,))
    yield server, worker
    worker.stop()
    server.stop()


async def notes(client: Client, handle: Handle) -> list[str]:
    """The titles of what the run noted in its trail, over all its executions."""
    found: list[str] = []
    async for one in client.list_workflows(f"WorkflowId = '{handle.id}'"):
        started: set[int] = set()
        async for event in client.get_workflow_handle(one.id, run_id=one.run_id).fetch_history_events():
            if event.activity_task_scheduled_event_attributes.activity_type.name == NOTE_ACTIVITY:
                started.add(event.event_id)
            done = event.activity_task_completed_event_attributes
            if done.scheduled_event_id in started:
                (said,) = await client.data_converter.decode(list(done.result.payloads), [wire.TrailBearing])
                found += [str(entry["title"]) for entry in said.trail]
    return found


async def handed_on(desk: Desk) -> Escalation:
    """What waits, once it was handed on."""
    found: list[Escalation] = []

    async def is_late() -> bool:
        found[:] = [one for one in await desk.open() if one.handed_to is not None]
        return bool(found)

    await until(is_late)
    return found[0]


def test_a_run_hands_on_what_falls_due_in_a_later_execution_and_still_takes_the_approval(
    office: tuple[RunningServer, RunningWorker],
) -> None:
    server, worker = office

    async def story() -> None:
        client = await server.client()
        plan = quick(4, gated(None), to=EVA)
        desk = await Desk.start(client, plan, GATED, continue_after=1)
        shown = await desk.waits("pay")
        said = Comment(BEN, datetime.now(UTC), "I look at it.")
        await desk.handle.execute_update(wire.UPDATE_COMMENT, wire.CommentRequest(key=shown.key, comment=said))

        async def is_later() -> bool:
            return (await desk.run()).attempt_id != shown.opened_in

        await until(is_later)
        late = await handed_on(desk)
        assert (late.key, late.row.digest, late.handed_to) == (shown.key, shown.row.digest, EVA)

        async def is_found() -> bool:
            query = f"WorkflowId = '{desk.handle.id}' AND ClearanceAssignee = 'eva' AND ClearanceOpen = 1"
            return (await client.count_workflows(query)).count == 1

        await until(is_found)
        assert rows(worker.business, "SELECT 1 FROM effects") == []
        receipt = await desk.say(late, Verdict.APPROVE, ANA)
        assert receipt.outcome is Became.CARRIED_OUT
        await desk.ends()
        assert await notes(client, desk.handle) == ["Overdue, handed to Eva: Pay 5.00 to own-late"]

    asyncio.run(story())


def test_a_run_rejects_by_itself_only_where_the_plan_says_so_and_says_it_in_the_trail(
    office: tuple[RunningServer, RunningWorker],
) -> None:
    server, worker = office

    async def story() -> None:
        client = await server.client()
        patient = await Desk.start(client, quick(1, gated(None)), GATED)
        desk = await Desk.start(client, quick(1, gated(SECOND, OnReject.HALT)), GATED)
        run = await desk.ends()
        assert run.status is RunStatus.COMPLETED
        assert run.why_not_moving == "“Pay 5.00 to own-late” was rejected by the plan's deadline."
        assert await notes(client, desk.handle) == [
            "Overdue, handed to the supervisors: Pay 5.00 to own-late",
            "Rejected by the plan's deadline: Pay 5.00 to own-late",
        ]
        assert (await handed_on(patient)).expires_at is None
        assert rows(worker.business, "SELECT 1 FROM effects") == []

    asyncio.run(story())


def test_started_again_after_a_day_off_nothing_is_overdue(office: tuple[RunningServer, RunningWorker]) -> None:
    server, worker = office

    async def story() -> None:
        client = await server.client()
        desks = [await Desk.start(client, quick(8, gated(SECOND), grace=SECOND), GATED) for _ in range(2)]
        shown = [await desk.waits("pay") for desk in desks]
        worker.kill()
        dues = [one.row.due_at for one in shown]
        await until(lambda: all(due and datetime.now(UTC) > due + timedelta(seconds=2) for due in dues))
        again = start_worker(server, worker.folder, plans=(PROBE,), name="again")
        try:
            for desk in desks:

                async def has_noted(desk: Desk = desk) -> bool:
                    return bool(await notes(client, desk.handle))

                await until(has_noted)
                assert (await notes(client, desk.handle))[0] == "Due anew: Pay 5.00 to own-late"
        finally:
            again.stop()

    asyncio.run(story())
