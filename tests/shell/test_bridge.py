"""Events cross from any thread in batches, all of them, in order; what is asked runs in the window's loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtWidgets import QApplication

from console.services.views import Event, InboxChanged, ItemChanged
from console.shell.bridge import FLUSH_MS, Batch, Bridge
from tests.screens.stage import until

InLoop = Callable[[Coroutine[Any, Any, None]], None]
MANY = 2_000


def fail(where: str, error: BaseException) -> None:
    raise AssertionError(where) from error


def test_a_flood_from_two_threads_arrives_whole_in_order_and_in_few_batches(in_loop: InLoop) -> None:
    async def work() -> None:
        bridge = Bridge(fail)
        batches: list[Batch] = []
        threads: set[int] = set()

        def hear(batch: Batch) -> None:
            threads.add(threading.get_ident())
            batches.append(batch)

        bridge.listen(hear)

        def tell(name: str) -> None:
            for number in range(MANY):
                bridge.put(ItemChanged(f"{name}{number}"))

        tellers = [threading.Thread(target=tell, args=(name,)) for name in "ab"]
        for each in tellers:
            each.start()
        await until(lambda: sum(map(len, batches)) == 2 * MANY)
        heard = [event.item_id for batch in batches for event in batch if isinstance(event, ItemChanged)]
        for name in "ab":
            assert [each for each in heard if each[0] == name] == [f"{name}{number}" for number in range(MANY)]
        assert len(batches) < MANY / 10
        assert threads == {threading.get_ident()}
        await bridge.stop()

    in_loop(work())


def test_one_event_arrives_without_another(in_loop: InLoop) -> None:
    async def work() -> None:
        bridge = Bridge(fail)
        heard: list[Event] = []
        bridge.listen(heard.extend)
        for number in range(3):
            bridge.put(InboxChanged(str(number)))
            await until(lambda number=number: len(heard) == number + 1)
        await bridge.stop()

    in_loop(work())


def test_it_takes_events_of_the_desk_it_is_attached_to_until_the_end(in_loop: InLoop) -> None:
    async def work() -> None:
        listeners: list[Callable[[Event], None]] = []

        def subscribe(listener: Callable[[Event], None]) -> Callable[[], None]:
            listeners.append(listener)
            return listeners.clear

        bridge = Bridge(fail)
        heard: list[Event] = []
        bridge.listen(heard.extend)
        bridge.attach(subscribe)
        listeners[0](InboxChanged("eu"))
        await until(lambda: len(heard) == 1)
        await bridge.stop()
        assert listeners == []

    in_loop(work())


def test_an_error_in_what_was_asked_reaches_the_one_handler(in_loop: InLoop) -> None:
    async def work() -> None:
        errors: list[tuple[str, BaseException]] = []
        bridge = Bridge(lambda where, error: errors.append((where, error)))

        async def broken() -> None:
            raise LookupError("gone")

        bridge.ask(broken())
        await until(lambda: bool(errors))
        where, error = errors[0]
        assert where.endswith("broken")
        assert isinstance(error, LookupError)
        await bridge.stop()

    in_loop(work())


def test_after_the_end_nothing_runs_and_nothing_is_left_unawaited(in_loop: InLoop) -> None:
    async def work() -> None:
        ran: list[str] = []
        bridge = Bridge(fail)

        async def note(name: str) -> None:
            await asyncio.sleep(60 if name == "long" else 0)
            ran.append(name)

        bridge.ask(note("long"))
        await bridge.stop()
        bridge.ask(note("late"))
        await asyncio.sleep(FLUSH_MS / 1000)
        QApplication.processEvents()
        assert ran == []

    in_loop(work())
