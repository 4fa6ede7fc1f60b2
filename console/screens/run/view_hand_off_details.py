"""One hand-off in full: what was lost, what was carried, each part with its size, and who answers for it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from console.domain.display import clip
from console.domain.language import tr
from console.qtkit.buttons import Button
from console.qtkit.panes import Edge, Ground, Pane, Scroll
from console.qtkit.sections import IconLine
from console.qtkit.tables import Column, Table
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import Span, Words, data, quiet, strong
from console.screens.run.hand_offs import HandOffRow, Remark

WIDTH = 372
REMARK_LIMIT = 2_000
MOST_PARTS = 60
COLUMNS = (
    Column(tr("Part"), Style.DATA, stretches=True),
    Column(tr("Size"), Style.DATA, is_right=True),
    Column(tr("Next step")),
)
LOOKS = {"used": ("circle-check", Tone.OK)}


class HandOffDetails(Pane):
    """The pane beside the cards. Tells `pressed` when the step is to be shown in the trail."""

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Ground.SUNKEN, Edge.LEFT, parent=parent)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(tr("The chosen hand-off"))
        self._row: HandOffRow | None = None
        self._title = Text("", Style.STRONG, max_lines=2)
        self._where = Text("", Style.SMALL, Tone.SECOND, max_lines=2)
        self._remarks = Pane(Ground.SUNKEN, spacing=Space.HALF)
        self.parts = Table(COLUMNS, tr("What moved"))
        self._more = Text("", Style.SMALL, Tone.QUIET)
        self._owner = Text("", Style.SMALL, max_lines=0)
        self.to_trail = Button(tr("Show in the trail"), "scroll-text", "Enter")
        self._lay_out()

    def show_row(self, row: HandOffRow | None) -> None:
        """Show this hand-off, or none."""
        if row == self._row:
            return
        self._row = row
        self.setVisible(row is not None)
        if row is None:
            return
        hand_off = row.hand_off
        self._title.set_words(f"{row.start} → {row.end}")
        used = row.used_words or tr("nothing was handed over")
        self._where.set_words(" · ".join(part for part in (row.at, used, *row.facts[:1]) if part))
        self._show_remarks(row.remarks)
        self.parts.set_rows([(part.name, part.size, _became(part.became)) for part in row.parts[:MOST_PARTS]])
        self.parts.setVisible(bool(row.parts))
        left = len(row.parts) - MOST_PARTS
        self._more.set_words(tr("and {left:,} more parts", left=left) if left > 0 else "")
        self._more.setVisible(left > 0)
        told: list[str | Span] = [strong(hand_off.owner or tr("The engine names nobody."))]
        if hand_off.agent:
            told.append(quiet(tr(" for ")))
            told.append(data(hand_off.agent))
            told.append(quiet(tr(", which took it up")))
        self._owner.set_words(tuple(told))

    def _show_remarks(self, remarks: tuple[Remark, ...]) -> None:
        while (item := self._remarks.box.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        lost = [one for one in remarks if one.is_lost]
        kept = [one for one in remarks if not one.is_lost]
        for heading, group in ((tr("What was lost"), lost), (tr("What was carried"), kept)):
            if group:
                self._remarks.box.addWidget(Text(heading, Style.SMALL_STRONG, Tone.SECOND))
            for one in group:
                icon, tone = ("triangle-alert", Tone.HIGH) if one.is_lost else ("check", Tone.OK)
                words: Words = (strong(f"{one.word}. "), f"“{clip(one.text, REMARK_LIMIT).text}”")
                self._remarks.box.addWidget(IconLine(icon, words, tone, Style.NOTE))
        if not remarks:
            self._remarks.box.addWidget(Text(tr("No caveat or question was handed over."), Style.SMALL, Tone.SECOND))

    def _lay_out(self) -> None:
        inner = Pane(Ground.SUNKEN, margins=(Space.GAP, Space.CARD, Space.GAP, Space.GAP), spacing=Space.GRID)
        self.to_trail.clicked.connect(self.pressed)
        for part in (
            self._title,
            self._where,
            self._remarks,
            Text(tr("What moved"), Style.SMALL_STRONG, Tone.SECOND),
            self.parts,
            self._more,
            Text(tr("Who answers for it"), Style.SMALL_STRONG, Tone.SECOND),
            self._owner,
        ):
            inner.box.addWidget(part)
        inner.box.addStretch(1)
        foot = Pane(Ground.SUNKEN, Edge.TOP, is_row=True, margins=(Space.GAP, Space.CARD, Space.GAP, Space.CARD))
        foot.box.addWidget(self.to_trail)
        foot.box.addStretch(1)
        self.box.addWidget(Scroll(inner), 1)
        self.box.addWidget(foot)


def _became(word: str) -> Words:
    icon, tone = LOOKS.get(word, ("circle-minus", Tone.SECOND))
    return Span(tr(word), tone=tone, icon=icon)
