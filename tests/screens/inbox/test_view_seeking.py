"""Searching, saved views and putting off, under real keys in the real window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from console.domain.escalation import Verdict
from console.domain.risk import Risk
from console.engines.fake.server import FakeServer
from console.qtkit.theme import Theme
from console.screens.inbox.listing import Emptiness
from console.screens.inbox.view_name import NameDialog
from tests.screens.inbox.makes import proposal
from tests.screens.inbox.seat import QuickClock
from tests.screens.inbox.test_view import Act, opening, world
from tests.screens.stage import until
from tests.screens.windowed import CONTROL, Desktop, desktop, in_window

K = Qt.Key
Play = Callable[[FakeServer, Act], None]
MENU = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)


@pytest.fixture
def play(qapp: QApplication, theme: Theme, tmp_path: Path) -> Play:
    def run(server: FakeServer, act: Act) -> None:
        async def story() -> None:
            async with desktop(theme, tmp_path, [server], clock=QuickClock()) as opened:
                await act(opened)

        in_window(qapp, story())

    return run


def shown(desk: Desktop) -> list[str]:
    gone = desk.state.listing.gone
    return [row.waiting.title for row in desk.state.listing.rows if row.item_id not in gone]


async def back(desk: Desktop) -> None:
    """Go back to the window, which a menu or a dialog was over."""
    desk.window.activateWindow()
    await until(desk.window.isActiveWindow)


def menu() -> QMenu:
    found = QApplication.activePopupWidget()
    assert isinstance(found, QMenu)
    return found


def test_fields_are_completed_and_what_is_no_field_is_named(play: Play) -> None:
    server, keys = world(opening("one"), opening("two", Risk.HIGH))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        field = desk.view.list.filters.search
        desk.key(K.Key_Slash)
        desk.key(K.Key_D, CONTROL)
        assert "“All” already" in desk.state.notice
        desk.type("ris")
        assert field.offered.isVisible()
        desk.key(K.Key_Down)
        desk.key(K.Key_Return)
        assert field.text() == "risk:"
        desk.type("hi")
        desk.key(K.Key_Down)
        desk.key(K.Key_Tab)
        assert field.text() == "risk:high"
        assert desk.has_focus(field)
        await until(lambda: shown(desk) == ["two"])
        field.setText("risk:high agnet:x")
        await until(lambda: desk.state.listing.problems != ())
        assert "“agnet” is no field" in field.accessibleDescription()
        assert desk.view.list.filters.problem.isVisible()
        server.open(server.start_run(), opening("three", Risk.HIGH, due_in=timedelta(minutes=5)))
        await until(lambda: desk.state.listing.new.count == 1)
        assert "“agnet” is no field" in desk.view.list.filters.problem.text(), "what is new takes no place of it"
        assert shown(desk) == ["two"]
        assert not server.applied()

    play(server, act)


def test_words_that_only_the_item_holds_find_it(play: Play) -> None:
    server, keys = world(
        opening("one", proposal=proposal(arguments={"note": "Kiel harbour"}, schema={})), opening("two")
    )

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_Slash)
        desk.type("harbour")
        await until(lambda: shown(desk) == ["one"])

    play(server, act)


@MENU
def test_a_view_is_saved_under_a_key_and_comes_back(play: Play) -> None:
    server, keys = world(opening("one"), opening("two", Risk.HIGH), opening("three", Risk.HIGH))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.hosting.inbox.seeking.filter(risks={Risk.HIGH})
        await until(lambda: shown(desk) == ["two", "three"])
        assert not any(tab.is_active for tab in desk.state.views)
        desk.key(K.Key_D, CONTROL)
        dialog = desk.window.findChild(NameDialog)
        assert dialog is not None
        await until(lambda: desk.has_focus(dialog.name))
        for name in ("", "Mine"):
            dialog.name.setText(name)
            desk.key(K.Key_Return)
            assert dialog.isVisible()
            assert dialog.said.text() == dialog.save.reason
        dialog.name.clear()
        desk.type("Hot")
        desk.key(K.Key_Return)
        await until(lambda: [tab.view.name for tab in desk.state.views][3:] == ["Hot"])
        await until(lambda: [tab.count for tab in desk.state.views] == [3, 0, 0, 2])
        await back(desk)
        desk.view.focus_list()
        desk.key(K.Key_1)
        await until(lambda: len(shown(desk)) == 3)
        desk.key(K.Key_4)
        await until(lambda: shown(desk) == ["two", "three"])
        assert desk.state.views[3].is_active
        desk.view.list.views.more.click()
        (remove,) = [each for each in menu().actions() if "Remove" in each.text()]
        remove.trigger()
        menu().close()
        assert [tab.view.name for tab in desk.state.views] == ["All", "Mine", "2nd signature"]
        assert not server.applied()

    play(server, act)


@MENU
def test_an_item_is_put_off_and_back_by_its_key_or_in_time(play: Play) -> None:
    server, keys = world(opening("one"), opening("two"), opening("soon"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[0])
        desk.key(K.Key_S)
        assert menu().activeAction() is menu().actions()[0]
        QTest.keyClick(menu(), K.Key_Return)
        await back(desk)
        await until(lambda: shown(desk) == ["two", "soon"])
        assert "Put off until" in desk.state.notice
        await until(lambda: desk.state.listing.snoozed == 1)
        assert desk.view.list.filters.put_off.isVisible()
        desk.view.list.filters.put_off.click()
        await until(lambda: shown(desk) == ["one"])
        await desk.see(keys[0])
        desk.key(K.Key_S)
        await until(lambda: desk.state.emptiness is Emptiness.NOTHING_PUT_OFF)
        desk.key(K.Key_1)
        await until(lambda: sorted(shown(desk)) == ["one", "soon", "two"])
        await desk.see(keys[1])
        desk.hosting.inbox.later.put_off(desk.state.now + timedelta(seconds=4))
        await until(lambda: len(shown(desk)) == 2)
        await until(lambda: desk.state.listing.new.count == 1)
        desk.key(K.Key_N)
        await until(lambda: len(shown(desk)) == 3)
        assert not server.applied()

    play(server, act)


def test_what_is_due_too_soon_stays(play: Play) -> None:
    server = FakeServer("eu")
    key = server.open(server.start_run(), opening("now", due_in=timedelta(minutes=9), verdicts=(Verdict.APPROVE,)))

    async def act(desk: Desktop) -> None:
        await desk.see(key)
        desk.key(K.Key_S)
        assert QApplication.activePopupWidget() is None
        assert "too soon" in desk.state.notice
        assert shown(desk) == ["now"]

    play(server, act)


def test_keys_lead_from_the_search_into_what_it_found_and_back(play: Play) -> None:
    server, keys = world(opening("one"), opening("Huber 1", Risk.HIGH), opening("Huber 2"))

    async def act(desk: Desktop) -> None:
        await desk.see(keys[2])
        field, table = desk.view.list.filters.search, desk.view.list.table
        for key in (K.Key_Return, K.Key_Down):
            desk.key(K.Key_Slash)
            desk.type("Huber")
            desk.key(key)
            await until(lambda: desk.has_focus(table))
            assert shown(desk) == ["Huber 1", "Huber 2"]
            await desk.armed(keys[1])
            assert table.current_id() == keys[1].item_id
            desk.key(K.Key_J)
            assert desk.state.listing.selected_id == keys[2].item_id
        desk.key(K.Key_Slash)
        desk.type("ag")
        assert field.offered.isVisible()
        desk.key(K.Key_Escape)
        assert not field.offered.isVisible()
        assert desk.has_focus(field)
        desk.key(K.Key_Escape)
        assert desk.has_focus(table)
        assert field.text() == "ag"
        desk.key(K.Key_Slash)
        desk.type("nobody")
        desk.key(K.Key_Return)
        await until(lambda: desk.state.emptiness is Emptiness.NO_MATCH)
        assert desk.has_focus(field)
        desk.key(K.Key_L, CONTROL)
        await until(lambda: len(shown(desk)) == 3)
        assert field.text() == ""
        desk.key(K.Key_Escape)
        assert desk.has_focus(table)
        assert not server.applied()

    play(server, act)
