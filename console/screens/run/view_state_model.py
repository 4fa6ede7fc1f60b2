"""The state of a run as a tree whose branches are made when they are opened.

Invariant: opening a branch makes at most ``CHUNK`` rows at a time, whatever it holds; a new revision keeps open what
did not change. Values are never written out in full here, see :func:`console.screens.run.values.brief`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.domain.canonical import Json
from console.domain.display import one_line
from console.domain.language import tr
from console.domain.run import Fact
from console.screens.run.state import RecordState
from console.screens.run.values import brief, is_container, size_word

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
CHUNK = 200
DIFFED = 1_000
VALUE_LIMIT = 300
NODE_ROLE = Qt.ItemDataRole.UserRole


class Column(enum.IntEnum):
    """The columns, in order."""

    NAME = 0
    VALUE = 1
    STANDING = 2
    STEP = 3
    REVISION = 4


HEADINGS = {
    Column.NAME: tr("Name"),
    Column.VALUE: tr("Value"),
    Column.STANDING: tr("Standing"),
    Column.STEP: tr("By step"),
    Column.REVISION: tr("Revision"),
}


@dataclass(slots=True, eq=False)
class Node:
    """A value in the tree. ``fact`` stands at the top level only; ``change`` says what it was before, where it differs.

    ``path`` is how to reach it: ``evidence.items[3]``.
    """

    node_id: int
    name: str
    value: Json
    parent: Node | None
    place: int
    fact: Fact | None = None
    change: str | None = None
    children: list[Node] = field(default_factory=list)
    rest: Iterator[tuple[str, Json]] | None = None

    @property
    def total(self) -> int:
        """How many values it holds."""
        return len(self.value) if isinstance(self.value, Mapping | list | tuple) else 0

    @property
    def path(self) -> str:
        """The names from the top to here."""
        if self.parent is None or self.parent.parent is None:
            return self.name
        return self.parent.path + (self.name if self.name.startswith("[") else f".{self.name}")


class StateModel(QAbstractItemModel):
    """The facts of one revision."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._nodes: dict[int, Node] = {}
        self._next_id = 0
        self._root = self._made("", {}, None, 0)

    def take(self, record: RecordState) -> None:
        """Show this revision, with what changed in it."""
        facts = record.snapshot.facts if record.snapshot is not None else ()
        old, new = [node.name for node in self._root.children], [fact.name for fact in facts]
        is_small = max(len(old), len(new)) <= DIFFED and len(set(new)) == len(new)
        if not is_small or [name for name in old if name in set(new)] != [name for name in new if name in set(old)]:
            self.beginResetModel()
            self._nodes = {self._root.node_id: self._root}
            self._root.children = [self._fact(fact, place, record) for place, fact in enumerate(facts)]
            self.endResetModel()
            return
        self._remove_missing(set(new))
        for place, fact in enumerate(facts):
            if place < len(self._root.children) and self._root.children[place].name == fact.name:
                self._update(place, fact, record)
            else:
                self.beginInsertRows(NOWHERE, place, place)
                self._root.children.insert(place, self._fact(fact, place, record))
                self._number()
                self.endInsertRows()

    def node(self, index: Index) -> Node:
        """The value at an index; the whole for none."""
        return self._nodes[index.internalId()] if index.isValid() else self._root

    def index(self, row: int, column: int, parent: Index = NOWHERE) -> QModelIndex:
        """The index of a child that was made already."""
        children = self.node(parent).children
        if not 0 <= row < len(children) or not 0 <= column < len(Column):
            return QModelIndex()
        return self.createIndex(row, column, children[row].node_id)

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]  # Qt's other parent() takes nothing
        """The index of what holds it."""
        holder = self.node(index).parent
        return QModelIndex() if holder is None else self.index_of(holder)

    def index_of(self, node: Node) -> QModelIndex:
        """The index of a value; none for the whole."""
        return QModelIndex() if node is self._root else self.createIndex(node.place, 0, node.node_id)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many children were made so far."""
        return 0 if parent.column() > 0 else len(self.node(parent).children)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Always five."""
        return len(Column)

    def hasChildren(self, parent: Index = NOWHERE) -> bool:
        """Whether there is anything inside, made or not."""
        if parent.column() > 0:
            return False
        node = self.node(parent)
        return bool(node.children) or node.total > 0

    def canFetchMore(self, parent: Index) -> bool:
        """Whether some children were not made yet."""
        node = self.node(parent)
        return parent.column() <= 0 and node is not self._root and len(node.children) < node.total

    def fetchMore(self, parent: Index) -> None:
        """Make the next children."""
        node = self.node(parent)
        if not self.canFetchMore(parent):
            return
        if node.rest is None:
            node.rest = _inside(node.value)
        come = list(islice(node.rest, CHUNK))
        begin = len(node.children)
        self.beginInsertRows(self.index_of(node), begin, begin + len(come) - 1)
        node.children += [self._made(name, value, node, begin + at) for at, (name, value) in enumerate(come)]
        self.endInsertRows()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's words, or the node itself."""
        if not index.isValid():
            return None
        node = self.node(index)
        if role == NODE_ROLE:
            return node
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return _cell(node, Column(index.column()))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a column's heading."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == Column.REVISION else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return HEADINGS[Column(section)] if role == Qt.ItemDataRole.DisplayRole else None

    def _remove_missing(self, kept: set[str]) -> None:
        for place in range(len(self._root.children) - 1, -1, -1):
            if self._root.children[place].name not in kept:
                self.beginRemoveRows(NOWHERE, place, place)
                self._forget(self._root.children.pop(place))
                self._number()
                self.endRemoveRows()

    def _update(self, place: int, fact: Fact, record: RecordState) -> None:
        node = self._root.children[place]
        change = record.changed.get(fact.name)
        if (node.fact, node.change) == (fact, change):
            return
        if node.value != fact.value and node.children:
            self.beginRemoveRows(self.index(place, 0), 0, len(node.children) - 1)
            for child in node.children:
                self._forget(child)
            node.children = []
            node.rest = None
            self.endRemoveRows()
        node.rest = node.rest if node.children else None
        node.value, node.fact, node.change = fact.value, fact, change
        self.dataChanged.emit(self.index(place, 0), self.index(place, len(Column) - 1))

    def _fact(self, fact: Fact, place: int, record: RecordState) -> Node:
        node = self._made(fact.name, fact.value, self._root, place)
        node.fact, node.change = fact, record.changed.get(fact.name)
        return node

    def _made(self, name: str, value: Json, parent: Node | None, place: int) -> Node:
        node = Node(self._next_id, name, value, parent, place)
        self._nodes[self._next_id] = node
        self._next_id += 1
        return node

    def _forget(self, node: Node) -> None:
        self._nodes.pop(node.node_id, None)
        for child in node.children:
            self._forget(child)

    def _number(self) -> None:
        for place, node in enumerate(self._root.children):
            node.place = place


def _inside(value: Json) -> Iterator[tuple[str, Json]]:
    if isinstance(value, Mapping):
        return iter(value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ((f"[{place}]", inner) for place, inner in enumerate(value))
    return iter(())


def _cell(node: Node, column: Column) -> str:
    if column is Column.NAME:
        return one_line(node.name[:VALUE_LIMIT])
    if column is Column.VALUE:
        return size_word(node.value) if is_container(node.value) else brief(node.value, VALUE_LIMIT)
    fact = node.fact
    if fact is None:
        return ""
    if column is Column.STANDING:
        return tr(fact.standing)
    if column is Column.STEP:
        return one_line(fact.by_step[:VALUE_LIMIT])
    return f"{fact.revision:,}" if fact.revision else ""
