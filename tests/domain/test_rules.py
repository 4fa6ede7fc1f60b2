"""Who may decide what, with how much friction, and until when."""

from __future__ import annotations

import dataclasses
import itertools
from datetime import timedelta

import pytest

from console.domain.escalation import INTERVENING, Approval, Escalation, Target, TargetKind, Verdict
from console.domain.identity import Person, Role
from console.domain.risk import VALID_FOR, Friction, Risk, undo_window
from console.domain.rules import EXECUTING, can_wait_offline, friction, permission, valid_until
from tests.domain.samples import ANNA, CHECKPOINT, MORNING, QUESTION, SUE


def weighing(risk: Risk, item: Escalation = CHECKPOINT) -> Escalation:
    return dataclasses.replace(item, row=dataclasses.replace(item.row, risk=risk))


def offering(*verdicts: Verdict) -> Escalation:
    return dataclasses.replace(CHECKPOINT, verdicts=verdicts)


def test_who_has_the_role_may_decide() -> None:
    assert permission(CHECKPOINT, Verdict.APPROVE, ANNA).is_allowed
    assert permission(QUESTION, Verdict.ANSWER, ANNA).is_allowed


def test_what_is_not_offered_is_not_allowed() -> None:
    assert "no question" in permission(CHECKPOINT, Verdict.ANSWER, SUE).reason
    assert "no proposal" in permission(QUESTION, Verdict.APPROVE, SUE).reason
    assert "“skip”" in permission(CHECKPOINT, Verdict.SKIP, SUE).reason


def test_viewers_only_read() -> None:
    viewer = dataclasses.replace(ANNA, role=Role.VIEWER)
    for verdict in CHECKPOINT.verdicts:
        assert not permission(CHECKPOINT, verdict, viewer).is_allowed


def test_a_role_that_is_not_named_may_not_decide_and_a_supervisor_always_may() -> None:
    reserved = dataclasses.replace(CHECKPOINT, roles=(Role.RESPONDER,))
    refused = permission(reserved, Verdict.REJECT, ANNA)
    assert (refused.is_allowed, refused.reason) == (False, "Only a responder may decide this.")
    assert permission(reserved, Verdict.REJECT, SUE).is_allowed


def test_who_started_it_may_stop_it_and_not_let_it_happen() -> None:
    own = dataclasses.replace(CHECKPOINT, initiator=SUE.person_id)
    for verdict in EXECUTING - INTERVENING:
        assert "another person" in permission(own, verdict, SUE).reason
    assert permission(own, Verdict.REJECT, SUE).is_allowed
    assert permission(own, Verdict.APPROVE, ANNA).is_allowed


def test_nobody_approves_twice_whatever_key_they_hold() -> None:
    approval = Approval(dataclasses.replace(SUE, name="Susan"), MORNING, "decision-0", "d" * 64)
    approved = dataclasses.replace(CHECKPOINT, approvals=(approval,))
    assert "already" in permission(approved, Verdict.APPROVE, SUE).reason
    assert permission(approved, Verdict.REJECT, SUE).is_allowed
    assert permission(approved, Verdict.APPROVE, ANNA).is_allowed


def test_an_approval_is_withdrawn_by_who_gave_it_whatever_is_offered() -> None:
    approval = Approval(dataclasses.replace(SUE, name="Susan"), MORNING, "decision-0", "d" * 64)
    for offered in (CHECKPOINT, offering(*Verdict)):
        approved = dataclasses.replace(offered, approvals=(approval,))
        assert permission(approved, Verdict.WITHDRAW, SUE).is_allowed
        assert "nothing to withdraw" in permission(approved, Verdict.WITHDRAW, ANNA).reason
        assert "nothing to withdraw" in permission(offered, Verdict.WITHDRAW, SUE).reason
        viewer = dataclasses.replace(SUE, role=Role.VIEWER)
        assert not permission(approved, Verdict.WITHDRAW, viewer).is_allowed


def test_what_could_not_be_read_cannot_be_approved_and_can_be_rejected() -> None:
    broken = dataclasses.replace(CHECKPOINT, row=dataclasses.replace(CHECKPOINT.row, problem="no arguments"))
    for verdict in EXECUTING - INTERVENING:
        assert "no arguments" in permission(broken, verdict, SUE).reason
    assert permission(broken, Verdict.REJECT, SUE).is_allowed


@pytest.mark.parametrize(("risk", "verdict"), list(itertools.product(Risk, sorted(EXECUTING - INTERVENING))))
def test_what_could_not_all_be_shown_is_approved_only_where_little_is_at_stake(risk: Risk, verdict: Verdict) -> None:
    allowed = permission(weighing(risk), verdict, SUE, is_fully_shown=False)
    assert allowed.is_allowed == (risk in {Risk.LOW, Risk.MEDIUM})


def test_rerouting_needs_somewhere_to_go() -> None:
    nowhere = offering(Verdict.REROUTE)
    assert not permission(nowhere, Verdict.REROUTE, SUE).is_allowed
    somewhere = dataclasses.replace(nowhere, targets=(Target(TargetKind.TEAM, "night", "Night shift"),))
    assert permission(somewhere, Verdict.REROUTE, SUE).is_allowed


@pytest.mark.parametrize(
    ("risk", "verdict", "expected"),
    [
        (Risk.LOW, Verdict.APPROVE, Friction.KEY),
        (Risk.MEDIUM, Verdict.APPROVE, Friction.KEY_AND_ENTER),
        (Risk.HIGH, Verdict.APPROVE, Friction.REASON),
        (Risk.CRITICAL, Verdict.APPROVE, Friction.TYPED_NAME),
        (Risk.CRITICAL, Verdict.EDIT, Friction.TYPED_NAME),
        (Risk.LOW, Verdict.REJECT, Friction.KEY),
        (Risk.HIGH, Verdict.REJECT, Friction.REASON),
        (Risk.CRITICAL, Verdict.REJECT, Friction.REASON),
        (Risk.CRITICAL, Verdict.ANSWER, Friction.REASON),
        (Risk.LOW, Verdict.CANCEL, Friction.KEY_AND_ENTER),
        (Risk.CRITICAL, Verdict.CANCEL, Friction.REASON),
        (Risk.LOW, Verdict.WITHDRAW, Friction.KEY_AND_ENTER),
        (Risk.CRITICAL, Verdict.WITHDRAW, Friction.KEY_AND_ENTER),
    ],
)
def test_friction_grows_with_consequence(risk: Risk, verdict: Verdict, expected: Friction) -> None:
    assert friction(risk, verdict) is expected


@pytest.mark.parametrize(("risk", "verdict"), list(itertools.product(Risk, Verdict)))
def test_stopping_a_thing_is_never_harder_than_letting_a_critical_one_happen(risk: Risk, verdict: Verdict) -> None:
    assert Friction.KEY <= friction(risk, verdict) <= friction(Risk.CRITICAL, Verdict.APPROVE)
    assert friction(risk, verdict) >= friction(Risk.LOW, verdict)


def test_decisions_hold_for_less_time_the_more_they_weigh() -> None:
    assert [VALID_FOR[risk] for risk in Risk] == [
        timedelta(hours=8),
        timedelta(hours=1),
        timedelta(minutes=10),
        timedelta(minutes=10),
    ]
    assert valid_until(Risk.MEDIUM, MORNING) == MORNING + timedelta(hours=1)


def test_only_critical_ones_may_not_wait_for_an_engine_that_is_away() -> None:
    assert [can_wait_offline(risk) for risk in Risk] == [True, True, True, False]
    assert [undo_window(risk).seconds for risk in Risk] == [5, 5, 5, 15]


def test_a_person_is_told_apart_by_id_not_by_name() -> None:
    namesake = Person("person-other", SUE.name, Role.SUPERVISOR)
    own = dataclasses.replace(CHECKPOINT, initiator=SUE.person_id)
    assert permission(own, Verdict.APPROVE, namesake).is_allowed
