"""The tower in the box: a Temporal development server on loopback and a worker, with their data in one folder.

Both run detached and are found again by their records, so that a window may close and another open on the same runs.
Invariant: starting what runs already changes nothing; only recorded processes are ever ended. Fails with
:class:`TowerFailed`, whose words say what to do and where the log is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import shutil
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from console.tower import processes, wire
from console.tower.namespace import keep_closed_runs, setup_namespace

HOST = "127.0.0.1"
NAMESPACE = "default"
SERVER_SECONDS = 40.0
ANSWER_SECONDS = 5.0
WORKER_SECONDS = 40.0
LOOK_AGAIN = 0.1
PORT_SECONDS = 3.0
PORTS = range(17_233, 32_000)
WORKER_COMMAND = (sys.executable, "-m", "console", "worker")


class TowerFailed(Exception):
    """The tower did not start; the message is for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TowerStatus:
    """What runs. ``address`` is empty where no server runs."""

    address: str
    namespace: str
    is_server_up: bool
    is_worker_up: bool
    business: Path
    logs: Path


class Tower:
    """The server and worker of one folder."""

    def __init__(self, folder: Path, *, worker_command: Sequence[str] = WORKER_COMMAND) -> None:
        self.folder = folder
        self._worker_command = tuple(worker_command)
        self._server_record = folder / "server.json"
        self._worker_record = folder / "worker.json"
        self._ports = folder / "ports.json"

    @property
    def logs(self) -> Path:
        """Where both write their logs."""
        return self.folder / "logs"

    @property
    def business(self) -> Path:
        """The business database that the sample plans act on."""
        return self.folder / "business.db"

    async def start(
        self, *, demo_rate: float = 0.0, plans: Sequence[str] = (), otlp: str = "", has_worker: bool = True
    ) -> TowerStatus:
        """Start what does not run yet, and wait until it answers. Raises :class:`TowerFailed`.

        ``otlp`` is where the worker sends traces. One that runs with other plans, rate or address is started anew.
        """
        address = await self.start_server()
        if has_worker:
            await self._start_worker(address, demo_rate, plans, otlp)
        return self.status()

    async def stop(self) -> None:
        """End the worker, then the server. Runs wait in the folder's data until the next start."""
        await asyncio.to_thread(processes.end, self._worker_record)
        await asyncio.to_thread(processes.end, self._server_record)

    def status(self) -> TowerStatus:
        """What runs now, by the records; nothing is asked over the network."""
        is_server_up = processes.recorded(self._server_record) is not None
        return TowerStatus(
            address=f"{HOST}:{self._port()}" if is_server_up else "",
            namespace=NAMESPACE,
            is_server_up=is_server_up,
            is_worker_up=processes.recorded(self._worker_record) is not None,
            business=self.business,
            logs=self.logs,
        )

    async def start_server(self) -> str:
        """Start the server unless it runs and answers; returns its address."""
        processes.private(self.folder)
        if processes.recorded(self._server_record) is not None:
            address = f"{HOST}:{self._port()}"
            if await _answers(address, ANSWER_SECONDS):
                return address
            # An orphan that holds the data and answers nobody.
            await asyncio.to_thread(processes.end, self._server_record)
        executable = await find_temporal(self.folder)
        port = self._port() if await asyncio.to_thread(_gets_free, self._port()) else _free_port()
        processes.write_private(self._ports, json.dumps({"port": port}))
        database = self.folder / "temporal.db"
        command = [str(executable), "server", "start-dev", "--ip", HOST, "--port", str(port), "--headless"]
        command += ["--db-filename", str(database), "--log-level", "warn"]
        for name, kind in wire.SEARCH_ATTRIBUTES.items():
            command += ["--search-attribute", f"{name}={kind}"]
        log = self.logs / "server.log"
        process = processes.spawn(command, self._server_record, log)
        address = f"{HOST}:{port}"
        if not await _answers(address, SERVER_SECONDS, process):
            await asyncio.to_thread(processes.end, self._server_record)
            raise TowerFailed(f"The Temporal server did not start. Its log is {log}.")
        # The server takes a file that is there for a complete one, so it cannot be made private before.
        for file in self.folder.glob(f"{database.name}*"):
            # A journal may be gone again by now.
            with contextlib.suppress(FileNotFoundError):
                file.chmod(0o600)
        return address

    async def stop_server(self, *, is_gentle: bool = True) -> None:
        """End the server alone."""
        await asyncio.to_thread(processes.end, self._server_record, is_gentle=is_gentle)

    async def stop_worker(self, *, is_gentle: bool = True) -> None:
        """End the worker alone."""
        await asyncio.to_thread(processes.end, self._worker_record, is_gentle=is_gentle)

    async def _start_worker(self, address: str, demo_rate: float, plans: Sequence[str], otlp: str) -> None:
        command = [*self._worker_command, "--address", address, "--namespace", NAMESPACE, "--data", str(self.folder)]
        if plans:
            command += ["--plans", ",".join(plans)]
        if demo_rate > 0:
            command += ["--demo-rate", f"{demo_rate:g}"]
        if otlp:
            command += ["--otlp", otlp]
        running = processes.recorded(self._worker_record)
        if running is not None and running.command == tuple(command):
            return
        await asyncio.to_thread(processes.end, self._worker_record)
        log = self.logs / "worker.log"
        process = processes.spawn(command, self._worker_record, log)
        if not await is_polled(address, process):
            await asyncio.to_thread(processes.end, self._worker_record)
            raise TowerFailed(f"The worker did not start. Its log is {log}.")

    def _port(self) -> int:
        try:
            return int(json.loads(self._ports.read_text(encoding="utf-8"))["port"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return 0


async def find_temporal(folder: Path) -> Path:
    """The Temporal command: on PATH, else from the installed wheel, else downloaded once by the SDK into ``folder``."""
    on_path = shutil.which("temporal")
    if on_path:
        return Path(on_path)
    from_wheel = Path(sys.executable).parent / "temporal"
    if os.access(from_wheel, os.X_OK):
        return from_wheel
    kept = processes.private(folder / "temporal")
    if not (found := _downloaded(kept)):
        try:
            async with await WorkflowEnvironment.start_local(download_dest_dir=str(kept), ip=HOST):
                found = _downloaded(kept)
        except RuntimeError as error:
            text = f"There is no Temporal server on this machine, and it could not be downloaded: {error}"
            raise TowerFailed(text) from error
    if not found:
        raise TowerFailed("There is no Temporal server on this machine. Install the Temporal command line.")
    return found


async def _answers(address: str, seconds: float, process: processes.Process | None = None) -> bool:
    """Whether a server answers and has the namespace and attributes that runs need, within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and (process is None or process.is_alive):
        try:
            client = await Client.connect(address, namespace=NAMESPACE)
            await setup_namespace(client)
            await keep_closed_runs(client)
        except (RuntimeError, RPCError):
            await asyncio.sleep(LOOK_AGAIN)
        else:
            return True
    return False


async def is_polled(address: str, process: processes.Process) -> bool:
    """Whether a worker asks the server for work, before its process ends or the time is up."""
    client = await Client.connect(address, namespace=NAMESPACE)
    request = DescribeTaskQueueRequest(
        namespace=NAMESPACE,
        task_queue=TaskQueue(name=wire.TASK_QUEUE),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    until, mark = time.monotonic() + WORKER_SECONDS, time.time() - 1.0
    while time.monotonic() < until and process.is_alive:
        reply = await client.workflow_service.describe_task_queue(request)
        # The server remembers pollers of earlier workers for minutes.
        if any(
            poller.last_access_time.seconds + poller.last_access_time.nanos / 1e9 > mark for poller in reply.pollers
        ):
            return True
        await asyncio.sleep(LOOK_AGAIN)
    return False


def _downloaded(folder: Path) -> Path | None:
    return next((one for one in sorted(folder.iterdir()) if one.is_file() and os.access(one, os.X_OK)), None)


def _gets_free(port: int) -> bool:
    """Whether the remembered port is free, or becomes it soon: clients know the server by it."""
    until = time.monotonic() + PORT_SECONDS
    while port and not _is_free(port) and time.monotonic() < until:
        time.sleep(LOOK_AGAIN)
    return _is_free(port)


def _is_free(port: int) -> bool:
    if not port:
        return False
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    """A free port below those that systems give to outgoing calls, where a client's own call could take it."""
    tried = random.SystemRandom().sample(PORTS, len(PORTS))
    return next(port for port in tried if _is_free(port))
