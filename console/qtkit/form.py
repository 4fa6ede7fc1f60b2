"""A form made from a JSON Schema, with raw JSON as the way for whatever no form can hold.

Invariant: `value()` differs from what came only where a person changed it; members that the schema does not name stay.
What is wrong with a field is said below it once it was touched, and all of it once somebody tried to send. The rules
are the schema's alone (`console.infra.schema`); nothing is decided here. A schema that cannot be used leaves raw JSON,
and says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from console.domain.canonical import Json
from console.domain.language import tr
from console.infra.schema import FieldKind, Schema, SchemaField, SchemaProblem
from console.qtkit.buttons import Button, Kind
from console.qtkit.editors import UNSET, Unset, Value, told
from console.qtkit.formrows import FieldChange, FieldRow, GroupEditor, changes_between
from console.qtkit.panes import column, row
from console.qtkit.sections import IconLine
from console.qtkit.text import Text
from console.qtkit.tokens import Space, Style, Tone
from console.qtkit.words import Span

CHECK_AFTER_MS = 150
RAW_FIELD = SchemaField(name="", kind=FieldKind.RAW, title="JSON", is_required=True)


class Body(Protocol):
    """What a form shows: the members of an object, or the one field of any other value."""

    @property
    def edited(self) -> SignalInstance:
        """Emitted when a person changes something."""

    def value(self) -> Value:
        """Return the value as it stands."""

    def set_value(self, value: Value) -> None:
        """Show another value."""

    def problem(self) -> str:
        """Return why it holds no value."""

    def show_problems(self, problems: Sequence[SchemaProblem]) -> str:
        """Say what is wrong where it is; return what has no place."""

    def changes(self) -> tuple[FieldChange, ...]:
        """Return what a person changed."""


class Form(QWidget):
    """A value and its schema, to be changed by a person.

    Tells `edited` when the value was changed and checked. `current` is the value that came, or UNSET for an answer that
    is to be given. What is typed anywhere in it is for it, and runs no action of the window: a figure begins a cell.
    """

    edited = Signal()

    def __init__(self, schema: Schema, current: Value = UNSET, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._schema = schema
        self._came = current
        self._problems: tuple[str, ...] = ()
        self._is_tried = False
        self._is_raw = schema.root.kind is FieldKind.RAW
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CHECK_AFTER_MS)
        self._timer.timeout.connect(self._check)
        self._raw = FieldRow(RAW_FIELD, current, self, shows_before=False)
        self._raw.edited.connect(self._timer.start)
        self._toggle = Button(tr("Edit as JSON"), "terminal", kind=Kind.FLAT, is_small=True)
        self._toggle.clicked.connect(lambda: self.set_raw(not self._is_raw))
        if self._is_raw:
            self._toggle.hide()
        self._wrong = Text("", Style.SMALL, Tone.CRITICAL, max_lines=0)
        self._fields: Body = self._raw
        foot = row()
        foot.addWidget(self._wrong, 1)
        foot.addWidget(self._toggle)
        self._box = column(spacing=Space.CARD)
        if schema.problem:
            words = tr("{problem} The value is edited as JSON and checked for being JSON only.", problem=schema.problem)
            self._box.addWidget(IconLine("triangle-alert", words, Tone.MEDIUM))
        self._box.addWidget(self._raw)
        self._box.addLayout(foot)
        self.setLayout(self._box)
        self._show(self._made(current))
        self._check()

    def event(self, event: QEvent) -> bool:
        """Keep what is typed from the actions that it would run."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride and _is_typed(event):
            event.accept()
            return True
        return bool(super().event(event))

    def value(self) -> Json:
        """Return the value as it stands; it is right only where `problems()` is empty."""
        held = self._body().value()
        return None if isinstance(held, Unset) else held

    def set_value(self, value: Value) -> None:
        """Show another value, such as a draft from before; what came stays the measure of change."""
        if self._is_raw:
            self._raw.set_value(value)
        else:
            self._show(self._made(value))
        self._check()

    def problems(self) -> tuple[str, ...]:
        """Return what is wrong, in words, with the place."""
        if self._timer.isActive():
            self._timer.stop()
            self._check()
        return self._problems

    def try_out(self) -> tuple[str, ...]:
        """Return what is wrong, as somebody wants to send it; from now on all of it is said where it is."""
        self._is_tried = True
        self._timer.stop()
        self._check()
        return self._problems

    def is_valid(self) -> bool:
        """Whether the value can be sent."""
        return not self.problems()

    def changes(self) -> tuple[FieldChange, ...]:
        """Return what a person changed, for a table of before and after."""
        return changes_between(self._came, self.value()) if self._is_raw else self._fields.changes()

    def is_raw(self) -> bool:
        """Whether raw JSON is shown."""
        return self._is_raw

    def set_raw(self, is_raw: bool) -> bool:
        """Show raw JSON or the fields. Returns whether it could: what is no object has no fields to show."""
        if is_raw == self._is_raw:
            return True
        if is_raw:
            self._raw.set_value(self._fields.value())
        else:
            value = self._raw.value()
            needs_object = self._schema.root.kind is FieldKind.GROUP
            if self._raw.problem() or (needs_object and not isinstance(value, Mapping)):
                self._check()
                return False
            self._show(self._made(value))
        self._is_raw = is_raw
        self._show(self._fields)
        self._check()
        return True

    def field(self, name: str) -> FieldRow:
        """Return the row of a member by its name. Raises KeyError where there is none."""
        if not isinstance(self._fields, GroupEditor):
            raise KeyError(name)
        return self._fields.rows[name]

    def _body(self) -> Body:
        return self._raw if self._is_raw else self._fields

    def _made(self, value: Value) -> Body:
        """Return fields for what came, showing this value."""
        root = self._schema.root
        if root.kind is FieldKind.RAW:
            return self._raw
        made: GroupEditor | FieldRow
        if root.kind is FieldKind.GROUP:
            made = GroupEditor(root, self._came, self, shown=value)
        else:
            made = FieldRow(root, self._came, self)
            if not isinstance(value, Unset):
                made.set_value(value)
        made.edited.connect(self._timer.start)
        self._box.insertWidget(self._box.indexOf(self._raw), made)
        return made

    def _show(self, fields: Body) -> None:
        """Take these fields, and show them or the raw text."""
        if fields is not self._fields and self._fields is not self._raw and isinstance(self._fields, QWidget):
            self._box.removeWidget(self._fields)
            self._fields.deleteLater()
        self._fields = fields
        if isinstance(fields, QWidget):
            fields.setVisible(not self._is_raw)
        self._raw.setVisible(self._is_raw)
        label, icon = (tr("Back to the form"), "undo-2") if self._is_raw else (tr("Edit as JSON"), "terminal")
        self._toggle.set_label(label, icon)
        self._toggle_last()

    def _toggle_last(self) -> None:
        """Let Tab reach the fields before the button below them, although they were made after it."""
        shown = self._fields if isinstance(self._fields, QWidget) and not self._is_raw else self._raw
        # A list to choose from has its own window, which Tab never enters.
        own = (each for each in shown.findChildren(QWidget) if each.window() is self.window())
        inside = [each for each in own if each.focusPolicy() & Qt.FocusPolicy.TabFocus]
        if inside:
            QWidget.setTabOrder(inside[-1], self._toggle)

    def _check(self) -> None:
        """Check the value and say what is wrong where it is."""
        body = self._body()
        own = body.problem()
        held = body.value()
        found = (
            () if isinstance(held, Unset) and own else self._schema.problems(None if isinstance(held, Unset) else held)
        )
        left = body.show_problems([each for each in found if self._is_said(each)])
        self._problems = (own,) if own else tuple(told([each]) for each in found)
        self._wrong.set_words(Span(left, icon="octagon-alert") if left else "")
        self.edited.emit()

    def _is_said(self, problem: SchemaProblem) -> bool:
        """Whether a problem is said yet: nothing is held against a field that nobody touched."""
        if self._is_tried:
            return True
        if isinstance(self._body(), GroupEditor) and isinstance(self._fields, GroupEditor):
            row = self._fields.rows.get(str(problem.path[0])) if problem.path else None
            return row is not None and bool(row.changes())
        return bool(self._body().changes())


def _is_typed(event: QKeyEvent) -> bool:
    """Whether a key writes something."""
    commands = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    return event.text().isprintable() and bool(event.text()) and not event.modifiers() & commands
