"""The settings of the window: which theme. Takes effect at once, is remembered, needs no button to confirm."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QDialog, QRadioButton, QWidget

from console.qtkit.buttons import Button, Kind
from console.qtkit.panes import column, row
from console.qtkit.text import Text
from console.qtkit.theme import Mode, Theme
from console.qtkit.tokens import Space, Style, Tone
from console.shell.look import choose_mode
from console.shell.memory import Memory

WIDTH = 420
LABELS = {
    Mode.SYSTEM: "As the system shows",
    Mode.LIGHT: "Light",
    Mode.DARK: "Dark",
}
STORE = (
    "What this desk keeps lies in your user folder, readable by you alone, and is not encrypted there. "
    "Keys and passwords lie in the system keyring where there is one."
)


class SettingsDialog(QDialog):
    """Opened anew each time."""

    def __init__(self, theme: Theme, memory: Memory, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setAccessibleName("Settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(WIDTH)
        box = column((Space.PANE,) * 4, Space.GRID)
        box.addWidget(Text("Theme", Style.STRONG))
        self._group = QButtonGroup(self)
        for mode, label in LABELS.items():
            choice = QRadioButton(label)
            choice.setObjectName(mode.value)
            choice.setChecked(theme.mode is mode)
            choice.toggled.connect(lambda is_on, mode=mode: choose_mode(theme, memory, mode) if is_on else None)
            self._group.addButton(choice)
            box.addWidget(choice)
        box.addSpacing(Space.GRID)
        box.addWidget(Text("Where things are kept", Style.STRONG))
        box.addWidget(Text(STORE, Style.SMALL, Tone.SECOND, max_lines=0))
        box.addSpacing(Space.GRID)
        foot = row()
        close = Button("Close", key="Esc", kind=Kind.NORMAL)
        close.clicked.connect(self.accept)
        foot.addStretch(1)
        foot.addWidget(close)
        box.addLayout(foot)
        self.setLayout(box)
