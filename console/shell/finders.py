"""What the palette finds, and where: the window's actions, and what the open desk knows.

Needs no Qt. Invariant: what an engine wrote is cut and made visible before it is offered; opening a hit only navigates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from console.domain.display import one_line
from console.domain.doing import doing_of
from console.domain.language import tr
from console.qtkit.keycaps import key_of, label_of
from console.qtkit.runlooks import RUN_LOOKS
from console.screens import Navigate, OpenConnections, OpenHelp, OpenInbox, OpenRun
from console.screens.runs.finding import EVERYTHING
from console.services.views import InboxQuery, InboxRow, RunLine
from console.shell.palette import Hit

if TYPE_CHECKING:
    from console.screens.help.presenter import HelpPresenter
    from console.screens.inbox.presenter import InboxPresenter
    from console.services.desk import Desk

MOST_ITEMS = 8
MOST_CONNECTIONS = 5
MOST_RUNS = 6
CUT = 120
NAME = 40


class Finders:
    """Hits of the open desk, as :class:`console.shell.palette.Sources` takes them."""

    def __init__(self, desk: Desk, inbox: InboxPresenter, pages: HelpPresenter, navigate: Navigate) -> None:
        self._desk = desk
        self._inbox = inbox
        self._pages = pages
        self._go = navigate

    def topics(self) -> Iterable[Hit]:
        """The pages of the help."""
        for topic in self._pages.state.topics:
            yield Hit(
                hit_id=f"help:{topic.name}",
                kind=tr("Help"),
                text=topic.title,
                icon="book-open",
                more="page",
                run=partial(self._go, OpenHelp(topic.name)),
            )

    def views(self) -> Iterable[Hit]:
        """The saved views of the inbox."""
        for place, tab in enumerate(self._inbox.state.views):
            name = one_line(tab.view.name[:NAME])
            yield Hit(
                hit_id=f"view:{name}",
                kind=tr("View of the inbox"),
                text=name,
                icon="list-filter",
                keys=label_of(key_of(f"inbox.view.{place + 1}")),
                run=partial(self._show_view, place),
            )

    def _show_view(self, place: int) -> None:
        self._go(OpenInbox())
        self._inbox.seeking.choose(place)

    async def items(self, typed: str) -> Sequence[Hit]:
        """Items that wait and have all the words."""
        page = await self._desk.inbox(InboxQuery(text=typed[:CUT], limit=MOST_ITEMS))
        return [self._item(row) for row in page.rows[:MOST_ITEMS]]

    async def runs(self, typed: str) -> Sequence[Hit]:
        """Listed runs that have all the words in title, workflow, business key or id; the most telling match first."""
        words = typed[:CUT].casefold().split()
        view = await self._desk.known_runs(EVERYTHING)
        if not view.lines:
            view = await self._desk.runs(EVERYTHING)
        found = [line for line in view.lines if all(word in _run_words(line) for word in words)]
        found.sort(key=lambda line: typed.strip().casefold() not in line.run.business_key.casefold())
        return [self._run(line) for line in found[:MOST_RUNS]]

    def _run(self, line: RunLine) -> Hit:
        run = line.run
        word, icon, _ = RUN_LOOKS[doing_of(run)]
        parts = (run.business_key[:NAME], run.title[:CUT] or run.workflow[:CUT])
        return Hit(
            hit_id=f"run:{run.ref.server}:{run.ref.run_id}:{run.ref.chain_id}",
            kind=tr("Run, {word} · {connection}", word=word.lower(), connection=one_line(line.connection[:NAME])),
            text=" · ".join(one_line(part) for part in parts if part),
            icon=icon,
            run=partial(self._go, OpenRun(run.ref, run.title)),
        )

    async def connections(self, typed: str) -> Sequence[Hit]:
        """Connections whose name has all the words."""
        words = typed.casefold().split()
        found = [
            view
            for view in await self._desk.connections()
            if all(word in tr("connection {name}", name=view.config.name).casefold() for word in words)
        ]
        return [
            Hit(
                hit_id=f"connection:{view.config.connection_id}",
                kind=tr("Connection, {health}", health=tr(view.health)),
                text=one_line(view.config.name[:NAME]),
                icon="plug",
                run=partial(self._go, OpenConnections(view.config.connection_id)),
            )
            for view in found[:MOST_CONNECTIONS]
        ]

    def _item(self, row: InboxRow) -> Hit:
        waiting = row.waiting
        key = f" · {one_line(waiting.business_key[:NAME])}" if waiting.business_key else ""
        return Hit(
            hit_id=f"item:{row.item_id}",
            kind=f"{tr(waiting.risk.word).capitalize()} · {one_line(row.connection[:NAME])}",
            text=one_line(waiting.title[:CUT]) + key,
            icon="inbox",
            run=partial(self._go, OpenInbox(row.item_id)),
        )


def _run_words(line: RunLine) -> str:
    run = line.run
    return tr(
        "run {title} {workflow} {business_key} {run_id}",
        title=run.title,
        workflow=run.workflow,
        business_key=run.business_key,
        run_id=run.ref.run_id,
    ).casefold()
