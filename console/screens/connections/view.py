"""The screen of the connections: the list at the left, the chosen one or the form beside it.

Invariant: it draws the presenter's state and forwards gestures; the form stays as it is typed while the list refreshes.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from console.domain.language import tr
from console.qtkit.buttons import Button, Kind
from console.qtkit.checks import Checks
from console.qtkit.keycaps import key_of
from console.qtkit.notes import EmptyState, Note
from console.qtkit.panes import Edge, Ground, Pane, Scroll, column, row
from console.qtkit.rowdata import InboxRow
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowpaint import draw_inbox_row
from console.qtkit.rowtable import RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import Height, Space, Style, Tone, Width
from console.screens import Action
from console.screens.connections.presenter import ConnectionsPresenter
from console.screens.connections.state import KIND_NAMES, ConnectionsState, Editing
from console.screens.connections.view_details import DetailsPane
from console.screens.connections.view_form import ConnectionForm
from console.screens.connections.wording import connection_row, test_lines, test_remark

FORM_WIDTH = 640
TIGHT_BELOW = 1000
TIGHT_LIST = 344
MENU = tr("File")
NOTHING = tr(
    "A connection leads to an engine: a server on which runs wait for people. Add your Temporal with its address and "
    "namespace; it is read first, and nothing is sent until you decide something."
)


class ConnectionsView(QWidget):
    """All of the screen."""

    def __init__(self, presenter: ConnectionsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter = presenter
        self.setAccessibleName(tr("Connections"))
        model = RowModel[InboxRow](lambda each: each.row_id, lambda each: each.said)
        self.list = RowTable(
            model, draw_inbox_row, lambda *_: Height.INBOX_ROW, tr("Connections"), usual_height=Height.INBOX_ROW
        )
        self.list.current_changed.connect(self._on_chosen)
        self.add = Button(tr("Add a connection"), "plus", key_of("connections.new"), Kind.PRIMARY)
        self.add.clicked.connect(presenter.on_new)
        self.details = DetailsPane()
        self.form = ConnectionForm()
        self.form_test = Checks(tr("Test"))
        self.form_cancel = Button(tr("Cancel the test"), "x", is_small=True)
        self._form_title = Text("", Style.TITLE)
        self._notice = Note("", "info", Tone.MEDIUM)
        self._count = Text("", Style.BODY, Tone.SECOND)
        self.empty = EmptyState(
            "plug",
            tr("Nothing is connected yet"),
            NOTHING,
            action=tr("Add a connection"),
            key=key_of("connections.new"),
        )
        self._parts = QStackedWidget()
        self._is_drawing = False
        self._lay_out()
        self._connect()
        presenter.listen(self.show_state)

    def actions(self) -> tuple[Action, ...]:  # type: ignore[override]  # the window asks every screen for these
        """What a person can do here."""
        presenter = self.presenter

        def has_chosen() -> bool:
            return presenter.state.selected is not None and presenter.state.editing is None

        def is_there() -> bool:
            return True

        offered = (
            ("new", tr("Add a connection…"), presenter.on_new, "N", "plus", is_there),
            ("edit", tr("Edit the connection…"), presenter.on_edit, "E", "pencil", has_chosen),
            ("test", tr("Test the connection"), presenter.on_test, "T", "plug-zap", is_there),
            ("pause", tr("Pause the connection, or let it go on"), presenter.on_pause, "P", "circle-pause", has_chosen),
            ("reconnect", tr("Reconnect"), presenter.on_reconnect, "", "refresh-cw", has_chosen),
            ("remove", tr("Remove the connection…"), presenter.on_remove, "", "trash-2", has_chosen),
            ("back", tr("Back"), presenter.on_back, "Esc", "", is_there),
        )
        return tuple(
            Action(
                action_id=f"connections.{name}",
                text=text,
                run=run,
                keys=(key,) if key else (),
                menu=MENU if icon else tr("Go"),
                icon=icon,
                can_run=can_run,
            )
            for name, text, run, key, icon, can_run in offered
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the details their room where text is large and the screen is not."""
        super().resizeEvent(event)
        self._left.setFixedWidth(Width.LIST if self.width() + Width.RAIL >= TIGHT_BELOW else TIGHT_LIST)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Hand the focus to the list. A focus proxy would do so too, but Tab would then pass over all before it."""
        super().focusInEvent(event)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_state(self, state: ConnectionsState) -> None:
        """Draw a state."""
        self._is_drawing = True
        self.list.apply(connection_row(view, state.now) for view in state.views)
        if state.selected_id:
            self.list.set_current(state.selected_id)
        self._is_drawing = False
        self._count.set_words(f"{len(state.views)}" if state.views else "")
        self._notice.setVisible(bool(state.notice))
        self._notice.set_note(state.notice, "info", Tone.MEDIUM)
        if state.editing is not None:
            self._show_form(state, state.editing)
        elif state.selected is not None:
            self._parts.setCurrentIndex(1)
            self.details.show_state(state)
        else:
            self._parts.setCurrentIndex(0)

    def _show_form(self, state: ConnectionsState, editing: Editing) -> None:
        is_other = self._parts.currentIndex() != 2  # noqa: PLR2004 - its place in the stack
        self._parts.setCurrentIndex(2)
        self._form_title.set_words(
            tr("Change {name}", name=editing.known.name)
            if editing.known is not None
            else tr("Connect to {kind_names}", kind_names=KIND_NAMES[editing.entry.kind])
        )
        self.form.show_editing(editing, state.keyring)
        test = state.test
        self.form_test.setVisible(test is not None)
        self.form_cancel.setVisible(test is not None and test.is_running)
        self.form.test.set_blocked(tr("A test is under way.") if test is not None and test.is_running else "")
        if test is not None:
            self.form_test.show_lines(test_lines(test), test_remark(test, state.now))
        if is_other and self.isVisible():
            self.form.field("name").setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_chosen(self, row_id: object) -> None:
        if not self._is_drawing and isinstance(row_id, str):
            self.presenter.on_select(row_id)
            self.show_state(self.presenter.state)

    def _connect(self) -> None:
        presenter, details, form = self.presenter, self.details, self.form
        details.edited.connect(presenter.on_edit)
        details.tested.connect(presenter.on_test)
        details.test_cancelled.connect(presenter.on_cancel_test)
        details.paused.connect(presenter.on_pause)
        details.reconnected.connect(presenter.on_reconnect)
        details.removed.connect(presenter.on_remove)
        details.demo_started.connect(presenter.on_start_demo)
        details.removal_confirmed.connect(presenter.on_removal_confirmed)
        details.kept.connect(presenter.on_keep)
        form.entered.connect(lambda name, value: presenter.on_enter(**{name: value}))
        form.saved.connect(presenter.on_save)
        form.tested.connect(presenter.on_test)
        form.discarded.connect(presenter.on_discard)
        self.form_cancel.clicked.connect(presenter.on_cancel_test)
        self.empty.pressed.connect(presenter.on_new)

    def _lay_out(self) -> None:
        left = Pane(Ground.SUNKEN, Edge.RIGHT, margins=(0, 0, 1, 0))
        self._left = left
        left.setFixedWidth(Width.LIST)
        head = Pane(
            Ground.SUNKEN,
            Edge.BOTTOM,
            is_row=True,
            margins=(Space.GAP, Space.GRID, Space.CARD, Space.GRID),
            spacing=Space.GRID,
        )
        head.box.addWidget(Text(tr("Connections"), Style.SCREEN))
        head.box.addWidget(self._count)
        head.box.addStretch(1)
        head.box.addWidget(self.add)
        left.box.addWidget(head)
        left.box.addWidget(self.list, 1)
        right = Pane(Ground.SURFACE)
        told = Pane(Ground.SURFACE, margins=(Space.PANE, 0, Space.PANE, 0))
        told.box.addWidget(self._notice)
        self._parts.addWidget(self.empty)
        self._parts.addWidget(self.details)
        self._parts.addWidget(self._form_pane())
        right.box.addWidget(told)
        right.box.addWidget(self._parts, 1)
        across = row(spacing=0)
        across.addWidget(left)
        across.addWidget(right, 1)
        self.setLayout(across)

    def _form_pane(self) -> QWidget:
        inner = Pane(Ground.SURFACE, margins=(Space.PANE, Space.GAP, Space.PANE, Space.PANE), spacing=Space.GAP)
        narrow = QWidget()
        narrow.setMaximumWidth(FORM_WIDTH)
        box = column(spacing=Space.GAP)
        narrow.setLayout(box)
        box.addWidget(self._form_title)
        box.addWidget(
            Text(
                tr("It is read first. No decision is sent until you press a key."), Style.BODY, Tone.SECOND, max_lines=0
            )
        )
        box.addWidget(self.form)
        box.addWidget(self.form_test)
        box.addWidget(self.form_cancel)
        inner.box.addWidget(narrow)
        inner.box.addStretch(1)
        return Scroll(inner)
