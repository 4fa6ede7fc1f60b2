"""The log, live, for a person who looks for trouble or helps another: filtered, copied, saved.

Invariant: bounded, and it stays where a person reads unless they are at its end. What it shows is what the log holds:
ids, states, kinds and counts; no secret and no content.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QCheckBox, QDialog, QWidget

from console.domain.language import tr
from console.infra.logreading import LogLine, shown
from console.infra.outfile import free_name
from console.qtkit.current import colours
from console.qtkit.fields import SearchField
from console.qtkit.fonts import text_width
from console.qtkit.overlay import OverlayBar
from console.qtkit.paint import draw_text
from console.qtkit.panes import Edge, Ground, Pane, column
from console.qtkit.rowmodel import RowModel
from console.qtkit.rowtable import Look, RowTable
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.shell.saving import SaveBar
from console.shell.support import Support

TITLE = tr("Log")
SIZE = (960, 620)
ROW = 22
EVERY_MS = 1_000
CLOCK = slice(11, 23)
LEVELS = {"warning": Tone.MEDIUM, "error": Tone.CRITICAL}
LEVEL_X, EVENT_X = 100, 164


class LogDialog(QDialog):
    """Opened anew each time."""

    def __init__(self, support: Support, parent: QWidget) -> None:
        super().__init__(parent)
        self._tail = support.tail()
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(min(SIZE[0], parent.width() - 2 * Space.GRID), min(SIZE[1], parent.height() - 2 * Space.PANE))
        self.search = SearchField(tr("Find in the log"), tr("Words that a line has"))
        self.only_trouble = QCheckBox(tr("Warnings and errors only"))
        self.count = Text("", Style.SMALL, Tone.SECOND)
        self.count.keep_whole()
        self.table: RowTable[LogLine] = RowTable(
            RowModel(lambda line: line.number, lambda line: line.text),
            _draw,
            lambda *_: ROW,
            tr("Lines of the log"),
            usual_height=ROW,
        )
        OverlayBar(self.table)
        self.saving = SaveBar(self.text, free_name(_folder(support.home), "clearance-log"))
        self._lay_out()
        self.search.textChanged.connect(self._show)
        self.only_trouble.toggled.connect(self._show)
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        self._tail.read()
        self._show()
        self.table.scrollToBottom()
        self.search.setFocus()

    def text(self) -> str:
        """What is shown, as it would be saved."""
        return "".join(f"{line.text}\n" for line in self.table.rows.rows())

    def _lay_out(self) -> None:
        head = Pane(Ground.SURFACE, Edge.BOTTOM, is_row=True, margins=(Space.PANE, Space.CARD, Space.PANE, Space.CARD))
        head.box.setSpacing(Space.GAP)
        head.box.addWidget(self.search, 1)
        head.box.addWidget(self.only_trouble)
        head.box.addWidget(self.count)
        box = column(spacing=0)
        box.addWidget(head)
        box.addWidget(self.table, 1)
        box.addWidget(self.saving)
        self.setLayout(box)

    def _look(self) -> None:
        if self._tail.read():
            self._show()

    def _show(self, *_said: object) -> None:
        bar = self.table.verticalScrollBar()
        is_at_end = bar.value() >= bar.maximum()
        lines = shown(self._tail.lines, self.search.text(), only_trouble=self.only_trouble.isChecked())
        self.table.apply(lines)
        self.count.set_words(tr("{count:,} of {count_2:,} lines", count=len(lines), count_2=len(self._tail.lines)))
        if is_at_end:
            self.table.scrollToBottom()


def _folder(home: Path) -> Path:
    return home if home.is_dir() else Path.cwd()


def _draw(painter: QPainter, rect: QRect, line: LogLine, look: Look) -> None:
    c = colours()
    painter.fillRect(rect, c.selected if look.is_selected else c.hover if look.is_hovered else c.surface)
    top = rect.y() + (rect.height() - Style.SMALL_DATA.line) / 2
    left = rect.x() + Space.PANE
    draw_text(painter, left, top, line.at[CLOCK], Style.SMALL_DATA, c.ink3)
    tone = LEVELS.get(line.level, Tone.QUIET)
    draw_text(painter, left + LEVEL_X, top, line.level, Style.SMALL_STRONG, c.text(tone))
    draw_text(painter, left + EVENT_X, top, line.event, Style.SMALL_DATA_STRONG, c.ink)
    after = left + EVENT_X + text_width(line.event, Style.SMALL_DATA_STRONG) + Space.CARD
    draw_text(painter, after, top, line.rest, Style.SMALL_DATA, c.ink2, max(1.0, rect.right() - Space.PANE - after))
