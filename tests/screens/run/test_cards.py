"""A row of the trail as a card: bounded, plain, and telling when there is more."""

from __future__ import annotations

import pytest

from console.domain.ages import clock
from console.domain.run import HandOff, TrailKind
from console.qtkit.tokens import Tone
from console.qtkit.words import plain
from console.screens.run.blocks import Columns, Grid, Label, Note, Paragraph, Share
from console.screens.run.cards import LOOKS, Card, card, size
from console.screens.run.copying import row_text
from console.screens.run.trail import Row, rows
from tests.screens.run.entries import entry


def card_of(kind: TrailKind, *, is_unfolded: bool = False, hand_off: HandOff | None = None, **parts: object) -> Card:
    one = entry(1, kind, **parts)
    return card(Row(one.entry_id, (one,), hand_off), is_unfolded=is_unfolded)


def test_every_kind_has_a_look() -> None:
    assert set(LOOKS) == set(TrailKind)


def test_the_head_names_kind_tool_agent_and_attempt() -> None:
    made = card_of(TrailKind.TOOL_CALL, title="ledger.lookup", agent="ledger-agent", attempt=3, tokens=1914, cost=0.042)
    assert plain(made.head) == "Tool call  ledger.lookup · ledger-agent · attempt 3 · 1,914 tokens · cost 0.04"
    assert made.head[2].is_data


def test_a_title_does_not_say_its_kind_or_its_agent_twice() -> None:
    assert plain(card_of(TrailKind.PROMPT, title="Prompt to ledger-agent", agent="ledger-agent").head) == (
        "Prompt  to ledger-agent"
    )
    assert plain(card_of(TrailKind.DECISION, title="Decision").head) == "Decision"


def test_a_call_shows_the_first_arguments_and_rows_of_its_result() -> None:
    result = [{"invoice": f"INV-{number}", "amount": "1.00", "paid": "0.00", "more": "x"} for number in range(11)]
    arguments = {"account": "1400", "period": "2026-10"}
    made = card_of(TrailKind.TOOL_CALL, title="t", data={"arguments": arguments, "result": result, "took_ms": 212})
    block = made.blocks[0]
    assert isinstance(block, Columns)
    assert block.left.rows == (("account", "1400"), ("period", "2026-10"))
    assert block.right.label == "Result, 3 of 11 rows"
    assert block.right.rows[0] == ("INV-0", "1.00", "0.00")
    assert plain(made.right).startswith("ok, 212 ms")
    assert made.can_unfold


def test_a_small_call_is_shown_whole_and_does_not_unfold() -> None:
    made = card_of(TrailKind.TOOL_CALL, title="t", data={"arguments": {"a": 1}, "result": {"b": 2}})
    assert not made.can_unfold


def test_what_is_shown_whole_is_not_offered_again() -> None:
    account = {"account": {"refunds": 0, "refunded": "0.00", "disputes": 1}}
    assert not card_of(TrailKind.STATE_CHANGE, data=account).can_unfold
    assert card_of(TrailKind.STATE_CHANGE, data={"account": {"text": "x" * 100}}).can_unfold


def test_what_stands_beside_a_call_is_found_by_unfolding() -> None:
    made = card_of(TrailKind.EFFECT, data={"arguments": {"a": 1}, "result": {"b": 2}, "effect_id": "run/refund/1"})
    assert made.can_unfold


def test_a_failed_call_says_so_with_its_error() -> None:
    made = card_of(TrailKind.TOOL_CALL, title="t", is_failed=True, data={"arguments": {"a": 1}, "error": "421 later"})
    assert (made.tone, made.icon) == (Tone.CRITICAL, "octagon-x")
    block = made.blocks[0]
    assert isinstance(block, Columns)
    assert block.right.rows == (("error", "421 later"),)


@pytest.mark.parametrize("took", ["fast", True, None, [1]])
def test_a_duration_of_another_type_is_no_duration(took: object) -> None:
    made = card_of(TrailKind.TOOL_CALL, title="t", data={"took_ms": took})
    assert plain(made.right).startswith("ok · ")


def test_unfolded_everything_is_written_out() -> None:
    made = card_of(
        TrailKind.TOOL_CALL,
        title="t",
        data={"arguments": {"a": {"b": 1}}, "result": [1], "effect_id": "e1"},
        is_unfolded=True,
    )
    labels = [block.text for block in made.blocks if isinstance(block, Label)]
    assert labels == ["Arguments", "Result", "Data"]


def test_long_text_is_folded_and_unfolds_to_a_bound() -> None:
    text = "word " * 20_000
    folded = card_of(TrailKind.PROMPT, text=text)
    assert folded.can_unfold
    first = folded.blocks[0]
    assert isinstance(first, Paragraph)
    assert first.max_lines == 2
    unfolded = card_of(TrailKind.PROMPT, text=text, is_unfolded=True)
    assert sum(len(plain(block.words)) for block in unfolded.blocks if isinstance(block, Paragraph)) < 21_000
    assert any("80,000 more characters" in plain(block.words) for block in unfolded.blocks if isinstance(block, Note))


def test_an_effect_ends_green_and_a_guardrail_that_failed_red() -> None:
    assert card_of(TrailKind.EFFECT, title="ledger.post").tone is Tone.OK
    assert card_of(TrailKind.GUARDRAIL, title="limit", is_failed=True).icon == "shield-x"


def test_data_without_text_is_a_small_table() -> None:
    made = card_of(TrailKind.STATE_CHANGE, data={"a": 1, "b": 2, "c": 3, "d": 4})
    block = made.blocks[0]
    assert isinstance(block, Grid)
    assert len(block.rows) == 3
    assert made.can_unfold


def test_attempts_fold_into_one_line_and_open_one_by_one() -> None:
    failed = [
        entry(
            number,
            TrailKind.FAILED_ATTEMPT,
            attempt=number,
            title=f"Attempt {number} failed",
            text="LedgerLocked: 4711",
        )
        for number in (1, 2)
    ]
    row = rows(failed)[0]
    folded = card(row)
    assert plain(folded.head) == "2 failed attempts  LedgerLocked: 4711"
    assert folded.is_single_line
    assert folded.is_dashed
    unfolded = card(row, is_unfolded=True)
    times = [clock(each.at) for each in failed if each.at is not None]
    labels = [block.text for block in unfolded.blocks if isinstance(block, Label)]
    assert labels == [f"{times[0]} · Attempt 1 failed", f"{times[1]} · Attempt 2 failed"]


HAND_OFF = HandOff(
    from_step="propose",
    to_step="check",
    size=8_400,
    keys=("entries", "rate", "caveats"),
    used=("entries",),
    dropped=("rate", "caveats"),
    caveats=("The rate is preliminary.",),
    open_questions=("Does it carry a discount?",),
)


def test_a_dropped_caveat_is_a_note_and_an_unused_fact_is_not() -> None:
    made = card_of(TrailKind.HAND_OFF, title="3 parts, 1 was used", hand_off=HAND_OFF)
    notes = [(plain(block.words), block.tone) for block in made.blocks if isinstance(block, Note)]
    assert notes == [
        ("Caveat dropped: The rate is preliminary.", Tone.HIGH),
        ("Question handed over: Does it carry a discount?", Tone.MEDIUM),
    ]
    assert any(isinstance(block, Paragraph) and "Not used: rate" in plain(block.words) for block in made.blocks)
    assert any(isinstance(block, Share) and block.share == pytest.approx(2 / 4) for block in made.blocks)
    assert plain(made.head) == "Hand-off  propose → check · 8.4 KB"
    assert made.tone is Tone.HIGH
    assert plain(made.right).startswith("1 caveat dropped · ")


def test_a_hand_off_that_lost_nothing_said_is_calm() -> None:
    calm = HandOff(from_step="a", to_step="b", size=10, keys=("x", "y"), used=("x",), dropped=("y",))
    assert card_of(TrailKind.HAND_OFF, title="a → b", hand_off=calm).tone is Tone.SECOND


def test_hidden_characters_are_written_out_everywhere() -> None:
    evil = "\u202egnp.exe"
    made = card_of(TrailKind.TOOL_CALL, title=evil, agent="\u202eagent", text=evil, data={"arguments": {evil: evil}})
    shown = plain(made.head) + "".join(
        plain(block.words) if isinstance(block, Paragraph) else "".join("".join(cells) for cells in block.rows)
        for block in made.blocks
        if isinstance(block, Paragraph | Grid)
    )
    assert "\u202e" not in shown
    assert shown.count("‹U+202E›") == 5


def test_copying_takes_everything_as_it_was_written() -> None:
    one = entry(1, TrailKind.TOOL_CALL, title="t", text="x" * 50_000, data={"arguments": {"a": "\u202e"}})
    text = row_text(Row("1", (one,)))
    assert "x" * 50_000 in text
    assert "\u202e" in text


def test_sizes_are_read_in_bytes_and_kilobytes() -> None:
    assert (size(340), size(8_400)) == ("340 B", "8.4 KB")
