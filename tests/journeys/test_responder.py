"""A responder at the real window and the real server: from an order to the cause in one look; forty alike retried.

Nothing of it is scripted at the desk: the runs fail in a worker, and what became of them is read from the server.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from temporalio.client import Client

from console.domain.decision import DecisionState
from console.domain.run import RunStatus
from console.infra.paths import Paths
from console.qtkit.theme import Theme
from console.screens.runs.act_state import ActState, Entry, Stage
from console.screens.runs.rows import now_words, row_id
from console.screens.runs.view_paint import entry_said
from console.store.store import Store
from console.tower import wire
from console.tower.messages import RunStart
from tests.journeys.alike_plan import PLAN
from tests.journeys.seat import PATIENCE, Seat, connection_to, seated
from tests.screens.stage import until
from tests.servers import RunningServer, start_server, start_worker

Play = Callable[[Coroutine[Any, Any, None]], None]
Key = Qt.Key
MANY, FIRST = 40, 4_700
# Forty of everything, on a machine that may do three other things at a time.
PATIENCE_FOR_ALL = 3 * PATIENCE
pytestmark = pytest.mark.timeout(400)
STUCK = f"order {FIRST + 11}"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose one worker knows a plan that fails at once."""
    running = start_server(tmp_path_factory.mktemp("ledger"))
    worker = start_worker(running, tmp_path_factory.mktemp("posting"), plans=("tests.journeys.alike_plan",))
    yield running
    worker.stop()
    running.stop()


async def fail_alike(client: Client) -> dict[str, str]:
    """Start the runs; their ids by business key."""

    async def start(number: int) -> tuple[str, str]:
        run_id, key = f"posting-{uuid.uuid4().hex[:10]}", f"order {number}"
        start = RunStart(
            plan=PLAN,
            title=f"Post {key}",
            business_key=key,
            started_by="generator",
            parameters={"order": str(number)},
        )
        await client.start_workflow(wire.RUN_WORKFLOW, start, id=run_id, task_queue=wire.TASK_QUEUE)
        return key, run_id

    return dict(await asyncio.gather(*(start(FIRST + number) for number in range(MANY))))


def act_of(seat: Seat) -> ActState:
    act = seat.hosting.runs.state.act
    assert act is not None
    return act


async def comes_to(seat: Seat, stage: Stage) -> ActState:
    await until(lambda: seat.hosting.runs.state.act is not None and act_of(seat).stage is stage, PATIENCE_FOR_ALL)
    return act_of(seat)


async def outcomes(client: Client, runs: dict[str, str]) -> dict[str, str]:
    """How the server says that each run ended, by its business key."""
    described = await asyncio.gather(*(client.get_workflow_handle(run_id).describe() for run_id in runs.values()))
    names = (one.status.name if one.status is not None else "" for one in described)
    return dict(zip(runs, names, strict=True))


def test_from_an_order_to_the_cause_in_one_look_and_forty_alike_retried_with_forty_receipts(
    play: Play, theme: Theme, desk_folder: Paths, ledger: RunningServer
) -> None:
    async def story() -> None:
        client = await ledger.client()
        runs = await fail_alike(client)
        async with seated(theme, desk_folder, connection_to(ledger.address)) as seat:
            await until(lambda: hasattr(seat.hosting, "runs_view"), PATIENCE)
            await one_look(seat)
            await back_to_the_runs(seat)
            entries = await retried(seat, client, runs)
            await told_as_it_is(seat, client, runs, entries)
        at_rest(desk_folder, entries)

    play(story())


async def one_look(seat: Seat) -> None:
    """“Order 4711 is stuck”: its number typed, and the only line says why."""
    presenter, view = seat.hosting.runs, seat.hosting.runs_view
    seat.keys(Key.Key_G, Key.Key_R)
    await until(lambda: any(len(group.runs) == MANY for group in presenter.state.groups), PATIENCE_FOR_ALL)
    seat.key(Key.Key_Slash)
    seat.type(STUCK)
    await until(lambda: [line.run.business_key for line in presenter.state.lines] == [STUCK], PATIENCE)
    (line,) = presenter.state.lines
    why = now_words(line.run, presenter.state.now)
    assert why == "LedgerLocked: the period of order 4711 is locked until 10:31 (at ledger-post)"
    index = view.list.table.rows.index(0, 0)
    said = view.list.table.rows.data(index, Qt.ItemDataRole.AccessibleTextRole)
    assert said.startswith("Step failed, posting, order 4711")
    assert why in said
    seat.keys(Key.Key_Return, Key.Key_J, Key.Key_Return)
    await until(lambda: seat.window.front == "run" and seat.hosting.run.state.run is not None, PATIENCE)
    run = seat.hosting.run.state.run
    assert run is not None
    assert (run.business_key, run.status) == (STUCK, RunStatus.WAITS)


async def back_to_the_runs(seat: Seat) -> None:
    presenter = seat.hosting.runs
    seat.keys(Key.Key_G, Key.Key_R)
    seat.key(Key.Key_Escape)
    await until(lambda: len(presenter.state.lines) == MANY, PATIENCE)


async def retried(seat: Seat, client: Client, runs: dict[str, str]) -> tuple[Entry, ...]:
    """The whole group marked, one of it ended at the server meanwhile, and all retried with one reason."""
    presenter, view = seat.hosting.runs, seat.hosting.runs_view
    seat.keys(Key.Key_J)
    seat.key(Key.Key_X, Qt.KeyboardModifier.ShiftModifier)
    assert len(presenter.state.marked) == MANY
    seat.key(Key.Key_Y)
    asked = await comes_to(seat, Stage.ASKING)
    assert (asked.to_send, asked.left_out) == (MANY, 0)
    assert f"Retry {MANY} runs?" in seat.words(view.side.act)
    assert "medium risk each, together a reason is asked for" in seat.words(view.side.act)
    await until(lambda: view.side.act.is_armed, PATIENCE)
    seat.key(Key.Key_Return)
    assert act_of(seat).stage is Stage.ASKING, "nothing is sent without the reason"
    ended = asked.entries[17]
    await client.get_workflow_handle(runs[ended.label]).terminate(reason="wrong value date")

    async def is_noticed() -> bool:
        item = await seat.desk.item(ended.item_id)
        return item is not None and not item.is_open

    await until(is_noticed, PATIENCE)
    seat.type("The ledger is open again.")
    seat.click(view.side.act.send)
    await comes_to(seat, Stage.OVER)
    await until(lambda: act_of(seat).is_settled, PATIENCE_FOR_ALL)
    return act_of(seat).entries


async def told_as_it_is(seat: Seat, client: Client, runs: dict[str, str], entries: tuple[Entry, ...]) -> None:
    """Forty receipts, one of them a refusal with its reason; the server says the same of every run."""
    view = seat.hosting.runs_view
    (refused,) = [entry for entry in entries if entry.state is DecisionState.REFUSED]
    well = [entry for entry in entries if entry is not refused]
    assert {entry.state for entry in well} == {DecisionState.CARRIED_OUT}
    assert len({entry.decision_id for entry in well}) == MANY - 1
    shown = view.side.act.table.rows.rows()
    assert len(shown) == MANY
    assert shown[0] == refused
    assert entry_said(shown[0]).startswith(f"{refused.label}, refused, It does not wait for anybody any more.")

    async def is_over() -> bool:
        ends = await outcomes(client, runs)
        return ends == {key: "TERMINATED" if key == refused.label else "COMPLETED" for key in runs}

    await until(is_over, PATIENCE_FOR_ALL)
    for entry in well:
        view_of = await seat.desk.decision(entry.decision_id)
        assert view_of is not None
        assert view_of.receipt is not None
        assert view_of.decision.key.run.run_id == runs[entry.label]
        assert view_of.decision.payload["reason"] == "The ledger is open again."
    seat.key(Key.Key_Escape)
    seat.hosting.runs.on_refresh()
    states = {RunStatus.COMPLETED, RunStatus.CANCELLED}
    await until(lambda: {line.run.status for line in seat.hosting.runs.state.lines} == states, PATIENCE)
    gone = next(line for line in seat.hosting.runs.state.lines if line.run.status is RunStatus.CANCELLED)
    assert now_words(gone.run, seat.hosting.runs.state.now) == "Terminated at the server: wrong value date"
    assert row_id(gone.run).split("\n")[1] == runs[refused.label]


def at_rest(folder: Paths, entries: tuple[Entry, ...]) -> None:
    """The audit of the desk has every decision and the refusal."""
    store = Store(folder.database)
    try:
        lines = "\n".join(entry.line for entry in store.audit.entries(limit=10_000))
    finally:
        store.close()
    assert all(entry.decision_id in lines for entry in entries if entry.decision_id)
    assert lines.count("refused at this desk") == 1
