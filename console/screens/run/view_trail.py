"""The Trail tab: the filter, the list of cards, and the line that says whether its end is followed.

Invariant: the view decides nothing; it draws the trail's state and tells the presenter what a person did.
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMenu, QStackedWidget, QWidget

from console.domain.ages import long_span
from console.domain.language import tr
from console.qtkit.keycaps import key_of
from console.qtkit.marks import IconMark, KeyCap
from console.qtkit.notes import EmptyState, Note
from console.qtkit.panes import Edge, Ground, Pane, row
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import link, quiet, strong
from console.screens.run.presenter import RunPresenter
from console.screens.run.state import UNREAD, RunState, TrailState
from console.screens.run.view_filter import FilterColumn
from console.screens.run.view_trail_list import TrailList


class FollowLine(Pane):
    """The line under the cards: live or not, what is new below, and the key that changes it."""

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            Ground.SURFACE,
            Edge.TOP,
            is_row=True,
            margins=(Space.PANE, 7, Space.PANE, 7),
            spacing=Space.GRID,
            parent=parent,
        )
        self._mark = IconMark("live", Tone.OK, tr("live"))
        self.words = Text("", Style.BODY, Tone.SECOND)
        self._action = Text("", Style.BODY).keep_whole()
        self._action.activated.connect(self.pressed)
        self._key = KeyCap(key_of("run.follow"))
        for part, stretch in ((self._mark, 0), (self.words, 1), (self._action, 0), (self._key, 0)):
            self.box.addWidget(part, stretch)

    def show_state(self, trail: TrailState, now: datetime, *, is_over: bool) -> None:
        """Show whether the end is followed."""
        rest = tr("Nothing new for {now}.", now=long_span(now - trail.newest_at)) if trail.newest_at is not None else ""
        if is_over:
            self._mark.set_icon("circle-check", Tone.SECOND, tr("ended"))
            self.words.set_words((strong(tr("Ended.")), quiet(tr("  Nothing more is to come."))))
        elif trail.problem is not None:
            self._mark.set_icon("triangle-alert", Tone.HIGH, tr("not live"))
            shown = tr("What was read before is shown.") if trail.is_read else UNREAD
            self.words.set_words((strong(tr("Not live."), Tone.HIGH), quiet(f"  {shown}")))
        elif trail.is_following:
            self._mark.set_icon("live", Tone.OK, tr("live"))
            self.words.set_words((strong(tr("Live.")), quiet(tr("  Following at the end. {rest}", rest=rest))))
        else:
            self._mark.set_icon("pause", Tone.SECOND, tr("not following"))
            below = tr("{fresh:,} new below.", fresh=trail.fresh) if trail.fresh else tr("Nothing new below.")
            self.words.set_words((strong(tr("Not following.")), quiet(f"  {below}")))
        self._action.set_words(link(tr("Stop following") if trail.is_following else tr("Follow"), "follow"))


class TrailPane(QWidget):
    """All of the Trail tab."""

    def __init__(self, presenter: RunPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._is_following = True
        self.filter = FilterColumn()
        self.list = TrailList()
        self.filter.search.left.connect(self.list.setFocus)
        self.foot = FollowLine()
        self._problem = Note("", "triangle-alert", Tone.HIGH, action=tr("Read again"), target="again")
        self._problem.activated.connect(lambda _: presenter.on_refresh())
        self._nothing = EmptyState("list-filter", tr("Nothing here"), "")
        self._empty = Text("", Style.BODY, Tone.SECOND, max_lines=0)
        self._lay_out()
        self.filter.changed.connect(presenter.on_filter)
        self.list.toggled.connect(presenter.on_unfold)
        self.list.near_top.connect(presenter.on_reached_top)
        self.list.left_end.connect(lambda: presenter.on_follow(is_following=False))
        self.list.reached_end.connect(lambda: presenter.on_follow(is_following=True))
        self.foot.pressed.connect(self.toggle_following)
        self.list.customContextMenuRequested.connect(self._open_menu)
        copying = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.list)
        copying.activated.connect(self.copy_card)

    def show_state(self, state: RunState) -> None:
        """Show the trail."""
        trail = state.trail
        step = next((one for one in state.steps if one.step_id == trail.filter.step), None)
        self.filter.show_state(trail, (step.title if step else "") or trail.filter.step)
        self.list.show_rows(trail.rows, trail.unfolded, is_following=trail.is_following)
        self.foot.show_state(trail, state.now, is_over=state.is_over)
        self._is_following = trail.is_following
        is_told = trail.problem is None or trail.problem == state.problem
        self._problem_holder.setVisible(not is_told)
        if trail.problem is not None:
            words = (
                strong(tr("The trail cannot be read. ")),
                tr(trail.problem.message),
                " ",
                tr(trail.problem.next_action),
            )
            self._problem.set_note(words, "triangle-alert", Tone.HIGH, tr("Read again"), "again")
        self._empty.set_words(_nothing(trail))
        self._stack.setCurrentIndex(0 if trail.rows else 1)
        if trail.is_read and not trail.is_complete and not trail.is_reading_older:
            self.list.ask_for_older()

    def toggle_following(self) -> None:
        """Stay at the end, or stop."""
        self._presenter.on_follow(is_following=not self._is_following)

    def copy_card(self) -> None:
        """Copy all that the chosen card holds."""
        row_id = self.list.current_id()
        if row_id:
            self._presenter.on_copy(row_id, QApplication.clipboard().setText)

    def _lay_out(self) -> None:
        cards = Pane(Ground.SURFACE)
        holder = Pane(Ground.SURFACE, margins=(Space.PANE, Space.CARD, Space.PANE, 0))
        holder.box.addWidget(self._problem)
        self._problem_holder = holder
        empty = Pane(Ground.SURFACE, margins=(Space.PANE, Space.PANE, Space.PANE, Space.PANE))
        empty.box.addWidget(self._empty)
        empty.box.addStretch(1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(empty)
        cards.box.addWidget(holder)
        cards.box.addWidget(self._stack, 1)
        cards.box.addWidget(self.foot)
        across = row(spacing=0)
        across.addWidget(self.filter)
        across.addWidget(cards, 1)
        self.setLayout(across)

    def _open_menu(self, point: QPoint) -> None:
        index = self.list.indexAt(point)
        if not index.isValid():
            return
        menu = QMenu(self)
        menu.addAction(tr("Copy all of it"), self.copy_card)
        if self.list.laid(index.row()).card.can_unfold:
            row_id = self.list.current_id()
            menu.addAction(tr("Show all or less"), lambda: self._presenter.on_unfold(row_id))
        menu.popup(self.list.viewport().mapToGlobal(point))


def _nothing(trail: TrailState) -> str:
    """Why no card is shown."""
    if trail.lack:
        return tr("This engine cannot show a trail: {lack}", lack=trail.lack)
    if not trail.is_read:
        return tr("Reading the newest entries…") if trail.problem is None else ""
    if trail.filter.is_empty:
        return tr("Nothing is recorded yet. Entries appear here as the run goes on.")
    if not trail.is_complete:
        return tr("Nothing read so far passes the filter. Older entries are being read…")
    return tr("Nothing passes the filter.")
