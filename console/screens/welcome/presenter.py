"""Starts the demo or connects a first engine, and says how far it is.

Invariant: one thing at a time, each can be cancelled; nothing is kept before the person asks for it. Every coroutine
runs in the window's loop and raises nothing but bugs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.language import tr
from console.infra.clock import Clock
from console.screens import Ask, Navigate, OpenConnections, OpenInbox
from console.screens.welcome.state import Demo, Phase, WelcomeState
from console.services.enter import Entry, config, problems, secrets
from console.services.views import Event

if TYPE_CHECKING:
    from console.services.desk import Desk

TICK = 1.0
FIRST_NAME = "temporal"


class WelcomePresenter:
    """The welcome without a widget."""

    def __init__(self, desk: Desk, ask: Ask, navigate: Navigate, clock: Clock, demo: Demo) -> None:
        self.demo = demo
        self._desk = desk
        self._ask = ask
        self._navigate = navigate
        self._clock = clock
        self._is_shown = False
        self._under_way: asyncio.Task[None] | None = None
        self._is_cancelled = False
        self._listener: Callable[[WelcomeState], None] = lambda _: None
        entry = Entry(name=FIRST_NAME)
        self.state = WelcomeState(now=clock.now(), entry=entry, problems=problems(entry))

    def listen(self, listener: Callable[[WelcomeState], None]) -> None:
        """Tell this one every state from now on, beginning with the present one."""
        self._listener = listener
        listener(self.state)

    def on_shown(self) -> None:
        """The screen came to the front."""
        self._is_shown = True
        self._ask(self._read_identity())

    def on_hidden(self) -> None:
        """The screen is not looked at any more; what was begun goes on."""
        self._is_shown = False

    def on_events(self, events: Sequence[Event]) -> None:
        """Nothing here comes from engines."""

    def on_enter(self, **fields: str | bool) -> None:
        """Take over what was typed, by field of :class:`~console.services.enter.Entry`."""
        entry = replace(self.state.entry, **fields)  # type: ignore[arg-type]  # names of its fields only
        self._put(entry=entry, problems=problems(entry), checks=(), tested_at=None, problem="")

    def on_start_demo(self) -> None:
        """Start the demo and go to the inbox."""
        if not self.state.is_busy:
            self._begin(Phase.STARTING, self._start_demo)

    def on_test(self) -> None:
        """Try the connection as entered; nothing is kept."""
        if self._can_go_on():
            self._begin(Phase.TESTING, partial(self._test, self.state.entry))

    def on_connect(self) -> None:
        """Keep the connection and go to the inbox."""
        if self._can_go_on():
            self._begin(Phase.CONNECTING, partial(self._connect, self.state.entry))

    def on_cancel(self) -> None:
        """Stop what is under way, also what has not quite begun."""
        self._is_cancelled = True
        if self._under_way is not None:
            self._under_way.cancel()

    def on_more(self) -> None:
        """Go to the complete form."""
        self._navigate(OpenConnections(is_new=True))

    def _can_go_on(self) -> bool:
        if self.state.is_busy:
            return False
        self._put(is_checked=True)
        return not self.state.problems

    def _begin(self, phase: Phase, work: Callable[[], Awaitable[None]]) -> None:
        self._is_cancelled = False
        self._put(phase=phase, seconds=0, problem="", demo_problem="")
        self._ask(self._carry(work))
        self._ask(self._tick())

    async def _carry(self, work: Callable[[], Awaitable[None]]) -> None:
        """Await what was begun; whatever happens, the screen is free again."""
        self._under_way = asyncio.current_task()
        try:
            if self._is_cancelled:
                raise asyncio.CancelledError  # noqa: TRY301 - ends as one that was under way does
            await work()
        except asyncio.CancelledError:
            self._tell_failure(tr("Cancelled."))
        except (Unreachable, Uncertain, Denied, Refused) as error:
            self._tell_failure(f"{tr(error.message)} {tr(error.next_action)}")
        finally:
            self._under_way = None
            self._put(phase=Phase.IDLE)

    def _tell_failure(self, words: str) -> None:
        if self.state.phase is Phase.STARTING:
            self._put(demo_problem=words)
        else:
            self._put(problem=words)

    async def _start_demo(self) -> None:
        self._put(steps=())
        await self.demo.start(self._say)
        self._navigate(OpenInbox())

    def _say(self, step: str) -> None:
        self._put(steps=(*self.state.steps, step))

    async def _test(self, entry: Entry) -> None:
        checks = await self._desk.test_connection(config(entry), secrets(entry))
        if entry == self.state.entry:
            self._put(checks=checks, tested_at=self._clock.now())

    async def _connect(self, entry: Entry) -> None:
        await self._desk.add_connection(config(entry), secrets(entry))
        self._navigate(OpenInbox())

    async def _read_identity(self) -> None:
        try:
            identity = await self._desk.identity()
        except Unreachable:
            # The store is being opened; who works here stands there as soon as it is.
            return
        self._put(identity=identity)

    async def _tick(self) -> None:
        while self.state.is_busy:
            await self._clock.sleep(TICK)
            if self.state.is_busy:
                self._put(seconds=self.state.seconds + 1)

    def _put(self, **changed: object) -> None:
        self.state = replace(self.state, now=self._clock.now(), **changed)  # type: ignore[arg-type]
        self._listener(self.state)
