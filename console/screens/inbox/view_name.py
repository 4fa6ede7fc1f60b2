"""Asking for the name under which what is shown is kept as a view.

Invariant: Enter saves and Escape does not; without a name nothing is saved, and the dialog says what is missing.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QWidget

from console.domain.language import tr
from console.qtkit.buttons import Button, Kind
from console.qtkit.fields import Field
from console.qtkit.panes import column, row
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.screens.inbox.saved import BUILT_IN, LONGEST_NAME

WIDTH = 420
ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class NameDialog(QDialog):
    """Tells ``named`` once, with a name that can be used. ``taken`` are names whose view would be replaced."""

    named = Signal(str)

    def __init__(self, taken: frozenset[str], key: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._taken = taken
        self._key = key
        self.setWindowTitle(tr("Save this view"))
        self.setAccessibleName(tr("Save this view"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(WIDTH)
        self.name = Field(tr("Name of the view"), prefix=tr("Name"))
        self.name.setMaxLength(LONGEST_NAME)
        self.said = Text("", Style.SMALL, Tone.SECOND, max_lines=2)
        self.leave = Button(tr("Cancel"), key="Esc")
        self.save = Button(tr("Save"), key="Enter", kind=Kind.PRIMARY)
        self._lay_out()
        self.name.textChanged.connect(lambda _text: self._show())
        self.leave.clicked.connect(self.reject)
        self.save.clicked.connect(self._on_save)
        self._show()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter saves."""
        if event.key() not in ENTER:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self._on_save()

    def _problem(self) -> str:
        name = " ".join(self.name.text().split())
        if not name:
            return tr("Give it a name.")
        is_built_in = name in {view.name for view in BUILT_IN}
        return tr("The first three views keep their names; choose another.") if is_built_in else ""

    def _show(self) -> None:
        problem = self._problem()
        is_known = " ".join(self.name.text().split()) in self._taken
        self.save.set_blocked(problem)
        self.said.set_words(problem or (tr("It takes the place of the view of this name.") if is_known else self._key))

    def _on_save(self) -> None:
        if not self._problem():
            self.named.emit(self.name.text())
            self.accept()

    def _lay_out(self) -> None:
        box = column((Space.PANE,) * 4, Space.CARD)
        box.addWidget(Text(tr("Save this view"), Style.SCREEN))
        box.addWidget(self.name)
        box.addWidget(self.said)
        foot = row(spacing=Space.GRID)
        foot.addStretch(1)
        for button in (self.leave, self.save):
            foot.addWidget(button)
        box.addLayout(foot)
        self.setLayout(box)
