"""Following a link from outside: to an item or a run of a server that this desk knows, and no further.

Needs no Qt. Invariant: it only navigates. No connection is added, no form is opened, nothing is decided; where it leads
nowhere a person reads why, and what to do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from console.domain.display import one_line
from console.domain.language import tr
from console.domain.links import BadLinkError, Kind, Link, read_link
from console.screens import Navigate, OpenInbox, OpenRun

if TYPE_CHECKING:
    from console.services.desk import Desk

LISTED_WITHIN = 10.0
SHOWN = 80


class Follower:
    """Follows links, one at a time. ``tell`` shows a sentence."""

    def __init__(self, desk: Desk, navigate: Navigate, tell: Callable[[str], None]) -> None:
        self._desk = desk
        self._go = navigate
        self._tell = tell

    async def follow(self, text: str) -> None:
        """Go where a link leads, or say why not."""
        try:
            link = read_link(text)
        except BadLinkError as error:
            self._tell(tr("This link cannot be followed. {error}", error=error))
            return
        if not await self._is_known(link):
            # Just opened, perhaps: a server tells its name when it is reached.
            await self._desk.listed(LISTED_WITHIN)
        if not await self._is_known(link):
            self._tell(
                tr(
                    "This link leads to a server that this desk is not connected to: {server}. If you "
                    "know it, add a connection to it, then open the link again.",
                    server=one_line(link.server[:SHOWN]),
                )
            )
        elif link.kind is Kind.RUN:
            self._go(OpenRun(link.run))
        elif not await self._is_there(link):
            self._tell(
                tr(
                    "This link leads to an item that is not here: it was closed some time ago, or is not listed yet. "
                    "Read everything again, then open the link once more."
                )
            )
        else:
            self._go(OpenInbox(link.target))

    async def _is_there(self, link: Link) -> bool:
        """Whether an item is here, and of that server."""
        item = await self._desk.item(link.target)
        return item is not None and (item.row is None or item.row.waiting.key.run.server == link.server)

    async def _is_known(self, link: Link) -> bool:
        """Whether a connection leads to that server; an item that is kept tells it, too."""
        views = await self._desk.connections()
        if any(view.server is not None and view.server.identity == link.server for view in views):
            return True
        item = await self._desk.item(link.target) if link.kind is Kind.ITEM else None
        row = item.row if item is not None else None
        return row is not None and row.waiting.key.run.server == link.server
