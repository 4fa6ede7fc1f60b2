"""The list: filters, the bar of what is new, the rows, and below them what was handled.

Invariant: the presenter decides what stands where; this draws it, keeps the selected row current, and tells what is in
sight and under the pointer.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPointF, QRect, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from console.domain.language import tr
from console.domain.together import sort_of
from console.qtkit.keycaps import key_of
from console.qtkit.notes import EmptyState, Note, Strip
from console.qtkit.overlay import OverlayBar
from console.qtkit.paint import tip
from console.qtkit.panes import Edge, Ground, Pane
from console.qtkit.rowdata import InboxRow as Line
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowpaint import draw_heading_row, draw_inbox_row
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import Height, Space, Style, Tone
from console.screens.inbox.listing import Emptiness, highest_word, summary_words
from console.screens.inbox.outage import outage, outage_look
from console.screens.inbox.rows import Lines, Row, group_of, item_line
from console.screens.inbox.state import InboxState
from console.screens.inbox.view_filters import FilterBar
from console.screens.inbox.view_tray import HandledTray
from console.screens.inbox.view_views import ViewTabs
from console.services.views import InboxRow

EMPTY: dict[Emptiness, tuple[str, str, str, str]] = {
    Emptiness.LOADING: ("loader", tr("Opening the inbox"), tr("Reading what this desk knows."), ""),
    Emptiness.NO_CONNECTION: (
        "plug",
        tr("No connection yet"),
        tr("Everything that waits for a person in a connected engine is gathered here."),
        tr("Connect an engine"),
    ),
    Emptiness.NO_MATCH: (
        "search",
        tr("Nothing matches"),
        tr("Other items wait outside these filters."),
        tr("Show all"),
    ),
    Emptiness.NOTHING_TO_SIGN: (
        "signature",
        tr("Nothing needs your signature"),
        tr("What another person approved, and a second one has to, appears here by itself."),
        tr("Show all"),
    ),
    Emptiness.NOTHING_PUT_OFF: (
        "alarm-clock",
        tr("Nothing is put off"),
        tr("What you put off with S is here until it is back."),
        tr("Show all"),
    ),
    Emptiness.NOTHING_WAITS: (
        "circle-check",
        tr("Nothing waits for a person"),
        tr("New items appear here by themselves, the most urgent first."),
        "",
    ),
}


class ListPane(Pane):
    """Tells what a person does in the list."""

    selected = Signal(str)
    pointed = Signal(str)
    in_sight = Signal(int, int)
    helped = Signal(object)
    folded = Signal(object)
    first_wanted = Signal()

    def __init__(self, state: InboxState, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SUNKEN, Edge.RIGHT, margins=(0, 0, 1, 0), parent=parent)
        self.setAccessibleName(tr("Inbox"))
        self._state = state
        self._lines = Lines()
        self._emptiness: Emptiness | None = None
        self.views = ViewTabs()
        self.filters = FilterBar()
        self.strip = Strip(key=key_of("inbox.new"))
        self._summary = Text("", Style.SMALL, Tone.QUIET)
        summary = Pane(Ground.SUNKEN, Edge.BOTTOM, is_row=True, margins=(Space.GAP, 0, Space.CARD, 1))
        summary.box.addWidget(self._summary)
        # One place for both, always there: a bar that came and went would push the rows.
        self.above = QStackedWidget()
        self.above.addWidget(summary)
        self.above.addWidget(self.strip)
        self.since = Strip("history")
        self.above.addWidget(self.since)
        self.above.setFixedHeight(self.strip.sizeHint().height())
        self.table: RowTable[Row] = RowTable(
            RowModel(_id, self._said, lambda each: isinstance(each, InboxRow)),
            self._paint,
            lambda each, _width: Height.INBOX_ROW if isinstance(each, InboxRow) else Height.GROUP_ROW,
            tr("Items that wait"),
            usual_height=Height.INBOX_ROW,
        )
        OverlayBar(self.table)
        self.outage = Note("", "unplug", Tone.CRITICAL)
        self._outage_box = Pane(Ground.SUNKEN, margins=(Space.LIST, Space.HALF, Space.LIST, Space.HALF))
        self._outage_box.box.addWidget(self.outage)
        self._outage_box.hide()
        self.tray = HandledTray()
        self.body = QStackedWidget()
        self.body.addWidget(self.table)
        for widget in (self.views, self.filters, self._outage_box, self.above, self.body, self.tray):
            self.box.addWidget(widget)
        self.box.setStretch(4, 1)
        self._is_drawing = False
        self._tops = state.listing.tops
        self.table.current_changed.connect(self._on_current)
        self.table.pressed_at.connect(self._on_pressed)
        self.table.entered.connect(self._on_entered)
        self.table.viewport().installEventFilter(self)
        self.table.verticalScrollBar().valueChanged.connect(lambda _value: self.tell_sight())

    def show_state(self, state: InboxState) -> None:
        """Draw the list. What the table makes of that by itself is not a person's choice."""
        self._state = state
        self._is_drawing = True
        try:
            self._draw(state)
        finally:
            self._is_drawing = False

    def _show_outage(self, state: InboxState) -> None:
        words = outage(state.connections, state.now)
        if words:
            self.outage.set_note(words, *outage_look(state.connections))
        self._outage_box.setVisible(bool(words))

    def _draw(self, state: InboxState) -> None:
        self._show_outage(state)
        self.views.show_state(state)
        self.filters.show_state(state)
        self.above.setCurrentIndex(2 if state.since else 1 if state.listing.new else 0)
        self.since.set_words(state.since, tr("Read it") if state.has_note else tr("Got it"))
        self.since.setToolTip(tip(state.since))
        self.strip.set_words(highest_word(state.listing.new), tr("Show"))
        self._summary.set_words(summary_words(state.listing))
        if state.lines is not self._lines:
            self._lines = state.lines
            self.table.apply(state.lines.rows)
            self.tell_sight()
        # Ages and marks are worked out when a row is painted.
        self.table.viewport().update()
        if self.table.current_id() != (state.listing.selected_id or None):
            is_there = self.table.set_current(state.listing.selected_id)
            if not is_there:
                self.table.setCurrentIndex(QModelIndex())
        if state.listing.tops != self._tops:
            self._tops = state.listing.tops
            self._show_top(is_for_new=state.listing.is_for_new)
        self._show_emptiness(state.emptiness)

    def _show_top(self, *, is_for_new: bool) -> None:
        """Go to the top, with the selected row in sight; where it is too far below what is new, that is opened."""
        self.table.scrollToTop()
        place = self.table.visualRect(self.table.currentIndex())
        if is_for_new and not self.table.viewport().rect().contains(place):
            self.first_wanted.emit()
        else:
            self.table.scrollTo(self.table.currentIndex())

    def tell_sight(self) -> None:
        """Say which lines can be seen."""
        first = self.table.rowAt(0)
        last = self.table.rowAt(self.table.viewport().height() - 1)
        if first >= 0:
            self.in_sight.emit(first, last if last >= 0 else self.table.rows.rowCount() - 1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice when the pointer leaves the rows, and when the tray takes room from them."""
        if event.type() is QEvent.Type.Leave:
            self.pointed.emit("")
        elif isinstance(event, QResizeEvent):
            self._keep_in_sight(event.oldSize().height())
        return super().eventFilter(watched, event)

    def _keep_in_sight(self, height_before: int) -> None:
        """Scroll to the selected row if it was in sight and no longer is."""
        bottom = self.table.visualRect(self.table.currentIndex()).bottom()
        if self.table.viewport().height() <= bottom < height_before:
            self.table.scrollTo(self.table.currentIndex())

    def _on_current(self, row_id: object) -> None:
        if row_id is not None and not self._is_drawing:
            self.selected.emit(str(row_id))

    def _on_pressed(self, row_id: object, _point: QPointF) -> None:
        group = group_of(str(row_id))
        if group is not None:
            self.folded.emit(group)

    def _on_entered(self, index: QModelIndex) -> None:
        row = self.table.rows.row(index.row())
        self.pointed.emit(row.item_id if isinstance(row, InboxRow) else "")

    def _line(self, row: InboxRow) -> Line:
        """An item as it is painted now."""
        listing = self._state.listing
        mark = listing.marks.get(row.item_id)
        return item_line(
            row,
            self._state.person,
            self._state.now,
            mark,
            is_gone=row.item_id in listing.gone,
            is_marked=row.item_id in listing.marked,
            alike=self._lines.alike.get(sort_of(row.waiting), 0),
            under=self._lines.under.get(row.item_id, 0),
            is_age_told=not self._outage_box.isHidden(),
        )

    def _said(self, row: Row) -> str:
        return self._line(row).said if isinstance(row, InboxRow) else row.said

    def _paint(self, painter: QPainter, rect: QRect, row: Row, look: Look) -> None:
        if isinstance(row, InboxRow):
            draw_inbox_row(painter, rect, self._line(row), look)
        else:
            draw_heading_row(painter, rect, row, look)

    def _show_emptiness(self, emptiness: Emptiness | None) -> None:
        if emptiness is self._emptiness:
            return
        self._emptiness = emptiness
        old = self.body.widget(1)
        if old is not None:
            self.body.removeWidget(old)
            old.deleteLater()
        if emptiness is not None:
            icon, title, words, action = EMPTY[emptiness]
            made = EmptyState(icon, title, words, action=action)
            made.pressed.connect(lambda: self.helped.emit(emptiness))
            self.body.addWidget(made)
        self.body.setCurrentIndex(0 if emptiness is None else 1)


def _id(row: Row) -> str:
    return row.item_id if isinstance(row, InboxRow) else row.row_id
