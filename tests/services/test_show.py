"""What screens read: from the store at once, then fresh; runs, claims, settings, and the door itself."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from console.domain.decision import DecisionState
from console.domain.errors import RefusalCode, Refused, Unreachable
from console.domain.escalation import Escalation, EscalationKey, Verdict
from console.domain.run import Access, Fact, HandOff, RunRef, Step, TrailEntry, TrailKind
from console.engines.fake.engine import FakeEngine
from console.services.views import ItemChanged
from tests.infra.rings import SilentRing
from tests.services.engines import Around
from tests.services.office import GATE, LEDGER, Office, in_loop

S = DecisionState
ROOT = Path(__file__).resolve().parent.parent.parent


class Counting(Around):
    """Counts reads of items."""

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__(engine)
        self.reads = 0

    async def escalation(self, key: EscalationKey) -> Escalation:
        self.reads += 1
        return await super().escalation(key)


@in_loop
async def test_an_item_is_there_at_once_and_read_afresh_when_old(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    counting = Counting(FakeEngine(office.server))
    desk = await office.open_with_ledger(make=lambda *_: counting)
    first = await desk.desk.item(key.item_id)
    assert first is not None
    assert first.escalation is None
    assert first.row is not None

    async def is_read() -> bool:
        view = await desk.desk.item(key.item_id)
        return view is not None and view.escalation is not None

    await office.until(is_read, step=0.0)
    assert ItemChanged(key.item_id) in desk.events
    assert counting.reads == 1
    await desk.desk.item(key.item_id)
    await asyncio.sleep(0.05)
    assert counting.reads == 1
    office.clock.advance(3)
    desk.events.clear()
    await desk.desk.item(key.item_id)

    async def told() -> bool:
        return ItemChanged(key.item_id) in desk.events

    await office.until(told, step=0.0)
    assert counting.reads == 2


@in_loop
async def test_an_item_can_be_read_while_its_engine_is_away(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    await office.read(desk, key)
    office.server.go_away("Nobody is home.")
    view = await desk.desk.refresh(key.item_id)
    assert view is not None
    assert view.escalation is not None
    assert view.error
    office.server.come_back()

    async def recovers() -> bool:
        again = await desk.desk.refresh(key.item_id)
        return again is not None and not again.error

    await office.until(recovers)


@in_loop
async def test_an_item_that_is_gone_says_so(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    await office.read(desk, key)
    office.server.close(key)
    view = await desk.desk.refresh(key.item_id)
    assert view is not None
    assert not view.is_open
    assert view.escalation is not None
    assert view.error == ""
    assert await office.titles(desk) == []
    assert await desk.desk.item("000000000000") is None
    assert await desk.desk.refresh("000000000000") is None


@in_loop
async def test_items_are_read_before_they_are_opened(office: Office) -> None:
    keys = office.server.open_many(6, lambda _: GATE)
    counting = Counting(FakeEngine(office.server))
    desk = await office.open_with_ledger(make=lambda *_: counting)
    item_ids = [key.item_id for key in keys]
    await desk.desk.prefetch([*item_ids, "000000000000"])

    async def all_read() -> bool:
        views = [await desk.desk.item(item_id) for item_id in item_ids]
        return all(view is not None and view.escalation is not None for view in views)

    await office.until(all_read, step=0.0)
    assert counting.reads == 6
    await desk.desk.prefetch(item_ids)
    await asyncio.sleep(0.05)
    assert counting.reads == 6


@in_loop
async def test_the_latest_decision_is_shown_with_its_item(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    decision_id = await office.decide(desk, key, is_hold=True)
    view = await desk.desk.item(key.item_id)
    assert view is not None
    assert view.decision is not None
    assert view.decision.decision.decision_id == decision_id
    assert [each.decision.decision_id for each in await desk.desk.decisions()] == [decision_id]


@in_loop
async def test_waiting_for_a_decision(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    office.server.carries_out = False
    desk = await office.open_with_ledger()
    decision_id = await office.decide(desk, key)
    confirmed = await desk.desk.settled(decision_id, 3_600, until_confirmed=True)
    assert confirmed.state is S.CONFIRMED
    waiting = asyncio.ensure_future(desk.desk.settled(decision_id, 3_600))  # noqa: TID251 - awaited below
    office.server.carry_out(confirmed.decision)
    await office.reaches(desk, decision_id, S.CARRIED_OUT)
    assert (await waiting).state is S.CARRIED_OUT
    with pytest.raises(Refused):
        await desk.desk.settled("unknown", 1)


@in_loop
async def test_runs_are_read_where_they_run(office: Office) -> None:
    run = office.server.start_run("refund-1", business_key="order 4711")
    office.server.set_steps(run, [Step(step_id="check", title="Check")])
    office.server.set_state(run, [Fact("amount", 240)])
    office.server.add_trail(
        run, *[TrailEntry(entry_id=str(n), at=None, kind=TrailKind.NOTE, title=str(n)) for n in range(60)]
    )
    office.server.add_hand_off(run, HandOff(from_step="a", to_step="b", size=7))
    office.server.add_access(run, Access(step_id="check", agent="checker"))
    desk = await office.open_with_ledger()
    assert (await desk.desk.run(run)).business_key == "order 4711"
    assert [step.step_id for step in await desk.desk.steps(run)] == ["check"]
    page = await desk.desk.trail(run, limit=50)
    assert [entry.title for entry in page.entries][:2] == ["59", "58"]
    assert len((await desk.desk.trail(run, page.older, 50)).entries) == 10
    assert (await desk.desk.state(run)).facts == (Fact("amount", 240),)
    assert (await desk.desk.state(run, 0)).facts == ()
    assert [each.size for each in await desk.desk.hand_offs(run)] == [7]
    assert await desk.desk.access(run) == (Access(step_id="check", agent="checker"),)
    with pytest.raises(Refused) as unknown:
        await desk.desk.run(RunRef("fake:nowhere", "r", "c"))
    assert unknown.value.code == RefusalCode.UNKNOWN
    await desk.desk.pause_connection(LEDGER.connection_id, is_paused=True)
    with pytest.raises((Unreachable, Refused)):
        await desk.desk.run(run)


@in_loop
async def test_claims_and_comments(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    await desk.desk.claim(key.item_id)
    view = await desk.desk.item(key.item_id)
    assert view is not None
    assert view.escalation is not None
    claim = view.escalation.row.claim
    assert claim is not None
    assert (claim.by.person_id, (claim.until - office.clock.now()).total_seconds()) == ("pat", 900)
    assert await office.titles(desk, is_mine=True) == [GATE.title]
    await desk.desk.comment(key.item_id, "Called the customer.")
    view = await desk.desk.refresh(key.item_id)
    assert view is not None
    assert view.escalation is not None
    assert [comment.text for comment in view.escalation.comments] == ["Called the customer."]
    await desk.desk.release(key.item_id)
    assert await office.titles(desk, is_mine=True) == []
    office.server.close(key)
    with pytest.raises(Refused):
        await desk.desk.claim(key.item_id)


@in_loop
async def test_content_of_what_is_long_over_is_gone_at_the_next_start(office: Office) -> None:
    key, kept = office.server.open_many(2, lambda _: GATE)
    desk = await office.open_with_ledger()
    await office.read(desk, kept)
    decision_id = await office.decide(desk, key)
    await office.reaches(desk, decision_id, S.CARRIED_OUT)

    async def is_closed() -> bool:
        view = await desk.desk.item(key.item_id)
        return view is not None and not view.is_open

    await office.until(is_closed)
    entries = len(office.told("decided", "confirmed", "carried out"))
    assert entries == 3
    await desk.desk.stop()
    office.clock.advance(91 * 24 * 3_600)
    again = await office.open_with_ledger()
    assert await again.desk.item(key.item_id) is None
    assert await again.desk.decision(decision_id) is None
    assert await again.desk.item(kept.item_id) is not None
    assert len(office.told("decided", "confirmed", "carried out")) == entries
    assert (await again.desk.audit_check()).is_whole


@in_loop
async def test_the_door_is_closed_before_and_after(office: Office) -> None:
    desk = await office.open_with_ledger()
    await desk.desk.start()
    assert len(await desk.desk.connections()) == 1
    await desk.desk.stop()
    await desk.desk.stop()
    with pytest.raises(Unreachable, match="not open"):
        await desk.desk.inbox(office.everything)


@in_loop
async def test_settings_and_whether_secrets_are_kept(office: Office) -> None:
    desk = await office.open()
    await desk.desk.set_setting("theme", "dark")
    assert await desk.desk.get_setting("theme", "light") == "dark"
    assert (await desk.desk.identity()).is_key_kept
    assert await desk.desk.secrets_notice() == ""


@in_loop
async def test_a_keyring_that_waits_for_a_person_holds_up_signing_only(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    office.ring = silent = SilentRing()
    desk = await office.open_with_ledger()
    view = await office.read(desk, key)
    deciding = asyncio.ensure_future(desk.desk.decide(key.item_id, Verdict.APPROVE, view.digest, {}))  # noqa: TID251 - awaited below
    await asyncio.sleep(0.05)
    assert not deciding.done()
    assert await office.titles(desk) == [GATE.title]
    silent.let_go.set()
    assert (await deciding).state is S.HELD
    assert (await desk.desk.identity()).is_key_kept


@in_loop
async def test_a_store_that_cannot_be_opened_is_told_to_who_opens_it(office: Office) -> None:
    office.database.write_bytes(b"a letter to my aunt, long enough to be taken for the header of a database")
    with pytest.raises(Refused, match="damaged"):
        await office.open()


@in_loop
async def test_a_listener_that_fails_disturbs_nobody(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    stop = desk.desk.subscribe(lambda _: 1 / 0)  # type: ignore[arg-type]
    decision_id = await office.decide(desk, key, Verdict.REJECT)
    await office.reaches(desk, decision_id, S.CARRIED_OUT)
    stop()
    office.forgive(ZeroDivisionError)
    assert any(isinstance(error, ZeroDivisionError) for _, error in office.errors)


def test_loading_the_desk_loads_no_database() -> None:
    script = "import sys, console.services.desk\nprint(sorted({'sqlalchemy', 'alembic', 'keyring'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.strip() == "[]"
