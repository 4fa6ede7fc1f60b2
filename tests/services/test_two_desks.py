"""Window and command line on one store: both write, one delivers, both see."""

from __future__ import annotations

import asyncio

import pytest

from console.domain.decision import DecisionState
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Verdict
from console.services.views import DecisionChanged, InboxChanged, ItemChanged
from tests.services.office import GATE, LEDGER, Office, in_loop

S = DecisionState


@in_loop
async def test_what_one_writes_the_other_delivers_and_both_see(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    window = await office.open_with_ledger()
    command_line = await office.open_with_ledger()
    await office.read(window, key)
    decision_id = await office.decide(command_line, key)
    for worker in (command_line, window):
        await office.reaches(worker, decision_id, S.CARRIED_OUT)
        assert await office.titles(worker) == []
        assert DecisionChanged(decision_id, key.item_id) in worker.events
        assert ItemChanged(key.item_id) in worker.events
        assert InboxChanged(LEDGER.connection_id) in worker.events
    assert len(office.server.applied(key)) == 1
    delivers = [number for number in (0, 1) if any(line["event"] == "delivers" for line in office.lines(number))]
    assert delivers == [0]
    settled = await command_line.desk.settled(decision_id, 5)
    assert settled.state is S.CARRIED_OUT


@in_loop
async def test_who_only_looks_on_is_told_as_well(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    window = await office.open_with_ledger()
    onlooker = await office.open_with_ledger()
    decision_id = await office.decide(window, key)

    async def is_told() -> bool:
        view = await onlooker.desk.decision(decision_id)
        return (
            view is not None
            and view.state is S.CARRIED_OUT
            and DecisionChanged(decision_id, key.item_id) in onlooker.events
            and ItemChanged(key.item_id) in onlooker.events
        )

    await office.until(is_told)


@in_loop
async def test_when_the_deliverer_is_killed_the_other_takes_over(office: Office) -> None:
    first_key, second_key = office.server.open_many(2, lambda _: GATE)
    window = await office.open_with_ledger()
    command_line = await office.open_with_ledger()
    held = await office.decide(window, first_key, is_hold=True)
    assert await office.titles(command_line) == [GATE.title]
    office.kill(window)
    decision_id = await office.decide(command_line, second_key)
    await office.reaches(command_line, decision_id, S.CARRIED_OUT)
    await office.reaches(command_line, held, S.WITHDRAWN)
    assert len(office.server.applied()) == 1


@in_loop
async def test_what_another_process_holds_is_left_alone_while_it_lives(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    await office.open_with_ledger()
    command_line = await office.open_with_ledger()
    decision_id = await office.decide(command_line, key, is_hold=True)
    for _ in range(40):
        office.clock.advance(0.1)
        await asyncio.sleep(0.003)
    view = await command_line.desk.decision(decision_id)
    assert view is not None
    assert view.state is S.HELD
    await office.reaches(command_line, decision_id, S.CARRIED_OUT)


@in_loop
async def test_what_one_holds_the_other_may_undo(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    window = await office.open_with_ledger()
    command_line = await office.open_with_ledger()
    decision_id = await office.decide(window, key, is_hold=True)
    held = await command_line.desk.decision(decision_id)
    assert held is not None
    assert held.held_for == pytest.approx(5)
    assert await command_line.desk.undo(decision_id)
    office.clock.advance(10)
    await office.reaches(window, decision_id, S.WITHDRAWN)
    await asyncio.sleep(0.05)
    assert office.server.applied() == ()


@in_loop
async def test_one_item_is_decided_once(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    window = await office.open_with_ledger()
    command_line = await office.open_with_ledger()
    shown = await office.read(command_line, key)
    await office.decide(window, key, is_hold=True)
    with pytest.raises(Refused) as refused:
        await command_line.desk.decide(key.item_id, Verdict.REJECT, shown.digest, {})
    assert refused.value.code == RefusalCode.ALREADY_DECIDED


@in_loop
async def test_a_connection_added_by_one_is_watched_by_the_other(office: Office) -> None:
    office.server.open(office.server.start_run(), GATE)
    window = await office.open()
    command_line = await office.open()
    await command_line.desk.add_connection(LEDGER, {})

    async def seen() -> bool:
        return await office.titles(window) == [GATE.title]

    await office.until(seen)
    await window.desk.remove_connection(LEDGER.connection_id)

    async def gone() -> bool:
        return not await command_line.desk.connections()

    await office.until(gone)
