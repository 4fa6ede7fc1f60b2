"""Arguments of any shape are shown as plain rows, bounded, and honest about what is not there."""

from __future__ import annotations

from console.domain.canonical import Json
from console.screens.inbox.values import (
    FOLDED_CHARACTERS,
    FOLDED_ROWS,
    MOST_ROWS,
    ROWS_FOLD,
    Shown,
    arguments,
    brief,
    plain_text,
    text_value,
    titles,
)


def names(value: dict[str, Json]) -> list[tuple[str, str]]:
    return [(row.name, row.value.text) for row in arguments(value).rows]


def test_nested_arguments_have_dotted_names_in_the_order_of_the_document() -> None:
    value: dict[str, Json] = {
        "to": {"iban": "DE89", "name": {"last": "Moor"}},
        "tags": ["a", "b"],
        "empty": {},
        "n": None,
    }
    assert names(value) == [
        ("to.iban", "DE89"),
        ("to.name.last", "Moor"),
        ("tags[0]", "a"),
        ("tags[1]", "b"),
        ("empty", "{}"),
        ("n", "null"),
    ]


def test_numbers_are_shown_as_they_are_signed() -> None:
    assert [plain_text(each) for each in (4200.0, 4200.5, 12, True, 1e300)] == [
        "4200",
        "4200.5",
        "12",
        "true",
        "1e+300",
    ]


def test_a_text_whose_edges_cannot_be_seen_is_quoted() -> None:
    assert (plain_text("4711"), plain_text(" 4711"), plain_text("")) == ("4711", '" 4711"', '""')


def test_a_list_of_equal_entries_is_a_table() -> None:
    entries: list[Json] = [{"account": "1400", "amount": 12.5}, {"account": "4980", "amount": -12.5}]
    shown = arguments({"entries": entries})
    assert shown.rows == ()
    assert shown.tables[0].columns == ("account", "amount")
    assert shown.tables[0].cells == (("1400", "12.5"), ("4980", "-12.5"))
    assert shown.shown is Shown.ALL


def test_unequal_entries_are_rows() -> None:
    assert [name for name, _ in names({"entries": [{"a": 1}, {"b": 2}]})] == ["entries[0].a", "entries[1].b"]


def test_a_table_cell_too_long_to_show_makes_rows_that_can_be_unfolded() -> None:
    shown = arguments({"entries": [{"a": "x" * 900}, {"a": "y"}]})
    assert shown.tables == ()
    assert shown.shown is Shown.FOLDED


def test_a_long_text_is_folded_and_shown_whole_when_asked() -> None:
    text = "word " * 400
    folded = text_value(text, "note", frozenset())
    assert folded.shown is Shown.FOLDED
    assert folded.fold == "note"
    assert folded.left_out == len(text) - FOLDED_CHARACTERS
    assert text_value(text, "note", frozenset({"note"})).shown is Shown.ALL


def test_many_short_lines_are_folded_too() -> None:
    assert text_value("a\n" * 40, "note", frozenset()).shown is Shown.FOLDED


def test_a_text_no_widget_could_bear_is_cut_whatever_is_asked() -> None:
    text = "x" * 1_000_000
    assert text_value(text, "note", frozenset()).shown is Shown.CUT
    unfolded = text_value(text, "note", frozenset({"note"}))
    assert unfolded.shown is Shown.CUT
    assert unfolded.left_out == 980_000
    assert max(map(len, unfolded.text.split("\n"))) <= 1_000


def test_rows_beyond_a_screenful_are_folded_and_come_when_asked() -> None:
    value: dict[str, Json] = {f"n{number}": number for number in range(FOLDED_ROWS + 5)}
    folded = arguments(value)
    assert (len(folded.rows), folded.more_rows, folded.fold, folded.shown) == (FOLDED_ROWS, 5, ROWS_FOLD, Shown.FOLDED)
    whole = arguments(value, frozenset({ROWS_FOLD}))
    assert (len(whole.rows), whole.more_rows, whole.shown) == (FOLDED_ROWS + 5, 0, Shown.ALL)


def test_more_rows_than_can_be_shown_are_cut() -> None:
    value: dict[str, Json] = {"numbers": list(range(MOST_ROWS + 50))}
    whole = arguments(value, frozenset({ROWS_FOLD}))
    assert len(whole.rows) == MOST_ROWS
    assert whole.more_rows >= 1
    assert whole.shown is Shown.CUT


def test_a_deep_document_is_walked_without_recursion() -> None:
    value: Json = "deep"
    for _ in range(5_000):
        value = [value]
    shown = arguments({"a": value})
    assert shown.rows[0].value.text == "deep"
    assert shown.shown is Shown.CUT  # its name is longer than can be shown


def test_hidden_characters_are_written_out_in_names_and_values() -> None:
    shown = arguments({"am\u202eount": "1\u200b000"}).rows[0]
    assert (shown.name, shown.value.text) == ("am‹U+202E›ount", "1‹U+200B›000")


def test_brief_never_cuts_a_number_in_two() -> None:
    assert brief("Refund €4,200.00 to ACME", 12) == "Refund…"
    assert brief("short", 12) == "short"


def test_arguments_have_the_names_that_their_schema_has_for_people_unless_two_could_be_taken_for_one() -> None:
    value: dict[str, Json] = {"to_version": "4.4.0", "amount": "9.00", "amount_2": "1.00", "note": "", "odd": 1}
    schema: dict[str, Json] = {
        "properties": {
            "to_version": {"title": "Back to version"},
            "amount": {"title": "Amount"},
            "amount_2": {"title": "amount"},
            "note": {"title": "odd"},
            "odd": {"title": 7},
        }
    }
    rows = arguments(value, called=titles(schema, value)).rows
    assert [row.name for row in rows] == ["Back to version", "amount", "amount_2", "note", "odd"]
    assert titles({"properties": ["no", "object"]}, value) == {}
