"""Two persons at two windows on a real server: one signs, the other finds it in their queue, and it is done once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.domain.decision import DecisionState
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Verdict
from console.domain.identity import Person
from console.domain.risk import Risk
from console.infra.paths import Paths
from console.qtkit.theme import Theme
from console.qtkit.words import plain
from console.screens.inbox.view_review import COPY_ID
from console.services.views import DecisionView, InboxRow
from tests.journeys.seat import PATIENCE, Seat, connection_to, profile, seated
from tests.journeys.test_journey import a_refund, refunded_once, run_of, sign, went_through
from tests.journeys.world import World
from tests.screens.stage import until
from tests.servers import RunningServer
from tests.signing import DORA, EMIL

S = DecisionState
WROTE = "Both captures stand in the report."


def test_the_second_person_finds_it_in_their_queue_and_the_first_cannot_sign_again(
    play: Callable[[Coroutine[Any, Any, None]], None],
    theme: Theme,
    desk_folder: Paths,
    server: RunningServer,
    world: World,
) -> None:
    first, second = profile(desk_folder.data.parent, "dora"), profile(desk_folder.data.parent, "emil")

    async def story() -> None:
        async with seated(theme, first, connection_to(server.address), person=DORA, more=world.more) as seat:
            refund = await seat.waits(a_refund(world, Risk.CRITICAL))
            (order,) = world.orders_named(run_of(refund))
            amount = f"{world.owed(order).amount:.2f}"
            await seat.open(refund)
            await sign(seat, amount, WROTE)
            held = await seat.held(refund.item_id)
            await until(lambda: "Signed 1 of 2" in seat.told(held.decision.decision_id), PATIENCE)
            await is_kept_from_signing_again(seat, refund)
            await withdraws_the_signature(seat)
            await sign(seat, amount, WROTE)
            held = await seat.held(refund.item_id)
            await until(lambda: "Signed 1 of 2" in seat.told(held.decision.decision_id), PATIENCE)
            assert world.refunds(order) == []
            await hands_it_to(seat, EMIL, refund)

        async with seated(theme, second, connection_to(server.address), person=EMIL, more=world.more) as seat:
            await seat.waits(lambda row: row.item_id == refund.item_id)
            assert seat.state.listing.to_sign >= 1
            seat.keys(Qt.Key.Key_G, Qt.Key.Key_S)
            await until(lambda: seat.state.listing.is_to_sign, PATIENCE)
            queued = await seat.waits(lambda row: row.item_id == refund.item_id)
            await until(lambda: all(row.waiting.approved_by for row in seat.rows), PATIENCE)
            assert DORA.person_id in queued.waiting.approved_by
            assert queued.waiting.claim is not None
            assert queued.waiting.claim.by.person_id == EMIL.person_id
            await seat.open(queued)
            said = seat.words(seat.hosting.inbox_view.review)
            for words in ("First signature", DORA.name, "the same as you see now", held.decision.digest[:8], WROTE):
                assert words in said
            await sign(seat, amount, "Seen as well.")
            granted = await went_through(seat, server, await seat.held(refund.item_id))
            refunded_once(world, order, granted)
            await until(lambda: refund.item_id not in {row.item_id for row in seat.rows}, PATIENCE)

    play(story())


async def is_kept_from_signing_again(seat: Seat, refund: InboxRow) -> None:
    """Who has signed sees it in the list, is told why they cannot sign again and who can, and takes its id along."""
    again = await seat.waits(lambda row: row.item_id == refund.item_id and DORA.person_id in row.waiting.approved_by)
    await seat.open(again)
    await until(lambda: "You have approved this already" in seat.state.bar.hindrance, PATIENCE)
    review = seat.hosting.inbox_view.review
    assert "it needs another person. You signed at" in seat.words(review)
    seat.press(Verdict.APPROVE)
    assert seat.state.bar.hint == "You have approved this already; it needs another person."
    review.hindrance.activated.emit(COPY_ID)
    assert QApplication.clipboard().text() == refund.item_id
    with pytest.raises(Refused, match="You have approved this already") as refused:
        await seat.desk.decide(refund.item_id, Verdict.APPROVE, seat.shown.digest, {"reason": "Once more."})
    assert refused.value.code == RefusalCode.NOT_ALLOWED
    assert len([view for view in await seat.desk.decisions() if view.item_id == refund.item_id]) == 1


async def hands_it_to(seat: Seat, person: Person, item: InboxRow) -> None:
    """Choose somebody who has a key there, by the first letters of their name; the run then holds it in their name."""
    await seat.open(await seat.waits(lambda row: row.item_id == item.item_id))
    seat.key(Qt.Key.Key_C, Qt.KeyboardModifier.ShiftModifier)
    await until(lambda: seat.state.is_assigning, PATIENCE)
    assert seat.state.person.person_id not in {each.target_id for each in seat.state.assignees}
    seat.type(person.name[:3])
    seat.key(Qt.Key.Key_Return)
    await until(lambda: f"{person.name} is on it" in plain(seat.state.header.claim), PATIENCE)


async def withdraws_the_signature(seat: Seat) -> None:
    """Who has signed takes it back at once, with a receipt of the run, and may then sign again."""
    seat.press(Verdict.WITHDRAW)
    assert "withdraw your approval" in seat.state.bar.hint
    seat.key(Qt.Key.Key_Return)

    def latest() -> DecisionView:
        return seat.state.decisions[0]

    await until(lambda: (latest().decision.verdict, latest().state) == (Verdict.WITHDRAW, S.CARRIED_OUT), PATIENCE)
    before = seat.state.decisions[1].decision.decision_id
    await until(lambda: f"{DORA.name} withdrew the approval." in seat.told(before), PATIENCE)
    await until(lambda: seat.state.header.signatures == "Needs 2 signatures" and seat.state.is_armed, PATIENCE)
