"""An editable table for a list: of scalars in one column, or of objects in a column for each member.

Invariant: a cell that was not touched keeps the very value that came, members of an object that have no column stay in
it, and rows keep their order. A cell with characters that cannot be seen shows them written out and is not edited here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from console.domain.canonical import Json
from console.domain.display import one_line
from console.domain.language import tr
from console.infra.jsontext import read_json, write_json
from console.infra.schema import FieldKind, SchemaField, SchemaProblem
from console.qtkit.buttons import Button
from console.qtkit.current import colours
from console.qtkit.editors import UNSET, Unset, Value, parsed, text_of, told
from console.qtkit.fonts import font
from console.qtkit.paint import tip
from console.qtkit.panes import column, row
from console.qtkit.tokens import Height, Space, Style

MOST_ROWS = 200
MOST_SHOWN = 8
MOST_CELL = 2_000
TYPED = frozenset({FieldKind.RAW, FieldKind.GROUP, FieldKind.LIST, FieldKind.TABLE})


@dataclass(frozen=True, slots=True)
class Came:
    """A row as it came: the whole of it, and what its cells hold."""

    whole: Json
    cells: tuple[Value, ...]

    def shown(self, place: int, field: SchemaField) -> str:
        """Return what the cell shows before it is touched."""
        return one_line(full_text(self.cells[place], field)[:MOST_CELL])


def full_text(cell: Value, field: SchemaField) -> str:
    """Return a cell's value as text."""
    if isinstance(cell, Unset):
        return ""
    return write_json(cell) if field.kind in TYPED else text_of(cell)


class CellEditor(QWidget):
    """A list as a table, with buttons to add a row and to remove the current one."""

    edited = Signal()

    def __init__(self, field: SchemaField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        self._columns = (field.item,) if field.item is not None else field.fields
        self._is_unset = True
        self._came: list[Came] = []
        self._is_loading = False
        self.table = QTableWidget(0, len(self._columns), self)
        self.table.setHorizontalHeaderLabels([one_line(each.title) for each in self._columns])
        self.table.horizontalHeader().setVisible(field.item is None)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.verticalHeader().setDefaultSectionSize(Height.RUN_ROW)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.setFont(font(Style.DATA))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setAccessibleName(one_line(field.title))
        self.table.setItemDelegate(ChoiceDelegate(self._columns, self.table))
        self.table.itemChanged.connect(self._on_item)
        self._add = Button(tr("Add a row"), "plus", is_small=True)
        self._remove = Button(tr("Remove this row"), "x", is_small=True)
        self._add.clicked.connect(self._on_add)
        self._remove.clicked.connect(self._on_remove)
        foot = row(spacing=Space.GRID)
        foot.addWidget(self._add)
        foot.addWidget(self._remove)
        foot.addStretch(1)
        box = column(spacing=6)
        box.addWidget(self.table)
        box.addLayout(foot)
        self.setLayout(box)

    def set_value(self, value: Value) -> None:
        """Show this list; what is no list is shown as none."""
        self._is_unset = value is UNSET or value is None
        rows = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
        self._is_loading = True
        self.table.setRowCount(0)
        self._came = []
        for each in rows[:MOST_ROWS]:
            members = each if isinstance(each, Mapping) else {}
            is_scalar = self._field.item is not None
            cells = (each,) if is_scalar else tuple(members.get(field.name, UNSET) for field in self._columns)
            self._append(Came(each, cells))
        self._is_loading = False
        self._fit()

    def value(self) -> Value:
        """Return the list as it stands."""
        if self._is_unset and self.table.rowCount() == 0:
            return None if self._field.is_nullable and self._field.is_required else UNSET
        return [self._row_value(number) for number in range(self.table.rowCount())]

    def problem(self) -> str:
        """Return what the first cell says that holds no value."""
        for number in range(self.table.rowCount()):
            for place, each in enumerate(self._columns):
                words = self._cell(number, place)[1]
                if words:
                    where = (
                        tr("row {number}", number=number + 1)
                        if self._field.item is not None
                        else tr("row {number} {title}", number=number + 1, title=each.title)
                    )
                    return f"{where}: {words}"
        return ""

    def show_problems(self, problems: Sequence[SchemaProblem]) -> str:
        """Mark the cells that are wrong."""
        self._is_loading = True
        wrong = {}
        for problem in problems:
            name = problem.path[1] if len(problem.path) > 1 else self._columns[0].name
            if problem.path:
                wrong[problem.path[0], name] = problem.words
        for number in range(self.table.rowCount()):
            for place, each in enumerate(self._columns):
                item = self.table.item(number, place)
                words = wrong.get((number, each.name), "")
                if item is not None:
                    item.setForeground(QBrush(QColor(colours().crit)) if words else QBrush())
                    item.setToolTip(tip(words))
        self._is_loading = False
        return told(problems)

    def _row_value(self, number: int) -> Json:
        if self._field.item is not None:
            cell = self._cell(number, 0)[0]
            return None if isinstance(cell, Unset) else cell
        whole = self._came[number].whole
        made: dict[str, Json] = dict(whole) if isinstance(whole, Mapping) else {}
        for place, each in enumerate(self._columns):
            cell = self._cell(number, place)[0]
            if isinstance(cell, Unset):
                made.pop(each.name, None)
            else:
                made[each.name] = cell
        return made

    def _cell(self, number: int, place: int) -> tuple[Value, str]:
        """Return a cell's value, and why it holds none."""
        field, came = self._columns[place], self._came[number]
        item = self.table.item(number, place)
        text = "" if item is None else item.text()
        if text == came.shown(place, field):
            return came.cells[place], ""
        if text == "" and not (field.is_required and field.kind in {FieldKind.TEXT, FieldKind.LONG_TEXT}):
            return None if field.is_nullable else UNSET, ""
        if field.kind in {FieldKind.CHOICE, FieldKind.BOOLEAN}:
            return next((each for each in choices_of(field) if text_of(each) == text), text), ""
        if field.kind in TYPED:
            read = read_json(text)
            return read.value, read.problem
        return parsed(text, field.kind)

    def _append(self, came: Came) -> None:
        """Add a row that shows what came."""
        number = self.table.rowCount()
        self._came.append(came)
        self.table.insertRow(number)
        for place, (cell, field) in enumerate(zip(came.cells, self._columns, strict=True)):
            item = QTableWidgetItem(came.shown(place, field))
            if item.text() != full_text(cell, field):
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
            self.table.setItem(number, place, item)

    def _on_item(self) -> None:
        if not self._is_loading:
            self.edited.emit()

    def _on_add(self) -> None:
        self._is_loading = True
        self._is_unset = False
        number = self.table.rowCount()
        self._append(Came({}, tuple(field.default if field.has_default else UNSET for field in self._columns)))
        self._is_loading = False
        self._fit()
        self.table.setCurrentCell(number, 0)
        self.table.setFocus()
        self.edited.emit()

    def _on_remove(self) -> None:
        if self.table.currentRow() >= 0:
            self._is_unset = False
            del self._came[self.table.currentRow()]
            self.table.removeRow(self.table.currentRow())
            self._fit()
            self.edited.emit()

    def _fit(self) -> None:
        rows = max(1, min(MOST_SHOWN, self.table.rowCount()))
        head = 0 if self.table.horizontalHeader().isHidden() else Height.TABLE_HEADER
        self.table.setFixedHeight(rows * Height.RUN_ROW + head + 2)
        self._add.set_blocked(
            "" if self.table.rowCount() < MOST_ROWS else tr("{most_rows} rows are the most here.", most_rows=MOST_ROWS)
        )
        self._remove.set_blocked("" if self.table.rowCount() else tr("There is no row."))


def choices_of(field: SchemaField) -> tuple[Json, ...]:
    """Return what a cell of this column can hold, where that is a choice."""
    return (True, False) if field.kind is FieldKind.BOOLEAN else field.choices


class ChoiceDelegate(QStyledItemDelegate):
    """Edits a cell that is a choice with a list to choose from."""

    def __init__(self, columns: Sequence[SchemaField], parent: QWidget) -> None:
        super().__init__(parent)
        self._columns = columns

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        """Return a list for a choice, Qt's own editor for the rest."""
        choices = choices_of(self._columns[index.column()])
        if not choices:
            return super().createEditor(parent, option, index)
        made = QComboBox(parent)
        made.addItems([text_of(each) for each in choices])
        made.setCurrentText(str(index.data()))
        return made
