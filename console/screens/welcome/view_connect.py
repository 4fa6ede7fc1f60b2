"""The right card of the welcome: the short form for a first engine, its test, and connecting."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from console.domain.ages import age
from console.domain.language import tr
from console.qtkit.buttons import Button
from console.qtkit.checkdata import CheckLine, Went
from console.qtkit.checks import Checks
from console.qtkit.fields import Field
from console.qtkit.marks import IconMark
from console.qtkit.panes import Card, Divider, column, row
from console.qtkit.sections import IconLine
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import link, quiet
from console.screens.welcome.state import Phase, WelcomeState

PADDING = 24
LABEL = 88
MORE = "more"


class ConnectCard(Card):
    """Connect an engine. Tells `entered` with a field's name and value, and what was pressed."""

    entered = Signal(str, object)
    tested = Signal()
    connected = Signal()
    cancelled = Signal()
    more_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margins=(PADDING, 22, PADDING, PADDING), spacing=Space.GRID, parent=parent)
        self._is_drawing = False
        self._problems: dict[str, IconLine] = {}
        self._rows: dict[str, QWidget] = {}
        self.fields: dict[str, Field] = {}
        self.boxes: dict[str, QCheckBox] = {}
        self.checks = Checks(tr("Test"))
        self.test = Button(tr("Test"), "plug-zap")
        self.connect_button = Button(tr("Connect"), "plug")
        self.cancel = Button(tr("Cancel"), "x")
        self.test.clicked.connect(self.tested)
        self.connect_button.clicked.connect(self.connected)
        self.cancel.clicked.connect(self.cancelled)
        self._more = Text((quiet(tr("Client certificates and more: ")), link(tr("all settings"), MORE)), Style.SMALL)
        self._more.activated.connect(lambda _: self.more_asked.emit())
        self._lay_out()

    def show_state(self, state: WelcomeState) -> None:
        """Show the form and how its test went."""
        entry = state.entry
        self._is_drawing = True
        for name, field in self.fields.items():
            value = str(getattr(entry, name))
            if field.text() != value:
                field.setText(value)
        for name, box in self.boxes.items():
            box.setChecked(bool(getattr(entry, name)))
        self._is_drawing = False
        self._rows["api_key"].setVisible(entry.tls)
        self._rows["allow_plaintext"].setVisible(entry.needs_word)
        for name, line in self._problems.items():
            problem = state.shown_problems.get(name, "")
            line.words.set_words(problem)
            line.setVisible(bool(problem))
            if name in self.fields:
                self.fields[name].set_problem(problem)
        busy = tr("Wait for what is under way.") if state.is_busy else ""
        is_mine = state.phase in {Phase.TESTING, Phase.CONNECTING}
        self.test.set_blocked(busy)
        self.test.set_label(tr("Test again") if state.checks else tr("Test"))
        self.connect_button.set_blocked(busy)
        self.cancel.setVisible(is_mine)
        lines = _lines(state)
        self.checks.setVisible(bool(lines))
        tested = f"{age(state.tested_at, state.now)}" if state.tested_at is not None else ""
        self.checks.show_lines(lines, tested)

    def _lay_out(self) -> None:
        title = row(spacing=Space.GRID)
        title.addWidget(IconMark("plug", Tone.INK, "", 20))
        title.addWidget(Text(tr("Connect an engine"), Style.SCREEN), 1)
        self.box.addLayout(title)
        words = tr("Your own Temporal. It is read first; no decision is sent until you press a key.")
        self.box.addWidget(Text(words, Style.BODY, Tone.SECOND, max_lines=0))
        self.box.addSpacing(Space.HALF)
        form = column(spacing=Space.GRID)
        self._add_field(form, "address", tr("Address"), "temporal.example.com:7233")
        self._add_field(form, "namespace", tr("Namespace"), "default")
        self._add_box(form, "tls", tr("Protection"), tr("Use TLS"))
        self._add_field(form, "api_key", tr("API key"), tr("none"))
        self.fields["api_key"].setEchoMode(QLineEdit.EchoMode.Password)
        self._add_box(form, "allow_plaintext", "", tr("Send everything unprotected over the network"))
        self.box.addLayout(form)
        under = row((LABEL + Space.CARD, 0, 0, 0), 0)
        under.addWidget(self._more)
        self.box.addLayout(under)
        self.box.addWidget(self.checks)
        self.box.addStretch(1)
        self.box.addWidget(Divider())
        self.box.addSpacing(Space.HALF)
        foot = row(spacing=Space.GRID)
        for button in (self.connect_button, self.test, self.cancel):
            foot.addWidget(button)
        foot.addStretch(1)
        self.box.addLayout(foot)

    def _add_field(self, form: QVBoxLayout, name: str, label: str, placeholder: str) -> None:
        field = Field(label, placeholder=placeholder, is_data=True)
        field.textChanged.connect(self._telling(name))
        field.returnPressed.connect(self.tested)
        self.fields[name] = field
        self._add(form, name, label, field)

    def _add_box(self, form: QVBoxLayout, name: str, label: str, words: str) -> None:
        box = QCheckBox(words)
        box.toggled.connect(self._telling(name))
        self.boxes[name] = box
        self._add(form, name, label, box)

    def _add(self, form: QVBoxLayout, name: str, label: str, field: QWidget) -> None:
        made = QWidget()
        inner = column(spacing=Space.HALF)
        made.setLayout(inner)
        across = row(spacing=Space.CARD)
        told = Text(label, Style.BODY, Tone.SECOND)
        told.setFixedWidth(LABEL)
        across.addWidget(told)
        across.addWidget(field, 1)
        inner.addLayout(across)
        problem = IconLine("octagon-alert", "", Tone.CRITICAL, text_tone=Tone.CRITICAL)
        problem.setVisible(False)
        under = row((LABEL + Space.CARD, 0, 0, 0), 0)
        under.addWidget(problem)
        inner.addLayout(under)
        self._problems[name] = problem
        self._rows[name] = made
        form.addWidget(made)

    def _telling(self, name: str) -> Callable[[object], None]:
        def tell(value: object) -> None:
            if not self._is_drawing:
                self.entered.emit(name, value)

        return tell


def _lines(state: WelcomeState) -> tuple[CheckLine, ...]:
    """The last test in lines, or what is under way."""
    if state.phase is Phase.TESTING:
        return (
            CheckLine(
                Went.RUNNING, tr("Trying to connect and to read…"), remark=tr("{seconds} s", seconds=state.seconds)
            ),
        )
    if state.phase is Phase.CONNECTING:
        return (CheckLine(Went.RUNNING, tr("Connecting…"), remark=tr("{seconds} s", seconds=state.seconds)),)
    if state.problem:
        return (CheckLine(Went.BAD, state.problem),)
    return tuple(
        CheckLine(
            Went[check.result.name],
            check.text,
            check.next_action,
            tr("{took_ms:,} ms", took_ms=check.took_ms) if check.took_ms is not None else "",
        )
        for check in state.checks
    )
