"""Text that agents write is shown without hidden characters and without freezing anything."""

from __future__ import annotations

import unicodedata

import pytest

from console.domain.display import HIDDEN, clip, one_line, visible, whole_cut


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("pay\u202e4711\u202c now", "pay‹U+202E›4711‹U+202C› now"),
        ("a\u200bb", "a‹U+200B›b"),
        ("a\u2028b\u2029c", "a‹U+2028›b‹U+2029›c"),
        ("nul\x00bell\x07", "nul‹U+0000›bell‹U+0007›"),
        ("soft\u00adhyphen", "soft‹U+00AD›hyphen"),
        ("private \ue000, unassigned \u0378", "private ‹U+E000›, unassigned ‹U+0378›"),
        ("half \ud83d", "half ‹U+D83D›"),
        ("tag \U000e0041", "tag ‹U+E0041›"),
        ("carriage\rreturn", "carriage‹U+000D›return"),
        ("\ufeffmark", "‹U+FEFF›mark"),
    ],
)
def test_hidden_characters_are_written_out(raw: str, shown: str) -> None:
    assert visible(raw) == shown
    assert visible(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Refund €4,200 to ACME GmbH",
        "two\nlines\tand a tab",
        "family \U0001f468\u200d\U0001f469\u200d\U0001f467",
        "rainbow \U0001f3f3\ufe0f\u200d\U0001f308",
        "worker \U0001f469\U0001f3fd\u200d\U0001f4bb",
        "Persian \u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "Hindi \u0915\u094d\u200d\u0937",
        "Zürich, naïve, 東京, Ελλάδα",
    ],
)
def test_readable_text_stays(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize("text", ["a\u200db", "\u200d", "x\u200c", "\U0001f468\u200dx", "pay\u200c4711"])
def test_a_joiner_that_joins_nothing_is_written_out(text: str) -> None:
    assert "‹U+200" in visible(text)


def test_windows_newlines_are_newlines() -> None:
    assert visible("a\r\nb") == "a\nb"


def test_stacked_marks_are_written_out_after_the_eighth() -> None:
    shown = visible("e" + "\u0301" * 40)
    assert shown.startswith("e" + "\u0301" * 8 + "‹U+0301›")
    assert shown.count("\u0301") == 8


def test_no_hidden_character_of_all_unicode_gets_through() -> None:
    every = "".join(chr(point) for point in range(0x110000))
    left = {character for character in visible(every) if unicodedata.category(character) in HIDDEN}
    assert left <= {"\n", "\t"}


def test_one_line_shows_where_lines_ended() -> None:
    assert one_line("a\nb\tc\u202e") == "a↵b c‹U+202E›"


def test_a_million_characters_on_one_line_are_cut_and_broken() -> None:
    clipped = clip("x" * 1_000_000)
    assert clipped.left_out == 980_000
    assert max(map(len, clipped.text.split("\n"))) == 1_000
    assert clipped.text.replace("↩\n", "") == "x" * 20_000


def test_short_text_is_left_whole() -> None:
    assert clip("a\nb") == clip("a\nb", limit=3)
    assert clip("a\nb").left_out == 0


def test_lines_stay_bounded_where_hidden_characters_grow() -> None:
    clipped = clip("\u202e" * 500)
    assert max(map(len, clipped.text.split("\n"))) == 1_000


@pytest.mark.parametrize(
    ("text", "at", "kept"),
    [
        ("sends €4,200.00 back", 9, "sends "),
        ("sends €4,200.00 back", 12, "sends "),
        ("sends €4,200.00 back", 15, "sends €4,200.00"),
        ("sends €4,200.00 back", 4, "send"),
        ("4,200.00", 3, "4,2"),
        ("in 22 min", 5, "in 22"),
    ],
)
def test_a_cut_leaves_numbers_whole(text: str, at: int, kept: str) -> None:
    assert text[: whole_cut(text, at)] == kept
