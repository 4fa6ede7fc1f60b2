"""What happens between "queued" and the receipt: undo, absence, lost replies, changes, refusals, order."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from console.domain.decision import Decision, DecisionState
from console.domain.errors import RefusalCode, Refused, Uncertain
from console.domain.escalation import Verdict
from console.domain.receipt import Receipt
from console.domain.risk import Risk
from console.engines.fake.engine import FakeEngine
from tests.services.engines import Around, Pausing
from tests.services.office import GATE, STEP, Office, in_loop, states

S = DecisionState
CRITICAL = dataclasses.replace(GATE, risk=Risk.CRITICAL)
REASON = {"reason": "checked with the account manager"}


# Held, and undone


@pytest.mark.parametrize(("risk", "seconds"), [(Risk.LOW, 5), (Risk.CRITICAL, 15)])
@in_loop
async def test_it_is_held_for_its_undo_window_then_sent(office: Office, risk: Risk, seconds: int) -> None:
    key = office.server.open(office.server.start_run(), dataclasses.replace(GATE, risk=risk))
    desk = await office.open_with_ledger()
    decision_id = await office.decide(desk, key, payload=REASON, is_hold=True)
    held = await desk.desk.decision(decision_id)
    assert held is not None
    assert (held.state, held.held_for) == (S.HELD, seconds)
    office.clock.advance(seconds - 0.5)
    await asyncio.sleep(0.05)
    held = await desk.desk.decision(decision_id)
    assert held is not None
    assert (held.state, held.held_for) == (S.HELD, 0.5)
    assert office.server.applied() == ()
    office.clock.advance(0.5)
    view = await office.reaches(desk, decision_id, S.CARRIED_OUT)
    assert states(view) == ["held", "queued", "sending", "confirmed", "carried_out"]
    assert view.held_for is None


@in_loop
async def test_what_is_undone_is_never_sent_and_waits_again(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    decision_id = await office.decide(desk, key, is_hold=True)
    assert await office.titles(desk) == []
    assert (await desk.desk.on_their_way())[S.HELD] == 1
    assert await desk.desk.undo(decision_id)
    assert not await desk.desk.undo(decision_id)
    assert not await desk.desk.undo("unknown")
    office.clock.advance(60)
    await asyncio.sleep(0.05)
    view = await desk.desk.decision(decision_id)
    assert view is not None
    assert view.state is S.WITHDRAWN
    assert office.server.applied() == ()
    assert await office.titles(desk) == [GATE.title]
    again = await office.decide(desk, key)
    await office.reaches(desk, again, S.CARRIED_OUT)


@in_loop
async def test_what_is_held_at_exit_is_withdrawn(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    decision_id = await office.decide(desk, key, is_hold=True)
    await desk.desk.stop()
    with office.peek() as store:
        stored = store.outbox.find(decision_id)
        assert stored is not None
        assert stored.state is S.WITHDRAWN
    again = await office.open_with_ledger()
    view = await again.desk.decision(decision_id)
    assert view is not None
    assert view.state is S.WITHDRAWN
    assert view.next_action
    assert await office.titles(again) == [GATE.title]


# Lost on the way


@in_loop
async def test_a_lost_reply_is_uncertain_then_read_back_and_applied_once(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    office.server.lose_next_reply()
    decision_id = await office.decide(desk, key)
    view = await office.reaches(desk, decision_id, S.CARRIED_OUT)
    assert states(view)[:3] == ["queued", "sending", "uncertain"]
    assert len(office.server.applied(key)) == 1


@in_loop
async def test_a_lost_request_is_read_back_before_it_is_sent_again(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    office.server.lose_next_request()
    decision_id = await office.decide(desk, key)
    view = await office.reaches(desk, decision_id, S.CARRIED_OUT)
    assert states(view)[:5] == ["queued", "sending", "uncertain", "queued", "sending"]
    assert len(office.server.applied(key)) == 1


class Unsure(Around):
    """Answers nothing certain, until asked this often."""

    def __init__(self, engine: FakeEngine, *, times: int) -> None:
        super().__init__(engine)
        self.times = times
        self.asked: list[str] = []

    async def read_back(self, decision: Decision) -> Receipt | None:
        self.asked.append(decision.decision_id)
        if len(self.asked) <= self.times:
            raise Uncertain("No worker answers.")
        return await super().read_back(decision)


@in_loop
async def test_nothing_stays_undetermined_for_long_while_the_engine_answers(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    unsure = Unsure(FakeEngine(office.server), times=3)
    desk = await office.open_with_ledger(make=lambda *_: unsure)
    office.server.lose_next_reply()
    decision_id = await office.decide(desk, key)
    uncertain_at = office.clock.monotonic()
    await office.reaches(desk, decision_id, S.CARRIED_OUT, step=0.05)
    assert len(unsure.asked) >= 4
    assert office.clock.monotonic() - uncertain_at < 30
    # And it was looked for again and again, never more rarely than every two seconds.
    unsure.times, before = 10_000, len(unsure.asked)
    key = office.server.open(office.server.start_run(), GATE)
    office.server.lose_next_reply()
    await office.decide(desk, key)
    since = office.clock.monotonic()

    async def asked_often() -> bool:
        return len(unsure.asked) >= before + 20

    await office.until(asked_often, step=STEP)
    assert office.clock.monotonic() - since <= 20 * 3


class Forging(Around):
    """Returns a receipt of another decision."""

    async def deliver(self, decision: Decision) -> Receipt:
        return dataclasses.replace(await super().deliver(decision), digest="f" * 64)


@in_loop
async def test_a_receipt_that_does_not_echo_the_decision_proves_nothing(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger(make=lambda *_: Forging(FakeEngine(office.server)))
    decision_id = await office.decide(desk, key)
    view = await office.reaches(desk, decision_id, S.CARRIED_OUT)
    assert states(view)[:3] == ["queued", "sending", "uncertain"]
    assert len(office.server.applied(key)) == 1


# What the engine says


class Saying(Around):
    """Refuses the next deliveries with these codes."""

    def __init__(self, engine: FakeEngine, *codes: str) -> None:
        super().__init__(engine)
        self.codes = list(codes)

    async def deliver(self, decision: Decision) -> Receipt:
        if self.codes:
            raise Refused("In the engine's words.", code=self.codes.pop(0))
        return await super().deliver(decision)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (RefusalCode.ALREADY_DECIDED, S.SUPERSEDED),
        (RefusalCode.CHANGED, S.SUPERSEDED),
        (RefusalCode.CLOSED, S.SUPERSEDED),
        (RefusalCode.NOT_ALLOWED, S.REFUSED),
        (RefusalCode.ID_REUSED, S.REFUSED),
        (RefusalCode.EXPIRED, S.EXPIRED),
        ("the engine's own word", S.REFUSED),
    ],
)
@in_loop
async def test_a_no_is_settled_with_its_reason_and_one_thing_to_do(office: Office, code: str, state: S) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger(make=lambda *_: Saying(FakeEngine(office.server), code))
    view = await office.reaches(desk, await office.decide(desk, key), state)
    assert view.message == "In the engine's words."
    assert view.next_action
    assert office.server.applied() == ()


@in_loop
async def test_busy_is_a_no_for_now(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger(
        make=lambda *_: Saying(FakeEngine(office.server), RefusalCode.BUSY, RefusalCode.BUSY)
    )
    view = await office.reaches(desk, await office.decide(desk, key), S.CARRIED_OUT)
    assert states(view).count("sending") == 3


class BusyThen(Around):
    """Loses the first reply, and says when read back that it was too busy to take the decision."""

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__(engine)
        self.delivered = 0

    async def deliver(self, decision: Decision) -> Receipt:
        self.delivered += 1
        if self.delivered == 1:
            raise Uncertain("The connection broke.")
        return await super().deliver(decision)

    async def read_back(self, decision: Decision) -> Receipt | None:
        if self.delivered == 1:
            raise Refused("In the engine's words.", code=RefusalCode.BUSY)
        return await super().read_back(decision)


@in_loop
async def test_busy_that_is_read_back_is_a_no_for_now_too(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger(make=lambda *_: BusyThen(FakeEngine(office.server)))
    view = await office.reaches(desk, await office.decide(desk, key), S.CARRIED_OUT)
    assert states(view)[:5] == ["queued", "sending", "uncertain", "queued", "sending"]
    assert len(office.server.applied(key)) == 1


@in_loop
async def test_an_effect_that_fails_is_told_as_that(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    office.server.effect_error = "LedgerLocked"
    desk = await office.open_with_ledger()
    view = await office.reaches(desk, await office.decide(desk, key), S.FAILED)
    assert view.message == "LedgerLocked"
    assert view.next_action
    assert view.receipt is not None
    assert view.receipt.effect is not None


@in_loop
async def test_confirmed_is_not_carried_out_until_the_run_says_so(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    office.server.carries_out = False
    desk = await office.open_with_ledger()
    decision_id = await office.decide(desk, key)
    confirmed = await office.reaches(desk, decision_id, S.CONFIRMED)
    assert (await desk.desk.on_their_way())[S.CONFIRMED] == 1
    settled = await desk.desk.settled(decision_id, 0.0)
    assert settled.state is S.CONFIRMED
    office.server.carry_out(confirmed.decision)
    await office.reaches(desk, decision_id, S.CARRIED_OUT)
    assert (await desk.desk.on_their_way())[S.CONFIRMED] == 0


@in_loop
async def test_two_approvals(office: Office) -> None:
    key = office.server.open(office.server.start_run(), dataclasses.replace(GATE, required_approvals=2))
    desk = await office.open_with_ledger()
    decision_id = await office.decide(desk, key)
    half = await office.reaches(desk, decision_id, S.HALF_GRANTED)
    assert "1 of 2" in half.message
    assert await office.titles(desk, needs_signature=True) == []
    office.server.decide_elsewhere(key)
    view = await office.reaches(desk, decision_id, S.CARRIED_OUT)
    assert len(office.server.effects(key)) == 1
    assert view.receipt is not None
    assert view.receipt.approvals == 2


class Counting(Around):
    """Tells of ever more approvals when read back."""

    async def read_back(self, decision: Decision) -> Receipt | None:
        receipt = await super().read_back(decision)
        return receipt and dataclasses.replace(receipt, approvals=2)


@in_loop
async def test_further_approvals_are_noted_while_it_stays_half_granted(office: Office) -> None:
    key = office.server.open(office.server.start_run(), dataclasses.replace(GATE, required_approvals=3))
    desk = await office.open_with_ledger(make=lambda *_: Counting(FakeEngine(office.server)))
    decision_id = await office.decide(desk, key)

    async def is_noted() -> bool:
        view = await desk.desk.decision(decision_id)
        return view is not None and view.receipt is not None and view.receipt.approvals == 2

    await office.until(is_noted)
    view = await desk.desk.decision(decision_id)
    assert view is not None
    assert view.state is S.HALF_GRANTED


class Turning(Around):
    """Says, when read back, that it was turned down."""

    def __init__(self, engine: FakeEngine, code: str) -> None:
        super().__init__(engine)
        self.code = code

    async def read_back(self, decision: Decision) -> Receipt | None:
        raise Refused(f"Turned down after {decision.verdict}.", code=self.code)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (RefusalCode.NOT_ALLOWED, S.REFUSED),
        (RefusalCode.EXPIRED, S.REFUSED),
        (RefusalCode.CHANGED, S.SUPERSEDED),
        (RefusalCode.UNKNOWN, S.SUPERSEDED),
    ],
)
@in_loop
async def test_what_the_run_turns_down_after_confirming_is_told(office: Office, code: str, state: S) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger(make=lambda *_: Turning(FakeEngine(office.server), code))
    view = await office.reaches(desk, await office.decide(desk, key), state)
    assert states(view)[-2:] == ["confirmed", state.name.lower()]
    assert view.message
    assert view.next_action


@in_loop
async def test_an_approval_that_another_rejects_is_superseded(office: Office) -> None:
    key = office.server.open(office.server.start_run(), dataclasses.replace(GATE, required_approvals=2))
    desk = await office.open_with_ledger()
    decision_id = await office.decide(desk, key)
    await office.reaches(desk, decision_id, S.HALF_GRANTED)
    office.server.decide_elsewhere(key, Verdict.REJECT)
    view = await office.reaches(desk, decision_id, S.SUPERSEDED)
    assert view.message
    assert view.next_action


@in_loop
async def test_a_run_that_forgot_what_it_confirmed_was_reset(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    office.server.carries_out = False
    desk = await office.open_with_ledger()
    decision_id = await office.decide(desk, key)
    await office.reaches(desk, decision_id, S.CONFIRMED)
    office.server.world.record(key.run).decisions.clear()
    view = await office.reaches(desk, decision_id, S.SUPERSEDED)
    assert "no record" in view.message


# Order, and side by side


@in_loop
async def test_different_runs_go_side_by_side(office: Office) -> None:
    keys = office.server.open_many(8, lambda _: GATE)
    desk = await office.open_with_ledger()
    for key in keys:
        await office.read(desk, key)
    # Nobody is served before all eight have come.
    office.server.faults.meet(8)
    for decision_id in [await office.decide_as_shown(desk, key) for key in keys]:
        view = await office.reaches(desk, decision_id, S.CARRIED_OUT)
        assert states(view) == ["queued", "sending", "confirmed", "carried_out"]
    assert len(office.server.applied()) == 8


@in_loop
async def test_one_run_goes_in_order(office: Office) -> None:
    run = office.server.start_run()
    keys = [office.server.open(run, GATE, name) for name in ("first", "second", "third")]
    pausing = Pausing(FakeEngine(office.server), before=True)
    desk = await office.open_with_ledger(make=lambda *_: pausing)
    for key in keys:
        await office.read(desk, key)
    made = [await office.decide_as_shown(desk, key) for key in keys]
    await office.reaches(desk, made[0], S.SENDING)
    for _ in range(20):
        office.clock.advance(1)
        await asyncio.sleep(0.002)
    waiting = [await desk.desk.decision(decision_id) for decision_id in made[1:]]
    assert [view.state for view in waiting if view] == [S.QUEUED, S.QUEUED]
    pausing.let_go.set()
    for decision_id in made:
        await office.reaches(desk, decision_id, S.CARRIED_OUT)
    assert [applied.decision_id for applied in office.server.applied()] == made
