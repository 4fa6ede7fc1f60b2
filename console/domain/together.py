"""Deciding alike items together: which may be, and how much friction the sum of them needs.

Invariant: nothing is easier together than alone. A critical item, one that needs several persons and one that asks for
more than yes or no are decided alone; the others need one step more than the gravest of them does by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from console.domain.escalation import Escalation, Kind, Verdict, Waiting
from console.domain.language import tr
from console.domain.risk import Friction, Risk
from console.domain.rules import EXECUTING, friction

MOST = 50
FITTING = (Verdict.APPROVE, Verdict.RETRY, Verdict.REJECT, Verdict.SKIP, Verdict.CANCEL)
ALONE = frozenset({Kind.CONFLICT, Kind.INTERVENTION, Kind.COMMAND})
AMOUNT, CURRENCY = "amount", "currency"
CODE = re.compile(r"[A-Za-z]{3}")
SIGN = re.compile(r"([€$£¥])\s?\d")


def are_alike(one: Waiting, other: Waiting) -> bool:
    """Whether two items ask the same of a person, of another run each."""
    return sort_of(one) == sort_of(other)


def sort_of(row: Waiting) -> tuple[object, ...]:
    """What items that are alike have in common."""
    native = row.key.native_id.rstrip("0123456789")
    return (row.key.run.server, row.workflow, row.agent, row.kind, row.risk, native)


def why_alone(item: Escalation) -> str:
    """Why an item is decided by itself; nothing where it may be decided with others."""
    if item.row.risk is Risk.CRITICAL:
        return tr("A critical item is decided alone.")
    if item.row.required_approvals > 1:
        return tr("It needs more than one person, each for themselves.")
    if item.row.kind in ALONE or not set(FITTING) & set(item.verdicts):
        return tr("It asks for more than yes or no.")
    return tr("Part of it could not be read: {problem}", problem=item.row.problem) if item.row.problem else ""


def friction_together(risks: Sequence[Risk], verdict: Verdict) -> Friction:
    """What a person has to do for one verdict on all of these: with ``TYPED_NAME`` they type how many there are."""
    alone = friction(max(risks), verdict)
    if len(risks) == 1:
        return alone
    most = Friction.TYPED_NAME if verdict in EXECUTING else Friction.REASON
    return min(Friction(alone + 1), most)


def amounts(items: Iterable[Escalation]) -> tuple[tuple[str, str, float], ...]:
    """The sums of what is named as amount, by tool and unit, where every proposal of that tool names a number.

    The unit is the currency that the proposal names, or the sign before the amounts in its words; empty where neither
    says one.
    """
    sums: dict[tuple[str, str], float] = {}
    unknown = set[str]()
    for item in items:
        if item.proposal is not None:
            found, tool = _number(item.proposal.arguments.get(AMOUNT)), item.proposal.tool
            if found is None:
                unknown.add(tool)
            else:
                place = (tool, _unit(item))
                sums[place] = sums.get(place, 0.0) + found
    return tuple((tool, unit, total) for (tool, unit), total in sums.items() if tool not in unknown)


def _unit(item: Escalation) -> str:
    named = item.proposal.arguments.get(CURRENCY) if item.proposal is not None else None
    if isinstance(named, str) and CODE.fullmatch(named.strip()):
        return named.strip().upper()
    signs = set(SIGN.findall(f"{item.row.title} {item.proposal.summary if item.proposal is not None else ''}"))
    return signs.pop() if len(signs) == 1 else ""


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) < float("inf") else None
