"""The welcome on screen, with real gestures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from console.engines.fake.server import FakeServer
from console.infra.clock import SystemClock
from console.qtkit.theme import Mode, Theme
from console.screens import OpenInbox
from console.screens.welcome.presenter import WelcomePresenter
from console.screens.welcome.state import Demo, Say
from console.screens.welcome.view import WelcomeView
from tests.screens.asking import Asking, asking
from tests.screens.connections.network import Temporal
from tests.screens.stage import stage, until
from tests.screens.windowed import in_window
from tests.screens.windows import shown

pytestmark = pytest.mark.usefixtures("theme")
Act = Callable[[WelcomeView, Asking], Awaitable[None]]
LEFT = Qt.MouseButton.LeftButton


async def start(say: Say) -> None:
    say("Starting a server")
    await asyncio.sleep(0.05)
    say("Starting a worker")
    await asyncio.sleep(0.05)


async def start_slowly(say: Say) -> None:
    say("Starting a server")
    await asyncio.sleep(30)


def show(
    app: QApplication,
    folder: Path,
    act: Act,
    size: tuple[int, int] = (1_360, 840),
    *,
    is_slow: bool = False,
    is_running: bool = False,
) -> None:
    async def whole() -> None:
        factories = {"temporal": Temporal(FakeServer("finance")).engine}
        begin = start_slowly if is_slow else start
        demo = Demo(start=begin, what="a server.", takes="5 seconds.", is_running=is_running)
        async with stage(folder, [], factories=factories) as made, asking() as window:
            presenter = WelcomePresenter(made.desk, window.ask, window.navigate, SystemClock(), demo)
            with shown(WelcomeView(presenter), *size) as view:
                presenter.on_shown()
                await act(view, window)
                presenter.listen(lambda _: None)

    in_window(app, whole())


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_the_demo_is_one_press_away(qapp: QApplication, tmp_path: Path, key: Qt.Key) -> None:
    async def act(view: WelcomeView, window: Asking) -> None:
        view.demo.start.setFocus()
        QTest.keyClick(view.demo.start, key)
        await until(view.demo.cancel.isVisible)
        assert not view.connect_card.test.isEnabled()
        await until(lambda: "good: Starting a server" in view.demo.steps.accessibleDescription())
        await until(lambda: window.went == [OpenInbox()])
        await until(view.demo.start.isVisible)

    show(qapp, tmp_path, act)


def test_a_demo_that_runs_is_joined_as_somebody(qapp: QApplication, tmp_path: Path) -> None:
    async def act(view: WelcomeView, window: Asking) -> None:
        await until(lambda: view.demo.start.accessibleName() == "Join the running demo as Dana Kern, supervisor")
        told = " ".join(each.text() for each in view.demo.findChildren(QLabel))
        assert "Starts a real orchestrator" not in told
        QTest.mouseClick(view.demo.start, LEFT)
        await until(lambda: window.went == [OpenInbox()])

    show(qapp, tmp_path, act, is_running=True)


def test_its_start_can_be_cancelled(qapp: QApplication, tmp_path: Path) -> None:
    async def act(view: WelcomeView, window: Asking) -> None:
        QTest.mouseClick(view.demo.start, LEFT)
        await until(view.demo.cancel.isVisible)
        QTest.mouseClick(view.demo.cancel, LEFT)
        await until(view.demo.start.isVisible)
        assert "Cancelled." in view.demo.steps.accessibleDescription()
        assert window.went == []

    show(qapp, tmp_path, act, is_slow=True)


def test_a_first_engine_is_typed_tested_and_connected(qapp: QApplication, tmp_path: Path) -> None:
    async def act(view: WelcomeView, window: Asking) -> None:
        card = view.connect_card
        QTest.keyClicks(card.fields["address"], "finance:7233")
        assert card.boxes["allow_plaintext"].isVisible()
        card.boxes["tls"].click()
        assert not card.boxes["allow_plaintext"].isVisible()
        QTest.keyClick(card.fields["address"], Qt.Key.Key_Return)
        await until(lambda: "Reached" in card.checks.accessibleDescription())
        QTest.mouseClick(card.connect_button, LEFT)
        await until(lambda: window.went == [OpenInbox()])

    show(qapp, tmp_path, act)


@pytest.mark.parametrize("size", [(1_360, 840), (1_020, 644)])
def test_both_ways_on_are_in_sight_in_both_themes(
    qapp: QApplication, theme: Theme, tmp_path: Path, size: tuple[int, int]
) -> None:
    async def act(view: WelcomeView, _window: Asking) -> None:
        for mode in (Mode.LIGHT, Mode.DARK):
            theme.set_mode(mode)
            await asyncio.sleep(0.02)
            assert not view.grab().isNull()
            for button in (view.demo.start, view.connect_card.connect_button):
                assert button.mapTo(view, button.rect().bottomLeft()).y() < view.height()
        theme.set_mode(Mode.LIGHT)

    show(qapp, tmp_path, act, size)
