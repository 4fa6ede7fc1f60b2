"""What of the trail is shown: a search, kinds and agents to tick with their counts, the chosen step.

Invariant: a line keeps its place while its count changes; lines come and go only with the kinds and agents themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QSizePolicy, QVBoxLayout, QWidget

from console.domain.display import one_line
from console.domain.language import tr
from console.qtkit.current import colours
from console.qtkit.fields import SearchField
from console.qtkit.focus import Ringed
from console.qtkit.icons import draw_icon
from console.qtkit.keycaps import key_of
from console.qtkit.paint import draw_box, draw_text, draw_text_right
from console.qtkit.panes import Edge, Ground, Pane, Scroll, column
from console.qtkit.pills import Chip
from console.qtkit.text import Text
from console.qtkit.tokens import ICON, Radius, Space, Style, Tone
from console.screens.run.cards import LOOKS
from console.screens.run.filters import GROUPS, Choice, TrailFilter
from console.screens.run.state import UNREAD, TrailState

WIDTH = 216
LINE = 26
BOX = 16


class CheckLine(Ringed, QCheckBox):
    """A box to tick, an icon, a word, and at the end how many."""

    ring_radius = Radius.KEY

    def __init__(self, name: str, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._icon, self._count = name, icon, 0
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(LINE)

    def show_choice(self, choice: Choice) -> None:
        """Show how many there are, and whether they are shown."""
        self._count = choice.count
        self.setChecked(choice.is_on)
        self.setAccessibleName(one_line(f"{self._name} {choice.count}"))
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(160, LINE)

    def minimumSizeHint(self) -> QSize:
        """One line, elided."""
        return QSize(80, LINE)

    def hitButton(self, pos: QPoint) -> bool:
        """The whole line is pressed, not only the box."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter, c = QPainter(self), colours()
        if self.underMouse():
            draw_box(painter, QRectF(self.rect()).adjusted(-2, 0, 2, 0), Radius.KEY, c.hover)
        box = QRectF(0, (LINE - BOX) / 2, BOX, BOX)
        if self.isChecked():
            draw_box(painter, box, Radius.KEY, c.accentfill)
            draw_icon(painter, "check", c.onfill, box.x() + 2, box.y() + 2, BOX - 4)
        else:
            draw_box(painter, box, Radius.KEY, c.surface, c.control)
        draw_icon(painter, self._icon, c.ink2, BOX + 7, (LINE - ICON) / 2)
        top = (LINE - Style.BODY.line) / 2
        left = BOX + 7 + ICON + 7
        right = draw_text_right(painter, self.width(), top, f"{self._count:,}", Style.DATA, c.ink2)
        draw_text(painter, left, top, self._name, Style.BODY, c.ink, right - left - Space.GRID)


class FilterColumn(Pane):
    """The column left of the trail. Tells `changed` with the filter that a person made."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SUNKEN, Edge.RIGHT, margins=(0, 0, 1, 0), parent=parent)
        self._filter = TrailFilter()
        self._lines: dict[tuple[bool, str], CheckLine] = {}
        self.search = SearchField(tr("Find in the trail"), tr("Find in trail"), key_of("run.search"))
        self.search.textChanged.connect(lambda text: self._change(replace(self._filter, text=text)))
        self._kinds, self._agents = column(spacing=0), column(spacing=0)
        self._agents_head = _heading(tr("Agent"))
        self._step_head = _heading(tr("Step"))
        self.step_chip = Chip("", is_removable=True)
        self.step_chip.clicked.connect(lambda: self._change(replace(self._filter, step="")))
        self._hint = Text(tr("Click a step above to filter."), Style.SMALL, Tone.QUIET, max_lines=0)
        self.read = Text("", Style.SMALL, Tone.QUIET, max_lines=0)
        inner = Pane(Ground.SUNKEN, margins=(Space.GAP, Space.CARD, Space.GAP, Space.CARD))
        box = inner.box
        for part in (self.search, _heading(tr("Kind")), self._kinds, self._agents_head, self._agents, self._step_head):
            if isinstance(part, QVBoxLayout):
                box.addLayout(part)
            elif isinstance(part, QWidget):
                box.addWidget(part)
        box.addWidget(self.step_chip, 0, Qt.AlignmentFlag.AlignLeft)
        box.addWidget(self._hint)
        box.addStretch(1)
        self.box.addWidget(Scroll(inner), 1)
        foot = Pane(Ground.SUNKEN, Edge.TOP, margins=(Space.GAP, 9, Space.GAP, 9))
        foot.box.addWidget(self.read)
        self.box.addWidget(foot)
        self.setFixedWidth(WIDTH)

    def show_state(self, trail: TrailState, step_title: str) -> None:
        """Show what can be chosen, and what is."""
        self._filter = trail.filter
        if self.search.text() != trail.filter.text:
            self.search.setText(trail.filter.text)
        self._show_lines(self._kinds, True, trail.kinds, lambda name: LOOKS[GROUPS[name][0]][1])
        self._show_lines(self._agents, False, trail.agents, lambda _: "bot")
        self._agents_head.setVisible(bool(trail.agents))
        self.step_chip.setVisible(bool(trail.filter.step))
        self.step_chip.setChecked(True)
        self.step_chip.set_label(one_line(step_title)[:24])
        self.step_chip.setToolTip("")
        self._hint.setVisible(not trail.filter.step)
        self.read.set_words(_read(trail))

    def line(self, name: str, *, is_kind: bool) -> QAbstractButton:
        """The line of a kind or an agent."""
        return self._lines[is_kind, name]

    def _show_lines(
        self, box: QVBoxLayout, is_kind: bool, choices: tuple[Choice, ...], icon: Callable[[str], str]
    ) -> None:
        names = {choice.name for choice in choices}
        for key in [key for key in self._lines if key[0] is is_kind and key[1] not in names]:
            gone = self._lines.pop(key)
            box.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, choice in enumerate(choices):
            line = self._lines.get((is_kind, choice.name))
            if line is None:
                line = CheckLine(tr(choice.name) if is_kind else choice.name, icon(choice.name))
                line.clicked.connect(lambda _=False, name=choice.name: self._toggle(is_kind, name))
                self._lines[is_kind, choice.name] = line
            if box.indexOf(line) != place:
                box.insertWidget(place, line)
            line.show_choice(choice)

    def _toggle(self, is_kind: bool, name: str) -> None:
        self._change(self._filter.toggled_group(name) if is_kind else self._filter.toggled_agent(name))

    def _change(self, chosen: TrailFilter) -> None:
        if chosen != self._filter:
            self._filter = chosen
            self.changed.emit(chosen)


def _heading(text: str) -> Text:
    made = Text(text, Style.SMALL_STRONG, Tone.SECOND)
    made.setContentsMargins(0, 0, 0, 0)
    made.setFixedHeight(Style.SMALL.line + Space.GAP + Space.HALF)
    made.setAlignment(Qt.AlignmentFlag.AlignBottom)
    return made


def _read(trail: TrailState) -> str:
    """How much of the trail these counts are of."""
    if not trail.is_read:
        return tr("Reading the trail…") if trail.problem is None else UNREAD
    if trail.filter.text:
        found = sum(len(row.entries) for row in trail.rows)
        return tr("{found:,} of {read:,} entries match.", found=found, read=trail.read) + (
            "" if trail.is_complete else tr(" Older ones are not read.")
        )
    if trail.is_complete:
        return (
            tr("All {read:,} entries are read.", read=trail.read) if trail.read != 1 else tr("The one entry is read.")
        )
    of = tr(" of {total:,}", total=trail.total) if trail.total is not None else ""
    doing = tr("Reading older ones…") if trail.is_reading_older else tr("Scroll up for older ones.")
    return tr("{read:,}{of} entries read. {doing}", read=trail.read, of=of, doing=doing)
