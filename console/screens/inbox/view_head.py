"""The head of the review pane: risk, what waits, claim; title and time left; where it comes from."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from console.domain.language import tr
from console.domain.risk import Risk
from console.qtkit.marks import IconMark
from console.qtkit.panes import Edge, Ground, Pane, row
from console.qtkit.pills import Pill
from console.qtkit.text import Text
from console.qtkit.tokens import Height, Space, Style, Tone
from console.qtkit.words import strong
from console.screens.inbox.header import Header
from console.screens.inbox.wording import RISKS

TITLE_LINES = 2
TOP = Qt.AlignmentFlag.AlignTop


class ReviewHead(Pane):
    """Draws a `Header`. Tells ``activated`` with the target of a link."""

    activated = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            Ground.SURFACE,
            Edge.NONE,
            margins=(Space.PANE, Space.CARD, Space.PANE, Space.CARD),
            spacing=Space.HALF,
            parent=parent,
        )
        self._risk = Pill("", "circle-dot", Tone.LOW)
        self._signatures = Pill("", "signature", Tone.PERSON)
        self._about = Text("", Style.ROW, Tone.SECOND)
        self._claim_mark = IconMark("user-check", Tone.SECOND, tr("claimed"))
        self._claim = Text("", Style.ROW, Tone.SECOND).keep_whole()
        self._title = Text("", Style.TITLE, max_lines=TITLE_LINES)
        self._due_mark = IconMark("hourglass", Tone.SECOND, tr("time left"))
        self._due = Text("", Style.BODY).keep_whole()
        self._place = Text("", Style.ROW, Tone.SECOND)
        self._place.activated.connect(self.activated)
        first = row(spacing=Space.GRID)
        for widget in (self._risk, self._signatures):
            first.addWidget(widget)
        first.addWidget(self._about, 1)
        first.addWidget(self._claim_mark)
        first.addWidget(self._claim)
        second = row(spacing=Space.GRID)
        second.addWidget(self._title, 1)
        due = row(spacing=6)
        due.addWidget(self._due_mark)
        due.addWidget(self._due)
        second.addLayout(due)
        self.box.addLayout(first)
        self.box.addLayout(second)
        self.box.addWidget(self._place)
        self._about.setFixedHeight(Height.PILL)

    def show_header(self, header: Header) -> None:
        """Draw it."""
        icon, tone = RISKS[header.risk]
        word = tr("{risk} risk", risk=tr(header.risk.word).capitalize())
        self._risk.set_state(word, icon, tone, is_solid=header.risk is Risk.CRITICAL)
        self._signatures.setVisible(bool(header.signatures))
        self._signatures.set_state(header.signatures, "signature", Tone.PERSON)
        self._about.set_words(header.about)
        self._claim_mark.setVisible(bool(header.claim))
        self._claim.setVisible(bool(header.claim))
        self._claim.set_words(header.claim)
        self._title.set_words(header.title)
        self._due_mark.setVisible(bool(header.due))
        self._due_mark.set_icon("hourglass", header.due_tone, tr("time left"))
        self._due.setVisible(bool(header.due))
        self._due.set_words(strong(header.due), header.due_tone)
        self._place.set_words(header.place)
        self.setAccessibleName(f"{word}, {header.title}, {header.due}")
