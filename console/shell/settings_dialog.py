"""The settings: parts at the left, the chosen one beside them. All of it takes effect at once and is remembered.

Invariant: nothing here needs a button to confirm; each part says what cannot be set and why, and can be put back.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from console.domain.language import tr
from console.qtkit.current import colours
from console.qtkit.icons import draw_icon
from console.qtkit.paint import draw_text
from console.qtkit.panes import Edge, Ground, Pane, Scroll, row
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import ICON, Space, Style
from console.shell.settings_desk import DeskPart
from console.shell.settings_keys import KeysPart
from console.shell.settings_look import LookPart
from console.shell.settings_notices import NoticesPart
from console.shell.settings_parts import PARTS, Part
from console.shell.settings_place import Place
from console.shell.settings_reasons import ReasonsPart

TITLE = tr("Settings")
SIZE = (820, 620)
LIST, ROW, EDGE = 200, 36, 3


MAKERS: dict[str, Callable[[Place], QWidget]] = {
    "look": LookPart,
    "keys": KeysPart,
    "notices": NoticesPart,
    "reasons": ReasonsPart,
    "desk": DeskPart,
}


class SettingsDialog(QDialog):
    """Opened anew each time, at the part of this id where one is named."""

    def __init__(self, place: Place, parent: QWidget, part_id: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(min(SIZE[0], parent.width() - 2 * Space.GRID), min(SIZE[1], parent.height() - 2 * Space.PANE))
        model = RowModel[Part](lambda part: part.part_id, lambda part: part.title)
        self.list = RowTable(model, _draw, lambda *_: ROW, tr("Parts of the settings"), usual_height=ROW)
        self.stack = QStackedWidget()
        self.parts: dict[str, QWidget] = {}
        for part in PARTS:
            made = MAKERS[part.part_id](place)
            made.setAccessibleName(part.title)
            self.parts[part.part_id] = made
            self.stack.addWidget(made if isinstance(made, KeysPart) else Scroll(made))
        self._lay_out()
        self.list.apply(PARTS)
        self.list.current_changed.connect(self._show)
        self.list.set_current(part_id if part_id in self.parts else PARTS[0].part_id)
        self.list.setFocus()

    def _lay_out(self) -> None:
        left = Pane(Ground.SUNKEN, Edge.RIGHT, margins=(0, 0, 1, 0))
        left.setFixedWidth(LIST)
        head = Pane(Ground.SUNKEN, Edge.NONE, margins=(Space.GAP, Space.CARD, Space.GAP, Space.GRID))
        head.box.addWidget(Text(TITLE, Style.SCREEN))
        left.box.addWidget(head)
        left.box.addWidget(self.list, 1)
        box = row(spacing=0)
        box.addWidget(left)
        box.addWidget(self.stack, 1)
        self.setLayout(box)

    def _show(self, part_id: object) -> None:
        place = next((number for number, part in enumerate(PARTS) if part.part_id == part_id), 0)
        self.stack.setCurrentIndex(place)


def _draw(painter: QPainter, rect: QRect, part: Part, look: Look) -> None:
    c = colours()
    painter.fillRect(rect, c.selected if look.is_selected else c.hover if look.is_hovered else c.sunken)
    if look.is_selected:
        painter.fillRect(QRect(rect.x(), rect.y(), EDGE, rect.height()), c.accent)
    ink = c.accent if look.is_selected else c.ink2
    draw_icon(painter, part.icon, ink, rect.x() + Space.GAP, rect.y() + (rect.height() - ICON) // 2)
    style = Style.STRONG if look.is_selected else Style.BODY
    left = rect.x() + Space.GAP + ICON + 10
    draw_text(painter, left, rect.y() + (rect.height() - style.line) / 2, part.title, style, c.ink, rect.right() - left)
