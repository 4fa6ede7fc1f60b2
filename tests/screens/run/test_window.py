"""The keys of the run's screen in the whole window, where other screens and fields want keys as well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.qtkit.theme import Theme
from console.screens import OpenRun
from console.screens.run.state import Phase, Tab
from tests.screens.run.scene import Scene
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window

Act = Callable[[Desktop, Scene], Awaitable[None]]


def show(app: QApplication, theme: Theme, folder: Path, act: Act) -> None:
    scene = Scene(fillers=60)
    scene.tell_story()
    scene.set_states()
    scene.wait()

    async def whole() -> None:
        async with desktop(theme, folder, [scene.server], whole=True) as desk:
            desk.hosting.navigator.go(OpenRun(scene.ref))
            await until(lambda: desk.hosting.run.state.phase is Phase.READY and desk.hosting.run.state.trail.is_read)
            await act(desk, scene)

    in_window(app, whole())


def searched(desk: Desktop) -> str:
    return desk.hosting.run.state.trail.filter.text


def test_slash_searches_escape_empties_then_leaves(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    async def act(desk: Desktop, _scene: Scene) -> None:
        run = desk.hosting.run
        desk.key(Qt.Key.Key_Slash)
        assert desk.has_focus(desk.hosting.run_view.trail.filter.search)
        desk.type("full")
        assert searched(desk) == "full"
        assert run.state.trail.is_following
        desk.key(Qt.Key.Key_Escape)
        assert searched(desk) == ""
        assert desk.window.front == "run"
        desk.key(Qt.Key.Key_Escape)
        await until(lambda: desk.window.front == "inbox")

    show(qapp, theme, tmp_path, act)


def test_f_follows_and_digits_change_the_tab(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    async def act(desk: Desktop, _scene: Scene) -> None:
        run = desk.hosting.run
        followed = []
        for _ in range(2):
            desk.key(Qt.Key.Key_F)
            followed.append(run.state.trail.is_following)
        assert followed == [False, True]
        tabs = []
        for key in (Qt.Key.Key_2, Qt.Key.Key_1):
            desk.key(key)
            tabs.append(run.state.tab)
        assert tabs == [Tab.STATE, Tab.TRAIL]

    show(qapp, theme, tmp_path, act)


def test_shift_o_opens_what_waits(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    async def act(desk: Desktop, _scene: Scene) -> None:
        desk.key(Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
        await until(lambda: desk.window.front == "inbox")
        await until(lambda: desk.state.item is not None)

    show(qapp, theme, tmp_path, act)


def test_f1_opens_the_help_and_escape_leaves_it(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    async def act(desk: Desktop, _scene: Scene) -> None:
        desk.key(Qt.Key.Key_F1)
        assert desk.window.front == "help"
        desk.key(Qt.Key.Key_Down)
        assert desk.hosting.help.state.topic == desk.hosting.help.state.topics[1]
        desk.key(Qt.Key.Key_Escape)
        assert desk.window.front == "inbox"

    show(qapp, theme, tmp_path, act)


def test_letters_typed_into_a_form_stay_there(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    async def act(desk: Desktop, _scene: Scene) -> None:
        connections = desk.hosting.connections
        desk.key(Qt.Key.Key_G)
        desk.key(Qt.Key.Key_O)
        await until(lambda: desk.window.front == "connections" and connections.state.is_read)
        desk.key(Qt.Key.Key_N)
        assert connections.state.editing is not None
        desk.type("pent")
        assert connections.state.editing.entry.name == "pent"
        desk.key(Qt.Key.Key_Escape)
        assert connections.state.editing is not None
        assert connections.state.notice
        connections.on_discard()
        desk.key(Qt.Key.Key_Escape)
        assert desk.window.front == "inbox"

    show(qapp, theme, tmp_path, act)


@pytest.mark.parametrize("name", ["run", "connections", "welcome", "help"])
def test_every_action_of_a_screen_stands_in_the_list_of_commands(
    qapp: QApplication, theme: Theme, tmp_path: Path, name: str
) -> None:
    async def act(desk: Desktop, _scene: Scene) -> None:
        desk.window.bring_to_front(name)
        ids = [entry.action.action_id for entry in desk.window.table.in_force()]
        assert any(action_id.startswith(name) for action_id in ids)

    show(qapp, theme, tmp_path, act)
