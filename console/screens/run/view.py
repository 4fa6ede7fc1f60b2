"""The run's screen: head, steps, and under them the tabs from Trail to Raw.

Invariant: it draws the presenter's state and forwards gestures; while something is being read, or cannot be, the rest
stays usable. A state told while the screen is hidden is drawn when it comes back.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from console.domain.language import tr
from console.qtkit.notes import EmptyState
from console.qtkit.panes import Edge, Ground, Pane, column
from console.qtkit.tabs import Tabs, TabSpec
from console.qtkit.tokens import Space, Tone
from console.screens import Action
from console.screens.run.access import breach_count
from console.screens.run.hand_offs import lost_count
from console.screens.run.presenter import RunPresenter
from console.screens.run.state import Phase, RunState, Tab
from console.screens.run.view_access import AccessPane
from console.screens.run.view_graph import GraphPane
from console.screens.run.view_hand_offs import HandOffsPane
from console.screens.run.view_header import RunHeader
from console.screens.run.view_raw import RawPane
from console.screens.run.view_state import StatePane
from console.screens.run.view_steps import StepStrip
from console.screens.run.view_timeline import TimelinePane
from console.screens.run.view_trail import TrailPane

MENU = tr("Run")
COMMAND = tr("Take or give back command of the run")
STEP_IN = tr("Step in: take command, and pause, start again, cancel")
TAB_WORDS = {
    Tab.TRAIL: tr("Show the trail"),
    Tab.STATE: tr("Show the state"),
    Tab.GRAPH: tr("Show the graph"),
    Tab.TIMELINE: tr("Show the timeline"),
    Tab.HAND_OFFS: tr("Show the hand-offs"),
    Tab.ACCESS: tr("Show the access"),
    Tab.RAW: tr("Show what the engine returned"),
}
WITHOUT_STRIP = frozenset({Tab.GRAPH, Tab.TIMELINE, Tab.RAW})


class RunView(QWidget):
    """One run. The window calls `actions` once, and `on_shown` and `on_hidden` of the presenter."""

    def __init__(self, presenter: RunPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter = presenter
        self.setAccessibleName(tr("Run"))
        self.header = RunHeader(presenter)
        self.tabs = Tabs(_tabs(presenter.state))
        self.tabs.chosen.connect(lambda tab_id: presenter.on_tab(Tab(tab_id)))
        self.strip = StepStrip()
        self.strip.chosen.connect(presenter.on_step)
        self.trail = TrailPane(presenter)
        self.record = StatePane()
        self.record.revision_asked.connect(presenter.on_revision)
        self.record.compare_asked.connect(presenter.on_compare)
        self.graph = GraphPane()
        self.graph.step_opened.connect(presenter.on_show_step)
        self.timeline = TimelinePane()
        self.timeline.step_opened.connect(presenter.on_show_step)
        self.hand_offs = HandOffsPane()
        self.access = AccessPane()
        self.raw = RawPane()
        self.raw.read_asked.connect(presenter.on_refresh)
        for pane in (self.hand_offs, self.access):
            pane.step_asked.connect(presenter.on_show_step)
            pane.read_asked.connect(presenter.on_refresh)
        self._shown: dict[Tab, Any] = {
            Tab.TRAIL: self.trail,
            Tab.STATE: self.record,
            Tab.GRAPH: self.graph,
            Tab.TIMELINE: self.timeline,
            Tab.HAND_OFFS: self.hand_offs,
            Tab.ACCESS: self.access,
            Tab.RAW: self.raw,
        }
        self._parts = QStackedWidget()
        self._screens = QStackedWidget()
        self.gone: EmptyState | None = None
        self._lay_out()
        presenter.listen(self.show_state)

    def actions(self) -> tuple[Action, ...]:  # type: ignore[override]  # the window asks every screen for these
        """What a person can do here."""
        presenter, header = self.presenter, self.header

        def can_open() -> bool:
            return presenter.state.can_open_escalation

        def is_read() -> bool:
            return presenter.state.run is not None

        def can_command() -> bool:
            return presenter.state.run is not None and not presenter.state.step_in_lack

        def can_undo() -> bool:
            return presenter.state.progress.can_undo

        def can_compare() -> bool:
            return presenter.state.record.can_go_back

        def is_there() -> bool:
            return True

        tabs: list[tuple[str, str, Callable[[], object], str, str, Callable[[], bool]]] = [
            (tab.name.lower().replace("_", "-"), words, partial(presenter.on_tab, tab), f"{number}", "", is_there)
            for number, (tab, words) in enumerate(TAB_WORDS.items(), 1)
        ]
        offered = (
            ("back", tr("Go back"), presenter.on_back, "Esc", "", is_there),
            ("escalation", tr("Open the escalation"), presenter.on_open_escalation, "Shift+O", "hourglass", can_open),
            ("search", tr("Find in the trail, or in what is raw"), self._find, "/", "search", is_there),
            ("follow", tr("Follow the end of the trail, or stop"), self.trail.toggle_following, "F", "live", is_there),
            *tabs,
            ("compare", tr("Compare two revisions of the state, or stop"), self._compare, "D", "equal", can_compare),
            ("command", COMMAND, presenter.on_command_taken, "C", "eye", can_command),
            (
                "step-in",
                STEP_IN,
                header.offer_commands,
                "I",
                "user-check",
                can_command,
            ),
            ("undo", tr("Undo what was decided here just now"), presenter.on_undo, "U", "undo-2", can_undo),
            ("report", tr("Export a report as HTML…"), header.choose_report, "Ctrl+Shift+E", "file-text", is_read),
            ("copy", tr("Copy a summary of the run"), header.copy_summary, "Ctrl+Shift+C", "copy", is_read),
            ("copy-link", tr("Copy a link to the run"), header.copy_link, "Ctrl+Shift+L", "link", is_read),
        )
        return tuple(
            Action(action_id=f"run.{name}", text=text, run=run, keys=(key,), menu=MENU, icon=icon, can_run=can_run)
            for name, text, run, key, icon, can_run in offered
        )

    def show_state(self, state: RunState) -> None:
        """Draw a state."""
        if not self.isVisible() and self.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
            return
        if state.phase in {Phase.GONE, Phase.EMPTY}:
            self._show_gone(state)
            return
        self._screens.setCurrentIndex(0)
        self.header.show_state(state)
        self.tabs.set_tabs(_tabs(state))
        self.tabs.choose(state.tab.value)
        if state.tab in WITHOUT_STRIP:
            self.strip.hide()
        else:
            self.strip.show_state(state)
        self._parts.setCurrentWidget(self._shown[state.tab])
        if state.tab is Tab.STATE:
            self.record.show_record(state.record)
        else:
            self._shown[state.tab].show_state(state)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what was told while it was hidden."""
        super().showEvent(event)
        self.show_state(self.presenter.state)

    def _show_gone(self, state: RunState) -> None:
        """Say that there is no run, and how to go on."""
        if self.gone is not None:
            self._screens.removeWidget(self.gone)
            self.gone.deleteLater()
        if state.phase is Phase.EMPTY or state.problem is None:
            title, words = tr("No run is open"), tr("Open one from an item in the inbox.")
        else:
            title, words = (
                tr("This run cannot be shown"),
                f"{tr(state.problem.message)} {tr(state.problem.next_action)}",
            )
        self.gone = EmptyState("history", title, words, action=tr("Go back"), key="Esc")
        self.gone.pressed.connect(self.presenter.on_back)
        self._screens.addWidget(self.gone)
        self._screens.setCurrentWidget(self.gone)

    def _compare(self) -> None:
        self.presenter.on_tab(Tab.STATE)
        self.record.comparing.toggle()

    def _find(self) -> None:
        if self.presenter.state.tab is Tab.RAW:
            self.raw.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        self.presenter.on_tab(Tab.TRAIL)
        self.trail.filter.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _lay_out(self) -> None:
        whole = Pane(Ground.SURFACE)
        tabs = Pane(Ground.SURFACE, Edge.BOTTOM, margins=(Space.PANE, 0, Space.PANE, 0))
        tabs.box.addWidget(self.tabs)
        for tab in self._shown.values():
            self._parts.addWidget(tab)
        for part, stretch in ((self.header, 0), (tabs, 0), (self.strip, 0), (self._parts, 1)):
            whole.box.addWidget(part, stretch)
        ground = Pane(Ground.SURFACE)
        ground.box.addWidget(self._screens)
        self._screens.addWidget(whole)
        box = column(spacing=0)
        box.addWidget(ground)
        self.setLayout(box)


def _tabs(state: RunState) -> tuple[TabSpec, ...]:
    trail, record = state.trail, state.record
    count = trail.total if trail.total is not None else trail.read
    entries = (
        f"{count:,}{'' if trail.total is not None or trail.is_complete else '+'}" if trail.is_read and count else ""
    )
    revision = state.run.revision if state.run is not None else record.newest
    return (
        TabSpec(Tab.TRAIL.value, tr("Trail"), entries),
        TabSpec(Tab.STATE.value, tr("State"), tr("rev {revision:,}", revision=revision) if revision else ""),
        TabSpec(Tab.GRAPH.value, tr("Graph")),
        TabSpec(Tab.TIMELINE.value, tr("Timeline")),
        _hand_offs_tab(state),
        _access_tab(state),
        TabSpec(Tab.RAW.value, tr("Raw")),
    )


def _hand_offs_tab(state: RunState) -> TabSpec:
    values = state.hand_offs.values
    lost = lost_count(values)
    if lost:
        return TabSpec(
            Tab.HAND_OFFS.value, tr("Hand-offs"), tr("{lost:,} dropped", lost=lost), "triangle-alert", Tone.HIGH
        )
    return TabSpec(Tab.HAND_OFFS.value, tr("Hand-offs"), f"{len(values):,}" if values else "")


def _access_tab(state: RunState) -> TabSpec:
    refused = breach_count(state.access.values)
    if refused:
        return TabSpec(
            Tab.ACCESS.value, tr("Access"), tr("{refused:,} refused", refused=refused), "shield-x", Tone.CRITICAL
        )
    return TabSpec(Tab.ACCESS.value, tr("Access"))
