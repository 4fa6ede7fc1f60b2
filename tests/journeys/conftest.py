"""One real server and worker for all journeys, on a world that nobody looked at before; one theme for all windows."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from console.infra.paths import Paths
from console.qtkit.theme import Mode, Theme
from console.screens.inbox import view_rest
from tests.journeys.seat import profile
from tests.journeys.world import World
from tests.screens.windowed import in_window
from tests.servers import RunningServer, start_samples, start_server, start_worker

SEED_VARIABLE = "CLEARANCE_SEED"
RATE = 600.0
BEYOND_THE_GENERATOR, AT_ONCE = 200, 6
Story = Coroutine[Any, Any, None]


@pytest.fixture(autouse=True)
def hands_are_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next key follows a refused one at once, and is meant."""
    monkeypatch.setattr(view_rest, "PAUSE", 0.0)


@pytest.fixture(scope="session")
def seed() -> int:
    """The seed of the world: as told by the environment, or any."""
    return int(os.environ[SEED_VARIABLE])


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    running = start_server(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def world(server: RunningServer, seed: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A worker that has begun as much sample work as the generator ever keeps waiting."""
    worker = start_worker(server, tmp_path_factory.mktemp("world"), demo_rate=RATE, seed=seed)
    numbers = itertools.count(BEYOND_THE_GENERATOR)

    async def more() -> None:
        await start_samples(server, worker.folder, seed, itertools.islice(numbers, AT_ONCE))

    yield World(worker.folder, seed, more)
    worker.stop()


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, Mode.LIGHT)


@pytest.fixture
def desk_folder(tmp_path: Path) -> Paths:
    """A profile nobody used before."""
    return profile(tmp_path)


@pytest.fixture
def play(qapp: QApplication) -> Callable[[Story], None]:
    """Run a story in the window's loop."""
    return lambda story: in_window(qapp, story)
