"""A person's seat at the inbox without a window: a presenter on a real desk, and eyes that can look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

from console.domain.decision import DecisionState
from console.domain.escalation import EscalationKey, Verdict
from console.domain.identity import Person
from console.engines.fake.engine import FakeEngine
from console.engines.fake.server import FakeServer
from console.engines.port import Engine
from console.infra.clock import SystemClock
from console.screens.inbox.content import FormBlock
from console.screens.inbox.decision_bar import Need
from console.screens.inbox.presenter import InboxPresenter
from console.screens.inbox.state import InboxState
from console.screens.inbox.values import Shown
from console.services.views import DecisionView, Event
from tests.screens.asking import Asking, asking
from tests.screens.stage import DANA, Stage, stage, until

FASTER = 10.0


class QuickClock(SystemClock):
    """Time that passes faster, so that arming and undo windows take a moment."""

    def monotonic(self) -> float:
        return super().monotonic() * FASTER

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / FASTER)


class Seat:
    """Where a person sits in a test."""

    def __init__(self, presenter: InboxPresenter, made: Stage, window: Asking, grow_deaf: Callable[[], None]) -> None:
        self.presenter = presenter
        self.stage = made
        self.window = window
        # From then on no event of the desk is heard.
        self.grow_deaf = grow_deaf

    @property
    def state(self) -> InboxState:
        return self.presenter.state

    @property
    def server(self) -> FakeServer:
        return next(iter(self.stage.servers.values()))

    @property
    def titles(self) -> list[str]:
        return [row.waiting.title for row in self.state.listing.rows]

    async def see(self, key: EscalationKey) -> None:
        """Open an item and look at it until the keys are armed."""
        await until(lambda: self.state.listing.place(key.item_id) >= 0)
        self.presenter.select(key.item_id)
        await self.look(key.item_id)

    async def look(self, item_id: str = "") -> None:
        """Look at the open item, as the view does when it has painted it, until the keys are armed."""

        def is_read() -> bool:
            item = self.state.item
            return item is not None and item.escalation is not None and item_id in {"", item.item_id}

        await until(is_read)
        item = self.state.item
        assert item is not None
        self.presenter.reading.on_painted(item.item_id, item.digest)
        await until(lambda: self.state.is_armed)

    def press(self, verdict: Verdict) -> None:
        self.presenter.deciding.press(verdict)

    def form(self) -> FormBlock:
        """What the open form shows."""
        form = self.state.form
        assert form is not None
        return form

    def has_form(self) -> bool:
        return self.state.form is not None

    def shows(self, how_much: Shown) -> bool:
        return self.state.reviewed.shown is how_much

    def is_picking(self) -> bool:
        return self.state.is_picking

    def needs(self, need: Need) -> bool:
        """Whether this is what the pressed verdict waits for."""
        return self.state.bar.need is need

    async def decided(self, state: DecisionState = DecisionState.HELD) -> DecisionView:
        """The newest decision, once it is in this state."""

        def found() -> bool:
            return bool(self.state.decisions) and self.state.decisions[0].state is state

        await until(found, seconds=20)
        return self.state.decisions[0]


Act: TypeAlias = Callable[[Seat], Awaitable[None]]


def play(
    folder: Path,
    server: FakeServer,
    act: Act,
    *,
    person: Person = DANA,
    engine: Callable[[FakeServer], Engine] = FakeEngine,
) -> None:
    """Sit down at the inbox of a desk on this server, and act."""

    async def whole() -> None:
        clock = QuickClock()
        async with stage(folder, [server], person=person, engine=engine, clock=clock) as made, asking() as window:
            presenter = InboxPresenter(made.desk, window.ask, window.navigate, clock, made.settings)
            loop = asyncio.get_running_loop()

            def tell(event: Event) -> None:
                loop.call_soon_threadsafe(presenter.on_events, (event,))

            unsubscribe = made.desk.subscribe(tell)
            presenter.start()
            presenter.on_shown()
            await until(lambda: presenter.state.listing.is_loaded and presenter.state.identity is not None)
            await act(Seat(presenter, made, window, unsubscribe))
            unsubscribe()

    asyncio.run(whole())
