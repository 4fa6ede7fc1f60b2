"""Buttons: icon, label and key cap in one flat shape.

Invariant: a button never moves or changes size when it is armed, blocked or freed. One that cannot be used says why, in
its tooltip and to a screen reader. The key cap only shows a key; the action that the button stands for owns it.
"""

from __future__ import annotations

import enum

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from console.domain.display import one_line
from console.qtkit.current import colours
from console.qtkit.focus import Ringed
from console.qtkit.fonts import text_width
from console.qtkit.icons import draw_icon
from console.qtkit.keycaps import label_of, watch
from console.qtkit.paint import draw_box, draw_dashed_box, draw_key, draw_text, key_width, tip
from console.qtkit.tokens import ICON, PILL_ICON, Colours, Height, Radius, Style

PADDING = 12
SMALL_PADDING = 8
GAP = 8
SMALL_GAP = 6


class Kind(enum.Enum):
    """What pressing it means."""

    PRIMARY = "primary"
    NORMAL = "normal"
    OUTLINED = "outlined"
    DANGER = "danger"
    FLAT = "flat"


class Button(Ringed, QPushButton):
    """A push button of the kit. `key` is the label of a key cap; `has_menu` shows a chevron at the end."""

    ring_radius = Radius.CONTROL

    def __init__(
        self,
        text: str = "",
        icon: str = "",
        key: str = "",
        kind: Kind = Kind.NORMAL,
        *,
        is_small: bool = False,
        has_menu: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._label = one_line(text)
        self._icon = icon
        self._key = key
        self._is_cap_shown = True
        self._kind = kind
        self._is_small = is_small
        self._has_menu = has_menu
        self._is_armed = True
        self._reason = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAutoDefault(False)
        self.set_label(text)
        watch(self, key)

    def set_label(self, text: str, icon: str | None = None) -> None:
        """Show another label, and another icon if one is given."""
        self._label = one_line(text)
        self._icon = self._icon if icon is None else icon
        self.setAccessibleName(self._label or self._icon.replace("-", " "))
        self.updateGeometry()
        self.update()

    def set_kind(self, kind: Kind) -> None:
        """Change what it means; the size stays."""
        self._kind = kind
        self.update()

    def set_key(self, key: str) -> None:
        """Show the key of something else."""
        if key == self._key:
            return
        self._key = key
        watch(self, key)
        self.show_key()

    def set_cap_shown(self, is_shown: bool) -> None:
        """Leave the key cap out where there is no room for it; the key goes on to work."""
        if self._is_cap_shown != is_shown:
            self._is_cap_shown = is_shown
            self.show_key()

    def show_key(self) -> None:
        """Make room for its key as it is bound now."""
        self.updateGeometry()
        self.update()

    def set_blocked(self, reason: str) -> None:
        """Take the button out of use and say why; an empty reason frees it."""
        self._reason = reason
        self.setEnabled(not reason)
        self.setToolTip(tip(reason))
        self.setAccessibleDescription(reason)
        self.update()

    def set_armed(self, is_armed: bool) -> None:
        """Show a primary button filled when its key works, outlined while it does not yet."""
        self._is_armed = is_armed
        self.update()

    @property
    def key(self) -> str:
        """What stands on its key cap, or the mark of the action whose key does."""
        return self._key

    @property
    def reason(self) -> str:
        """Why it cannot be used; empty when it can."""
        return self._reason

    def sizeHint(self) -> QSize:
        """The size of all it shows."""
        height = Height.SMALL_CONTROL if self._is_small else Height.CONTROL
        padding, gap = self._room()
        parts = self._widths()
        if not self._label and not self._has_cap() and len(parts) == 1:
            return QSize(height, height)
        end = padding - 4 if self._has_cap() or self._has_menu else padding
        return QSize(round(padding + sum(parts) + gap * (len(parts) - 1) + end), height)

    def minimumSizeHint(self) -> QSize:
        """A button is never squeezed."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint shape, icon, label and key."""
        painter = QPainter(self)
        c = colours()
        fill, outline, ink = self._look(c)
        box = QRectF(self.rect())
        if self.isEnabled():
            draw_box(painter, box, Radius.CONTROL, fill, outline)
        elif self._kind is not Kind.FLAT:
            draw_dashed_box(painter, box, Radius.CONTROL, c.control)
        self._draw_parts(painter, ink, c)

    def _draw_parts(self, painter: QPainter, ink: str, c: Colours) -> None:
        _, gap = self._room()
        style = self._style()
        middle = self.height() / 2
        x = round((self.width() - (sum(self._widths()) + gap * (len(self._widths()) - 1))) / 2)
        if self._label or self._has_cap():
            x = self._room()[0]
        if self._icon:
            size = self._icon_size()
            draw_icon(painter, self._icon, ink, x, round(middle - size / 2), size)
            x += size + gap
        if self._label:
            draw_text(painter, x, round(middle - style.line / 2), self._label, style, ink)
            x += round(text_width(self._label, style)) + gap
        if self._has_cap():
            is_filled = self.isEnabled() and self._kind is Kind.PRIMARY and self._is_armed
            cap = c.onfill if is_filled else {Kind.NORMAL: c.ink2}.get(self._kind, ink)
            outline = cap if self.isEnabled() and self._kind is not Kind.NORMAL else c.control
            x += round(draw_key(painter, x, middle, self._key, cap if self.isEnabled() else c.ink3, outline)) + gap
        if self._has_menu:
            draw_icon(painter, "chevron-down", ink, x, round(middle - PILL_ICON / 2), PILL_ICON)

    def _look(self, c: Colours) -> tuple[str | None, str | None, str]:
        """Return fill, outline and ink."""
        if not self.isEnabled():
            return None, c.control, c.ink3
        is_touched = self.underMouse() or self.isDown()
        plain = c.hover if is_touched else c.surface
        if self._kind is Kind.PRIMARY and self._is_armed:
            return c.accentfill, c.ink if self.isDown() else None, c.onfill
        if self._kind in {Kind.PRIMARY, Kind.OUTLINED}:
            return plain, c.accent, c.accent
        if self._kind is Kind.DANGER:
            return plain, c.crit, c.crit
        if self._kind is Kind.FLAT:
            return (c.hover if is_touched else None), None, c.accent if self._label else c.ink2
        return plain, c.control, c.ink

    def _has_cap(self) -> bool:
        return self._is_cap_shown and bool(label_of(self._key))

    def _room(self) -> tuple[int, int]:
        """Return padding and gap."""
        return (SMALL_PADDING, SMALL_GAP) if self._is_small else (PADDING, GAP)

    def _icon_size(self) -> int:
        return PILL_ICON if self._is_small else ICON

    def _style(self) -> Style:
        if self._is_small:
            return Style.SMALL_LABEL
        return Style.STRONG if self._kind is Kind.PRIMARY else Style.LABEL

    def _widths(self) -> list[float]:
        parts: list[float] = []
        if self._icon:
            parts.append(self._icon_size())
        if self._label:
            parts.append(round(text_width(self._label, self._style())))
        if self._has_cap():
            parts.append(round(key_width(self._key)))
        if self._has_menu:
            parts.append(PILL_ICON)
        return parts
