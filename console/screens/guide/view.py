"""The guide's strip: icon, caption, what came of it, how far it is, and three buttons.

Invariant: it draws the presenter's state and forwards gestures; it takes no key from the screen under it, and Escape
puts it away where the focus is in it.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from console.domain.language import tr
from console.qtkit.buttons import Button, Kind
from console.qtkit.marks import IconMark
from console.qtkit.panes import Edge, Ground, Pane, column
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import Span, strong
from console.screens import Action
from console.screens.guide.presenter import GuidePresenter
from console.screens.guide.state import GuideState

MENU = tr("Help")
TOP = Qt.AlignmentFlag.AlignTop
MIDDLE = Qt.AlignmentFlag.AlignVCenter


class GuideStrip(Pane):
    """All of it; hidden until there is something to lead through."""

    def __init__(self, presenter: GuidePresenter, parent: QWidget | None = None) -> None:
        super().__init__(
            Ground.SELECTED,
            Edge.BOTTOM,
            is_row=True,
            margins=(Space.PANE, Space.GRID, Space.PANE, Space.GRID),
            spacing=Space.CARD,
            parent=parent,
        )
        self.presenter = presenter
        self._icon = IconMark("play", Tone.ACCENT, tr("guide"))
        self._caption = Text("", max_lines=2)
        self._told = Text("", Style.SMALL, max_lines=2)
        self._progress = Text("", Style.SMALL, Tone.SECOND).keep_whole()
        self.show_me = Button(tr("Show me"), kind=Kind.PRIMARY, is_small=True)
        self.next = Button(tr("Next"), "arrow-right", is_small=True)
        self.skip = Button(tr("Skip"), kind=Kind.FLAT, is_small=True)
        for button, run in (
            (self.show_me, presenter.on_show_me),
            (self.next, presenter.on_next),
            (self.skip, presenter.on_skip),
        ):
            # A click leaves the focus where decisions are made; Tab reaches the buttons.
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda *_checked, run=run: run())
        self._lay_out()
        presenter.listen(self.show_state)

    def actions(self) -> tuple[Action, ...]:  # type: ignore[override]  # the window asks for these
        """What a person can do with it, shown or not."""
        presenter = self.presenter
        return (
            Action(
                action_id="guide.again",
                text=tr("Two minutes: what this is for"),
                run=presenter.on_again,
                menu=MENU,
                icon="circle-play",
                can_run=lambda: presenter.state.is_offered,
            ),
            Action(
                action_id="guide.show",
                text=tr("Two minutes: show me"),
                run=presenter.on_show_me,
                menu=MENU,
                can_run=lambda: presenter.state.is_shown and not presenter.state.hindrance,
            ),
            Action(
                action_id="guide.next",
                text=tr("Two minutes: next"),
                run=presenter.on_next,
                menu=MENU,
                can_run=lambda: presenter.state.is_shown,
            ),
            Action(
                action_id="guide.skip",
                text=tr("Two minutes: skip"),
                run=presenter.on_skip,
                menu=MENU,
                can_run=lambda: presenter.state.is_shown,
            ),
        )

    def show_state(self, state: GuideState) -> None:
        """Draw a state."""
        moment = state.moment
        self._icon.set_icon(moment.icon, Tone.ACCENT, tr("guide"))
        self._caption.set_words((strong(f"{moment.title}. "), Span(moment.text, tone=Tone.SECOND)))
        self._told.set_words(state.said)
        self._told.setVisible(bool(state.said))
        self._progress.set_words(state.progress)
        self.show_me.set_blocked(state.hindrance)
        self.show_me.set_kind(Kind.NORMAL if state.is_over else Kind.PRIMARY)
        self.next.set_kind(Kind.PRIMARY if state.is_over else Kind.NORMAL)
        self.next.set_label(tr("Done") if state.is_last else tr("Next"), "check" if state.is_last else "arrow-right")
        self.setAccessibleName(f"{state.progress}: {moment.title}. {moment.text} {state.said}".rstrip())
        self.setVisible(state.is_shown)

    def event(self, event: QEvent) -> bool:
        """Keep Escape from the screen's own while the focus is in here."""
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if event.type() is QEvent.Type.ShortcutOverride and is_escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Put it away at Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.presenter.on_skip()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        words = column(spacing=2)
        words.addWidget(self._caption)
        words.addWidget(self._told)
        self.box.addWidget(self._icon, 0, TOP)
        self.box.addLayout(words, 1)
        for part in (self._progress, self.show_me, self.next, self.skip):
            self.box.addWidget(part, 0, MIDDLE)
