"""Two sample runs that want one order, at the real window: ruled once, paid once, and the loser is seen to stop."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import Qt

from console.domain.decision import DecisionState
from console.domain.escalation import Kind, Verdict
from console.domain.run import StepStatus
from console.infra.paths import Paths
from console.qtkit.theme import Theme
from console.services.views import InboxRow
from console.tower import wire
from tests.journeys.seat import Seat, connection_to, seated
from tests.journeys.test_journey import RIVALS, run_of
from tests.journeys.world import World
from tests.screens.stage import until
from tests.servers import RunningServer

PATIENCE = 60
Play = Callable[[Coroutine[Any, Any, None]], None]


async def ruled(seat: Seat) -> str:
    """Let the second side go first by keys alone, and wait until that is carried out; whose run it is."""
    conflict = await seat.waits(lambda row: row.waiting.kind is Kind.CONFLICT)
    shown = await seat.open(conflict)
    assert {side.run.run_id for side in shown.sides} == set(RIVALS)
    assert {rival.waiting.key.run.run_id for rival in seat.shown.rivals} == set(RIVALS)
    seat.key(Qt.Key.Key_Right)
    view = await seat.ends(await seat.decide(Verdict.ANSWER))
    assert view.state is DecisionState.CARRIED_OUT, view.message
    winner, loser = (shown.sides[place].run.run_id for place in (1, 0))
    assert view.receipt is not None
    assert view.receipt.message == f"{winner} goes first; {loser} stops."
    return winner


def test_a_conflict_is_ruled_and_one_order_is_paid_once(
    play: Play, theme: Theme, desk_folder: Paths, server: RunningServer, world: World
) -> None:
    async def story() -> None:
        async with seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat:
            (order,) = world.orders_named(RIVALS[0])
            winner = await ruled(seat)
            (loser,) = {*RIVALS} - {winner}
            assert world.refunds(order) == []

            def is_winners(row: InboxRow) -> bool:
                return run_of(row) == winner and row.waiting.kind is Kind.CHECKPOINT

            await seat.open(await seat.waits(is_winners))
            view = await seat.ends(await seat.decide(Verdict.APPROVE))
            assert view.state is DecisionState.CARRIED_OUT, view.message
            assert len(world.refunds(order)) == 1
            assert len(world.effects(winner, "payments.refund")) == 1
            assert world.effects(loser, "payments.refund") == []
            handle = (await server.client()).get_workflow_handle(loser)

            async def is_told() -> bool:
                reply: wire.StepsReply = await handle.query(wire.QUERY_STEPS, result_type=wire.StepsReply)
                step = next(step for step in reply.steps if step.step_id == "refund")
                return step.status in {StepStatus.DONE, StepStatus.NOT_TAKEN}

            await until(is_told, PATIENCE)
            state: wire.StateReply = await handle.query(wire.QUERY_STATE, None, result_type=wire.StateReply)
            became = next(fact.value for fact in state.facts if fact.name == "refund")
            assert isinstance(became, dict)
            assert became["outcome"] == "stopped"
            assert winner in str(became["reason"])

            def is_left() -> bool:
                still = (row for row in seat.rows if row.item_id not in seat.state.listing.gone)
                return not any(run_of(row) == loser and row.waiting.kind is Kind.CHECKPOINT for row in still)

            await until(is_left, PATIENCE)

    play(story())
