"""Gates by consequence: risk as a function of tool, arguments, reversibility and amount, by a policy that is data.

Invariant: the same arguments weigh the same wherever they are weighed, in the run and before the effect; what no clause
covers is high and waits for a supervisor. Amounts are decimal strings, never binary fractions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase

from console.domain.canonical import Json
from console.domain.escalation import Rule, Target, TargetKind
from console.domain.identity import Role
from console.domain.risk import Risk

DECIDERS = (Role.OPERATOR, Role.SUPERVISOR)
SUPERVISORS = Target(TargetKind.TEAM, "supervisors", "the supervisors")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One line of a policy: a tool (pattern), above an amount, weighs ``risk`` and needs ``approvals`` of ``roles``.

    ``over`` is a decimal; empty where the amount does not matter. ``text`` may name ``{amount}`` and ``{over}``.
    ``is_for_final`` restricts the clause to what cannot be undone.
    """

    name: str
    tool: str
    risk: Risk
    approvals: int
    text: str
    version: int = 1
    over: str = ""
    is_for_final: bool = False
    roles: tuple[Role, ...] = DECIDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Clauses, and in how many minutes an item is due, from low to critical.

    An item that falls due undecided is handed to ``overdue_to``, a team or a named person. A deadline that passed more
    than ``grace_minutes`` before a worker noticed does not count: nobody could decide meanwhile.
    """

    clauses: tuple[Clause, ...]
    due_minutes: tuple[float, float, float, float] = (480, 120, 45, 20)
    overdue_to: Target = SUPERVISORS
    grace_minutes: float = 10

    def due_at(self, risk: Risk, opened_at: datetime) -> datetime:
        """When an item of this risk should have been decided; nothing happens by itself then."""
        return opened_at + timedelta(minutes=self.due_minutes[int(risk) - 1])


@dataclass(frozen=True, slots=True)
class Weight:
    """What a proposal weighs: nobody is asked where ``approvals`` is 0."""

    risk: Risk
    approvals: int
    roles: tuple[Role, ...]
    rule: Rule


UNCOVERED = Clause(
    name="not-covered",
    tool="*",
    risk=Risk.HIGH,
    approvals=1,
    text="No rule of this plan covers the tool, so a supervisor decides.",
    roles=(Role.SUPERVISOR,),
)


def weigh(
    policy: Policy,
    tool: str,
    amount: Decimal | None,
    *,
    is_reversible: bool,
    alone_up_to: Risk,
) -> Weight:
    """The heaviest clause that applies. ``alone_up_to`` is what the proposing agent may do without being asked."""
    tripped = [c for c in policy.clauses if _applies(c, tool, amount, is_reversible=is_reversible)]
    clause = max(tripped or [UNCOVERED], key=lambda c: (c.risk, c.approvals))
    text = clause.text.format(amount=euros(amount or Decimal(0)), over=euros(Decimal(clause.over or 0)))
    approvals = clause.approvals
    if approvals == 0 and clause.risk > alone_up_to:
        approvals = 1
        text += f" The agent may act alone up to {alone_up_to.word} risk; this is {clause.risk.word}."
    return Weight(clause.risk, approvals, clause.roles, Rule(clause.name, clause.version, text))


def amount_of(path: str, arguments: dict[str, Json]) -> Decimal | None:
    """The amount at stake: the sum of the absolute decimals at ``path`` (``amount`` or ``entries.*.amount``).

    ``None`` where the tool has no amount. Raises :class:`ValueError` for what is not a finite decimal.
    """
    if not path:
        return None
    return sum((_decimal(value) for value in _at(arguments, path.split("."))), Decimal(0))


def euros(amount: Decimal) -> str:
    """An amount as people read it: ``€4,200.00``, with a minus sign before it where it is one."""
    return f"{'−' if amount < 0 else ''}€{abs(amount):,.2f}"


def _applies(clause: Clause, tool: str, amount: Decimal | None, *, is_reversible: bool) -> bool:
    if not fnmatchcase(tool, clause.tool) or (clause.is_for_final and is_reversible):
        return False
    return not clause.over or (amount or Decimal(0)) > Decimal(clause.over)


def _decimal(value: Json) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"not an amount: {str(value)[:40]!r}") from None
    if not amount.is_finite():
        raise ValueError(f"not an amount: {value!r}")
    return abs(amount)


def _at(value: Json, path: list[str]) -> Iterator[Json]:
    if not path:
        yield value
    elif path[0] == "*" and isinstance(value, list):
        for item in value:
            yield from _at(item, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from _at(value[path[0]], path[1:])
