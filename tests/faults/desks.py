"""The consoles of a campaign, seen from outside: processes that are given orders, killed, and started again.

Invariant: an order outlives the process it was given to; whoever is started next on the same store gets it again. A
process that ends without having been killed fails whoever waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

from console.domain.identity import Person
from console.infra.paths import HOME_VARIABLE, Paths, find_paths
from console.infra.settings import Settings
from tests.faults.console import Order, Word
from tests.faults.patience import Patience

CONNECTION = "till"
ENVIRONMENT = {
    # Keys that are enrolled with the tower, and left in nobody's keyring.
    "PYTHON_KEYRING_BACKEND": "tests.ring.Ring",
    "QT_QPA_PLATFORM": "offscreen",
}
CLOSES_WITHIN = 30.0
LINE = 2**20


class ConsoleDied(Exception):
    """A console ended that nobody had killed."""


class Desk:
    """One person's desk: a profile of their name with its store, and the console at work on it just now."""

    def __init__(self, person: Person, home: Path, patience: Patience) -> None:
        self.person = person
        self.home = home
        self.kills = 0
        self._patience = patience
        self._is_open = asyncio.Event()
        self._process: Process | None = None
        self._orders: dict[str, tuple[Order, asyncio.Future[Word]]] = {}

    @property
    def paths(self) -> Paths:
        """Where its console keeps its files."""
        return find_paths(self.person.person_id, {HOME_VARIABLE: str(self.home)})

    async def prepare(self, address: str) -> None:
        """Say who works here, and connect the desk to a server."""
        self.paths.make()
        Settings(self.paths.settings).set_person(self.person)
        profile = ["--profile", self.person.person_id]
        adding = [sys.executable, "-m", "console", *profile, "connections", "add", CONNECTION, "--address", address]
        process = await asyncio.create_subprocess_exec(
            *adding, env=self._environment(), stdout=PIPE, stderr=subprocess.STDOUT
        )
        output, _ = await process.communicate()
        if process.returncode:
            raise ConsoleDied(output.decode())

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Keep a console at work, started anew whenever it is killed; at the end it is closed, or killed at last."""
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(self._keep(), name=f"the console of {self.person.name}")
            try:
                yield
            finally:
                keeping.cancel()
                await self._close()

    async def ask(self, order: Order) -> Word:
        """What comes of an order; one an item at a time."""
        answer: asyncio.Future[Word] = asyncio.get_running_loop().create_future()
        self._orders[order.item_id] = (order, answer)
        self._give(order)
        return await answer

    def kill(self) -> None:
        """Kill the console with SIGKILL; another one takes over."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            self.kills += 1

    async def _keep(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                kills = self.kills
                self._is_open.clear()
                group.create_task(self._note_absence(), name=f"{self.person.name} is away")
                await self._start()
                await self._listen()
                if kills == self.kills:
                    raise ConsoleDied((self.home / "output.txt").read_text("utf-8", "replace")[-4_000:])

    async def _note_absence(self) -> None:
        with self._patience.without(self.person.person_id):
            await self._is_open.wait()

    async def _start(self) -> None:
        with (self.home / "output.txt").open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.faults.console", self.person.person_id),
                env=self._environment(),
                stdin=PIPE,
                stdout=PIPE,
                stderr=output,
                start_new_session=True,
                limit=LINE,
            )
        for order, _ in self._orders.values():
            self._give(order)

    async def _listen(self) -> None:
        process = self._process
        assert process is not None
        assert process.stdout is not None
        while line := await process.stdout.readline():
            # A line that was cut by a kill ends without its newline.
            if line.endswith(b"\n"):
                self._hear(Word(**json.loads(line)))
        await process.wait()

    def _hear(self, word: Word) -> None:
        if word.kind == "open":
            self._is_open.set()
        order, answer = self._orders.get(word.item_id, (None, None))
        if order is None or answer is None or (word.kind == "ready" and order.verdict):
            return
        del self._orders[word.item_id]
        if not answer.done():
            answer.set_result(word)

    def _give(self, order: Order) -> None:
        if self._process is not None and self._process.stdin is not None and self._process.returncode is None:
            self._process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")

    async def _close(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSES_WITHIN):
                await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **ENVIRONMENT, HOME_VARIABLE: str(self.home)}
