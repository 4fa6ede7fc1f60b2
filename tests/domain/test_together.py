from __future__ import annotations

import dataclasses

import pytest

from console.domain.escalation import Kind, Proposal, Verdict
from console.domain.risk import Friction, Risk
from console.domain.rules import friction
from console.domain.together import FITTING, amounts, are_alike, friction_together, why_alone
from tests.store.made import item, row


@pytest.mark.parametrize("verdict", FITTING)
@pytest.mark.parametrize("risk", [Risk.LOW, Risk.MEDIUM, Risk.HIGH])
def test_nothing_is_easier_together_than_alone(risk: Risk, verdict: Verdict) -> None:
    assert friction_together([risk], verdict) == friction(risk, verdict)
    together = friction_together([Risk.LOW, risk], verdict)
    assert together >= friction(risk, verdict)
    assert together > Friction.KEY


def test_many_high_ones_are_let_through_only_by_typing_how_many() -> None:
    assert friction_together([Risk.HIGH] * 2, Verdict.APPROVE) is Friction.TYPED_NAME
    assert friction_together([Risk.HIGH] * 2, Verdict.REJECT) is Friction.REASON


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ""),
        ({"risk": Risk.CRITICAL}, "critical"),
        ({"required_approvals": 2}, "more than one person"),
        ({"kind": Kind.CONFLICT}, "more than yes or no"),
        ({"problem": "Its arguments are no object."}, "could not be read"),
    ],
)
def test_some_are_decided_alone(changes: dict[str, object], why: str) -> None:
    told = why_alone(item(row=row(1, **changes)))
    assert (why in told) if why else not told


def test_a_question_is_answered_alone() -> None:
    assert why_alone(item(verdicts=(Verdict.ANSWER, Verdict.REROUTE)))


def test_alike_is_the_same_wait_of_another_run() -> None:
    one = row(1)
    assert are_alike(one, row(2, title="Refund of another customer"))
    for changes in ({"risk": Risk.HIGH}, {"agent": "other"}, {"workflow": "other"}, {"kind": Kind.DOUBT}):
        assert not are_alike(one, row(2, **changes))
    other = dataclasses.replace(row(2).key, native_id="another-gate")
    assert not are_alike(one, row(2, key=other))


def test_amounts_are_summed_where_every_one_is_a_number() -> None:
    assert amounts([item(1, amount="10.50"), item(2, amount=4)]) == (("refund.pay", "", 14.5),)
    for strange in (None, True, "much", "inf", [1], "1e999"):
        assert amounts([item(1, amount="10.50"), item(2, amount=strange), item(3, amount=1)]) == ()
    other = Proposal(tool="mail.send", arguments={"amount": 1}, resource="", summary="")
    assert amounts([item(1, amount=2), item(2, proposal=other)]) == (("refund.pay", "", 2), ("mail.send", "", 1))


def test_a_sum_says_its_currency_and_two_are_never_added() -> None:
    euros = [item(n, amount=4, row=row(n, title=f"Refund €{n}.00")) for n in (1, 2)]
    assert amounts(euros) == (("refund.pay", "€", 8),)
    francs = item(
        3, proposal=Proposal(tool="refund.pay", arguments={"amount": 5, "currency": "chf"}, resource="", summary="")
    )
    assert amounts([*euros, francs]) == (("refund.pay", "€", 8), ("refund.pay", "CHF", 5))
    assert amounts([item(1, amount=4, row=row(1, title="Change $3 into €4"))]) == (("refund.pay", "", 4),)
