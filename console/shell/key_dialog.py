"""The dialog of the signing key: what is the matter with it, and the passphrase where one helps.

Invariant: a passphrase leaves it once, by a signal, and its fields are empty from then on; what went wrong is said in
words beside them, and may be tried again at once.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from console.domain.language import tr
from console.infra.keyfile import SHORTEST
from console.qtkit.buttons import Button, Kind
from console.qtkit.datatext import DataText
from console.qtkit.fields import Field
from console.qtkit.panes import column, row
from console.qtkit.sections import IconLine
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.shell.key_words import KeyCard

WIDTH = 600
DIFFERENT = tr("The two passphrases differ.")


class KeyDialog(QDialog):
    """Tells ``opened_with``, ``kept_under`` or ``renewed`` with a passphrase, ``keyring_asked``, ``again_asked``."""

    opened_with = Signal(str)
    kept_under = Signal(str)
    renewed = Signal(str)
    keyring_asked = Signal()
    again_asked = Signal()
    problem: IconLine

    def __init__(self, card: KeyCard, parent: QWidget) -> None:
        super().__init__(parent)
        self._card = card
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(WIDTH)
        self._box = column((Space.PANE,) * 4, Space.CARD)
        self._body: QWidget | None = None
        self.setLayout(self._box)
        self.show_card(card)

    def show_card(self, card: KeyCard) -> None:
        """Show the key as it is now; what was typed is gone."""
        self._card = card
        self.setWindowTitle(card.title)
        self.setAccessibleName(card.title)
        if self._body is not None:
            self._box.removeWidget(self._body)
            self._body.hide()
            self._body.deleteLater()
        self._body = self._made()
        self._box.addWidget(self._body)
        self._body.show()
        if self._asks:
            self.passphrase.setFocus()
        else:
            self.close_button.setFocus()
        self._fit()

    @property
    def _asks(self) -> bool:
        """Whether it asks for a passphrase."""
        return bool(self._card.action) and not self._card.is_bare

    def tell(self, problem: str) -> None:
        """Say what went wrong; the passphrase can be typed anew."""
        self.problem.words.set_words(problem)
        self.problem.setVisible(bool(problem))
        self.problem.setAccessibleName(problem)
        self.passphrase.set_problem(problem if self._asks else "")
        self.set_busy(is_busy=False)
        if self._asks and problem:
            # While somebody corrects one of the fields, the keys stay there.
            self.passphrase.setFocus()
        self._fit()

    def set_busy(self, *, is_busy: bool) -> None:
        """While the desk works, nothing is asked twice."""
        for button in (self.action, self.keyring):
            button.set_blocked(tr("One moment.") if is_busy else "")

    def _fit(self) -> None:
        """As high as its words are at this width."""
        self._box.activate()
        self.setFixedHeight(self._box.totalHeightForWidth(WIDTH))

    def _made(self) -> QWidget:
        card = self._card
        body = QWidget()
        box = column(spacing=Space.CARD)
        body.setLayout(box)
        box.addWidget(IconLine(card.icon, card.title, card.tone, Style.STRONG))
        for words in card.words:
            box.addWidget(Text(words, max_lines=0))
        self._make_parts()
        if card.command:
            told = row(spacing=Space.GRID)
            told.addWidget(DataText(tr("What a supervisor types"), card.command, fitting_lines=6), 1)
            told.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)
            box.addLayout(told)
        if card.hint:
            box.addWidget(Text(card.hint, Style.SMALL, Tone.SECOND, max_lines=0))
        for each in (self.passphrase, self.once_more, self.problem):
            box.addWidget(each)
        foot = row(spacing=Space.GRID)
        foot.addWidget(self.keyring)
        foot.addStretch(1)
        foot.addWidget(self.again)
        foot.addWidget(self.close_button)
        foot.addWidget(self.action)
        box.addSpacing(Space.HALF)
        box.addLayout(foot)
        return body

    def _make_parts(self) -> None:
        card = self._card
        hint = tr("At least {shortest} characters", shortest=SHORTEST) if card.is_new else ""
        self.passphrase = Field(tr("Passphrase"), placeholder=hint, prefix=tr("Passphrase"))
        self.once_more = Field(tr("Passphrase once more"), prefix=tr("Once more"))
        for each in (self.passphrase, self.once_more):
            each.setEchoMode(QLineEdit.EchoMode.Password)
            each.textEdited.connect(lambda _text: self.tell("") if self.problem.isVisible() else None)
        self.problem = IconLine("octagon-alert", "", Tone.CRITICAL, text_tone=Tone.CRITICAL)
        self.action = Button(card.action, "save" if card.is_new else "lock-open", "Enter", Kind.PRIMARY)
        self.keyring = Button(tr("Ask the keyring again"), "refresh-cw")
        self.again = Button(tr("Check again"), "refresh-cw")
        self.copy = Button(tr("Copy"), "copy", is_small=True)
        self.close_button = Button(tr("Close"), key="Esc")
        self.action.setDefault(True)
        self.passphrase.setVisible(self._asks)
        self.once_more.setVisible(card.is_new)
        self.problem.setVisible(False)
        self.action.setVisible(bool(card.action))
        self.keyring.setVisible(card.can_ask_keyring)
        self.again.setVisible(bool(card.command) and not card.action)
        self.action.clicked.connect(self._send)
        self.keyring.clicked.connect(self._ask_keyring)
        self.again.clicked.connect(self.again_asked)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(card.command))
        self.close_button.clicked.connect(self.reject)

    def _send(self) -> None:
        if not self._asks:
            self._tell_done("")
            return
        said, again = self.passphrase.text(), self.once_more.text()
        if not said:
            self.passphrase.setFocus()
            return
        if self._card.is_new and not again:
            self.once_more.setFocus()
            return
        if self._card.is_new and said != again:
            self.tell(DIFFERENT)
            return
        self._tell_done(said)

    def _tell_done(self, said: str) -> None:
        self.passphrase.clear()
        self.once_more.clear()
        self.set_busy(is_busy=True)
        told = self.kept_under if self._card.is_new else self.opened_with
        (self.renewed if self._card.is_renewal else told).emit(said)

    def _ask_keyring(self) -> None:
        self.set_busy(is_busy=True)
        self.keyring_asked.emit()
