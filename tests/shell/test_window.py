"""The window around the screens: paints first, remembers its place and theme, finds every command."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from console.domain.decision import DecisionState
from console.domain.identity import Identity
from console.domain.run import RunRef
from console.infra.clock import SystemClock
from console.qtkit.theme import Mode, Theme
from console.screens import Action, OpenInbox, OpenRun
from console.services.views import ConnectionView, Health, InboxChanged
from console.shell.bridge import Batch
from console.shell.geometry import NAME as GEOMETRY
from console.shell.look import NAME as THEME
from console.shell.look import remembered_mode
from console.shell.memory import Forgetful
from console.shell.navigation import Navigator
from console.shell.overview import Frame
from console.shell.window import MainWindow, Screen
from tests.screens.inbox.makes import DANA, connection


class Told:
    """A screen's presenter that notes what the window tells it."""

    def __init__(self, name: str, notes: list[str]) -> None:
        self.name, self.notes = name, notes

    def on_shown(self) -> None:
        self.notes.append(f"{self.name} shown")

    def on_hidden(self) -> None:
        self.notes.append(f"{self.name} hidden")

    def on_events(self, events: Batch) -> None:
        self.notes.append(f"{self.name} {len(events)}")


def add(window: MainWindow, name: str, notes: list[str], *, label: str = "", is_offered: bool = True) -> Screen:
    actions = (
        Action(
            action_id=f"{name}.do", text=f"Do {name}", run=lambda: notes.append(f"{name} did"), keys=("D",), menu="Item"
        ),
    )
    screen = Screen(
        screen_id=name,
        widget=QLabel(name),
        presenter=Told(name, notes),
        actions=actions,
        label=label,
        icon="inbox" if label else "",
        keys=(f"G, {name[0].upper()}",) if label else (),
        is_offered=is_offered,
    )
    window.add_screen(screen)
    return screen


def test_it_is_painted_before_any_screen_exists(qtbot: QtBot, theme: Theme) -> None:
    fresh = MainWindow(theme, Forgetful(), SystemClock())
    qtbot.addWidget(fresh)
    with qtbot.waitSignal(fresh.painted):
        fresh.show()
    assert fresh.grab().width() >= 1100


def test_screens_are_told_when_they_come_and_go_and_all_hear_events(window: MainWindow) -> None:
    notes: list[str] = []
    add(window, "inbox", notes, label="Inbox")
    add(window, "run", notes, label="Runs", is_offered=False)
    window.bring_to_front("inbox")
    window.bring_to_front("inbox")
    assert not window.rail.item("run").isVisible()
    window.bring_to_front("run")
    assert window.rail.item("run").isVisible()
    assert window.rail.item("run").isChecked()
    window.on_events((InboxChanged("eu"),))
    assert notes == ["inbox shown", "inbox hidden", "run shown", "inbox 1", "run 1"]


def test_keys_and_the_rail_lead_to_screens(window: MainWindow) -> None:
    notes: list[str] = []
    for name, label in (("inbox", "Inbox"), ("connections", "Connections"), ("welcome", "")):
        add(window, name, notes, label=label)
    window.bring_to_front("welcome")
    assert not window.rail.item("inbox").isChecked()
    QTest.keyClick(window, Qt.Key.Key_G)
    QTest.keyClick(window, Qt.Key.Key_C)
    assert window.front == "connections"
    window.rail.item("inbox").click()
    assert window.front == "inbox"
    QTest.keyClick(window, Qt.Key.Key_D)
    assert notes[-1] == "inbox did"


def test_menus_show_what_works_here_and_hide_what_has_nothing(window: MainWindow) -> None:
    notes: list[str] = []
    add(window, "inbox", notes, label="Inbox")
    window.bring_to_front("inbox")
    shown = [action.text() for action in window.bar.menus.actions() if action.isVisible()]
    assert shown == ["&File", "&View", "&Item", "&Go", "&Help"]


def test_the_list_of_commands_finds_by_words_and_runs(window: MainWindow) -> None:
    notes: list[str] = []
    add(window, "inbox", notes, label="Inbox")
    window.bring_to_front("inbox")
    dialog = window.open_commands()
    QTest.keyClicks(dialog.search, "item do")
    assert [row.text for row in dialog.table.rows.rows()] == ["Do inbox"]
    QTest.keyClick(dialog.search, Qt.Key.Key_Return)
    assert notes[-1] == "inbox did"
    assert not dialog.isVisible()


def test_typing_in_the_list_of_commands_runs_none_of_them(window: MainWindow) -> None:
    notes: list[str] = []
    add(window, "inbox", notes, label="Inbox")
    window.bring_to_front("inbox")
    dialog = window.open_commands()
    QTest.keyClicks(dialog.search, "ddd")
    assert "inbox did" not in notes
    assert dialog.table.rows.rowCount() == 0
    dialog.reject()


def test_all_keys_are_shown_with_their_keys(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_Question)
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    assert dialog.accessibleName() == "All keys"
    rows = window.open_keys().table.rows.rows()
    assert all(row.keys or row.row_id.startswith("heading:") for row in rows)
    assert "Find or run a command, Ctrl K" in [row.said for row in rows]
    for each in (QApplication.activeModalWidget(), dialog):
        if each is not None:
            each.close()


def test_the_command_field_opens_the_list_by_click_and_by_typing(window: MainWindow) -> None:
    field = window.bar.field
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    first = QApplication.activeModalWidget()
    assert first is not None
    first.close()
    QTest.keyClick(field, Qt.Key.Key_A)
    second = QApplication.activeModalWidget()
    assert second is not None
    second.close()
    assert field.text() == ""


def test_the_place_of_the_window_is_remembered(theme: Theme, qtbot: QtBot) -> None:
    memory = Forgetful()
    first = MainWindow(theme, memory, SystemClock())
    qtbot.addWidget(first)
    first.show()
    first.resize(1100, 720)
    first.close()
    second = MainWindow(theme, memory, SystemClock())
    qtbot.addWidget(second)
    assert (second.width(), second.height()) == (1100, 720)


@pytest.mark.parametrize("kept", ["", "no base64 at all ☂", "AAAA"])
def test_a_place_that_cannot_be_read_is_the_designs(theme: Theme, qtbot: QtBot, kept: str) -> None:
    memory = Forgetful()
    memory.set(GEOMETRY, kept)
    window = MainWindow(theme, memory, SystemClock())
    qtbot.addWidget(window)
    room = QGuiApplication.primaryScreen().availableGeometry()
    assert window.width() == max(1100, min(1440, room.width()))


def test_the_theme_switches_at_once_and_is_remembered(window: MainWindow, memory: Forgetful, theme: Theme) -> None:
    dialog = window.open_settings()
    dark = dialog.findChild(QRadioButton, Mode.DARK.value)
    assert isinstance(dark, QRadioButton)
    dark.click()
    assert theme.mode is Mode.DARK
    assert theme.colours.is_dark
    assert memory.get(THEME, "") == "dark"
    assert remembered_mode(memory) is Mode.DARK
    memory.set(THEME, "sepia")
    assert remembered_mode(memory) is Mode.SYSTEM
    dialog.reject()


def test_trouble_is_told_in_a_note_that_can_be_dismissed(window: MainWindow) -> None:
    window.tell_trouble("Something in Clearance went wrong (KeyError).")
    assert window.trouble.isVisible()
    assert "KeyError" in window.trouble.accessibleName()
    window.trouble.activated.emit("dismiss")
    assert not window.trouble.isVisible()


def frame(*connections: ConnectionView, **fields: object) -> Frame:
    made = Frame(connections=connections, is_read=True, identity=Identity(DANA, "3fa8c02e" * 2, is_key_kept=True))
    return replace(made, **fields)  # type: ignore[arg-type]  # fields of a frame


def visible(parent: QWidget) -> list[str]:
    QApplication.processEvents()
    return [
        each.accessibleName() for each in parent.findChildren(QWidget) if each.isVisible() and each.accessibleName()
    ]


def test_the_frame_shows_people_connections_and_decisions(window: MainWindow) -> None:
    add(window, "inbox", [], label="Inbox")
    window.show_frame(frame(connection(), waiting=24, on_their_way={DecisionState.HELD: 1}))
    assert window.rail.item("inbox").accessibleName() == "Inbox 24"
    assert "Dana Kern" in visible(window.rail)
    said = visible(window.status)
    assert any(each.startswith("tower-eu live, ") for each in said)
    assert "Decisions on their way: 1 held · 0 sending · 0 uncertain" in said
    assert not any("in memory" in each for each in said)


def test_a_connection_that_is_down_says_what_to_do(window: MainWindow) -> None:
    down = replace(connection(Health.DOWN), message="Nothing answers.", next_action="Is the server up?")
    window.show_frame(frame(down))
    assert window.status.item("eu").accessibleDescription() == "Nothing answers. Is the server up?"
    window.show_frame(frame())
    assert "No connection yet" in visible(window.status)


def test_a_key_that_is_not_kept_is_said_all_the_time(window: MainWindow) -> None:
    window.show_frame(frame(identity=Identity(DANA, "0" * 16, is_key_kept=False)))
    assert "Signing key in memory for this session" in visible(window.status)


def test_a_request_nobody_serves_is_told_and_harms_nothing() -> None:
    told: list[str] = []
    went: list[object] = []
    navigator = Navigator(told.append)
    navigator.route(OpenInbox, went.append)
    navigator.go(OpenInbox("a"))
    navigator.go(OpenRun(RunRef("s", "r", "c")))
    assert went == [OpenInbox("a")]
    assert told == ["This window has no such screen."]
