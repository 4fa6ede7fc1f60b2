"""The list of cards: only those on screen are laid out, whatever their number and height.

Heights of cards not yet seen are estimates. Invariant: what is under the eye does not move when an estimate turns into
a height, when older cards are put in above, or when a card elsewhere changes; at the end, when it is followed, the last
card stays at the bottom. Painting never changes a height.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from console.domain.language import tr
from console.qtkit.current import colours
from console.qtkit.tokens import Colours, Space
from console.screens.run.cards import card
from console.screens.run.heights import Heights
from console.screens.run.trail import Row
from console.screens.run.view_card import LaidCard, laid_card
from console.screens.run.view_trail_model import Index, TrailModel

GUESS = 76
GUESS_FOLDED = 40
GAP = 8
NEAR_TOP = 600
KEPT = 400
ROUNDS = 6
AT_END = 4

Flag = QItemSelectionModel.SelectionFlag


class TrailList(QListView):
    """Cards under each other, oldest first.

    Of a list view only so that its rows are rows to a screen reader, too: where they are is its own.
    """

    toggled = Signal(str)
    near_top = Signal()
    left_end = Signal()
    reached_end = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = TrailModel(self)
        self._unfolded: frozenset[str] = frozenset()
        self._laid: OrderedDict[tuple[str, float, bool], tuple[Row, Colours, LaidCard]] = OrderedDict()
        self._heights = Heights(Space.CARD, GAP)
        self._is_following = True
        self._is_settling = False
        self.setModel(self._model)
        self.setFrameShape(QAbstractItemView.Shape.NoFrame)
        self.setProperty("frameless", "true")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(tr("Trail"))
        self.verticalScrollBar().setSingleStep(48)
        self.doubleClicked.connect(self._toggle)

    def show_rows(self, rows: Sequence[Row], unfolded: frozenset[str], *, is_following: bool) -> None:
        """Show these rows; what is on screen stays where it is unless the end is followed."""
        is_same = tuple(rows) == self._model.rows
        if is_same and unfolded == self._unfolded and is_following == self._is_following:
            return
        anchor, current = self._anchor(), self.current_id()
        self._unfolded, self._is_following = unfolded, is_following
        if not is_same:
            self._model.take(rows)
            self._restore_current(current)
        self._measure_anew()
        self._hold(anchor)
        self._settle()
        self.viewport().update()

    def current_id(self) -> str:
        """The id of the chosen row, or nothing."""
        index = self.currentIndex()
        return self._model.rows[index.row()].row_id if index.isValid() else ""

    def row_at(self, place: int) -> Row:
        """The row at a place in the list."""
        return self._model.rows[place]

    def laid(self, place: int) -> LaidCard:
        """The card at a place in the list, laid out at the width there is."""
        row = self._model.rows[place]
        key = (row.row_id, self._width(), row.row_id in self._unfolded)
        held = self._laid.get(key)
        if held is None or held[0] != row or held[1] is not colours():
            made = laid_card(card(row, is_unfolded=key[2]), key[1], is_unfolded=key[2])
            held = (row, colours(), made)
            self._laid[key] = held
            if len(self._laid) > KEPT:
                self._laid.popitem(last=False)
        else:
            self._laid.move_to_end(key)
        return held[2]

    def is_at_end(self) -> bool:
        """Whether the last card is on screen to its bottom."""
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - AT_END

    def go_to_end(self) -> None:
        """Show the last card."""
        self._to_end()
        self._settle()
        self.viewport().update()

    def ask_for_older(self) -> None:
        """Ask for older cards where the oldest ones are on screen, or nearly."""
        if self.verticalOffset() < NEAR_TOP:
            self.near_top.emit()

    def doItemsLayout(self) -> None:
        """Lay nothing out by itself: that would ask for the size of every card there is."""
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        """Leave the range of the scroll bar to this list."""
        QAbstractItemView.updateGeometries(self)

    def visualRect(self, index: Index) -> QRect:
        """Where a card is in the viewport."""
        if not index.isValid() or index.row() >= len(self._heights):
            return QRect()
        top = self._heights.tops[index.row()] - self.verticalOffset()
        return QRect(Space.PANE, top, int(self._width()), self._heights.of(index.row()))

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The card under a point of the viewport; the gaps belong to none."""
        place = self._heights.place_at(point.y() + self.verticalOffset())
        index = self._model.index(place) if 0 <= place < len(self._heights) else QModelIndex()
        return index if self.visualRect(index).contains(point) else QModelIndex()

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Bring a card on screen, its head first."""
        if not index.isValid():
            return
        for _ in range(ROUNDS):
            self._measure(range(index.row(), index.row() + 1))
            box, bar = self.visualRect(index), self.verticalScrollBar()
            if box.top() < GAP or box.height() > self.viewport().height():
                bar.setValue(bar.value() + box.top() - GAP)
            elif box.bottom() > self.viewport().height() - GAP:
                bar.setValue(bar.value() + box.bottom() - self.viewport().height() + GAP)
        self.viewport().update()

    def horizontalOffset(self) -> int:
        """Always 0: cards are as wide as the list."""
        return 0

    def verticalOffset(self) -> int:
        """How far it is scrolled, in px."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:
        """No card is hidden."""
        return False

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Return where a key leads from the chosen card."""
        count = len(self._heights)
        if not count:
            return QModelIndex()
        move = QAbstractItemView.CursorAction
        now = self.currentIndex().row() if self.currentIndex().isValid() else count
        page = max(1, len(self._on_screen()) - 1)
        steps = {
            move.MoveUp: now - 1,
            move.MovePrevious: now - 1,
            move.MoveDown: now + 1,
            move.MoveNext: now + 1,
            move.MovePageUp: now - page,
            move.MovePageDown: now + page,
            move.MoveHome: 0,
            move.MoveEnd: count - 1,
        }
        return self._model.index(max(0, min(count - 1, steps.get(action, now))))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Choose the card under a rectangle's corner."""
        index = self.indexAt(rect.topLeft())
        self.selectionModel().select(QItemSelection(index, index) if index.isValid() else QItemSelection(), command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """The part of the viewport that shows these cards."""
        region = QRegion()
        for index in selection.indexes():
            region = region.united(self.visualRect(index))
        return region

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cards on screen."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(colours().surface))
        visible, offset, current = QRectF(event.rect()), self.verticalOffset(), self.currentIndex().row()
        for place in self._on_screen():
            top = self._heights.tops[place] - offset
            self.laid(place).paint(painter, Space.PANE, top, visible, is_current=place == current)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the cards out anew when the width changed."""
        anchor = self._anchor()
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._heights.forget()
            self._measure_anew()
        self._set_range()
        self._hold(anchor)
        self._settle()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.viewport().update()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Follow the scroll bar."""
        if self._is_settling:
            return
        if self._is_following and not self.is_at_end():
            self._is_following = False
            self.left_end.emit()
        elif not self._is_following and dy < 0 and self.is_at_end():
            self._is_following = True
            self.reached_end.emit()
        self._settle()
        self.viewport().update()
        self.ask_for_older()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Fold a card with Enter or Space; the arrows are Qt's."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self._toggle(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Fold a card where its link was clicked."""
        super().mouseReleaseEvent(event)
        point = event.position().toPoint()
        index = self.indexAt(point)
        if index.isValid() and event.button() is Qt.MouseButton.LeftButton:
            zone, corner = self.laid(index.row()).fold_zone, self.visualRect(index).topLeft()
            if zone is not None and zone.contains(event.position() - corner.toPointF()):
                self._toggle(index)

    def _toggle(self, index: QModelIndex) -> None:
        if index.isValid() and self.laid(index.row()).card.can_unfold:
            self.toggled.emit(self._model.rows[index.row()].row_id)

    def _width(self) -> float:
        bar = self.verticalScrollBar()
        right = max(Space.GRID, Space.PANE - (bar.width() if bar.isVisible() else 0))
        return float(max(120, self.viewport().width() - Space.PANE - right))

    def _on_screen(self) -> range:
        offset = self.verticalOffset()
        return self._heights.between(offset, offset + self.viewport().height())

    def _measure_anew(self) -> None:
        """Take the known heights of all rows, and guesses for the rest."""
        self._heights.take((self._key(row), GUESS_FOLDED if row.is_folded else GUESS) for row in self._model.rows)
        self._set_range()

    def _key(self, row: Row) -> str:
        return f"{len(row.entries)} {row.row_id in self._unfolded:d} {row.row_id}"

    def _set_range(self) -> None:
        self.verticalScrollBar().setPageStep(max(1, self.viewport().height()))
        with self._settling():
            self.verticalScrollBar().setRange(0, max(0, self._heights.total - self.viewport().height()))

    def _measure(self, places: range) -> bool:
        """Lay out these cards. Returns whether any height was guessed wrong."""
        rows = self._model.rows
        was_wrong = self._heights.learn((place, self._key(rows[place]), self.laid(place).height) for place in places)
        if was_wrong:
            self._set_range()
        return was_wrong

    @contextmanager
    def _settling(self) -> Iterator[None]:
        """Move the scroll bar without taking that for the person's wish."""
        was, self._is_settling = self._is_settling, True
        try:
            yield
        finally:
            self._is_settling = was

    def _settle(self) -> None:
        """Measure what is on screen until nothing on it changes its height any more."""
        if self._is_settling or not len(self._heights):
            return
        with self._settling():
            for _ in range(ROUNDS):
                if self._is_following:
                    self._to_end()
                anchor = self._anchor()
                if not self._measure(self._on_screen()):
                    break
                self._hold(anchor)
            if self._is_following:
                self._to_end()

    def _to_end(self) -> None:
        with self._settling():
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _anchor(self) -> tuple[str, int] | None:
        """The first card on screen whose height is known, and how far its top is from the viewport's."""
        shown, rows = self._on_screen(), self._model.rows
        if not shown or shown.stop > len(rows):
            return None
        place = next((place for place in shown if self._heights.is_known(self._key(rows[place]))), shown.start)
        return rows[place].row_id, self._heights.tops[place] - self.verticalOffset()

    def _hold(self, anchor: tuple[str, int] | None) -> None:
        """Scroll so that the anchor is where it was."""
        if anchor is None or self._is_following:
            return
        place = next((place for place, row in enumerate(self._model.rows) if row.row_id == anchor[0]), None)
        if place is not None:
            with self._settling():
                self.verticalScrollBar().setValue(self._heights.tops[place] - anchor[1])

    def _restore_current(self, row_id: str) -> None:
        """Choose the same card again, wherever it is now; none if it is gone."""
        rows = self._model.rows
        now = self.currentIndex()
        if not row_id or (now.isValid() and rows[now.row()].row_id == row_id):
            return
        place = next((place for place, row in enumerate(rows) if row.row_id == row_id), None)
        self.selectionModel().setCurrentIndex(
            QModelIndex() if place is None else self._model.index(place), Flag.ClearAndSelect
        )
