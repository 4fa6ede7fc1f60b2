"""The demo as a person starts it: a real window on a display, real key presses, closed, and opened again."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from console import app
from console.domain.decision import DecisionState
from console.infra.paths import HOME_VARIABLE, Paths, find_paths
from console.services.desk import Desk
from console.services.views import DecisionView, InboxQuery, InboxRow
from console.tower.server import Tower
from console.tower.worker import DEFAULT_SEED
from tests.journeys.display import Display, display, missing, wait_until
from tests.journeys.world import World

T = TypeVar("T")
ARMED_AFTER = 1.2
PLACE, SIZE = (120, 80), (1230, 760)
MOVED_AT_MOST = 2

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"not installed: {missing()}")


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Display]:
    with display(tmp_path) as one:
        yield one


@pytest.fixture
def where(tmp_path: Path) -> Iterator[Paths]:
    """A home for the demo; what it leaves running is stopped."""
    paths = find_paths(environ={HOME_VARIABLE: str(tmp_path / "home")})
    yield paths
    asyncio.run(Tower(paths.data / "tower").stop())


@contextmanager
def demo(shown: Display, where: Paths) -> Iterator[subprocess.Popen[bytes]]:
    """The demo's window, as its own program."""
    home = where.data.parent.parent
    with told_in(where).open("ab") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "console", "demo", "--rate", "0.1"],
            env={**shown.environment, HOME_VARIABLE: str(home)},
            stdout=told,
            stderr=told,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def told_in(where: Paths) -> Path:
    """What the program printed: nothing, if all is well."""
    return where.data.parent.parent.parent / "told.txt"


def beside(where: Paths, ask: Callable[[Desk], Coroutine[Any, Any, T]]) -> T:
    """Ask a desk on the window's own store, as a command beside it does."""

    async def whole() -> T:
        async with app.open_desk(where) as desk:
            return await ask(desk)

    return asyncio.run(whole())


def rows(where: Paths) -> tuple[InboxRow, ...]:
    return beside(where, lambda desk: desk.inbox(InboxQuery())).rows if where.database.exists() else ()


def decisions(where: Paths) -> tuple[DecisionView, ...]:
    return beside(where, lambda desk: desk.decisions())


def test_the_demo_opens_takes_keys_remembers_its_place_and_goes_on_with_the_same_runs(
    shown: Display, where: Paths
) -> None:
    world = World(where.data / "tower", DEFAULT_SEED)
    with demo(shown, where) as process:
        window = shown.window("Clearance: .*", process.pid)
        wait_until(lambda: [row for row in rows(where) if run_of(row) == "refund-T-10003"], "the third ticket")
        (order,) = world.orders_named("refund-T-10003")

        shown.keys("slash")
        shown.type(f"order {order}")
        time.sleep(ARMED_AFTER)
        # The first empties the field, the second leaves it.
        shown.keys("Escape", "Escape")
        time.sleep(ARMED_AFTER)
        shown.keys("a")
        # Held down, Enter decides this one and not the ones that open after it.
        shown.hold("Return", 2 * ARMED_AFTER)
        wait_until(lambda: is_over(where), "the decision's end")
        (decided,) = decisions(where)
        assert decided.state is DecisionState.CARRIED_OUT, decided.message
        assert [amount for _, _, amount, _ in world.refunds(order)] == [f"{world.owed(order).amount:.2f}"]

        shown.do("windowsize", "--sync", window, *map(str, SIZE))
        shown.do("windowmove", "--sync", window, *map(str, PLACE))
        place = shown.geometry(window)
        assert place[2:] == SIZE
        waiting = {row.item_id for row in rows(where)}
        assert waiting
        server = Tower(where.data / "tower").status().address
        shown.keys("ctrl+q")
        assert process.wait(60) == 0
    assert not answers(server)
    status = Tower(where.data / "tower").status()
    assert (status.is_server_up, status.is_worker_up) == (False, False)

    with demo(shown, where) as process:
        window = shown.window("Clearance: .*", process.pid)
        again = shown.geometry(window)
        assert again[2:] == SIZE
        assert all(abs(was - now) <= MOVED_AT_MOST for was, now in zip(place[:2], again[:2], strict=True))
        wait_until(lambda: answers(server), "the server, where it was")
        wait_until(lambda: waiting <= {row.item_id for row in rows(where)}, "the same items")
        assert [view.decision.decision_id for view in decisions(where)] == [decided.decision.decision_id]
        assert len(world.refunds(order)) == 1
        shown.keys("alt+F4")
        assert process.wait(60) == 0
    assert not answers(server)
    assert told_in(where).read_text() == ""


def run_of(row: InboxRow) -> str:
    return row.waiting.key.run.run_id


def is_over(where: Paths) -> bool:
    """Whether something was decided, and that is settled."""
    made = decisions(where)
    return bool(made) and all(view.state is DecisionState.CARRIED_OUT for view in made)


def answers(address: str) -> bool:
    """Whether somebody listens at an address."""
    host, _, port = address.rpartition(":")
    with socket.socket() as one:
        return one.connect_ex((host, int(port))) == 0
