"""How panes are divided: rows with a label column, headed blocks, facts, lines with a time.

Invariant: labels share one column of 104 px, so the contents of all rows begin on one line.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QWidget

from console.domain.language import tr
from console.qtkit.marks import IconMark
from console.qtkit.panes import Edge, Ground, Pane, column, row
from console.qtkit.text import Text
from console.qtkit.tokens import Height, Space, Style, Tone, Width
from console.qtkit.words import Words, plain, quiet

TOP = Qt.AlignmentFlag.AlignTop
TIME_COLUMN = 36


class Section(Pane):
    """A row of the review pane: the label on the left, the contents in `content`, a hairline above.

    Without a label the contents take the whole width.
    """

    def __init__(
        self, label: str, *, ground: Ground = Ground.SURFACE, has_line: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            ground,
            Edge.TOP if has_line else Edge.NONE,
            is_row=True,
            margins=(Space.PANE, Space.CARD, Space.PANE, Space.CARD),
            spacing=Space.GAP,
            parent=parent,
        )
        self._label = Text(label, Style.SECTION, Tone.SECOND, max_lines=0)
        self._label.setFixedWidth(Width.SECTION_LABEL)
        self.content: QBoxLayout = column(spacing=6)
        self.box.addWidget(self._label, 0, TOP)
        # Not before it lies in here: shown by itself it would be a window.
        self._label.setHidden(not label)
        self.box.addLayout(self.content, 1)
        self.setAccessibleName(label)

    def set_label(self, label: str) -> None:
        """Show another label."""
        self._label.set_words(label)
        self._label.setVisible(bool(label))
        self.setAccessibleName(label)


class Block(Pane):
    """A headed block of the context pane: icon, heading, a remark on the right, contents in `content`."""

    def __init__(self, heading: str, icon: str = "", remark: str = "", parent: QWidget | None = None) -> None:
        super().__init__(
            Ground.SUNKEN, Edge.BOTTOM, margins=(Space.GAP, Space.CARD, Space.GAP, Space.GAP), spacing=6, parent=parent
        )
        self._heading = Text(heading, Style.SMALL_STRONG, Tone.SECOND)
        self._remark = Text(remark, Style.SMALL, Tone.QUIET).keep_whole()
        self.head: QBoxLayout = row(spacing=6)
        if icon:
            self.head.addWidget(IconMark(icon, Tone.SECOND, "", 14))
        self.head.addWidget(self._heading, 1)
        self.head.addWidget(self._remark)
        self.content: QBoxLayout = column(spacing=Space.HALF)
        self.box.addLayout(self.head)
        self.box.addLayout(self.content)
        self.setAccessibleName(heading)

    def set_heading(self, heading: str, remark: str = "") -> None:
        """Show another heading."""
        self._heading.set_words(heading)
        self._remark.set_words(remark)
        self.setAccessibleName(heading)


class Fact(QWidget):
    """A small label with its value below, as in the header of a run."""

    def __init__(self, label: str, value: Words, tone: Tone = Tone.INK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = column(spacing=0)
        self.setLayout(box)
        self._name = label
        self._value = Text(value, Style.SMALL_LABEL, tone).keep_whole()
        box.addWidget(Text(label, Style.MICRO, Tone.SECOND).keep_whole())
        box.addWidget(self._value)
        self.set_value(value, tone)

    def set_value(self, value: Words, tone: Tone = Tone.INK) -> None:
        """Show another value."""
        self._value.set_words(value, tone)
        self.setAccessibleName(f"{self._name} {plain(value)}")


class IconLine(QWidget):
    """An icon and words that wrap beside it: a caveat, a check, an owner's line."""

    def __init__(
        self,
        icon: str,
        words: Words,
        tone: Tone = Tone.SECOND,
        style: Style = Style.SMALL,
        *,
        text_tone: Tone = Tone.INK,
        max_lines: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        box = row(spacing=6)
        self.setLayout(box)
        self.mark = IconMark(icon, tone, tr(tone.name.lower()), 16 if style.line > Height.ARGUMENT_ROW - 3 else 14)
        self.words = Text(words, style, text_tone, max_lines=max_lines)
        holder = column((0, (style.line - self.mark.sizeHint().height()) // 2, 0, 0), 0)
        holder.addWidget(self.mark, 0, TOP)
        holder.addStretch(1)
        box.addLayout(holder)
        box.addWidget(self.words, 1, TOP)


class TimeLine(QWidget):
    """A line of what led here: time, icon, words on one line of 22 px."""

    def __init__(
        self, time: str, icon: str, words: Words, tone: Tone = Tone.SECOND, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        box = row(spacing=Space.CARD)
        self.setLayout(box)
        stamp = Text(quiet(time), Style.DATA, Tone.QUIET).keep_whole()
        stamp.setMinimumWidth(TIME_COLUMN)
        self.words = Text(words, Style.ROW)
        box.addWidget(stamp)
        box.addWidget(IconMark(icon, tone, "", 14))
        box.addWidget(self.words, 1)
        self.setFixedHeight(Height.TRAIL_LINE)
