"""A pane that says what stands on it whenever it is painted: the witness on which arming rests.

Invariant: it tells nothing until it was given what it shows, and then at every paint; a paint that the window system
leaves out, because the pane is hidden or covered by another, tells nothing.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from console.qtkit.panes import Ground, Pane


class Witness(Pane):
    """Tells ``painted`` with an item's id and digest."""

    painted = Signal(str, str)

    def __init__(
        self, margins: tuple[int, int, int, int] = (0, 0, 0, 0), spacing: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(Ground.SURFACE, margins=margins, spacing=spacing, parent=parent)
        self._item_id = ""
        self._digest = ""

    def bear(self, item_id: str, digest: str) -> None:
        """Be what shows this version of this item; nothing is told for an empty id."""
        if (item_id, digest) != (self._item_id, self._digest):
            self._item_id, self._digest = item_id, digest
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, and say what stands on it."""
        super().paintEvent(event)
        if self._item_id:
            self.painted.emit(self._item_id, self._digest)
