"""What a person may do to a run at any time: it stands in no list, and is decided like what does."""

from __future__ import annotations

from console.domain.canonical import Json
from console.domain.decision import DecisionState
from console.domain.digest import escalation_digest
from console.domain.escalation import Escalation, Kind, Verdict
from console.domain.run import RunRef
from console.engines.fake.record import Opening
from console.services.views import InboxQuery
from tests.services.office import GATE, Office, Worker, in_loop

S = DecisionState


async def offered(desk: Worker, ref: RunRef, verdict: Verdict) -> Escalation:
    """The one thing that can be done with a verdict."""
    (found,) = [one for one in await desk.desk.commands(ref) if one.verdicts == (verdict,)]
    return found


async def do(desk: Worker, command: Escalation, said: dict[str, Json] | None = None) -> str:
    item_id, digest = command.key.item_id, escalation_digest(command)
    made = await desk.desk.decide(item_id, command.verdicts[0], digest, said or {}, is_hold=False)
    return made.decision.decision_id


@in_loop
async def test_what_may_be_done_is_in_no_list_and_a_pause_waits_for_everybody(office: Office) -> None:
    run = office.server.start_run()
    office.server.open(run, GATE)
    office.server.offer_commands(run)
    desk = await office.open_with_ledger()
    pause = await offered(desk, run, Verdict.PAUSE)
    view = await desk.desk.item(pause.key.item_id)
    assert view is not None
    assert view.is_open
    assert await office.titles(desk) == [GATE.title]
    assert await desk.desk.waiting() == 1
    await desk.desk.refresh_all()
    decision_id = await do(desk, pause)
    await office.reaches(desk, decision_id, S.CARRIED_OUT)

    async def is_listed() -> bool:
        return f"Paused: run {run.run_id}" in await office.titles(desk)

    await office.until(is_listed)
    (row,) = (await desk.desk.inbox(InboxQuery(kinds=frozenset({Kind.INTERVENTION})))).rows
    resumed = await office.decide(desk, row.waiting.key, Verdict.RESUME)
    await office.reaches(desk, resumed, S.CARRIED_OUT)
    assert await office.titles(desk) == [GATE.title]


@in_loop
async def test_what_was_done_meanwhile_is_superseded_and_comes_into_no_list(office: Office) -> None:
    run = office.server.start_run()
    office.server.offer_commands(run)
    desk = await office.open_with_ledger()
    cancel = await offered(desk, run, Verdict.CANCEL)
    office.server.decide_elsewhere(cancel.key, Verdict.CANCEL)
    decision_id = await do(desk, cancel)
    view = await office.reaches(desk, decision_id, S.SUPERSEDED)
    assert view.next_action
    await desk.desk.refresh_all()
    assert await office.titles(desk) == []
    shown = await desk.desk.refresh(cancel.key.item_id)
    assert shown is not None
    assert not shown.is_open


@in_loop
async def test_what_one_did_in_part_waits_for_another_who_had_looked_at_it(office: Office) -> None:
    run = office.server.start_run()
    native_id = "@complete/refund"
    opening = Opening(
        title="Complete it by hand", kind=Kind.COMMAND, verdicts=(Verdict.COMPLETE,), required_approvals=2
    )
    key = office.server.open(run, opening, native_id)
    desk = await office.open_with_ledger()
    command = await offered(desk, run, Verdict.COMPLETE)
    assert await office.titles(desk) == []
    office.server.decide_elsewhere(key, Verdict.COMPLETE, {"reason": "Paid at the bank."})

    async def is_listed() -> bool:
        return await office.titles(desk) == [opening.title]

    await office.until(is_listed)
    assert await office.titles(desk, needs_signature=True) == [opening.title]
    said: dict[str, Json] = {"reason": "I saw the slip."}
    await office.reaches(desk, await do(desk, command, said), S.CARRIED_OUT)
