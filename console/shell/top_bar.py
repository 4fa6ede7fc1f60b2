"""The bar at the top of the window: its name, the menus, and the field that finds and runs commands."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from console.domain.language import tr
from console.qtkit.fields import Field
from console.qtkit.keycaps import key_of
from console.qtkit.panes import Edge, Ground, Pane
from console.qtkit.text import Text
from console.qtkit.tokens import Height, Space, Style

COMMAND_WIDTH = 300
NAME_GAP = 10
MIDDLE = Qt.AlignmentFlag.AlignVCenter


class CommandField(Field):
    """Looks like a field and opens the list of commands: a click, or Enter while it has the focus."""

    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Find or run a command"),
            placeholder=tr("Find or run a command"),
            icon="search",
            key=key_of("window.commands"),
            is_small=True,
            parent=parent,
        )
        self.setFixedWidth(COMMAND_WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take every press as the wish to open the list; what is typed goes there."""
        if event.type() is QEvent.Type.MouseButtonPress:
            self.asked.emit()
            return True
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and _types(event):
            self.asked.emit()
            return True
        return False


class TopBar(Pane):
    """Tells ``commands_asked``; menus are made with `menu`."""

    commands_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            Ground.APP, Edge.BOTTOM, is_row=True, margins=(18, 0, Space.CARD, 1), spacing=NAME_GAP, parent=parent
        )
        self.setFixedHeight(Height.MENU_BAR)
        self.menus = QMenuBar()
        self.menus.setNativeMenuBar(False)
        self.menus.setAccessibleName(tr("Menus"))
        self.field = CommandField()
        self.field.asked.connect(self.commands_asked)
        self.box.addWidget(Text("Clearance", Style.STRONG).keep_whole(), 0, MIDDLE)
        self.box.addWidget(self.menus, 1, MIDDLE)
        self.box.addWidget(self.field, 0, MIDDLE)

    def menu(self, title: str, on_open: Callable[[], None], on_closed: Callable[[], None]) -> QMenu:
        """Add a menu at the end."""
        made = self.menus.addMenu(title)
        made.aboutToShow.connect(on_open)
        made.aboutToHide.connect(on_closed)
        return made


def _types(event: QKeyEvent) -> bool:
    return event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} or (
        event.text().isprintable() and bool(event.text())
    )
