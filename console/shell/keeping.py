"""How long the content of each connection is kept: read from the desk for the settings, and set there.

Needs no Qt. Invariant: it is read and written in the desk's own thread; a listener that is gone is not told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from console.domain.display import one_line
from console.screens import Ask

if TYPE_CHECKING:
    from console.services.desk import Desk

CHOICES = (7, 30, 90, 180, 365)
NAME = 60


@dataclass(frozen=True, slots=True)
class Kept:
    """A connection, and for how many days content is kept after it was closed or settled."""

    connection_id: str
    name: str
    days: int

    @property
    def choices(self) -> tuple[int, ...]:
        """What can be chosen, with what is so now among it."""
        return tuple(sorted({*CHOICES, self.days}))


Listener: TypeAlias = Callable[[tuple[Kept, ...]], None]


class Keeping:
    """Reads and sets it."""

    def __init__(self, desk: Desk, ask: Ask) -> None:
        self._desk = desk
        self._ask = ask

    def read(self, listener: Listener) -> None:
        """Tell how long is kept what, soon."""
        self._ask(self._read(listener))

    def put(self, connection_id: str, days: int) -> None:
        """Keep it for so long from now on."""
        self._ask(self._desk.keep_for(connection_id, days))

    async def _read(self, listener: Listener) -> None:
        days = await self._desk.retention()
        configs = [view.config for view in await self._desk.connections()]
        listener(
            tuple(
                Kept(each.connection_id, one_line(each.name[:NAME]), days[each.connection_id])
                for each in configs
                if each.connection_id in days
            )
        )
