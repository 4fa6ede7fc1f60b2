from __future__ import annotations

import asyncio
import gc
import threading
from datetime import UTC, datetime

import pytest

from console.infra.background import Background
from console.infra.tasks import Tasks


def test_an_error_nobody_awaits_reaches_the_handler() -> None:
    told: list[tuple[str, BaseException]] = []

    async def fail() -> None:
        raise KeyError("x")

    async def journey() -> None:
        tasks = Tasks(lambda name, error: told.append((name, error)))
        tasks.start("a task", fail())
        await asyncio.sleep(0.01)

    asyncio.run(journey())
    ((name, error),) = told
    assert name == "a task"
    assert isinstance(error, KeyError)


def test_a_task_nobody_keeps_goes_on() -> None:
    async def journey() -> list[int]:
        done: list[int] = []
        tasks = Tasks(lambda *_: None)

        async def work() -> None:
            waiter = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_later(0.01, waiter.set_result, 1)
            done.append(await waiter)

        tasks.start("kept", work())
        gc.collect()
        await asyncio.sleep(0.05)
        return done

    assert asyncio.run(journey()) == [1]


def test_stopping_cancels_and_waits() -> None:
    told: list[str] = []

    async def journey() -> None:
        tasks = Tasks(lambda name, _: told.append(name))

        async def work() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                told.append("cleaned up")

        tasks.start("long", work())
        await asyncio.sleep(0)
        await tasks.stop()

    asyncio.run(journey())
    assert told == ["cleaned up"]


class Thread:
    def __init__(self) -> None:
        self.errors: list[str] = []
        self.background = Background(lambda where, _: self.errors.append(where))


@pytest.fixture
def thread() -> Thread:
    return Thread()


async def whereabouts() -> str:
    return threading.current_thread().name


def test_work_runs_in_the_background_from_any_loop(thread: Thread) -> None:
    thread.background.start()
    assert asyncio.run(thread.background.run(whereabouts())) == "background"

    async def from_inside() -> str:
        return await thread.background.run(whereabouts())

    assert asyncio.run(thread.background.run(from_inside())) == "background"
    thread.background.stop()


def test_errors_come_back_as_they_were_raised(thread: Thread) -> None:
    async def fail() -> None:
        raise LookupError("gone")

    thread.background.start()
    with pytest.raises(LookupError, match="gone"):
        asyncio.run(thread.background.run(fail()))
    thread.background.stop()


def test_cancelling_who_waits_cancels_the_work(thread: Thread) -> None:
    ended = threading.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    async def journey() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await thread.background.run(work())

    thread.background.start()
    asyncio.run(journey())
    assert ended.wait(10)
    thread.background.stop()


def test_a_thread_that_does_not_run_says_so(thread: Thread) -> None:
    with pytest.raises(RuntimeError, match="not running"):
        asyncio.run(thread.background.run(whereabouts()))
    thread.background.start()
    thread.background.stop()
    with pytest.raises(RuntimeError, match="not running"):
        asyncio.run(thread.background.run(whereabouts()))


def test_an_error_in_a_callback_reaches_the_handler(thread: Thread) -> None:
    async def journey() -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(lambda: 1 / 0)
        await asyncio.sleep(0.01)

    thread.background.start()
    asyncio.run(thread.background.run(journey()))
    thread.background.stop()
    assert len(thread.errors) == 1


def test_what_is_kept_begins_anew_after_an_error_and_ends_when_cancelled() -> None:
    told: list[str] = []
    begun: list[int] = []

    class Hasty:
        def now(self) -> datetime:
            return datetime.now(UTC)

        def monotonic(self) -> float:
            return 0.0

        async def sleep(self, seconds: float) -> None:
            assert seconds > 0
            await asyncio.sleep(0)

    async def work() -> None:
        begun.append(1)
        if len(begun) < 3:
            raise KeyError(len(begun))
        await asyncio.sleep(60)

    async def journey() -> None:
        tasks = Tasks(lambda name, _: told.append(name))
        kept = tasks.keep("deliver", work, Hasty())
        while len(begun) < 3:  # noqa: ASYNC110 - nobody else could set an event
            await asyncio.sleep(0.001)
        kept.cancel()
        await asyncio.gather(kept, return_exceptions=True)
        await tasks.stop()

    asyncio.run(journey())
    assert told == ["deliver", "deliver"]
    assert len(begun) == 3
