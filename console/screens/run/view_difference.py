"""The differences of two revisions as a tree: what, its fate by icon and word, before and after.

Invariant: a branch is worked out when it is opened, at most ``CHUNK`` rows at a time.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.domain.display import one_line
from console.domain.language import tr
from console.qtkit.current import colours
from console.qtkit.icons import draw_icon
from console.qtkit.paint import draw_text
from console.qtkit.tokens import PILL_ICON, Style, Tone
from console.screens.run.difference import SHOWN, Delta, Fate

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
CHUNK = 200
ROW, PADDING = 28, 8
DELTA_ROLE = Qt.ItemDataRole.UserRole
FATE_LOOKS: dict[Fate, tuple[str, Tone]] = {
    Fate.ADDED: ("plus", Tone.OK),
    Fate.REMOVED: ("minus", Tone.CRITICAL),
    Fate.CHANGED: ("pencil", Tone.MEDIUM),
}


class Part(enum.IntEnum):
    """The columns, in order."""

    NAME = 0
    FATE = 1
    BEFORE = 2
    AFTER = 3


HEADINGS = {Part.NAME: tr("Name"), Part.FATE: tr("Change"), Part.BEFORE: tr("Before"), Part.AFTER: tr("After")}


@dataclass(slots=True, eq=False)
class _Node:
    delta: Delta | None
    parent: _Node | None
    place: int
    children: list[_Node] = field(default_factory=list)
    rest: Iterator[Delta] | None = None
    is_whole: bool = False


class DifferenceModel(QAbstractItemModel):
    """The differences at the top, and those inside as they are asked for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = _Node(None, None, 0, is_whole=True)
        self._nodes: dict[int, _Node] = {}

    def take(self, deltas: Sequence[Delta]) -> None:
        """Show these."""
        self.beginResetModel()
        self._nodes = {}
        self._root.children = [self._made(delta, self._root, place) for place, delta in enumerate(deltas)]
        self.endResetModel()

    def delta(self, index: Index) -> Delta | None:
        """The difference at an index."""
        return self._node(index).delta

    def index(self, row: int, column: int, parent: Index = NOWHERE) -> QModelIndex:
        """The index of a child that was made already."""
        children = self._node(parent).children
        if not 0 <= row < len(children) or not 0 <= column < len(Part):
            return QModelIndex()
        return self.createIndex(row, column, id(children[row]))

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]  # Qt's other parent() takes nothing
        """The index of what holds it."""
        holder = self._node(index).parent
        if holder is None or holder is self._root:
            return QModelIndex()
        return self.createIndex(holder.place, 0, id(holder))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many children were made so far."""
        return 0 if parent.column() > 0 else len(self._node(parent).children)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Always four."""
        return len(Part)

    def hasChildren(self, parent: Index = NOWHERE) -> bool:
        """Whether there is anything inside, made or not."""
        if parent.column() > 0:
            return False
        node = self._node(parent)
        return bool(node.children) or (node.delta is not None and node.delta.has_inside and not node.is_whole)

    def canFetchMore(self, parent: Index) -> bool:
        """Whether some children were not made yet."""
        node = self._node(parent)
        return parent.column() <= 0 and not node.is_whole and node.delta is not None and node.delta.has_inside

    def fetchMore(self, parent: Index) -> None:
        """Make the next children."""
        node = self._node(parent)
        if node.delta is None or not self.canFetchMore(parent):
            return
        node.rest = node.delta.inside() if node.rest is None else node.rest
        come = list(islice(node.rest, CHUNK))
        node.is_whole = len(come) < CHUNK
        if come:
            begin = len(node.children)
            self.beginInsertRows(self.createIndex(node.place, 0, id(node)), begin, begin + len(come) - 1)
            node.children += [self._made(delta, node, begin + at) for at, delta in enumerate(come)]
            self.endInsertRows()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's words, or the difference itself."""
        delta = self.delta(index) if index.isValid() else None
        if delta is None:
            return None
        if role == DELTA_ROLE:
            return delta
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return delta.said
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        before, after = delta.words
        cells = {Part.NAME: one_line(delta.name[:SHOWN]), Part.FATE: tr(delta.fate.value)}
        return {**cells, Part.BEFORE: before, Part.AFTER: after}[Part(index.column())]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a column's heading."""
        is_heading = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return HEADINGS[Part(section)] if is_heading else None

    def _node(self, index: Index) -> _Node:
        return self._nodes[index.internalId()] if index.isValid() else self._root

    def _made(self, delta: Delta, parent: _Node, place: int) -> _Node:
        node = _Node(delta, parent, place)
        self._nodes[id(node)] = node
        return node


class DifferenceDelegate(QStyledItemDelegate):
    """Paints one cell: the fate as icon and word, values in the data font."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Every row has one height."""
        return QSize(80, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint ground and words."""
        c, box = colours(), QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, QColor(c.selected))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, QColor(c.hover))
        delta = index.data(DELTA_ROLE)
        if not isinstance(delta, Delta):
            return
        part, text = Part(index.column()), str(index.data())
        left, room = box.left() + PADDING, box.width() - 2 * PADDING
        top = box.top() + (ROW - Style.BODY.line) / 2
        if part is Part.NAME:
            draw_text(painter, left - 2, top, text, Style.STRONG, c.ink, room)
        elif part is Part.FATE:
            icon, tone = FATE_LOOKS[delta.fate]
            draw_icon(painter, icon, c.text(tone), left, box.top() + (ROW - PILL_ICON) / 2, PILL_ICON)
            draw_text(painter, left + PILL_ICON + 6, top, text, Style.BODY, c.text(tone), room - PILL_ICON - 6)
        else:
            style, ink = (Style.DATA_STRONG, c.ink) if part is Part.AFTER else (Style.DATA, c.ink2)
            draw_text(painter, left, top, text, style, ink, room)
