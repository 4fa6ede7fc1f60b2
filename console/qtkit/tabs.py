"""Underlined tabs with counts, and the items of the left rail.

Invariant: exactly one is chosen; arrows move among them, Tab goes past them; nothing shifts when the choice changes,
since each has room for its label in 600.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from console.domain.display import one_line
from console.qtkit.current import colours
from console.qtkit.focus import Ringed
from console.qtkit.fonts import text_width
from console.qtkit.icons import draw_icon
from console.qtkit.keycaps import watch
from console.qtkit.paint import draw_box, draw_key, draw_text, elided, key_width
from console.qtkit.panes import row
from console.qtkit.tokens import PILL_ICON, RAIL_ICON, Height, Radius, Style, Tone, Width

FIXED = QSizePolicy.Policy.Fixed
GAP = 6
UNDERLINE = 2
TAB_GAP = 20
BADGE_HEIGHT = 16


@dataclass(frozen=True, slots=True)
class TabSpec:
    """One tab: its id, label, and optionally a count or note, the icon before that note, and a key."""

    tab_id: str
    text: str
    note: str = ""
    note_icon: str = ""
    note_tone: Tone = Tone.QUIET
    key: str = ""


class TabButton(Ringed, QPushButton):
    """One tab. Made by `Tabs`."""

    ring_radius = Radius.KEY

    def __init__(self, spec: TabSpec, height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self._height = height
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(FIXED, FIXED)
        self.show_spec(spec)

    def show_spec(self, spec: TabSpec) -> None:
        """Show another label or count."""
        self.spec = spec
        watch(self, spec.key)
        self.setAccessibleName(one_line(f"{spec.text} {spec.note}".strip()))
        self.updateGeometry()
        self.update()

    def show_key(self) -> None:
        """Make room for its key as it is bound now."""
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """The tab's height, and room for the label in 600."""
        return QSize(tab_width(self.spec), self._height)

    def minimumSizeHint(self) -> QSize:
        """Never squeezed."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint key, label, note and underline."""
        painter = QPainter(self)
        c = colours()
        is_on = self.isChecked()
        spec = self.spec
        ink = c.ink if is_on or self.underMouse() else c.ink2
        x, y = 0.0, (self._height - Style.BODY.line) / 2
        if spec.key:
            x += draw_key(painter, 0, self._height / 2, spec.key, ink, c.control) + GAP + 1
        x += draw_text(painter, x, y, spec.text, Style.STRONG if is_on else Style.BODY, ink) + GAP
        if spec.note_icon:
            draw_icon(painter, spec.note_icon, c.text(spec.note_tone), x, (self._height - PILL_ICON) // 2, PILL_ICON)
            x += PILL_ICON + 4
        draw_text(painter, x, y, spec.note, _note_style(spec), c.text(spec.note_tone))
        if is_on:
            box = QRectF(0, self._height - UNDERLINE, self.width(), UNDERLINE)
            painter.fillRect(box, c.accent)


def tab_width(spec: TabSpec) -> int:
    """How wide a tab is, in pixels, with its label in 600."""
    width = text_width(one_line(spec.text), Style.STRONG)
    width += key_width(spec.key) + GAP + 1 if spec.key else 0
    width += PILL_ICON + 4 if spec.note_icon else 0
    width += GAP + text_width(one_line(spec.note), _note_style(spec)) if spec.note else 0
    return round(width) + 1


def _note_style(spec: TabSpec) -> Style:
    return Style.BODY if spec.note_tone is Tone.QUIET else Style.STRONG


class Tabs(QWidget):
    """A row of underlined tabs. Tells `chosen` with the id when a person chooses."""

    chosen = Signal(str)

    def __init__(
        self,
        specs: Sequence[TabSpec] = (),
        *,
        gap: int = TAB_GAP,
        height: int = Height.TAB,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._height = height
        self._row = row(spacing=gap)
        self._row.addStretch(1)
        self.setLayout(self._row)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, TabButton] = {}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, FIXED)
        self.set_tabs(specs)

    def set_tabs(self, specs: Sequence[TabSpec]) -> None:
        """Show these tabs; those that were there keep their widget and the choice."""
        wanted = {spec.tab_id: spec for spec in specs}
        for tab_id in [tab_id for tab_id in self._buttons if tab_id not in wanted]:
            button = self._buttons.pop(tab_id)
            self._group.removeButton(button)
            self._row.removeWidget(button)
            button.deleteLater()
        for place, spec in enumerate(specs):
            button = self._buttons.get(spec.tab_id) or self._make(spec)
            button.show_spec(spec)
            if self._row.indexOf(button) != place:
                self._row.insertWidget(place, button)
        if self._buttons and self.current() == "":
            next(iter(self._buttons.values())).setChecked(True)

    def choose(self, tab_id: str) -> None:
        """Show this tab as chosen, or none for an empty id, without telling."""
        if tab_id:
            self._buttons[tab_id].setChecked(True)
        elif self.current():
            self._group.setExclusive(False)
            self._buttons[self.current()].setChecked(False)
            self._group.setExclusive(True)

    def current(self) -> str:
        """The id of the chosen tab."""
        return next((tab_id for tab_id, button in self._buttons.items() if button.isChecked()), "")

    def button(self, tab_id: str) -> TabButton:
        """The widget of one tab, for a test or a tooltip."""
        return self._buttons[tab_id]

    def _make(self, spec: TabSpec) -> TabButton:
        button = TabButton(spec, self._height, self)
        self._group.addButton(button)
        self._buttons[spec.tab_id] = button
        button.clicked.connect(lambda: self.chosen.emit(spec.tab_id))
        return button


class RailItem(Ringed, QPushButton):
    """One screen in the left rail: icon, label, and a badge with a count."""

    ring_radius = Radius.CARD

    def __init__(self, text: str, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label, self._icon, self._badge = text, icon, ""
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(FIXED, FIXED)
        self.setAccessibleName(text)

    def set_badge(self, count: int) -> None:
        """Show a count; none for 0."""
        self._badge = "" if count <= 0 else str(count) if count < 1000 else "999+"  # noqa: PLR2004 - three figures fit
        self.setAccessibleName(f"{self._label} {self._badge}".strip())
        self.update()

    def sizeHint(self) -> QSize:
        """68 by 56."""
        return QSize(Width.RAIL_ITEM, Height.RAIL_ITEM)

    def minimumSizeHint(self) -> QSize:
        """Never squeezed."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        c = colours()
        if self.isChecked() or self.underMouse():
            draw_box(painter, QRectF(self.rect()), Radius.CONTROL, c.selected if self.isChecked() else c.hover)
        ink = c.accent if self.isChecked() else c.ink2
        middle = self.width() / 2
        draw_icon(painter, self._icon, ink, middle - RAIL_ICON / 2, 11, RAIL_ICON)
        style = Style.MICRO_STRONG if self.isChecked() else Style.MICRO
        label = elided(self._label, style, self.width())
        draw_text(painter, round(middle - text_width(label, style) / 2), 33, label, style, ink)
        if self._badge:
            inner = text_width(self._badge, Style.MICRO_STRONG)
            box = QRectF(round(middle + 3), 4, max(BADGE_HEIGHT + 2, round(inner) + 9), BADGE_HEIGHT)
            draw_box(painter, box, BADGE_HEIGHT / 2, c.accentfill)
            left = box.x() + (box.width() - inner) / 2
            draw_text(painter, left, box.y(), self._badge, Style.MICRO_STRONG, c.onfill)
