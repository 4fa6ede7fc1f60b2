"""A store that cannot be written for a while: said in words, and everything goes on afterwards."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from console.domain.decision import DecisionState
from console.domain.errors import Unreachable
from console.domain.escalation import Verdict
from console.services.views import Health
from console.store import database
from console.store.store import Store
from tests.services.office import GATE, Office, in_loop

S = DecisionState


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)


def locked(path: Path) -> sqlite3.Connection:
    """Another program that holds the write lock, and does not let go."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


@in_loop
async def test_a_decision_that_could_not_be_written_is_none(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    view = await office.read(desk, key)
    with closing(locked(office.database)):
        with pytest.raises(Unreachable, match="locked") as unwritten:
            await desk.desk.decide(key.item_id, Verdict.APPROVE, view.digest, {})
        assert unwritten.value.next_action
    assert await desk.desk.decisions() == ()
    decision_id = await office.decide(desk, key)
    await office.reaches(desk, decision_id, S.CARRIED_OUT)


@in_loop
async def test_watching_and_delivering_go_on_when_it_can_be_written_again(office: Office) -> None:
    run = office.server.start_run()
    key = office.server.open(run, GATE)
    desk = await office.open_with_ledger()
    decision_id = await office.decide(desk, key, is_hold=True)

    async def is_down() -> bool:
        (view,) = await desk.desk.connections()
        return view.health is Health.DOWN and "could not be written" in view.message

    with closing(locked(office.database)):
        office.server.open(run, GATE, "another")
        await office.until(is_down)
        office.clock.advance(10)

        async def has_failed_to_queue() -> bool:
            return any(where.startswith("hold") for where, _ in office.errors)

        await office.until(has_failed_to_queue)
    view = await office.reaches(desk, decision_id, S.CARRIED_OUT)
    assert len(office.server.applied(key)) == 1
    assert view.receipt is not None

    async def is_listed() -> bool:
        return await office.titles(desk) == [GATE.title]

    await office.until(is_listed)
    office.forgive(Unreachable)
    with closing(Store(office.database).database) as opened:
        assert opened.version_of_data() > 0
