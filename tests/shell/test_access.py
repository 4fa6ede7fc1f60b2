"""Everything is reached by Tab and has a name that a screen reader can say, rows of lists too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QHeaderView,
    QLineEdit,
    QWidget,
)

from console.engines.fake.samples import rich_world
from console.qtkit.theme import Theme
from console.screens import OpenConnections, OpenHelp, OpenInbox, OpenRun, OpenRuns, OpenWelcome, Request
from console.shell.settings_parts import PARTS
from tests.screens.stage import until
from tests.screens.windowed import Desktop, desktop, in_window

MOST_TABS = 150
MOST_ROWS = 30
TAB = Qt.FocusPolicy.TabFocus
# Beside them are headers, which are not shown.
ROWS = {QAccessible.Role.Cell, QAccessible.Role.ListItem, QAccessible.Role.TreeItem}
# What takes the focus only as a part of another one, or is Qt's own frame.
INNER = ("qt_spinbox_lineedit", "qt_scrollarea_viewport")


def controls(top: QWidget) -> Iterator[QWidget]:
    """What a person can use just now."""
    for widget in top.findChildren(QWidget):
        is_control = isinstance(widget, (QAbstractButton, QLineEdit, QAbstractItemView, QAbstractSpinBox))
        is_ours = widget.window() is top.window() and widget.objectName() not in INNER
        if is_ours and widget.isVisible() and widget.isEnabled() and (is_control or widget.focusPolicy() & TAB):
            yield widget


def name_of(widget: QWidget) -> str:
    """What a screen reader calls it."""
    return str(QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name))


def called(widget: QWidget) -> str:
    return f"{type(widget).__name__} “{name_of(widget)}” in {type(widget.parentWidget()).__name__}"


def nameless(top: QWidget) -> list[str]:
    """Controls and rows without a name."""
    found = [called(each) for each in controls(top) if not name_of(each).strip()]
    for view in top.findChildren(QAbstractItemView):
        if view.isVisible() and not isinstance(view, QHeaderView):
            said = QAccessible.queryAccessibleInterface(view)
            parts = [said.child(place) for place in range(min(said.childCount(), MOST_ROWS))]
            names = [each.text(QAccessible.Text.Name) for each in parts if each.role() in ROWS]
            assert names or not view.model().rowCount(), called(view)
            found += [f"row {place} of {called(view)}" for place, name in enumerate(names) if not str(name).strip()]
    return found


def tabbed(top: QWidget) -> set[QWidget]:
    """Whatever gets the focus when Tab is pressed again and again."""
    reached: set[QWidget] = set()
    for _ in range(MOST_TABS):
        focus = QApplication.focusWidget() or top
        reached.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    return reached


def out_of_reach(top: QWidget) -> list[str]:
    """Controls that Tab does not come to."""
    reached = tabbed(top)
    return [
        called(each)
        for each in controls(top)
        if each not in reached
        and each.focusPolicy() & TAB
        # One of several that the arrows go through.
        and not (isinstance(each, QAbstractButton) and each.autoExclusive())
        and not (isinstance(each, QAbstractButton) and each.group() is not None)
    ]


def requests(desk: Desktop) -> dict[str, Request]:
    """The way to every screen, and to the form on one of them."""
    item = desk.state.item
    assert item is not None
    assert item.escalation is not None
    return {
        "inbox": OpenInbox(),
        "run": OpenRun(item.escalation.key.run),
        "runs": OpenRuns(),
        "connections": OpenConnections(),
        "new connection": OpenConnections(is_new=True),
        "welcome": OpenWelcome(),
        "help": OpenHelp("inbox"),
    }


def test_every_control_of_every_screen_is_reached_by_tab_and_has_a_name(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def story() -> None:
        async with desktop(theme, tmp_path, rich_world()) as desk:
            await until(lambda: desk.state.item is not None and desk.state.item.escalation is not None)
            for name, request in requests(desk).items():
                desk.hosting.navigator.go(request)
                await desk.settled()
                assert (name, nameless(desk.window)) == (name, [])
                assert (name, out_of_reach(desk.window)) == (name, [])

    in_window(qapp, story())


def test_so_is_every_control_of_what_the_shell_opens(qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    async def story() -> None:
        async with desktop(theme, tmp_path, rich_world()) as desk:
            window = desk.window
            opened: list[QWidget] = [window.open_keys(), *(window.open_settings(part.part_id) for part in PARTS)]
            for dialog in opened:
                dialog.activateWindow()
                await until(lambda dialog=dialog: QApplication.activeWindow() is dialog)
                assert nameless(dialog) == []
                assert out_of_reach(dialog) == []
                dialog.close()
            palette = window.open_commands()
            assert nameless(palette) == []
            palette.close()

    in_window(qapp, story())
