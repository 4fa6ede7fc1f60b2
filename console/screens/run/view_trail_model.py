"""The rows of the trail as a Qt model that takes over differences.

Invariant: rows that stay keep their persistent index, so selection and scroll survive. Where a filter changes very many
places, or the order changed, one reset takes their place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.qtkit.words import plain
from console.screens.run.cards import card
from console.screens.run.trail import Row

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
NOWHERE = QModelIndex()
MANY_STEPS = 100


class TrailModel(QAbstractListModel):
    """Rows, oldest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """What it holds."""
        return self._rows

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many rows; they have no children."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the row itself, or its words for a screen reader."""
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            shown = card(row)
            return f"{plain(shown.head)} {plain(shown.right)}".strip()
        return None

    def take(self, rows: Sequence[Row]) -> None:
        """Hold these rows from now on."""
        old, new = [row.row_id for row in self._rows], [row.row_id for row in rows]
        in_old, in_new = set(old), set(new)
        gone = _ranges(row_id not in in_new for row_id in old)
        come = _ranges(row_id not in in_old for row_id in new)
        is_same_order = [each for each in old if each in in_new] == [each for each in new if each in in_old]
        if not is_same_order or len(gone) + len(come) > MANY_STEPS:
            self.beginResetModel()
            self._rows = tuple(rows)
            self.endResetModel()
            return
        for first, last in reversed(gone):
            self.beginRemoveRows(NOWHERE, first, last)
            self._rows = self._rows[:first] + self._rows[last + 1 :]
            self.endRemoveRows()
        for first, last in come:
            self.beginInsertRows(NOWHERE, first, last)
            self._rows = (*self._rows[:first], *rows[first : last + 1], *self._rows[first:])
            self.endInsertRows()
        changed = _ranges(one != other for one, other in zip(self._rows, rows, strict=True))
        self._rows = tuple(rows)
        for first, last in changed:
            self.dataChanged.emit(self.index(first), self.index(last))


def _ranges(marks: Iterable[bool]) -> list[tuple[int, int]]:
    """First and last place of each run of marks that are set."""
    found: list[tuple[int, int]] = []
    for place, is_set in enumerate(marks):
        if is_set and found and found[-1][1] == place - 1:
            found[-1] = (found[-1][0], place)
        elif is_set:
            found.append((place, place))
    return found
