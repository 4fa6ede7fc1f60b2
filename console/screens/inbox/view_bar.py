"""The decision bar: the typed name, the reason, the digest, the verdicts.

Invariant: nothing in it moves while an item is open: buttons are made anew only for another set of verdicts, arming and
blocking change their look alone. Enter in its fields ignores auto-repeat. It judges nothing; it draws a `Bar`.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from console.domain.escalation import Verdict
from console.domain.language import tr
from console.qtkit.buttons import Button, Kind
from console.qtkit.fields import Field
from console.qtkit.keycaps import label_of
from console.qtkit.marks import IconMark, KeyCap
from console.qtkit.paint import tip
from console.qtkit.panes import Edge, Ground, Pane, column, row
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import data, strong
from console.screens.inbox.decision_bar import Bar, Need
from console.screens.inbox.reasons import Templates
from console.screens.inbox.state import InboxState
from console.screens.inbox.values import brief
from console.screens.inbox.verdicts import DOING, SIGN, VerdictButton

TYPED_WIDTH = 168
NAME_SHOWN = 32
MOST_TEMPLATES = 12
FORM_KEYS = "Ctrl Enter"
ENTER_SIGN = "↵"
# What the first line needs to tell of the undo, beside the name to type and the digest.
ROOM_ABOVE = 500


class DigestMark(QWidget):
    """The first eight characters of the digest, and whether anybody checks it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = column(spacing=0)
        self.setLayout(box)
        first, second = row(spacing=6), row(spacing=6)
        self._digest = Text("", Style.DATA).keep_whole()
        self._mark = IconMark("shield-check", Tone.OK, "")
        self._enforced = Text("", Style.SMALL).keep_whole()
        first.addWidget(IconMark("fingerprint", Tone.SECOND, tr("digest")))
        first.addWidget(self._digest)
        first.addStretch(1)
        second.addWidget(self._mark)
        second.addWidget(self._enforced)
        second.addStretch(1)
        box.addLayout(first)
        box.addLayout(second)
        # Also before its item was read: a row that shrank for that moment would move the buttons.
        self.setFixedHeight(Style.DATA.line + Style.SMALL.line)

    def show_bar(self, bar: Bar) -> None:
        """Draw it."""
        tone = Tone.OK if bar.is_enforced else Tone.SECOND
        words = tr("Enforced") if bar.is_enforced else tr("recorded, not enforced")
        self._digest.set_words(data(bar.digest))
        for part in (self._mark, self._enforced):
            part.setVisible(bar.is_enforced is not None)
        self._mark.set_icon("shield-check" if bar.is_enforced else "shield-question-mark", tone, words)
        self._enforced.set_words(words, tone)
        told = (
            tr("The engine checks the signature before the effect.")
            if bar.is_enforced
            else tr("Nobody but this desk checks who signed.")
        )
        is_known = bar.is_enforced is not None
        self.setToolTip(
            tip(
                tr(
                    "Your decision is bound to digest {digest}. {told}",
                    digest=bar.digest,
                    told=told if is_known else "",
                ).rstrip()
            )
        )
        self.setAccessibleName(
            tr("Digest {digest}, {said}", digest=bar.digest, said=words)
            if is_known
            else tr("Digest {digest}", digest=bar.digest)
        )


class DecisionBar(Pane):
    """Tells what was pressed and entered."""

    pressed = Signal(object)
    reason_changed = Signal(str)
    typed_changed = Signal(str)
    reason_kept = Signal()
    reason_removed = Signal(str)
    submitted = Signal()
    went_back = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            Ground.SUNKEN,
            Edge.TOP,
            margins=(Space.PANE, Space.CARD, Space.PANE, Space.CARD),
            spacing=Space.GRID,
            parent=parent,
        )
        self.setAccessibleName(tr("Decide"))
        self._made_for: tuple[tuple[Verdict, str], ...] = ()
        self.buttons: dict[Verdict, Button] = {}
        self.typed = Field(tr("Name to sign with"), is_data=True)
        self.typed.setFixedWidth(TYPED_WIDTH)
        self._name = ""
        self._cap = KeyCap("")
        self.reason = Field(tr("Reason"), prefix=tr("Reason"))
        self.templates = Button(tr("Templates"), is_small=True, has_menu=True)
        self.templates.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.reason.set_trailing(self.templates)
        self.digest = DigestMark()
        self.more = Button("", "ellipsis")
        self.more.setAccessibleName(tr("More verdicts"))
        self._undo = Text("", Style.SMALL, Tone.QUIET).keep_whole()
        self.submit = Button("", key=FORM_KEYS, kind=Kind.PRIMARY)
        self.back = Button(tr("Back"), key="Esc")
        self._lay_out()
        self.typed.textEdited.connect(self.typed_changed)
        self.reason.textEdited.connect(self.reason_changed)
        self.templates.clicked.connect(self._offer_templates)
        self.more.clicked.connect(self._offer_more)
        self.submit.clicked.connect(self.submitted)
        self.back.clicked.connect(self.went_back)
        self._bar = Bar()
        self._offered = Templates()
        self.typed.installEventFilter(self)
        self.reason.installEventFilter(self)

    def show_state(self, state: InboxState) -> None:
        """Draw the bar of the open item."""
        bar = state.bar
        self._bar, self._offered = bar, state.templates
        self.setVisible(state.item is not None and bool(bar.in_bar))
        self._show_fields(bar)
        self.digest.show_bar(bar)
        self._undo.set_words(bar.undo)
        self._make_buttons(bar)
        is_ready = state.is_armed and not bar.is_busy and not state.is_turning
        for each in bar.in_bar:
            button = self.buttons[each.verdict]
            button.set_blocked(each.blocked or (bar.primary_waits if each.is_primary else ""))
            button.set_armed(is_ready)
            if button.accessibleName() != each.label:
                button.set_label(each.label)
        self._show_keys(is_typing=self.typed.hasFocus() or self.reason.hasFocus())
        self._verdicts.setCurrentIndex(0 if state.form is None else 1)
        if state.form is not None and bar.intent is not None:
            self.submit.set_label(DOING[bar.intent.verdict].capitalize())
            self.submit.set_armed(is_ready)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what can be missed where the buttons need the room."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice when a field gets the focus or loses it: Enter is the key of the verdict then, not its letter."""
        if event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            self._show_keys(is_typing=event.type() is QEvent.Type.FocusIn)
        return super().eventFilter(watched, event)

    def focus_need(self, need: Need) -> bool:
        """Go to the field that is needed next. Returns whether there is one."""
        field = {Need.REASON: self.reason, Need.TYPED_NAME: self.typed}.get(need)
        if field is None:
            return False
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def _lay_out(self) -> None:
        self._typed_row = QWidget()
        typed = row(spacing=Space.GRID)
        typed.addWidget(Text(tr("Type"), Style.BODY, Tone.SECOND).keep_whole())
        typed.addWidget(self._cap)
        typed.addWidget(Text(tr("to sign"), Style.BODY, Tone.SECOND).keep_whole())
        typed.addWidget(self.typed)
        typed.addStretch(1)
        self._typed_row.setLayout(typed)
        self._first, self._second = typed, row(spacing=Space.CARD)
        self._second.addWidget(self.reason, 1)
        self._second.addWidget(self.digest)
        self._button_row = row(spacing=Space.GRID)
        self._button_row.addWidget(self.more)
        self._button_row.addStretch(1)
        self._button_row.addWidget(self._undo)
        form = row(spacing=Space.GRID)
        form.addWidget(self.submit)
        form.addWidget(self.back)
        form.addStretch(1)
        self._verdicts = QStackedWidget()
        for layout in (self._button_row, form):
            holder = QWidget()
            holder.setLayout(layout)
            self._verdicts.addWidget(holder)
        self.box.addWidget(self._typed_row)
        self.box.addLayout(self._second)
        self.box.addWidget(self._verdicts)

    def _show_fields(self, bar: Bar) -> None:
        is_signing = bool(bar.name_to_type)
        self._typed_row.setVisible(is_signing)
        if self._first.indexOf(self.digest) < 0 and is_signing:
            self._first.addWidget(self._undo)
            self._first.addSpacing(Space.GRID)
            self._first.addWidget(self.digest)
        elif self._second.indexOf(self.digest) < 0 and not is_signing:
            self._second.addWidget(self.digest)
            self._button_row.addWidget(self._undo)
        if bar.name_to_type != self._name:
            self._name = bar.name_to_type
            cap = KeyCap(brief(self._name, NAME_SHOWN))
            self._first.replaceWidget(self._cap, cap)
            self._cap.deleteLater()
            self._cap = cap
        self.typed.set_hint(bar.typed_hint)
        self.typed.setAccessibleName(tr("Type {name_to_type} to sign", name_to_type=bar.name_to_type))
        for field, text in ((self.typed, bar.typed), (self.reason, bar.reason)):
            if field.text() != text:
                field.setText(text)
        self.reason.set_placeholder(bar.hint if bar.need is Need.REASON else bar.reason_hint)

    def _show_keys(self, *, is_typing: bool) -> None:
        """Show the key that works: Enter's sign, as wide as a letter, where Enter in the field sends this verdict."""
        intent = self._bar.intent
        sent = intent.verdict if intent is not None else None
        if sent is None and self._bar.name_to_type and self._bar.in_bar:
            sent = self._bar.in_bar[0].verdict
        for each in self._bar.in_bar:
            is_sent = is_typing and each.verdict is sent and len(label_of(each.key)) == 1
            self.buttons[each.verdict].set_key(ENTER_SIGN if is_sent else each.key)

    def _fit(self) -> None:
        shown = [*self.buttons.values(), self.more]
        for button in shown:
            button.set_cap_shown(is_shown=True)
        room = self.width() - 2 * Space.PANE
        needed = sum(button.sizeHint().width() + Space.GRID for button in shown)
        for button in shown:
            button.set_cap_shown(is_shown=needed - Space.GRID <= room)
        is_above = bool(self._bar.name_to_type)
        self._undo.setVisible(room >= ROOM_ABOVE if is_above else needed + self._undo.sizeHint().width() <= room)

    def _make_buttons(self, bar: Bar) -> None:
        wanted = tuple((each.verdict, "" if bar.is_ruling else each.label) for each in bar.in_bar)
        self.more.setVisible(bool(bar.more))
        if wanted == self._made_for:
            return
        self._made_for = wanted
        for button in self.buttons.values():
            self._button_row.removeWidget(button)
            button.deleteLater()
        self.buttons = {}
        for place, each in enumerate(bar.in_bar):
            button = _button(each)
            button.clicked.connect(partial(self.pressed.emit, each.verdict))
            self._button_row.insertWidget(place, button)
            self.buttons[each.verdict] = button
        self._set_order()
        self._fit()

    def _set_order(self) -> None:
        """Let Tab go as the eye goes."""
        order = [self.typed, self.reason, self.templates, *self.buttons.values(), self.more]
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def _offer_templates(self) -> None:
        menu = self._menu()
        kept, others = self._offered.kept, self._offered.others[:MOST_TEMPLATES]
        for reason in kept:
            menu.addAction(_label(reason)).triggered.connect(partial(self._take, reason))
        menu.addSeparator()
        for reason in others:
            menu.addAction(_label(reason)).triggered.connect(partial(self._take, reason))
        menu.addSeparator()
        typed = self.reason.text().strip()
        keep = menu.addAction(
            tr("Keep “{typed}”", typed=_label(brief(typed, NAME_SHOWN))) if typed else tr("Keep the reason you type")
        )
        keep.setEnabled(self._offered.can_keep(typed))
        keep.triggered.connect(self.reason_kept)
        remove = menu.addMenu(tr("Remove"))
        for reason in (*kept, *others):
            remove.addAction(_label(reason)).triggered.connect(partial(self.reason_removed.emit, reason))
        # Above the field: what is kept is what stands in it.
        top = self.reason.mapToGlobal(self.reason.rect().topRight())
        menu.popup(top - QPoint(menu.sizeHint().width(), menu.sizeHint().height() + Space.HALF))

    def _take(self, reason: str) -> None:
        self.reason.setText(reason)
        self.reason_changed.emit(reason)
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def _offer_more(self) -> None:
        menu = self._menu()
        menu.setToolTipsVisible(True)
        for each in self._bar.more:
            made = menu.addAction(f"{each.label}\t{label_of(each.key)}")
            made.setEnabled(not each.blocked)
            made.setToolTip(tip(each.blocked))
            made.triggered.connect(partial(self.pressed.emit, each.verdict))
        menu.popup(self.more.mapToGlobal(self.more.rect().topLeft()))


class HintStrip(Pane):
    """What the pressed verdict waits for, over the foot of the review, so that nothing has to make room for it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            Ground.SELECTED,
            Edge.TOP,
            is_row=True,
            margins=(Space.PANE, 6, Space.PANE, 6),
            spacing=Space.GRID,
            parent=parent,
        )
        self._mark = IconMark("corner-down-left", Tone.ACCENT, "")
        self._words = Text("", Style.ROW)
        self.box.addWidget(self._mark)
        self.box.addWidget(self._words, 1)
        self.hide()

    def show_state(self, state: InboxState) -> None:
        """Draw what was pressed too early, or what is waited for; nothing while nothing is."""
        bar, words = state.bar, state.too_early or state.bar.hint
        if state.too_early:
            self._mark.set_icon("clock", Tone.SECOND, "")
        elif bar.is_problem:
            self._mark.set_icon("ban", Tone.HIGH, "")
        else:
            self._mark.set_icon("corner-down-left", Tone.ACCENT, "")
        self._words.set_words(strong(words))
        self.setAccessibleName(words)
        self.setVisible(bool(words) and (bool(state.too_early) or bar.need not in {Need.REASON, Need.TYPED_NAME}))
        self.raise_()


def _label(text: str) -> str:
    """A text as a menu shows it: an ampersand is one, not the mark of a key."""
    return text.replace("&", "&&")


def _button(each: VerdictButton) -> Button:
    kind = Kind.DANGER if each.is_danger else Kind.PRIMARY if each.is_primary else Kind.NORMAL
    icon = "signature" if each.label == SIGN else "ban" if each.verdict is Verdict.CANCEL else ""
    return Button(each.label, icon, each.key, kind)
