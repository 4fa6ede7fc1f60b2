"""A box of checks: what was tried, how each went, and what to do where one went wrong.

Invariant: lines stand in the order they were given; each wraps rather than hides, and its remark on the right is whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.language import tr
from console.qtkit.checkdata import CheckLine, Went
from console.qtkit.panes import Card, Ground, column, row
from console.qtkit.sections import IconLine
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import Words, plain, quiet, strong


class Checks(Card):
    """The box, with a heading and a remark to the right of it."""

    def __init__(self, heading: str, parent: QWidget | None = None) -> None:
        super().__init__(
            ground=Ground.SUNKEN, margins=(Space.CARD, 10, Space.CARD, Space.CARD), spacing=6, parent=parent
        )
        self._remark = Text("", Style.SMALL, Tone.QUIET).keep_whole()
        head = row(spacing=Space.GRID)
        head.addWidget(Text(heading, Style.SMALL_STRONG), 1)
        head.addWidget(self._remark)
        self._lines: QVBoxLayout = column(spacing=6)
        self._shown: tuple[CheckLine, ...] = ()
        self._widgets: list[QWidget] = []
        self.box.addLayout(head)
        self.box.addLayout(self._lines)
        self.setAccessibleName(heading)

    def show_lines(self, lines: Sequence[CheckLine], remark: str = "") -> None:
        """Show these lines instead of those before."""
        self._remark.set_words(remark)
        if tuple(lines) == self._shown:
            return
        self._shown = tuple(lines)
        for widget in self._widgets:
            self._lines.removeWidget(widget)
            widget.deleteLater()
        self._widgets = [_line(line) for line in lines]
        for widget in self._widgets:
            self._lines.addWidget(widget)
        self.setAccessibleDescription(". ".join(f"{tr(line.went.word)}: {plain(_words(line))}" for line in lines))


def _line(line: CheckLine) -> QWidget:
    made = QWidget()
    box = row(spacing=Space.GRID)
    made.setLayout(box)
    box.addWidget(IconLine(line.went.icon, _words(line), line.went.tone), 1)
    if line.remark:
        box.addWidget(Text(line.remark, Style.SMALL, Tone.QUIET).keep_whole(), 0, Qt.AlignmentFlag.AlignTop)
    return made


def _words(line: CheckLine) -> Words:
    """What went wrong is strong and what to do plain; else the advice stands back."""
    if not line.advice:
        return line.found
    found = f"{plain(line.found).rstrip('.')}. "
    return (strong(found), line.advice) if line.went is Went.BAD else (found, quiet(line.advice))
