"""The order of the runs, and chips that add up."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from console.domain.escalation import EscalationKey, Kind, Waiting
from console.domain.listing import RunRow
from console.domain.risk import Risk
from console.domain.run import RunRef, RunStatus
from console.screens.runs.finding import Chip, Filter, Order, counts, wanted
from console.screens.runs.rows import now_words
from console.services.views import RunLine

NOW = datetime(2026, 11, 21, 10, 52, tzinfo=UTC)
S = RunStatus


def line(
    name: str,
    status: RunStatus,
    *,
    due: float | None = None,
    risk: Risk = Risk.MEDIUM,
    kind: Kind = Kind.CHECKPOINT,
    minutes: float = 5,
) -> RunLine:
    """A run that moved so many minutes ago; one that waits does so for something due in ``due`` minutes."""
    ref, at = RunRef("s", name, "c"), NOW - timedelta(minutes=minutes)
    waits = Waiting(
        key=EscalationKey(ref, "gate", 1),
        kind=kind,
        title="Post 214 entries",
        workflow="close",
        agent="",
        risk=risk,
        opened_at=at,
        due_at=NOW + timedelta(minutes=due) if due is not None else None,
    )
    is_over = status in {S.COMPLETED, S.FAILED, S.CANCELLED}
    run = RunRow(
        ref=ref,
        title=name,
        workflow="close",
        status=status,
        started_at=NOW - timedelta(hours=1),
        closed_at=at if is_over else None,
        moved_at=at,
        waiting=(waits,) if status is S.WAITS else (),
    )
    return RunLine(run=run, connection_id="c", connection="demo", read_at=NOW)


def test_what_was_missed_comes_first_and_failures_before_what_can_wait() -> None:
    wanted_order = [
        line("critical, late", S.WAITS, risk=Risk.CRITICAL, due=-13),
        line("critical", S.WAITS, risk=Risk.CRITICAL, due=20),
        line("late", S.WAITS, due=-1, minutes=4),
        line("failed step", S.WAITS, kind=Kind.FAILURE, due=90, minutes=1),
        line("failed", S.FAILED, minutes=40),
        line("stuck", S.STUCK),
        line("due soon", S.WAITS, due=10, minutes=60),
        line("due later", S.WAITS, due=60, minutes=1),
        line("not due", S.WAITS, minutes=1),
        line("paused", S.PAUSED),
        line("running", S.RUNNING),
        line("over", S.COMPLETED, minutes=1),
    ]
    for shuffled in itertools.islice(itertools.permutations(wanted_order), 0, 4_000, 37):
        got = wanted(shuffled, Filter(), NOW)
        assert [each.run.title for each in got] == [each.run.title for each in wanted_order]


def test_each_run_is_under_one_chip_and_the_chips_follow_what_was_typed() -> None:
    lines = [line(f"{status} {kind}", status, kind=kind) for status in S for kind in (Kind.CHECKPOINT, Kind.FAILURE)]
    chips = counts(lines, Filter())
    assert sum(chips.values()) == len(lines)
    assert (chips[Chip.WAITS], chips[Chip.FAILED], chips[Chip.PAUSED]) == (1, 3, 2)
    for chip in Chip:
        assert len(wanted(lines, Filter(chips=frozenset({chip})), NOW)) == chips[chip]
    typed = Filter(text="status:failed", chips=frozenset({Chip.OVER}))
    assert sum(counts(lines, typed).values()) == len(wanted(lines, replace(typed, chips=frozenset()), NOW)) == 5


def test_a_heading_orders_by_its_column() -> None:
    lines = [line("b", S.RUNNING, minutes=3), line("a", S.WAITS, minutes=2)]
    older = replace(lines[0].run, started_at=NOW - timedelta(hours=3), business_key="z")
    lines[0] = replace(lines[0], run=older)
    first = {order: wanted(lines, Filter(order=order), NOW)[0].run.title for order in Order}
    assert first[Order.LONGEST] == "b"
    assert first[Order.STARTED] == first[Order.KEY] == first[Order.URGENT] == "a"


def test_why_it_stands_still_does_not_begin_with_what_another_column_says() -> None:
    assert now_words(line("soon", S.WAITS, due=6).run, NOW) == "Post 214 entries"
    assert now_words(line("late", S.WAITS, due=-13).run, NOW) == "13 min over: Post 214 entries"
