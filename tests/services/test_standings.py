"""How the key stands is known of each connection, found out by itself, and decides before anything is signed."""

from __future__ import annotations

import pytest

from console.domain.deciders import ANOTHER_KEY
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Verdict
from console.services.standings import READ_EVERY
from console.services.views import ConnectionChanged, Enrolment, KeyStanding
from tests.keyed import KeyedEngine, KeyLog
from tests.services.office import GATE, LEDGER, PAT, Office, Worker, in_loop
from tests.verify.people import BEN, key_of


async def standing(worker: Worker) -> KeyStanding | None:
    """What is known at the connection, without asking it."""
    (view,) = await worker.desk.connections()
    return view.standing


@in_loop
async def test_a_revoked_key_is_found_out_at_a_calm_pace_and_signs_nothing_more(office: Office) -> None:
    log = KeyLog(office.server)
    log.enrol(BEN)
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger(make=lambda _config, _secrets: KeyedEngine(office.server, log))

    async def is_found(enrolment: Enrolment) -> KeyStanding | None:
        found = await standing(desk)
        return found if found is not None and found.enrolment is enrolment else None

    await office.until(lambda: is_found(Enrolment.UNKNOWN))
    own = log.enrol(PAT, office.public_key())
    await office.until(lambda: is_found(Enrolment.VALID), step=READ_EVERY / 4)
    log.revoke(own, "left the team", by=key_of(BEN))
    ended = await office.until(lambda: is_found(Enrolment.ENDED), step=READ_EVERY / 4)
    assert (ended.connection_id, ended.key_id) == (LEDGER.connection_id, own)
    assert ended.ending.startswith("revoked 2026-11-21 ")
    assert ended.ending.endswith("by Ben: left the team")

    desk.events.clear()
    assert await desk.desk.key_standings() == (ended,)
    assert ConnectionChanged(LEDGER.connection_id) not in desk.events
    view = await office.read(desk, key)
    with pytest.raises(Refused) as refused:
        await desk.desk.decide(key.item_id, Verdict.APPROVE, view.digest, {})
    assert (refused.value.code, refused.value.next_action) == (RefusalCode.REVOKED_KEY, ANOTHER_KEY)
    assert "left the team" in refused.value.message
    assert await desk.desk.decisions() == ()
