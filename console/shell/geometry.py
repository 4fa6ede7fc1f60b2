"""Where the window was, remembered across sessions.

Invariant: a window never opens outside the screens there are: Qt brings a restored one back, and what cannot be read is
the design's size.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget

from console.shell.memory import Memory
from console.shell.settings_values import USUAL_SIZE, text_size

NAME = "window.geometry"
DESIGN = (1440, 900)
SMALLEST = (1100, 700)


def restore(window: QWidget, memory: Memory) -> None:
    """Put the window where it was, or at the design's size, smaller where the screen is."""
    room = window.screen().availableGeometry()
    smallest = smallest_size((room.width(), room.height()), text_size(memory))
    window.setMinimumSize(*smallest)
    kept = QByteArray.fromBase64(memory.get(NAME, "").encode("ascii", "ignore"))
    if not kept.isEmpty() and window.restoreGeometry(kept):
        return
    width, height = min(DESIGN[0], room.width()), min(DESIGN[1], room.height())
    window.resize(max(width, smallest[0]), max(height, smallest[1]))


def smallest_size(room: tuple[int, int], percent: int) -> tuple[int, int]:
    """The smallest size of a window: where text is large and the screen is not, what the screen has."""
    width, height = (
        min(each, max(has, each * USUAL_SIZE // percent)) for each, has in zip(SMALLEST, room, strict=True)
    )
    return width, height


def keep(window: QWidget, memory: Memory) -> None:
    """Remember where it is."""
    memory.set(NAME, bytes(window.saveGeometry().toBase64().data()).decode("ascii"))
