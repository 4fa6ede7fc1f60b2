from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from console.infra.background import Background


@pytest.fixture
def errors() -> list[BaseException]:
    return []


@pytest.fixture
def background(errors: list[BaseException]) -> Iterator[Background]:
    made = Background(lambda _where, error: errors.append(error))
    made.start()
    yield made
    made.stop()
    assert not made.is_running


def test_work_is_done_in_the_other_thread_and_its_result_comes_back(background: Background) -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return threading.get_ident()

    async def both() -> tuple[int, int]:
        return await background.run(work()), threading.get_ident()

    there, here = asyncio.run(both())
    assert there != here


def test_an_error_is_raised_where_the_work_is_awaited(background: Background, errors: list[BaseException]) -> None:
    async def work() -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        asyncio.run(background.run(work()))
    assert not errors


def test_a_result_does_not_wait_for_what_is_queued_behind_it(background: Background) -> None:
    is_free, is_told = threading.Event(), threading.Event()

    async def held(by: threading.Event) -> bool:
        """Holds the background loop, as the reading of a page does."""
        return by.wait(5)

    async def at_once() -> None:
        """Has its result without waiting for anything."""

    async def ask() -> bool:
        async with asyncio.TaskGroup() as asking:
            asking.create_task(background.run(held(is_free)))
            await asyncio.sleep(0.05)
            # Both are queued before the background loop takes the first of them.
            first = asking.create_task(background.run(at_once()))
            behind = asking.create_task(background.run(held(is_told)))
            await asyncio.sleep(0.05)
            is_free.set()
            await first
            is_told.set()
        return behind.result()

    assert asyncio.run(ask()), "the first result came only after the work behind it"


def test_cancelling_who_waits_cancels_the_work(background: Background) -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    async def give_up() -> None:
        async with asyncio.timeout(0.05):
            await background.run(work())

    with pytest.raises(TimeoutError):
        asyncio.run(give_up())
    _soon(lambda: ended == ["cancelled"])


def test_stopping_the_thread_cancels_who_waits(errors: list[BaseException]) -> None:
    background = Background(lambda _where, error: errors.append(error))
    background.start()

    async def wait() -> None:
        threading.Timer(0.05, background.stop).start()
        await background.run(asyncio.sleep(60))

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(wait())
    _soon(lambda: not background.is_running)
    with pytest.raises(RuntimeError):
        asyncio.run(background.run(asyncio.sleep(0)))
    assert not errors


def _soon(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.005)
