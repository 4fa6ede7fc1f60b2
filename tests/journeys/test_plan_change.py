"""A plan that is changed while a run of it waits at the window: that run goes on by its own, the next by the new."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from console.domain.canonical import Json
from console.domain.escalation import Verdict
from console.domain.risk import Risk
from console.domain.run import RunRef, RunStatus
from console.infra.paths import Paths
from console.qtkit.theme import Theme
from console.screens.inbox.decision_bar import Need
from console.services.views import DecisionView, InboxRow
from console.tower.generator import start_run
from console.tower.messages import RunStart
from console.tower.plan import Plan
from console.tower.wire import TASK_QUEUE
from tests import till, till_two
from tests.journeys.seat import PATIENCE, Seat, connection_to, seated
from tests.journeys.test_journey import went_through
from tests.journeys.world import World
from tests.screens.stage import until
from tests.servers import RunningServer, start_server, start_worker

BEFORE, AFTER = 1, 2
OLD_TEXT = "Every payment is decided."
EFFECT = "SELECT amount, decision_id FROM refunds JOIN effects USING (effect_id) WHERE customer = ?"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningServer]:
    """A server of the test's own, since its workers change."""
    server = start_server(tmp_path / "server")
    yield server
    server.stop()


async def begin(server: RunningServer, plan: Plan, number: int) -> None:
    """Start a run of a plan as its worker knows it."""
    parameters: dict[str, Json] = {"number": number, "payments": 1}
    start = RunStart(
        plan=plan, title=f"Payment {number}", business_key=str(number), started_by="schedule", parameters=parameters
    )
    await start_run(await server.client(), start, till.run_id(number), TASK_QUEUE)


async def approved(seat: Seat, server: RunningServer, row: InboxRow, asks: Need) -> DecisionView:
    """Approve what is open, giving what that asks for, and wait until its run has done it."""
    seat.press(Verdict.APPROVE)
    assert seat.needs(asks)
    await seat.give(row.item_id, "It is due.")
    view = await seat.held(row.item_id)
    await went_through(seat, server, view)
    run = await seat.desk.run(row.waiting.key.run)
    assert run.status is RunStatus.COMPLETED
    return view


async def steps(seat: Seat, ref: RunRef) -> list[str]:
    """The steps of a run, as the Run screen has them."""
    return [step.step_id for step in await seat.desk.steps(ref)]


def paid(folder: Path, number: int, view: DecisionView) -> None:
    """Check that a number was paid once, on this decision."""
    made = World(folder, 0).rows(EFFECT, till.account(number))
    assert made == [(till.amount(number), view.decision.decision_id)]


def test_a_run_under_way_goes_on_by_its_own_plan_and_the_next_one_by_the_changed(
    play: Callable[[Coroutine[Any, Any, None]], None],
    theme: Theme,
    desk_folder: Paths,
    own: RunningServer,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "work"
    workers = [start_worker(own, folder, plans=(till.MODULE,), name="before")]

    async def story() -> None:
        async with seated(theme, desk_folder, connection_to(own.address)) as seat:
            await begin(own, till.PLAN, BEFORE)
            old = await seat.waits(lambda row: row.waiting.business_key == str(BEFORE))
            await seat.open(old)
            workers[0].stop()
            workers.append(start_worker(own, folder, plans=(till_two.MODULE,), name="after"))
            await begin(own, till_two.PLAN, AFTER)
            new = await seat.waits(lambda row: row.waiting.business_key == str(AFTER))
            assert (old.waiting.risk, new.waiting.risk) == (Risk.MEDIUM, Risk.HIGH)

            await seat.open(old)
            await until(lambda: OLD_TEXT in seat.words(seat.hosting.inbox_view.review), PATIENCE)
            by_the_old = await approved(seat, own, old, Need.ENTER)
            assert await steps(seat, old.waiting.key.run) == [till.STEP]

            await seat.open(new)
            assert till_two.TEXT in seat.words(seat.hosting.inbox_view.review)
            by_the_new = await approved(seat, own, new, Need.REASON)
            assert await steps(seat, new.waiting.key.run) == [till_two.LOOK, till.STEP]
            paid(folder, BEFORE, by_the_old)
            paid(folder, AFTER, by_the_new)

    try:
        play(story())
    finally:
        for worker in workers:
            worker.stop()
