"""The scripted engine does what its script says: what opens, what breaks, and when."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from datetime import UTC, datetime, timedelta

import pytest

from console.domain.canonical import Json
from console.domain.digest import escalation_digest
from console.domain.errors import Denied, RefusalCode, Refused, Uncertain, Unreachable
from console.domain.escalation import Claim, Verdict
from console.domain.receipt import Outcome, Receipt
from console.domain.risk import Risk
from console.domain.run import Fact, RunStatus
from console.engines.fake.engine import FakeEngine
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from console.engines.port import Lost, Quiet, RunWaits
from tests.engines.conformance import Ask, decision, error_of, refusal
from tests.engines.fake_bench import MORNING, REFUND, FakeBench
from tests.engines.hostile import HOSTILE, as_json, sound
from tests.signing import ANNA
from tests.signing import BENNO as BEN


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def test_the_same_script_makes_the_same_server() -> None:
    def scripted() -> FakeServer:
        server = FakeServer(clock=lambda: MORNING)
        for number in range(3):
            server.open(server.start_run(), Opening(proposal=REFUND, risk=Risk(number + 1)))
        return server

    assert scripted().world.waiting() == scripted().world.waiting()


def test_a_slow_server_answers_late() -> None:
    async def run() -> None:
        bench = FakeBench()
        key = await bench.open(Ask())
        bench.server.faults.delay = 0.5
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bench.desk.escalation(key), 0.01)
        bench.server.faults.delay = 0.01
        assert (await bench.desk.escalation(key)).key == key

    asyncio.run(run())


def test_denied_access_ends_calls_and_following() -> None:
    async def run() -> None:
        bench = FakeBench()
        bench.server.faults.denied = "Not with this key."
        await error_of(bench.desk.open(), Denied)
        bench.server.faults.denied = ""
        changes = bench.desk.changes()
        assert isinstance(await anext(changes), Quiet)
        bench.server.faults.denied = "Not any more."
        with pytest.raises(Denied):
            await anext(changes)

    asyncio.run(run())


def test_deliveries_that_are_to_meet_wait_for_each_other() -> None:
    async def run() -> None:
        bench = FakeBench()
        key = await bench.open(Ask())
        sent = [await decision(bench, key, by=ANNA), await decision(bench, key, Verdict.REJECT, by=BEN)]
        bench.server.faults.meet(2)
        async with asyncio.TaskGroup() as group:
            first = group.create_task(bench.desk.deliver(sent[0]), name="first")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert bench.server.arrived == []
            assert await refusal(bench.other_desk.deliver(sent[1])) == RefusalCode.ALREADY_DECIDED
        assert first.result().decision_id == sent[0].decision_id

    asyncio.run(run())


def test_losses_happen_once_each_in_the_order_given() -> None:
    async def run() -> None:
        bench = FakeBench()
        first, second = await bench.open(Ask()), await bench.open(Ask())
        bench.server.lose_next_request()
        bench.server.lose_next_reply()
        lost, taken = await decision(bench, first), await decision(bench, second)
        await error_of(bench.desk.deliver(lost), Uncertain)
        await error_of(bench.desk.deliver(taken), Uncertain)
        assert [came.decision_id for came in bench.server.arrived] == [taken.decision_id]
        assert isinstance(await bench.desk.deliver(lost), Receipt)

    asyncio.run(run())


def test_effects_follow_when_the_script_says_so_and_fail_if_it_says_that() -> None:
    async def run() -> None:
        bench = FakeBench()
        bench.server.carries_out = False
        key = await bench.open(Ask())
        sent = await decision(bench, key)
        await bench.desk.deliver(sent)
        before = await bench.desk.read_back(sent)
        assert before is not None
        assert before.outcome is Outcome.CONFIRMED
        bench.server.effect_error = "LedgerLocked"
        bench.server.carry_out(sent)
        after = await bench.desk.read_back(sent)
        assert after is not None
        assert (after.outcome, after.effect and after.effect.error) == (Outcome.FAILED, "LedgerLocked")

    asyncio.run(run())


def test_an_edit_voids_the_approval_before_it() -> None:
    async def run() -> None:
        bench = FakeBench()
        key = await bench.open(Ask(required_approvals=2))
        approved = await decision(bench, key, by=ANNA)
        await bench.desk.deliver(approved)
        edited = await decision(bench, key, Verdict.EDIT, by=BEN)
        assert (await bench.other_desk.deliver(edited)).outcome is Outcome.HALF_GRANTED
        voided = await bench.desk.read_back(approved)
        assert voided is not None
        assert voided.outcome is Outcome.SUPERSEDED
        again = await decision(bench, key, by=ANNA)
        await bench.desk.deliver(again)
        assert [done.arguments for done in bench.server.effects(key)] == [edited.payload["arguments"]]

    asyncio.run(run())


def test_one_rejection_ends_a_quorum() -> None:
    async def run() -> None:
        bench = FakeBench()
        key = await bench.open(Ask(required_approvals=2))
        approved = await decision(bench, key, by=ANNA)
        await bench.desk.deliver(approved)
        await bench.desk.deliver(await decision(bench, key, Verdict.REJECT, by=BEN))
        receipt = await bench.desk.read_back(approved)
        assert receipt is not None
        assert receipt.outcome is Outcome.SUPERSEDED
        assert bench.server.effects(key) == ()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("verdict", "payload"),
    [(Verdict.EDIT, {}), (Verdict.EDIT, {"arguments": [1]}), (Verdict.REROUTE, {})],
)
def test_a_payload_that_lacks_what_the_verdict_needs_is_refused(verdict: Verdict, payload: dict[str, Json]) -> None:
    async def run() -> None:
        bench = FakeBench()
        key = await bench.open(Ask())
        sent = dataclasses.replace(await decision(bench, key, verdict), payload=payload)
        assert await refusal(bench.desk.deliver(sent)) == RefusalCode.INVALID_PAYLOAD

    asyncio.run(run())


def test_who_started_a_run_may_not_approve_it() -> None:
    async def run() -> None:
        bench = FakeBench()
        key = bench.server.open(bench.server.start_run(), Opening(proposal=REFUND, initiator=ANNA.person_id))
        assert await refusal(bench.desk.deliver(await decision(bench, key, by=ANNA))) == RefusalCode.NOT_ALLOWED
        assert (await bench.desk.deliver(await decision(bench, key, by=BEN))).outcome is Outcome.CONFIRMED

    asyncio.run(run())


def test_a_claim_runs_out() -> None:
    clock = Clock()
    server = FakeServer(clock=clock)
    key = server.open(server.start_run(), Opening(proposal=REFUND))
    server.claim(key, Claim(ANNA, clock.now + timedelta(minutes=15)))
    assert server.escalation(key).row.claim is not None
    clock.now += timedelta(minutes=15)
    assert server.escalation(key).row.claim is None
    assert server.world.waiting()[0].claim is None


def test_a_run_that_ends_closes_what_waited_in_it() -> None:
    async def run() -> None:
        bench = FakeBench()
        key = await bench.open(Ask())
        sent = await decision(bench, key)
        bench.server.finish_run(key.run, RunStatus.FAILED)
        assert await refusal(bench.desk.deliver(sent)) == RefusalCode.CLOSED
        assert (await bench.desk.run(key.run)).status is RunStatus.FAILED
        assert [row async for page in bench.desk.waiting() for row in page] == []

    asyncio.run(run())


def test_a_new_execution_keeps_what_waits_and_what_was_signed() -> None:
    async def run() -> None:
        bench = FakeBench()
        key = await bench.open(Ask())
        sent = await decision(bench, key)
        assert bench.server.continue_run(key.run) == (await bench.desk.run(key.run)).attempt_id != sent.opened_in
        assert (await bench.desk.deliver(sent)).opened_in == sent.opened_in

    asyncio.run(run())


def test_earlier_states_can_be_read() -> None:
    async def run() -> None:
        bench = FakeBench()
        key = await bench.open(Ask())
        revision = bench.server.set_state(key.run, [Fact("amount", 200)])
        assert (await bench.desk.state(key.run)).facts == (Fact("amount", 200),)
        assert (await bench.desk.state(key.run, revision=revision - 1)).facts == (Fact("amount", 240),)
        assert await refusal(bench.desk.state(key.run, revision=99)) == RefusalCode.UNKNOWN

    asyncio.run(run())


def test_being_away_is_told_to_followers_and_ends_calls() -> None:
    async def run() -> None:
        bench = FakeBench()
        key = await bench.open(Ask())
        changes = bench.desk.changes()
        assert isinstance(await anext(changes), Quiet)
        bench.server.go_away("It is being moved.")
        bench.server.change(key, amount=1)
        assert await anext(changes) == Lost("It is being moved.")
        assert (await error_of(bench.desk.run(key.run), Unreachable)).message == "It is being moved."
        bench.server.come_back()
        assert isinstance(await anext(changes), Lost)
        told = await anext(changes)
        assert isinstance(told, RunWaits)
        assert told.run == key.run

    asyncio.run(run())


def test_what_changes_between_listing_and_following_is_told() -> None:
    async def run() -> None:
        bench = FakeBench()
        assert [page async for page in bench.desk.waiting()] == []
        key = await bench.open(Ask())
        told = await anext(bench.desk.changes())
        assert isinstance(told, RunWaits)
        assert [row.key for row in told.waiting] == [key]

    asyncio.run(run())


def test_a_closed_connection_answers_nothing() -> None:
    async def run() -> None:
        bench = FakeBench()
        key = await bench.open(Ask())
        await bench.desk.close()
        await error_of(bench.desk.escalation(key), Unreachable)
        await bench.desk.open()
        assert (await bench.desk.escalation(key)).key == key

    asyncio.run(run())


def test_another_thread_may_script() -> None:
    server = FakeServer()
    told: list[RunWaits] = []

    async def follow() -> None:
        started.set()
        async for change in FakeEngine(server, quiet_every=5).changes():
            if isinstance(change, RunWaits):
                told.append(change)
            if len(told) == 200:
                return

    started = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(follow()))
    thread.start()
    started.wait()
    while not server.world.is_followed:
        continue
    keys = server.open_many(200, lambda _: Opening(proposal=REFUND))
    thread.join()
    assert [change.waiting[0].key for change in told] == keys


def test_ten_thousand_wait_highest_risk_first() -> None:
    async def run() -> None:
        server = FakeServer()
        server.open_many(10_000, lambda number: Opening(proposal=REFUND, risk=Risk(number % 4 + 1)))
        pages = [page async for page in FakeEngine(server).waiting()]
        risks = [row.risk for page in pages for row in page]
        assert (len(pages), len(risks)) == (10, 10_000)
        assert risks == sorted(risks, reverse=True)

    asyncio.run(run())


@pytest.mark.parametrize("name", HOSTILE)
def test_raw_items_are_decoded_like_any_engines(name: str) -> None:
    make, word = HOSTILE[name]

    async def run() -> None:
        bench = FakeBench()
        good = await bench.open(Ask())
        ref = bench.server.start_run()
        raw = make(as_json(sound(ref)))
        key = bench.server.open_raw(ref, raw)  # type: ignore[arg-type]  # what is no JSON is tried, too
        rows = {row.key: row async for page in bench.desk.waiting() for row in page}
        assert set(rows) == {good, key}
        assert word in rows[key].problem
        assert rows[good].problem == ""
        item = await bench.desk.escalation(key)
        assert item.key == key
        assert word in item.row.problem

    asyncio.run(run())


def test_an_item_with_an_argument_of_5_mb_can_be_rejected_and_not_approved() -> None:
    async def run() -> None:
        bench = FakeBench()
        ref = bench.server.start_run()
        execution = bench.server.world.record(ref).run.attempt_id
        large = dataclasses.replace(sound(ref, arguments={"text": "x" * 5_000_000}), opened_in=execution)
        large = dataclasses.replace(large, row=dataclasses.replace(large.row, digest=escalation_digest(large)))
        key = bench.server.open_raw(ref, as_json(large))
        shown = await bench.desk.escalation(key)
        assert "512 KB" in shown.row.problem
        assert shown.proposal is None
        approve = dataclasses.replace(await decision(bench, key), digest=shown.row.digest)
        assert await refusal(bench.desk.deliver(approve)) == RefusalCode.NOT_ALLOWED
        reject = dataclasses.replace(approve, decision_id="reject", verdict=Verdict.REJECT)
        assert (await bench.desk.deliver(reject)).outcome is Outcome.CONFIRMED
        assert bench.server.effects() == ()

    asyncio.run(run())


def test_an_unknown_run_is_refused() -> None:
    async def run() -> None:
        bench = FakeBench()
        key = await bench.open(Ask())
        nowhere = dataclasses.replace(key.run, run_id="nowhere")
        with pytest.raises(Refused):
            await bench.desk.run(nowhere)

    asyncio.run(run())
