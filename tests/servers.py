"""Real Temporal servers and workers for tests, as processes on loopback: started, stopped, killed and started again.

``start_server`` and ``start_worker`` may be called from anywhere, also inside a running loop. Whoever starts one stops
it. Run as a program, this module is the worker.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from console.tower import processes
from console.tower.generator import start_sample
from console.tower.server import NAMESPACE, Tower, TowerFailed, is_polled
from console.tower.staff import Workplace, load
from console.tower.worker import SAMPLE_PLANS, WorkerConfig, run_worker
from tests.signing import enrol_all, plant_root

T = TypeVar("T")


@dataclass
class RunningServer:
    """A server with its data in a folder."""

    tower: Tower
    address: str

    def stop(self) -> None:
        """End it, gently."""
        blocking(self.tower.stop_server())

    def kill(self) -> None:
        """End it at once, as a loss of power would."""
        blocking(self.tower.stop_server(is_gentle=False))

    def restart(self) -> None:
        """Start it again, on the same port and data."""
        assert blocking(self.tower.start_server()) == self.address

    async def client(self) -> Client:
        """A client of it."""
        return await Client.connect(self.address, namespace=NAMESPACE, data_converter=pydantic_data_converter)


@dataclass
class RunningWorker:
    """A worker process."""

    folder: Path
    record: Path
    process: processes.Process
    command: tuple[str, ...] = field(repr=False)

    @property
    def business(self) -> Path:
        """The database that its tools act on."""
        return self.folder / "business.db"

    @property
    def log(self) -> Path:
        """What it says."""
        return self.record.with_name(self.record.name.replace(".pid.json", ".log"))

    def stop(self) -> None:
        """End it, gently."""
        processes.end(self.record)

    def kill(self) -> None:
        """End it with SIGKILL."""
        processes.end(self.record, is_gentle=False)

    def restart(self) -> None:
        """Start it again, without waiting until it asks for work."""
        self.process = processes.spawn(self.command, self.record, self.log)


def start_server(folder: Path) -> RunningServer:
    """A server that answers, with the search attributes of runs registered."""
    tower = Tower(folder)
    return RunningServer(tower, blocking(tower.start_server()))


def start_worker(
    server: RunningServer,
    folder: Path,
    *,
    plans: Sequence[str] = SAMPLE_PLANS,
    demo_rate: float = 0.0,
    seed: int = 4711,
    name: str = "worker",
) -> RunningWorker:
    """A worker that asks for work, on a tower where all who decide in tests are enrolled.

    Several may share a folder under different names.
    """
    plant_root(folder)
    program = (sys.executable, str(Path(__file__).resolve()))
    command = (*program, server.address, str(folder), str(demo_rate), str(seed), *plans)
    record, log = folder / f"{name}.pid.json", folder / f"{name}.log"
    process = processes.spawn(command, record, log)
    if not blocking(is_polled(server.address, process)):
        processes.end(record)
        raise TowerFailed(log.read_text(encoding="utf-8"))
    blocking(_enrol(server))
    return RunningWorker(folder, record, process, command)


async def start_samples(server: RunningServer, folder: Path, seed: int, numbers: Iterable[int]) -> None:
    """Start the sample runs of some numbers, for the worker of a folder; those that are there are left alone."""
    config = WorkerConfig(address=server.address, data=folder, seed=seed)
    world = folder / f"world-{seed}"
    place = Workplace(plans=load(config.plans), business=config.business, data=world, seed=seed)
    client = await server.client()
    for number in numbers:
        await start_sample(client, place, config, number)


async def _enrol(server: RunningServer) -> None:
    await enrol_all(await server.client())


def blocking(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a loop of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


if __name__ == "__main__":
    address, home, rate, world, *modules = sys.argv[1:]
    run_worker(
        WorkerConfig(address=address, data=Path(home), demo_rate=float(rate), seed=int(world), plans=tuple(modules))
    )
