"""Plans with the code that staffs them: which function is an agent, which one is a tool.

Invariant: what :func:`load` returns can be run: every plan is checked against its code, and fails as
:class:`~console.tower.plan.PlanRefused` before anything starts.
"""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from console.domain.canonical import Json
from console.domain.escalation import Change
from console.tower.messages import Proposed, Question
from console.tower.plan import Plan, PlanRefused, checked

if TYPE_CHECKING:
    from console.tower.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUse:
    """What a tool is given: a connection (for those that act, inside the transaction), and the source data."""

    db: sqlite3.Connection
    data: Path
    seed: int
    arguments: Mapping[str, Json]
    at: datetime
    effect_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an agent's code returns; the desk adds the trail, what was read and what it cost."""

    patch: Mapping[str, Json] | None = None
    proposals: tuple[Proposed, ...] = ()
    question: Question | None = None
    back_to: str = ""
    confidence: float | None = None
    caveats: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()


AgentFunction = Callable[["Desk"], Awaitable[Report]]
ToolFunction = Callable[[ToolUse], dict[str, Json]]


Preview = Callable[[str, dict[str, Json], Mapping[str, Json]], tuple[Change, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What a language model is told to do as an agent, and what the plan's own code says about its proposals.

    ``changes`` works out what a proposal changes, from its tool, its arguments and the state; ``named_by`` is the
    argument that a person types where the risk is critical.
    """

    instructions: str
    changes: Preview
    named_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffedPlan:
    """A plan and the code for its agents and tools, by name; ``briefs`` are of agents that a model may think for."""

    plan: Plan
    agents: Mapping[str, AgentFunction]
    tools: Mapping[str, ToolFunction]
    briefs: Mapping[str, Brief] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """Where work is done: the plans at hand, the business database and the folder of source data."""

    plans: Mapping[str, StaffedPlan]
    business: Path
    data: Path
    seed: int
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


def load(modules: Iterable[str]) -> dict[str, StaffedPlan]:
    """The plans of some modules, by name; each module has ``STAFFED``, a tuple of them. Raises ``PlanRefused``."""
    found: dict[str, StaffedPlan] = {}
    for module in modules:
        for staffed in importlib.import_module(module).STAFFED:
            checked(staffed.plan, agents=staffed.agents, tools=staffed.tools)
            if staffed.plan.name in found:
                raise PlanRefused(staffed.plan.name, ("two plans have this name",))
            found[staffed.plan.name] = staffed
    return found
