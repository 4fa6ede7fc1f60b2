"""What became of decisions, said as it is: sent is not confirmed, confirmed is not carried out."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from console.domain.canonical import Json
from console.domain.decision import DecisionState, payload_hash
from console.domain.escalation import Change, Verdict
from console.domain.receipt import Effect, Outcome, Receipt
from console.domain.risk import Risk
from console.qtkit.keycaps import key_of
from console.qtkit.tokens import Tone
from console.qtkit.words import plain
from console.screens.inbox.handled import SHOWN_FOR, handled, undoable
from console.screens.inbox.underway import underway
from console.services.outcomes import expired
from console.services.views import Meant
from tests.screens.inbox.makes import NOW, decision

S, V = DecisionState, Verdict


def words(state: DecisionState, **fields: Any) -> str:  # noqa: ANN401 - fields of a decision
    return plain(handled([decision(state, **fields)], NOW)[0].words)


def test_what_is_held_counts_down_and_can_be_undone() -> None:
    held = decision(S.HELD, held_for=3.2)
    row = handled([held], NOW)[0]
    assert plain(row.words) == "Approved, held: sends in 4 s"
    assert (row.action, row.action_key) == ("Undo", key_of("inbox.undo"))
    assert row.ring_share == pytest.approx(0.64)
    later = handled([held], NOW, passed=3.0)[0]
    assert plain(later.words) == "Approved, held: sends in 1 s"
    assert handled([held], NOW, passed=9.0)[0].ring_share == 0


def test_a_critical_one_empties_its_ring_in_fifteen_seconds() -> None:
    assert handled([decision(S.HELD, held_for=15.0, risk=Risk.CRITICAL)], NOW)[0].ring_share == 1


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (S.SENDING, "Approved, sending"),
        (S.HALF_GRANTED, "Approved, half-granted"),
        (S.WITHDRAWN, "Approved, withdrawn"),
    ],
)
def test_each_state_has_its_own_words(state: DecisionState, said: str) -> None:
    assert words(state) == said


def test_a_queued_one_says_until_when_it_holds() -> None:
    until = (NOW + timedelta(hours=1)).astimezone().strftime("%H:%M")
    assert words(S.QUEUED) == f"Approved, queued, holds until {until}"
    away = words(S.QUEUED, message="“tower-eu” is away.", next_action="Undo it to decide later.")
    assert away == f"Approved, queued, holds until {until}: “tower-eu” is away. Undo it to decide later."


def test_an_expired_one_says_what_to_do_next_and_leads_there() -> None:
    ending = expired(NOW)
    view = decision(S.EXPIRED, message=ending.message, next_action=ending.next_action)
    (made,) = handled([view], NOW)
    assert "Open the item and decide again." in plain(made.words)
    assert made.action == "Open"


def test_confirmed_is_not_carried_out() -> None:
    assert "carried out" not in words(S.CONFIRMED)
    said = words(S.CARRIED_OUT, history=((S.CONFIRMED, NOW), (S.CARRIED_OUT, NOW)))
    assert said.startswith("Approved → carried out ")


CHANGES = (Change("amount", "4544.68", "4500.0"), Change("reason", "duplicate", ""))
SIDES = (("run-a", "refund-agent"), ("run-b", "support-agent"))


@pytest.mark.parametrize(
    ("verdict", "payload", "meant", "said"),
    [
        (V.REJECT, {"reason": "paid twice"}, Meant(), "Rejected"),
        (V.EDIT, {"arguments": {}}, Meant(changes=CHANGES), "Approved as edited: amount 4500.0, reason left out"),
        (V.REROUTE, {"to": {"kind": "agent", "id": "s"}}, Meant(to="Senior agent"), "Rerouted to Senior agent"),
        (V.REROUTE, {"to": {"kind": "agent", "id": "s"}}, Meant(), "Rerouted to s"),
        (V.ANSWER, {"answer": "4714"}, Meant(), "Answered: 4714"),
        (
            V.ANSWER,
            {"answer": {"region": "EU", "vat": 21.0, "note": "x"}},
            Meant(),
            "Answered: region EU, vat 21, 1 more",
        ),
        (
            V.ANSWER,
            {"answer": {"winner": "run-b", "loser": "wait"}},
            Meant(sides=SIDES),
            "Ruled: B (support-agent) goes first, A waits",
        ),
        (V.ANSWER, {"answer": {"winner": "neither"}}, Meant(sides=SIDES), "Ruled: neither goes first, both stop"),
        (V.RETRY, {}, Meant(), "Retried"),
        (V.SKIP, {}, Meant(), "Skipped"),
    ],
)
def test_every_state_says_what_was_decided_and_only_an_effect_is_carried_out(
    verdict: Verdict, payload: dict[str, Json], meant: Meant, said: str
) -> None:
    begun = said.split(":", maxsplit=1)[0].removesuffix("ried").removesuffix("ped")
    for state in DecisionState:
        view = decision(state, verdict, payload, meant=meant, message="The run ended.")
        (row,) = handled([view], NOW)
        assert plain(row.words).startswith(begun), state
        if state is S.CARRIED_OUT and verdict is not V.EDIT:
            assert plain(row.words) == f"{said} · The run ended."
            assert row.icon != "check-check"
        elif state is S.CARRIED_OUT:
            assert plain(row.words).startswith(f"{said} → carried out ")
            assert (row.icon, row.tone) == ("check-check", Tone.OK)


def test_one_of_several_approvals_is_a_signature_until_the_run_acts_on_all() -> None:
    two = Meant(required_approvals=2)
    assert words(S.HELD, held_for=11.0, meant=two) == "Signed, held: sends in 11 s"
    half = receipt(outcome=Outcome.HALF_GRANTED, approvals=1, required_approvals=2)
    fields = {"receipt": half, "meant": two, "message": "1 of 2 approvals given.", "next_action": "Ask another person."}
    assert words(S.HALF_GRANTED, **fields) == "Signed 1 of 2, waits for another person"
    edited = decision(S.HALF_GRANTED, V.EDIT, meant=Meant(changes=CHANGES[:1], required_approvals=2), receipt=half)
    told = plain(handled([edited], NOW)[0].words)
    assert told == "Signed as edited: amount 4500.0, 1 of 2, waits for another person"
    assert words(S.CARRIED_OUT, meant=two).startswith("Approved → carried out ")


def test_an_effect_is_carried_out_whatever_the_verdict_was() -> None:
    view = decision(
        S.CARRIED_OUT, V.RETRY, receipt=receipt(effect=Effect(effect_id="JE-1", tool="ledger.post", at=NOW))
    )
    assert plain(handled([view], NOW)[0].words).startswith("Retried → carried out ")
    assert handled([view], NOW)[0].icon == "check-check"


def receipt(**fields: Any) -> Receipt:  # noqa: ANN401 - fields of a receipt
    view = decision(S.CARRIED_OUT)
    made = Receipt(
        decision_id="d1",
        key=view.decision.key,
        opened_in="attempt-1",
        digest=view.decision.digest,
        verdict=Verdict.APPROVE,
        payload_hash=payload_hash({}),
        key_id="0" * 16,
        signature="",
        outcome=Outcome.CARRIED_OUT,
        accepted_at=NOW,
    )
    return dataclasses.replace(made, **fields)


def test_the_effect_is_named_by_its_id() -> None:
    view = decision(S.CARRIED_OUT, receipt=receipt(effect=Effect(effect_id="JE-88213", tool="payments.refund", at=NOW)))
    assert handled([view], NOW)[0].remark == "JE-88213"
    made_up = Effect(effect_id="01a200c6-e55f-7d21-9f0a-3c1d5b7e9f10/refund/1/2", tool="payments.refund", at=NOW)
    assert handled([decision(S.CARRIED_OUT, receipt=receipt(effect=made_up))], NOW)[0].remark == "01a200c6/refund/1/2"


@pytest.mark.parametrize("state", [S.REFUSED, S.SUPERSEDED, S.UNCERTAIN, S.EXPIRED, S.FAILED])
def test_what_went_astray_says_why_and_what_to_do_and_leads_there(state: DecisionState) -> None:
    row = handled([decision(state, message="The run was cancelled.", next_action="Open the run.")], NOW)[0]
    assert plain(row.words) == f"Approved, {state}: The run was cancelled. Open the run."
    assert row.action == "Open"


def test_final_ones_leave_after_a_while_and_others_stay_however_old() -> None:
    old = NOW - SHOWN_FOR
    kept = [decision(S.UNCERTAIN, changed_at=old), decision(S.CARRIED_OUT, changed_at=old), decision(S.CARRIED_OUT)]
    assert [row.icon for row in handled(kept, NOW)] == ["circle-help", "check-check"]


def test_the_newest_held_one_is_undone() -> None:
    assert undoable([decision(S.SENDING), decision(S.CARRIED_OUT)]) is None
    held = decision(S.HELD)
    assert undoable([decision(S.SENDING), held]) is held


def test_a_row_is_marked_by_the_latest_decision_on_it_alone() -> None:
    assert underway([decision(S.SENDING), decision(S.UNCERTAIN)]) == {"gate": S.SENDING}
    assert underway([decision(S.WITHDRAWN), decision(S.UNCERTAIN)]) == {}
