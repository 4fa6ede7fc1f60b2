"""What the bar offers, and what each verdict still needs at each risk."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from console.domain.decision import DecisionState
from console.domain.escalation import INTERVENING, Claim, Escalation, Kind, Verdict
from console.domain.identity import Person, Role
from console.domain.risk import Risk
from console.engines.port import Ability, Capabilities
from console.screens.inbox import content as c
from console.screens.inbox.decision_bar import Draft, Intent, Need, Situation, bar, next_need, payload, unspent
from console.screens.inbox.handled import ASTRAY
from console.screens.inbox.review import review
from console.screens.inbox.values import Shown
from console.screens.inbox.verdicts import KEYS, expected_name, obstacle
from console.services.views import Health
from tests.screens.inbox.makes import DANA, JONAS, NOW, connection, decision, escalation, item, proposal

V = Verdict
EMPTY = Draft()


def situation(content: Escalation | None = None, **fields: Any) -> Situation:  # noqa: ANN401 - fields of a situation
    return dataclasses.replace(Situation(item=item(content), person=DANA, now=NOW), **fields)


def need(risk: Risk, verdict: Verdict, draft: Draft = EMPTY, *, is_confirmed: bool = False) -> Need:
    intent = Intent(verdict=verdict, payload={}, is_confirmed=is_confirmed)
    return next_need(situation(escalation(risk), draft=draft), intent)


FULL = Draft(reason="Agrees.", typed="order 4711")


@pytest.mark.parametrize(
    ("risk", "verdict", "wanted"),
    [
        (Risk.LOW, V.APPROVE, Need.NOTHING),
        (Risk.MEDIUM, V.APPROVE, Need.ENTER),
        (Risk.HIGH, V.APPROVE, Need.REASON),
        (Risk.CRITICAL, V.APPROVE, Need.TYPED_NAME),
        (Risk.CRITICAL, V.EDIT, Need.TYPED_NAME),
        (Risk.CRITICAL, V.REJECT, Need.REASON),
        (Risk.MEDIUM, V.REJECT, Need.ENTER),
        (Risk.LOW, V.REJECT, Need.NOTHING),
        (Risk.LOW, V.CANCEL, Need.ENTER),
        (Risk.CRITICAL, V.CANCEL, Need.REASON),
    ],
)
def test_friction_grows_with_consequence(risk: Risk, verdict: Verdict, wanted: Need) -> None:
    assert need(risk, verdict) is wanted


@pytest.mark.parametrize("risk", Risk)
@pytest.mark.parametrize("verdict", Verdict)
def test_with_everything_given_every_verdict_goes(risk: Risk, verdict: Verdict) -> None:
    assert need(risk, verdict, FULL, is_confirmed=True) is Need.NOTHING


def test_a_critical_one_needs_name_and_reason_whatever_is_confirmed() -> None:
    assert need(Risk.CRITICAL, V.APPROVE, Draft(typed="order 4711"), is_confirmed=True) is Need.REASON
    assert need(Risk.CRITICAL, V.APPROVE, Draft(typed="order 4712", reason="x"), is_confirmed=True) is Need.TYPED_NAME
    assert need(Risk.CRITICAL, V.APPROVE, Draft(typed=" order 4711 ", reason="x")) is Need.NOTHING


def test_blanks_are_no_reason() -> None:
    assert need(Risk.HIGH, V.APPROVE, Draft(reason="  ")) is Need.REASON


@pytest.mark.parametrize("verdict", [V.EDIT, V.ANSWER, V.REROUTE])
def test_what_a_verdict_carries_comes_first(verdict: Verdict) -> None:
    assert next_need(situation(escalation(Risk.CRITICAL)), Intent(verdict=verdict)) is Need.ENTRY


def claimed(by: Person = JONAS) -> Escalation:
    return escalation(row_fields={"claim": Claim(by, NOW + timedelta(minutes=8))})


def test_deciding_over_a_claim_warns_asks_for_enter_and_is_recorded() -> None:
    over = situation(claimed())
    assert next_need(over, Intent(verdict=V.APPROVE)) is Need.ENTER
    assert "Jonas Weber is on it, 8 min left" in bar(over).warning
    assert payload(over, Intent(verdict=V.APPROVE))["over_claim"] == "jonas"


@pytest.mark.parametrize("now", [NOW + timedelta(minutes=8), NOW + timedelta(hours=1)])
def test_a_claim_that_has_run_out_is_none(now: object) -> None:
    over = situation(claimed(), now=now)
    assert "over_claim" not in payload(over, Intent(verdict=V.APPROVE))
    assert bar(over).warning == ""


def test_ones_own_claim_is_no_obstacle() -> None:
    assert next_need(situation(claimed(DANA)), Intent(verdict=V.APPROVE)) is Need.NOTHING


def test_the_payload_says_what_was_given_why_and_that_not_all_was_shown() -> None:
    partial = situation(shown=Shown.CUT, draft=Draft(reason=" Agrees. "))
    made = payload(partial, Intent(verdict=V.EDIT, payload={"arguments": {"a": 1}}))
    assert made == {"arguments": {"a": 1}, "reason": "Agrees.", "shown": "partial"}


@pytest.mark.parametrize(
    ("risk", "is_blocked"), [(Risk.LOW, False), (Risk.MEDIUM, False), (Risk.HIGH, True), (Risk.CRITICAL, True)]
)
@pytest.mark.parametrize("shown", [Shown.FOLDED, Shown.CUT])
def test_above_medium_nothing_is_approved_that_is_not_all_shown(risk: Risk, is_blocked: bool, shown: Shown) -> None:
    assert bool(obstacle(item(escalation(risk)), V.APPROVE, DANA, shown)) is is_blocked
    assert bool(obstacle(item(escalation(risk)), V.EDIT, DANA, shown)) is is_blocked
    assert obstacle(item(escalation(risk)), V.REJECT, DANA, shown) == ""


def test_a_folded_part_is_to_be_unfolded_first() -> None:
    assert "show all of it first" in obstacle(item(escalation(Risk.HIGH)), V.APPROVE, DANA, Shown.FOLDED)


@pytest.mark.parametrize(
    ("kind", "primary"),
    [
        (Kind.CHECKPOINT, V.APPROVE),
        (Kind.DOUBT, V.APPROVE),
        (Kind.QUESTION, V.ANSWER),
        (Kind.FAILURE, V.RETRY),
        (Kind.STUCK, V.RETRY),
        (Kind.VIOLATION, V.REJECT),
    ],
)
def test_the_natural_verdict_comes_first(kind: Kind, primary: Verdict) -> None:
    made = bar(situation(escalation(kind=kind)))
    assert made.in_bar[0].verdict is primary
    assert [each.is_primary for each in made.in_bar].count(True) == 1
    assert {each.verdict for each in (*made.in_bar, *made.more)} == set(Verdict) - INTERVENING - {Verdict.WITHDRAW}


def test_what_the_item_does_not_allow_is_never_primary() -> None:
    made = bar(situation(escalation(kind=Kind.FAILURE, verdicts=(V.SKIP, V.CANCEL))))
    assert made.in_bar[0].verdict is V.SKIP
    retry = made.button(V.RETRY)
    assert retry is not None
    assert retry.blocked


def test_every_key_is_its_own() -> None:
    assert len(set(KEYS.values())) == len(Verdict)


def test_a_viewer_is_told_why_nothing_works() -> None:
    viewer = Person("eve", "Eve", Role.VIEWER)
    assert "Viewers read" in obstacle(item(), V.APPROVE, viewer, Shown.ALL)


@pytest.mark.parametrize(
    "state", [DecisionState.HELD, DecisionState.SENDING, DecisionState.UNCERTAIN, DecisionState.CONFIRMED]
)
def test_what_is_decided_already_is_not_decided_again(state: DecisionState) -> None:
    assert "on its way" in obstacle(item(decision=decision(state)), V.REJECT, DANA, Shown.ALL)


@pytest.mark.parametrize("state", [DecisionState.WITHDRAWN, DecisionState.SUPERSEDED, DecisionState.REFUSED])
def test_what_did_not_go_through_may_be_decided_again(state: DecisionState) -> None:
    assert obstacle(item(decision=decision(state)), V.APPROVE, DANA, Shown.ALL) == ""


def test_a_closed_item_is_closed() -> None:
    assert "waits here" in obstacle(item(is_open=False), V.APPROVE, DANA, Shown.ALL)


@pytest.mark.parametrize("health", [Health.DOWN, Health.DENIED, Health.PAUSED])
def test_critical_ones_are_never_queued_and_others_say_how_long(health: Health) -> None:
    away = connection(health)
    assert "never queued" in obstacle(item(escalation(Risk.CRITICAL), connection=away), V.APPROVE, DANA, Shown.ALL)
    assert obstacle(item(escalation(Risk.MEDIUM), connection=away), V.APPROVE, DANA, Shown.ALL) == ""
    assert (
        "holds for 1 h"
        in bar(situation(escalation(Risk.MEDIUM), item=item(escalation(Risk.MEDIUM), connection=away))).warning
    )


@pytest.mark.parametrize("state", sorted(ASTRAY - {DecisionState.UNCERTAIN}))
def test_what_went_astray_is_told_with_the_item_and_what_to_do_next(state: DecisionState) -> None:
    view = decision(state, message="The proposal had changed.", next_action="Review it as it is now.")
    warning = bar(situation(item=item(decision=view))).warning
    assert warning == f"Your decision: Approved, {state}: The proposal had changed. Review it as it is now."


def test_an_item_that_cannot_be_read_just_now_says_why() -> None:
    assert (
        bar(situation(item=item(error="The engine is away."))).warning
        == "It could not be read just now: The engine is away."
    )
    unread = dataclasses.replace(item(error="It is gone."), escalation=None)
    assert "It is gone." in bar(situation(item=unread)).warning


def test_whether_rules_are_enforced_is_said_as_it_is() -> None:
    assert bar(situation()).is_enforced
    loose = Capabilities(verdicts=frozenset(Verdict), abilities=frozenset(Ability) - {Ability.ENFORCE})
    assert not bar(situation(item=item(connection=connection(capabilities=loose)))).is_enforced


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("", "10 to go"),
        ("order 47", "2 to go"),
        ("order 4711", ""),
        ("order 5", "does not match"),
        (" order", "5 to go"),
    ],
)
def test_typing_the_name_counts_down(typed: str, hint: str) -> None:
    made = bar(situation(escalation(Risk.CRITICAL), draft=Draft(typed=typed)))
    assert (made.name_to_type, made.typed_hint) == ("order 4711", hint)


def test_the_name_to_type_falls_back_to_what_is_acted_on() -> None:
    assert expected_name(item(escalation(Risk.CRITICAL, proposal=proposal(critical_name="")))) == "orders/4711"
    assert expected_name(item(escalation(Risk.CRITICAL, proposal=None))) == "refund"
    assert expected_name(item(escalation(Risk.HIGH))) == ""


def test_the_primary_says_what_it_waits_for() -> None:
    assert bar(situation(escalation(Risk.HIGH))).primary_waits == "Give a reason first."
    assert bar(situation(escalation(Risk.HIGH), draft=Draft(reason="x"))).primary_waits == ""
    assert bar(situation(escalation(Risk.CRITICAL))).primary_waits == "Type order 4711 first."
    assert bar(situation(escalation(Risk.MEDIUM))).primary_waits == ""


def test_undo_is_as_long_as_the_risk_asks() -> None:
    assert bar(situation()).undo == "5 s undo"
    assert bar(situation(escalation(Risk.CRITICAL))).undo == "Undo for 15 s"


def test_a_hint_says_what_enter_will_do() -> None:
    made = bar(situation(escalation(Risk.MEDIUM), intent=Intent(verdict=V.APPROVE)))
    assert (made.need, made.hint) == (Need.ENTER, "Press Enter to approve, Esc to go back")


def test_an_item_not_read_yet_has_its_verdicts_in_their_places_out_of_use() -> None:
    unread = bar(situation(item=dataclasses.replace(item(), escalation=None)))
    assert [each.verdict for each in unread.in_bar] == [each.verdict for each in bar(situation()).in_bar]
    assert {each.blocked for each in (*unread.in_bar, *unread.more)} == {"It has not been read in full yet."}
    assert bar(situation(item=dataclasses.replace(item(), escalation=None, row=None))).in_bar == ()


@pytest.mark.parametrize("state", DecisionState)
def test_a_reason_that_was_sent_is_none_for_the_next_decision(state: DecisionState) -> None:
    made = decision(state, payload={"reason": "Both captures stand in the report."})
    kept = unspent(Draft(reason=" Both captures stand in the report. ", typed="order"), made)
    returned = {"held", "queued", "withdrawn", "superseded", "refused", "expired"}
    assert bool(kept.reason) is (state in returned)
    assert unspent(Draft(reason="Another one."), made).reason == "Another one."


@pytest.mark.parametrize("state", DecisionState)
def test_nothing_is_asked_while_ones_decision_is_on_its_way_or_done(state: DecisionState) -> None:
    view = item(decision=decision(state))
    is_taken = state in {"held", "queued", "sending", "uncertain", "confirmed", "carried out"}
    assert (not bar(situation(item=view)).in_bar) is is_taken
    blocks = [block for each in review(view, frozenset(), NOW).sections for block in each.blocks]
    assert any(isinstance(block, c.Receipt) for block in blocks) is is_taken
    assert bar(situation(item=item(decision=decision(state, Verdict.WITHDRAW)))).in_bar
