"""Access as rows of a table: what each step's agent may do, and what it did. Pure, so that it is tested as data.

Invariant: what is granted and what was done stand beside each other and are never mixed; what the run could not keep is
counted in the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from console.domain.display import one_line
from console.domain.language import tr
from console.domain.run import Access, Breach, Budget, Step, Touch
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, data, plain, quiet, strong
from console.screens.run.hand_offs import told_apart
from console.screens.run.values import brief

NAME_LIMIT = 120
WHY_LIMIT = 500
NEAR = 0.8
HEADINGS = (tr("Step"), tr("Agent and owner"), tr("Granted"), tr("Read"), tr("Written"))
NOTHING = (quiet(tr("nothing")),)
BUDGET_WORDS = {"time": tr("Working time"), "cost": tr("Cost"), "tokens": tr("Tokens")}
Cell = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One agent at one step; a cell for each heading."""

    row_id: str
    step_id: str
    cells: tuple[Cell, ...]
    breaches: tuple[Cell, ...] = ()

    @property
    def said(self) -> str:
        """All of it, for a screen reader and for copying."""
        told = [f"{head}: {_line(cell)}" for head, cell in zip(HEADINGS, self.cells, strict=True)]
        return ". ".join((*told, *(_line(breach) for breach in self.breaches)))


@dataclass(frozen=True, slots=True)
class BudgetGauge:
    """One budget in words, with the share that is used."""

    name: str
    told: str
    most: str
    share: float
    tone: Tone


def access_rows(access: Iterable[Access], steps: Sequence[Step]) -> tuple[AccessRow, ...]:
    """The rows, in the order of the steps."""
    titles = {step.step_id: step.title for step in steps}
    listed = tuple(access)
    row_ids = told_apart(f"{one.step_id}.{one.agent}" for one in listed)
    return tuple(_row(row_id, one, titles.get(one.step_id, "")) for row_id, one in zip(row_ids, listed, strict=True))


def breach_count(access: Iterable[Access]) -> int:
    """How often something was refused."""
    return sum(len(one.breaches) for one in access)


def budget_gauges(budgets: Iterable[Budget]) -> tuple[BudgetGauge, ...]:
    """The budgets in words."""
    return tuple(_gauge(budget) for budget in budgets)


def _row(row_id: str, one: Access, title: str) -> AccessRow:
    name = brief(title or one.step_id, NAME_LIMIT)
    before: Cell = () if one.is_now else (quiet(tr("\nbefore it was rerouted")),)
    more: Cell = (quiet(tr("\n{left_out:,} more touches not kept", left_out=one.left_out)),) if one.left_out else ()
    agent: Cell = (Span(brief(one.agent, NAME_LIMIT)), quiet(f"\n{brief(one.owner, NAME_LIMIT)}" if one.owner else ""))
    return AccessRow(
        row_id=row_id,
        step_id=one.step_id,
        cells=((strong(name), *before, *more), agent, _granted(one), _touched(one.read), _touched(one.written)),
        breaches=tuple(_breach(breach) for breach in one.breaches),
    )


def _granted(one: Access) -> Cell:
    lines: list[Cell] = [
        (quiet(f"{word} "), data(brief(name, NAME_LIMIT)))
        for word, names in ((tr("reads"), one.reads), (tr("writes"), one.writes), (tr("tool"), one.tools))
        for name in names
    ]
    if one.alone_up_to is not None:
        lines.append((quiet(tr("alone up to {alone_up_to} risk", alone_up_to=tr(one.alone_up_to.word))),))
    return _lines(lines) or NOTHING


def _touched(touches: Sequence[Touch]) -> Cell:
    lines: list[Cell] = [
        (data(brief(one.resource, NAME_LIMIT)), quiet(f" ×{one.times:,}" if one.times > 1 else "")) for one in touches
    ]
    return _lines(lines) or NOTHING


def _breach(breach: Breach) -> Cell:
    what = brief(breach.tool, NAME_LIMIT)
    asked = (data(what), Span("  ")) if what else ()
    return (strong(tr("Refused  "), Tone.CRITICAL), *asked, Span(one_line(breach.why[:WHY_LIMIT])))


def _lines(lines: Sequence[Cell]) -> Cell:
    joined = tuple(span for line in lines for span in (Span("\n"), *line))
    return tuple(span for span in joined[1:] if span.text)


def _line(cell: Cell) -> str:
    return plain(cell).replace("\n", ", ").strip()


def _gauge(budget: Budget) -> BudgetGauge:
    share = budget.used / budget.granted if budget.granted > 0 else 1.0
    tone = Tone.HIGH if share >= 1 else Tone.MEDIUM if share >= NEAR else Tone.LOW
    name = BUDGET_WORDS.get(budget.name, brief(budget.name, NAME_LIMIT).capitalize())
    used, granted = _amount(budget, budget.used), _amount(budget, budget.granted)
    return BudgetGauge(
        name,
        tr("{used} of {granted}", used=used, granted=granted),
        brief(budget.most, NAME_LIMIT),
        min(1.0, max(0.0, share)),
        tone,
    )


def _amount(budget: Budget, number: float) -> str:
    if budget.name == "time":
        return tr("{number:,.0f} s", number=number)
    if budget.name == "cost":
        return f"{number:,.2f}"
    return f"{number:,.0f}"
