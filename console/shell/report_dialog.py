"""What a report of an error would hold, before it is saved: all of it is shown, and may be changed first.

Invariant: nothing is saved without a press of Save, and nothing is sent.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from console.domain.language import tr
from console.infra.outfile import free_name
from console.qtkit.fonts import font
from console.qtkit.panes import Edge, Ground, Pane, column
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.shell.saving import SaveBar
from console.shell.support import Fault, Support, report

TITLE = tr("Report of an error")
SIZE = (820, 620)
REMARK = tr(
    "This is all that would be saved: versions, where in the program it happened, and the last warnings of the log. It "
    "holds nothing of items, decisions or settings. Change or add what you like; it stays on this machine until you "
    "give it to somebody."
)


class ReportDialog(QDialog):
    """Opened anew each time."""

    def __init__(self, support: Support, faults: tuple[Fault, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(min(SIZE[0], parent.width() - 2 * Space.GRID), min(SIZE[1], parent.height() - 2 * Space.PANE))
        self.view = QPlainTextEdit()
        self.view.setAccessibleName(tr("The report"))
        self.view.setFont(font(Style.SMALL_DATA))
        self.view.setTabChangesFocus(True)
        self.view.setPlainText(report(faults, support.tail(), support.crash))
        home = support.home if support.home.is_dir() else support.logs
        self.saving = SaveBar(self.view.toPlainText, free_name(home, "clearance-report"))
        head = Pane(
            Ground.SURFACE, Edge.NONE, margins=(Space.PANE, Space.GAP, Space.PANE, Space.GRID), spacing=Space.GRID
        )
        head.box.addWidget(Text(TITLE, Style.SCREEN))
        head.box.addWidget(Text(REMARK, Style.SMALL, Tone.SECOND, max_lines=0))
        middle = Pane(Ground.SURFACE, margins=(Space.PANE, 0, Space.PANE, Space.CARD))
        middle.box.addWidget(self.view)
        box = column(spacing=0)
        box.addWidget(head)
        box.addWidget(middle, 1)
        box.addWidget(self.saving)
        self.setLayout(box)
        self.view.setFocus()
