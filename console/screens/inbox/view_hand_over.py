"""The hand-over note in a dialog: written by the desk, changed by the person, copied, saved or left with the items."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QPlainTextEdit, QWidget

from console.infra.paths import private_file
from console.qtkit.buttons import Button, Kind
from console.qtkit.panes import column, row
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.screens.inbox.leaving import Leaving

SIZE = (640, 560)
HINT = "Change it as you like. Nothing is sent unless you say so."


class HandOverDialog(QDialog):
    """Opened anew each time."""

    def __init__(self, leaving: Leaving, parent: QWidget) -> None:
        super().__init__(parent)
        self._leaving = leaving
        self.setWindowTitle("Hand over")
        self.setAccessibleName("Hand over")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*SIZE)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("Note for the next person")
        self.text.setPlaceholderText("Writing…")
        self.release = QCheckBox("Release what I am on, with this note as a comment")
        self.said = Text(HINT, Style.SMALL, Tone.SECOND)
        self.copy = Button("Copy", icon="copy")
        self.save = Button("Save…", icon="download")
        self.close_button = Button("Close", key="Esc")
        self.finish = Button("Hand over", kind=Kind.PRIMARY)
        self._lay_out()
        self.release.toggled.connect(self._on_release)
        self.copy.clicked.connect(self._on_copy)
        self.save.clicked.connect(self._on_save)
        self.close_button.clicked.connect(self.reject)
        self.finish.clicked.connect(self._on_done)
        self._on_release(False)
        leaving.write(self._show)

    def save_to(self, path: Path) -> None:
        """Write the note into a file for its owner only."""
        private_file(path)
        path.write_text(self.text.toPlainText() + "\n", encoding="utf-8")
        self.said.set_words(f"Saved as {path.name}.")

    def _show(self, text: str) -> None:
        self.text.setPlainText(text)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.said.set_words("Copied.")

    def _on_save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the note", "hand-over.txt")
        if not name:
            return
        try:
            self.save_to(Path(name))
        except OSError as error:
            self.said.set_words(f"It could not be saved: {error.strerror}. Choose another place.")

    def _on_release(self, is_on: bool) -> None:
        self.finish.set_blocked("" if is_on else "Copy or save the note, or have it left with what you are on.")

    def _on_done(self) -> None:
        self._leaving.release_with(self.text.toPlainText())
        self.accept()

    def _lay_out(self) -> None:
        box = column((Space.PANE,) * 4, Space.CARD)
        box.addWidget(Text("For whoever is next", Style.SCREEN))
        box.addWidget(self.text, 1)
        box.addWidget(self.release)
        box.addWidget(self.said)
        foot = row(spacing=Space.GRID)
        foot.addStretch(1)
        for button in (self.copy, self.save, self.close_button, self.finish):
            foot.addWidget(button)
        box.addLayout(foot)
        self.setLayout(box)
