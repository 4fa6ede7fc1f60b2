"""The main window: bar, rail, screens, status line, and the keys that work everywhere.

Invariant: it can be painted before anything else exists; screens are added when they are made. Closing only says so
(``closing``): what has to end first is the business of whoever runs the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QStackedWidget, QWidget

from console.domain.decision import DecisionState
from console.domain.language import tr
from console.infra.clock import Clock
from console.qtkit.notes import Note
from console.qtkit.panes import Ground, Pane, column, row
from console.qtkit.theme import Theme
from console.qtkit.tokens import Space, Tone
from console.qtkit.words import Words, link
from console.screens import Action
from console.shell.actions import ActionTable, escaped
from console.shell.bindings import Bindings
from console.shell.bridge import Batch
from console.shell.commands import action_hits
from console.shell.geometry import keep, restore
from console.shell.memory import Memory
from console.shell.overview import TITLE, Frame, window_title
from console.shell.own_actions import COMMANDS, going_to, own_actions
from console.shell.palette import Finding, Sources
from console.shell.pause_strip import PauseStrip
from console.shell.rail import Rail
from console.shell.settings_parts import part_hits
from console.shell.status import StatusLine
from console.shell.top_bar import TopBar

if TYPE_CHECKING:
    from console.shell.keeping import Keeping
    from console.shell.key_help import KeyHelp
    from console.shell.log_dialog import LogDialog
    from console.shell.palette_dialog import PaletteDialog
    from console.shell.report_dialog import ReportDialog
    from console.shell.settings_dialog import SettingsDialog
    from console.shell.support import Fault, Support

MENUS = (tr("File"), tr("Edit"), tr("View"), tr("Item"), tr("Run"), tr("Go"), tr("Help"))
SECOND_MS = 1000
DISMISS, REPORT = "dismiss", "report"
HELD = tr("A decision is held for undo. Wait until it is sent.")


class ScreenPresenter(Protocol):
    """What the window tells a screen."""

    def on_shown(self) -> None:
        """It came to the front."""

    def on_hidden(self) -> None:
        """It left the front."""

    def on_events(self, events: Batch, /) -> None:
        """The desk's events, in front or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A screen in the window. One with a ``label`` stands in the rail, as soon as it was in front or ``is_offered``.

    One without is ``within`` another, which the rail shows as chosen while it is in front.
    """

    screen_id: str
    widget: QWidget
    presenter: ScreenPresenter
    actions: Sequence[Action] = ()
    label: str = ""
    icon: str = ""
    keys: tuple[str, ...] = ()
    is_offered: bool = True
    within: str = ""


class MainWindow(QMainWindow):
    """The frame.

    ``closing``: the person closed it; ``refresh_asked``: they want everything read anew; ``painted``: it was drawn for
    the first time; ``key_asked``: they want to know about their signing key.
    """

    closing = Signal()
    key_asked = Signal()
    refresh_asked = Signal()
    painted = Signal()

    def __init__(self, theme: Theme, memory: Memory, clock: Clock) -> None:
        super().__init__()
        self._theme = theme
        self._memory = memory
        self._clock = clock
        self._frame = Frame()
        self._screens: dict[str, Screen] = {}
        self._front = ""
        self._is_painted = False
        self._groups: dict[str, str] = {}
        self.profile = ""
        self.setWindowTitle(TITLE)
        self.table = ActionTable(theme, self, Bindings(memory))
        self.finding = Finding()
        self.is_to_reopen = False
        self.keeping: Keeping | None = None
        self.support: Support | None = None
        self.faults: Callable[[], tuple[Fault, ...]] = tuple
        self.bar = TopBar()
        self.rail = Rail()
        self.status = StatusLine()
        self.stack = QStackedWidget()
        self.pauses = PauseStrip()
        self.trouble = Note("", "circle-help", Tone.HIGH, action=tr("Dismiss"), target=DISMISS)
        self._lay_out()
        self._make_menus()
        self._timer = QTimer(self)
        self._timer.setInterval(SECOND_MS)
        self._timer.timeout.connect(self._draw_status)
        restore(self, memory)

    @property
    def theme(self) -> Theme:
        """Its look."""
        return self._theme

    @property
    def front(self) -> str:
        """The id of the screen in front."""
        return self._front

    def add_screen(self, screen: Screen) -> None:
        """Take a screen in; the first one comes to the front."""
        self._screens[screen.screen_id] = screen
        self.stack.addWidget(screen.widget)
        if screen.label:
            self.rail.add(screen.screen_id, screen.label, screen.icon)
            self.rail.show_item(screen.screen_id, is_shown=screen.is_offered)
        self._add_actions(screen.actions, screen.screen_id)
        if screen.keys:
            self._add_actions([going_to(self, screen)])

    def add_strip(self, strip: QWidget, actions: Sequence[Action]) -> None:
        """Take in a strip that lies over every screen, with what it can do."""
        self._right.insertWidget(0, strip)
        self._add_actions(actions)

    def add_actions(self, actions: Sequence[Action]) -> None:
        """Take in what can be done whichever screen is in front."""
        self._add_actions(actions)

    def offer(self, choices: Sequence[tuple[str, Callable[[], None]]]) -> None:
        """Let a person choose one of these, by its words."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, run in choices:
            menu.addAction(escaped(words)).triggered.connect(lambda _=False, run=run: run())
        menu.popup(self.stack.mapToGlobal(self.stack.rect().topLeft()))

    def bring_to_front(self, screen_id: str) -> None:
        """Show this screen; its keys work now and those of the others rest."""
        screen = self._screens[screen_id]
        if screen_id == self._front:
            return
        if self._front:
            self._screens[self._front].presenter.on_hidden()
        self._front = screen_id
        if screen.label:
            self.rail.show_item(screen_id, is_shown=True)
        self.rail.choose(screen.within or screen_id)
        self.stack.setCurrentWidget(screen.widget)
        self.table.bring_to_front(screen_id)
        self._show_menus()
        screen.presenter.on_shown()
        screen.widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def on_events(self, events: Batch) -> None:
        """Hand a batch to every screen."""
        for screen in self._screens.values():
            screen.presenter.on_events(events)

    def show_frame(self, frame: Frame) -> None:
        """Draw what is around the screens."""
        self._frame = frame
        if frame.identity is not None:
            self.rail.set_identity(frame.identity)
            self.setWindowTitle(window_title(frame.identity, self.profile))
        if "inbox" in self._screens:
            self.rail.set_badge("inbox", frame.waiting)
        self._draw_status()

    def tell_trouble(self, words: str) -> None:
        """Say calmly that something went wrong; it stays until it is dismissed and covers nothing."""
        self.trouble.set_note(words, "circle-help", Tone.HIGH, tr("Dismiss"), DISMISS)
        self._told.setVisible(True)

    def tell_bug(self, words: str) -> None:
        """Say that something nobody expected went wrong, with a way to what a report of it would hold."""
        self.tell_trouble(words)
        told: Words = (f"{words} ", link(tr("See what a report would hold"), REPORT)) if self.support else words
        self.trouble.set_note(told, "circle-help", Tone.HIGH, tr("Dismiss"), DISMISS)

    def open_log(self) -> LogDialog | None:
        """Open the log. Returns the dialog, already open; none before it is known where the log lies."""
        from console.shell.log_dialog import LogDialog  # noqa: PLC0415 - after the first paint

        if self.support is None:
            return None
        dialog = LogDialog(self.support, self)
        dialog.open()
        return dialog

    def open_report(self) -> ReportDialog | None:
        """Show what a report would hold. Returns the dialog, already open; none before it is known where to save."""
        from console.shell.report_dialog import ReportDialog  # noqa: PLC0415 - after the first paint

        if self.support is None:
            return None
        dialog = ReportDialog(self.support, self.faults(), self)
        dialog.open()
        return dialog

    def open_commands(self) -> PaletteDialog:
        """Open the palette. Returns the dialog, already open."""
        from console.shell.palette_dialog import PaletteDialog  # noqa: PLC0415 - after the first paint

        dialog = PaletteDialog(self._sources(), self.finding.ask, self._memory, self)
        dialog.open()
        return dialog

    def open_keys(self) -> KeyHelp:
        """Open the page of all keys. Returns the dialog, already open."""
        from console.shell.key_help import KeyHelp  # noqa: PLC0415 - after the first paint

        dialog = KeyHelp(self.table, self.names, self)
        dialog.change_asked.connect(partial(self.open_settings, "keys"))
        dialog.open()
        return dialog

    def come_to_front(self) -> None:
        """Be seen, wherever it was."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    def reopen(self) -> None:
        """Close, and ask whoever runs the loop to open another one."""
        self.is_to_reopen = True
        self.close()

    @property
    def memory(self) -> Memory:
        """What outlives it."""
        return self._memory

    @property
    def names(self) -> Mapping[str, str]:
        """What its screens are called, by id."""
        return {each.screen_id: each.label or tr(each.screen_id.capitalize()) for each in self._screens.values()}

    def open_settings(self, part: str = "") -> SettingsDialog:
        """Open the settings, at this part where one is named. Returns the dialog, already open."""
        from console.shell.settings_dialog import SettingsDialog  # noqa: PLC0415 - after the first paint
        from console.shell.settings_place import Place  # noqa: PLC0415

        place = Place(
            theme=self._theme,
            memory=self._memory,
            table=self.table,
            names=self.names,
            keeping=self.keeping,
            reopen=self.reopen,
            why_not_reopen=self._why_not_reopen,
        )
        dialog = SettingsDialog(place, self, part)
        dialog.open()
        return dialog

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell when something can be seen."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            self.painted.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Let the clock run while it can be seen."""
        super().showEvent(event)
        self._draw_status()
        self._timer.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember where it was, and say that it closes."""
        keep(self, self._memory)
        self._timer.stop()
        event.accept()
        self.closing.emit()

    def _lay_out(self) -> None:
        whole = QWidget()
        outer = column(spacing=0)
        middle = row(spacing=0)
        self._right = right = column(spacing=0)
        self._told = Pane(Ground.APP, margins=(Space.GRID, Space.GRID, Space.GRID, Space.GRID))
        self._told.box.addWidget(self.trouble)
        self._told.setVisible(False)
        right.addWidget(self.pauses)
        right.addWidget(self._told)
        right.addWidget(self.stack, 1)
        middle.addWidget(self.rail)
        middle.addLayout(right, 1)
        outer.addWidget(self.bar)
        outer.addLayout(middle, 1)
        outer.addWidget(self.status)
        whole.setLayout(outer)
        self.setCentralWidget(whole)
        self.bar.commands_asked.connect(self.open_commands)
        self.rail.chosen.connect(self.bring_to_front)
        self.trouble.activated.connect(self._on_told)

    def _on_told(self, target: str) -> None:
        if target == REPORT:
            self.open_report()
        else:
            self._told.setVisible(False)

    def _make_menus(self) -> None:
        self._menus = {
            title: self.bar.menu(f"&{title}", partial(self.table.show_whether_possible, title), self.table.free)
            for title in MENUS
        }
        self._add_actions([*own_actions(self), *self.pauses.actions()])

    def _add_actions(self, actions: Sequence[Action], screen_id: str = "") -> None:
        for action, made in zip(actions, self.table.add(actions, screen_id), strict=True):
            self.addAction(made)
            if action.menu:
                if self._groups.get(action.menu, action.group) != action.group:
                    self._menus[action.menu].addSeparator()
                self._groups[action.menu] = action.group
                self._menus[action.menu].addAction(made)
        self._show_menus()

    def _show_menus(self) -> None:
        """Leave out the menus in which nothing works now."""
        for menu in self._menus.values():
            menu.menuAction().setVisible(not menu.isEmpty())

    def _why_not_reopen(self) -> str:
        return HELD if self._frame.on_their_way.get(DecisionState.HELD, 0) else ""

    def _sources(self) -> Sources:
        """What the palette offers: every action but its own, and what the screens find."""
        actions = partial(action_hits, self.table, self.names, lambda action_id: action_id != COMMANDS)
        return Sources(actions, (partial(part_hits, self.open_settings), *self.finding.at_hand), self.finding.read)

    def _draw_status(self) -> None:
        self.status.show_frame(self._frame, self._clock.now())
        self.pauses.show_pauses(self._frame.pauses, self._clock.now())
