"""A form changes only what a person changed, says what is wrong at its place, and falls back to JSON."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from console.domain.canonical import Json
from console.infra.schema import read_schema
from console.qtkit.buttons import Button
from console.qtkit.celleditor import CellEditor
from console.qtkit.editors import UNSET, ChoiceEditor, LongTextEditor, TextEditor, Value
from console.qtkit.form import Form
from console.qtkit.formrows import FieldChange, GroupEditor

pytestmark = pytest.mark.usefixtures("theme")

SCHEMA: dict[str, Json] = {
    "type": "object",
    "required": ["order", "amount"],
    "properties": {
        "order": {"type": "string", "title": "Order"},
        "amount": {"type": "number", "title": "Amount", "maximum": 10000},
        "count": {"type": "integer"},
        "reason": {"enum": ["duplicate", "goodwill"], "title": "Reason"},
        "notify": {"type": "boolean"},
        "due": {"type": "string", "format": "date"},
        "memo": {"type": "string", "maxLength": 500},
        "tags": {"type": "array", "items": {"type": "string"}},
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["sku"],
                "properties": {"sku": {"type": "string"}, "count": {"type": "integer"}, "ok": {"type": "boolean"}},
            },
        },
        "to": {"type": "object", "title": "Paid to", "properties": {"name": {"type": "string", "title": "Name"}}},
    },
}
CAME: dict[str, Json] = {
    "zeta": {"kept": [1, 2]},
    "order": "4711",
    "amount": 4200,
    "reason": "duplicate",
    "notify": False,
    "memo": "two\nlines",
    "tags": ["a", "b"],
    "lines": [{"sku": "x", "count": 1, "hidden": {"kept": True}}, {"sku": "y"}],
    "to": {"name": "ACME", "other": 1.0},
}


@pytest.fixture
def form(qtbot: QtBot) -> Form:
    return made(qtbot, SCHEMA, CAME)


def made(qtbot: QtBot, schema: Json, came: Value) -> Form:
    form = Form(read_schema(schema), came)
    qtbot.addWidget(form)
    form.resize(600, 900)
    form.show()
    return form


def typed(form: Form, name: str, text: str) -> None:
    editor = form.field(name).editor
    assert isinstance(editor, TextEditor)
    editor.selectAll()
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    QTest.keyClicks(editor, text)


def cells(form: Form, name: str) -> CellEditor:
    editor = form.field(name).editor
    assert isinstance(editor, CellEditor)
    return editor


def press(within: QWidget, name: str) -> None:
    (button,) = (each for each in within.findChildren(Button) if each.accessibleName() == name)
    button.click()


def test_what_was_not_touched_comes_back_as_it_came(form: Form) -> None:
    value = form.value()
    assert value == CAME
    assert isinstance(value, dict)
    assert list(value) == list(CAME)
    assert (form.problems(), form.changes()) == ((), ())


def test_a_typed_change_keeps_everything_else_and_shows_what_it_was(form: Form) -> None:
    typed(form, "order", "4712")
    assert form.value() == {**CAME, "order": "4712"}
    assert form.changes() == (FieldChange("Order", "4711", "4712"),)
    assert form.is_valid()
    form.field("order").restore()
    assert (form.value(), form.changes()) == (CAME, ())


@pytest.mark.parametrize(("text", "value"), [("41.5", 41.5), ("41", 41), ("-3", -3)])
def test_numbers_are_read_exactly(form: Form, text: str, value: Json) -> None:
    typed(form, "amount", text)
    assert form.value() == {**CAME, "amount": value}
    assert form.is_valid()


@pytest.mark.parametrize("text", ["4.200,00", "ten", "1e999", "NaN", "9007199254740993", "true", "[1]"])
def test_what_is_no_number_is_a_problem_and_is_not_sent_as_one(form: Form, text: str) -> None:
    typed(form, "amount", text)
    assert len(form.problems()) == 1
    assert "Amount" in form.problems()[0]


def test_a_rule_of_the_schema_is_told_at_its_field(form: Form) -> None:
    typed(form, "amount", "20000")
    assert form.problems() == ("amount: must be at most 10000",)
    assert form.field("amount").editor.property("invalid") is True
    typed(form, "amount", "20")
    assert form.problems() == ()
    assert form.field("amount").editor.property("invalid") is False


def test_problems_come_by_themselves_while_typing(form: Form, qtbot: QtBot) -> None:
    with qtbot.waitSignal(form.edited):
        typed(form, "order", "")
    assert form.field("order").editor.value() == ""


def test_an_optional_field_that_is_empty_is_left_out(form: Form) -> None:
    typed(form, "due", "2026-11-21")
    assert form.value() == {**CAME, "due": "2026-11-21"}
    typed(form, "due", "21.11.")
    assert form.problems() == ("due: must be a date, as 2026-11-21",)
    typed(form, "due", "")
    assert form.value() == CAME


def test_a_choice_and_yes_or_no(form: Form) -> None:
    reason, notify = form.field("reason").editor, form.field("notify").editor
    assert isinstance(reason, ChoiceEditor)
    assert isinstance(notify, ChoiceEditor)
    reason.setCurrentText("goodwill")
    notify.setCurrentText("true")
    assert form.value() == {**CAME, "reason": "goodwill", "notify": True}
    notify.setCurrentText("not set")
    assert "notify" not in str(form.value())


def test_a_value_outside_the_choices_stays_until_another_is_chosen(qtbot: QtBot) -> None:
    form = made(qtbot, SCHEMA, {**CAME, "reason": "historic"})
    assert form.value() == {**CAME, "reason": "historic"}
    assert form.problems() == ("reason: must be one of duplicate, goodwill",)


def test_a_table_is_edited_cell_by_cell_and_keeps_what_has_no_column(form: Form) -> None:
    table = cells(form, "lines").table
    item = table.item(1, 1)
    assert item is not None
    item.setText("7")
    lines = [{"sku": "x", "count": 1, "hidden": {"kept": True}}, {"sku": "y", "count": 7}]
    assert form.value() == {**CAME, "lines": lines}
    item.setText("many")
    assert form.problems() == ("lines: row 2 count: is not a number; write it as 4200",)


def test_rows_are_added_and_removed(form: Form) -> None:
    editor = cells(form, "lines")
    editor.table.setCurrentCell(0, 0)
    press(editor, "Remove this row")
    assert form.value() == {**CAME, "lines": [{"sku": "y"}]}
    press(editor, "Add a row")
    assert form.problems() == ("lines row 2 sku: is needed",)
    item = editor.table.item(1, 0)
    assert item is not None
    item.setText("z")
    assert form.value() == {**CAME, "lines": [{"sku": "y"}, {"sku": "z"}]}
    assert form.is_valid()


def test_a_list_of_texts(form: Form) -> None:
    editor = cells(form, "tags")
    press(editor, "Add a row")
    item = editor.table.item(2, 0)
    assert item is not None
    item.setText("c")
    assert form.value() == {**CAME, "tags": ["a", "b", "c"]}


def test_a_nested_object_tells_its_changes_with_its_name(form: Form) -> None:
    group = form.field("to").editor
    assert isinstance(group, GroupEditor)
    name = group.rows["name"].editor
    assert isinstance(name, TextEditor)
    name.clear()
    QTest.keyClicks(name, "Norda")
    assert form.value() == {**CAME, "to": {"name": "Norda", "other": 1.0}}
    assert form.changes() == (FieldChange("Paid to, Name", "ACME", "Norda"),)


def test_hidden_characters_are_shown_and_never_edited_as_text(qtbot: QtBot) -> None:
    came: dict[str, Json] = {**CAME, "order": "47\u202e11"}
    form = made(qtbot, SCHEMA, came)
    editor = form.field("order").editor
    assert isinstance(editor, TextEditor)
    assert editor.text() == "47‹U+202E›11"
    assert editor.isReadOnly()
    assert form.value() == came
    form.set_raw(True)
    assert "47\\u202e11" in raw(form).toPlainText()
    assert form.value() == came


def test_hidden_characters_that_are_pasted_are_a_problem(form: Form) -> None:
    editor = form.field("order").editor
    assert isinstance(editor, TextEditor)
    editor.setText("47\u200b12")
    editor.textEdited.emit(editor.text())
    assert form.problems() == ("Order: holds characters that cannot be seen: 47‹U+200B›12",)


def raw(form: Form) -> LongTextEditor:
    """The editor of the JSON as a whole."""
    (editor,) = (each for each in form.findChildren(LongTextEditor) if each.accessibleName() == "JSON")
    return editor


def test_raw_json_and_back(form: Form) -> None:
    typed(form, "order", "4712")
    assert form.set_raw(True)
    assert form.value() == {**CAME, "order": "4712"}
    text = raw(form).toPlainText().replace('"4712"', '"4713"').replace('"zeta"', '"omega"')
    raw(form).setPlainText(text)
    assert form.is_valid()
    assert {change.title for change in form.changes()} == {"order", "zeta", "omega"}
    assert form.set_raw(False)
    value = form.value()
    assert isinstance(value, dict)
    assert (value["order"], value["omega"], "zeta" in value) == ("4713", {"kept": [1, 2]}, False)


def test_a_mistake_in_json_has_its_place_and_keeps_the_form_away(form: Form) -> None:
    form.set_raw(True)
    raw(form).setPlainText('{\n  "order": "4711",\n  "amount" 3\n}')
    assert form.problems() == ("line 3, column 12: Expecting ':' delimiter.",)
    assert not form.set_raw(False)
    assert form.is_raw()
    raw(form).setPlainText("[1]")
    assert not form.set_raw(False)


def test_a_value_that_does_not_fit_its_field_is_edited_as_json(qtbot: QtBot) -> None:
    came: dict[str, Json] = {**CAME, "amount": {"value": 1}, "lines": "none", "to": 3}
    form = made(qtbot, SCHEMA, came)
    assert form.value() == came
    assert isinstance(form.field("amount").editor, LongTextEditor)
    assert len(form.problems()) == 3


def test_a_schema_that_cannot_be_used_leaves_json_only(qtbot: QtBot) -> None:
    form = made(qtbot, {"$ref": "http://schemas.example/x"}, CAME)
    assert form.is_raw()
    assert form.value() == CAME
    assert form.is_valid()
    raw(form).setPlainText('{"a": 1, "a": 2}')
    assert not form.is_valid()
    assert not form.set_raw(False)


def test_an_answer_starts_empty_and_is_needed(qtbot: QtBot) -> None:
    form = made(qtbot, {"enum": ["EU", "UK"], "title": "Tax region"}, UNSET)
    assert not form.is_valid()
    assert form.changes() == ()
    editor = form.findChildren(ChoiceEditor)[0]
    editor.setCurrentText("UK")
    assert form.is_valid()
    assert form.value() == "UK"
    assert form.changes() == (FieldChange("Tax region", "not set", "UK"),)


def test_defaults_are_filled_into_an_answer(qtbot: QtBot) -> None:
    schema: Json = {"type": "object", "properties": {"days": {"type": "integer", "default": 30}}}
    assert made(qtbot, schema, UNSET).value() == {"days": 30}
    assert made(qtbot, schema, {"days": 5}).value() == {"days": 5}


def test_a_long_line_does_not_reach_a_field(qtbot: QtBot) -> None:
    came: dict[str, Json] = {"order": "x" * 1_000_000, "amount": 1}
    form = made(qtbot, SCHEMA, came)
    editor = form.field("order").editor
    assert isinstance(editor, TextEditor)
    assert len(editor.text()) < 21_000
    assert form.value() == came
    form.set_raw(True)
    assert raw(form).isReadOnly()
    assert form.value() == came


def test_nothing_is_held_against_a_field_that_nobody_touched_before_a_try(qtbot: QtBot) -> None:
    text: dict[str, Json] = {"type": "string", "maxLength": 3}
    form = Form(read_schema({"type": "object", "properties": {"region": text, "note": text}, "required": ["region"]}))
    qtbot.addWidget(form)

    def marked() -> list[str]:
        return [name for name in ("region", "note") if form.field(name).editor.property("invalid")]

    assert form.problems()
    assert marked() == []
    typed(form, "note", "too long")
    assert len(form.problems()) == 2
    assert marked() == ["note"]
    assert len(form.try_out()) == 2
    assert marked() == ["region", "note"]
