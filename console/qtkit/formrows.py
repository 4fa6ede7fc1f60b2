"""The rows of a form: label, editor, what is expected, what is wrong, and what it was before.

Invariant: a row whose value is what came is not told as changed, and one that is changed can be put back. A value that
does not fit the kind its schema states is edited as raw JSON, never bent into the field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from console.domain.canonical import Json
from console.domain.display import one_line
from console.domain.language import tr
from console.infra.jsontext import write_json
from console.infra.schema import FieldKind, SchemaField, SchemaProblem
from console.qtkit.celleditor import MOST_ROWS, CellEditor
from console.qtkit.editors import UNSET, ChoiceEditor, LongTextEditor, TextEditor, Unset, Value, is_same, told
from console.qtkit.panes import column, row
from console.qtkit.text import Text
from console.qtkit.tokens import Height, Space, Style, Tone, Width
from console.qtkit.words import Span, link, quiet

RESTORE = "restore"
BEFORE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that a person changed, in words."""

    title: str
    before: str
    after: str


class GroupEditor(QWidget):
    """The members of an object, one below the other."""

    edited = Signal()

    def __init__(self, field: SchemaField, came: Value, parent: QWidget | None = None, *, shown: Value = UNSET) -> None:
        super().__init__(parent)
        self._came = came
        known: Mapping[str, Json] = came if isinstance(came, Mapping) else {}
        also: Mapping[str, Json] = shown if isinstance(shown, Mapping) else {}
        named = {each.name for each in field.fields}
        others = [
            SchemaField(name=name, kind=FieldKind.RAW, title=name, hint=tr("not in the schema"))
            for name in dict.fromkeys((*known, *also))
            if name not in named
        ]
        self.rows: dict[str, FieldRow] = {}
        box = column(spacing=Space.CARD)
        for each in (*field.fields, *others):
            made = FieldRow(each, known.get(each.name, UNSET), self)
            made.edited.connect(self.edited)
            self.rows[each.name] = made
            box.addWidget(made)
        self.setLayout(box)
        if also:
            self.set_value(shown)

    def value(self) -> Value:
        """Return the object, members in the order they came, new ones after."""
        values = {name: each.value() for name, each in self.rows.items()}
        order = [*(self._came if isinstance(self._came, Mapping) else ()), *self.rows]
        made = {name: held for name in dict.fromkeys(order) if not isinstance(held := values[name], Unset)}
        return self._came if not made and not isinstance(self._came, Mapping) else made

    def set_value(self, value: Value) -> None:
        """Show another object; members without a field stay as they came."""
        known: Mapping[str, Json] = value if isinstance(value, Mapping) else {}
        for name, each in self.rows.items():
            each.set_value(known.get(name, UNSET))

    def problem(self) -> str:
        """Return what the first member says that holds no value."""
        found = ((name, each.problem()) for name, each in self.rows.items())
        return next((f"{self.rows[name].field.title}: {words}" for name, words in found if words), "")

    def show_problems(self, problems: Sequence[SchemaProblem]) -> str:
        """Hand each problem to its member; return those of the object itself."""
        for name, each in self.rows.items():
            below = [SchemaProblem(given.path[1:], given.words) for given in problems if given.path[:1] == (name,)]
            each.show_problems(below)
        own = [given for given in problems if not given.path or given.path[0] not in self.rows]
        return told(own)

    def changes(self) -> tuple[FieldChange, ...]:
        """Return what a person changed."""
        return tuple(change for each in self.rows.values() for change in each.changes())


class FieldRow(QWidget):
    """A label, an editor, and below it what is expected, what is wrong, and what it was before."""

    edited = Signal()

    def __init__(
        self, field: SchemaField, came: Value, parent: QWidget | None = None, *, shows_before: bool = True
    ) -> None:
        super().__init__(parent)
        self.field = field
        self._came = came
        self._shows_before = shows_before
        self.editor = editor_for(field, came)
        self.editor.set_value(field.default if came is UNSET and field.has_default else came)
        label = Text(field.title, Style.SECTION, Tone.SECOND, max_lines=0)
        label.setFixedWidth(Width.SECTION_LABEL)
        expected = ". ".join(part for part in (field.description.rstrip("."), field.hint) if part)
        self._expected = Text(expected, Style.SMALL, Tone.QUIET, max_lines=3, parent=self)
        self._wrong = Text("", Style.SMALL, Tone.CRITICAL, max_lines=0)
        self._before = Text("", Style.SMALL, Tone.SECOND, max_lines=2)
        self._before.activated.connect(lambda _: self.restore())
        self._expected.setVisible(bool(expected))
        self._wrong.hide()
        self._before.hide()
        right = column(spacing=Space.HALF)
        if isinstance(self.editor, ChoiceEditor):
            right.addWidget(self.editor, 0, Qt.AlignmentFlag.AlignLeft)
        else:
            right.addWidget(self.editor)
        for each in (self._expected, self._wrong, self._before):
            right.addWidget(each)
        labelled = column((0, self._label_drop(), 0, 0), 0)
        labelled.addWidget(label)
        labelled.addStretch(1)
        box = row(spacing=Space.GAP)
        box.addLayout(labelled)
        box.addLayout(right, 1)
        self.setLayout(box)
        self.editor.edited.connect(self._on_edited)

    def value(self) -> Value:
        """Return the value as it stands."""
        return self.editor.value()

    def set_value(self, value: Value) -> None:
        """Show another value; what came before stays the measure of change."""
        self.editor.set_value(value)
        self._on_edited()

    def problem(self) -> str:
        """Return why it holds no value."""
        return self.editor.problem()

    def show_problems(self, problems: Sequence[SchemaProblem]) -> str:
        """Say what is wrong below the editor; nothing is left to be said elsewhere."""
        own = self.editor.problem()
        words = self.editor.show_problems([SchemaProblem((), own)] if own else problems)
        self._wrong.set_words(Span(words, icon="octagon-alert") if words else "")
        self._wrong.setVisible(bool(words))
        return ""

    def restore(self) -> None:
        """Put back what it was."""
        self.editor.set_value(self._came)
        self._on_edited()

    def changes(self) -> tuple[FieldChange, ...]:
        """Return what a person changed in this field or inside it."""
        if isinstance(self.editor, GroupEditor):
            inside = self.editor.changes()
            return tuple(replace(each, title=f"{self.field.title}, {each.title}") for each in inside)
        value = self.value()
        if is_same(value, self._came):
            return ()
        return (FieldChange(one_line(self.field.title), in_words(self._came), in_words(value)),)

    def _label_drop(self) -> int:
        """Return how far the label is lowered to stand on the line of its editor."""
        is_line = isinstance(self.editor, (TextEditor, ChoiceEditor))
        return (Height.CONTROL - Style.SECTION.line) // 2 if is_line else 0

    def _on_edited(self) -> None:
        self._show_before()
        self.edited.emit()

    def _show_before(self) -> None:
        has_changed = self._shows_before and not isinstance(self.editor, GroupEditor) and bool(self.changes())
        self._before.setVisible(has_changed)
        if has_changed:
            before = Span(one_line(in_words(self._came))[:BEFORE_LIMIT], is_data=True)
            was = Span(tr("was "), icon="pencil", tone=Tone.MEDIUM)
            self._before.set_words([was, before, quiet("  "), link(tr("Put back"), RESTORE)])


def editor_for(
    field: SchemaField, came: Value
) -> TextEditor | LongTextEditor | ChoiceEditor | CellEditor | GroupEditor:
    """Return the editor of a field; raw JSON where what came does not fit the field's own."""
    is_nothing = isinstance(came, Unset) or came is None
    if field.kind in {FieldKind.CHOICE, FieldKind.BOOLEAN}:
        return ChoiceEditor(field)
    if field.kind is FieldKind.GROUP and (is_nothing or isinstance(came, Mapping)):
        return GroupEditor(field, came)
    if field.kind in {FieldKind.LIST, FieldKind.TABLE} and (is_nothing or _is_short_list(came)):
        return CellEditor(field)
    if field.kind in {FieldKind.TEXT, FieldKind.DATE, FieldKind.LONG_TEXT} and (is_nothing or isinstance(came, str)):
        is_line = field.kind is not FieldKind.LONG_TEXT and "\n" not in str(came)
        return TextEditor(field) if is_line else LongTextEditor(replace(field, kind=FieldKind.LONG_TEXT))
    is_number = isinstance(came, (int, float)) and not isinstance(came, bool)
    if field.kind in {FieldKind.INTEGER, FieldKind.NUMBER} and (is_nothing or is_number):
        return TextEditor(field)
    return LongTextEditor(replace(field, kind=FieldKind.RAW))


def _is_short_list(came: Value) -> bool:
    return isinstance(came, Sequence) and not isinstance(came, str) and len(came) <= MOST_ROWS


def in_words(value: Value) -> str:
    """Return a value as one line to read."""
    if isinstance(value, Unset):
        return tr("not set")
    return value if isinstance(value, str) and value else write_json(value)


def changes_between(came: Value, value: Value) -> tuple[FieldChange, ...]:
    """Return what differs between two objects by name, or between two other values."""
    if not isinstance(came, Mapping) or not isinstance(value, Mapping):
        return () if is_same(came, value) else (FieldChange(tr("Value"), in_words(came), in_words(value)),)
    return tuple(
        FieldChange(one_line(name), in_words(came.get(name, UNSET)), in_words(value.get(name, UNSET)))
        for name in dict.fromkeys((*came, *value))
        if not is_same(came.get(name, UNSET), value.get(name, UNSET))
    )


AnyEditor = TextEditor | LongTextEditor | ChoiceEditor | CellEditor | GroupEditor
