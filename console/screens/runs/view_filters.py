"""The head of the screen and the filters over the list of runs.

Invariant: a chip shows what the filter says; it tells what a person wants and changes nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QMenu, QSizePolicy, QWidget

from console.domain.language import tr
from console.qtkit.buttons import Button
from console.qtkit.buttons import Kind as ButtonKind
from console.qtkit.fields import SearchField
from console.qtkit.keycaps import key_of
from console.qtkit.panes import Edge, Ground, Pane, row
from console.qtkit.pills import Chip as ChipButton
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.screens.runs.finding import Chip
from console.screens.runs.presenter import RunsPresenter
from console.screens.runs.state import RunsState, summary

SEARCH_AFTER_MS = 150
SEARCH_WIDTH = 300
Policy = QSizePolicy.Policy
CHIPS: dict[Chip, tuple[str, str, Tone]] = {
    Chip.WAITS: (tr("Waits"), "hourglass", Tone.PERSON),
    Chip.STUCK: (tr("Stuck"), "repeat", Tone.HIGH),
    Chip.FAILED: (tr("Failed"), "octagon-x", Tone.CRITICAL),
    Chip.RUNNING: (tr("Running"), "loader", Tone.ACCENT),
    Chip.PAUSED: (tr("Paused"), "circle-pause", Tone.SECOND),
    Chip.OVER: (tr("Over"), "circle-check", Tone.OK),
}


class HeadPane(Pane):
    """What this is, how much of it there is, and the search."""

    searched = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        margins = (Space.PANE, Space.GRID, Space.PANE, 9)
        super().__init__(Ground.SURFACE, Edge.BOTTOM, is_row=True, margins=margins, spacing=Space.CARD, parent=parent)
        self._summary = Text("", Style.BODY, Tone.SECOND)
        self.search = SearchField(tr("Find runs"), tr("order 4711, status:failed, an error"), key_of("runs.search"))
        self.search.setMaximumWidth(SEARCH_WIDTH)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEARCH_AFTER_MS)
        self._timer.timeout.connect(lambda: self.searched.emit(self.search.text()))
        self.search.textChanged.connect(self._timer.start)
        self.box.addWidget(Text(tr("Runs"), Style.SCREEN).keep_whole())
        self.box.addWidget(self._summary, 1)
        self.box.addWidget(self.search, 1)

    def show_state(self, state: RunsState) -> None:
        """Draw it."""
        self._summary.set_words(summary(state))
        if not state.filter.text and self.search.text() and not self._timer.isActive():
            self.search.blockSignals(True)
            self.search.clear()
            self.search.blockSignals(False)


class FilterBar(QWidget):
    """Chips by what runs are doing, menus of workflows and connections, and the order."""

    def __init__(self, presenter: RunsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._kept_free = 0
        self.chips = {chip: ChipButton(words, icon=icon, tone=tone) for chip, (words, icon, tone) in CHIPS.items()}
        self.workflow = ChipButton(tr("Workflow"), has_menu=True)
        self.connection = ChipButton(tr("Connection"), has_menu=True)
        self.order = Button("", "chevrons-up-down", kind=ButtonKind.FLAT, is_small=True)
        self._chips, self._end = QWidget(), QWidget()
        first = row(spacing=6)
        first.addWidget(Text(tr("All runs"), Style.STRONG).keep_whole())
        first.addSpacing(Space.GRID)
        for chip, button in self.chips.items():
            button.clicked.connect(partial(self._on_chip, chip))
            first.addWidget(button)
        first.addStretch(1)
        self._chips.setLayout(first)
        end = row(spacing=6)
        for widget in (self.workflow, self.connection):
            end.addWidget(widget)
        end.addStretch(1)
        end.addWidget(self.order)
        self._end.setLayout(end)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(6)
        self._box.addWidget(self._chips)
        self._box.addWidget(self._end, 1)
        self.setLayout(self._box)
        self.workflow.clicked.connect(self._offer_workflows)
        self.connection.clicked.connect(self._offer_connections)
        self.order.clicked.connect(presenter.on_order)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What does not fit beside the chips goes below them."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """As wide as the wider of its two lines."""
        return QSize(self._chips.sizeHint().width(), self._chips.sizeHint().height())

    def keep_free(self, width: int) -> None:
        """Leave so much room at the right, which the side takes as soon as there is something to tell."""
        if width != self._kept_free:
            self._kept_free = width
            self._fit()

    def _fit(self) -> None:
        is_wide = (
            self.width() - self._kept_free >= self._chips.sizeHint().width() + self._end.sizeHint().width() + Space.CARD
        )
        direction = QBoxLayout.Direction
        self._box.setDirection(direction.LeftToRight if is_wide else direction.TopToBottom)
        self._chips.setSizePolicy(Policy.Fixed if is_wide else Policy.Expanding, Policy.Fixed)

    def show_state(self, state: RunsState) -> None:
        """Draw what is asked for, and how many each chip would leave."""
        asked = state.filter
        for chip, button in self.chips.items():
            count = state.chips.get(chip, 0)
            name = CHIPS[chip][0]
            button.set_label(f"{name} {count:,}" if count else name)
            button.setChecked(chip in asked.chips)
            button.setVisible(chip is not Chip.PAUSED or bool(count) or chip in asked.chips)
        self.workflow.set_label(asked.workflow or tr("Workflow"))
        self.workflow.setChecked(bool(asked.workflow))
        names = {source.connection_id: source.connection for source in state.sources}
        self.connection.set_label(names.get(asked.connection_id, tr("Connection")))
        self.connection.setChecked(bool(asked.connection_id))
        self.connection.setVisible(len(names) > 1 or bool(asked.connection_id))
        self.order.set_label(tr(asked.order))
        self._fit()

    def _on_chip(self, chip: Chip, *_is_checked: bool) -> None:
        self._presenter.on_chip(chip)

    def _offer_workflows(self) -> None:
        state = self._presenter.state
        choices = [(name, name) for name in state.workflows]
        self._offer(self.workflow, choices, state.filter.workflow, self._presenter.on_workflow)

    def _offer_connections(self) -> None:
        state = self._presenter.state
        choices = [(source.connection, source.connection_id) for source in state.sources]
        self._offer(self.connection, choices, state.filter.connection_id, self._presenter.on_connection)

    def _offer(
        self, button: ChipButton, choices: Iterable[tuple[str, str]], chosen: str, choose: Callable[[str], None]
    ) -> None:
        self.show_state(self._presenter.state)
        menu = QMenu(self)
        for words, value in ((tr("All"), ""), *choices):
            made = menu.addAction(words.replace("&", "&&"))
            made.setCheckable(True)
            made.setChecked(value == chosen)
            made.triggered.connect(partial(_choose, choose, value))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))


def _choose(choose: Callable[[str], None], value: str, *_is_checked: bool) -> None:
    choose(value)
