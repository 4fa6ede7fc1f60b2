"""What is so at this desk, and why some of it is not to be set."""

from __future__ import annotations

from console.domain.risk import Risk, undo_window
from console.shell.settings_place import PartPane, Place

SECONDS = int(undo_window(Risk.LOW).total_seconds())
LONGER = int(undo_window(Risk.CRITICAL).total_seconds())
UNDO = (
    f"A decision is held for {SECONDS} seconds before it is sent, a critical one for {LONGER}. Until then Undo takes "
    "it back. This is the same at every desk and cannot be set: who counts on a longer time at one desk would be "
    "surprised at another."
)
KEPT = (
    "The content of closed items and of settled decisions is removed after 90 days. The lines of the audit stay, with "
    "hashes in the place of what was removed."
)
STORE = (
    "What this desk keeps lies in your user folder, readable by you alone, and is not encrypted there. Keys and "
    "passwords lie in the system keyring where there is one."
)
LANGUAGE = "The window speaks English. Times and dates are shown in your time zone."


class DeskPart(PartPane):
    """Undo, what is kept, where, in which language."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        for title, words in (
            ("Undo", UNDO),
            ("How long things are kept", KEPT),
            ("Where things are kept", STORE),
            ("Language", LANGUAGE),
        ):
            self.heading(title, words)
        self.box.addStretch(1)
