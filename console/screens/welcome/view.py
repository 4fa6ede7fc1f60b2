"""The welcome: a heading, two cards side by side, and who signs here.

Invariant: it draws the presenter's state and forwards gestures; in a low window it scrolls, nothing is cut.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSpacerItem, QWidget

from console.domain.identity import Identity
from console.domain.language import tr
from console.qtkit.marks import Avatar, IconMark
from console.qtkit.panes import Card, Ground, Pane, Scroll, column, row
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import data, quiet, strong
from console.screens import Action
from console.screens.welcome.presenter import WelcomePresenter
from console.screens.welcome.state import WelcomeState
from console.screens.welcome.view_connect import ConnectCard
from console.screens.welcome.view_demo import DemoCard

WIDTH = 1040
LOW = 760
TOP, LOW_TOP = 40, 12
CARD_TOP = 22
GAP = 24
KEY_SHOWN = 8
MENU = tr("File")
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class WelcomeView(QWidget):
    """All of the screen."""

    def __init__(self, presenter: WelcomePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter = presenter
        self.setAccessibleName(tr("Welcome"))
        self.demo = DemoCard(presenter.demo)
        self.demo.started.connect(presenter.on_start_demo)
        self.demo.cancelled.connect(presenter.on_cancel)
        self.connect_card = ConnectCard()
        self.connect_card.entered.connect(lambda name, value: presenter.on_enter(**{name: value}))
        self.connect_card.tested.connect(presenter.on_test)
        self.connect_card.connected.connect(presenter.on_connect)
        self.connect_card.cancelled.connect(presenter.on_cancel)
        self.connect_card.more_asked.connect(presenter.on_more)
        self._who = WhoLine()
        self._inner = Pane(Ground.SURFACE, margins=(Space.PANE, TOP, Space.PANE, Space.PANE), spacing=Space.GAP)
        self._gap = QSpacerItem(0, Space.GAP)
        self._lay_out()
        self.setFocusProxy(self.demo.start)
        presenter.listen(self.show_state)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus."""
        focused = self.focusWidget()
        if event.key() in ENTER and isinstance(focused, QAbstractButton) and not event.isAutoRepeat():
            focused.click()
        else:
            super().keyPressEvent(event)

    def actions(self) -> tuple[Action, ...]:  # type: ignore[override]  # the window asks every screen for these
        """What a person can do here."""
        presenter = self.presenter
        return (
            Action(
                action_id="welcome.demo", text=tr("Start the demo"), run=presenter.on_start_demo, menu=MENU, icon="play"
            ),
            Action(
                action_id="welcome.cancel",
                text=tr("Cancel what is under way"),
                run=presenter.on_cancel,
                keys=("Esc",),
                menu=MENU,
                can_run=lambda: presenter.state.is_busy,
            ),
        )

    def show_state(self, state: WelcomeState) -> None:
        """Draw a state."""
        self.demo.show_state(state)
        self.connect_card.show_state(state)
        self._who.setVisible(state.identity is not None)
        if state.identity is not None:
            self._who.show_identity(state.identity)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep both primary buttons in sight in a low window."""
        super().resizeEvent(event)
        is_low = event.size().height() < LOW
        self._inner.box.setContentsMargins(Space.PANE, LOW_TOP if is_low else TOP, Space.PANE, Space.PANE)
        self.demo.scenes.be_low(is_low=is_low)
        self._gap.changeSize(0, 0 if is_low else Space.GAP)
        above, below = (LOW_TOP, LOW_TOP) if is_low else (CARD_TOP, GAP)
        for card in (self.demo, self.connect_card):
            card.box.setContentsMargins(GAP, above, GAP, below)

    def _lay_out(self) -> None:
        inner = self._inner
        narrow = QWidget()
        narrow.setMaximumWidth(WIDTH)
        box = column(spacing=Space.GRID)
        narrow.setLayout(box)
        box.addWidget(
            Text(tr("Your agents ask. You decide, once, and see what became of it."), Style.WELCOME, max_lines=0)
        )
        words = tr(
            "Clearance gathers everything that waits for a person and carries your decision back. Start with either."
        )
        box.addWidget(Text(words, Style.LEAD, Tone.SECOND, max_lines=0))
        box.addItem(self._gap)
        cards = row(spacing=GAP)
        for card in (self.demo, self.connect_card):
            cards.addWidget(card, 1)
        box.addLayout(cards)
        box.addSpacing(Space.HALF)
        box.addWidget(self._who)
        across = row(spacing=0)
        across.addStretch(1)
        across.addWidget(narrow, 20)
        across.addStretch(1)
        inner.box.addLayout(across)
        inner.box.addStretch(1)
        whole = column(spacing=0)
        whole.addWidget(Scroll(inner))
        self.setLayout(whole)


class WhoLine(Card):
    """Who decides here, and where their key is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            ground=Ground.SUNKEN,
            margins=(Space.GAP, Space.CARD, Space.GAP, Space.CARD),
            spacing=Space.CARD,
            is_row=True,
            parent=parent,
        )
        self._avatar = Avatar("", 32)
        self._name = Text("")
        self._kept = Text("", Style.SMALL, Tone.SECOND, max_lines=0)
        self._key = Text("", Style.BODY).keep_whole()
        words = column(spacing=0)
        words.addWidget(self._name)
        words.addWidget(self._kept)
        self.box.addWidget(self._avatar, 0, Qt.AlignmentFlag.AlignVCenter)
        self.box.addLayout(words, 1)
        self.box.addWidget(IconMark("fingerprint", Tone.SECOND, tr("key")), 0, Qt.AlignmentFlag.AlignVCenter)
        self.box.addWidget(self._key, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_identity(self, identity: Identity) -> None:
        """Show this person."""
        self._avatar.set_name(identity.person.name)
        self._name.set_words(
            (strong(identity.person.name), quiet(tr("  {role}, on this machine", role=tr(identity.person.role))))
        )
        kept = tr("Your signing key lies in the system’s keyring.")
        if identity.is_key_locked or identity.is_key_in_file:
            kept = tr("Your signing key is {key_place}.", key_place=tr(identity.key_place))
        elif not identity.is_key_kept:
            kept = tr(
                "This system has no keyring that answers: your signing key is kept in memory until Clearance closes."
            )
        self._kept.set_words(kept)
        self._key.set_words(
            (quiet(tr("key ")), data(identity.key_id[:KEY_SHOWN])) if not identity.is_key_locked else ""
        )
