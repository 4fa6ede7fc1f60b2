"""The run over time: which bars there are, where they stand, and how the window on them moves."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from console.domain.run import HandOff, Run, RunRef, RunStatus, Step, StepStatus, TrailEntry, TrailKind
from console.screens.run.timeline import TICK_ROOM, Bar, Doing, Window, ticks, timeline

T0 = datetime(2026, 11, 21, 6, 2, tzinfo=UTC)
NOW = T0 + timedelta(hours=5)
RUN = Run(ref=RunRef("s", "r", "c"), title="T", workflow="w", status=RunStatus.RUNNING, started_at=T0)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def entry(kind: TrailKind, minutes: float, step: str = "a", **parts: object) -> TrailEntry:
    made = TrailEntry(entry_id=f"{kind}{minutes}", at=at(minutes), kind=kind, title="", step=step)
    return replace(made, **parts)  # type: ignore[arg-type]


def step(status: StepStatus, start: float | None = None, end: float | None = None) -> Step:
    ended = at(end) if end is not None else None
    return Step(
        step_id="a", title="A", status=status, started_at=at(start) if start is not None else None, ended_at=ended
    )


def bars(one: Step, *entries: TrailEntry, run: Run = RUN, **waiting: datetime) -> list[tuple[str, float, float | None]]:
    (row,) = timeline(run, [one], entries, waiting).rows
    return [(bar.doing.value, minutes(bar.start), minutes(bar.end) if bar.end else None) for bar in row.bars]


def minutes(moment: datetime) -> float:
    return (moment - T0).total_seconds() / 60


def test_attempts_work_and_waits_follow_each_other() -> None:
    told = bars(
        step(StepStatus.DONE, 0, 100),
        entry(TrailKind.FAILED_ATTEMPT, 10, attempt=1),
        entry(TrailKind.FAILED_ATTEMPT, 15, attempt=2),
        entry(TrailKind.RESPONSE, 20),
        entry(TrailKind.ESCALATION, 30),
        entry(TrailKind.DECISION, 90),
        entry(TrailKind.EFFECT, 95),
    )
    assert told == [
        ("failed attempt", 0, 10),
        ("failed attempt", 10, 15),
        ("worked", 15, 30),
        ("waited for people", 30, 90),
        ("worked", 90, 100),
    ]


def test_a_decision_ends_a_wait_that_began_with_the_last_that_was_recorded() -> None:
    told = bars(step(StepStatus.DONE, 0, 60), entry(TrailKind.RESPONSE, 5), entry(TrailKind.DECISION, 50))
    assert told == [("worked", 0, 5), ("waited for people", 5, 50), ("worked", 50, 60)]
    refused = entry(TrailKind.DECISION, 50, is_failed=True)
    assert bars(step(StepStatus.DONE, 0, 60), entry(TrailKind.RESPONSE, 5), refused) == [("worked", 0, 60)]


def test_what_goes_on_has_no_end_until_the_run_is_over() -> None:
    assert bars(step(StepStatus.RUNNING, 3)) == [("worked", 3, None)]
    gate = step(StepStatus.GATE, 3)
    assert bars(gate, a=at(40)) == [("worked", 3, 40), ("waited for people", 40, None)]
    assert bars(gate) == [("waited for people", 3, None)]
    over = replace(RUN, closed_at=at(50), status=RunStatus.CANCELLED)
    assert bars(gate, entry(TrailKind.RESPONSE, 30), run=over) == [("worked", 3, 30)]
    drawn = timeline(over, [gate], [])
    assert (drawn.end, drawn.window(NOW).end) == (at(50), at(50))


def test_a_step_of_which_nothing_is_told_has_no_bar() -> None:
    assert bars(step(StepStatus.TO_DO)) == []
    assert timeline(RUN, [step(StepStatus.TO_DO)], []).rows[0].said == "A: to do"
    assert timeline(replace(RUN, started_at=None), [], []).waited_share(NOW) is None


def test_a_wait_under_way_is_drawn_and_counted_wherever_it_is() -> None:
    failed = bars(step(StepStatus.FAILED, 0, 30), entry(TrailKind.FAILED_ATTEMPT, 30, attempt=1), a=at(35))
    assert [name for name, _, end in failed if end is None] == ["waited for people"]
    elsewhere = timeline(RUN, [step(StepStatus.RUNNING, 0)], [], {"conflict over period": at(275)})
    assert [row.words(NOW) for row in elsewhere.rows][-1] == "waits for people 25 min"
    assert elsewhere.waited_share(NOW) == 25 / 300
    over = replace(RUN, closed_at=NOW)
    assert len(timeline(over, [step(StepStatus.DONE, 0, 1)], [], {"conflict over period": at(275)}).rows) == 1


def test_rounds_of_one_step_are_bars_of_their_own() -> None:
    def handed(start: str, end: str, minute: float) -> HandOff:
        return HandOff(from_step=start, to_step=end, size=1, at=at(minute))

    moved = [
        handed("match", "a", 10),
        *(handed("a", "check", minute) for minute in (20, 40, 60)),
        *(handed("check", "a", minute) for minute in (25, 45)),
    ]
    one = replace(step(StepStatus.DONE, 10, 60), title="Propose")
    (row,) = timeline(RUN, [one], [entry(TrailKind.RESPONSE, 55)], {}, moved).rows
    assert [(minutes(bar.start), minutes(bar.end or NOW)) for bar in row.bars] == [(10, 20), (25, 40), (45, 60)]


def test_waits_at_a_time_count_once() -> None:
    steps = [replace(step(StepStatus.GATE, 0), step_id=name) for name in "ab"]
    drawn = timeline(RUN, steps, [], {"a": at(60), "b": at(150)})
    assert drawn.waited_share(at(300)) == 0.8
    assert drawn.waits() == {"a": at(60), "b": at(150)}
    assert timeline(RUN, [step(StepStatus.RUNNING, 0)], []).waits() == {}


def test_bars_of_a_row_never_overlap_whatever_the_trail_says() -> None:
    rng = random.Random(int(os.environ["CLEARANCE_SEED"]))  # noqa: S311 - repeatable, not secret
    kinds = (TrailKind.FAILED_ATTEMPT, TrailKind.ESCALATION, TrailKind.DECISION, TrailKind.RESPONSE)
    for _ in range(300):
        start, end = rng.uniform(-5, 50), rng.uniform(0, 100)
        one = step(rng.choice(list(StepStatus)), start, end if rng.random() < 0.5 else None)
        entries = [entry(rng.choice(kinds), rng.uniform(0, 100)) for _ in range(rng.randint(0, 8))]
        waiting = {"a": at(rng.uniform(0, 100))} if rng.random() < 0.3 else {}
        (row,) = timeline(RUN, [one], entries, waiting).rows
        for before, after in pairwise(row.bars):
            assert before.end is not None
            assert before.start <= before.end <= after.start
        assert all(bar.end is None or bar.start <= bar.end for bar in row.bars)


def test_words_say_how_long_and_since_when() -> None:
    going = Bar(Doing.WAITED, at(0), None)
    assert going.words(at(192)) == "waits for people 3 h 12 min"
    assert Bar(Doing.FAILED, at(0), at(16), 1).words() == "attempt 1 failed after 16 min"
    assert Bar(Doing.WORKED, at(0), at(48)).words() == "worked 48 min"


def test_zooming_keeps_the_moment_under_the_pointer_and_stays_within_the_run() -> None:
    whole = Window(at(0), at(300))
    near = whole.zoomed(3, 0.5, whole)
    assert (near.start, near.end) == (at(100), at(200))
    assert near.x(at(150), 1_000) == whole.x(at(150), 1_000)
    assert near.moved(10, whole) == Window(at(200), at(300))
    assert near.moved(-10, whole) == Window(at(0), at(100))
    assert near.zoomed(0.001, 0.2, whole) == whole
    assert whole.zoomed(1e9, 0.0, whole).length == timedelta(seconds=1)


def test_ticks_are_round_and_have_room() -> None:
    for length in (timedelta(seconds=5), timedelta(minutes=7), timedelta(hours=5), timedelta(days=40)):
        window = Window(T0, T0 + length)
        found = ticks(window, 900)
        assert found
        places = [window.x(moment, 900) for moment, _ in found]
        assert all(0 <= place <= 901 for place in places)
        assert all(second - first >= TICK_ROOM - 1 for first, second in pairwise(places))
    assert [word[-2:] for _, word in ticks(Window(T0, T0 + timedelta(hours=5)), 900)][:2] == ["00", "00"]
