"""The welcome: one thing at a time, with progress, and free again whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from console.domain.errors import Unreachable
from console.engines.fake.server import FakeServer
from console.infra.clock import SystemClock
from console.screens import OpenConnections, OpenInbox
from console.screens.welcome.presenter import WelcomePresenter
from console.screens.welcome.state import Demo, Phase, Say
from tests.screens.asking import Asking, asking
from tests.screens.connections.network import Temporal
from tests.screens.stage import Stage, stage, until

Act = Callable[[WelcomePresenter, Stage, Asking], Awaitable[None]]


class Starting:
    """A demo that starts when it is told to, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.go_on = asyncio.Event()
        self.was_cancelled = False
        self._error = error

    async def start(self, say: Say) -> None:
        say("Starting a server")
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        say("Starting a worker")
        if self._error is not None:
            raise self._error

    def demo(self) -> Demo:
        return Demo(start=self.start, what="a server", takes="5 seconds")


def play(folder: Path, starting: Starting, act: Act, temporal: Temporal | None = None) -> None:
    async def whole() -> None:
        factories = {"temporal": (temporal or Temporal()).engine}
        async with stage(folder, [], factories=factories) as made, asking() as window:
            presenter = WelcomePresenter(made.desk, window.ask, window.navigate, SystemClock(), starting.demo())
            presenter.on_shown()
            await act(presenter, made, window)

    asyncio.run(whole())


def test_the_demo_starts_step_by_step_and_leads_to_the_inbox(tmp_path: Path) -> None:
    starting = Starting()

    async def act(presenter: WelcomePresenter, _made: Stage, window: Asking) -> None:
        presenter.on_start_demo()
        presenter.on_start_demo()
        await until(lambda: presenter.state.steps == ("Starting a server",))
        assert presenter.state.phase is Phase.STARTING
        assert window.went == []
        starting.go_on.set()
        await until(lambda: not presenter.state.is_busy)
        assert window.went == [OpenInbox()]
        assert presenter.state.steps == ("Starting a server", "Starting a worker")

    play(tmp_path, starting, act)


def test_a_start_that_fails_says_why_and_can_be_tried_again(tmp_path: Path) -> None:
    starting = Starting(Unreachable("The server did not answer.", next_action="Look at its log."))
    starting.go_on.set()

    async def act(presenter: WelcomePresenter, _made: Stage, window: Asking) -> None:
        presenter.on_start_demo()
        await until(lambda: bool(presenter.state.demo_problem))
        assert presenter.state.demo_problem == "The server did not answer. Look at its log."
        await until(lambda: not presenter.state.is_busy)
        assert window.went == []
        presenter.on_start_demo()
        assert presenter.state.demo_problem == ""

    play(tmp_path, starting, act)


def test_a_start_can_be_cancelled(tmp_path: Path) -> None:
    starting = Starting()

    async def act(presenter: WelcomePresenter, _made: Stage, _window: Asking) -> None:
        presenter.on_start_demo()
        await until(lambda: bool(presenter.state.steps))
        presenter.on_cancel()
        await until(lambda: not presenter.state.is_busy)
        assert starting.was_cancelled
        assert presenter.state.demo_problem == "Cancelled."

    play(tmp_path, starting, act)


def test_a_first_engine_is_tested_and_connected(tmp_path: Path) -> None:
    async def act(presenter: WelcomePresenter, made: Stage, window: Asking) -> None:
        presenter.on_test()
        assert set(presenter.state.shown_problems) == {"address"}
        presenter.on_enter(address="finance:7233", tls=True)
        presenter.on_test()
        await until(lambda: bool(presenter.state.checks))
        assert await made.desk.connections() == ()
        presenter.on_connect()
        await until(lambda: window.went == [OpenInbox()])
        assert [view.config.settings["address"] for view in await made.desk.connections()] == ["finance:7233"]

    play(tmp_path, Starting(), act, Temporal(FakeServer("finance")))


def test_a_test_of_what_was_changed_meanwhile_is_not_shown(tmp_path: Path) -> None:
    finance = FakeServer("finance")
    finance.faults.delay = 0.1

    async def act(presenter: WelcomePresenter, _made: Stage, _window: Asking) -> None:
        presenter.on_enter(address="finance:7233", tls=True)
        presenter.on_test()
        await until(lambda: presenter.state.phase is Phase.TESTING)
        presenter.on_enter(namespace="other")
        await until(lambda: not presenter.state.is_busy)
        assert presenter.state.checks == ()

    play(tmp_path, Starting(), act, Temporal(finance))


@pytest.mark.parametrize("name", ["test", "connect"])
def test_plaintext_beyond_this_machine_is_not_tried_without_a_word(tmp_path: Path, name: str) -> None:
    async def act(presenter: WelcomePresenter, _made: Stage, _window: Asking) -> None:
        presenter.on_enter(address="finance:7233")
        getattr(presenter, f"on_{name}")()
        assert not presenter.state.is_busy
        assert "allow_plaintext" in presenter.state.shown_problems

    play(tmp_path, Starting(), act, Temporal(FakeServer("finance")))


def test_who_signs_is_shown_and_the_complete_form_is_a_step_away(tmp_path: Path) -> None:
    async def act(presenter: WelcomePresenter, _made: Stage, window: Asking) -> None:
        await until(lambda: presenter.state.identity is not None)
        presenter.on_more()
        assert window.went == [OpenConnections(is_new=True)]

    play(tmp_path, Starting(), act)
