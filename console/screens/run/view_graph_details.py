"""The chosen step in full: who did it, how sure they were, its attempts, what they said, and what is built on it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from console.domain.display import one_line
from console.domain.language import tr
from console.qtkit.buttons import Button
from console.qtkit.gauges import Track
from console.qtkit.marks import IconMark
from console.qtkit.panes import Edge, Ground, Pane, Scroll, row
from console.qtkit.sections import IconLine
from console.qtkit.tables import Column, Table
from console.qtkit.text import Text
from console.qtkit.tokens import ICON, Space, Style, Tone
from console.qtkit.words import Span
from console.screens.run.graph import StepFacts, confidence_words, title
from console.screens.run.header import percent
from console.screens.run.state import STEP_LOOKS

WIDTH = 320
LABEL = 72
COLUMNS = (
    Column("#", Style.DATA, is_right=True),
    Column(tr("Ended"), Style.DATA),
    Column(tr("Outcome"), stretches=True),
)


class StepDetails(Pane):
    """The pane beside the graph. Tells `pressed` when the step is to be shown in the trail."""

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SURFACE, Edge.LEFT, margins=(1, 0, 0, 0), parent=parent)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(tr("The chosen step"))
        self._shown: StepFacts | None = None
        self._mark = IconMark("circle-dashed", Tone.QUIET, "", ICON)
        self._title = Text("", Style.STRONG, max_lines=2)
        self._place = Text("", Style.SMALL, Tone.QUIET).keep_whole()
        self._message = Text("", Style.BODY, max_lines=4)
        self._facts = Pane(Ground.SURFACE, spacing=Space.HALF)
        self._sure = Track(tr("Confidence"))
        self._sure_word = Text("", Style.STRONG).keep_whole()
        self._weakest = Text("", Style.SMALL, Tone.MEDIUM)
        self.attempts = Table(COLUMNS, tr("Attempts"))
        self._remarks = Pane(Ground.SURFACE, spacing=Space.HALF)
        self._later = Text("", Style.BODY, max_lines=0)
        self._harm = Text("", Style.SMALL, Tone.SECOND, max_lines=0)
        self.to_trail = Button(tr("Show its trail"), "list-filter", "Enter", is_small=True)
        self.to_trail.clicked.connect(self.pressed)
        self._heads: dict[str, Pane] = {}
        self._lay_out()

    def show_facts(self, facts: StepFacts) -> None:
        """Show this step."""
        if facts == self._shown:
            return
        self._shown = facts
        step = facts.step
        icon, tone = STEP_LOOKS[step.status]
        self._mark.set_icon(icon, tone, tr(step.status))
        self._title.set_words(title(step, 200))
        self._place.set_words(facts.place)
        self._message.set_words(one_line(step.message[:400]))
        self._message.setVisible(bool(step.message))
        _refill(self._facts, [_fact(label, words) for label, words in facts.facts])
        self._show_confidence(facts)
        self._heads[tr("Attempts")].setVisible(bool(facts.attempts))
        self.attempts.set_rows(
            [(str(one.number), one.ended, _outcome(one.outcome, one.is_failed)) for one in facts.attempts]
        )
        self._heads[tr("Caveats and open questions")].setVisible(bool(facts.remarks))
        _refill(self._remarks, [_remark(text, is_lost) for text, is_lost in facts.remarks])
        self._later.set_words(facts.later)
        self._harm.set_words(facts.harm)
        self._harm.setVisible(bool(facts.harm))
        count = f" ({facts.entries:,})" if facts.entries else ""
        self.to_trail.set_label(tr("Show its trail{count}", count=count))

    def _show_confidence(self, facts: StepFacts) -> None:
        told = confidence_words(facts.step)
        self._heads[tr("Confidence")].setVisible(told is not None)
        if told is not None and facts.step.confidence is not None:
            self._sure.set_share(facts.step.confidence)
            self._sure_word.set_words(percent(facts.step.confidence))
        self._weakest.set_words(Span(tr("weakest step of this run"), icon="triangle-alert") if facts.is_weakest else "")

    def _lay_out(self) -> None:
        inner = Pane(Ground.SURFACE)
        head = Pane(Ground.SURFACE, margins=(Space.GAP, Space.CARD, Space.GAP, Space.CARD), spacing=Space.GRID)
        first = row(spacing=Space.GRID)
        first.addWidget(self._mark)
        first.addWidget(self._title, 1)
        first.addWidget(self._place)
        head.box.addLayout(first)
        head.box.addWidget(self._message)
        head.box.addWidget(self._facts)
        inner.box.addWidget(head)
        sure = row(spacing=Space.GRID)
        sure.addWidget(self._sure, 1)
        sure.addWidget(self._sure_word)
        part = self._part(tr("Confidence"), inner, self._weakest)
        part.box.addLayout(sure)
        self._part(tr("Attempts"), inner).box.addWidget(self.attempts)
        self._part(tr("Caveats and open questions"), inner).box.addWidget(self._remarks)
        part = self._part(tr("If this step was wrong"), inner)
        part.box.addWidget(self._later)
        part.box.addWidget(self._harm)
        inner.box.addStretch(1)
        foot = Pane(Ground.SURFACE, Edge.TOP, is_row=True, margins=(Space.GAP, Space.CARD, Space.GAP, Space.CARD))
        foot.box.addWidget(self.to_trail)
        foot.box.addStretch(1)
        self.box.addWidget(Scroll(inner), 1)
        self.box.addWidget(foot)

    def _part(self, heading: str, inner: Pane, aside: Text | None = None) -> Pane:
        made = Pane(
            Ground.SURFACE, Edge.TOP, margins=(Space.GAP, Space.CARD, Space.GAP, Space.CARD), spacing=Space.GRID
        )
        line = row(spacing=Space.GRID)
        line.addWidget(Text(heading, Style.SMALL_STRONG, Tone.SECOND).keep_whole())
        line.addStretch(1)
        if aside is not None:
            line.addWidget(aside)
        made.box.addLayout(line)
        inner.box.addWidget(made)
        self._heads[heading] = made
        return made


def _refill(pane: Pane, parts: list[QWidget]) -> None:
    while (item := pane.box.takeAt(0)) is not None:
        if (gone := item.widget()) is not None:
            gone.hide()
            gone.deleteLater()
    for part in parts:
        pane.box.addWidget(part)
    pane.setVisible(bool(parts))


def _fact(label: str, words: tuple[str, ...]) -> QWidget:
    made = Pane(Ground.SURFACE, is_row=True, spacing=Space.GRID)
    name = Text(label, Style.SMALL, Tone.SECOND)
    name.setFixedWidth(LABEL)
    is_data = label in {tr("Reads"), tr("Writes"), tr("Tools")} and words != (tr("nothing"),)
    made.box.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
    made.box.addWidget(Text(Span("\n".join(words), is_data=is_data), Style.SMALL, max_lines=0), 1)
    return made


def _outcome(words: str, is_failed: bool) -> Span:
    icon, tone = ("octagon-x", Tone.CRITICAL) if is_failed else ("circle-check", Tone.OK)
    return Span(words, tone=tone, icon=icon)


def _remark(text: str, is_lost: bool) -> IconLine:
    if is_lost:
        return IconLine("triangle-alert", (Span(f"“{text}”"), Span(tr(" was dropped"), tone=Tone.HIGH)), Tone.HIGH)
    return IconLine("circle-check", f"“{text}”", Tone.OK)
