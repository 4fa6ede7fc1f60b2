"""The background thread: one asyncio loop of its own, where engines, their decoding and the store work.

Invariant: what :meth:`Background.run` is given runs on that loop, whichever loop or thread awaits it; its errors come
back as they were raised. Fails with :class:`RuntimeError` when the thread is not running.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from console.infra.tasks import ErrorHandler

T = TypeVar("T")


class Background:
    """A thread with a loop. It may be started once and stopped once."""

    def __init__(self, on_error: ErrorHandler, *, name: str = "background") -> None:
        self._on_error = on_error
        self._is_ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._running: set[asyncio.Task[None]] = set()
        # A daemon: a thread that hangs must not keep a closed window's process alive.
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    @property
    def is_running(self) -> bool:
        """Whether its loop takes work."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start the thread; returns when its loop takes work."""
        self._thread.start()
        self._is_ready.wait()

    def stop(self, timeout: float = 10.0) -> None:
        """Cancel what runs there and end the thread; waits ``timeout`` seconds at most. Not to be called from it."""
        if self._loop is None or self._stopping is None or not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(timeout)

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Await ``work`` on the background loop, from any loop. Cancelling the caller cancels the work."""
        loop = self._loop
        if loop is None or loop.is_closed():
            work.close()
            raise RuntimeError("the background thread is not running")
        if asyncio.get_running_loop() is loop:
            return await work
        done: Future[T] = Future()
        loop.call_soon_threadsafe(self._begin, work, done)
        return await asyncio.wrap_future(done)

    def _begin(self, work: Coroutine[Any, Any, T], done: Future[T]) -> None:
        task = asyncio.get_running_loop().create_task(_hand_over(work, done))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        done.add_done_callback(partial(_end_if_unwanted, task, asyncio.get_running_loop()))

    def _work(self) -> None:
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._on_loop_error)
        self._stopping = asyncio.Event()
        self._is_ready.set()
        await self._stopping.wait()

    def _on_loop_error(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        message = str(context.get("message", "an error in the background"))
        self._on_error(message, error if isinstance(error, BaseException) else RuntimeError(message))


async def _hand_over(work: Coroutine[Any, Any, T], done: Future[T]) -> None:
    """Do the work and tell at once what came of it.

    At once is why asyncio's own way is not taken: it tells on the loop's next round, after all that is queued there,
    and whoever waits for an item on screen would wait for the next page of the list as well.
    """
    try:
        result = await work
    except asyncio.CancelledError:
        done.cancel()
        raise
    except BaseException as error:  # noqa: BLE001 - it is raised where the work is awaited
        if done.set_running_or_notify_cancel():
            done.set_exception(error)
    else:
        if done.set_running_or_notify_cancel():
            done.set_result(result)


def _end_if_unwanted(task: asyncio.Task[None], loop: asyncio.AbstractEventLoop, done: Future[Any]) -> None:
    if done.cancelled() and not loop.is_closed():
        loop.call_soon_threadsafe(task.cancel)
