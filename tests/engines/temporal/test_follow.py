"""Following tells of everything that opens and goes, also of runs that cannot say so themselves any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from console.domain.errors import Denied
from console.domain.risk import Risk
from console.domain.run import RunRef
from console.engines.port import Change, Hands, Lost, Quiet, RunWaits
from console.engines.temporal.decode import Listed
from console.engines.temporal.engine import TemporalEngine
from console.engines.temporal.follow import Known, Pace
from console.engines.temporal.settings import TemporalSettings
from tests.engines.line import Line
from tests.engines.temporal.planted import NEVER, OPEN, connected, listed_count, plant, row_of
from tests.engines.tower_bench import Host

RUNNING = f"ExecutionStatus = 'Running' AND {OPEN.name} > 0"
GUARD = 30


class Seen:
    """What following told, waited for by what it should hold."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self._came = asyncio.Condition()

    async def add(self, change: Change) -> None:
        async with self._came:
            self.changes.append(change)
            self._came.notify_all()

    async def until(self, holds: Callable[[list[Change]], bool]) -> None:
        async with asyncio.timeout(GUARD), self._came:
            await self._came.wait_for(lambda: holds(self.changes))

    def of(self, run_id: str) -> list[int]:
        """How many items each word on a run told of, in order."""
        told = [change for change in self.changes if isinstance(change, RunWaits)]
        return [len(change.waiting) for change in told if change.run.run_id == run_id]


@asynccontextmanager
async def following(engine: TemporalEngine) -> AsyncIterator[Seen]:
    seen = Seen()

    async def follow() -> None:
        async for _ in engine.waiting():
            pass
        async for change in engine.changes():
            await seen.add(change)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(follow(), name="follow")
        await seen.until(bool)
        yield seen
        task.cancel()


def test_that_nobody_works_is_told_and_that_somebody_does_again(quiet: Host) -> None:
    later = [timedelta(0)]

    def staffed(seen: Seen) -> list[bool]:
        return [not change.missing for change in seen.changes if isinstance(change, Hands)]

    async def run() -> None:
        engine = TemporalEngine(
            TemporalSettings(address=quiet.address, read_within=3),
            clock=lambda: datetime.now(UTC) + later[0],
            pace=Pace(0.1, 0.2, 0.2, NEVER, hands=0.2),
        )
        server = await engine.open()
        assert "No worker" in server.hands.missing
        assert "clearance worker" in server.hands.next_action
        async with following(engine) as seen:
            await quiet.start_worker()
            await seen.until(lambda _: staffed(seen) == [True])
            await quiet.stop_worker()
            # The server remembers a worker for minutes; one that lives asked for work within one.
            later[0] = timedelta(minutes=2)
            await seen.until(lambda _: staffed(seen) == [True, False])
        await engine.close()

    quiet.run(run())


def test_a_run_that_opens_is_told_once(quiet: Host) -> None:
    async def run() -> None:
        async with connected(quiet) as (client, engine, identity), following(engine) as seen:
            await plant(client, {"rows": [row_of(identity, "new", Risk.HIGH)]}, run_id="new")
            await seen.until(lambda _: seen.of("new") == [1])
            await plant(client, {"rows": [row_of(identity, "newer", Risk.HIGH)]}, run_id="newer")
            await seen.until(lambda _: seen.of("newer") == [1])
            told = len(seen.changes)
            await seen.until(lambda changes: sum(isinstance(one, Quiet) for one in changes[told:]) > 2)
            assert seen.of("new") == [1]

    quiet.run(run())


def test_a_run_that_is_terminated_long_after_its_last_word_leaves(quiet: Host) -> None:
    async def run() -> None:
        async with connected(quiet) as (client, engine, identity):
            old = datetime.now(UTC) - timedelta(days=3)
            doomed = {"rows": [row_of(identity, "doomed", Risk.HIGH)]}
            handle = await plant(client, doomed, run_id="doomed", changed_at=old)
            await plant(client, {"rows": [row_of(identity, "fresh", Risk.HIGH)]}, run_id="fresh")
            await listed_count(client, RUNNING, 2)
            async with following(engine) as seen:
                await handle.terminate(reason="enough")
                await seen.until(lambda _: seen.of("doomed") == [0])

    quiet.run(run())


def test_a_run_that_opens_and_is_terminated_is_told_of_both(quiet: Host) -> None:
    async def run() -> None:
        async with connected(quiet) as (client, engine, identity), following(engine) as seen:
            doomed = {"rows": [row_of(identity, "doomed", Risk.HIGH)]}
            handle = await plant(client, doomed, run_id="doomed")
            await seen.until(lambda _: seen.of("doomed") == [1])
            await handle.terminate(reason="enough")
            await seen.until(lambda _: seen.of("doomed") == [1, 0])

    quiet.run(run())


def test_what_slips_through_is_found_by_counting(quiet: Host) -> None:
    async def run() -> None:
        async with connected(quiet, count_every=0.5) as (client, engine, identity), following(engine) as seen:
            long_ago = datetime.now(UTC) - timedelta(days=3)
            memo = {"rows": [row_of(identity, "slipped", Risk.HIGH)]}
            await plant(client, memo, run_id="slipped", changed_at=long_ago)
            await seen.until(lambda _: seen.of("slipped") == [1])

    quiet.run(run())


def test_a_change_that_is_seen_only_after_a_later_one_is_told(quiet: Host) -> None:
    async def run() -> None:
        async with connected(quiet) as (client, engine, identity), following(engine) as seen:
            await plant(client, {"rows": [row_of(identity, "new", Risk.HIGH)]}, run_id="new")
            await seen.until(lambda _: seen.of("new") == [1])
            before = datetime.now(UTC) - timedelta(seconds=20)
            memo = {"rows": [row_of(identity, "late", Risk.HIGH)]}
            await plant(client, memo, run_id="late", changed_at=before)
            await seen.until(lambda _: seen.of("late") == [1])
            assert seen.of("new") == [1]

    quiet.run(run())


def test_nothing_is_missed_between_listing_and_following(quiet: Host) -> None:
    async def run() -> None:
        async with connected(quiet) as (client, engine, identity):
            await plant(client, {"rows": [row_of(identity, "first", Risk.HIGH)]}, run_id="first")
            await listed_count(client, RUNNING, 1)
            async for _ in engine.waiting():
                pass
            await plant(client, {"rows": [row_of(identity, "between", Risk.HIGH)]}, run_id="between")
            await listed_count(client, RUNNING, 2)
            async for change in engine.changes():
                if isinstance(change, RunWaits):
                    assert change.run.run_id == "between"
                    return

    quiet.run(asyncio.wait_for(run(), GUARD))


def test_while_the_server_is_away_that_is_told_once_and_so_is_its_return(quiet: Host) -> None:
    async def run() -> None:
        line = Line("127.0.0.1", int(quiet.address.rpartition(":")[2]))
        await line.start()
        engine = TemporalEngine(TemporalSettings(address=line.address), pace=Pace(0.1, 0.2, 0.2, 0.5))
        await engine.open()
        async with connected(quiet) as (client, _, identity), following(engine) as seen:
            await line.stop()
            await seen.until(lambda changes: any(isinstance(one, Lost) for one in changes))
            await plant(client, {"rows": [row_of(identity, "meanwhile", Risk.HIGH)]}, run_id="meanwhile")
            await line.start()
            await seen.until(lambda _: seen.of("meanwhile") == [1])
            assert [one for one in seen.changes if isinstance(one, Lost)][1:] == [Lost("The server answers again.")]
        await engine.close()
        await line.stop()

    quiet.run(run())


def test_another_server_at_the_same_address_is_not_taken_for_the_old_one(host: Host, quiet: Host) -> None:
    async def run() -> None:
        line = Line("127.0.0.1", int(quiet.address.rpartition(":")[2]))
        await line.start()
        engine = TemporalEngine(TemporalSettings(address=line.address), pace=Pace(0.1, 0.2, 0.2, 0.5))
        await engine.open()

        async def follow() -> None:
            async for change in engine.changes():
                if isinstance(change, Quiet):
                    await line.stop()
                    line.lead_to(int(host.address.rpartition(":")[2]))
                    await line.start()

        with pytest.raises(Denied) as caught:
            await follow()
        assert "Another server answers" in caught.value.message
        await engine.close()
        await line.stop()

    quiet.run(asyncio.wait_for(run(), GUARD))


def test_following_goes_on_from_the_servers_time_whatever_the_clock_here_says() -> None:
    newest = datetime(2026, 11, 21, 8, tzinfo=UTC)
    run = Listed(RunRef("server", "run", "chain"), (), False, "mark", newest)  # noqa: FBT003  # is_partial
    known = Known()
    known.start({"run": run}, timedelta(seconds=3), newest + timedelta(hours=5))
    assert known.since is not None
    assert newest - timedelta(seconds=5) < known.since <= newest - timedelta(seconds=4)
    known.start({}, timedelta(seconds=3), newest)
    assert known.since < newest - timedelta(minutes=1)
