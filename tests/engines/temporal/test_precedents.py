"""What memos of ended runs tell of cases, distrusted: a bad one is left out, and a run speaks for itself only."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter
from temporalio.api.common.v1 import Payload
from temporalio.api.workflow.v1 import WorkflowExecutionInfo

from console.domain.canonical import Json
from console.domain.escalation import Kind, Verdict
from console.domain.precedent import Likeness, Precedent
from console.domain.receipt import Outcome
from console.domain.run import RunRef, RunStatus
from console.engines.temporal.precedents import MAX_MEMO, cases
from console.tower import wire

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)

COMPLETED, RUNNING, CONTINUED = 2, 1, 6
_PRECEDENT = TypeAdapter(Precedent)


def told(**fields: Any) -> dict[str, Json]:  # noqa: ANN401 - fields of a case
    sound = Precedent(
        run=RunRef("temporal:other", "somebody-else", "chain"),
        title="Refund €89.00 to Lena Brandt",
        like=Likeness("customer-refund", Kind.CHECKPOINT, "", "payments.refund"),
        verdict=Verdict.APPROVE,
        at=NOW,
        outcome=Outcome.CARRIED_OUT,
    )
    made: dict[str, Json] = _PRECEDENT.dump_python(sound, mode="json")
    return made | fields


def ended(decided: Json, *, status: int = COMPLETED) -> WorkflowExecutionInfo:
    info = WorkflowExecutionInfo(status=status)  # type: ignore[arg-type]  # one of the server's own numbers
    info.execution.workflow_id, info.execution.run_id, info.first_run_id = "refund-1", "run-2", "run-1"
    data = json.dumps({"decided": decided}).encode()
    info.memo.fields[wire.MEMO_KEY].CopyFrom(Payload(metadata={"encoding": b"json/plain"}, data=data))
    return info


def test_a_run_speaks_for_itself_and_the_server_says_how_it_ended() -> None:
    (case,) = cases(ended([told()]), "temporal:eu")
    assert case.run == RunRef("temporal:eu", "refund-1", "run-1")
    assert case.ended is RunStatus.COMPLETED
    (failed,) = cases(ended([told(ended="failed")]), "temporal:eu")
    assert failed.is_well is False


@pytest.mark.parametrize(
    "bad",
    [
        "text",
        None,
        {},
        told(verdict="bless"),
        told(at="2026-11-21T10:00:00"),
        told(at="yesterday"),
        told(outcome=7),
        told(like="all"),
    ],
)
def test_one_bad_case_hides_no_other(bad: Json) -> None:
    assert [case.title for case in cases(ended([bad, told(title="x" * 5_000)]), "temporal:eu")] == ["x" * 300]


@pytest.mark.parametrize("decided", ["all", None, {"0": told()}, [told(title="x" * MAX_MEMO)]])
def test_what_is_no_list_or_too_large_tells_of_none(decided: Json) -> None:
    assert list(cases(ended(decided), "temporal:eu")) == []


def test_what_goes_on_tells_of_none_and_nobody_tells_without_end() -> None:
    assert list(cases(ended([told()], status=RUNNING), "temporal:eu")) == []
    assert len(list(cases(ended([told(title="x")] * 200), "temporal:eu"))) <= wire.MEMO_ROWS
