"""Keys bound anew: they lead where a person says, never to two things, and deciding stays as safe as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from console.engines.fake.record import Opening
from console.engines.fake.samples import rich_world
from console.engines.fake.server import FakeServer
from console.qtkit.buttons import Button
from console.qtkit.keycaps import MARK, key_of, label_of
from console.qtkit.marks import KeyCap
from console.qtkit.theme import Theme
from console.screens import Action, OpenConnections, OpenInbox, OpenRun
from console.shell.bindings import NAME, Bindings, overlap, refusal, settled
from console.shell.memory import Forgetful
from console.shell.settings_dialog import SettingsDialog
from console.shell.settings_keys import KeysPart
from tests.screens.inbox.makes import proposal
from tests.screens.inbox.seat import QuickClock
from tests.screens.stage import until
from tests.screens.windowed import CONTROL, PLAIN, Desktop, desktop, in_window

K = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


def action(name: str, *keys: str) -> Action:
    return Action(action_id=name, text=name, run=lambda: None, keys=keys)


def test_a_chosen_key_goes_before_the_one_that_came_with_another_and_comes_back_when_it_is_put_back() -> None:
    bindings = Bindings(Forgetful())
    approve, reject, elsewhere = action("approve", "A"), action("reject", "R"), action("archive", "R")
    known = [("inbox", approve), ("inbox", reject), ("run", elsewhere)]
    bindings.bind(approve, "R")
    assert settled(known, bindings) == {
        ("inbox", "approve"): ("R",),
        ("inbox", "reject"): (),
        ("run", "archive"): ("R",),
    }
    bindings.reset("approve")
    assert settled(known, bindings)["inbox", "reject"] == ("R",)


def test_a_key_that_begins_a_sequence_hides_it() -> None:
    assert overlap("G", "G, I")
    assert overlap("G, I", "G")
    assert not overlap("G, I", "G, R")
    assert not overlap("I", "G, I")
    bindings = Bindings(Forgetful())
    go, act = action("go", "G, I"), action("act", "A")
    bindings.bind(act, "G")
    assert settled([("", go), ("inbox", act)], bindings)["", "go"] == ()


@pytest.mark.parametrize(
    "kept",
    [
        *("", "[", "[]", "7", "[" * 50_000, '{"approve": 5}', '{"approve": "Esc"}', '{"approve": "\\u0000"}'),
        *(json.dumps({"approve": "A" * 500}), '{"approve": "A, B, C"}', '{"approve": null}'),
    ],
)
def test_what_was_kept_and_makes_no_sense_is_as_if_it_were_not_there(kept: str) -> None:
    memory = Forgetful()
    memory.set(NAME, kept)
    approve = action("approve", "A")
    assert settled([("inbox", approve)], Bindings(memory)) == {("inbox", "approve"): ("A",)}


@pytest.mark.parametrize("keys", ["Esc", "Return", "Tab", "Up", "Space", "Ctrl+C", "G, Esc", "A, B, C"])
def test_keys_that_fields_and_lists_need_are_refused(keys: str) -> None:
    assert refusal(keys)


def keys_part(dialog: SettingsDialog) -> KeysPart:
    part = dialog.parts["keys"]
    assert isinstance(part, KeysPart)
    return part


def press(widget: QWidget, *keys: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    for key in keys:
        QTest.keyClick(widget, key, modifier)


def bind(desk: Desktop, action_id: str, *keys: Qt.Key, enters: int = 1) -> KeysPart:
    """Give an action a key in the settings, by keys alone; the settings stay open."""
    desk.key(K.Key_Comma, CONTROL)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, SettingsDialog)
    dialog.list.set_current("keys")
    part = keys_part(dialog)
    part.table.set_current(action_id)
    press(part.table, K.Key_Return)
    press(part.field, *keys)
    press(part.field, *[K.Key_Return] * enters)
    return part


async def left(desk: Desktop) -> None:
    """Close the settings, and have the keys back in the window."""
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    dialog.close()
    desk.window.activateWindow()
    await until(lambda: QApplication.activeWindow() is desk.window)
    desk.view.focus_list()


def test_a_bound_key_approves_armed_and_once_and_the_old_one_does_nothing(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server = FakeServer("eu")
    key = server.open(server.start_run(), Opening(proposal=proposal()))
    other = server.open(server.start_run(), Opening(proposal=proposal()))

    async def story() -> None:
        async with desktop(theme, tmp_path, [server], clock=QuickClock()) as desk:
            await desk.see(key)
            bind(desk, "inbox.approve", K.Key_Q)
            await left(desk)
            approve = next(each for each in desk.view.bar.findChildren(Button) if each.accessibleName() == "Approve")
            assert label_of(approve._key) == "Q"  # noqa: SLF001 - what the cap shows is painted, not told
            await desk.armed(key)
            desk.key(K.Key_A)
            await desk.settled()
            assert not server.arrived
            assert not await desk.stage.desk.decisions()
            desk.hold(K.Key_Q)
            await desk.settled()
            assert not await desk.stage.desk.decisions(), "a key held down decides nothing"
            desk.key(K.Key_Q)
            desk.key(K.Key_Q)
            await until(lambda: bool(server.arrived))
            assert [done.key for done in server.arrived] == [key], "the second press met an item that is not armed"
            assert not server.applied(other)

    in_window(qapp, story())


def test_a_taken_key_is_given_after_it_was_said_from_what_and_all_is_put_back(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server = FakeServer("eu")
    key = server.open(server.start_run(), Opening(proposal=proposal()))

    async def story() -> None:
        async with desktop(theme, tmp_path, [server]) as desk:
            await desk.armed(key)
            part = bind(desk, "inbox.claim", K.Key_A, enters=1)
            assert "A is the key of “Approve”" in part.told.text()
            assert label_of(key_of("inbox.approve")) == "A", "one Enter only says so"
            press(part.field, K.Key_Return)
            assert label_of(key_of("inbox.claim")) == "A"
            assert label_of(key_of("inbox.approve")) == ""
            part.table.set_current("inbox.skip")
            press(part.field, K.Key_X, K.Key_Escape, K.Key_G)
            assert "Go to Inbox" in part.told.text(), "it would hide every key that begins with it"
            press(part.field, K.Key_Backspace, K.Key_Q, K.Key_Question)
            assert part.field.keys == "Q, ?"
            press(part.field, K.Key_Return)
            assert label_of(key_of("inbox.skip")) == "Q then ?"
            part.table.set_current("inbox.next")
            part.none.click()
            assert label_of(key_of("inbox.next")) == ""
            part.reset.click()
            assert label_of(key_of("inbox.next")) == "J"
            part.reset_all.click()
            assert label_of(key_of("inbox.approve")) == "A"
            assert label_of(key_of("inbox.claim")) == "C"
            assert part.reset_all.reason
            await left(desk)

    in_window(qapp, story())


# They belong to lists and forms, and are not given away.
HELD = {"Esc", "Enter", "Ctrl Enter", "0"}


def literal_caps(desk: Desktop) -> list[str]:
    """Caps that show a letter of their own, whatever key the action has."""
    found = []
    for widget in desk.window.findChildren(QWidget):
        key = widget._label if isinstance(widget, KeyCap) else getattr(widget, "_key", "")  # noqa: SLF001 - painted
        if isinstance(key, str) and key and not key.startswith(MARK) and key not in HELD:
            found.append(f"{key} on {type(widget).__name__}")
    return found


def test_every_cap_on_every_screen_follows_its_action(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    async def story() -> None:
        async with desktop(theme, tmp_path, rich_world(), whole=True) as desk:
            await until(lambda: {"inbox", "run", "connections", "welcome", "help"} <= set(desk.window.names))
            await until(lambda: desk.state.item is not None and desk.state.item.escalation is not None)
            item = desk.state.item
            assert item is not None
            assert item.escalation is not None
            for request in (OpenRun(item.escalation.key.run), OpenConnections(), OpenInbox()):
                desk.hosting.navigator.go(request)
                await desk.settled()
            names = {entry.action.action_id for entry in desk.window.table.everything()}
            marks = {
                key.removeprefix(MARK)
                for widget in desk.window.findChildren(QWidget)
                if isinstance(key := getattr(widget, "_key", ""), str) and key.startswith(MARK)
            }
            assert marks - names == set(), "each leads to an action that is there"
            assert len(marks) > 8
            # The name to be typed is shown as if it were a key.
            typed = f"{desk.state.bar.name_to_type} on KeyCap"
            assert [each for each in literal_caps(desk) if each != typed] == []

    in_window(qapp, story())
