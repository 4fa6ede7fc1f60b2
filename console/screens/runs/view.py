"""The screen of the runs: head, what failed alike, all runs, and the side with what is chosen or done to many.

Invariant: it draws the presenter's state and forwards gestures. A state told while the screen is hidden is drawn when
it comes back.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from console.domain.ages import long_span
from console.domain.display import one_line
from console.domain.escalation import Verdict
from console.qtkit.buttons import Button
from console.qtkit.buttons import Kind as ButtonKind
from console.qtkit.notes import Note
from console.qtkit.panes import Ground, Pane, column, row
from console.qtkit.tokens import Space, Tone
from console.screens import Action
from console.screens.runs.presenter import RunsPresenter
from console.screens.runs.state import RunsState, trouble
from console.screens.runs.view_filters import FilterBar, HeadPane
from console.screens.runs.view_lists import GroupList, RunList
from console.screens.runs.view_side import SidePane

MENU = "Run"
WIDE = 1_200
SIDE, SIDE_NARROW = 404, 328
# Where text is large and the screen is not.
TIGHT, SIDE_TIGHT = 900, 300


class RunsView(QWidget):
    """All runs. The window calls `actions` once, and `on_shown` and `on_hidden` of the presenter."""

    def __init__(self, presenter: RunsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter = presenter
        self.setAccessibleName("Runs")
        self.head = HeadPane()
        self.trouble = Note("", "triangle-alert", Tone.MEDIUM)
        self.notice = Note("", "info", Tone.MEDIUM)
        self.groups = GroupList(presenter.state)
        self.filters = FilterBar(presenter)
        self.list = RunList(presenter.state)
        self.more = Button("List older runs", "chevron-down", kind=ButtonKind.FLAT, is_small=True)
        self.side = SidePane(presenter)
        self._lay_out()
        self._connect()
        presenter.listen(self.show_state)

    def actions(self) -> tuple[Action, ...]:  # type: ignore[override]  # the window asks every screen for these
        """What a person can do here."""
        presenter = self.presenter

        def has_run() -> bool:
            return presenter.state.selected is not None

        def has_chosen() -> bool:
            return bool(presenter.state.chosen)

        def has_group() -> bool:
            return presenter.state.group is not None

        def is_there() -> bool:
            return True

        moving = (
            ("next", "Next run", partial(self._step, 1), ("J",)),
            ("previous", "Previous run", partial(self._step, -1), ("K",)),
            ("next-group", "Next group of failures", partial(presenter.on_step_group, 1), ("]",)),
            ("previous-group", "Previous group of failures", partial(presenter.on_step_group, -1), ("[",)),
        )
        offered = (
            # Enter is the table's own key: in a field it means something else.
            ("open", "Open the run", presenter.on_open, "", "workflow", has_run),
            ("item", "Open what waits in the run", self._open_item, "O", "inbox", has_run),
            ("search", "Find runs", self._find, "/", "search", is_there),
            ("mark", "Mark the run, or unmark it", presenter.on_mark, "X", "square-check", has_run),
            ("mark-group", "Mark all that failed alike", presenter.on_mark_group, "Shift+X", "layers", is_there),
            ("retry", "Retry what is chosen…", partial(presenter.on_act, Verdict.RETRY), "Y", "rotate-ccw", has_chosen),
            (
                "reroute",
                "Reroute what is chosen…",
                partial(presenter.on_act, Verdict.REROUTE),
                "T",
                "shuffle",
                has_chosen,
            ),
            ("pause", "Pause what is chosen…", partial(presenter.on_act, Verdict.PAUSE), "P", "pause", has_chosen),
            ("cancel", "Cancel what is chosen…", partial(presenter.on_act, Verdict.CANCEL), "", "ban", has_chosen),
            ("note", "Write a note on this failure", presenter.on_write, "E", "book-open", has_group),
            ("order", "Order the runs the other way", presenter.on_order, "", "chevrons-up-down", is_there),
            ("older", "List older runs", presenter.on_more, "", "history", is_there),
            ("back", "Close what is open, or go back", presenter.on_back, "Esc", "", is_there),
        )
        return (
            *(
                Action(action_id=f"runs.{name}", text=text, run=run, keys=keys, menu=MENU, is_repeating=True)
                for name, text, run, keys in moving
            ),
            *(
                Action(
                    action_id=f"runs.{name}",
                    text=text,
                    run=run,
                    keys=(key,) if key else (),
                    menu=MENU,
                    icon=icon,
                    can_run=can_run,
                )
                for name, text, run, key, icon, can_run in offered
            ),
        )

    def show_state(self, state: RunsState) -> None:
        """Draw a state."""
        if not self.isVisible() and self.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
            return
        self.head.show_state(state)
        self._show_notes(state)
        self.groups.show_state(state)
        self.filters.show_state(state)
        self.list.show_state(state)
        self.more.setVisible(state.has_more and bool(state.lines))
        self.side.show_state(state)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Hand the focus to the list. A focus proxy would do so too, but Tab would then pass over all before it."""
        super().focusInEvent(event)
        self.list.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what was told while it was hidden."""
        super().showEvent(event)
        self.show_state(self.presenter.state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The side gives way in a narrow window."""
        super().resizeEvent(event)
        self.side.setFixedWidth(SIDE if self.width() >= WIDE else SIDE_NARROW if self.width() >= TIGHT else SIDE_TIGHT)

    def _show_notes(self, state: RunsState) -> None:
        told = []
        for source in trouble(state):
            age = f"its runs are as of {long_span(state.now - source.read_at)} ago" if source.read_at else "not listed"
            told.append(f"{one_line(source.connection)}: {age}. {source.error} {source.next_action}".strip())
        self.trouble.set_note("\n".join(told), "triangle-alert", Tone.MEDIUM)
        self.trouble.setVisible(bool(told))
        self.notice.set_note(state.notice, "info", Tone.MEDIUM)
        self.notice.setVisible(bool(state.notice))

    def _step(self, step: int) -> None:
        self.list.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.list.table.step(step)

    def _open_item(self) -> None:
        line = self.presenter.state.selected
        waits = line.run.failing or next(iter(line.run.waiting), None) if line is not None else None
        if waits is not None:
            self.presenter.on_item(waits.key.item_id)

    def _find(self) -> None:
        self.head.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.head.search.selectAll()

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
        self.groups.chosen.connect(presenter.on_group)
        self.groups.retried.connect(self._on_retried)
        self.groups.noted.connect(self._on_noted)
        self.list.chosen.connect(presenter.on_select)
        self.list.opened.connect(presenter.on_open)
        self.list.helped.connect(presenter.on_help_empty)
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
