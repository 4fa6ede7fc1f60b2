"""A model of rows with ids that changes by differences.

Invariant: after `apply` the model holds exactly the rows given, in their order; every row that was and is there kept
its persistent index, so selection and scroll survive. Where the difference is large, one reset takes the place of
thousands of signals, and `RowTable` brings the current row back by its id. Two rows of one id are a bug of the caller:
ValueError.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

RowT = TypeVar("RowT", bound=Hashable)

MANY_STEPS = 120
ROW_ROLE = Qt.ItemDataRole.UserRole
ID_ROLE = Qt.ItemDataRole.UserRole + 1

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class RowModel(QAbstractTableModel, Generic[RowT]):
    """Rows in one column.

    `key` gives a row's id, `words` what a screen reader says of it; `is_choosable` tells rows that can be current
    from headings between them.
    """

    def __init__(
        self,
        key: Callable[[RowT], Hashable],
        words: Callable[[RowT], str],
        is_choosable: Callable[[RowT], bool] = lambda _: True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._is_choosable = is_choosable
        self._key = key
        self._words = words
        self._rows: list[RowT] = []
        self._ids: list[Hashable] = []
        self._places: dict[Hashable, int] | None = {}

    def rows(self) -> Sequence[RowT]:
        """The rows as they stand; not to be changed."""
        return self._rows

    def row(self, place: int) -> RowT:
        """The row at this place."""
        return self._rows[place]

    def id_at(self, place: int) -> Hashable:
        """The id of the row at this place."""
        return self._ids[place]

    def place_of(self, row_id: Hashable) -> int:
        """Where the row of this id is; -1 when it is not there."""
        if self._places is None:
            self._places = {each: place for place, each in enumerate(self._ids)}
        return self._places.get(row_id, -1)

    def can_choose(self, place: int) -> bool:
        """Whether the row at this place can be current."""
        return self._is_choosable(self._rows[place])

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        """One."""
        return 0 if parent.isValid() else 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        """The row itself, its id, or its words."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == ID_ROLE:
            return self._key(row)
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self._words(row)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A heading can be neither selected nor current."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if not self.can_choose(index.row()):
            return Qt.ItemFlag.ItemNeverHasChildren
        return Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren

    def apply(self, rows: Iterable[RowT]) -> None:
        """Become these rows."""
        wanted = list(rows)
        ids = [self._key(row) for row in wanted]
        if len(set(ids)) != len(ids):
            raise ValueError("two rows have the same id")
        if ids == self._ids:
            self._put(wanted)
            return
        keeps = set(ids)
        gone = [place for place, each in enumerate(self._ids) if each not in keeps]
        known = set(self._ids)
        new = [place for place, each in enumerate(ids) if each not in known]
        places = {each: place for place, each in enumerate(ids)}
        moving = _moving([each for each in self._ids if each in keeps], places)
        steps = sum(1 for _ in _runs(gone)) + sum(1 for _ in _runs(new)) + len(moving)
        if steps > MANY_STEPS:
            self._reset(wanted, ids)
            return
        self._remove(gone)
        self._move(moving, places)
        self._insert(new, wanted, ids)
        self._put(wanted)

    def update_row(self, row: RowT) -> None:
        """Put one changed row in the place of the one with its id.

        Raises KeyError when there is none.
        """
        place = self.place_of(self._key(row))
        if place < 0:
            raise KeyError(self._key(row))
        if self._rows[place] != row:
            self._rows[place] = row
            self.dataChanged.emit(self.index(place, 0), self.index(place, 0))

    def _reset(self, wanted: list[RowT], ids: list[Hashable]) -> None:
        self.beginResetModel()
        self._rows, self._ids, self._places = wanted, ids, None
        self.endResetModel()

    def _remove(self, gone: list[int]) -> None:
        for first, last in reversed(list(_runs(gone))):
            self.beginRemoveRows(ROOT, first, last)
            del self._rows[first : last + 1]
            del self._ids[first : last + 1]
            self._places = None
            self.endRemoveRows()

    def _move(self, moving: list[Hashable], places: dict[Hashable, int]) -> None:
        """Move each of these behind the one that is to stand before it; the others are in order already."""
        left = set(moving)
        for each in sorted(moving, key=places.__getitem__):
            source = self._ids.index(each)
            left.discard(each)
            target = self._target(each, left, places)
            if target in {source, source + 1}:
                continue
            self.beginMoveRows(ROOT, source, source, ROOT, target)
            place = target if target < source else target - 1
            self._rows.insert(place, self._rows.pop(source))
            self._ids.insert(place, self._ids.pop(source))
            self._places = None
            self.endMoveRows()

    def _target(self, moved: Hashable, left: set[Hashable], places: dict[Hashable, int]) -> int:
        """Return before which place it goes: the first settled row that is to come after it."""
        wanted = places[moved]
        for place, each in enumerate(self._ids):
            if each != moved and each not in left and places[each] > wanted:
                return place
        return len(self._ids)

    def _insert(self, new: list[int], wanted: list[RowT], ids: list[Hashable]) -> None:
        for first, last in _runs(new):
            self.beginInsertRows(ROOT, first, last)
            self._rows[first:first] = wanted[first : last + 1]
            self._ids[first:first] = ids[first : last + 1]
            self._places = None
            self.endInsertRows()

    def _put(self, wanted: list[RowT]) -> None:
        """Take over rows whose contents changed while their ids stayed."""
        changed = [
            place
            for place, (old, row) in enumerate(zip(self._rows, wanted, strict=True))
            if old is not row and old != row
        ]
        self._rows = wanted
        for first, last in _runs(changed):
            self.dataChanged.emit(self.index(first, 0), self.index(last, 0))


def _runs(places: list[int]) -> Iterator[tuple[int, int]]:
    """Return ascending places as runs of neighbours, first and last."""
    start = previous = None
    for place in places:
        if start is None or previous is None:
            start = place
        elif place != previous + 1:
            yield start, previous
            start = place
        previous = place
    if start is not None and previous is not None:
        yield start, previous


def _moving(kept: list[Hashable], places: dict[Hashable, int]) -> list[Hashable]:
    """Return the fewest that must move: all but a longest run that is in order already (patience sorting)."""
    tails: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for number, each in enumerate(kept):
        pile = bisect_left(tails, places[each])
        before.append(piles[pile - 1] if pile else -1)
        if pile == len(tails):
            tails.append(places[each])
            piles.append(number)
        else:
            tails[pile] = places[each]
            piles[pile] = number
    staying = set()
    number = piles[-1] if piles else -1
    while number >= 0:
        staying.add(number)
        number = before[number]
    return [each for number, each in enumerate(kept) if number not in staying]
