"""Failures are the same if all that differs is names and numbers; hostile text is only text."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from console.domain.escalation import EscalationKey, Kind, Waiting
from console.domain.fingerprint import LONGEST, failure, failure_of, folded, grouped
from console.domain.listing import RunRow
from console.domain.risk import Risk
from console.domain.run import RunRef, RunStatus

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def run(number: int, message: str = "", *, step: str = "post", status: RunStatus = RunStatus.WAITS) -> RunRow:
    ref = RunRef("server", f"run-{number}", "chain")
    waits = Waiting(
        key=EscalationKey(ref, step, 1),
        kind=Kind.FAILURE,
        title=f"Post entry {number} failed",
        workflow="close",
        agent="clerk",
        risk=Risk.MEDIUM,
        opened_at=NOON + timedelta(minutes=number),
        failure=message,
    )
    return RunRow(ref=ref, title=f"Run {number}", workflow="close", status=status, waiting=(waits,))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("LedgerLocked: entry 4711 of DE01 at 10:31", "LedgerLocked: entry 12 of FR02 at 09:02"),
        ("no account “ACME GmbH” in book", "no account “Norda AG” in book"),
        ("timeout after 3.2 s, request 6f1e2a90-77aa", "timeout after 30 s, request 0b7e4d55-10cc"),
        ("Paid €4,200.00 twice", "Paid €13 twice"),
        ("a  broken line 1", "a broken\tline 22"),
    ],
)
def test_names_and_numbers_make_no_difference(one: str, other: str) -> None:
    assert failure(one, "post").fingerprint == failure(other, "post").fingerprint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("LedgerLocked: entry 1", "LedgerClosed: entry 1"),
        ("HTTP 429 from psp", "HTTP 503 from psp"),
        ("status 404", "status 500"),
        ("the book is locked", "the book is closed"),
    ],
)
def test_kinds_of_failure_are_told_apart(one: str, other: str) -> None:
    assert failure(one, "post").fingerprint != failure(other, "post").fingerprint


def test_the_same_error_at_another_step_is_another_failure() -> None:
    assert failure("LedgerLocked: x", "post").fingerprint != failure("LedgerLocked: x", "plan").fingerprint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00" * 50,
        "\ud800 broken",
        "\u202e" * 2_000,
        "‘" * 5_000,
        "'" * 5_000,
        "a" * 200_000,
        "1" * 200_000,
        "٣٤٥ x",
    ],
)
def test_any_text_has_a_fingerprint(text: str) -> None:
    known = failure(text, text)
    assert len(known.fingerprint) == 12
    assert known.folded.isprintable()
    assert len(known.folded) <= 9 * LONGEST


def test_what_is_quoted_and_never_closed_swallows_nothing() -> None:
    assert folded("no “book is open") == "no “book is open"


def test_groups_are_the_largest_first_and_name_every_run_once() -> None:
    alike = [run(number, f"LedgerLocked: entry {number} is locked") for number in range(5)]
    others = [run(number, "HTTP 429 from psp", step="capture") for number in range(5, 7)]
    gone = RunRow(
        ref=RunRef("server", "gone", "chain"),
        title="Gone",
        workflow="payouts",
        status=RunStatus.FAILED,
        moved_at=NOON,
        why="Start the batch failed 3 times: NoWorker: nobody polls",
    )
    sound = RunRow(ref=RunRef("server", "sound", "c"), title="Sound", workflow="close", status=RunStatus.COMPLETED)
    groups = grouped([gone, sound, *others, *alike])
    assert [len(group.runs) for group in groups] == [5, 2, 1]
    first = groups[0]
    assert (first.headline, first.step) == ("LedgerLocked: entry # is locked", "post")
    assert [each.ref.run_id for each in first.runs] == ["run-4", "run-3", "run-2", "run-1", "run-0"]
    assert first.last_at == NOON + timedelta(minutes=4)
    assert groups[2].runs == (gone,)


def test_a_run_of_which_nobody_says_what_failed_is_in_no_group() -> None:
    silent = RunRow(ref=RunRef("s", "r", "c"), title="Silent", workflow="w", status=RunStatus.FAILED)
    assert failure_of(silent) is None
    untold = dataclasses.replace(run(1).waiting[0], failure="")
    assert failure_of(dataclasses.replace(silent, waiting=(untold,))) is not None
