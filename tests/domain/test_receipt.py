"""A receipt proves a decision only if it echoes it in every part."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from console.domain.escalation import Verdict
from console.domain.receipt import Outcome, mismatches
from tests.domain.samples import DECISION, KEY, MORNING, RECEIPT


def test_an_echo_has_no_mismatches() -> None:
    assert mismatches(DECISION, RECEIPT) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("decision_id", "decision-2"),
        ("key", dataclasses.replace(KEY, occurrence=2)),
        ("opened_in", "execution-2"),
        ("digest", "e" * 64),
        ("verdict", Verdict.APPROVE),
        ("payload_hash", "0" * 64),
        ("key_id", "fedcba9876543210"),
        ("signature", ""),
    ],
)
def test_every_part_that_differs_is_named(name: str, value: Any) -> None:  # noqa: ANN401  # of several fields
    assert mismatches(DECISION, dataclasses.replace(RECEIPT, **{name: value})) == (name,)


@pytest.mark.parametrize(
    "parts",
    [{"outcome": Outcome.FAILED}, {"settled_at": MORNING}, {"message": "done"}, {"approvals": 2}],
    ids=lambda parts: next(iter(parts)),
)
def test_what_became_of_it_is_no_part_of_the_echo(parts: dict[str, Any]) -> None:
    assert mismatches(DECISION, dataclasses.replace(RECEIPT, **parts)) == ()


def test_a_changed_payload_is_another_decision() -> None:
    changed = dataclasses.replace(DECISION, payload=DECISION.payload | {"reason": "another"})
    assert mismatches(changed, RECEIPT) == ("payload_hash",)
