"""A plan: an explicit, checked graph of steps, as data that travels in a run's argument.

Invariant: what :func:`problems` returns nothing for can be run: every step has an agent, a time limit and a failure
policy, every gate somebody who may decide. A plan that changed never touches runs under way, which carry their own.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from console.domain.canonical import Json
from console.domain.escalation import Target, TargetKind
from console.domain.identity import Role
from console.domain.risk import Risk
from console.tower.policy import DECIDERS, Policy
from console.tower.schemas import schema_problems

_T = TypeVar("_T")


class Then(enum.StrEnum):
    """What follows when the attempts of a step are used up."""

    ESCALATE = "escalate"
    HALT = "halt"
    PROCEED = "proceed"


class OnReject(enum.StrEnum):
    """What follows when a person rejects a step's proposal."""

    HALT = "halt"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailurePolicy:
    """Attempts with back-off (seconds), then what. Attempts lost with a worker do not count."""

    attempts: int = 3
    first_wait: float = 1.0
    factor: float = 2.0
    longest_wait: float = 30.0
    then: Then = Then.ESCALATE

    def wait_after(self, attempts: int) -> float:
        """Seconds to wait after so many failed attempts."""
        return min(self.longest_wait, self.first_wait * self.factor ** (attempts - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSpec:
    """Who does steps. ``reads`` and ``writes`` are resource patterns; ``{name}`` in them is a parameter of the run."""

    name: str
    owner: str
    tools: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    alone_up_to: Risk = Risk.LOW


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """What a tool takes and touches. ``resource`` is a template over its arguments, ``amount`` a path into them.

    ``acts`` is false for lookups, which agents call themselves. ``most`` is the highest amount of one call (a decimal),
    ``per_hour`` the most calls in an hour; ``secret`` names arguments that logs and trails show only the end of.
    ``lease`` is a template like ``resource``: what only one run at a time may be about to touch; empty: any number may.
    """

    name: str
    resource: str
    schema: dict[str, Json]
    acts: bool = False
    is_reversible: bool = False
    reversal: str = ""
    amount: str = ""
    most: str = ""
    per_hour: int = 0
    secret: tuple[str, ...] = ()
    lease: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A planned place where a person decides, whatever the policy says.

    ``reject_after_minutes`` is how long after it fell due the run itself rejects what nobody decided; never, if None.
    """

    name: str
    roles: tuple[Role, ...] = DECIDERS
    approvals: int = 1
    reject_after_minutes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """What a run may use; passing one opens a ``stuck`` escalation that names it.

    ``steps`` counts agents set to work, ``equal_calls`` one tool with the same arguments, ``returns`` how often one
    step sends back to another, ``work_seconds`` the time in which agents and tools worked.
    """

    steps: int = 40
    equal_calls: int = 8
    returns: int = 3
    tokens: int = 200_000
    cost: float = 20.0
    work_seconds: float = 1_800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSpec:
    """One step: its agent reads ``reads`` of the state (all of it when empty) and may propose ``tools``.

    ``reroute`` and ``returns_to`` are where a person, or the step itself, may send the work; ``floor`` is the
    confidence below which a person is asked; ``result`` names the fact that holds what became of the proposals.
    """

    step_id: str
    title: str
    agent: str
    after: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    time_limit: float | None = None
    failure: FailurePolicy | None = None
    gate: Gate | None = None
    on_reject: OnReject = OnReject.HALT
    reroute: tuple[Target, ...] = ()
    returns_to: tuple[str, ...] = ()
    floor: float = 0.7
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The graph with everything that its steps refer to."""

    name: str
    version: int
    owner: str
    agents: tuple[AgentSpec, ...]
    tools: tuple[ToolSpec, ...]
    steps: tuple[StepSpec, ...]
    policy: Policy
    budgets: Budgets = field(default_factory=Budgets)

    def step(self, step_id: str) -> StepSpec:
        """The step of that id. Raises :class:`KeyError`."""
        return _named(self.steps, "step_id", step_id)

    def agent(self, name: str) -> AgentSpec:
        """The agent of that name. Raises :class:`KeyError`."""
        return _named(self.agents, "name", name)

    def tool(self, name: str) -> ToolSpec:
        """The tool of that name. Raises :class:`KeyError`."""
        return _named(self.tools, "name", name)

    def order(self) -> tuple[str, ...]:
        """The ids of the steps in a topological order. Raises :class:`graphlib.CycleError`."""
        return tuple(TopologicalSorter({s.step_id: s.after for s in self.steps}).static_order())

    def before(self, step_id: str) -> frozenset[str]:
        """The steps that lead to this one."""
        found: set[str] = set()
        todo = list(self.step(step_id).after)
        while todo:
            if (one := todo.pop()) not in found:
                found.add(one)
                todo.extend(self.step(one).after)
        return frozenset(found)

    def behind(self, step_id: str) -> tuple[str, ...]:
        """The steps that follow from this one, in order."""
        return tuple(one for one in self.order() if step_id in self.before(one))

    def between(self, target: str, step_id: str) -> tuple[str, ...]:
        """The steps that run again when ``step_id`` sends back to ``target``, both included, in order."""
        inner = self.before(step_id) & set(self.behind(target))
        return tuple(one for one in self.order() if one in inner | {target, step_id})


class PlanRefused(ValueError):
    """The plan cannot be run; ``problems`` says why, each in words."""

    def __init__(self, plan: str, problems: tuple[str, ...]) -> None:
        super().__init__(f"plan {plan!r} is refused: " + "; ".join(problems))
        self.problems = problems


def checked(plan: Plan, *, agents: Collection[str], tools: Collection[str]) -> Plan:
    """The plan, if the code at hand (names of ``agents`` and ``tools``) can run it. Raises :class:`PlanRefused`."""
    missing = [f"no code for agent {a.name}" for a in plan.agents if a.name not in agents]
    missing += [f"no code for tool {t.name}" for t in plan.tools if t.name not in tools]
    if found := (*problems(plan), *missing):
        raise PlanRefused(plan.name, found)
    return plan


def problems(plan: Plan) -> tuple[str, ...]:
    """Why a plan cannot be run; empty when it can."""
    ids = [step.step_id for step in plan.steps]
    found = [f"step {one} is there twice" for one in sorted({one for one in ids if ids.count(one) > 1})]
    found += [f"step {s.step_id} follows unknown step {a}" for s in plan.steps for a in s.after if a not in ids]
    found += [f"step id {one!r} must not hold a dot" for one in ids if "." in one or not one]
    if found:
        return tuple(found)
    try:
        plan.order()
    except CycleError as error:
        return (f"a cycle: {' → '.join(reversed(error.args[1]))}",)
    for step in plan.steps:
        found.extend(f"step {step.step_id}: {text}" for text in _step_problems(plan, step))
    found.extend(_tool_problems(plan))
    found.extend(_policy_problems(plan))
    return tuple(found)


def _step_problems(plan: Plan, step: StepSpec) -> Iterator[str]:
    if step.failure is None:
        yield "no failure policy"
    elif step.failure.attempts < 1:
        yield "its failure policy allows no attempt"
    if step.time_limit is None or step.time_limit <= 0:
        yield "no time limit"
    acting = {tool.name for tool in plan.tools if tool.acts}
    for tool in step.tools:
        if tool not in acting:
            yield f"{tool} is not a tool that acts"
    for name in (step.agent, *(t.target_id for t in step.reroute if t.kind is TargetKind.AGENT)):
        agent = next((one for one in plan.agents if one.name == name), None)
        if agent is None:
            yield f"unknown agent {name}"
            continue
        yield from (f"tool {tool} is outside the grant of {name}" for tool in step.tools if tool not in agent.tools)
    if step.gate is not None:
        yield from (f"gate {step.gate.name} {text}" for text in _gate_problems(step, step.gate))
    yield from _target_problems(plan, step)


def _gate_problems(step: StepSpec, gate: Gate) -> Iterator[str]:
    if not _can_decide(gate.roles, gate.approvals):
        yield "has nobody who may decide"
    if not step.tools:
        yield "has nothing to decide: the step proposes no tool"
    if gate.reject_after_minutes is not None and gate.reject_after_minutes < 0:
        yield "would expire before it is due"


def _target_problems(plan: Plan, step: StepSpec) -> Iterator[str]:
    for target in step.reroute:
        if target.kind not in {TargetKind.AGENT, TargetKind.STEP}:
            yield f"reroute to a {target.kind} is not possible"
    targets = [t.target_id for t in step.reroute if t.kind is TargetKind.STEP]
    earlier = plan.before(step.step_id)
    for target_id in (*targets, *step.returns_to):
        if target_id not in earlier:
            yield f"{target_id} is not before it, so work cannot be sent back there"
            continue
        for one in plan.between(target_id, step.step_id):
            # What has acted stays done: running it once more under another occurrence would do it twice.
            if one != step.step_id and plan.step(one).tools:
                yield f"sending back to {target_id} would run {one} again, which acts"


def _tool_problems(plan: Plan) -> Iterator[str]:
    for agent in plan.agents:
        for tool in agent.tools:
            if all(tool != known.name for known in plan.tools):
                yield f"agent {agent.name} is granted the unknown tool {tool}"
    for spec in plan.tools:
        yield from (f"tool {spec.name}: {text}" for text in schema_problems(spec.schema))
        if spec.lease and not spec.acts:
            yield f"tool {spec.name}: a lookup needs no lease"


def _policy_problems(plan: Plan) -> Iterator[str]:
    for clause in plan.policy.clauses:
        if clause.approvals and not _can_decide(clause.roles, clause.approvals):
            yield f"rule {clause.name} asks for approval, and nobody may give it"
    if min(plan.policy.due_minutes) <= 0 or plan.policy.grace_minutes <= 0:
        yield "a policy's times are more than 0 minutes"
    if plan.policy.overdue_to.kind not in {TargetKind.TEAM, TargetKind.PERSON}:
        yield "what falls due is handed to a team or a person"


def _can_decide(roles: tuple[Role, ...], approvals: int) -> bool:
    return approvals > 0 and any(role is not Role.VIEWER for role in roles)


def _named(items: tuple[_T, ...], attribute: str, name: str) -> _T:
    for item in items:
        if getattr(item, attribute) == name:
            return item
    raise KeyError(name)
