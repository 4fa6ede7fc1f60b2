"""A desk that ends at the worst moment, and the one that is opened after it: nothing lost, nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from console.domain.decision import DecisionState
from console.domain.escalation import EscalationKey
from console.engines.fake.engine import FakeEngine
from console.store.database import Database
from console.store.store import Store
from tests.services.engines import Pausing
from tests.services.office import GATE, Office, Worker, in_loop, states

S = DecisionState


class PowerCut(BaseException):
    """The machine stops here."""


class Mortal(Database):
    """A database whose program dies before the commit of a chosen transaction, and writes nothing ever after."""

    def __init__(self, path: Path, dies_when: list[str]) -> None:
        super().__init__(path)
        self._dies_when = dies_when
        self.is_dead = threading.Event()

    @contextmanager
    def writing(self, *, is_cache: bool = False) -> Iterator[Connection]:
        if self.is_dead.is_set():
            raise PowerCut
        with super().writing(is_cache=is_cache) as transaction:
            yield transaction
            entered = transaction.exec_driver_sql(
                "SELECT state FROM decision_states ORDER BY number DESC LIMIT 1"
            ).scalar()
            if entered in self._dies_when and not is_cache:
                self.is_dead.set()
                raise PowerCut


async def begun(office: Office, worker: Worker, *, is_hold: bool = False) -> tuple[EscalationKey, str]:
    key = office.server.open(office.server.start_run(), GATE)
    return key, await office.decide(worker, key, is_hold=is_hold)


async def taken_over(office: Office, key: EscalationKey, decision_id: str) -> list[str]:
    """What the next desk makes of it: carried out, and applied once."""
    desk = await office.open_with_ledger()
    view = await office.reaches(desk, decision_id, S.CARRIED_OUT)
    assert len(office.server.applied(key)) == 1
    assert len(await desk.desk.decisions()) == 1
    assert (await desk.desk.audit_check()).is_whole
    return states(view)


@in_loop
async def test_killed_while_held_it_is_withdrawn_and_the_item_waits(office: Office) -> None:
    desk = await office.open_with_ledger()
    _, decision_id = await begun(office, desk, is_hold=True)
    office.kill(desk)
    again = await office.open_with_ledger()
    # The clock stands still: it is put right at the start, not when somebody comes by.
    view = await office.reaches(again, decision_id, S.WITHDRAWN, step=0.0)
    assert "closed while it was held" in view.message
    assert view.next_action
    office.clock.advance(60)
    assert await office.titles(again) == [GATE.title]
    assert office.server.applied() == ()


@in_loop
async def test_killed_while_queued_it_is_sent_by_the_next(office: Office) -> None:
    first = await office.open_with_ledger(open_store=lambda path: mortal(path, ["sending"]))
    key, decision_id = await begun(office, first)
    office.forgive(PowerCut)
    office.kill(first)
    with office.peek() as store:
        stored = store.outbox.find(decision_id)
        assert stored is not None
        assert stored.state is S.QUEUED
    assert await taken_over(office, key, decision_id) == ["queued", "sending", "confirmed", "carried_out"]


@in_loop
async def test_killed_while_sending_it_is_read_back_then_sent(office: Office) -> None:
    pausing = Pausing(FakeEngine(office.server), before=True)
    first = await office.open_with_ledger(make=lambda *_: pausing)
    key, decision_id = await begun(office, first)
    await office.reaches(first, decision_id, S.SENDING)
    office.kill(first)
    assert office.server.applied() == ()
    passed = await taken_over(office, key, decision_id)
    assert passed[:5] == ["queued", "sending", "uncertain", "queued", "sending"]
    assert any(line["event"] == "reconciled" and line["interrupted"] == 1 for line in office.lines(1))


@in_loop
async def test_killed_after_acceptance_it_is_read_back_and_not_sent_again(office: Office) -> None:
    pausing = Pausing(FakeEngine(office.server), after=True)
    first = await office.open_with_ledger(make=lambda *_: pausing)
    key, decision_id = await begun(office, first)
    await office.until(office.happened(pausing.reached))
    office.kill(first)
    assert len(office.server.applied(key)) == 1
    passed = await taken_over(office, key, decision_id)
    assert passed[:3] == ["queued", "sending", "uncertain"]
    assert passed.count("sending") == 1


@pytest.mark.parametrize("state", ["confirmed", "carried out"])
@in_loop
async def test_killed_before_the_commit_of_the_receipt_it_is_read_back(office: Office, state: str) -> None:
    first = await office.open_with_ledger(open_store=lambda path: mortal(path, [state]))
    key, decision_id = await begun(office, first)
    await office.until(office.happened(DEATHS[-1].is_dead))
    office.forgive(PowerCut)
    office.kill(first)
    passed = await taken_over(office, key, decision_id)
    assert passed.count("sending") == 1
    assert passed[-1] == "carried_out"


@in_loop
async def test_the_log_proves_the_moment(office: Office) -> None:
    first = await office.open_with_ledger(open_store=lambda path: mortal(path, ["confirmed"]))
    await begun(office, first)
    await office.until(office.happened(DEATHS[-1].is_dead))
    office.forgive(PowerCut)
    moves = [(line["event"], line["after"]) for line in office.lines(0) if line["event"].startswith("decision m")][:3]
    assert moves == [("decision moves", "sending"), ("decision moved", "sending"), ("decision moves", "confirmed")]


@in_loop
async def test_killed_before_the_decision_was_written_there_is_none(office: Office) -> None:
    first = await office.open_with_ledger(open_store=lambda path: mortal(path, ["held"]))
    key = office.server.open(office.server.start_run(), GATE)
    with pytest.raises(PowerCut):
        await office.decide(first, key, is_hold=True)
    office.forgive(PowerCut)
    office.kill(first)
    again = await office.open_with_ledger()
    assert await again.desk.decisions() == ()
    assert await office.titles(again) == [GATE.title]
    assert office.told("decided") == []


DEATHS: list[Mortal] = []


def mortal(path: Path, dies_when: list[str]) -> Store:
    def opened(file: Path) -> Database:
        DEATHS.append(Mortal(file, dies_when))
        return DEATHS[-1]

    return Store(path, open_database=opened)
