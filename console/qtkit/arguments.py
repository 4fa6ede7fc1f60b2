"""The named arguments of what a person is about to sign.

Invariant: nothing is left out silently. A value that does not fit its column takes a row of its own and wraps, and one
that is cut after `MAX_LINES` is named by `cut()` and ends in a link that asks for the whole. Values are plain text in
the data font, copied as they came.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QMenu, QSizePolicy, QWidget

from console.domain.language import tr
from console.qtkit.current import colours
from console.qtkit.fonts import text_width
from console.qtkit.layout import Laid, lay_out
from console.qtkit.paint import draw_box, draw_text
from console.qtkit.tokens import Height, Radius, Style, Tone
from console.qtkit.words import spans

MAX_LINES = 8
COLUMN_WIDTH = 208
KEY_SHARE = 0.42
KEY_MAX = 160
GAP = 12
NO_CELL = -1


@dataclass(frozen=True, slots=True)
class Argument:
    """One named argument. `is_strong` marks the one that matters, as the amount."""

    name: str
    value: str
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """Where one argument stands: its number, corner, the width of its name, and its laid-out value."""

    number: int
    x: float
    y: float
    name_width: float
    value: Laid


class ArgumentGrid(QWidget):
    """Arguments in as many columns as fit; a long value takes a row of its own and wraps.

    Keyboard: up and down choose an argument, Ctrl+C copies its value as it came, Enter asks for the whole of a cut one
    (`opened` with its name).
    """

    opened = Signal(str)

    def __init__(
        self, arguments: Sequence[Argument] = (), name: str = tr("Arguments"), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._arguments: tuple[Argument, ...] = ()
        self._current = NO_CELL
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # Not Fixed: a layout would hold it to the height for two columns, and hide what wraps below.
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_arguments(arguments)

    def set_arguments(self, arguments: Sequence[Argument]) -> None:
        """Show these arguments, in this order down the columns."""
        self._arguments = tuple(arguments)
        self._current = NO_CELL
        self.setAccessibleName(self._name)
        self.setAccessibleDescription(", ".join(f"{each.name} {each.value[:200]}" for each in self._arguments))
        self.updateGeometry()
        self.update()

    def cut(self) -> tuple[str, ...]:
        """Names of the arguments that are not shown in full at the present width."""
        placed, _ = self._place(self.width())
        return tuple(self._arguments[each.number].name for each in placed if each.value.is_cut)

    def sizeHint(self) -> QSize:
        """Two columns."""
        return QSize(2 * COLUMN_WIDTH, self.heightForWidth(2 * COLUMN_WIDTH))

    def minimumSizeHint(self) -> QSize:
        """One column."""
        return QSize(COLUMN_WIDTH // 2, Height.ARGUMENT_ROW)

    def hasHeightForWidth(self) -> bool:
        """It wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at this width."""
        return self._place(width)[1]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint names and values."""
        painter = QPainter(self)
        c = colours()
        for each in self._place(self.width())[0]:
            if self.hasFocus() and each.number == self._current:
                box = QRectF(each.x - 4, each.y, each.name_width + each.value.width + 8, each.value.height + 2)
                draw_box(painter, box, Radius.KEY, c.selected, c.accent)
            argument = self._arguments[each.number]
            draw_text(painter, each.x, each.y + 1, argument.name, Style.ROW, c.ink2, each.name_width - GAP)
            each.value.draw(painter, each.x + each.name_width, each.y + 1)
            if each.value.is_cut:
                top = each.y + each.value.height + 1
                draw_text(painter, each.x + each.name_width, top, self._ask(argument), Style.ROW, c.accent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose, copy, or ask for the whole."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and self._arguments:
            self._current = max(0, min(len(self._arguments) - 1, self._current + step))
            self.update()
        elif event.matches(QKeySequence.StandardKey.Copy) and self._current != NO_CELL:
            QApplication.clipboard().setText(self._arguments[self._current].value)
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._current != NO_CELL:
            self.opened.emit(self._arguments[self._current].name)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the whole of a cut value when its link is pressed."""
        hit = self._at(event.position())
        if hit is not None and hit.value.is_cut and event.position().y() > hit.y + hit.value.height:
            self.opened.emit(self._arguments[hit.number].name)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy what is under the pointer, as it came."""
        hit = self._at(QPointF(event.pos()))
        if hit is None:
            return
        argument = self._arguments[hit.number]
        menu = QMenu(self)
        menu.addAction(tr("Copy value")).triggered.connect(lambda: QApplication.clipboard().setText(argument.value))
        menu.popup(event.globalPos())

    def _ask(self, argument: Argument) -> str:
        return tr("Show all {count:,} characters", count=len(argument.value))

    def _at(self, point: QPointF) -> Placed | None:
        for each in self._place(self.width())[0]:
            bottom = each.y + each.value.height + (Height.ARGUMENT_ROW if each.value.is_cut else 2)
            right = each.x + each.name_width + max(each.value.width, COLUMN_WIDTH / 2)
            if each.x <= point.x() <= right and each.y <= point.y() < bottom:
                return each
        return None

    def _place(self, width: int) -> tuple[list[Placed], int]:
        """Return where everything stands at this width, and the height of it all."""
        columns = max(1, min(3, width // COLUMN_WIDTH)) if len(self._arguments) > 1 else 1
        cell = width / columns
        name_width = min(KEY_MAX, math.floor(cell * KEY_SHARE))
        room = cell - name_width - GAP
        short = [number for number, each in enumerate(self._arguments) if self._is_short(each, room)]
        depth = math.ceil(len(short) / columns)
        placed = [
            Placed(
                number,
                (place // depth) * cell,
                (place % depth) * Height.ARGUMENT_ROW,
                name_width,
                self._laid(self._arguments[number], room),
            )
            for place, number in enumerate(short)
        ]
        y = depth * Height.ARGUMENT_ROW
        for number, argument in enumerate(self._arguments):
            if number not in set(short):
                laid = self._laid(argument, width - name_width - 1)
                placed.append(Placed(number, 0, y, name_width, laid))
                y += laid.height + (Style.ROW.line if laid.is_cut else 0) + 2
        return placed, y

    def _is_short(self, argument: Argument, room: float) -> bool:
        return "\n" not in argument.value and text_width(argument.value[:200], Style.DATA_STRONG) <= room

    def _laid(self, argument: Argument, room: float) -> Laid:
        style = Style.DATA_STRONG if argument.is_strong else Style.DATA
        return lay_out(spans(argument.value or "(empty)"), style, Tone.INK, colours(), max(20.0, room), MAX_LINES)
