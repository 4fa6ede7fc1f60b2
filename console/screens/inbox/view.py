"""The inbox on screen: list, review with its decision bar, context; and what keys do here.

Invariant: it draws the state and forwards gestures. Enter and Escape are taken here, where it is known who has the
focus; Enter ignores auto-repeat. After a decision, and whenever a field is left, the focus is in the list, where
letters are keys and not text.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from console.domain.escalation import Target, Verdict
from console.domain.language import tr
from console.qtkit.panes import Ground, Pane, row
from console.qtkit.tokens import Space, Width
from console.screens import Action
from console.screens.inbox.decision_bar import Need
from console.screens.inbox.listing import Emptiness
from console.screens.inbox.presenter import InboxPresenter
from console.screens.inbox.state import InboxState
from console.screens.inbox.view_actions import actions
from console.screens.inbox.view_bar import DecisionBar, HintStrip
from console.screens.inbox.view_changes import has_filled, has_left
from console.screens.inbox.view_context import ContextPane
from console.screens.inbox.view_decided import DecidedDialog
from console.screens.inbox.view_hand_over import HandOverDialog
from console.screens.inbox.view_links import follow
from console.screens.inbox.view_list import ListPane
from console.screens.inbox.view_parts import drawn_parts
from console.screens.inbox.view_picker import TargetPicker
from console.screens.inbox.view_rest import Rest
from console.screens.inbox.view_review import ReviewPane
from console.screens.inbox.view_room import is_folded, is_narrow, remember, room
from console.screens.inbox.view_ruling import RulingPane
from console.screens.inbox.view_together import TogetherDialog

NARROW_LIST = 392
# Where text is large and the screen is not.
TIGHT_BELOW = 1000
TIGHT_LIST = 356
SECOND_MS = 1000
QUEUED = Qt.ConnectionType.QueuedConnection
ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class InboxView(QWidget):
    """The screen. The window asks for its ``actions`` once."""

    def __init__(self, presenter: InboxPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter: InboxPresenter = presenter
        self.setAccessibleName(tr("Inbox"))
        self._state: InboxState | None = None
        self.list = ListPane(presenter.state)
        self.review = ReviewPane()
        self.ruling = RulingPane()
        self.bar = DecisionBar()
        self.context = ContextPane()
        self._middle = Pane(Ground.SURFACE)
        self._middle.box.addWidget(self.review, 1)
        self._middle.box.addWidget(self.ruling)
        self._middle.box.addWidget(self.bar)
        self.hint = HintStrip(self.review)
        self.picker = TargetPicker(self.review, tr("Reroute to"))
        self.assignee = TargetPicker(self.review, tr("Hand to"))
        box = row(spacing=0)
        box.addWidget(self.list)
        box.addWidget(self._middle, 1)
        box.addWidget(self.context)
        self.setLayout(box)
        self.list.tray.remember_in(presenter.memory)
        self._connect()
        self._timer = QTimer(self)
        self._timer.setInterval(SECOND_MS)
        self._timer.timeout.connect(presenter.tick)
        self._timer.start()
        self._parts = drawn_parts(self)
        presenter.listen(self.show_state)

    def actions(self) -> tuple[Action, ...]:  # type: ignore[override]  # Qt's own are of the widget, these of the screen
        """What a person can do here."""
        return actions(self)

    def show_state(self, state: InboxState) -> None:
        """Draw a state."""
        before, self._state = self._state, state
        if (
            before is not None
            and has_left(before, state)
            and (self._is_inside(self.bar) or self._is_inside(self.review))
        ):
            # Before what has the focus is hidden: Qt would hand it to whatever comes next.
            self.focus_list()
        # Asked before drawing: what is hidden then loses the focus to whatever Qt finds next.
        was_inside = self._is_inside(self.bar) or self._is_inside(self.review)
        for parts, draw in self._parts:
            if before is None or any(each != was for each, was in zip(parts(state), parts(before), strict=True)):
                draw(state)
        self._place_context()
        self._place_over()
        if before is not None:
            self._move_focus(before, state, was_inside=was_inside)

    def toggle_context(self) -> None:
        """Fold the context pane, or unfold it."""
        folded = not self.context.is_folded
        remember(self.presenter.memory, room(self.width(), self._state), folded=folded)
        self.context.set_folded(is_folded=folded)

    def focus_list(self) -> None:
        """Leave whatever field has the focus."""
        self.list.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_search(self) -> None:
        """Go to the search field."""
        self.list.filters.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.list.filters.search.selectAll()

    def clear_search(self) -> None:
        """Show all that waits again, whatever was asked for."""
        self.list.filters.search.clear()
        self.presenter.seeking.show_all()

    def save_view(self) -> None:
        """Ask for a name for what is asked for now, or say why it cannot be kept."""
        self.list.filters.search.flush()
        if self.presenter.seeking.may_save():
            self.list.views.ask_name()

    def put_off(self) -> None:
        """Offer until when the open item can be put off, or have it back."""
        if self.presenter.later.begin():
            menu = QMenu(self)
            for place, choice in enumerate(self.presenter.later.choices, start=1):
                menu.addAction(f"&{place}  {choice.words}").triggered.connect(partial(self._put_off, choice.until))
            menu.aboutToHide.connect(menu.deleteLater)
            above = QPoint(Space.PANE, -menu.sizeHint().height() - Space.HALF)
            menu.popup(self.bar.mapToGlobal(above))
            menu.setActiveAction(menu.actions()[0])

    def decide_together(self) -> None:
        """Decide what is marked together, or what is like the selected row."""
        if self.presenter.gather():
            TogetherDialog(self.presenter.bundle, self.window()).open()

    def show_decided(self) -> None:
        """Show all that this desk decided."""
        DecidedDialog(self.presenter.history, self.window()).open()

    def hand_over(self, *, is_reading: bool = False) -> None:
        """Write the note for whoever is next, or read the last one."""
        HandOverDialog(self.presenter.leaving, self.window(), is_reading=is_reading).open()

    def focus_comment(self) -> None:
        """Go to the comment field."""
        if self.context.is_folded:
            self.toggle_context()
        self.context.comment.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def copy_id(self) -> None:
        """Put the id of the open item on the clipboard, for another person to find it by."""
        item_id = self.presenter.reading.copied()
        if item_id:
            QGuiApplication.clipboard().setText(item_id)

    def copy_link(self) -> None:
        """Put a link to the open item on the clipboard."""
        link = self.presenter.reading.copied_link()
        if link:
            QGuiApplication.clipboard().setText(link)

    def copy_receipt(self) -> None:
        """Put the receipt of the open item's decision on the clipboard."""
        told = self.presenter.reading.copied_receipt()
        if told:
            QGuiApplication.clipboard().setText(told)

    def submit(self) -> None:
        """Send the open form."""
        self.review.form.submit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Hand the focus to the list. A focus proxy would do so too, but Tab would then pass over all before it."""
        super().focusInEvent(event)
        self.focus_list()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Escape, after the widget with the focus had no use for them."""
        if event.key() in ENTER:
            self._on_enter(event)
        elif event.key() == Qt.Key.Key_Escape:
            self._on_escape()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Enter before the list does, which does not know about auto-repeat."""
        if watched is self.list.table and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() in ENTER:
                self._on_enter(event)
                return True
            if event.key() == Qt.Key.Key_Space:
                # No key of the window: a button that has the focus is pressed by it.
                self.presenter.mark()
                return True
        elif watched is self.review and event.type() is QEvent.Type.Resize:
            self._place_over()
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """Notice when the window comes to a person and when it leaves them."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange:
            leaving = self.presenter.leaving
            (leaving.arrive if self.isActiveWindow() else leaving.leave)()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the list the room there is."""
        super().resizeEvent(event)
        is_tight = self.width() + Width.RAIL < TIGHT_BELOW
        self.list.setFixedWidth(TIGHT_LIST if is_tight else NARROW_LIST if is_narrow(self.width()) else Width.LIST)
        self._place_context()

    def _place_context(self) -> None:
        """Fold the context where its room is needed, unless a person wants it there; never under a comment."""
        folded = is_folded(self.presenter.memory, room(self.width(), self._state))
        if folded != self.context.is_folded and not self.context.comment.hasFocus():
            self.context.set_folded(is_folded=folded)

    def _connect(self) -> None:
        presenter, reading, deciding = self.presenter, self.presenter.reading, self.presenter.deciding
        self.list.table.installEventFilter(self)
        self.review.installEventFilter(self)
        self._rest = Rest(self, self.list.table)
        self.list.selected.connect(presenter.select)
        self.list.pointed.connect(presenter.on_pointed)
        # All three are told while something is drawn; the state must not change under the drawing.
        self.list.in_sight.connect(presenter.on_viewport, QUEUED)
        self.list.first_wanted.connect(presenter.select_first, QUEUED)
        self.review.painted.connect(reading.on_painted, QUEUED)
        self.list.folded.connect(presenter.fold)
        self.list.strip.clicked.connect(presenter.show_new)
        self.list.since.clicked.connect(self._on_since)
        self.list.helped.connect(self._help)
        self.list.views.chosen.connect(presenter.seeking.choose)
        self.list.views.saved.connect(presenter.seeking.save)
        self.list.views.removed.connect(presenter.seeking.remove)
        self.list.filters.search.suggest = presenter.seeking.suggestions
        self.list.filters.search.entered.connect(presenter.seeking.learning.request)
        self.list.filters.search.went_on.connect(partial(presenter.find, then=self._leave_search))
        self.list.filters.search.went_back.connect(self.focus_list)
        self.list.filters.put_off_asked.connect(presenter.seeking.toggle_put_off)
        self.list.filters.searched.connect(presenter.seeking.search)
        self.list.filters.filtered.connect(lambda changes: presenter.seeking.filter(**changes))
        self.list.tray.undone.connect(deciding.undo)
        self.list.tray.opened.connect(presenter.open_decision)
        self.list.tray.all_asked.connect(self.show_decided)
        self.list.tray.frame.connect(presenter.on_frame)
        self.review.activated.connect(partial(follow, self))
        self.review.form.edited.connect(deciding.set_entry)
        self.review.form.submitted.connect(deciding.submit)
        self.ruling.picked.connect(deciding.rule)
        self.ruling.fated.connect(deciding.rule_loser)
        self.bar.pressed.connect(deciding.press)
        self.bar.reason_changed.connect(deciding.set_reason)
        self.bar.typed_changed.connect(deciding.set_typed)
        self.bar.submitted.connect(self.submit)
        self.bar.went_back.connect(deciding.back)
        self.bar.reason_kept.connect(deciding.keep_reason)
        self.bar.reason_removed.connect(deciding.remove_reason)
        self.picker.chosen.connect(self._choose)
        self.assignee.chosen.connect(self._assign)
        self.context.commented.connect(reading.comment)
        # Told by a widget of the pane, which the press may take away.
        self.context.activated.connect(partial(follow, self), QUEUED)
        self.context.fold_asked.connect(self.toggle_context)

    def press(self, verdict: Verdict) -> None:
        """A verdict's key."""
        button = self.presenter.state.bar.button(verdict)
        self.presenter.deciding.press(verdict)
        bar = self.presenter.state.bar
        if bar.intent is not None and bar.need is Need.ENTER and verdict is Verdict.REJECT:
            # Who rejects says why, asked or not.
            self.focus_reason()
        elif button is not None and button.blocked:
            self._rest.begin()

    def focus_reason(self) -> None:
        """Go to the reason."""
        self.bar.reason.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def pressing(self, verdict: Verdict) -> partial[None]:
        """A handler for a verdict's key."""
        return partial(self.press, verdict)

    def _on_since(self) -> None:
        if self.presenter.state.has_note:
            self.hand_over(is_reading=True)
        else:
            self.presenter.leaving.dismiss()

    def _leave_search(self) -> None:
        """Go from the field into what it found, unless somebody types on in it or went elsewhere."""
        search = self.list.filters.search
        if search.hasFocus() and search.text().strip() == self.presenter.state.listing.query.text:
            self.focus_list()

    def _put_off(self, until: datetime, *_is_checked: bool) -> None:
        self.presenter.later.put_off(until)

    def _choose(self, target: Target) -> None:
        self.presenter.deciding.choose(target)

    def _assign(self, target: Target) -> None:
        self.presenter.assigning.choose(target)
        self.focus_list()

    def _on_enter(self, event: QKeyEvent) -> None:
        event.accept()
        if event.isAutoRepeat():
            return
        deciding = self.presenter.deciding
        if QApplication.focusWidget() in {self.bar.reason, self.bar.typed}:
            if self.presenter.state.form is not None:
                self.submit()
            else:
                deciding.enter_field(is_name=QApplication.focusWidget() is self.bar.typed)
            if self.presenter.state.bar.intent is None:
                self.focus_list()
            self.bar.focus_need(self.presenter.state.bar.need)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.submit()
        else:
            deciding.enter()

    def _on_escape(self) -> None:
        state = self.presenter.state
        if state.is_assigning:
            self.presenter.assigning.back()
        elif state.bar.intent is not None or state.bar.hint:
            self.presenter.deciding.back()
        elif state.since:
            self.presenter.leaving.dismiss()
        elif state.changed or state.notice:
            self.presenter.reading.dismiss()
        elif state.listing.marked:
            self.presenter.clear_marks()
        elif state.back is not None:
            self.presenter.go_back()
            return
        self.focus_list()

    def _help(self, emptiness: Emptiness) -> None:
        if emptiness is Emptiness.NO_CONNECTION:
            self.presenter.connect()
        else:
            self.presenter.seeking.show_all()

    def _move_focus(self, before: InboxState, state: InboxState, *, was_inside: bool) -> None:
        """Go to what is needed next; back to the list when nothing is any more."""
        was, now = before.bar.need, state.bar.need
        if state.form is not None and before.form is None:
            self.review.form.focus_first()
            QTimer.singleShot(0, self._see_to_form)
        elif now is not was and now in {Need.REASON, Need.TYPED_NAME}:
            # Never from under what is being typed: the last letter of the name is no wish to go on.
            if not (now is Need.REASON and self.bar.typed.hasFocus()):
                self.bar.focus_need(now)
        elif (has_left(before, state) and was_inside) or (has_filled(before, state) and not self._is_inside(self)):
            self.focus_list()

    def _see_to_form(self) -> None:
        """A form that was not laid out yet when it opened takes the focus now."""
        if self.presenter.state.form is not None and not self._is_inside(self.review.form):
            self.review.form.focus_first()

    def _is_inside(self, pane: QWidget) -> bool:
        focused = QApplication.focusWidget()
        return focused is not None and pane.isAncestorOf(focused)

    def _place_over(self) -> None:
        """Keep what lies over the review at its foot."""
        if self.hint.isVisible():
            height = self.hint.sizeHint().height()
            self.hint.setGeometry(0, self.review.height() - height, self.review.width(), height)
        for picker in (self.picker, self.assignee):
            if picker.isVisible():
                picker.place()
