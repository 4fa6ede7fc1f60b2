"""A real server with a real worker, runs that wait for a person, and stores on which consoles live and die.

Invariant: each item is decided in one round at a time, each store belongs to one round at a time; whatever was started
here is ended with the bench, dead or alive.
"""

from __future__ import annotations

import asyncio
import os
import queue
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from console.domain.escalation import Waiting
from console.engines.temporal.engine import TemporalEngine
from console.engines.temporal.settings import TemporalSettings
from console.infra.paths import HOME_VARIABLE
from console.tower.generator import waiting
from tests import till
from tests.journeys.kill import consoles
from tests.journeys.kill.consoles import ENVIRONMENT, Started, Task
from tests.servers import RunningServer, RunningWorker, start_server, start_worker

RUNS_AT_ONCE = 8
GATES_WITHIN = 90.0
CONNECTION = "till"


@dataclass(frozen=True, slots=True)
class Item:
    """What waits in the run of a number."""

    number: int
    row: Waiting

    @property
    def item_id(self) -> str:
        """The id that consoles know it by."""
        return self.row.key.item_id

    @property
    def run_id(self) -> str:
        """Its run's id at the server."""
        return self.row.key.run.run_id


@dataclass(frozen=True, slots=True)
class Death:
    """One kill: in which moment, and of which decision."""

    moment: str
    home: Path
    decision_id: str
    item: Item


@dataclass
class Bench:
    """The server, what waits there, and who decides. ``decided_by_others`` gives the run of each of their decisions."""

    server: RunningServer
    worker: RunningWorker
    items: queue.SimpleQueue[Item] = field(default_factory=queue.SimpleQueue)
    homes: list[Path] = field(default_factory=list)
    free: queue.SimpleQueue[Path] = field(default_factory=queue.SimpleQueue)
    deaths: list[Death] = field(default_factory=list)
    decided_by_others: dict[str, str] = field(default_factory=dict)
    _started: list[Started] = field(default_factory=list)
    _commands: list[tuple[Path, subprocess.Popen[str]]] = field(default_factory=list)

    def take(self) -> Item:
        """An item that nobody has decided."""
        return self.items.get(timeout=1.0)

    @contextmanager
    def home(self) -> Iterator[Path]:
        """A folder with a store that nobody else works on."""
        home = self.free.get(timeout=120.0)
        try:
            yield home
        finally:
            # Where a round failed, what it left alive would stand in the way of the next one.
            self._end_all(home)
            self.free.put(home)

    def start(self, task: Task) -> Started:
        """Start a console."""
        started = consoles.start(task)
        self._started.append(started)
        return started

    def command(self, home: Path, *arguments: str) -> subprocess.Popen[str]:
        """The real `clearance`, from nothing."""
        environment = {**os.environ, **ENVIRONMENT, HOME_VARIABLE: str(home)}
        running = subprocess.Popen(
            [sys.executable, "-m", "console", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._commands.append((home, running))
        return running

    def decide_by_command(self, home: Path, item: Item) -> subprocess.Popen[str]:
        """The real `clearance decide`, approving an item."""
        return self.command(home, "decide", item.item_id, "approve", "--digest", item.row.digest)

    def close(self) -> None:
        """End everything."""
        for home in self.homes:
            self._end_all(home)
        self.worker.stop()
        self.server.stop()

    def _end_all(self, home: Path) -> None:
        for started in [each for each in self._started if each.task.home == home]:
            if started.process.is_alive():
                started.kill()
            started.process.close()
            started.pipe.close()
            self._started.remove(started)
        for one in [each for each in self._commands if each[0] == home]:
            if one[1].poll() is None:
                one[1].kill()
            one[1].communicate()
            self._commands.remove(one)


def open_bench(folder: Path, *, items: int, stores: int) -> Bench:
    """A server and worker with that many items waiting, and that many stores that are connected to it."""
    server = start_server(folder / "server")
    bench = Bench(server, start_worker(server, folder / "work", plans=(till.MODULE,)))
    try:
        for row in asyncio.run(_wait(server, items)):
            bench.items.put(Item(int(row.business_key), row))
        first = folder / "store-0"
        first.mkdir()
        bench.homes.append(first)
        adding = bench.command(first, "connections", "add", CONNECTION, "--address", server.address)
        output, _ = adding.communicate(timeout=60.0)
        assert adding.returncode == 0, output
        for number in range(1, stores):
            bench.homes.append(Path(shutil.copytree(first, folder / f"store-{number}")))
        for home in bench.homes:
            bench.free.put(home)
    except BaseException:
        bench.close()
        raise
    return bench


async def _wait(server: RunningServer, count: int) -> list[Waiting]:
    """Start so many runs, and give what waits once all of them wait for a person."""
    client = await server.client()

    for first in range(0, count, RUNS_AT_ONCE):
        await asyncio.gather(*(till.begin(client, number) for number in range(first, min(count, first + RUNS_AT_ONCE))))
    async with asyncio.timeout(GATES_WITHIN + count):
        while await waiting(client) < count:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.1)
    engine = TemporalEngine(TemporalSettings(address=server.address))
    await engine.open()
    try:
        return [row async for page in engine.waiting() for row in page]
    finally:
        await engine.close()
