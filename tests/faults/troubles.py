"""What befalls processes: consoles killed while they send, the worker before it can tell what it did, server restarts.

Invariant: what is killed comes back, whatever is in the way of that; how long it was away is noted from outside.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from console.tower import wire
from tests.faults.desks import Desk
from tests.faults.patience import SERVER, WORKER, Patience
from tests.faults.proxy import Front, Weather
from tests.servers import RunningServer, RunningWorker

LOOK_AGAIN = 0.25
# One of these for each so many decisions, but some in any case: the server goes away with and without a word.
CONSOLE_KILLS, WORKER_KILLS, SERVER_RESTARTS = (250, 2), (600, 1), (1_200, 1)
EARLIEST, LATEST = 0.05, 0.9
CONSOLE_KILLED, WORKER_KILLED, SERVER_RESTARTED = "consoles killed while sending", "worker killed", "server restarted"
KINDS = (CONSOLE_KILLED, WORKER_KILLED, SERVER_RESTARTED)
Trouble = Callable[[], Awaitable[None]]


@dataclass
class Troubles:
    """The troubles of one campaign. ``done`` counts them by their names."""

    server: RunningServer
    worker: RunningWorker
    client: Client
    desks: Sequence[Desk]
    fronts: Sequence[Front]
    weather: Weather
    patience: Patience
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)
    _worker_turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, decisions: int, made: Callable[[float], Awaitable[None]]) -> None:
        """Let everything happen, each when so many of the decisions were made, which ``made`` waits for."""
        for due, trouble in self._all(decisions):
            await made(due)
            await trouble()

    async def keep_worker(self) -> None:
        """Start the worker again whenever it has ended by itself: it is turned away now and then while it starts."""
        while True:
            async with self._worker_turn:
                if not self.worker.process.is_alive:
                    with self.patience.without(WORKER):
                        await self._bring_worker_back()
            await asyncio.sleep(LOOK_AGAIN)

    def _all(self, decisions: int) -> list[tuple[float, Trouble]]:
        """What happens, and after how many decisions."""
        kinds: list[tuple[tuple[int, int], Trouble]] = [
            (CONSOLE_KILLS, self._kill_console),
            (WORKER_KILLS, self._kill_worker),
            (SERVER_RESTARTS, self._restart_server),
        ]
        return sorted(
            (
                (self.chance.uniform(EARLIEST, LATEST) * decisions, trouble)
                for (each, least), trouble in kinds
                for _ in range(max(least, decisions // each))
            ),
            key=itemgetter(0),
        )

    async def _kill_console(self) -> None:
        """Kill the console that was killed less often, while it sends a decision."""
        desk, front = min(zip(self.desks, self.fronts, strict=True), key=lambda pair: pair[0].kills)
        await front.next_decision()
        desk.kill()
        self.done[CONSOLE_KILLED] += 1

    async def _kill_worker(self) -> None:
        """Kill the worker when it has done something and nobody knows yet."""
        self.weather.hold()
        await self.weather.held.wait()
        async with self._worker_turn:
            with self.patience.without(WORKER):
                await asyncio.to_thread(self.worker.kill)
                self.weather.let_go()
                await self._bring_worker_back()
        self.done[WORKER_KILLED] += 1

    async def _restart_server(self) -> None:
        """Let the server go away, by turns as on a loss of power and gently, and come back."""
        with self.patience.without(SERVER):
            is_gentle = self.done[SERVER_RESTARTED] % 2
            await asyncio.to_thread(self.server.stop if is_gentle else self.server.kill)
            await asyncio.to_thread(self.server.restart)
            await self._worker_is_seen()
        self.done[SERVER_RESTARTED] += 1

    async def _bring_worker_back(self) -> None:
        while True:
            await asyncio.to_thread(self.worker.restart)
            if await self._worker_is_seen():
                return

    async def _worker_is_seen(self) -> bool:
        """Wait until the server has seen the worker of now ask for work; ``False`` where it ended before."""
        request = DescribeTaskQueueRequest(
            namespace=self.client.namespace,
            task_queue=TaskQueue(name=wire.TASK_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        while self.worker.process.is_alive:
            name = f"{self.worker.process.pid}@"
            try:
                reply = await self.client.workflow_service.describe_task_queue(request)
            except RPCError:
                pass
            else:
                if any(poller.identity.startswith(name) for poller in reply.pollers):
                    return True
            await asyncio.sleep(LOOK_AGAIN)
        return False
