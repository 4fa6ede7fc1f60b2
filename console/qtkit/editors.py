"""Editors for the single values of a form, one for each kind of field.

Invariant: a value that was not touched comes back as the very value that came in, whatever its text looks like. A text
with characters that cannot be seen is shown with them written out and is not edited here, only as raw JSON.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QSignalBlocker, Qt, Signal, SignalInstance
from PySide6.QtGui import QTextOption, QWheelEvent
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QSizePolicy, QWidget

from console.domain.canonical import Json
from console.domain.display import LIMIT, clip, one_line, visible
from console.domain.language import tr
from console.infra.jsontext import read_json, write_json
from console.infra.schema import FieldKind, SchemaField, SchemaProblem
from console.qtkit.fields import Field
from console.qtkit.fonts import font
from console.qtkit.paint import tip
from console.qtkit.tokens import Style

FRAME = 14
FEW_LINES = 4
MANY_LINES = 14


class Unset(enum.Enum):
    """What an optional field that was left empty holds."""

    UNSET = "unset"


UNSET = Unset.UNSET
Value = Json | Unset


class Editor(Protocol):
    """What a form asks of an editor; each is a widget too."""

    @property
    def edited(self) -> SignalInstance:
        """Emitted when a person changes the value."""

    def value(self) -> Value:
        """Return the value as it stands; the last right one where `problem` says that it is none."""

    def problem(self) -> str:
        """Return why what is entered is no value, or nothing."""

    def set_value(self, value: Value) -> None:
        """Show this value."""

    def show_problems(self, problems: Sequence[SchemaProblem]) -> str:
        """Mark what is wrong; paths begin below this field. Returns the words to show below it."""


def told(problems: Sequence[SchemaProblem]) -> str:
    """Put problems of one field into a line: where, if it is inside, and what."""
    words = []
    for problem in problems:
        where = " ".join(
            tr("row {part}", part=part + 1) if isinstance(part, int) else str(part) for part in problem.path
        )
        words.append(f"{where}: {problem.words}" if where else problem.words)
    return one_line("; ".join(words))


class TextEditor(Field):
    """A line of text, a number or a date."""

    edited = Signal()

    def __init__(self, field: SchemaField, parent: QWidget | None = None) -> None:
        is_data = field.kind is not FieldKind.TEXT
        hint = "2026-11-21" if field.kind is FieldKind.DATE else "" if field.is_required else tr("not set")
        super().__init__(one_line(field.title), placeholder=hint, is_data=is_data, parent=parent)
        self._field = field
        self._came: Value = UNSET
        self._shown = ""
        self.textEdited.connect(lambda _: self.edited.emit())

    def set_value(self, value: Value) -> None:
        """Show this value."""
        self._came = value
        self._shown = text_of(value)
        clipped = clip(self._shown, LIMIT)
        is_exact = clipped.text == self._shown and "\n" not in self._shown
        self.setReadOnly(not is_exact)
        with QSignalBlocker(self):
            self.setText(one_line(clipped.text))
        self.setCursorPosition(0)
        if not is_exact:
            self.setToolTip(tip(tr("Too long or with characters that cannot be seen: edit it as JSON.")))

    def value(self) -> Value:
        """Return what is entered; what came, where it was not touched."""
        text = self.text()
        if self.isReadOnly() or text == self._shown:
            return self._came
        if text == "" and not (self._field.is_required and self._field.kind is FieldKind.TEXT):
            return None if self._field.is_nullable else UNSET
        return parsed(text, self._field.kind)[0]

    def problem(self) -> str:
        """Return why it is no value."""
        text = self.text()
        if self.isReadOnly() or text in {self._shown, ""}:
            return ""
        if visible(text) != text:
            return tr("holds characters that cannot be seen: {text}", text=visible(text))
        return parsed(text, self._field.kind)[1]

    def show_problems(self, problems: Sequence[SchemaProblem]) -> str:
        """Mark the field."""
        words = told(problems)
        self.set_problem(words)
        return words


def text_of(value: Value) -> str:
    """Return a scalar as it is typed."""
    if value is UNSET or value is None:
        return ""
    return value if isinstance(value, str) else write_json(value)


def parsed(text: str, kind: FieldKind) -> tuple[Json, str]:
    """Return the value that a text stands for, and why it stands for none."""
    if kind not in {FieldKind.INTEGER, FieldKind.NUMBER}:
        return text, ""
    read = read_json(text.strip())
    if read.problem and not read.line:
        return None, read.problem
    if isinstance(read.value, bool) or not isinstance(read.value, (int, float)):
        example = "4200" if kind is FieldKind.INTEGER else "4200.00"
        return None, tr("is not a number; write it as {example}", example=example)
    return read.value, ""


class LongTextEditor(QPlainTextEdit):
    """Text of several lines, or raw JSON. Tab leaves it."""

    edited = Signal()

    def __init__(self, field: SchemaField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_raw = field.kind is FieldKind.RAW
        self._field = field
        self._came: Value = UNSET
        self._shown = ""
        self._is_loading = False
        self.setAccessibleName(one_line(field.title))
        self.setTabChangesFocus(True)
        self.setFont(font(Style.DATA if self._is_raw else Style.BODY))
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self._on_text)
        self.set_value(UNSET)

    def set_value(self, value: Value) -> None:
        """Show this value."""
        self._came = value
        self._shown = "" if value is UNSET else write_json(value) if self._is_raw else text_of(value)
        clipped = clip(self._shown, LIMIT)
        self.setReadOnly(clipped.text != self._shown)
        self.setToolTip(tip(tr("Too long or with characters that cannot be seen.")) if self.isReadOnly() else "")
        self._is_loading = True
        self.setPlainText(clipped.text)
        self._is_loading = False
        lines = max(FEW_LINES, min(MANY_LINES, self.blockCount()))
        self.setFixedHeight(lines * round(self.fontMetrics().lineSpacing()) + FRAME)

    def value(self) -> Value:
        """Return what is entered; what came, where it was not touched."""
        text = self.toPlainText()
        if self.isReadOnly() or text == self._shown:
            return self._came
        if self._is_raw:
            return UNSET if text.strip() == "" else read_json(text).value
        if text == "" and not self._field.is_required:
            return None if self._field.is_nullable else UNSET
        return text

    def problem(self) -> str:
        """Return why it is no value, with the line and column of a mistake in JSON."""
        text = self.toPlainText()
        if self.isReadOnly() or text == self._shown:
            return ""
        if not self._is_raw:
            return "" if visible(text) == text else tr("holds characters that cannot be seen")
        if text.strip() == "":
            return tr("is needed") if self._field.is_required else ""
        read = read_json(text)
        where = tr("line {line}, column {column}: ", line=read.line, column=read.column) if read.line else ""
        return f"{where}{read.problem}" if read.problem else ""

    def show_problems(self, problems: Sequence[SchemaProblem]) -> str:
        """Mark the field."""
        words = told(problems)
        if self.property("invalid") != bool(words):
            self.setProperty("invalid", bool(words))
            self.style().unpolish(self)
            self.style().polish(self)
        self.setAccessibleDescription(words)
        return words

    def _on_text(self) -> None:
        if not self._is_loading:
            self.edited.emit()


class ChoiceEditor(QComboBox):
    """One of several values, or yes and no. What is not among them stays choosable until another is chosen."""

    edited = Signal()

    def __init__(self, field: SchemaField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_required = field.is_required
        self._given: tuple[Json, ...] = (True, False) if field.kind is FieldKind.BOOLEAN else field.choices
        self._values: list[Value] = []
        self.setAccessibleName(one_line(field.title))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.currentIndexChanged.connect(lambda _: self.edited.emit())
        self.set_value(UNSET)

    def set_value(self, value: Value) -> None:
        """Show this value."""
        self._values = list(self._given)
        if not self._is_required:
            self._values.insert(0, UNSET)
        place = next((place for place, each in enumerate(self._values) if is_same(each, value)), -1)
        if place < 0:
            self._values.insert(0, value)
            place = 0
        with QSignalBlocker(self):
            self.clear()
            self.addItems(
                [one_line(tr("not set") if each is UNSET else text_of(each) or "nothing") for each in self._values]
            )
            self.setCurrentIndex(place)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the pane: scrolling past must not choose."""
        event.ignore()

    def value(self) -> Value:
        """Return the chosen value."""
        return self._values[self.currentIndex()] if 0 <= self.currentIndex() < len(self._values) else UNSET

    def problem(self) -> str:
        """A choice is always a value."""
        return ""

    def show_problems(self, problems: Sequence[SchemaProblem]) -> str:
        """Mark the field."""
        words = told(problems)
        self.setAccessibleDescription(words)
        return words


def is_same(one: Value, other: Value) -> bool:
    """Whether two values are the same in JSON, where 1 is not true."""
    if one is UNSET or other is UNSET:
        return one is other
    return one == other and write_json(one) == write_json(other)
