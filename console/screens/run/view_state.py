"""The State tab: the tree of values, a slider over revisions, and the chosen value in full.

Invariant: the slider is there only where the engine keeps earlier states; what changed in the revision shown is marked
by a word, not by colour alone.
"""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QHeaderView,
    QSlider,
    QSplitter,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from console.domain.ages import clock
from console.domain.display import one_line
from console.domain.language import tr
from console.qtkit.buttons import Button
from console.qtkit.current import colours
from console.qtkit.datatext import DataText
from console.qtkit.fonts import text_width
from console.qtkit.icons import draw_icon
from console.qtkit.notes import EmptyState, Note
from console.qtkit.paint import draw_text, draw_text_right
from console.qtkit.panes import Edge, Ground, Pane, column
from console.qtkit.text import Text
from console.qtkit.tokens import PILL_ICON, Space, Style, Tone
from console.qtkit.words import Span, data, quiet, strong
from console.screens.run.copying import value_text
from console.screens.run.difference import Delta, counted, differences
from console.screens.run.record import NEW, STANDING_LOOKS, told
from console.screens.run.state import RecordState
from console.screens.run.values import brief, pretty
from console.screens.run.view_compare import CompareBar, difference_tree
from console.screens.run.view_difference import DifferenceModel
from console.screens.run.view_state_model import NODE_ROLE, Column, Node, StateModel

ROW = 28
ALIKE = tr("Nothing differs between these two revisions: the later one holds what the earlier one held.")
PADDING = 8
VALUE_HEIGHT = 150
SLIDER = 240
WIDTHS = {Column.STANDING: 128, Column.STEP: 160, Column.REVISION: 88}
NAME_WIDTH = 280


class StateDelegate(QStyledItemDelegate):
    """Paints one cell: names in text, values in the data font, the standing as icon and word."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Every row has one height."""
        return QSize(80, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint ground and words."""
        c = colours()
        box = QRectF(option.rect)
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, QColor(c.selected))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, QColor(c.hover))
        node = index.data(NODE_ROLE)
        if isinstance(node, Node):
            self._paint_cell(painter, box, node, Column(index.column()), str(index.data()))

    def _paint_cell(self, painter: QPainter, box: QRectF, node: Node, column: Column, text: str) -> None:
        c = colours()
        left, room = box.left() + PADDING, box.width() - 2 * PADDING
        top = box.top() + (ROW - Style.BODY.line) / 2
        if column is Column.NAME:
            style = Style.STRONG if node.change is not None else Style.BODY
            draw_text(painter, left - (PADDING - 2), top, text, style, c.ink, room)
        elif column is Column.VALUE:
            self._paint_value(painter, box, node, text)
        elif column is Column.STANDING and node.fact is not None:
            icon, tone = STANDING_LOOKS[node.fact.standing]
            draw_icon(painter, icon, c.text(tone), left, box.top() + (ROW - PILL_ICON) / 2, PILL_ICON)
            draw_text(painter, left + PILL_ICON + 6, top, text, Style.BODY, c.text(tone), room - PILL_ICON - 6)
        elif column is Column.REVISION:
            draw_text_right(painter, box.right() - PADDING, top, text, Style.DATA, c.ink2)
        elif column is Column.STEP:
            draw_text(painter, left, top, text, Style.BODY, c.ink2, room)

    def _paint_value(self, painter: QPainter, box: QRectF, node: Node, text: str) -> None:
        c = colours()
        left, room = box.left() + PADDING, box.width() - 2 * PADDING
        top = box.top() + (ROW - Style.DATA.line) / 2
        style = Style.DATA_STRONG if node.change is not None else Style.DATA
        if node.total or node.value in ({}, []):
            style = Style.BODY
        mark = "" if not node.change else node.change
        mark_room = min(room / 2, text_width(one_line(mark), Style.SMALL)) + PADDING if mark else 0
        ink = c.ink2 if style is Style.BODY else c.ink
        took = draw_text(painter, left, top, text, style, ink, room - mark_room)
        if mark:
            tone = c.accent if mark == NEW else c.ink3
            mark_top = box.top() + (ROW - Style.SMALL.line) / 2
            draw_text(painter, left + took + PADDING, mark_top, mark, Style.SMALL, tone, mark_room)


class StateTree(QTreeView):
    """The tree. Copies the chosen value with the usual key."""

    copied = Signal()

    def drawRow(
        self, painter: QPainter, options: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint ground and hairline of each row from edge to edge."""
        box = options.rect
        if self.selectionModel().isRowSelected(index.row(), index.parent()):
            painter.fillRect(QRect(0, box.top(), self.viewport().width(), box.height()), QColor(colours().selected))
        super().drawRow(painter, options, index)
        painter.fillRect(QRect(0, box.bottom(), self.viewport().width(), 1), QColor(colours().line))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy on the copy key. Opening everything at once is left out: it could be megabytes. The rest is Qt's."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
        elif event.key() == Qt.Key.Key_Asterisk:
            event.ignore()
        else:
            super().keyPressEvent(event)


class StatePane(QWidget):
    """All of the State tab. Tells `revision_asked` with a revision, or none for the newest, and `compare_asked`."""

    revision_asked = Signal(object)
    compare_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._record = RecordState()
        self.model = StateModel(self)
        self.tree = _tree(self.model, self)
        self.tree.selectionModel().currentChanged.connect(lambda *_: self._show_value())
        self.tree.copied.connect(self.copy_value)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tr("Revision"))
        self.slider.valueChanged.connect(self._on_slider)
        self._back = Button("", "chevron-left", is_small=True)
        self._back.setAccessibleName(tr("One revision back"))
        self._on = Button("", "chevron-right", is_small=True)
        self._on.setAccessibleName(tr("One revision on"))
        self._back.clicked.connect(lambda: self._step(-1))
        self._on.clicked.connect(lambda: self._step(1))
        self._newest = Button(tr("Newest"), is_small=True)
        self._newest.clicked.connect(lambda: self.revision_asked.emit(None))
        self._told = Text("", Style.BODY, Tone.SECOND)
        self.changed = Text("", Style.SMALL, Tone.SECOND)
        self._note = Note("", "triangle-alert", Tone.HIGH)
        self._note.activated.connect(lambda _: self.revision_asked.emit(self._record.asked))
        self._path = Text("", Style.SMALL_STRONG, Tone.SECOND)
        self._copy = Button(tr("Copy value"), "copy", is_small=True)
        self._copy.clicked.connect(self.copy_value)
        self.value = DataText(tr("Value"))
        self.standings = Text("", Style.SMALL, Tone.SECOND)
        self.comparing = CompareBar()
        self.comparing.asked.connect(self.compare_asked)
        self.deltas = DifferenceModel(self)
        self.difference = difference_tree(self.deltas, self)
        self._stack = QStackedWidget()
        self._lay_out()

    def show_record(self, record: RecordState) -> None:
        """Show the state at its revision."""
        if record == self._record:
            return
        is_other = record.snapshot is not self._record.snapshot or record.changed != self._record.changed
        self._show_difference(record)
        self._record = record
        if is_other:
            self.model.take(record)
            if not self.tree.currentIndex().isValid():
                self.tree.setCurrentIndex(self.model.index(0, 0))
            self._show_value()
        self._show_bar(record)

    def copy_value(self) -> None:
        """Copy the chosen value, all of it."""
        index = self.tree.currentIndex()
        if index.isValid():
            QApplication.clipboard().setText(value_text(self.model.node(index).value))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.tree.viewport().update()

    def _lay_out(self) -> None:
        bar = Pane(Ground.SURFACE, Edge.BOTTOM, is_row=True, margins=(Space.PANE, 7, Space.PANE, 7), spacing=Space.GRID)
        self._told.keep_whole()
        self.slider.setFixedWidth(SLIDER)
        for part in (self._told, self._back, self.slider, self._on, self._newest):
            bar.box.addWidget(part)
        bar.box.addSpacing(Space.GRID)
        bar.box.addWidget(self.changed, 1)
        below = Pane(Ground.SUNKEN, Edge.TOP, margins=(Space.PANE, Space.GRID, Space.PANE, Space.CARD), spacing=6)
        head = Pane(Ground.SUNKEN, is_row=True, spacing=Space.GRID)
        head.box.addWidget(self._path, 1)
        head.box.addWidget(self._copy)
        below.box.addWidget(head)
        below.box.addWidget(self.value, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        holder = Pane(Ground.SURFACE, margins=(Space.CARD, 0, Space.CARD, 0))
        holder.box.addWidget(self.tree)
        split.addWidget(holder)
        split.addWidget(below)
        split.setStretchFactor(0, 1)
        split.setSizes([400, VALUE_HEIGHT])
        pane = Pane(Ground.SURFACE)
        self._holder = Pane(Ground.SURFACE, Edge.BOTTOM, margins=(Space.PANE, Space.GRID, Space.PANE, Space.GRID))
        self._holder.box.addWidget(self._note)
        second = Pane(
            Ground.SURFACE, Edge.BOTTOM, is_row=True, margins=(Space.PANE, 5, Space.PANE, 5), spacing=Space.GAP
        )
        second.box.addWidget(self.standings, 1)
        second.box.addWidget(self.comparing)
        self._stack.addWidget(split)
        self._stack.addWidget(self.difference)
        self._stack.addWidget(EmptyState("equal", tr("The same value was written again"), ALIKE))
        pane.box.addWidget(bar)
        pane.box.addWidget(second)
        pane.box.addWidget(self._holder)
        pane.box.addWidget(self._stack, 1)
        self.setLayout(_only(pane))
        self._show_value()
        self._show_bar(self._record)

    def _show_difference(self, record: RecordState) -> None:
        """Show what differs, where a comparison is asked for and both states were read."""
        is_compared = record.compared is not None and record.base is not None and record.snapshot is not None
        deltas: tuple[Delta, ...] = ()
        is_other = (record.base, record.snapshot) != (self._record.base, self._record.snapshot)
        if record.base is not None and record.snapshot is not None:
            deltas = differences(record.base, record.snapshot)
            if is_other:
                self.deltas.take(deltas)
        self.comparing.show_record(record, counted(deltas) if is_compared else "")
        self._stack.setCurrentIndex(0 if not is_compared else 1 if deltas else 2)
        counts = Counter(fact.standing for fact in record.snapshot.facts) if record.snapshot is not None else Counter()
        told = [
            Span(f"{counts[standing]:,} {standing}   ", tone=tone, icon=icon)
            for standing, (icon, tone) in STANDING_LOOKS.items()
            if counts[standing]
        ]
        self.standings.set_words(tuple(told))

    def _show_bar(self, record: RecordState) -> None:
        shown = record.snapshot
        self._show_note(record)
        for part in (self.slider, self._back, self._on, self._newest):
            part.setVisible(record.can_go_back)
        revision = record.asked if record.asked is not None else record.newest
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(record.newest, 0))
        self.slider.setValue(revision)
        self.slider.blockSignals(False)
        self._back.set_blocked("" if revision > 0 else tr("This is the first revision."))
        self._on.set_blocked("" if record.asked is not None else tr("This is the newest revision."))
        self._newest.set_blocked("" if record.asked is not None else tr("This is the newest revision."))
        if shown is None:
            self._told.set_words(tr("Reading the state…") if record.is_reading else "")
            self.changed.set_words("")
            return
        at = (quiet(tr("  at ")), data(clock(shown.at), Tone.SECOND)) if shown.at is not None else ()
        self._told.set_words(
            (
                quiet(tr("Revision ")),
                strong(f"{shown.revision:,}"),
                quiet(tr(" of {newest:,}", newest=record.newest)),
                *at,
            )
        )
        self.changed.set_words(told(record.changed, record.removed))

    def _show_note(self, record: RecordState) -> None:
        """Say why there is no state, or not the one asked for."""
        self._holder.setVisible(bool(record.lack) or record.problem is not None)
        if record.lack:
            self._note.set_note((strong(tr("This engine cannot show a state: ")), record.lack), "info", Tone.SECOND)
        elif record.problem is not None:
            words = (
                strong(tr("The state cannot be read. ")),
                tr(record.problem.message),
                " ",
                tr(record.problem.next_action),
            )
            self._note.set_note(words, "triangle-alert", Tone.HIGH, tr("Read again"), "again")

    def _show_value(self) -> None:
        index = self.tree.currentIndex()
        node = self.model.node(index) if index.isValid() else None
        self._copy.set_blocked("" if node is not None else tr("Choose a value first."))
        if node is None or node.parent is None:
            self._path.set_words(tr("Choose a value to see all of it."))
            self.value.set_text("")
            return
        shown = pretty(node.value)
        self._path.set_words(
            brief(node.path, 160) + (tr("  (its beginning; copying takes all of it)") if shown.is_cut else "")
        )
        self.value.set_text(shown.text)

    def _on_slider(self, revision: int) -> None:
        self.revision_asked.emit(revision)

    def _step(self, by: int) -> None:
        self.slider.setValue(self.slider.value() + by)


def _tree(model: StateModel, parent: QWidget) -> StateTree:
    tree = StateTree(parent)
    tree.setModel(model)
    tree.setItemDelegate(StateDelegate(tree))
    tree.setUniformRowHeights(True)
    tree.setFrameShape(QTreeView.Shape.NoFrame)
    tree.setProperty("frameless", "true")
    tree.setAccessibleName(tr("State"))
    tree.setAllColumnsShowFocus(True)
    tree.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
    tree.setExpandsOnDoubleClick(True)
    tree.setMouseTracking(True)
    header = tree.header()
    header.setAccessibleName(tr("Columns"))
    header.setStretchLastSection(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.setSectionResizeMode(Column.VALUE, QHeaderView.ResizeMode.Stretch)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionsMovable(False)
    header.resizeSection(Column.NAME, NAME_WIDTH)
    for place, width in WIDTHS.items():
        header.resizeSection(place, width)
    return tree


def _only(widget: QWidget) -> QVBoxLayout:
    box = column()
    box.setSpacing(0)
    box.addWidget(widget)
    return box
