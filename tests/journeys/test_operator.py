"""An operator's morning by keyboard alone: ten mixed items on real runs, few keys each, and no key decides twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import Qt

from console.domain.decision import DecisionState
from console.domain.escalation import Kind, Verdict
from console.domain.risk import Risk
from console.infra.paths import Paths
from console.qtkit.theme import Theme
from console.screens.inbox.arming import ARM_AFTER
from console.screens.inbox.decision_bar import Need
from console.services.views import DecisionView, InboxRow
from tests.journeys.seat import PATIENCE, Seat, connection_to, seated
from tests.journeys.test_journey import REFUND, RIVALS, run_of
from tests.journeys.world import World
from tests.screens.stage import until
from tests.servers import RunningServer

S = DecisionState
ITEMS = 10
MOST_KEYS_FOR_LOW = 3
REASON = "Agrees with the papers."
BY_KIND = {Kind.CHECKPOINT: Verdict.APPROVE, Kind.FAILURE: Verdict.RETRY, Kind.DOUBT: Verdict.APPROVE}
SETTLED = {S.CARRIED_OUT, S.FAILED}


def can_be_done(row: InboxRow) -> bool:
    """Whether an operator decides such an item alone, in a few keys."""
    waiting = row.waiting
    is_plain = waiting.kind in BY_KIND and waiting.risk is not Risk.CRITICAL and waiting.required_approvals == 1
    return is_plain and not waiting.problem and run_of(row) not in RIVALS


class Keys:
    """Presses keys and counts them."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.pressed = 0

    def press(self, *keys: Qt.Key) -> None:
        self.pressed += len(keys)
        self.seat.keys(*keys)

    async def go_to(self, row: InboxRow) -> None:
        """Move to a row with J and K."""
        listing = self.seat.state.listing
        steps = listing.place(row.item_id) - listing.place(listing.selected_id)
        self.press(*[Qt.Key.Key_J if steps > 0 else Qt.Key.Key_K] * abs(steps))
        await self.seat.armed(row.item_id)

    async def decide(self, verdict: Verdict) -> None:
        """Press a verdict's key, and what it asks for; letters of a reason are not counted."""
        self.pressed += 1
        self.seat.press(verdict)
        if self.seat.needs(Need.REASON):
            self.seat.type(REASON)
            self.press(Qt.Key.Key_Return)
        if self.seat.needs(Need.ENTER):
            self.press(Qt.Key.Key_Return)
        await asyncio.sleep(0)


def test_ten_mixed_items_by_keyboard_alone(
    play: Callable[[Coroutine[Any, Any, None]], None],
    theme: Theme,
    desk_folder: Paths,
    server: RunningServer,
    world: World,
) -> None:
    async def story() -> None:
        async with seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat:
            decided: dict[str, InboxRow] = {}
            views: list[DecisionView] = []
            while len(decided) < ITEMS:
                row = await seat.waits(lambda row: can_be_done(row) and row.item_id not in decided)
                keys = Keys(seat)
                await keys.go_to(row)
                walked, keys.pressed = keys.pressed, 0
                verdict = BY_KIND[row.waiting.kind]
                if seat.state.bar.button(verdict) is None or seat.state.bar.button(verdict).blocked:  # type: ignore[union-attr]  # asked before
                    verdict = Verdict.REJECT
                await keys.decide(verdict)
                views.append(await seat.held(row.item_id))
                assert keys.pressed <= MOST_KEYS_FOR_LOW - (1 if walked else 0) or row.waiting.risk is not Risk.LOW
                decided[row.item_id] = row
            assert len({row.waiting.workflow for row in decided.values()}) > 1
            ends = [await seat.ends(view) for view in views]
            assert {view.state for view in ends} <= SETTLED, [(view.title, view.state, view.message) for view in ends]
            ids = [view.item_id for view in await seat.desk.decisions()]
            assert sorted(ids) == sorted(decided)

    play(story())


def test_a_double_a_decides_one(
    play: Callable[[Coroutine[Any, Any, None]], None],
    theme: Theme,
    desk_folder: Paths,
    server: RunningServer,
    world: World,
) -> None:
    async def story() -> None:
        async with seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat:
            row = await seat.waits(lambda row: row.waiting.workflow != REFUND and _is_light(row))
            await Keys(seat).go_to(row)
            seat.keys(Qt.Key.Key_A, Qt.Key.Key_A)
            held = await seat.held(row.item_id)
            await asyncio.sleep(2 * ARM_AFTER)
            assert [view.decision.decision_id for view in await seat.desk.decisions()] == [held.decision.decision_id]
            assert not seat.needs(Need.ENTER)
            await until(lambda: seat.state.listing.selected_id != row.item_id, PATIENCE)

    play(story())


def _is_light(row: InboxRow) -> bool:
    return can_be_done(row) and row.waiting.risk is Risk.LOW and row.waiting.kind is Kind.CHECKPOINT
