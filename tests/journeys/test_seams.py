"""The dropped caveat: a discount taken too late is booked as one, since nobody read what was said of it.

A person at the real window sees in Hand-offs where it was lost; the work is sent back, and Access tells what is posted.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.domain.canonical import Json
from console.domain.escalation import Escalation, Verdict
from console.domain.receipt import Outcome
from console.infra.paths import Paths
from console.qtkit.theme import Theme
from console.screens import OpenRun
from console.screens.run.hand_offs import HandOffRow
from console.screens.run.state import RunState, Tab
from console.tower.desk import dicts
from console.tower.plans import close, ledgers
from tests.journeys.seat import PATIENCE, Seat, connection_to, seated
from tests.screens.stage import until
from tests.servers import RunningServer
from tests.tower import people

LATE = 7
PERIOD = "2026-09"
DISCOUNTS, RECEIVABLES = "4730", "1400"


def over(seat: Seat, start: str, end: str) -> list[HandOffRow]:
    """The hand-offs over one edge as the screen shows them, the latest last."""
    rows = seat.hosting.run_view.hand_offs.model.rows()
    return [row for row in rows if (row.hand_off.from_step, row.hand_off.to_step) == (start, end)]


def counters(shown: Escalation, references: set[str]) -> set[str]:
    """The accounts that the proposal books these references to."""
    assert shown.proposal is not None
    entries = dicts(shown.proposal.arguments["entries"])
    return {str(entry["counter"]) for entry in entries if entry["reference"] in references}


@pytest.mark.usefixtures("world")
def test_a_dropped_caveat_is_seen_before_it_becomes_a_wrong_entry(
    play: Callable[[Coroutine[Any, Any, None]], None],
    theme: Theme,
    desk_folder: Paths,
    server: RunningServer,
) -> None:
    async def story() -> None:
        company = ledgers.companies()[LATE]["company"]
        parameters: dict[str, Json] = {"company": company, "period": PERIOD}
        run = await people.Desk.start(await server.client(), close.PLAN, parameters)
        shown = await run.waits("post")
        (caveat,) = [text for text in shown.caveats if "may still be owed" in text]
        late = caveat.partition(" off ")[2].partition(",")[0]
        assert counters(shown, {late}) == {DISCOUNTS}
        async with seated(theme, desk_folder, connection_to(server.address)) as seat:
            screen = seat.hosting.run_view

            def state() -> RunState:
                return seat.hosting.run.state

            seat.hosting.navigator.go(OpenRun(shown.key.run))
            await until(lambda: state().run is not None and bool(state().hand_offs.values), PATIENCE)
            seat.key(Qt.Key.Key_5)
            await until(lambda: bool(over(seat, "match", "propose")), PATIENCE)
            (lost,) = over(seat, "match", "propose")
            assert screen.tabs.button("Hand-offs").spec.note.endswith(" dropped")
            assert f"Caveat dropped: {caveat}" in lost.said
            assert screen.hand_offs.table.current_id() == lost.row_id
            assert not any(caveat in row.hand_off.dropped_caveats for row in over(seat, "propose", "check"))
            QTest.keyClick(screen.hand_offs.table, Qt.Key.Key_Return)
            await until(lambda: state().tab is Tab.TRAIL and state().trail.filter.step == "propose", PATIENCE)

            back: dict[str, Json] = {"to": {"kind": "step", "id": "propose"}, "reason": f"Read the caveat on {late}."}
            assert (await run.say(shown, Verdict.REROUTE, payload=back)).outcome is Outcome.CARRIED_OUT
            again = await run.waits("post", occurrence=2)
            assert counters(again, {late}) == {RECEIVABLES}
            seat.key(Qt.Key.Key_5)
            await until(lambda: len(over(seat, "match", "propose")) == 2, PATIENCE)
            first, second = over(seat, "match", "propose")
            assert (first.is_losing, second.is_losing, second.hand_off.turn) == (True, False, 2)
            await until(lambda: not screen.tabs.button("Hand-offs").spec.note.endswith(" dropped"), PATIENCE)

            seat.key(Qt.Key.Key_6)
            await until(lambda: bool(screen.access.model.rowCount()), PATIENCE)
            told = {row.step_id: row.said for row in screen.access.model.rows()}
            assert f"ledgers/{company}/{PERIOD}/book" in told["match"].partition("Read: ")[2]
            assert "Written: nothing" in told["post"]
            assert (await run.say(again, Verdict.APPROVE)).outcome is Outcome.CARRIED_OUT
            entries = f"Written: ledgers/{company}/{PERIOD}/entries"
            await until(lambda: any(entries in row.said for row in screen.access.model.rows()), PATIENCE)

    play(story())
