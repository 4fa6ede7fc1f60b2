"""Who goes first: three cards to choose from, and what becomes of the other, right above the decision bar.

Invariant: always in sight while a conflict is open, whatever the review is scrolled to; choosing sends nothing. It
judges nothing and draws a `Ruling`; cards are buttons, so keyboard and screen reader know them.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from console.domain.display import one_line
from console.domain.language import tr
from console.qtkit.current import colours
from console.qtkit.focus import Ringed
from console.qtkit.layout import lay_out
from console.qtkit.paint import draw_box, draw_key, draw_text, key_width
from console.qtkit.panes import Edge, Ground, Pane, row
from console.qtkit.pills import Chip
from console.qtkit.text import Text
from console.qtkit.tokens import Radius, Space, Style, Tone
from console.qtkit.words import spans, strong
from console.screens.inbox.conflict import Fate, Option, Pick, Ruling

DOT = 16
PADDING = 12
TITLE_TOP = 9
TEXT_TOP = 31
CARD_LINES = 2
CARD_HEIGHT = TEXT_TOP + CARD_LINES * 16 + 9


class OptionCard(Ringed, QPushButton):
    """One way to rule, as a radio button with two lines of what follows."""

    ring_radius = Radius.CARD

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._option: Option | None = None
        self.setCheckable(True)
        self.setAutoExclusive(False)
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_option(self, option: Option) -> None:
        """Draw an option."""
        self._option = option
        self.setChecked(option.is_chosen)
        self.setAccessibleName(one_line(option.title))
        self.setAccessibleDescription(one_line(option.text))
        self.update()

    def sizeHint(self) -> QSize:
        """A third of the pane, with room for two lines."""
        return QSize(160, CARD_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Narrow panes elide."""
        return QSize(96, CARD_HEIGHT)

    def nextCheckState(self) -> None:
        """What is chosen comes from the state alone."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card, its dot, title, key and text."""
        if self._option is None:
            return
        painter, c, option = QPainter(self), colours(), self._option
        outline, fill = (c.accent, c.selected) if option.is_chosen else (c.control, c.surface)
        fill = c.hover if self.underMouse() and not option.is_chosen else fill
        draw_box(painter, QRectF(self.rect()), Radius.CARD, fill, outline, 2 if option.is_chosen else 1)
        middle = TITLE_TOP + Style.STRONG.line / 2
        dot = QRectF(PADDING, middle - DOT / 2, DOT, DOT)
        draw_box(painter, dot, DOT / 2, c.accentfill if option.is_chosen else None, outline)
        if option.is_chosen:
            draw_box(painter, dot.adjusted(5, 5, -5, -5), DOT / 2 - 5, c.onfill)
        cap = key_width(option.key)
        draw_key(painter, self.width() - PADDING - cap, middle, option.key, c.ink2, c.control)
        left = PADDING + DOT + 8
        room = self.width() - left - PADDING
        draw_text(painter, left, TITLE_TOP, option.title, Style.STRONG, c.ink, room - cap - 8)
        laid = lay_out(spans(option.text), Style.SMALL, Tone.SECOND, c, room, CARD_LINES)
        laid.draw(painter, left, TEXT_TOP)


class RulingPane(Pane):
    """Tells who was chosen to go first, and what of the other."""

    picked = Signal(object)
    fated = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            Ground.SURFACE,
            Edge.TOP,
            margins=(Space.PANE, Space.CARD, Space.PANE, Space.CARD),
            spacing=Space.GRID,
            parent=parent,
        )
        self.setAccessibleName(tr("Who goes first"))
        self.cards = tuple(OptionCard() for _ in range(3))
        self.fates: tuple[Chip, ...] = ()
        self._made_for: tuple[tuple[str, str], ...] = ()
        self._question = Text([strong(tr("Who goes first?"))], Style.ROW)
        self._loser = Text(tr("The other"), Style.ROW, Tone.SECOND).keep_whole()
        cards, self._fate_row = row(spacing=Space.GRID), row(spacing=Space.GRID)
        for place, card in enumerate(self.cards):
            card.clicked.connect(partial(self._on_card, place))
            cards.addWidget(card, 1)
        self._fate_row.addWidget(self._loser)
        self._fate_row.addStretch(1)
        self.box.addWidget(self._question)
        self.box.addLayout(cards)
        self.box.addLayout(self._fate_row)
        self.hide()

    def show_ruling(self, ruling: Ruling | None) -> None:
        """Draw what can be chosen; nothing while no conflict is open."""
        self.setVisible(ruling is not None)
        if ruling is None:
            return
        for card, option in zip(self.cards, ruling.options, strict=True):
            card.show_option(option)
        wanted = tuple((fate.name, fate.to) for fate in ruling.fates)
        if wanted != self._made_for:
            self._make_fates(ruling.fates)
            self._made_for = wanted
        for chip, fate in zip(self.fates, ruling.fates, strict=True):
            chip.setChecked(fate.is_chosen)
        self._loser.setVisible(bool(ruling.fates))

    def _make_fates(self, fates: tuple[Fate, ...]) -> None:
        for chip in self.fates:
            self._fate_row.removeWidget(chip)
            chip.deleteLater()
        self.fates = tuple(Chip(fate.label) for fate in fates)
        for place, (chip, fate) in enumerate(zip(self.fates, fates, strict=True), start=1):
            chip.clicked.connect(partial(self._on_fate, fate))
            self._fate_row.insertWidget(place, chip)

    def _on_card(self, place: int, *_checked: bool) -> None:
        self.picked.emit(Pick(place))

    def _on_fate(self, fate: Fate, *_checked: bool) -> None:
        self.fated.emit(fate.name, fate.to)
