"""The screen of the connections with real gestures, over a real desk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from console.engines.fake.server import FakeServer
from console.infra.clock import SystemClock
from console.qtkit.theme import Mode, Theme
from console.screens.connections.presenter import ConnectionsPresenter
from console.screens.connections.view import ConnectionsView
from console.services.views import Health
from tests.screens.asking import asking
from tests.screens.connections.network import Temporal
from tests.screens.stage import stage, until
from tests.screens.windowed import in_window
from tests.screens.windows import shown

pytestmark = pytest.mark.usefixtures("theme")
Act = Callable[[ConnectionsView], Awaitable[None]]
LEFT = Qt.MouseButton.LeftButton


def show(app: QApplication, folder: Path, act: Act, *servers: FakeServer, temporal: Temporal | None = None) -> None:
    async def whole() -> None:
        factories = {"temporal": (temporal or Temporal()).engine}
        async with stage(folder, servers, factories=factories) as made, asking() as window:
            presenter = ConnectionsPresenter(made.desk, window.ask, window.navigate, SystemClock())
            with shown(ConnectionsView(presenter)) as view:
                presenter.on_shown()
                await until(lambda: presenter.state.is_read)
                await act(view)
                presenter.on_hidden()
                presenter.listen(lambda _: None)

    in_window(app, whole())


def press(widget: object) -> None:
    QTest.mouseClick(widget, LEFT)  # type: ignore[call-overload]  # any of the widgets


def test_a_first_connection_is_typed_tested_and_saved(qapp: QApplication, tmp_path: Path) -> None:
    temporal = Temporal(FakeServer("finance"))

    async def act(view: ConnectionsView) -> None:
        assert view.empty.isVisible()
        press(view.add)
        form = view.form
        assert form.isVisible()
        QTest.keyClicks(form.field("name"), "finance")
        QTest.keyClicks(form.field("address"), "finance:7233")
        assert form.problem("allow_plaintext").isVisible()
        assert not form.problem("api_key").isVisible()
        press(form.save)
        assert "Without TLS" in form.problem("allow_plaintext").problem.words.text()
        form.box("tls").click()
        assert not form.problem("allow_plaintext").isVisible()
        assert form.field("api_key").echoMode() is QLineEdit.EchoMode.Password
        QTest.keyClicks(form.field("api_key"), "k-1")
        press(form.test)
        await until(lambda: "Reached" in view.form_test.accessibleDescription())
        assert form.field("api_key").text() == "k-1"
        press(form.save)
        await until(view.details.isVisible)
        assert view.list.current_id() is not None
        await until(lambda: bool(view.presenter.state.views) and view.presenter.state.views[0].health is Health.LIVE)
        assert temporal.keys[-1] == "k-1"

    show(qapp, tmp_path, act, temporal=temporal)


def test_a_kept_key_is_shown_as_kept_and_can_be_forgotten(qapp: QApplication, tmp_path: Path) -> None:
    async def act(view: ConnectionsView) -> None:
        view.presenter.on_new()
        view.presenter.on_enter(name="finance", address="finance:7233", tls=True, api_key="k-1")
        view.presenter.on_save()
        await until(view.details.isVisible)
        press(view.details.buttons["edit"])
        assert view.form.field("api_key").text() == ""
        assert view.form.forget.isVisible()
        press(view.form.forget)
        assert not view.form.forget.isVisible()
        press(view.form.discard)
        assert view.details.isVisible()

    show(qapp, tmp_path, act, temporal=Temporal(FakeServer("finance")))


def test_the_list_leads_to_each_and_removing_says_what_happens(qapp: QApplication, tmp_path: Path) -> None:
    async def act(view: ConnectionsView) -> None:
        view.list.setFocus()
        QTest.keyClick(view.list, Qt.Key.Key_Down)
        assert view.presenter.state.selected_id == "two"
        press(view.details.buttons["remove"])
        assert view.details.confirm.isVisible()
        assert "Remove two?" in view.details.removal.accessibleName()
        assert "Nothing changes on the server" in view.details.removal.accessibleName()
        press(view.details.keep)
        assert not view.details.confirm.isVisible()
        press(view.details.buttons["remove"])
        press(view.details.confirm)
        await until(lambda: view.list.rows.rowCount() == 1)

    show(qapp, tmp_path, act, FakeServer("one"), FakeServer("two"))


def test_what_an_engine_cannot_do_stands_there_with_its_reason(qapp: QApplication, tmp_path: Path) -> None:
    async def act(view: ConnectionsView) -> None:
        await until(view.details.isVisible)
        await until(lambda: any("Cannot enforce who decides" in words for words in view.details.abilities.words()))
        assert any("checks no signatures" in words for words in view.details.abilities.words())

    show(qapp, tmp_path, act, FakeServer("one"))


def test_a_test_shows_progress_and_can_be_cancelled(qapp: QApplication, tmp_path: Path) -> None:
    slow = FakeServer("one")

    async def act(view: ConnectionsView) -> None:
        await until(view.details.isVisible)
        slow.faults.delay = 30
        press(view.details.buttons["test"])
        await until(view.details.cancel.isVisible)
        assert not view.details.buttons["test"].isEnabled()
        assert view.details.buttons["test"].reason
        press(view.details.cancel)
        await until(lambda: "Cancelled" in view.details.checks.accessibleDescription())
        slow.faults.delay = 0

    show(qapp, tmp_path, act, slow)


def test_keys_do_what_the_buttons_do(qapp: QApplication, tmp_path: Path) -> None:
    async def act(view: ConnectionsView) -> None:
        await until(view.details.isVisible)
        actions = {action.action_id: action for action in view.actions()}
        assert actions["connections.edit"].can_run()
        actions["connections.edit"].run()
        assert view.form.isVisible()
        assert not actions["connections.edit"].can_run()
        actions["connections.back"].run()
        assert view.details.isVisible()
        actions["connections.pause"].run()
        await until(lambda: view.presenter.state.views[0].health is Health.PAUSED)

    show(qapp, tmp_path, act, FakeServer("one"))


@pytest.mark.parametrize("size", [(1_360, 840), (1_020, 644)])
def test_it_is_drawn_at_every_size_in_both_themes(
    qapp: QApplication, theme: Theme, tmp_path: Path, size: tuple[int, int]
) -> None:
    async def act(view: ConnectionsView) -> None:
        for mode in (Mode.LIGHT, Mode.DARK):
            theme.set_mode(mode)
            view.resize(*size)
            view.presenter.on_new()
            await asyncio.sleep(0.02)
            assert not view.grab().isNull()
            view.presenter.on_discard()
            assert not view.grab().isNull()
        theme.set_mode(Mode.LIGHT)

    show(qapp, tmp_path, act, FakeServer("\u202eevil<b>" + "x" * 1_000))
