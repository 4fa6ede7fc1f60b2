"""What a run may use before a person is asked whether it should go on.

Invariant: a budget that is passed is named, with the number that passed it; granting starts the count anew.
"""

from __future__ import annotations

from console.domain.escalation import Rule
from console.domain.run import Budget
from console.tower.book import Usage
from console.tower.plan import Budgets


def passed(budgets: Budgets, usage: Usage) -> Rule | None:
    """The budget that the next agent's turn would pass, or the one already passed; ``None`` while there is room."""
    if usage.steps + 1 > budgets.steps:
        return _rule(
            "steps", f"An agent may be set to work {budgets.steps} times in a run; it was {usage.steps} times."
        )
    if usage.tokens > budgets.tokens:
        return _rule("tokens", f"A run may use {budgets.tokens:,} tokens; this one used {usage.tokens:,}.")
    if usage.cost > budgets.cost:
        return _rule("cost", f"A run may cost €{budgets.cost:,.2f}; this one cost €{usage.cost:,.2f}.")
    if usage.work_seconds > budgets.work_seconds:
        return _rule(
            "time", f"Agents and tools may work {budgets.work_seconds:,.0f} s; they took {usage.work_seconds:,.0f} s."
        )
    for call, count in usage.calls.items():
        if count > budgets.equal_calls:
            return _rule(
                "equal-calls",
                f"A call may be made {budgets.equal_calls} times; {call.rpartition(' ')[0]} was made {count} times.",
            )
    return None


def standing(budgets: Budgets, usage: Usage) -> tuple[Budget, ...]:
    """How much of each budget is used; of those that count per call or edge, the highest count with its name."""
    call = max(usage.calls, key=lambda one: usage.calls[one], default="")
    edge = max(usage.returns, key=lambda one: usage.returns[one], default="")
    return (
        Budget(name="steps", used=usage.steps, granted=budgets.steps),
        Budget(
            name="equal calls",
            used=usage.calls.get(call, 0),
            granted=budgets.equal_calls,
            most=call.rpartition(" ")[0],
        ),
        Budget(name="returns", used=usage.returns.get(edge, 0), granted=budgets.returns, most=edge),
        Budget(name="tokens", used=usage.tokens, granted=budgets.tokens),
        Budget(name="cost", used=round(usage.cost, 4), granted=budgets.cost),
        Budget(name="time", used=round(usage.work_seconds, 1), granted=budgets.work_seconds),
    )


def returns_passed(budgets: Budgets, usage: Usage, edge: str) -> Rule | None:
    """The budget of returns, where ``edge`` (two steps, in words) has passed it."""
    count = usage.returns.get(edge, 0)
    if count <= budgets.returns:
        return None
    text = f"Work may go back {budgets.returns} times; between {edge} it went back and forth {count} times."
    return _rule("returns", text)


def _rule(name: str, text: str) -> Rule:
    return Rule(f"budget-{name}", 1, text)
