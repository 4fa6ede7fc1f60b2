"""The way to pause everything on a connection, from anywhere: no run has to be open, and no command taken.

Needs no Qt. Invariant: it only leads to the item under which that is decided, with the frictions that it has; where
there is no such item a person reads why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from console.domain.display import one_line
from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.language import tr
from console.engines.port import Ability
from console.screens import Action, Ask, Navigate, OpenConnections, OpenInbox, OpenRun
from console.services.views import ConnectionView
from console.shell.palette import Hit

if TYPE_CHECKING:
    from console.services.desk import Desk

NAME = 40
TEXT = tr("Pause everything")
NOWHERE = tr("No connection here lets a person pause its runs.")
Offer = Callable[[Sequence[tuple[str, Callable[[], None]]]], None]


class Stopping:
    """For one desk. ``tell`` shows a sentence, ``back`` says which run is looked at now, if one is."""

    def __init__(
        self,
        desk: Desk,
        ask: Ask,
        navigate: Navigate,
        tell: Callable[[str], None],
        back: Callable[[], OpenRun | None],
    ) -> None:
        self._desk = desk
        self._ask = ask
        self._go = navigate
        self._tell = tell
        self._back = back

    def actions(self, offer: Offer) -> tuple[Action, ...]:
        """The action of the window; ``offer`` lets a person choose where several connections can be meant."""
        return (
            Action(
                action_id="pauses.everything",
                text=f"{TEXT}…",
                run=lambda: self._ask(self._choose(offer)),
                menu=tr("Run"),
                icon="circle-pause",
            ),
        )

    async def hits(self, typed: str) -> Sequence[Hit]:
        """Each connection whose runs can be paused, for the palette."""
        words = typed.casefold().split()
        return [
            Hit(
                hit_id=f"pause:{view.config.connection_id}",
                kind=tr("Leads to the decision"),
                text=_text(view),
                icon="circle-pause",
                run=partial(self.go, view.config.connection_id),
            )
            for view in await self._able()
            if all(word in _text(view).casefold() for word in words)
        ]

    def go(self, connection_id: str) -> None:
        """Go to where it is decided for this connection."""
        self._ask(self._open(connection_id))

    async def _choose(self, offer: Offer) -> None:
        able = await self._able()
        if len(able) == 1:
            await self._open(able[0].config.connection_id)
        elif able:
            offer([(_text(view), partial(self.go, view.config.connection_id)) for view in able])
        else:
            self._tell(NOWHERE)
            self._go(OpenConnections())

    async def _able(self) -> tuple[ConnectionView, ...]:
        return tuple(
            view
            for view in await self._desk.connections()
            if view.capabilities is not None and Ability.INTERVENE in view.capabilities.abilities
        )

    async def _open(self, connection_id: str) -> None:
        try:
            found = await self._desk.everything(connection_id)
        except (Unreachable, Uncertain, Denied, Refused) as error:
            self._tell(f"{tr(error.message)} {tr(error.next_action)}".strip())
        else:
            self._go(OpenInbox(found.key.item_id, back=self._back()))


def _text(view: ConnectionView) -> str:
    return tr("{text} on {name}…", text=TEXT, name=one_line(view.config.name[:NAME]))
