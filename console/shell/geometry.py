"""Where the window was, remembered across sessions.

Invariant: a window never opens outside the screens there are: Qt brings a restored one back, and what cannot be read is
the design's size.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget

from console.shell.memory import Memory

NAME = "window.geometry"
DESIGN = (1440, 900)
SMALLEST = (1100, 700)


def restore(window: QWidget, memory: Memory) -> None:
    """Put the window where it was, or at the design's size, smaller where the screen is."""
    window.setMinimumSize(*SMALLEST)
    kept = QByteArray.fromBase64(memory.get(NAME, "").encode("ascii", "ignore"))
    if not kept.isEmpty() and window.restoreGeometry(kept):
        return
    room = window.screen().availableGeometry()
    width, height = min(DESIGN[0], room.width()), min(DESIGN[1], room.height())
    window.resize(max(width, SMALLEST[0]), max(height, SMALLEST[1]))


def keep(window: QWidget, memory: Memory) -> None:
    """Remember where it is."""
    memory.set(NAME, bytes(window.saveGeometry().toBase64().data()).decode("ascii"))
