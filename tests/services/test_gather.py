"""What is around an item is read beside it: after it, in parts that fail by themselves, and never in its way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from console.domain.errors import Refused, Unreachable
from console.domain.escalation import EscalationKey, Kind, Verdict
from console.domain.precedent import Likeness, Precedents
from console.domain.receipt import Outcome
from console.domain.run import HandOff, RunRef, TrailEntry, TrailKind, TrailPage
from console.engines.fake.engine import FakeEngine
from console.engines.port import Ability, Capabilities
from console.services.surroundings import UNREAD, Surroundings
from console.services.views import ItemView
from tests.services.engines import Around
from tests.services.office import GATE, Office, Worker, in_loop

SECOND = timedelta(seconds=1)


class Forgetful(Around):
    """Remembers no precedents, fails at the trail, and counts what it is asked."""

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__(engine)
        self.asked: list[str] = []

    @property
    def capabilities(self) -> Capabilities:
        known = self.engine.capabilities
        return replace(known, abilities=known.abilities - {Ability.PRECEDENTS})

    async def trail(self, ref: RunRef, *, older: str = "", limit: int = 50) -> TrailPage:  # noqa: ARG002 - the port's
        self.asked.append("trail")
        raise Refused("The trail is broken.", code="unreadable", next_action="Ask its keeper.")

    async def precedents(self, like: Likeness) -> Precedents:  # noqa: ARG002 - the port's
        raise AssertionError("it cannot, and was asked")


async def around(office: Office, worker: Worker, key: EscalationKey) -> Surroundings:
    """What is around an item, once all of it is read."""

    async def read() -> Surroundings | None:
        view = await worker.desk.item(key.item_id)
        return view.around if view is not None and view.around.alike.read_at is not None else None

    return await office.until(read)


@in_loop
async def test_everything_around_an_item_comes_after_it(office: Office) -> None:
    ref = office.server.start_run()
    began = office.clock.now()
    marked = replace(entry("Ticket read", TrailKind.PROMPT), at=began)
    key = office.server.open(ref, replace(GATE, led_here=(marked,)))
    office.server.add_trail(ref, *(entry(f"chat {number}", TrailKind.RESPONSE) for number in range(80)))
    failed = replace(entry("LedgerLocked", TrailKind.FAILED_ATTEMPT), at=began + SECOND, is_failed=True)
    office.server.add_trail(ref, failed)
    moved = HandOff(from_step="look", to_step="refund", size=900, caveats=("unread",), at=began + 2 * SECOND)
    office.server.add_hand_off(ref, moved)
    worker = await office.open_with_ledger()
    first = await worker.desk.item(key.item_id)
    assert first is not None
    assert first.around == UNREAD
    found = await around(office, worker, key)
    led = found.led.value
    assert led is not None
    assert [each.title for each in led.entries] == ["Ticket read", "LedgerLocked", "look handed over 900 bytes"]
    assert (led.total, led.is_all) == (81, True)
    assert found.led.read_at is not None
    assert found.access.value is not None
    assert found.hand_offs.value is not None


@in_loop
async def test_a_part_that_fails_says_why_and_leaves_the_others(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    worker = await office.open_with_ledger(make=lambda *_: Forgetful(FakeEngine(office.server)))
    found = await around(office, worker, key)
    assert found.led.problem == "The trail is broken. Ask its keeper."
    assert found.led.value is None
    assert found.access.value is not None
    assert found.hand_offs.value == ()
    alike = found.alike.value
    assert alike is not None
    assert alike.is_desk
    assert alike.precedents.found == ()


@in_loop
async def test_the_engine_tells_how_cases_alike_ended_and_the_desk_where_it_cannot(office: Office) -> None:
    for verdict in (Verdict.APPROVE, Verdict.REJECT):
        ref = office.server.start_run()
        office.server.decide_elsewhere(office.server.open(ref, GATE), verdict)
        office.server.finish_run(ref)
    other = office.server.start_run(workflow="another")
    office.server.decide_elsewhere(office.server.open(other, GATE))
    office.server.finish_run(other)
    key = office.server.open(office.server.start_run(), GATE)
    worker = await office.open_with_ledger()
    alike = (await around(office, worker, key)).alike.value
    assert alike is not None
    assert not alike.is_desk
    assert {(each.verdict, each.is_well) for each in alike.precedents.found} == {
        (Verdict.APPROVE, True),
        (Verdict.REJECT, True),
    }


@in_loop
async def test_what_this_desk_let_through_counts_while_its_run_goes_on(office: Office) -> None:
    ref = office.server.start_run()
    office.server.decide_elsewhere(office.server.open(ref, GATE))
    office.server.finish_run(ref)
    own, key = (office.server.open(office.server.start_run(), GATE) for _ in range(2))
    worker = await office.open_with_ledger()
    office.server.effect_error = "NotNow"
    decision_id = await office.decide(worker, own)
    await office.reaches(worker, decision_id, Outcome.FAILED.state)
    alike = (await around(office, worker, key)).alike.value
    assert alike is not None
    assert not alike.is_desk
    assert {(each.run, each.is_well) for each in alike.precedents.found} == {(ref, True), (own.run, False)}


@in_loop
async def test_what_this_desk_decided_is_a_precedent_of_its_own(office: Office) -> None:
    decided = office.server.open(office.server.start_run(), replace(GATE, confidence=0.8, resource="order 4711"))
    unlike = office.server.open(office.server.start_run(), replace(GATE, kind=Kind.DOUBT, resource="order 1"))
    key = office.server.open(office.server.start_run(), replace(GATE, resource="order 4711"))
    worker = await office.open_with_ledger(make=lambda *_: Forgetful(FakeEngine(office.server)))
    for one in (decided, unlike):
        decision_id = await office.decide(worker, one)
        await office.reaches(worker, decision_id, Outcome.CARRIED_OUT.state)
    alike = (await around(office, worker, key)).alike.value
    assert alike is not None
    (case,) = alike.precedents.found
    assert (case.run, case.verdict, case.outcome) == (decided.run, Verdict.APPROVE, Outcome.CARRIED_OUT)
    assert (case.confidence, case.ended, case.is_well) == (0.8, None, None)
    view = await worker.desk.item(key.item_id)
    assert view is not None
    assert [each.item_id for each in view.lately] == [decided.item_id]


@in_loop
async def test_whoever_only_passes_by_has_nothing_read_around(office: Office) -> None:
    counting = Forgetful(FakeEngine(office.server))
    keys = office.server.open_many(8, lambda _: GATE)
    worker = await office.open_with_ledger(make=lambda *_: counting)
    for key in keys:
        assert await read(office, worker, key) is not None
    before = len(counting.asked)
    await around(office, worker, keys[-1])
    assert len(counting.asked) - before <= 2
    assert len(counting.asked) < len(keys)


async def read(office: Office, worker: Worker, key: EscalationKey) -> ItemView:
    """An item, read in full while the clock stands still."""

    async def holds() -> ItemView | None:
        view = await worker.desk.item(key.item_id)
        return view if view is not None and view.escalation is not None else None

    return await office.until(holds, step=0.0)


@in_loop
async def test_an_engine_that_is_away_keeps_nothing_from_being_shown(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    worker = await office.open_with_ledger()
    await read(office, worker, key)
    office.forgive(Unreachable)
    office.server.go_away("Nobody is home.")
    found = await around(office, worker, key)
    assert "Nobody is home." in found.led.problem
    assert "Nobody is home." in found.alike.problem
    view = await worker.desk.item(key.item_id)
    assert view is not None
    assert view.escalation is not None
    office.server.come_back()

    async def is_read_again() -> bool:
        again = await worker.desk.item(key.item_id)
        return again is not None and again.around.led.value is not None and not again.around.alike.problem

    await office.until(is_read_again)


def entry(title: str, kind: TrailKind) -> TrailEntry:
    return TrailEntry(entry_id=title, at=None, kind=kind, title=title)
