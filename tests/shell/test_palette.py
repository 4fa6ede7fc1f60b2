"""The palette finds everything there is to do, by letters, without the mouse, and does nothing that cannot be done."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QAccessible, QAction
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QMenu

from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from console.qtkit.resources import resource
from console.qtkit.theme import Theme
from console.shell.keys import key_label
from console.shell.matching import match
from console.shell.memory import Forgetful
from console.shell.palette import Hit, Palette, PaletteState, Sources
from console.shell.palette_dialog import PaletteDialog
from console.shell.window import MENUS
from tests.screens.inbox.makes import proposal
from tests.screens.stage import until
from tests.screens.windowed import CONTROL, Desktop, desktop, in_window

K = Qt.Key
SCREENS = ("inbox", "run", "connections", "welcome", "help")


def ranked(typed: str, *texts: str) -> list[str]:
    """The texts that fit, best first."""
    found = [(match(typed, text), text) for text in texts]
    return [text for hit, text in sorted(found, key=lambda each: -(each[0].score if each[0] else 0)) if hit]


def test_whole_words_go_before_beginnings_and_those_before_scattered_letters() -> None:
    assert ranked("run", "Runs of today", "Go on reading under", "Open the run", "Return until now") == [
        "Open the run",
        "Runs of today",
        "Return until now",
        "Go on reading under",
    ]
    assert ranked("gti", "Go to Inbox", "Going nowhere") == ["Go to Inbox"]
    assert ranked("inbox go", "Go to Inbox") == ["Go to Inbox"]
    assert ranked("inbox zebra", "Go to Inbox") == []


def test_letters_found_are_letters_of_the_text_itself() -> None:
    found = match("straße", "İstanbul Straße")
    assert found is not None
    assert sorted(found.places) == list(range(9, 15))
    assert match("a" * 10_000, "a" * 10_000) is not None, "and long ones cost no more"


def menu_of(bar: QAction) -> QMenu:
    menu = bar.menu()
    assert isinstance(menu, QMenu)
    return menu


async def everywhere(desk: Desktop) -> None:
    """Wait until every screen is in the window."""
    await until(lambda: set(SCREENS) <= set(desk.window.names))


def test_every_action_of_every_screen_is_in_a_menu_and_in_the_palette_with_its_key(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def story() -> None:
        async with desktop(theme, tmp_path, [FakeServer("eu")], whole=True) as desk:
            await everywhere(desk)
            table = desk.window.table
            in_menus = {
                action.objectName()
                for bar in desk.window.bar.menus.actions()
                for action in menu_of(bar).actions()
                if not action.isSeparator()
            }
            titles = [bar.text() for bar in desk.window.bar.menus.actions()]
            assert titles == [f"&{title}" for title in MENUS]
            assert len({title[1] for title in titles}) == len(titles), "each has a letter of its own with Alt"
            entries = table.everything()
            assert len(entries) > 50
            assert {entry.action.action_id for entry in entries} == in_menus
            dialog = desk.window.open_commands()
            hits = {hit.hit_id: hit for hit in dialog.palette_of.state.hits}
            for entry in entries:
                if entry.action.action_id == "window.commands":
                    continue
                hit = hits[f"action:{entry.action.action_id}"]
                assert hit.keys == key_label("".join(entry.action.keys[:1])), hit
                assert hit.why_not or (table.is_in_force(entry) and entry.action.can_run()), hit
            page = (resource("help") / "25-keys.md").read_text("utf-8")
            told = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
            assert set(told) <= {each for entry in entries for each in entry.action.keys}, (
                "the help tells no other keys"
            )
            assert len(told) > 5
            dialog.reject()

    in_window(qapp, story())


def test_a_menu_stands_in_groups_and_leaves_out_what_is_for_other_items(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server = FakeServer("eu")
    key = server.open(server.start_run(), Opening(title="Refund Globex", proposal=proposal()))

    async def story() -> None:
        async with desktop(theme, tmp_path, [server]) as desk:
            await desk.armed(key)
            (bar,) = [each for each in desk.window.bar.menus.actions() if each.text() == "&Item"]
            menu = menu_of(bar)
            menu.aboutToShow.emit()
            shown = [each for each in menu.actions() if each.isVisible()]
            names = [each.objectName() for each in shown]
            assert "inbox.approve" in names
            assert not {"inbox.pause", "inbox.rule.first"} & set(names)
            assert sum(each.isSeparator() for each in shown) >= 4
            menu.aboutToHide.emit()
            assert all(each.isVisible() for each in menu.actions())

    in_window(qapp, story())


def test_it_finds_an_item_by_title_or_business_key_and_opens_it_by_keys_alone(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server = FakeServer("eu")
    first = server.open(server.start_run(), Opening(title="Refund Globex", proposal=proposal()))
    second = server.open(server.start_run(business_key="order 4711"), Opening(title="<b>Pay\u202e ACME</b>"))

    async def story() -> None:
        async with desktop(theme, tmp_path, [server], whole=True) as desk:
            await desk.armed(first)
            desk.key(K.Key_K, CONTROL)
            dialog = QApplication.activeModalWidget()
            assert isinstance(dialog, PaletteDialog)
            QTest.keyClicks(dialog.search, "4711")
            await until(lambda: not dialog.palette_of.state.is_reading)
            assert dialog.palette_of.state.hits[0].hit_id == f"item:{second.item_id}", "what is shown goes before"
            assert "\u202e" not in dialog.palette_of.state.hits[0].text
            assert dialog.table.current_id() == f"item:{second.item_id}"
            QTest.keyClick(dialog.search, K.Key_Return)
            await until(lambda: desk.state.listing.selected_id == second.item_id)
            assert not dialog.isVisible()
            assert server.arrived == []

    in_window(qapp, story())


def test_it_finds_a_run_in_which_nothing_waits_by_its_key(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    server = FakeServer("eu")
    ref = server.start_run("close-es05", business_key="2026-10 / ES05", title="Month-end close")
    server.start_run(business_key="2026-10 / NL04")

    async def story() -> None:
        async with desktop(theme, tmp_path, [server], whole=True) as desk:
            desk.key(K.Key_K, CONTROL)
            dialog = QApplication.activeModalWidget()
            assert isinstance(dialog, PaletteDialog)
            QTest.keyClicks(dialog.search, "es05")
            await until(lambda: not dialog.palette_of.state.is_reading)
            runs = [hit for hit in dialog.palette_of.state.hits if hit.hit_id.startswith("run:")]
            assert [hit.text for hit in runs] == ["2026-10 / ES05 · Month-end close"]
            QTest.keyClick(dialog.search, K.Key_Return)
            await until(lambda: desk.window.front == "run")
            assert desk.hosting.run.state.ref == ref

    in_window(qapp, story())


def test_what_cannot_be_done_says_why_and_enter_does_not_do_it(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    server = FakeServer("eu")
    key = server.open(server.start_run(), Opening(proposal=proposal()))

    async def story() -> None:
        async with desktop(theme, tmp_path, [server], whole=True) as desk:
            await everywhere(desk)
            await desk.armed(key)
            dialog = desk.window.open_commands()
            QTest.keyClick(dialog.search, K.Key_Return)
            assert dialog.isVisible(), "before anything is typed nothing is chosen"
            for typed, why in (("retry", "cannot be settled"), ("add a connection", "Works in Connections.")):
                dialog.search.setText(typed)
                chosen = dialog.palette_of.hit(dialog.table.current_id())
                assert chosen is not None
                assert why in chosen.why_not
                assert why in dialog.search.accessibleDescription()
                QTest.keyClick(dialog.search, K.Key_Return)
                assert dialog.isVisible()
            assert desk.window.front == "inbox"
            dialog.search.setText("claim")
            QTest.keyClick(dialog.search, K.Key_Return)
            again = desk.window.open_commands()
            assert again.palette_of.state.hits[0].kind == "Recent"
            assert again.palette_of.state.hits[0].hit_id == "action:inbox.claim"
            again.reject()

    in_window(qapp, story())


def test_its_rows_are_read_out_with_key_and_reason_and_its_model_is_sound(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def story() -> None:
        async with desktop(theme, tmp_path, [FakeServer("eu")], whole=True) as desk:
            await everywhere(desk)
            dialog = desk.window.open_commands()
            tester = QAbstractItemModelTester(dialog.table.rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
            for typed in ("", "r", "re", "rej", "zzz", "help", ""):
                dialog.search.setText(typed)
            rows = QAccessible.queryAccessibleInterface(dialog.table)
            said = {rows.child(place).text(QAccessible.Text.Name) for place in range(dialog.table.rows.rowCount())}
            assert "Settings…, File, Ctrl ," in said
            assert any(each.startswith("Approve, Item, A, not now: ") for each in said)
            assert dialog.table.rows.rowCount(QModelIndex()) > 50
            tester.deleteLater()
            dialog.reject()

    in_window(qapp, story())


def test_it_finds_things_by_other_words_and_says_calmly_when_it_finds_none(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def story() -> None:
        async with desktop(theme, tmp_path, [FakeServer("eu")]) as desk:
            dialog, keys = desk.window.open_commands(), desk.window.open_keys()
            for typed, text in (
                ("snooze", "Put off…, or have back"),
                ("later", "Put off…, or have back"),
                ("history", "All decided…"),
                ("receipt", "All decided…"),
                ("log", "Open the full trail"),
                ("shortcuts", "All keys"),
            ):
                dialog.search.setText(typed)
                assert text in [hit.text for hit in dialog.palette_of.state.hits], typed
                keys.search.setText(typed)
                assert text in [row.text for row in keys.table.rows.rows()], typed
            await until(lambda: not dialog.palette_of.state.is_reading)
            for opened in (dialog, keys):
                top = opened.search.mapTo(opened, QPoint()).y()
                opened.search.setText("zzzz")
                await desk.settled()
                assert opened.search.mapTo(opened, QPoint()).y() == top
            keys.search.clear()
            for _ in range(4):
                QTest.keyClick(keys.search, K.Key_PageDown)
            assert keys.table.verticalScrollBar().value() > 0
            assert keys.table.current_id() is not None
            keys.reject()
            dialog.reject()

    in_window(qapp, story())


@pytest.mark.parametrize("kept", ["[1]", "{", "[" * 20_000, '"x"'])
def test_a_late_answer_for_other_words_is_not_shown(kept: str) -> None:
    memory = Forgetful()
    memory.set("palette.recent", kept)
    asked: dict[str, asyncio.Event] = {}
    states: list[PaletteState] = []

    async def slow(typed: str) -> Sequence[Hit]:
        asked[typed] = asyncio.Event()
        await asyncio.wait_for(asked[typed].wait(), 10)
        return [Hit(hit_id=typed, kind="Item", text=typed, run=lambda: None)]

    async def story() -> None:
        started: list[asyncio.Task[None]] = []

        def ask(work: Coroutine[Any, Any, None]) -> None:
            started.append(asyncio.get_running_loop().create_task(work))

        palette = Palette(Sources(_nothing, (), (slow,)), ask, memory, states.append)
        palette.on_typed("first")
        await until(lambda: "first" in asked)
        palette.on_typed("second")
        asked["first"].set()
        await until(lambda: "second" in asked)
        assert all(not state.hits for state in states)
        asked["second"].set()
        await until(lambda: not palette.state.is_reading)
        assert [hit.hit_id for hit in palette.state.hits] == ["second"]
        await asyncio.gather(*started)

    asyncio.run(story())


def _nothing() -> list[Hit]:
    return []
