"""Why a run does not move: every cause, what outranks what, and hostile words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from console.domain.escalation import (
    Approval,
    Claim,
    Escalation,
    EscalationKey,
    Kind,
    Proposal,
    Rule,
    Side,
    Target,
    TargetKind,
    Waiting,
)
from console.domain.identity import Person, Role
from console.domain.risk import Risk
from console.domain.run import Run, RunRef, RunStatus, Step, StepStatus, TrailEntry, TrailKind
from console.domain.stillness import Cause, Seen, ordinal, stillness

NOW = datetime(2026, 11, 21, 10, 52, tzinfo=UTC)
REF = RunRef("s", "mec-de01", "c")
RUN = Run(ref=REF, title="T", workflow="w", status=RunStatus.WAITS)
WAIT = Waiting(
    key=EscalationKey(REF, "gate", 1),
    kind=Kind.CHECKPOINT,
    title="Post 3 entries",
    workflow="w",
    agent="a",
    risk=Risk.HIGH,
    opened_at=NOW - timedelta(hours=3, minutes=12),
)
JONAS = Person("jonas", "Jonas Weber", Role.OPERATOR)


def item(row: Waiting = WAIT, **parts: object) -> Escalation:
    return replace(Escalation(row=row, opened_in="r", step="gate", owner="o", verdicts=()), **parts)  # type: ignore[arg-type]


def told(run: Run = RUN, **parts: object) -> str:
    found = stillness(replace(Seen(run=run), **parts), NOW)  # type: ignore[arg-type]
    return found.text if found is not None else ""


def step(status: StepStatus = StepStatus.RUNNING, **parts: object) -> Step:
    return replace(Step(step_id="post", title="Post entries", status=status), **parts)  # type: ignore[arg-type]


def entry(kind: TrailKind, title: str, **parts: object) -> TrailEntry:
    made = TrailEntry(entry_id=title, at=NOW - timedelta(seconds=40), kind=kind, title=title, step="post")
    return replace(made, **parts)  # type: ignore[arg-type]


def saying(words: str, status: RunStatus = RunStatus.RUNNING) -> Run:
    return replace(RUN, status=status, why_not_moving=words)


def test_a_wait_for_people_says_for_whom_how_long_and_what_is_there_already() -> None:
    assert told(waiting=(WAIT,)) == "waits 3 h 12 min for a person: Post 3 entries"
    assert told(waiting=(WAIT,), items=(item(roles=(Role.SUPERVISOR,)),)).startswith(
        "waits 3 h 12 min for a supervisor"
    )
    signed = replace(WAIT, approvals=1, required_approvals=2)
    by = (Approval(JONAS, NOW, "d", "x"),)
    assert told(waiting=(signed,), items=(item(signed, approvals=by),)) == (
        "waits 3 h 12 min for a second person: Post 3 entries. It needs 2 signatures and has 1 (Jonas Weber)."
    )
    claimed = replace(
        WAIT, claim=Claim(JONAS, NOW + timedelta(minutes=2)), due_at=NOW - timedelta(minutes=5), required_approvals=1
    )
    assert told(waiting=(claimed, WAIT)).endswith(
        "Jonas Weber is on it. It was due 5 min ago. 1 more wait in this run."
    )
    stale = replace(WAIT, claim=Claim(JONAS, NOW - timedelta(minutes=2)))
    assert "on it" not in told(waiting=(stale,))
    handed = item(handed_to=Target(TargetKind.TEAM, "finance", "Finance"))
    assert "for Finance:" in told(waiting=(WAIT,), items=(handed,))


def test_it_leads_to_the_escalation_behind_it() -> None:
    found = stillness(Seen(run=RUN, waiting=(WAIT,)), NOW)
    assert found is not None
    assert (found.cause, found.item_id) == (Cause.PERSON, WAIT.key.item_id)


def test_a_failure_names_its_error_and_a_conflict_the_other_run() -> None:
    row = replace(WAIT, kind=Kind.FAILURE, title="Post entries failed 3 times")
    assert told(waiting=(row,), items=(item(row, failure="LedgerLocked: held by batch 4711"),)) == (
        "waits 3 h 12 min for a person: Post entries failed 3 times (LedgerLocked)"
    )
    row = replace(WAIT, kind=Kind.CONFLICT, resource="order/4711")
    proposal = Proposal(tool="t", arguments={}, resource="order/4711", summary="s")
    side = Side(
        run=REF, title="", workflow="w", agent="a", owner="o", step="x", proposal=proposal, at=NOW, risk=Risk.LOW
    )
    sides = tuple(replace(side, run=RunRef("s", name, "c")) for name in ("refund-1", "refund-2"))
    assert "refund-1 and refund-2 want order/4711 at a time" in told(waiting=(row,), items=(item(row, sides=sides),))


def test_what_is_stuck_tells_the_numbers_that_tripped_it() -> None:
    row = replace(WAIT, kind=Kind.STUCK, title="Plan makes no progress: returns used up")
    run = replace(RUN, status=RunStatus.STUCK)
    rule = Rule("budget-returns", 1, "between planner and checker it went back and forth 6 times.")
    assert told(run, waiting=(row,), items=(item(row, rule=rule),)) == (
        "planner and checker sent it back and forth 6 times"
    )
    rule = Rule("budget-steps", 1, "40 steps may be taken; 41 were.")
    assert told(run, waiting=(row,), items=(item(row, rule=rule),)) == (
        "stuck for 3 h 12 min: 40 steps may be taken; 41 were"
    )
    assert told(run, waiting=(row,)).startswith("stuck for 3 h 12 min: Plan makes no progress")


def test_a_pause_says_who_when_and_why_and_comes_before_what_waits() -> None:
    paused = saying("Run mec-de01 was paused by Dana Kern at 10:47 UTC: rates look wrong", RunStatus.PAUSED)
    assert told(paused, waiting=(WAIT,)) == "paused by Dana Kern 5 min ago: rates look wrong"
    above = saying("Agent ledger-agent was paused by Dana Kern at 23:52 UTC", RunStatus.PAUSED)
    assert told(above) == "paused by Dana Kern 11 h ago. Paused is: Agent ledger-agent."
    assert told(saying("Everything was paused by Dana at 10:52 UTC", RunStatus.PAUSED)).startswith(
        "paused by Dana just now"
    )
    assert told(saying("", RunStatus.PAUSED)) == "it is paused"


def test_no_worker_names_the_queue() -> None:
    words = "No worker answers on task queue “payments”."
    assert told(saying(words)) == "no worker polls queue payments. It goes on by itself once one does."


@pytest.mark.parametrize(
    "words", ["run refund-7 has order 4711 first.", "Waits its turn: refund-7 has order 4711 first."]
)
def test_another_run_that_holds_the_resource_is_named(words: str) -> None:
    line = "waits for run {} that holds {}. It goes on when that one has let go of it."
    expected = line.format("refund-7", "order 4711") if "4711" in words else line.format("run-7", "it")
    assert told(saying(words, RunStatus.WAITS)) == expected
    assert told(replace(RUN, why_not_moving=""), steps=(step(message=words),)) == expected
    contested = "refund-7 wants order 4711 as well; neither acts until a person decides."
    assert told(saying(contested)).startswith("run refund-7 wants order 4711 as well. Neither acts")


def test_a_state_that_changed_under_a_step_is_told() -> None:
    running = replace(RUN, status=RunStatus.RUNNING)
    moved = step(message="The state changed under it: fx_rate, entries")
    assert told(running, steps=(moved,)) == "state changed under Post entries: fx_rate, entries. The step runs again."
    assert told(running, steps=(replace(moved, status=StepStatus.DONE),)) == ""


def test_a_retry_counts_its_attempts_and_names_tool_and_error() -> None:
    running = replace(RUN, status=RunStatus.RUNNING)
    failed = entry(TrailKind.FAILED_ATTEMPT, "Attempt 14 failed", text="LedgerLocked: held by batch 4711", attempt=14)
    call = entry(TrailKind.TOOL_CALL, "ledger.post", is_failed=True)
    assert told(running, steps=(step(attempts=15),), recent=(call, failed)) == (
        "retrying `ledger.post` for the 14th time: LedgerLocked. The last attempt failed 40 s ago."
    )
    assert told(running, steps=(step(),), recent=(failed,)).startswith("retrying Post entries for the 14th time")
    assert told(running, steps=(step(attempts=3, message="TimeoutError: 30 s"),)) == (
        "retrying Post entries for the 2nd time: TimeoutError"
    )
    again = entry(TrailKind.REASONING, "Thinking again")
    assert told(running, steps=(step(),), recent=(failed, again)) == ""
    assert told(running, steps=(step(StepStatus.DONE, attempts=15),), recent=(failed,)) == ""


def test_the_engines_own_words_stand_where_nothing_more_is_known() -> None:
    assert told(saying("Waits for a quota.", RunStatus.WAITS)) == "waits for a quota"
    assert told(saying("GPU quota is used up", RunStatus.WAITS)) == "GPU quota is used up"


def test_silence_is_told_after_a_while_and_work_under_way_is_not_called_standing_still() -> None:
    running = replace(RUN, status=RunStatus.RUNNING, moved_at=NOW - timedelta(hours=3))
    assert told(running, steps=(step(),)) == (
        "nothing moved for 3 h. Post entries is at work and has told nothing since."
    )
    assert told(replace(running, moved_at=NOW - timedelta(minutes=9))) == ""
    busy = replace(saying("Waits for a person: Post 3 entries"), waiting=("x",))
    assert told(busy, waiting=(WAIT,)) == ""


@pytest.mark.parametrize("status", [RunStatus.COMPLETED, RunStatus.CANCELLED])
def test_a_run_that_is_over_has_no_line_and_one_that_failed_says_why(status: RunStatus) -> None:
    assert told(saying("done", status), waiting=(WAIT,)) == ""
    assert told(saying("Budget spent.", RunStatus.FAILED)) == "it failed: Budget spent"
    assert told(saying("", RunStatus.FAILED), steps=(step(StepStatus.FAILED, message="No such account"),)) == (
        "it failed: No such account"
    )


def test_hostile_words_are_visible_and_short() -> None:
    evil = "\u202e" + "x" * 100_000 + " was paused by y at 10:00 UTC"
    row = replace(WAIT, title=evil)
    failed = entry(TrailKind.FAILED_ATTEMPT, evil, text=evil)
    running = replace(RUN, status=RunStatus.RUNNING)
    for line in (
        told(saying(evil, RunStatus.WAITS)),
        told(saying(evil, RunStatus.PAUSED)),
        told(waiting=(row,), items=(item(row),)),
        told(running, steps=(step(title=evil),), recent=(failed,)),
    ):
        assert line
        assert "\u202e" not in line
        assert len(line) < 1_000


def test_ordinals() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112, 1_001)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th", "1,001st",
    ]  # fmt: skip
