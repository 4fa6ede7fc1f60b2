"""Which entries of a trail matter: what failed, warned or was decided, in order; never what an agent told itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.domain.leading import MOST, leading
from console.domain.run import HandOff, TrailEntry, TrailKind

START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
K = TrailKind


def entry(minute: int, kind: TrailKind, title: str, text: str = "", *, is_failed: bool = False) -> TrailEntry:
    at = START + timedelta(minutes=minute)
    return TrailEntry(entry_id=f"{minute:04d}", at=at, kind=kind, title=title, text=text, is_failed=is_failed)


def titles(entries: tuple[TrailEntry, ...]) -> list[str]:
    return [each.title for each in entries]


def test_chatter_is_left_out_and_the_rest_is_in_order() -> None:
    trail = [
        entry(9, K.DECISION, "Ana: edit"),
        entry(8, K.NOTE, "The run goes on"),
        entry(7, K.FAILED_ATTEMPT, "Attempt 2 failed", is_failed=True),
        entry(6, K.REASONING, "Policy §4 allows it"),
        entry(5, K.REASONING, "I think so"),
        entry(4, K.TOOL_CALL, "Order read"),
        entry(3, K.RESPONSE, "Done"),
        entry(2, K.PROMPT, "Do it"),
    ]
    assert titles(leading((), trail)) == ["Order read", "Policy §4 allows it", "Attempt 2 failed", "Ana: edit"]
    assert leading((), trail) == leading((), list(trail))


def test_what_matters_most_stays_where_there_is_no_room_for_all() -> None:
    lookups = [entry(minute, K.TOOL_CALL, f"Lookup {minute}") for minute in range(20, 1, -1)]
    stopped = entry(1, K.GUARDRAIL, "Not within its scope", is_failed=True)
    chosen = titles(leading((), [*lookups, stopped]))
    assert chosen == ["Not within its scope", *(f"Lookup {minute}" for minute in range(16, 21))]
    assert len(chosen) == MOST


def test_what_the_run_marks_is_there_before_the_trail_and_once_after() -> None:
    marked = (entry(1, K.PROMPT, "Ticket read"), entry(4, K.TOOL_CALL, "Captures read"))
    assert titles(leading(marked)) == ["Ticket read", "Captures read"]
    trail = [
        entry(4, K.TOOL_CALL, "Captures read"),
        entry(2, K.TOOL_CALL, "Order read"),
        entry(1, K.PROMPT, "Ticket read"),
    ]
    assert titles(leading(marked, trail)) == ["Ticket read", "Order read", "Captures read"]


def test_a_hand_off_counts_where_it_warned() -> None:
    at = START + timedelta(minutes=3)
    warned = HandOff(from_step="look", to_step="pay", size=3_100, caveats=("a", "b"), open_questions=("c",), at=at)
    plain = HandOff(from_step="read", to_step="look", size=40, at=START)
    lookups = [entry(minute, K.TOOL_CALL, f"Lookup {minute}") for minute in range(30, 10, -1)]
    found = leading((), lookups, (plain, warned))
    assert (found[0].title, found[0].text) == ("look handed over 3.1 KB", "2 caveats, 1 open question")
    assert "read handed over 40 bytes" not in titles(found)


def test_times_that_are_missing_or_have_no_zone_break_nothing() -> None:
    odd = (
        TrailEntry(entry_id="1", at=None, kind=K.TOOL_CALL, title="Some day"),
        TrailEntry(entry_id="2", at=START.replace(tzinfo=None), kind=K.TOOL_CALL, title="Somewhere"),
    )
    assert titles(leading(odd, [entry(1, K.EFFECT, "Paid")])) == ["Some day", "Somewhere", "Paid"]
