"""One table of actions: keys act for the screen in front alone, and never twice for one press."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from console.qtkit.theme import Theme
from console.screens import Action
from console.shell.actions import ActionTable, escaped
from console.shell.keys import key_label

PLAIN = Qt.KeyboardModifier.NoModifier


class Bench:
    """A window with a field, and a table whose actions note that they ran."""

    def __init__(self, theme: Theme, qtbot: QtBot) -> None:
        self.ran: list[str] = []
        self.window = QMainWindow()
        inner = QWidget()
        inner.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.inner = inner
        self.field = QLineEdit(inner)
        self.window.setCentralWidget(inner)
        self.table = ActionTable(theme, self.window)
        qtbot.addWidget(self.window)
        self.window.show()
        self.inner.setFocus()

    def add(self, name: str, keys: str, screen_id: str = "", *, is_repeating: bool = False) -> None:
        action = Action(
            action_id=name,
            text=name,
            run=lambda: self.ran.append(name),
            keys=(keys,),
            is_repeating=is_repeating,
            menu="Item",
        )
        self.window.addActions(list(self.table.add([action], screen_id)))


@pytest.fixture
def bench(theme: Theme, qtbot: QtBot) -> Bench:
    return Bench(theme, qtbot)


def hold(widget: QWidget, key: Qt.Key, text: str) -> None:
    for _ in range(4):
        QTest.simulateEvent(widget, True, key, PLAIN, text, True)  # type: ignore[call-overload,unused-ignore]  # not in the stubs


def test_a_key_acts_for_the_screen_in_front_alone(bench: Bench) -> None:
    bench.add("approve", "A", "inbox")
    bench.add("archive", "A", "run")
    for screen_id in ("inbox", "run", "inbox"):
        bench.table.bring_to_front(screen_id)
        QTest.keyClick(bench.inner, Qt.Key.Key_A)
    assert bench.ran == ["approve", "archive", "approve"]


def test_two_actions_in_force_may_not_share_a_key(bench: Bench) -> None:
    bench.add("settings", "A")
    bench.add("approve", "A", "inbox")
    with pytest.raises(ValueError, match="approve and settings share the key A"):
        bench.table.bring_to_front("inbox")


def test_a_held_key_repeats_only_where_moving(bench: Bench) -> None:
    bench.add("approve", "A")
    bench.add("next", "J", is_repeating=True)
    hold(bench.inner, Qt.Key.Key_A, "a")
    hold(bench.inner, Qt.Key.Key_J, "j")
    assert bench.ran == ["next"] * 4


def test_letters_typed_into_a_field_stay_there(bench: Bench) -> None:
    bench.add("approve", "A")
    bench.field.setFocus()
    QTest.keyClicks(bench.field, "aaa")
    assert bench.ran == []
    assert bench.field.text() == "aaa"


def test_two_keys_in_a_row_are_one_action(bench: Bench) -> None:
    bench.add("inbox", "G, I")
    bench.add("reject", "R")
    QTest.keyClick(bench.inner, Qt.Key.Key_G)
    QTest.keyClick(bench.inner, Qt.Key.Key_I)
    QTest.keyClick(bench.inner, Qt.Key.Key_R)
    assert bench.ran == ["inbox", "reject"]


def test_a_menu_greys_what_cannot_be_done_and_frees_the_keys_again(bench: Bench) -> None:
    can = [False]
    action = Action(
        action_id="undo",
        text="Undo",
        run=lambda: bench.ran.append("undo"),
        keys=("U",),
        menu="Edit",
        can_run=lambda: can[0],
    )
    made = bench.table.add([action])[0]
    bench.window.addAction(made)
    bench.table.show_whether_possible("Edit")
    assert not made.isEnabled()
    bench.table.free()
    QTest.keyClick(bench.inner, Qt.Key.Key_U)
    assert bench.ran == ["undo"], "the handler itself says why it cannot act"
    can[0] = True
    bench.table.show_whether_possible("Edit")
    assert made.isEnabled()


def test_the_front_screen_comes_first_in_the_list_of_commands(bench: Bench) -> None:
    bench.add("quit", "Q")
    bench.add("approve", "A", "inbox")
    bench.add("archive", "A", "run")
    bench.table.bring_to_front("inbox")
    assert [entry.action.action_id for entry in bench.table.in_force()] == ["approve", "quit"]


@pytest.mark.parametrize(
    ("keys", "label"),
    [("A", "A"), ("Ctrl+K", "Ctrl K"), ("G, I", "G then I"), ("Ctrl+,", "Ctrl ,"), ("?", "?"), ("Shift+X", "Shift X")],
)
def test_keys_are_written_for_people(keys: str, label: str) -> None:
    assert key_label(keys) == label


def test_an_ampersand_is_no_mnemonic() -> None:
    assert escaped("Profit & loss") == "Profit && loss"
