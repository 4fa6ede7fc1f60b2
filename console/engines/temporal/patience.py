"""Asking again where the server has too much to do at once, as it has right after it came back.

Invariant: asked again is only what changes nothing, a few times, with growing pauses; what fails otherwise is told at
once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio.service import RPCError, RPCStatusCode

T = TypeVar("T")

PAUSES = (0.2, 0.6, 1.5)


async def patiently(ask: Callable[[], Awaitable[T]], pauses: tuple[float, ...] = PAUSES) -> T:
    """The answer to a question, asked once more after each pause while the server has no room for it."""
    for pause in pauses:
        try:
            return await ask()
        except RPCError as error:
            if error.status is not RPCStatusCode.RESOURCE_EXHAUSTED:
                raise
        await asyncio.sleep(pause)
    return await ask()
