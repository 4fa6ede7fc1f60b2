"""The strip over every screen while more than one run is paused: what, by whom, since when, why, and the way to resume.

Invariant: it is there for as long as the engine tells of the pause, one line each, and covers nothing; resuming is
decided where every decision is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from console.domain.display import one_line
from console.domain.language import tr
from console.qtkit.notes import Note
from console.qtkit.panes import Ground, Pane
from console.qtkit.tokens import Space, Tone
from console.qtkit.words import Words, quiet, strong
from console.screens import Action
from console.services.views import PauseView

MOST = 3
NAME = 40
RESUME = tr("Resume…")
ON_ITS_WAY = tr("Resuming is on its way.")


class PauseStrip(Pane):
    """All of it. Tells ``resume_asked`` with the id of the item under which it is decided."""

    resume_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            Ground.APP, margins=(Space.GRID, Space.HALF, Space.GRID, Space.HALF), spacing=Space.HALF, parent=parent
        )
        self.setAccessibleName(tr("What is paused"))
        self._pauses: tuple[PauseView, ...] = ()
        self.notes = tuple(Note("", "circle-pause", Tone.MEDIUM) for _ in range(MOST))
        for note in self.notes:
            note.activated.connect(self.resume_asked)
            self.box.addWidget(note)
        self.hide()

    def actions(self) -> tuple[Action, ...]:  # type: ignore[override]  # the window asks for these
        """The way to resume the widest of them, from everywhere."""
        return (
            Action(
                action_id="pauses.resume",
                text=tr("Resume what is paused…"),
                run=self.resume_first,
                keys=("G, P",),
                menu=tr("Go"),
                icon="circle-play",
                can_run=lambda: bool(self._pauses),
                why_not=lambda: "" if self._pauses else tr("Nothing beyond single runs is paused."),
            ),
        )

    def resume_first(self) -> None:
        """Go to where the first of them is resumed."""
        if self._pauses:
            self.resume_asked.emit(self._pauses[0].pause.item_id)

    def show_pauses(self, pauses: Sequence[PauseView], now: datetime) -> None:
        """Tell of those that hold more than one run."""
        self._pauses = tuple(view for view in pauses if view.pause.is_wide)
        more = len(self._pauses) - MOST
        for place, note in enumerate(self.notes):
            note.setVisible(place < len(self._pauses))
            if place < len(self._pauses):
                view = self._pauses[place]
                words = pause_words(view, now, more if place == MOST - 1 else 0)
                action = "" if view.is_ending else RESUME
                note.set_note(words, "circle-pause", Tone.MEDIUM, action, view.pause.item_id)
        self.setVisible(bool(self._pauses))


def pause_words(view: PauseView, now: datetime, more: int = 0) -> Words:
    """One of them in words."""
    told = view.pause.told(now)
    on = quiet(tr("  on {connection}", connection=one_line(view.connection[:NAME])))
    ending = f"  {ON_ITS_WAY}" if view.is_ending else ""
    others = tr("  And {more} more.", more=more) if more > 0 else ""
    return (strong(told[0].upper() + told[1:]), on, ending, others)
