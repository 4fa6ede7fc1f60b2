"""The hand-over in a dialog: the note that the desk writes and the person changes, and the last one that was left here.

Invariant: what a person wrote outlives the dialog until it is handed over; what cannot be done says why in the dialog.
"""

from __future__ import annotations

from pathlib import Path

import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QPlainTextEdit, QStackedWidget, QWidget

from console.domain.language import tr
from console.infra.paths import private_file
from console.qtkit.buttons import Button, Kind
from console.qtkit.panes import column, row
from console.qtkit.tabs import Tabs, TabSpec
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.screens.inbox.kept_note import KeptNote
from console.screens.inbox.leaving import Leaving, Written

SIZE = (680, 600)
KEEP_AFTER_MS = 500
SEND_KEYS = "Ctrl Enter"
ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
YOURS, LAST = "yours", "last"
HINT = tr("Kept as you type. Handed over, it is shown to whoever opens this desk next.")
DRAFT_HINT = tr("This is your draft from before. “Write anew” puts what is so now in its place.")
WRITING = tr("The desk is writing it.")
EMPTY = tr("Write something first: the note is empty.")


class HandOverDialog(QDialog):
    """Opened anew each time, at the last note when ``is_reading``."""

    def __init__(self, leaving: Leaving, parent: QWidget, *, is_reading: bool = False) -> None:
        super().__init__(parent)
        self._leaving = leaving
        self._fresh: Written | None = None
        self._hint = HINT
        last = leaving.notes.last
        self.setWindowTitle(tr("Hand over"))
        self.setAccessibleName(tr("Hand over"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(min(SIZE[0], parent.width() - 2 * Space.GRID), min(SIZE[1], parent.height() - 2 * Space.PANE))
        self.text, self.last = _page(tr("Note for the next person")), _page(tr("The last note"))
        self.text.setPlaceholderText(tr("Writing…"))
        self.last.setReadOnly(True)
        self.tabs = Tabs()
        self.pages = QStackedWidget()
        self.release = QCheckBox(tr("Release what I am on, with this note as a comment"))
        self.said = Text(WRITING, Style.SMALL, Tone.SECOND, max_lines=2)
        self.anew = Button(tr("Write anew"), icon="rotate-ccw")
        self.copy = Button(tr("Copy"), icon="copy")
        self.save = Button(tr("Save…"), icon="download")
        self.close_button = Button(tr("Close"), key="Esc")
        self.finish = Button(tr("Hand over"), key=SEND_KEYS, kind=Kind.PRIMARY)
        self._keeping = QTimer(self)
        self._keeping.setSingleShot(True)
        self._keeping.setInterval(KEEP_AFTER_MS)
        self._lay_out()
        self._connect()
        self._show_last(last)
        self._show_state()
        self._turn(LAST if is_reading and last is not None else YOURS)
        leaving.write(self._show)

    def save_to(self, path: Path) -> None:
        """Write the note into a file for its owner only."""
        private_file(path)
        path.write_text(self._shown().toPlainText() + "\n", encoding="utf-8")
        self.said.set_words(tr("Saved as {name}.", name=path.name))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl and Enter hand over, wherever the focus is."""
        if event.key() in ENTER and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if not event.isAutoRepeat():
                self._on_done()
        elif event.key() not in ENTER:
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Keep what was written, however it closes."""
        if result != QDialog.DialogCode.Accepted:
            self._keep()
        super().done(result)

    def _show(self, written: Written) -> None:
        if not shiboken6.isValid(self):
            return
        self._fresh = written
        draft = self._leaving.notes.draft
        self._hint = DRAFT_HINT if draft else HINT
        self.anew.setVisible(bool(draft))
        self._put(draft or written.text)
        self.release.setEnabled(written.held > 0)
        if written.held:
            self.release.setText(tr("Release the {held:,} I am on, with this note as a comment", held=written.held))
        else:
            self.release.setText(tr("You are on no item that could be released"))
        self._show_state()

    def _put(self, text: str) -> None:
        self.text.setPlainText(text)
        self.text.moveCursor(QTextCursor.MoveOperation.End)

    def _show_last(self, last: KeptNote | None) -> None:
        self.tabs.setVisible(last is not None)
        if last is not None:
            self.last.setPlainText(last.text)
            self.tabs.set_tabs([TabSpec(YOURS, tr("Your note")), TabSpec(LAST, last.title(self._leaving.now()))])
            self.tabs.choose(YOURS)

    def _turn(self, tab_id: str) -> None:
        is_last = tab_id == LAST
        if is_last:
            self.tabs.choose(LAST)
            self._leaving.read()
        self.pages.setCurrentIndex(1 if is_last else 0)
        self._show_state()
        self._shown().setFocus(Qt.FocusReason.OtherFocusReason)

    def _shown(self) -> QPlainTextEdit:
        return self.last if self.pages.currentIndex() else self.text

    def _show_state(self) -> None:
        """Say what can be done now, and why the rest cannot."""
        is_own = self.pages.currentIndex() == 0
        blocked = WRITING if self._fresh is None else "" if self.text.toPlainText().strip() else EMPTY
        self.finish.set_blocked(blocked)
        self.said.set_words(blocked or self._hint)
        for part in (self.finish, self.release, self.said):
            part.setVisible(is_own)
        self.anew.setVisible(is_own and self._hint == DRAFT_HINT)

    def _keep(self) -> None:
        self._keeping.stop()
        if self._fresh is not None:
            text = self.text.toPlainText()
            self._leaving.notes.keep_draft("" if text == self._fresh.text else text)

    def _on_anew(self) -> None:
        if self._fresh is not None:
            self._hint = HINT
            self._put(self._fresh.text)
            self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._shown().toPlainText())
        self.said.set_words(tr("Copied."))

    def _on_save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Save the note"), "hand-over.txt")
        if not name:
            return
        try:
            self.save_to(Path(name))
        except OSError as error:
            self.said.set_words(tr("It could not be saved: {strerror}. Choose another place.", strerror=error.strerror))

    def _on_done(self) -> None:
        if self.finish.isEnabled() and self.finish.isVisible():
            self._leaving.hand_over(self.text.toPlainText(), is_releasing=self.release.isChecked())
            self.accept()

    def _connect(self) -> None:
        self._keeping.timeout.connect(self._keep)
        self.text.textChanged.connect(self._keeping.start)
        self.text.textChanged.connect(self._show_state)
        self.tabs.chosen.connect(self._turn)
        self.anew.clicked.connect(self._on_anew)
        self.copy.clicked.connect(self._on_copy)
        self.save.clicked.connect(self._on_save)
        self.close_button.clicked.connect(self.reject)
        self.finish.clicked.connect(self._on_done)

    def _lay_out(self) -> None:
        box = column((Space.PANE,) * 4, Space.CARD)
        box.addWidget(Text(tr("For whoever is next"), Style.SCREEN))
        box.addWidget(self.tabs)
        for page in (self.text, self.last):
            self.pages.addWidget(page)
        box.addWidget(self.pages, 1)
        box.addWidget(self.release)
        box.addWidget(self.said)
        foot = row(spacing=Space.GRID)
        for button in (self.anew, self.copy, self.save):
            foot.addWidget(button)
        foot.addStretch(1)
        for button in (self.close_button, self.finish):
            foot.addWidget(button)
        box.addLayout(foot)
        self.setLayout(box)


def _page(name: str) -> QPlainTextEdit:
    made = QPlainTextEdit()
    made.setAccessibleName(name)
    made.setTabChangesFocus(True)
    return made
