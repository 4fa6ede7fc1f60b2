"""What is so at this desk, and why some of it is not to be set."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QComboBox
from shiboken6 import isValid

from console.domain.language import tr
from console.domain.risk import Risk, undo_window
from console.qtkit.panes import column, row
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style
from console.shell.keeping import Kept
from console.shell.settings_place import PartPane, Place

SECONDS = int(undo_window(Risk.LOW).total_seconds())
LONGER = int(undo_window(Risk.CRITICAL).total_seconds())
UNDO = tr(
    "A decision is held for {seconds} seconds before it is sent, a critical one for "
    "{longer}. Until then Undo takes it back. This is the same at every desk and cannot "
    "be set: who counts on a longer time at one desk would be surprised at another.",
    seconds=SECONDS,
    longer=LONGER,
)
KEPT = tr(
    "The content of closed items and of settled decisions is removed after a time, at the next start. The lines of "
    "the audit stay, with hashes in the place of what was removed."
)
NOT_OPEN = tr("The desk is not open yet.")
NONE = tr("Nothing is connected yet; 90 days is usual.")
STORE = tr(
    "What this desk keeps lies in your user folder, readable by you alone, and is not encrypted there. Keys and "
    "passwords lie in the system keyring where there is one."
)
LANGUAGE = tr(
    "The window speaks your system’s language where a translation is installed, else English; CLEARANCE_LANGUAGE names "
    "another. Times and dates are shown in your time zone."
)


class DeskPart(PartPane):
    """Undo, what is kept for how long, where, in which language."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._keeping = place.keeping
        self.heading(tr("Undo"), UNDO)
        self.heading(tr("How long things are kept"), KEPT)
        self.choices: dict[str, QComboBox] = {}
        self._lines = column(spacing=Space.GRID)
        self.add(self._lines)
        self._told = self.remark(NOT_OPEN if place.keeping is None else "")
        self.heading(tr("Where things are kept"), STORE)
        self.heading(tr("Language"), LANGUAGE)
        self.box.addStretch(1)
        if place.keeping is not None:
            place.keeping.read(self._show)

    def _show(self, kept: tuple[Kept, ...]) -> None:
        if not isValid(self):
            return
        self._told.set_words("" if kept else NONE)
        self._told.setVisible(not kept)
        for each in kept:
            choice = self.choices[each.connection_id] = QComboBox()
            choice.setAccessibleName(tr("Keep content of {name} for", name=each.name))
            for days in each.choices:
                choice.addItem(tr("{days} days", days=days), days)
            choice.setCurrentIndex(each.choices.index(each.days))
            choice.currentIndexChanged.connect(partial(self._put, each))
            line = row()
            line.addWidget(Text(each.name, Style.BODY), 1)
            line.addWidget(choice)
            self._lines.addLayout(line)

    def _put(self, kept: Kept, place: int) -> None:
        if self._keeping is not None:
            self._keeping.put(kept.connection_id, kept.choices[place])
