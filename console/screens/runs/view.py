"""The screen of the runs: head, what failed alike, all runs, and the side with what is chosen or done to many.

Invariant: it draws the presenter's state and forwards gestures. A state told while the screen is hidden is drawn when
it comes back.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from console.domain.escalation import Verdict
from console.domain.language import tr
from console.qtkit.buttons import Button
from console.qtkit.buttons import Kind as ButtonKind
from console.qtkit.notes import Note
from console.qtkit.panes import Ground, Pane, column, row
from console.qtkit.tokens import Space, Tone
from console.screens import Action
from console.screens.runs.finding import Order
from console.screens.runs.presenter import RunsPresenter
from console.screens.runs.state import RunsState, trouble
from console.screens.runs.view_actions import actions
from console.screens.runs.view_filters import FilterBar, HeadPane
from console.screens.runs.view_lists import GroupList, RunList
from console.screens.runs.view_side import SidePane

WIDE = 1_200
SIDE, SIDE_NARROW = 404, 328
# Where text is large and the screen is not.
TIGHT, SIDE_TIGHT = 900, 300


class RunsView(QWidget):
    """All runs. The window calls `actions` once, and `on_shown` and `on_hidden` of the presenter."""

    def __init__(self, presenter: RunsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter = presenter
        self.setAccessibleName(tr("Runs"))
        self.head = HeadPane()
        self.trouble = Note("", "triangle-alert", Tone.MEDIUM)
        self.notice = Note("", "info", Tone.MEDIUM)
        self.groups = GroupList(presenter.state)
        self.filters = FilterBar(presenter)
        self.list = RunList(presenter.state)
        self.more = Button(tr("List older runs"), "chevron-down", kind=ButtonKind.FLAT, is_small=True)
        self.side = SidePane(presenter)
        self._lay_out()
        self._connect()
        presenter.listen(self.show_state)

    def actions(self) -> tuple[Action, ...]:  # type: ignore[override]  # the window asks every screen for these
        """What a person can do here."""
        return actions(self)

    def show_state(self, state: RunsState) -> None:
        """Draw a state."""
        if not self.isVisible() and self.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
            return
        self.head.show_state(state)
        self._show_notes(state)
        self.groups.show_state(state, is_held=self.list.underMouse())
        self.filters.show_state(state)
        self.list.show_state(state)
        self.more.setVisible(state.has_more and bool(state.lines))
        self.side.show_state(state)
        # Choosing the first run must not move the rows down under the pointer.
        self.filters.keep_free(0 if self.side.isVisible() else self.side.width())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Hand the focus to the list. A focus proxy would do so too, but Tab would then pass over all before it."""
        super().focusInEvent(event)
        self.list.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the chosen run from a button too, which has no use for it."""
        is_enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.isAutoRepeat()
        if is_enter and isinstance(QApplication.focusWidget(), QAbstractButton):
            self.presenter.on_open()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what was told while it was hidden."""
        super().showEvent(event)
        self.show_state(self.presenter.state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The side gives way in a narrow window."""
        super().resizeEvent(event)
        self.side.setFixedWidth(SIDE if self.width() >= WIDE else SIDE_NARROW if self.width() >= TIGHT else SIDE_TIGHT)

    def _show_notes(self, state: RunsState) -> None:
        told = trouble(state)
        self.trouble.set_note("\n".join(told), "triangle-alert", Tone.MEDIUM)
        self.trouble.setVisible(bool(told))
        self.notice.set_note(state.notice, "info", Tone.MEDIUM)
        self.notice.setVisible(bool(state.notice))

    def step(self, step: int) -> None:
        self.list.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.list.table.step(step)

    def open_item(self) -> None:
        line = self.presenter.state.selected
        waits = line.run.failing or next(iter(line.run.waiting), None) if line is not None else None
        if waits is not None:
            self.presenter.on_item(waits.key.item_id)

    def focus_search(self) -> None:
        self.head.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.head.search.selectAll()

    def _on_ordered(self, order: Order) -> None:
        self.presenter.on_order_by(order)
        self.list.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_retried(self, fingerprint: str) -> None:
        self.presenter.on_group(fingerprint)
        self.presenter.on_act(Verdict.RETRY)

    def _on_noted(self, fingerprint: str) -> None:
        self.presenter.on_group(fingerprint)
        self.presenter.on_write()

    def _connect(self) -> None:
        presenter = self.presenter
        self.head.searched.connect(presenter.on_search)
        self.head.search.returnPressed.connect(self.list.table.setFocus)
        self.head.search.left.connect(self.list.table.setFocus)
        self.groups.chosen.connect(presenter.on_group)
        self.groups.retried.connect(self._on_retried)
        self.groups.noted.connect(self._on_noted)
        self.list.chosen.connect(presenter.on_select)
        self.list.opened.connect(presenter.on_open)
        self.list.helped.connect(presenter.on_help_empty)
        self.list.ordered.connect(self._on_ordered)
        self.more.clicked.connect(presenter.on_more)

    def _lay_out(self) -> None:
        ground = Pane(Ground.SURFACE)
        inner = Pane(Ground.SURFACE, margins=(Space.PANE, Space.CARD, Space.PANE, Space.CARD), spacing=Space.CARD)
        for part in (self.trouble, self.notice, self.groups, self.filters):
            inner.box.addWidget(part)
        inner.box.addWidget(self.list, 1)
        inner.box.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        ground.box.addWidget(self.head)
        ground.box.addWidget(inner, 1)
        across = row(spacing=0)
        across.addWidget(ground, 1)
        across.addWidget(self.side)
        box = column(spacing=0)
        box.addLayout(across)
        self.setLayout(box)
