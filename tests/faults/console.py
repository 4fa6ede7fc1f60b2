"""A console of the campaign: the desk that window and command line work with, in a process of its own, under orders.

Orders come as lines of JSON on standard input, what it did goes out as lines of JSON on standard output. It ends with
its input; it may be killed at any moment, and given the same orders again.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from dataclasses import asdict, dataclass
from typing import Literal

from console import app
from console.domain.errors import Refused, Unreachable
from console.domain.escalation import Verdict
from console.infra.paths import find_paths
from console.services.desk import Desk
from console.services.views import ItemChanged

LOOK_AGAIN = 3.0


@dataclass(frozen=True, slots=True)
class Order:
    """Read an item and say that it is ready; with a verdict, decide it."""

    item_id: str
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """What became of an order: the item was read, a decision was made here (now or before), or it waits no more.

    The first word is of no item: the desk is open.
    """

    item_id: str
    kind: Literal["ready", "made", "gone", "open"]
    decision_id: str = ""


class Clerk:
    """Follows orders at a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._loop = asyncio.get_running_loop()
        self._news: dict[str, asyncio.Event] = {}

    async def follow(self, order: Order) -> None:
        """Follow one order to its end, through whatever happens to the connection."""
        news = self._news.setdefault(order.item_id, asyncio.Event())
        while True:
            news.clear()
            if word := await self._try(order):
                break
            try:
                async with asyncio.timeout(LOOK_AGAIN):
                    await news.wait()
            except TimeoutError:
                pass
        say(word)
        self._news.pop(order.item_id, None)

    def hear(self, event: object) -> None:
        """Something changed, on any thread."""
        if isinstance(event, ItemChanged) and event.item_id in self._news:
            self._loop.call_soon_threadsafe(self._wake, event.item_id)

    def _wake(self, item_id: str) -> None:
        if news := self._news.get(item_id):
            news.set()

    async def _try(self, order: Order) -> Word | None:
        view = await self._desk.item(order.item_id)
        if view is None:
            return None
        if view.decision is not None:
            return Word(order.item_id, "made", view.decision.decision.decision_id)
        if not view.is_open:
            return Word(order.item_id, "gone")
        if not view.digest:
            return None
        if not order.verdict:
            return Word(order.item_id, "ready")
        try:
            made = await self._desk.decide(order.item_id, Verdict(order.verdict), view.digest, {}, is_hold=False)
        except (Refused, Unreachable):
            # Closed or decided a moment ago, which the next look shows; or not connected.
            return None
        return Word(order.item_id, "made", made.decision.decision_id)


def say(word: Word) -> None:
    """Say what was done."""
    print(json.dumps(asdict(word)), flush=True)


def orders(line: str) -> Order:
    """The order in a line."""
    return Order(**json.loads(line))


async def work(profile: str) -> None:
    """Follow orders at the desk of a profile until there are no more."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, "")

    threading.Thread(target=read, daemon=True).start()
    async with app.open_desk(find_paths(profile)) as desk, asyncio.TaskGroup() as group:
        clerk = Clerk(desk)
        desk.subscribe(clerk.hear)
        say(Word("", "open"))
        under_way = set()
        while line := await lines.get():
            task = group.create_task(clerk.follow(orders(line)), name="an order")
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        for task in under_way:
            task.cancel()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
