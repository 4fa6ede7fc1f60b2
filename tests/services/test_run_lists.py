"""The runs of all connections in one list: who is slow or down delays and hides nobody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping

import pytest

from console.domain.errors import Refused
from console.domain.identity import Person, Role
from console.domain.listing import Completion, RunQuery, RunsPage
from console.domain.run import RunStatus
from console.engines.fake.engine import FakeEngine
from console.engines.fake.server import FakeServer
from console.engines.port import Engine
from console.services.views import ConnectionConfig, RunsChanged, RunsView
from tests.screens.stage import until
from tests.services.engines import Around
from tests.services.office import GATE, LEDGER, Office, Worker, in_loop

OTHER = ConnectionConfig(connection_id="other", name="Other", kind="fake")
QUERY = RunQuery()


class Held(Around):
    """Lists its runs once it is let."""

    def __init__(self, engine: FakeEngine, gate: threading.Event) -> None:
        super().__init__(engine)
        self._gate = gate

    async def runs(self, query: RunQuery, *, older: str = "") -> RunsPage:
        await asyncio.to_thread(self._gate.wait)
        return await super().runs(query, older=older)


async def both(office: Office, gate: threading.Event) -> Worker:
    """A desk with two connections, the second of which lists its runs when let."""
    office.servers["other"] = FakeServer("two", clock=office.clock.now)

    def make(config: ConnectionConfig, _secrets: Mapping[str, str]) -> Engine:
        engine = FakeEngine(office.servers[config.connection_id], quiet_every=0.02)
        return Held(engine, gate) if config.connection_id == "other" else engine

    worker = await office.open(make=make)
    for config in (LEDGER, OTHER):
        await worker.desk.add_connection(config, {})
    await worker.desk.listed(30)
    return worker


def titles(view: RunsView) -> list[tuple[str, str]]:
    return sorted((line.connection, line.run.title) for line in view.lines)


async def told(worker: Worker, connection_id: str) -> None:
    await until(lambda: RunsChanged(connection_id) in worker.events, 30)


@in_loop
async def test_a_slow_connection_delays_nobody_and_is_told_of_when_it_answers(office: Office) -> None:
    gate = threading.Event()
    worker = await both(office, gate)
    office.server.start_run(title="Here")
    office.servers["other"].start_run(title="There")
    view = await worker.desk.runs(QUERY)
    assert titles(view) == [("Ledger", "Here")]
    here, there = view.sources
    assert (here.total, here.is_reading, there.is_reading, there.read_at) == (1, False, True, None)
    gate.set()
    await told(worker, "other")
    assert titles(await worker.desk.known_runs(QUERY)) == [("Ledger", "Here"), ("Other", "There")]


@in_loop
async def test_what_is_down_keeps_what_it_told_with_its_age_and_the_reason(office: Office) -> None:
    gate = threading.Event()
    gate.set()
    worker = await both(office, gate)
    office.server.start_run(title="Here")
    office.servers["other"].start_run(title="There")
    first = await worker.desk.runs(QUERY)
    office.servers["other"].go_away()
    office.clock.advance(5)
    office.server.start_run(title="Later")
    view = await worker.desk.runs(QUERY)
    assert titles(view) == [("Ledger", "Here"), ("Ledger", "Later"), ("Other", "There")]
    old = next(line for line in view.lines if line.connection == "Other")
    assert old.is_stale
    assert old.read_at == next(line.read_at for line in first.lines if line.connection == "Other")
    assert [bool(source.error) for source in view.sources] == [False, True]
    assert not any(line.is_stale for line in view.lines if line.connection == "Ledger")


@in_loop
async def test_reading_is_given_up_when_nobody_looks(office: Office) -> None:
    gate = threading.Event()
    worker = await both(office, gate)
    assert [source.is_reading for source in (await worker.desk.runs(QUERY)).sources] == [False, True]
    await worker.desk.leave_runs()
    gate.set()

    async def is_over() -> bool:
        return not any(source.is_reading for source in (await worker.desk.known_runs(QUERY)).sources)

    await until(is_over, 30)
    assert (await worker.desk.known_runs(QUERY)).sources[1].read_at is None


@in_loop
async def test_pages_are_asked_for_and_each_run_is_listed_once(office: Office) -> None:
    worker = await office.open_with_ledger()
    for number in range(7):
        office.clock.advance(1)
        office.server.open(office.server.start_run(title=f"Run {number}"), GATE)
    query = RunQuery(limit=3)
    view = await worker.desk.runs(query)
    assert [line.run.title for line in view.lines] == ["Run 6", "Run 5", "Run 4"]
    assert (view.sources[0].total, view.sources[0].has_more) == (7, True)
    await worker.desk.runs(query, more=True)
    view = await worker.desk.runs(query, more=True)
    assert [line.run.title for line in view.lines] == [f"Run {number}" for number in (6, 5, 4, 3, 2, 1, 0)]
    assert not view.sources[0].has_more


@in_loop
async def test_how_such_runs_end_is_counted_over_all_that_was_listed_once_each(office: Office) -> None:
    worker = await office.open_with_ledger()
    ends = [RunStatus.COMPLETED] * 4 + [RunStatus.FAILED, RunStatus.RUNNING]
    for number, status in enumerate(ends):
        ref = office.server.start_run(f"run-{number}", workflow="refunds")
        office.server.tell(ref, status)
    other = office.server.start_run("other", workflow="close")
    office.server.tell(other, RunStatus.FAILED)
    assert await worker.desk.completion(other, "refunds") == Completion()
    await worker.desk.runs(RunQuery())
    await worker.desk.runs(RunQuery(workflow="refunds"))
    assert await worker.desk.completion(other, "refunds") == Completion(4, 5)


@in_loop
async def test_a_note_is_kept_counted_and_removed(office: Office) -> None:
    worker = await office.open_with_ledger()
    await worker.desk.write_note("f3a9", "  Retry is safe after 10:30.  ")
    await worker.desk.note_used("f3a9", worked=True)
    await worker.desk.note_used("f3a9", worked=False)
    await worker.desk.note_used("none", worked=True)
    await worker.desk.write_note("f3a9", "Retry is safe after 11:00. \ud800")
    await worker.desk.stop()
    again = await office.open()
    (note,) = (await again.desk.notes()).values()
    assert (note.by, note.used, note.worked) == ("Pat", 2, 1)
    assert note.text.startswith("Retry is safe after 11:00.")
    await again.desk.write_note("f3a9", " ")
    assert not await again.desk.notes()


@in_loop
async def test_a_viewer_writes_no_note(office: Office) -> None:
    worker = await office.open(person=Person("vera", "Vera", Role.VIEWER))
    with pytest.raises(Refused, match="operator"):
        await worker.desk.write_note("f3a9", "Anything")
