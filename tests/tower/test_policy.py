from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from console.domain.canonical import Json
from console.domain.identity import Role
from console.domain.risk import Risk
from console.tower.policy import Clause, Policy, amount_of, euros, weigh

POLICY = Policy(
    clauses=(
        Clause(name="limit", version=7, tool="pay", risk=Risk.LOW, approvals=0, text="This is {amount}."),
        Clause(name="limit", version=7, tool="pay", over="50", risk=Risk.MEDIUM, approvals=1, text="{over}: {amount}."),
        Clause(
            name="limit", version=7, tool="pay", over="5000", risk=Risk.CRITICAL, approvals=2, text="two: {amount}."
        ),
        Clause(name="final", tool="wipe.*", is_for_final=True, risk=Risk.HIGH, approvals=1, text="final"),
        Clause(name="wipe", tool="wipe.*", risk=Risk.LOW, approvals=0, text="soft"),
    )
)


@pytest.mark.parametrize(
    ("amount", "risk", "approvals", "text"),
    [
        ("50.00", Risk.LOW, 0, "This is €50.00."),
        ("50.01", Risk.MEDIUM, 1, "€50.00: €50.01."),
        ("5000", Risk.MEDIUM, 1, "€50.00: €5,000.00."),
        ("1284310", Risk.CRITICAL, 2, "two: €1,284,310.00."),
    ],
)
def test_risk_follows_the_amount(amount: str, risk: Risk, approvals: int, text: str) -> None:
    weight = weigh(POLICY, "pay", Decimal(amount), is_reversible=False, alone_up_to=Risk.LOW)
    assert (weight.risk, weight.approvals, weight.rule.text) == (risk, approvals, text)
    assert (weight.rule.name, weight.rule.version) == ("limit", 7)


def test_what_cannot_be_undone_weighs_more() -> None:
    hard = weigh(POLICY, "wipe.disk", None, is_reversible=False, alone_up_to=Risk.LOW)
    soft = weigh(POLICY, "wipe.disk", None, is_reversible=True, alone_up_to=Risk.LOW)
    assert (hard.risk, hard.approvals) == (Risk.HIGH, 1)
    assert (soft.risk, soft.approvals) == (Risk.LOW, 0)


def test_what_no_rule_covers_waits_for_a_supervisor() -> None:
    weight = weigh(POLICY, "unheard-of", None, is_reversible=True, alone_up_to=Risk.CRITICAL)
    assert (weight.risk, weight.approvals, weight.roles) == (Risk.HIGH, 1, (Role.SUPERVISOR,))


def test_an_agent_acts_alone_only_up_to_its_risk() -> None:
    policy = Policy(clauses=(Clause(name="n", tool="pay", risk=Risk.MEDIUM, approvals=0, text="t."),))
    asked = weigh(policy, "pay", None, is_reversible=True, alone_up_to=Risk.LOW)
    assert (asked.approvals, asked.rule.text) == (1, "t. The agent may act alone up to low risk; this is medium.")
    assert weigh(policy, "pay", None, is_reversible=True, alone_up_to=Risk.MEDIUM).approvals == 0


def test_an_amount_is_the_sum_of_what_its_path_finds() -> None:
    arguments: dict[str, Json] = {"entries": [{"amount": "-10.10"}, {"amount": "5.05"}, {"other": "7"}], "amount": "3"}
    assert amount_of("entries.*.amount", arguments) == Decimal("15.15")
    assert amount_of("amount", arguments) == Decimal(3)
    assert amount_of("", arguments) is None
    for wrong in ("NaN", "Infinity", "ten", "", None, True):
        with pytest.raises(ValueError, match="not an amount"):
            amount_of("amount", {"amount": wrong})


def test_due_times_come_from_the_risk() -> None:
    now = datetime(2026, 11, 21, 8, tzinfo=UTC)
    minutes = [(POLICY.due_at(risk, now) - now) // timedelta(minutes=1) for risk in Risk]
    assert minutes == [480, 120, 45, 20]


def test_euros_are_written_as_people_read_them() -> None:
    assert (euros(Decimal("-1234.5")), euros(Decimal(0))) == ("−€1,234.50", "€0.00")
