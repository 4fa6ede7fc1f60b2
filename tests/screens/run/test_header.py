"""The head of a run in words: what the engine told, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from console.domain.doing import Doing
from console.domain.listing import Completion
from console.domain.run import Run, RunRef, RunStatus, Step
from console.domain.stillness import Cause
from console.qtkit.runlooks import RUN_LOOKS
from console.screens.run.cards import cost
from console.screens.run.header import CAUSE_LOOKS, fields, freshness, tokens

NOW = datetime(2026, 11, 21, 10, 52, tzinfo=UTC)
BARE = Run(ref=RunRef("s", "r", "c"), title="T", workflow="w", status=RunStatus.RUNNING)


def test_every_status_has_a_look() -> None:
    assert set(RUN_LOOKS) == set(Doing)


def test_what_the_engine_does_not_tell_is_left_out() -> None:
    assert fields(BARE, NOW) == ()


def test_every_field_that_is_told_stands_there() -> None:
    run = replace(
        BARE,
        business_key="order 4711",
        started_by="schedule",
        owner="Nora",
        started_at=NOW - timedelta(hours=4, minutes=50),
        moved_at=NOW - timedelta(hours=3),
        revision=42,
        tokens=612_400,
        cost=4.123,
    )
    told = {label: span.text for label, span in fields(run, NOW)}
    assert list(told) == [
        "Business key",
        "Started by",
        "Owner",
        "Elapsed",
        "Last movement",
        "Revision",
        "Tokens",
        "Cost",
    ]
    assert (told["Elapsed"], told["Tokens"], told["Cost"]) == ("4 h 50 min", "612 k", "4.12")
    assert told["Last movement"].endswith("3 h ago")


def test_a_run_that_ended_took_what_it_took() -> None:
    run = replace(BARE, started_at=NOW - timedelta(hours=2), closed_at=NOW - timedelta(hours=1))
    assert ("Took", "1 h") in [(label, span.text) for label, span in fields(run, NOW)]


def test_every_cause_of_standing_still_has_a_look() -> None:
    assert set(CAUSE_LOOKS) == set(Cause)


def test_the_weakest_step_is_named_and_marked_where_it_is_weak() -> None:
    steps = [Step(step_id=f"s{place}", title="", confidence=sure) for place, sure in enumerate((0.97, 0.889, None))]
    told = dict(fields(BARE, NOW, steps))
    assert (told["Weakest step"].text, told["Weakest step"].icon) == ("s1, 88 %", "triangle-alert")
    assert dict(fields(BARE, NOW, steps[:1]))["Weakest step"].icon == ""
    assert "Weakest step" not in dict(fields(BARE, NOW, steps[2:]))


def test_small_numbers_stay_visible() -> None:
    assert (cost(0.0004), cost(12.5), tokens(168), tokens(14_600)) == ("0.0004", "12.50", "168", "15 k")


def test_freshness_is_never_better_than_it_is() -> None:
    assert freshness(NOW - timedelta(seconds=59.9), NOW) == "read 59 s ago"
    assert freshness(NOW, NOW) == "read just now"


def test_how_such_runs_end_is_told_once_there_are_enough() -> None:
    assert "Such runs complete" not in dict(fields(BARE, NOW, (), Completion(4, 4)))
    assert dict(fields(BARE, NOW, (), Completion(44, 48)))["Such runs complete"].text == "91 % of 48 listed"
