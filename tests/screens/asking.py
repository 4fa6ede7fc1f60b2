"""What a window gives to presenters, for tests without one: a loop to start things in, and a record of where to go."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from console.infra.tasks import Tasks
from console.screens import Request


@dataclass
class Asking:
    """``ask`` and ``navigate`` of a screen. What a coroutine raises fails the test when it ends."""

    tasks: Tasks
    errors: list[BaseException] = field(default_factory=list)
    went: list[Request] = field(default_factory=list)

    def ask(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.start("asked by a screen", work)

    @property
    def navigate(self) -> Callable[[Request], None]:
        return self.went.append


@asynccontextmanager
async def asking() -> AsyncIterator[Asking]:
    """Serve a presenter until the end; then whatever it started is stopped."""
    errors: list[BaseException] = []
    made = Asking(Tasks(lambda _where, error: errors.append(error)), errors)
    try:
        yield made
    finally:
        await made.tasks.stop()
    assert not errors, errors
