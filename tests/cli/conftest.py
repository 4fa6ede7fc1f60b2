"""A real server and worker for the command line, on a world nobody looked at, and a home for each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from console.cli import main
from console.infra.paths import HOME_VARIABLE
from tests.journeys.world import World
from tests.servers import RunningServer, blocking, start_samples, start_server, start_worker

# The first ones at once, then hardly any.
RATE = 0.1
# The refund that is wanted beyond the first burst: ticket 12.
FURTHER = (22,)


class Ran(NamedTuple):
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str


Command = Callable[..., Ran]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    running = start_server(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def world(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A worker that has begun some runs of each plan."""
    seed = int(os.environ["CLEARANCE_SEED"])
    worker = start_worker(server, tmp_path_factory.mktemp("world"), demo_rate=RATE, seed=seed)
    blocking(start_samples(server, worker.folder, seed, FURTHER))
    yield World(worker.folder, seed)
    worker.stop()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without anything in it."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def clearance(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process."""

    def run(*argv: str) -> Ran:
        assert not home.exists() or home.is_dir()
        capsys.readouterr()
        try:
            status = main(argv)
        except SystemExit as stop:
            status = int(stop.code or 0)
        return Ran(int(status), *capsys.readouterr())

    return run


@pytest.fixture
def connected(clearance: Command, server: RunningServer, world: World) -> World:
    """A home that is connected to the server; gives the world that its runs work on."""
    assert clearance("connections", "add", "tower", "--address", server.address).status == 0
    return world
