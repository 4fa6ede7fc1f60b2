"""Pill and chip: a state that is told, and a filter that is set.

Invariant: fixed heights; a state is icon and word, its colour comes third; a chip is a checkable button, so keyboard
and screen reader know it.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from console.domain.display import one_line
from console.qtkit.current import colours
from console.qtkit.focus import Ringed
from console.qtkit.fonts import text_width
from console.qtkit.icons import draw_icon
from console.qtkit.marks import Mark
from console.qtkit.paint import draw_box, draw_dashed_box, draw_text
from console.qtkit.tokens import PILL_ICON, Height, Style, Tone

FIXED = QSizePolicy.Policy.Fixed


class Pill(Mark):
    """A state as icon and word in its colour. `is_solid` fills it: for critical risk only."""

    def __init__(
        self, text: str, icon: str, tone: Tone, *, is_solid: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._text, self._icon, self._tone, self._is_solid = one_line(text), icon, tone, is_solid

    def set_state(self, text: str, icon: str, tone: Tone, *, is_solid: bool = False) -> None:
        """Show another state."""
        self._text, self._icon, self._tone, self._is_solid = one_line(text), icon, tone, is_solid
        self.setAccessibleName(self._text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Height 22, as wide as icon and word."""
        return QSize(pill_width(self._text, self._icon), Height.PILL)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        draw_pill(QPainter(self), QPointF(0, 0), self._text, self._icon, self._tone, is_solid=self._is_solid)


def pill_width(text: str, icon: str) -> int:
    """Return the px a pill takes."""
    return round(text_width(one_line(text), Style.SMALL_STRONG)) + (8 + PILL_ICON + 5 if icon else 10) + 10


def draw_pill(painter: QPainter, corner: QPointF, text: str, icon: str, tone: Tone, *, is_solid: bool = False) -> int:
    """Paint a pill with its upper left corner there. Returns its width."""
    c = colours()
    width = pill_width(text, icon)
    outline = c.text(tone) if tone is not Tone.SECOND else c.control
    fill = None if tone in {Tone.LOW, Tone.SECOND} else c.soft(tone)
    ink = c.onfill if is_solid else c.text(tone)
    box = QRectF(corner.x(), corner.y(), width, Height.PILL)
    draw_box(painter, box, Height.PILL / 2, c.critfill if is_solid else fill, None if is_solid else outline)
    x = corner.x() + 10
    if icon:
        draw_icon(painter, icon, ink, corner.x() + 8, corner.y() + (Height.PILL - PILL_ICON) / 2, PILL_ICON)
        x = corner.x() + 8 + PILL_ICON + 5
    draw_text(painter, x, corner.y() + 3, text, Style.SMALL_STRONG, ink)
    return width


class Chip(Ringed, QPushButton):
    """A filter that is on or off. With `has_menu` it opens one instead; with `is_removable` it shows an x when on."""

    ring_radius = Height.CHIP / 2

    def __init__(
        self,
        text: str,
        *,
        icon: str = "",
        tone: Tone = Tone.SECOND,
        has_menu: bool = False,
        is_removable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._label, self._icon, self._tone = one_line(text), icon, tone
        self._has_menu, self._is_removable = has_menu, is_removable
        self.setSizePolicy(FIXED, FIXED)
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(self._label)
        self.toggled.connect(self.updateGeometry)

    def set_label(self, text: str) -> None:
        """Show another label, as when its count changed."""
        self._label = one_line(text)
        self.setAccessibleName(self._label)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Height 24; the check that it shows when on has its room only then."""
        width = 12 + round(text_width(self._label, self._style())) + 12
        width += PILL_ICON + 5 if self._front() else 0
        width += PILL_ICON + 4 if self._back() else 0
        return QSize(width, Height.CHIP)

    def minimumSizeHint(self) -> QSize:
        """Never squeezed."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        c = colours()
        box, radius = QRectF(self.rect()), Height.CHIP / 2
        ink = c.accent if self.isChecked() else c.ink2
        if not self.isEnabled():
            ink = c.ink3
            draw_dashed_box(painter, box, radius, c.control)
        elif self.isChecked():
            draw_box(painter, box, radius, c.selected, c.accent)
        else:
            draw_box(painter, box, radius, c.hover if self.underMouse() else c.surface, c.control)
        x = 12
        top = (Height.CHIP - PILL_ICON) // 2
        if self._front():
            tint = ink if self.isChecked() or not self.isEnabled() else c.text(self._tone)
            draw_icon(painter, self._front(), tint, x - 2, top, PILL_ICON)
            x += PILL_ICON + 3
        x += round(draw_text(painter, x, (Height.CHIP - 16) / 2, self._label, self._style(), ink))
        if self._back():
            draw_icon(painter, self._back(), ink, x + 5, top, PILL_ICON)

    def _style(self) -> Style:
        return Style.SMALL_STRONG if self.isChecked() else Style.SMALL

    def _front(self) -> str:
        return "check" if self.isChecked() and not self._is_removable else self._icon

    def _back(self) -> str:
        if self._is_removable and self.isChecked():
            return "x"
        return "chevron-down" if self._has_menu else ""
