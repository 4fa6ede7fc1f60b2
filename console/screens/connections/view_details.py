"""One connection in full: how it does, where it is, what answered, what it can and cannot do, the last test.

Invariant: what a server says of itself is plain text; a thing that cannot be done stands there with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from console.domain.language import tr
from console.qtkit.buttons import Button, Kind
from console.qtkit.checks import Checks
from console.qtkit.notes import Note
from console.qtkit.panes import Ground, Pane, Scroll, column, row
from console.qtkit.pills import Pill
from console.qtkit.sections import IconLine, Section
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import Words, plain, quiet, spans
from console.screens.connections.state import HEALTH_LOOKS, ConnectionsState
from console.screens.connections.view_deciders import DecidersPane
from console.screens.connections.wording import (
    ability_lines,
    freshness,
    removal,
    server_facts,
    test_lines,
    test_remark,
    trouble,
    where_facts,
)
from console.services.views import ConnectionView, Health

LABEL = 128


class FactList(QWidget):
    """Labels and values under each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = column(spacing=Space.HALF)
        self.setLayout(self._box)
        self._shown: tuple[tuple[str, str], ...] = ()
        self._lines: list[QWidget] = []

    def show_facts(self, facts: Iterable[tuple[str, Words]]) -> None:
        """Show these facts."""
        told = tuple((label, spans(value)) for label, value in facts)
        key = tuple((label, plain(value)) for label, value in told)
        if key == self._shown:
            return
        self._shown = key
        for line in self._lines:
            self._box.removeWidget(line)
            line.deleteLater()
        self._lines = [self._line(label, value) for label, value in told]
        for line in self._lines:
            self._box.addWidget(line)

    def _line(self, label: str, value: Words) -> QWidget:
        made = QWidget()
        across = row(spacing=Space.GAP)
        made.setLayout(across)
        name = Text(label, Style.BODY, Tone.SECOND)
        name.setFixedWidth(LABEL)
        across.addWidget(name)
        across.addWidget(Text(value, max_lines=0), 1)
        return made


class AbilityList(QWidget):
    """What an engine can and cannot do, the reasons included."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = column(spacing=Space.HALF)
        self.setLayout(self._box)
        self._shown: object = None
        self._lines: list[IconLine] = []

    def words(self) -> list[str]:
        """What each line says."""
        return [line.words.text() for line in self._lines]

    def show_view(self, view: ConnectionView) -> None:
        """Show a connection's abilities."""
        lines = ability_lines(view.capabilities) if view.capabilities is not None else ()
        # What only a worker could answer is no promise while there is none.
        is_promised = view.health in {Health.LIVE, Health.SLOW}
        if (lines, is_promised) == self._shown:
            return
        self._shown = (lines, is_promised)
        for line in self._lines:
            self._box.removeWidget(line)
            line.deleteLater()
        self._lines = []
        for each in lines:
            icon, tone = ("circle-check", Tone.OK) if each.is_able else ("circle-minus", Tone.QUIET)
            if each.is_able and not is_promised:
                icon, tone = "circle-dashed", Tone.QUIET
            word = (tr("Can ") if is_promised else tr("Could ")) if each.is_able else tr("Cannot ")
            reason = (quiet(f": {each.reason}"),) if each.reason else ()
            line = IconLine(icon, (word + each.words, *reason), tone, Style.BODY)
            self._lines.append(line)
            self._box.addWidget(line)


class DetailsPane(QWidget):
    """The chosen connection. Tells what was pressed."""

    edited = Signal()
    tested = Signal()
    test_cancelled = Signal()
    paused = Signal()
    reconnected = Signal()
    removed = Signal()
    demo_started = Signal()
    removal_confirmed = Signal()
    kept = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = Text("", Style.TITLE)
        self._health = Pill("", "loader", Tone.ACCENT)
        self._fresh = Text("", Style.SMALL, Tone.SECOND)
        self.buttons = {
            "demo": Button(tr("Start the demo again"), "play", kind=Kind.PRIMARY),
            "test": Button(tr("Test"), "plug-zap"),
            "edit": Button(tr("Edit…"), "pencil"),
            "pause": Button(tr("Pause"), "circle-pause"),
            "reconnect": Button(tr("Reconnect"), "refresh-cw"),
            "remove": Button(tr("Remove…"), "trash-2", kind=Kind.DANGER),
        }
        self.confirm = Button(tr("Remove it"), "trash-2", kind=Kind.DANGER)
        self.keep = Button(tr("Keep it"))
        self.removal = Note("", "triangle-alert", Tone.CRITICAL)
        self._trouble = Note("", "unplug", Tone.CRITICAL)
        self._notices = Note("", "info", Tone.MEDIUM)
        self.cancel = Button(tr("Cancel the test"), "x", is_small=True)
        self.checks = Checks(tr("Test"))
        self._where, self._server, self.abilities = FactList(), FactList(), AbilityList()
        self.deciders = DecidersPane()
        self._connect()
        self._lay_out()

    def show_state(self, state: ConnectionsState) -> None:
        """Show the chosen connection."""
        view = state.selected
        if view is None:
            return
        self._name.set_words(view.config.name)
        self._health.set_state(*HEALTH_LOOKS[view.health])
        told = tr("This is the demo on this machine. ") if view.config.is_demo else ""
        self._fresh.set_words(
            tr("{told}{view} {waiting:,} waiting.", told=told, view=freshness(view, state.now), waiting=view.waiting)
        )
        self._show_buttons(view, state)
        reason = trouble(view)
        self._trouble.setVisible(reason is not None)
        if reason is not None:
            _, icon, tone = HEALTH_LOOKS[view.health]
            self._trouble.set_note(reason, icon, tone)
        notices = view.server.notices if view.server is not None else ()
        self._notices.setVisible(bool(notices))
        self._notices.set_note(" ".join(notices), "info", Tone.MEDIUM)
        self._confirm_row.setVisible(state.removing)
        self.removal.set_note(removal(view), "triangle-alert", Tone.CRITICAL)
        self._where.show_facts(where_facts(view))
        self._server.show_facts(server_facts(view))
        self._server_section.setVisible(view.server is not None)
        self.abilities.show_view(view)
        self._ability_section.setVisible(view.capabilities is not None)
        self._deciders_section.setVisible(self.deciders.show_state(state, view))
        test = state.test
        self._test_box.setVisible(test is not None)
        self.cancel.setVisible(test is not None and test.is_running)
        if test is not None:
            self.checks.show_lines(test_lines(test), test_remark(test, state.now))

    def _show_buttons(self, view: ConnectionView, state: ConnectionsState) -> None:
        is_testing = state.test is not None and state.test.is_running
        busy = tr("Wait for what is under way.") if state.is_busy else ""
        self.buttons["demo"].setVisible(state.is_demo_away)
        self.buttons["demo"].set_blocked(busy)
        self.buttons["test"].set_blocked(tr("A test is under way.") if is_testing else busy)
        self.buttons["pause"].set_blocked(busy)
        self.buttons["pause"].set_label(
            *((tr("Resume"), "play") if view.config.is_paused else (tr("Pause"), "circle-pause"))
        )
        is_resting = view.health is Health.PAUSED
        self.buttons["reconnect"].set_blocked(tr("It is paused. Resume it instead.") if is_resting else busy)
        self.buttons["remove"].set_blocked(tr("Answer below first.") if state.removing else busy)
        self.buttons["edit"].set_blocked(busy)

    def _connect(self) -> None:
        for name, told in (
            ("demo", self.demo_started),
            ("test", self.tested),
            ("edit", self.edited),
            ("pause", self.paused),
            ("reconnect", self.reconnected),
            ("remove", self.removed),
        ):
            self.buttons[name].clicked.connect(told)
        self.confirm.clicked.connect(self.removal_confirmed)
        self.keep.clicked.connect(self.kept)
        self.cancel.clicked.connect(self.test_cancelled)

    def _lay_out(self) -> None:
        head = Pane(Ground.SURFACE, margins=(Space.PANE, Space.GAP, Space.PANE, Space.CARD), spacing=Space.GRID)
        title = row(spacing=Space.CARD)
        title.addWidget(self._name)
        title.addWidget(self._health)
        title.addStretch(1)
        buttons = row(spacing=Space.GRID)
        for button in self.buttons.values():
            buttons.addWidget(button)
        buttons.addStretch(1)
        head.box.addLayout(title)
        head.box.addWidget(self._fresh)
        head.box.addSpacing(Space.HALF)
        head.box.addLayout(buttons)
        self._confirm_row = self._confirming()
        for part in (self._confirm_row, self._trouble, self._notices, self._testing()):
            head.box.addWidget(part)
        inner = Pane(Ground.SURFACE)
        inner.box.addWidget(head)
        self._server_section = self._section(tr("What answers"), self._server)
        self._ability_section = self._section(tr("What it can and cannot do"), self.abilities)
        self._deciders_section = self._section(tr("Who may decide"), self.deciders)
        where = self._section(tr("Where it is"), self._where)
        for section in (where, self._server_section, self._ability_section, self._deciders_section):
            inner.box.addWidget(section)
        inner.box.addStretch(1)
        box = column(spacing=0)
        box.addWidget(Scroll(inner))
        self.setLayout(box)

    def _section(self, label: str, content: QWidget) -> Section:
        section = Section(label)
        section.content.addWidget(content)
        return section

    def _confirming(self) -> QWidget:
        made = QWidget()
        box = column((0, Space.HALF, 0, 0), Space.GRID)
        made.setLayout(box)
        box.addWidget(self.removal)
        buttons = row(spacing=Space.GRID)
        buttons.addWidget(self.confirm)
        buttons.addWidget(self.keep)
        buttons.addStretch(1)
        box.addLayout(buttons)
        return made

    def _testing(self) -> QWidget:
        self._test_box = QWidget()
        box = column((0, Space.HALF, 0, 0), Space.GRID)
        self._test_box.setLayout(box)
        box.addWidget(self.checks)
        across = row(spacing=Space.GRID)
        across.addWidget(self.cancel)
        across.addStretch(1)
        box.addLayout(across)
        return self._test_box
