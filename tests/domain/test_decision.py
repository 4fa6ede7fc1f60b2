"""Decisions never change; what is signed of them is complete, and their states lead one way."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from console.domain.decision import (
    DECISION_TAG,
    FINAL_STATES,
    NEXT_STATES,
    UNDETERMINED_STATES,
    DecisionState,
    instant,
    payload_hash,
    signed_content,
)
from console.domain.escalation import Verdict
from console.domain.receipt import Outcome
from tests.domain.samples import DECISION, KEY, MORNING, SUE

S = DecisionState
SIGNED: list[dict[str, Any]] = [
    {"decision_id": "decision-2"},
    {"key": dataclasses.replace(KEY, native_id="other")},
    {"key": dataclasses.replace(KEY, occurrence=2)},
    {"key": dataclasses.replace(KEY, run=dataclasses.replace(KEY.run, server="other"))},
    {"key": dataclasses.replace(KEY, run=dataclasses.replace(KEY.run, run_id="other"))},
    {"key": dataclasses.replace(KEY, run=dataclasses.replace(KEY.run, chain_id="other"))},
    {"opened_in": "execution-2"},
    {"digest": "e" * 64},
    {"verdict": Verdict.APPROVE},
    {"payload": {}},
    {"by": SUE},
    {"key_id": "fedcba9876543210"},
    {"signed_at": MORNING + timedelta(milliseconds=1)},
    {"valid_until": MORNING + timedelta(hours=2)},
    {"audit_head": "b" * 64},
]


@pytest.mark.parametrize("parts", SIGNED, ids=lambda parts: next(iter(parts)))
def test_every_part_of_a_decision_is_signed(parts: dict[str, Any]) -> None:
    assert signed_content(dataclasses.replace(DECISION, **parts)) != signed_content(DECISION)


def test_the_signature_does_not_sign_itself() -> None:
    assert signed_content(dataclasses.replace(DECISION, signature="other")) == signed_content(DECISION)
    assert signed_content(DECISION)["tag"] == DECISION_TAG


def test_every_field_of_a_decision_is_in_what_is_tried_here() -> None:
    tried = {name for parts in SIGNED for name in parts}
    assert tried | {"signature"} == {part.name for part in dataclasses.fields(DECISION)}


def test_moments_are_signed_in_utc_to_the_millisecond() -> None:
    east = timezone(timedelta(hours=2))
    assert instant(datetime(2026, 11, 21, 10, 0, 0, 999_999, tzinfo=east)) == "2026-11-21T08:00:00.999Z"
    assert instant(datetime(2026, 11, 21, tzinfo=UTC)) == "2026-11-21T00:00:00.000Z"
    with pytest.raises(ValueError, match="zone"):
        instant(datetime(2026, 11, 21))  # noqa: DTZ001  # that is the point


def test_an_empty_payload_has_a_hash_of_its_own() -> None:
    assert payload_hash({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert payload_hash({"reason": ""}) != payload_hash({})


def test_a_reason_is_text_or_nothing() -> None:
    assert DECISION.reason == "as agreed"
    assert dataclasses.replace(DECISION, payload={"reason": ["a"]}).reason == ""
    assert dataclasses.replace(DECISION, payload={}).reason == ""


def test_every_state_has_its_way_and_the_ends_have_none() -> None:
    assert NEXT_STATES.keys() == set(S)
    assert frozenset({S.CARRIED_OUT, S.FAILED, S.SUPERSEDED, S.REFUSED, S.EXPIRED, S.WITHDRAWN}) == FINAL_STATES
    assert frozenset({S.SENDING, S.UNCERTAIN}) == UNDETERMINED_STATES


def test_every_state_can_be_reached_from_held_and_can_come_to_an_end() -> None:
    def reachable(state: DecisionState) -> set[DecisionState]:
        seen: set[DecisionState] = set()
        todo = [state]
        while todo:
            for following in NEXT_STATES[todo.pop()] - seen:
                seen.add(following)
                todo.append(following)
        return seen

    assert reachable(S.HELD) == set(S) - {S.HELD}
    for state in set(S) - FINAL_STATES:
        assert reachable(state) & FINAL_STATES


def test_nothing_that_may_have_been_sent_is_withdrawn_or_held_again() -> None:
    for state in (S.SENDING, S.UNCERTAIN, S.CONFIRMED):
        assert S.WITHDRAWN not in NEXT_STATES[state]
        assert S.HELD not in NEXT_STATES[state]


def test_every_outcome_of_a_run_is_a_state_that_sending_can_lead_to() -> None:
    for outcome in Outcome:
        assert outcome.state in NEXT_STATES[S.SENDING]
        assert outcome.state in NEXT_STATES[S.UNCERTAIN]
