"""What waits comes in and goes, connection by connection, and no adapter's bug reaches another."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from console.domain.canonical import Json
from console.domain.decision import DecisionState
from console.domain.errors import Unreachable
from console.domain.escalation import EscalationKey, Waiting
from console.domain.listing import RunQuery
from console.domain.run import RunRef
from console.engines.fake.engine import FakeEngine
from console.engines.fake.server import FakeServer
from console.engines.port import Change, Engine, Lost, RunWaits
from console.services.views import ConnectionChanged, ConnectionConfig, Health, InboxChanged, InboxQuery, ItemChanged
from tests.services.engines import Around, Buggy
from tests.services.office import GATE, LEDGER, Office, Worker, in_loop

OTHER = ConnectionConfig(connection_id="other", name="Other", kind="fake")


async def health(worker: Worker, connection_id: str = LEDGER.connection_id) -> Health:
    return {view.config.connection_id: view.health for view in await worker.desk.connections()}[connection_id]


def has(office: Office, worker: Worker, *titles: str) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return sorted(await office.titles(worker)) == sorted(titles)

    return holds


def is_in(worker: Worker, wanted: Health, connection_id: str = LEDGER.connection_id) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return await health(worker, connection_id) is wanted

    return holds


@in_loop
async def test_everything_that_waits_comes_in_pages(office: Office) -> None:
    office.server.open_many(350, lambda number: dataclasses.replace(GATE, title=f"Refund {number}"))
    desk = await office.open_with_ledger()
    page = await desk.desk.inbox(office.everything)
    assert page.total == page.all_waiting == 350
    assert len(page.rows) == 200
    assert desk.events.count(InboxChanged(LEDGER.connection_id)) >= 4
    (view,) = await desk.desk.connections()
    assert (view.health, view.waiting, view.newest_at) == (Health.LIVE, 350, office.clock.now())
    assert view.server is not None
    assert view.capabilities is not None


@in_loop
async def test_what_opens_changes_and_closes_follows(office: Office) -> None:
    run = office.server.start_run()
    desk = await office.open_with_ledger()
    key = office.server.open(run, GATE)
    await office.until(has(office, desk, GATE.title))
    desk.events.clear()
    office.server.change(key, amount=4_200)

    async def told() -> bool:
        return ItemChanged(key.item_id) in desk.events and InboxChanged(LEDGER.connection_id) in desk.events

    await office.until(told)
    again = office.server.reopen(key)
    assert again.item_id != key.item_id

    async def reopened() -> bool:
        return [row.item_id for row in (await desk.desk.inbox(office.everything)).rows] == [again.item_id]

    await office.until(reopened)
    closed = await desk.desk.item(key.item_id)
    assert closed is not None
    assert not closed.is_open
    office.server.decide_elsewhere(again)
    await office.until(has(office, desk))


@in_loop
async def test_what_closed_while_nobody_looked_is_gone_after_the_next_listing(office: Office) -> None:
    keys = office.server.open_many(3, lambda number: dataclasses.replace(GATE, title=f"Refund {number}"))
    first = await office.open_with_ledger()
    await first.desk.stop()
    office.server.close(keys[1])
    office.server.faults.delay = 0.2
    second = await office.open()
    # Offline, the store still says three; nothing is closed before everything was told.
    assert len(await office.titles(second)) == 3
    await second.desk.listed(30)
    assert await office.titles(second) == ["Refund 0", "Refund 2"]


@in_loop
async def test_a_listing_that_breaks_off_closes_nothing(office: Office) -> None:
    class BreaksOff(Around):
        async def waiting(self) -> AsyncIterator[tuple[Waiting, ...]]:
            async for page in super().waiting():
                yield page
                raise Unreachable("The connection broke.")

    office.server.open_many(150, lambda _: GATE)
    first = await office.open_with_ledger()
    await first.desk.stop()
    second = await office.open(make=lambda *_: BreaksOff(FakeEngine(office.server, page_size=50)))
    await second.desk.listed(30)
    assert await health(second) is Health.DOWN
    assert (await second.desk.inbox(office.everything)).total == 150


@in_loop
async def test_a_server_on_which_nobody_works_is_not_live_until_somebody_does(office: Office) -> None:
    office.server.open(office.server.start_run(), GATE)
    office.server.stop_working("No worker polls clearance.")
    desk = await office.open_with_ledger()
    (view,) = await desk.desk.connections()
    assert (view.health, view.message) == (Health.IDLE, "No worker polls clearance.")
    assert view.next_action
    assert await office.titles(desk) == [GATE.title]
    (source,) = (await desk.desk.runs(RunQuery())).sources
    assert source.missing == "No worker polls clearance."
    office.server.work_again()
    await office.until(is_in(desk, Health.LIVE))
    (view,) = await desk.desk.connections()
    assert view.message == ""
    office.server.stop_working("No worker polls clearance.")
    await office.until(is_in(desk, Health.IDLE))
    office.server.go_away()
    await office.until(is_in(desk, Health.DOWN))


@in_loop
async def test_a_server_that_restarts_is_found_again(office: Office) -> None:
    run = office.server.start_run()
    office.server.open(run, GATE)
    desk = await office.open_with_ledger()
    office.server.go_away("Nothing answers at 127.0.0.1:7233.")
    await office.until(is_in(desk, Health.DOWN))
    (view,) = await desk.desk.connections()
    assert view.message == "Nothing answers at 127.0.0.1:7233."
    assert view.next_action
    assert ConnectionChanged(LEDGER.connection_id) in desk.events
    assert await office.titles(desk) == [GATE.title]
    office.server.open(run, dataclasses.replace(GATE, title="Another"), "second gate")
    office.server.come_back()
    await office.until(is_in(desk, Health.LIVE))
    await office.until(has(office, desk, GATE.title, "Another"))


@in_loop
async def test_a_lost_thread_is_listed_anew(office: Office) -> None:
    class Forgetful(Around):
        async def changes(self) -> AsyncIterator[Change]:
            while not again.is_set():  # noqa: ASYNC110 - set from another thread
                await asyncio.sleep(0.002)
            yield Lost("a gap")
            async for change in super().changes():
                yield change

    again = threading.Event()
    engine = Forgetful(FakeEngine(office.server))
    desk = await office.open_with_ledger(make=lambda *_: engine)
    office.server.open(office.server.start_run(), GATE)
    again.set()
    await office.until(has(office, desk, GATE.title))


@in_loop
async def test_what_opens_between_listing_and_following_is_not_missed(office: Office) -> None:
    class Late(Around):
        async def waiting(self) -> AsyncIterator[tuple[Waiting, ...]]:
            async for page in super().waiting():
                yield page
            if not opened:
                opened.append(office.server.open(office.server.start_run(), GATE))

    opened: list[EscalationKey] = []
    desk = await office.open_with_ledger(make=lambda *_: Late(FakeEngine(office.server)))
    await office.until(has(office, desk, GATE.title))


@in_loop
async def test_silence_makes_it_slow_then_stale(office: Office) -> None:
    office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger(make=lambda *_: FakeEngine(office.server, quiet_every=600))
    await office.until(is_in(desk, Health.SLOW), step=1.0)
    (view,) = await desk.desk.connections()
    assert view.message
    (row,) = (await desk.desk.inbox(office.everything)).rows
    assert not row.is_stale
    office.clock.advance(60)
    (row,) = (await desk.desk.inbox(office.everything)).rows
    assert row.is_stale
    await desk.desk.refresh_all()
    assert await health(desk) is Health.LIVE
    (row,) = (await desk.desk.inbox(office.everything)).rows
    assert not row.is_stale


@in_loop
async def test_a_row_is_as_fresh_as_its_connection(office: Office) -> None:
    office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()

    async def is_fresh() -> bool:
        (row,) = (await desk.desk.inbox(office.everything)).rows
        return (office.clock.now() - row.read_at).total_seconds() < 5

    office.clock.advance(300)
    await office.until(is_fresh, step=0.0)


@pytest.mark.parametrize("at", ["open", "waiting", "changes"])
@in_loop
async def test_a_bug_in_one_adapter_stops_nothing_else(office: Office, at: str) -> None:
    office.servers["other"] = FakeServer("two", clock=office.clock.now)
    office.servers["other"].open(office.servers["other"].start_run(), GATE)
    buggy = Buggy(FakeEngine(office.server), at)

    def make(config: ConnectionConfig, secrets: object) -> Engine:
        del secrets
        return buggy if config.connection_id == "ledger" else FakeEngine(office.servers["other"], quiet_every=0.02)

    desk = await office.open(make=make)
    await desk.desk.add_connection(LEDGER, {})
    await desk.desk.add_connection(OTHER, {})
    await office.until(is_in(desk, Health.DOWN))
    await office.until(is_in(desk, Health.LIVE, "other"))
    assert await office.titles(desk) == [GATE.title]
    view = next(each for each in await desk.desk.connections() if each.config == LEDGER)
    assert "KeyError" in view.message
    assert "Report" in view.next_action
    log = json.dumps(office.lines(0))
    assert '"bug"' in log
    assert "sesame" not in log
    buggy.at.clear()
    await office.until(is_in(desk, Health.LIVE))


@pytest.mark.parametrize("at", ["escalation", "deliver", "read_back"])
@in_loop
async def test_a_bug_at_one_item_is_told_on_that(office: Office, at: str) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    buggy = Buggy(FakeEngine(office.server), at)
    desk = await office.open_with_ledger(make=lambda *_: buggy)
    if at == "escalation":
        view = await desk.desk.refresh(key.item_id)
        assert view is not None
        assert "KeyError" in view.error
        assert view.escalation is None
    else:
        decision_id = await office.decide(desk, key)
        if at == "deliver":
            await office.reaches(desk, decision_id, DecisionState.UNCERTAIN, step=0.0)
            assert office.server.applied() == ()
        buggy.at.clear()
        await office.reaches(desk, decision_id, DecisionState.CARRIED_OUT)
        assert len(office.server.applied()) == 1
    assert await health(desk) is Health.LIVE


@in_loop
async def test_a_factory_that_fails_is_told_on_its_connection(office: Office) -> None:
    def make(config: ConnectionConfig, secrets: object) -> Engine:
        raise ValueError(f"{config.name} {secrets}")

    desk = await office.open_with_ledger(make=make)
    assert await health(desk) is Health.DOWN
    (view,) = await desk.desk.connections()
    assert "ValueError" in view.message
    unknown = dataclasses.replace(OTHER, kind="steam")
    await desk.desk.add_connection(unknown, {})
    await desk.desk.listed(30)
    view = next(each for each in await desk.desk.connections() if each.config.kind == "steam")
    assert "steam" in view.message
    assert view.next_action


HOSTILE: list[Json] = [
    "not an object",
    {"row": {"key": {"native_id": "gate", "occurrence": "first"}, "title": 7}},
    {"row": {"key": {"native_id": "gate\u202e", "occurrence": 1}, "title": "\u202egnp.exe", "risk": "low"}},
    {"row": {"key": {"native_id": "gate", "occurrence": 1}, "title": "x" * 1_000_000}, "question": "y" * 1_500_000},
    {"row": {"key": {"native_id": "gate", "occurrence": 10**30}, "title": "large"}},
    {"row": {"title": "\ud800", "opened_at": "2026-01-01T00:00:00"}, "proposal": {"arguments": {"x": 1e400}}},
    {"row": {"key": {"native_id": "gate", "occurrence": 1}}, "schema": {"$ref": "https://example.org/schema.json"}},
]


@in_loop
async def test_hostile_items_are_told_each_on_its_own_and_stop_no_other(office: Office) -> None:
    keys = [office.server.open_raw(office.server.start_run(), raw) for raw in HOSTILE]
    good = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    page = await desk.desk.inbox(office.everything)
    assert page.total == len(HOSTILE) + 1
    for key in keys:
        view = await desk.desk.refresh(key.item_id)
        assert view is not None
        assert view.row is not None
        assert view.escalation is not None or view.error
        assert view.error or (view.escalation is not None and view.escalation.row.problem)
    decision_id = await office.decide(desk, good)
    await office.reaches(desk, decision_id, DecisionState.CARRIED_OUT)
    assert await health(desk) is Health.LIVE


@in_loop
async def test_an_engine_speaks_for_its_own_server_only(office: Office) -> None:
    foreign = RunRef("fake:two", "run-1", "chain-1")

    class Liar(Around):
        async def waiting(self) -> AsyncIterator[tuple[Waiting, ...]]:
            async for page in super().waiting():
                yield (*page, dataclasses.replace(page[0], key=dataclasses.replace(page[0].key, run=foreign)))

    office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger(make=lambda *_: Liar(FakeEngine(office.server)))
    assert await office.titles(desk) == [GATE.title]
    assert any(line["event"] == "items of another server left out" for line in office.lines(0))


@in_loop
async def test_a_flood_is_told_in_batches(office: Office) -> None:
    class Flood(Around):
        async def changes(self) -> AsyncIterator[Change]:
            for row in rows:
                yield RunWaits(row.key.run, (row,))
                await asyncio.sleep(0)
            await asyncio.Event().wait()

    keys = office.server.open_many(400, lambda _: GATE)
    rows = [dataclasses.replace(office.server.escalation(key).row, title="flooded") for key in keys]
    desk = await office.open_with_ledger(make=lambda *_: Flood(FakeEngine(office.server)))

    async def all_in() -> bool:
        return (await desk.desk.inbox(InboxQuery(text="flooded"))).total == len(keys)

    await office.until(all_in)
    assert desk.events.count(InboxChanged(LEDGER.connection_id)) < 40


@in_loop
async def test_a_reset_database_behind_the_address_is_another_server(office: Office) -> None:
    office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    office.server.go_away()
    await office.until(is_in(desk, Health.DOWN))
    office.server.identity = "fake:fresh"
    office.server.world.runs.clear()
    office.server.come_back()
    await office.until(is_in(desk, Health.LIVE))
    assert await office.titles(desk) == []
