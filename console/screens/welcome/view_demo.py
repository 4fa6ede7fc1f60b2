"""The left card of the welcome: what the demo shows, what starts for it, and how far its start is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from console.domain.display import one_line
from console.domain.language import tr
from console.qtkit.buttons import Button, Kind
from console.qtkit.checkdata import CheckLine, Went
from console.qtkit.checks import Checks
from console.qtkit.marks import IconMark
from console.qtkit.panes import Card, Divider, Ground, column, row
from console.qtkit.sections import IconLine
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import strong
from console.screens.welcome.state import SCENES, Demo, Phase, Scene, WelcomeState

PADDING = 24
NUMBER = 16
APART = 10
CLOSE = 5
WHAT = tr(
    "Starts a real orchestrator on this machine, with live runs. Nothing leaves the machine, and closing the window "
    "stops it."
)
RUNNING = tr(
    "The demo runs already. Here you join it as another person, with a key of their own, and can give the second "
    "signature on what the first has approved."
)
JOIN = tr("Join the running demo")
NAME = 40
TOP = Qt.AlignmentFlag.AlignTop


class DemoCard(Card):
    """See it work. Tells `started` and `cancelled`."""

    started = Signal()
    cancelled = Signal()

    def __init__(self, demo: Demo, parent: QWidget | None = None) -> None:
        super().__init__(margins=(PADDING, 22, PADDING, PADDING), spacing=Space.GRID, parent=parent)
        self.set_selected(is_selected=True)
        self._is_joining = demo.is_running
        self.start = Button(JOIN if demo.is_running else tr("Start the demo"), "play", kind=Kind.PRIMARY)
        self.start.clicked.connect(self.started)
        self.cancel = Button(tr("Cancel"), "x")
        self.cancel.clicked.connect(self.cancelled)
        self._takes = Text("" if demo.is_running else demo.takes, Style.SMALL, Tone.SECOND, max_lines=0)
        self.scenes = SceneList()
        self.steps = Checks(tr("Starting"))
        self._lay_out(demo)

    def show_state(self, state: WelcomeState) -> None:
        """Show whether it starts, and how far it is."""
        is_starting = state.phase is Phase.STARTING
        self.start.set_blocked(tr("Wait for what is under way.") if state.is_busy else "")
        self.start.setVisible(not is_starting)
        if self._is_joining and state.identity is not None:
            person = state.identity.person
            self.start.set_label(
                tr("{join} as {name}, {role}", join=JOIN, name=one_line(person.name[:NAME]), role=tr(person.role))
            )
        self.cancel.setVisible(is_starting)
        is_told = is_starting or bool(state.demo_problem)
        self._middle.setCurrentIndex(1 if is_told else 0)
        if is_told:
            self.steps.show_lines(_lines(state), tr("{seconds} s", seconds=state.seconds))

    def _lay_out(self, demo: Demo) -> None:
        title = row(spacing=Space.GRID)
        title.addWidget(IconMark("circle-play", Tone.ACCENT, "", 20))
        title.addWidget(Text(tr("See it work"), Style.SCREEN), 1)
        self.box.addLayout(title)
        self.box.addWidget(Text(RUNNING if demo.is_running else WHAT, Style.BODY, Tone.SECOND, max_lines=0))
        self.box.addSpacing(Space.HALF)
        self._middle = QStackedWidget()
        self._middle.addWidget(self.scenes)
        self._middle.addWidget(_at_top(self.steps))
        self.box.addWidget(self._middle)
        what = Card(ground=Ground.SUNKEN, margins=(Space.CARD, 10, Space.CARD, 10))
        what.box.addWidget(
            IconLine(
                "monitor-cog",
                (strong(tr("What runs here: ") if demo.is_running else tr("What starts here: ")), demo.what),
                Tone.SECOND,
            )
        )
        self.box.addSpacing(Space.HALF)
        self.box.addWidget(what)
        self.box.addStretch(1)
        self.box.addWidget(Divider())
        self.box.addSpacing(Space.HALF)
        foot = row(spacing=Space.CARD)
        foot.addWidget(self.start)
        foot.addWidget(self.cancel)
        foot.addWidget(self._takes, 1, Qt.AlignmentFlag.AlignVCenter)
        self.box.addLayout(foot)


def _at_top(widget: QWidget) -> QWidget:
    made = QWidget()
    box = column(spacing=0)
    made.setLayout(box)
    box.addWidget(widget)
    box.addStretch(1)
    return made


class SceneList(QWidget):
    """What can be tried, numbered."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = column(spacing=0)
        self.setLayout(box)
        self._rows: list[QHBoxLayout] = []
        for number, scene in enumerate(SCENES, start=1):
            box.addWidget(Divider())
            made = QWidget()
            across = _scene(number, scene)
            made.setLayout(across)
            self._rows.append(across)
            box.addWidget(made)
        box.addStretch(1)

    def be_low(self, *, is_low: bool) -> None:
        """Stand closer together."""
        room = CLOSE if is_low else APART
        for across in self._rows:
            across.setContentsMargins(0, room, 0, room)


def _scene(number: int, scene: Scene) -> QHBoxLayout:
    across = row((0, APART, 0, APART), Space.CARD)
    count = Text(f"{number}", Style.DATA, Tone.SECOND)
    count.setFixedWidth(NUMBER)
    across.addWidget(count, 0, TOP)
    mark = column((0, 2, 0, 0), 0)
    mark.addWidget(IconMark(scene.icon, Tone.SECOND, ""), 0, TOP)
    across.addLayout(mark)
    words = column(spacing=0)
    words.addWidget(Text(scene.title, Style.LABEL))
    words.addWidget(Text(scene.text, Style.SMALL, Tone.SECOND, max_lines=0))
    across.addLayout(words, 1)
    return across


def _lines(state: WelcomeState) -> tuple[CheckLine, ...]:
    """The steps of the start: those done, the one under way, and what went wrong."""
    is_starting = state.phase is Phase.STARTING
    last = len(state.steps) - 1
    done = Went.GOOD if not state.demo_problem else Went.STOPPED
    lines = [
        CheckLine(Went.GOOD if place < last else Went.RUNNING if is_starting else done, step)
        for place, step in enumerate(state.steps)
    ]
    if state.demo_problem:
        lines.append(CheckLine(Went.BAD, strong(state.demo_problem)))
    return tuple(lines)
