"""The list view of the product: one column, fixed heights, painted rows, steady under the eye.

A table with hidden headers is the fastest of Qt's views (100,000 rows in 8 ms). Invariant: while rows change, the row
under the pointer stays where it is, else the current one, else the one at the top; the current row stays current as
long as its id is there; and `current_changed` tells ids, once each, never one that came and went within a change.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from console.qtkit.rowmodel import RowModel

RowT = TypeVar("RowT", bound=Hashable)

Index = QModelIndex | QPersistentModelIndex
MOST_FITTINGS = 8
CURRENT = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


@dataclass(frozen=True, slots=True)
class Look:
    """How a row is seen just now; ``is_focused`` when it is the current one and keys go to it."""

    is_selected: bool = False
    is_focused: bool = True
    is_hovered: bool = False


Paint = Callable[[QPainter, QRect, RowT, Look], None]


class RowTable(QTableView, Generic[RowT]):
    """Shows a `RowModel`.

    `paint` draws a row in a rectangle; `height` gives a row's height for the width of the view. Tells
    `current_changed` (id or None), `opened` (id, by Enter or double click) and `pressed` (id and the point within the
    row, by a click).

    Where heights cost a layout, as for cards, `is_lazy` learns them when rows come into view; until then they have the
    usual height. Seen rows do not jump while those above them get their height.
    """

    current_changed = Signal(object)
    opened = Signal(object)
    pressed_at = Signal(object, QPointF)

    def __init__(
        self,
        model: RowModel[RowT],
        paint: Paint[RowT],
        height: Callable[[RowT, int], int],
        name: str,
        *,
        usual_height: int,
        is_lazy: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._is_lazy = is_lazy
        self._fitted: dict[Hashable, tuple[RowT, int]] = {}
        self._is_fitting = False
        self.rows = model
        self._height = height
        self._usual_height = usual_height
        self._told: Hashable = None
        self._is_applying = False
        model.setParent(self)
        self.setModel(model)
        self.setItemDelegate(RowDelegate(model, paint, self))
        self.setAccessibleName(name)
        self._be_flat()
        self.selectionModel().currentRowChanged.connect(self._tell_current)
        self.verticalScrollBar().valueChanged.connect(self._on_scroll)
        self.doubleClicked.connect(lambda index: self.opened.emit(self.rows.id_at(index.row())))

    def apply(self, rows: Iterable[RowT]) -> None:
        """Show these rows; what the person looks at stays in its place."""
        anchors = self._anchors()
        current, place = self.current_id(), self.currentIndex().row()
        self._is_applying = True
        try:
            self.rows.apply(rows)
            self._set_heights()
            if current is not None and self.current_id() != current:
                kept = self.rows.place_of(current)
                self._go(kept if kept >= 0 else self._usable(min(place, self.rows.rowCount() - 1)))
            self._hold(anchors)
            self._fit_visible()
        finally:
            self._is_applying = False
        self._tell_current()

    def current_id(self) -> Hashable:
        """The id of the current row; None when there is none."""
        index = self.currentIndex()
        return self.rows.id_at(index.row()) if index.isValid() else None

    def set_current(self, row_id: Hashable) -> bool:
        """Go to the row of this id and show it. Returns whether it is there."""
        place = self.rows.place_of(row_id)
        if place < 0:
            return False
        self._go(place)
        self.scrollTo(self.currentIndex())
        return True

    def step(self, rows: int) -> None:
        """Move the current row by so many usable ones; from nowhere to the first or last."""
        places = [place for place in range(self.rows.rowCount()) if self.rows.can_choose(place)]
        if not places:
            return
        here = self.currentIndex().row()
        if here in places:
            number = max(0, min(len(places) - 1, places.index(here) + rows))
        else:
            number = 0 if rows > 0 else len(places) - 1
        self._go(places[number])
        self.scrollTo(self.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Heights may follow the width."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            anchors = self._anchors()
            self._set_heights()
            self._hold(anchors)
        self._fit_visible()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open on Enter; go to the first row or the last."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self.opened.emit(self.current_id())
        elif event.key() == Qt.Key.Key_Home:
            self.step(-self.rows.rowCount())
            self.scrollToTop()
        elif event.key() == Qt.Key.Key_End:
            self.step(self.rows.rowCount())
            self.scrollToBottom()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are the screen's keys; they do not search."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell where in a row was clicked."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() is Qt.MouseButton.LeftButton:
            corner = self.visualRect(index).topLeft()
            self.pressed_at.emit(self.rows.id_at(index.row()), event.position() - QPointF(corner))

    def _be_flat(self) -> None:
        self.setProperty("frameless", True)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setMinimumSectionSize(0)
        across = self.verticalHeader()
        across.hide()
        across.setMinimumSectionSize(1)
        across.setDefaultSectionSize(self._usual_height)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)

    def _on_scroll(self) -> None:
        if not self._is_fitting and not self._is_applying:
            self._fit_visible()

    def _fit_visible(self) -> None:
        """Give rows in view their height; those that had it already hold the others in place."""
        if not self._is_lazy or self._is_fitting:
            return
        self._is_fitting = True
        try:
            for _ in range(MOST_FITTINGS):
                known = [each for each in self._seen() if self._is_fitted(each)]
                anchors = [(self.rows.id_at(each), self.rowViewportPosition(each)) for each in known or self._seen()]
                if not self._fit(self._seen()):
                    return
                self._hold(anchors)
        finally:
            self._is_fitting = False

    def _fit(self, places: list[int]) -> bool:
        """Give these rows their height. Returns whether any had another."""
        width = self.viewport().width()
        has_changed = False
        for place in places:
            if not self._is_fitted(place):
                row = self.rows.row(place)
                self._fitted[self.rows.id_at(place)] = (row, width)
                wanted = self._height(row, width)
                if self.verticalHeader().sectionSize(place) != wanted:
                    self.verticalHeader().resizeSection(place, wanted)
                    has_changed = True
        return has_changed

    def _is_fitted(self, place: int) -> bool:
        row, width = self._fitted.get(self.rows.id_at(place), (None, -1))
        return row is self.rows.row(place) and width == self.viewport().width()

    def _seen(self) -> list[int]:
        """Return the places of the rows in view, from the top."""
        place = self.rowAt(0)
        bottom = self.viewport().height()
        seen: list[int] = []
        while 0 <= place < self.rows.rowCount() and self.rowViewportPosition(place) < bottom:
            seen.append(place)
            place += 1
        return seen

    def _set_heights(self) -> None:
        if self._is_lazy:
            self._keep_fitted()
            return
        sizes = self.verticalHeader()
        width = self.viewport().width()
        for place, row in enumerate(self.rows.rows()):
            wanted = self._height(row, width)
            if sizes.sectionSize(place) != wanted:
                sizes.resizeSection(place, wanted)

    def _keep_fitted(self) -> None:
        """Put back the heights that a reset or a move has undone, and forget those of rows that are gone."""
        sizes = self.verticalHeader()
        width = self.viewport().width()
        kept = {}
        for row_id, (row, at_width) in self._fitted.items():
            place = self.rows.place_of(row_id)
            if place >= 0 and at_width == width and self.rows.row(place) is row:
                kept[row_id] = (row, at_width)
                wanted = self._height(row, width)
                if sizes.sectionSize(place) != wanted:
                    sizes.resizeSection(place, wanted)
        self._fitted = kept

    def _anchors(self) -> list[tuple[Hashable, int]]:
        """Return ids with their height in the view, the one to hold first."""
        seen = self._seen()
        pointer = self.rowAt(self.viewport().mapFromGlobal(QCursor.pos()).y()) if self.underMouse() else -1
        preferred = [place for place in (pointer, self.currentIndex().row()) if place in seen]
        return [(self.rows.id_at(place), self.rowViewportPosition(place)) for place in (*preferred, *seen)]

    def _hold(self, anchors: list[tuple[Hashable, int]]) -> None:
        """Scroll so that the first anchor that is left stands where it stood."""
        self.updateGeometries()
        for row_id, top in anchors:
            place = self.rows.place_of(row_id)
            if place >= 0:
                bar = self.verticalScrollBar()
                bar.setValue(bar.value() + self.rowViewportPosition(place) - top)
                return

    def _usable(self, place: int) -> int:
        """Return the nearest place from here on, else before, whose row can be current; -1 for none."""
        after = range(max(0, place), self.rows.rowCount())
        before = range(place - 1, -1, -1)
        return next((each for each in (*after, *before) if self.rows.can_choose(each)), -1)

    def _go(self, place: int) -> None:
        index = self.rows.index(place, 0) if place >= 0 else QModelIndex()
        self.selectionModel().setCurrentIndex(index, CURRENT)

    def _tell_current(self) -> None:
        current = self.current_id()
        if not self._is_applying and current != self._told:
            self._told = current
            self.current_changed.emit(current)


class RowDelegate(QStyledItemDelegate, Generic[RowT]):
    """Hands each row to one paint function."""

    def __init__(self, model: RowModel[RowT], paint: Paint[RowT], parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._paint = paint

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        flag = QStyle.StateFlag
        look = Look(
            is_selected=bool(option.state & flag.State_Selected),
            is_focused=bool(option.state & flag.State_HasFocus),
            is_hovered=bool(option.state & flag.State_MouseOver),
        )
        painter.save()
        self._paint(painter, option.rect, self._model.row(index.row()), look)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The view sets the heights."""
        return option.rect.size()
