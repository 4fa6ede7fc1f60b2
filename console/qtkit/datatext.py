"""A view of long data text: selectable, in the data font, bounded.

Invariant: never more than `MOST` characters are in the widget, never a line longer than the domain's limit: one line of
a million characters freezes Qt for half a minute. How much is left out is said, and all of it can be copied raw.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QSizePolicy, QWidget

from console.domain.display import LIMIT, clip
from console.domain.language import tr
from console.qtkit.buttons import Button, Kind
from console.qtkit.fonts import font
from console.qtkit.panes import column, row
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone

MOST = 200_000
FRAME = 14


class DataText(QWidget):
    """Data text with "Show more" where it is cut.

    `fitting_lines` makes it as high as its text up to so many lines; 0 lets it take the room it gets.
    """

    def __init__(
        self, name: str, text: str = "", *, fitting_lines: int = 0, wraps: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._raw = ""
        self._limit = LIMIT
        self._fitting_lines = fitting_lines
        self.view = QPlainTextEdit(self)
        self.view.setReadOnly(True)
        self.view.setFont(font(Style.DATA))
        self.view.setAccessibleName(name)
        self.view.setTabChangesFocus(True)
        self.view.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.view.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        mode = QTextOption.WrapMode
        self.view.setWordWrapMode(mode.WrapAtWordBoundaryOrAnywhere if wraps else mode.NoWrap)
        self._left_out = Text("", Style.SMALL, Tone.QUIET)
        self._more = Button(tr("Show more"), "chevron-down", kind=Kind.FLAT, is_small=True)
        self._copy = Button(tr("Copy all, raw"), "copy", kind=Kind.FLAT, is_small=True)
        self._more.clicked.connect(self._show_more)
        self._copy.clicked.connect(lambda: QApplication.clipboard().setText(self._raw))
        self._foot = QWidget(self)
        foot = row(spacing=Space.HALF)
        foot.addWidget(self._left_out, 1)
        foot.addWidget(self._more)
        foot.addWidget(self._copy)
        self._foot.setLayout(foot)
        box = column(spacing=Space.HALF)
        box.addWidget(self.view, 1)
        box.addWidget(self._foot)
        self.setLayout(box)
        if fitting_lines:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show another text from its beginning."""
        self._raw = text
        self._limit = LIMIT
        self._show()

    def text(self) -> str:
        """The whole text as it came."""
        return self._raw

    def is_cut(self) -> bool:
        """Whether some of the text is not shown."""
        return len(self._raw) > self._limit

    def sizeHint(self) -> QSize:
        """High enough for the text, up to the lines it may take."""
        lines = min(self._fitting_lines or 8, max(1, self.view.blockCount()))
        foot = self._foot.sizeHint().height() + Space.HALF if not self._foot.isHidden() else 0
        return QSize(320, lines * round(self.view.fontMetrics().lineSpacing()) + FRAME + foot)

    def _show_more(self) -> None:
        at = self.view.verticalScrollBar().value()
        self._limit = min(MOST, self._limit + LIMIT)
        self._show()
        self.view.verticalScrollBar().setValue(at)

    def _show(self) -> None:
        clipped = clip(self._raw, self._limit)
        self.view.setPlainText(clipped.text)
        self._left_out.set_words(tr("{left_out:,} characters more", left_out=clipped.left_out))
        self._more.set_blocked(
            "" if self._limit < MOST else tr("This much is shown at most; copy the text to read on.")
        )
        self._foot.setVisible(clipped.left_out > 0)
        self.updateGeometry()
