"""Decisions on a connection that is away, was away, or leads elsewhere now."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from console.domain.decision import DecisionState
from console.domain.errors import Refused
from console.domain.escalation import Verdict
from console.domain.risk import Risk
from console.engines.fake.engine import FakeEngine
from console.engines.port import Change, Engine, Lost
from console.services.views import ConnectionConfig, Health
from tests.services.engines import Around
from tests.services.office import GATE, LEDGER, Office, Worker, in_loop, states

S = DecisionState
CRITICAL = dataclasses.replace(GATE, risk=Risk.CRITICAL)
REASON = {"reason": "checked with the account manager"}


async def is_down(worker: Worker) -> bool:
    (view,) = await worker.desk.connections()
    return view.health is Health.DOWN


async def is_live(worker: Worker) -> bool:
    (view,) = await worker.desk.connections()
    return view.health is Health.LIVE


@in_loop
async def test_while_the_engine_is_away_it_waits_and_says_so(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    await office.read(desk, key)
    office.server.go_away()
    await office.until(lambda: is_down(desk))
    decision_id = await office.decide_as_shown(desk, key)
    view = await office.reaches(desk, decision_id, S.QUEUED)
    assert "“Ledger” is away" in view.message
    assert "sent when that is back" in view.next_action
    office.server.come_back()
    view = await office.reaches(desk, decision_id, S.CARRIED_OUT)
    assert states(view).count("sending") == 1


@in_loop
async def test_what_waited_can_still_be_undone(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    await office.read(desk, key)
    office.server.go_away()
    await office.until(lambda: is_down(desk))
    decision_id = await office.decide_as_shown(desk, key)
    assert await desk.desk.undo(decision_id)
    office.server.come_back()
    await office.until(lambda: is_live(desk))
    assert office.server.applied() == ()


@in_loop
async def test_what_changed_meanwhile_is_superseded_and_not_sent(office: Office) -> None:
    changed, decided = office.server.open_many(2, lambda _: GATE)
    desk = await office.open_with_ledger()
    for key in (changed, decided):
        await office.read(desk, key)
    office.server.go_away()
    await office.until(lambda: is_down(desk))
    first, second = [await office.decide_as_shown(desk, key) for key in (changed, decided)]
    office.server.change(changed, amount=4_200)
    office.server.decide_elsewhere(decided, Verdict.REJECT)
    office.server.come_back()
    for decision_id in (first, second):
        view = await office.reaches(desk, decision_id, S.SUPERSEDED)
        assert states(view) == ["queued", "superseded"]
        assert "Nothing was sent" in view.message
        assert view.next_action
    assert [applied.by.person_id for applied in office.server.applied()] == ["person-colleague"]
    assert await office.titles(desk) == [GATE.title]


@in_loop
async def test_what_changed_since_it_was_read_is_superseded_without_an_absence(office: Office) -> None:
    key = office.server.open(office.server.start_run(), CRITICAL)
    deaf = Deaf(FakeEngine(office.server))
    desk = await office.open_with_ledger(make=lambda *_: deaf)
    decision_id = await office.decide(desk, key, payload=REASON, is_hold=True)
    office.server.change(key, amount=4_200)
    office.clock.advance(15)
    view = await office.reaches(desk, decision_id, S.SUPERSEDED, step=0.0)
    assert "sending" not in states(view)


class Deaf(Around):
    """Is told nothing of changes."""

    async def changes(self) -> AsyncIterator[Change]:
        await asyncio.Event().wait()
        yield Lost("never told")


@in_loop
async def test_it_expires_where_it_cannot_be_sent_in_time(office: Office) -> None:
    key = office.server.open(office.server.start_run(), dataclasses.replace(GATE, risk=Risk.MEDIUM))
    desk = await office.open_with_ledger()
    await office.read(desk, key)
    office.server.go_away()
    await office.until(lambda: is_down(desk))
    decision_id = await office.decide_as_shown(desk, key)
    office.clock.advance(timedelta(hours=1).total_seconds() - 5)
    await asyncio.sleep(0.05)
    still = await desk.desk.decision(decision_id)
    assert still is not None
    assert still.state is S.QUEUED
    view = await office.reaches(desk, decision_id, S.EXPIRED)
    assert view.message
    assert view.next_action
    office.server.come_back()
    await office.until(lambda: is_live(desk))
    assert office.server.applied() == ()
    assert await office.titles(desk) == [GATE.title]


@in_loop
async def test_a_critical_one_never_waits_for_a_connection(office: Office) -> None:
    now, later = office.server.open_many(2, lambda _: CRITICAL)
    desk = await office.open_with_ledger()
    for key in (now, later):
        await office.read(desk, key)
    held = await office.decide(desk, now, payload=REASON, is_hold=True)
    office.server.go_away()
    await office.until(lambda: is_down(desk), step=0.01)
    with pytest.raises(Refused, match="never waits"):
        await office.decide_as_shown(desk, later, payload=REASON)
    view = await office.reaches(desk, held, S.REFUSED)
    assert "never waits" in view.message
    assert view.next_action == "Decide again once it is back."
    office.server.come_back()
    await office.until(lambda: is_live(desk))
    assert office.server.applied() == ()


@in_loop
async def test_when_access_is_denied_it_waits_for_a_person(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    await office.read(desk, key)
    office.server.faults.denied = "The key was revoked."
    decision_id = await office.decide_as_shown(desk, key)

    async def is_denied() -> bool:
        (view,) = await desk.desk.connections()
        return view.health is Health.DENIED

    await office.until(is_denied)
    await office.reaches(desk, decision_id, S.QUEUED)
    office.server.faults.denied = ""
    office.clock.advance(120)
    await asyncio.sleep(0.05)
    assert await is_denied()
    await desk.desk.reconnect(LEDGER.connection_id)
    await office.reaches(desk, decision_id, S.CARRIED_OUT)


@in_loop
async def test_another_server_at_the_same_address_is_sent_nothing(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    engines: list[Engine] = []

    def make(config: ConnectionConfig, secrets: object) -> Engine:
        del config, secrets
        engines.append(FakeEngine(office.server, quiet_every=0.02))
        return engines[-1]

    desk = await office.open_with_ledger(make=make)
    await office.read(desk, key)
    office.server.go_away()
    await office.until(lambda: is_down(desk))
    decision_id = await office.decide_as_shown(desk, key)
    office.server.identity = "fake:wiped"
    office.server.come_back()
    view = await office.reaches(desk, decision_id, S.REFUSED)
    assert "Another server" in view.message
    assert view.next_action
    assert office.server.applied() == ()
    assert await office.titles(desk) == []
