"""The audit of an open desk: what has a line, when its head is signed, and what is found at the next start."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

from console.domain.decision import DecisionState
from console.domain.escalation import Verdict
from console.services.views import AuditChecked
from console.services.vouch import KEPT_AS, LONGEST, MOST_UNSIGNED
from tests.services.office import GATE, LEDGER, Office, Worker, in_loop

S = DecisionState


async def checked(office: Office, worker: Worker) -> AuditChecked:
    """What the check at the opening has told everybody."""

    async def holds() -> AuditChecked | None:
        return next((event for event in worker.events if isinstance(event, AuditChecked)), None)

    return await office.until(holds, step=0.0)


async def signed(office: Office, worker: Worker) -> None:
    """Wait until the desk has signed what is there at its opening."""
    await checked(office, worker)

    async def holds() -> bool:
        return bool(office.told("head"))

    await office.until(holds, step=0.0)


@in_loop
async def test_a_day_at_the_desk_is_in_the_audit(office: Office) -> None:
    key, other = office.server.open_many(2, lambda _: GATE)
    desk = await office.open_with_ledger()
    await signed(office, desk)
    await office.read(desk, key)
    await desk.desk.claim(key.item_id)
    await desk.desk.comment(key.item_id, "a planted word")
    await desk.desk.release(key.item_id)
    await desk.desk.pause_connection(LEDGER.connection_id, is_paused=True)
    await desk.desk.pause_connection(LEDGER.connection_id, is_paused=False)
    await desk.desk.listed(30.0)
    decision_id = await office.decide(desk, key)
    await office.reaches(desk, decision_id, S.CARRIED_OUT)
    held = await office.decide(desk, other, Verdict.REJECT, is_hold=True)
    await desk.desk.stop()
    kinds = [kind for kind, _ in office.told()]
    assert kinds[0] == "begun"
    wanted = ["connection added", "claimed", "commented", "released", "connection paused", "connection resumed"]
    places = [kinds.index(kind) for kind in (*wanted, "decided", "sending", "confirmed", "carried out", "withdrawn")]
    assert places == sorted(places)
    assert kinds[-1] == "head"
    why = [content["why"] for _, content in office.told("head")]
    assert (why[0], why[-1]) == ("opened", "closed")
    ((_, introduced),) = office.told("key")
    assert introduced["key_id"] == office.told("decided")[0][1]["key_id"]
    assert {content["decision_id"] for _, content in office.told("withdrawn")} == {held}
    assert "a planted word" not in json.dumps(office.told())


@in_loop
async def test_what_is_only_read_adds_no_line(office: Office) -> None:
    desk = await office.open_with_ledger()
    await signed(office, desk)
    await desk.desk.stop()
    before = office.told()
    again = await office.open_with_ledger()
    await checked(office, again)
    await again.desk.identity()
    await again.desk.stop()
    assert office.told() == before


@in_loop
async def test_the_head_is_signed_again_after_so_many_lines_and_after_so_long(office: Office) -> None:
    desk = await office.open_with_ledger()
    await signed(office, desk)
    heads = len(office.told("head"))
    key = office.server.open(office.server.start_run(), GATE)
    await office.read(desk, key)
    for _ in range(MOST_UNSIGNED):
        await desk.desk.claim(key.item_id)

    async def one_more() -> bool:
        return len(office.told("head")) == heads + 1

    await office.until(one_more, step=1.0)
    await desk.desk.claim(key.item_id)
    office.clock.advance(LONGEST)

    async def two_more() -> bool:
        return len(office.told("head")) == heads + 2

    await office.until(two_more, step=1.0)
    assert (await desk.desk.audit_check()).is_whole


def tamper(office: Office, *statements: str) -> None:
    with closing(sqlite3.connect(office.database)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@in_loop
async def test_a_changed_line_is_told_at_the_opening_and_stays_told(office: Office) -> None:
    desk = await office.open_with_ledger()
    await signed(office, desk)
    await desk.desk.stop()
    tamper(office, "UPDATE audit SET line = replace(line, 'Ledger', 'Legder') WHERE number = 2")
    for _ in range(2):
        again = await office.open_with_ledger()
        assert (await checked(office, again)).fault.startswith("Entry 2 was changed")
        check = await again.desk.audit_check()
        assert check.broken_at == 2
        await again.desk.stop()
    ((_, told), *_) = office.told("audit is broken")
    assert told["entry"] == 2


@in_loop
async def test_lines_cut_off_between_two_starts_are_missed(office: Office) -> None:
    desk = await office.open_with_ledger()
    await signed(office, desk)
    first = office.told()
    key = office.server.open(office.server.start_run(), GATE)
    await office.decide(desk, key, is_hold=True)
    await desk.desk.stop()
    assert len(office.told()) > len(first)
    number = len(first)
    tamper(
        office,
        f"DELETE FROM audit WHERE number > {number}",  # noqa: S608 - a number
        f"UPDATE sqlite_sequence SET seq = {number} WHERE name = 'audit'",  # noqa: S608 - a number
    )
    for _ in range(2):
        again = await office.open_with_ledger()
        assert (await checked(office, again)).fault
        assert not (await again.desk.audit_check()).is_whole
        await again.desk.stop()


@in_loop
async def test_another_log_in_its_place_says_which_one_was_there(office: Office) -> None:
    desk = await office.open_with_ledger()
    await signed(office, desk)
    await desk.desk.stop()
    chain = office.ring.kept[KEPT_AS].partition(":")[0]
    tamper(office, "DELETE FROM audit", "DELETE FROM sqlite_sequence WHERE name = 'audit'")
    again = await office.open_with_ledger()
    await signed(office, again)
    ((_, told),) = office.told("audit begun anew")
    assert told["before"]["chain"] == chain
    assert (await again.desk.audit_check()).is_whole


@in_loop
async def test_after_a_lost_key_the_next_one_is_introduced(office: Office) -> None:
    for _ in range(2):
        office.ring.kept.clear()
        desk = await office.open_with_ledger()
        await signed(office, desk)
        key = office.server.open(office.server.start_run(), GATE)
        await office.decide(desk, key, is_hold=True)
        await desk.desk.stop()
    keys = [content["key_id"] for _, content in office.told("key")]
    assert len(set(keys)) == len(keys) == 2
    with office.peek() as store:
        assert list(store.audit.verify())[-1].is_whole
