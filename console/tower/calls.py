"""What a run asks of its agents and of the executor, put together from the book. Pure.

Invariant: the same step at the same turn makes the same call, and the same idempotency key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.domain.escalation import Proposal
from console.tower.bounds import resource_of
from console.tower.messages import AgentCall, ExecuteCall, Proposed, RunNames

if TYPE_CHECKING:
    from console.tower.course import Course
    from console.tower.plan import Plan

MAX_SUMMARY = 500
DEFAULT_LIMIT = 60.0


def agent_call(course: Course, step_id: str) -> AgentCall:
    """What the step's agent is set to work with."""
    spec, state = course.state(step_id)
    caveats, questions = course.carried(step_id)
    facts = course.book.record.facts
    return AgentCall(
        run=RunNames(course.ref.run_id, course.ref.chain_id),
        plan=course.plan.name,
        step=step_id,
        agent=state.agent,
        occurrence=state.occurrence,
        attempt=state.failed_attempts + 1,
        time_limit=spec.time_limit or DEFAULT_LIMIT,
        parameters=course.start.parameters,
        state={key: facts[key].value for key in state.handed if key in facts},
        made_by={key: facts[key].by_step for key in state.handed if key in facts},
        caveats=caveats,
        open_questions=questions,
        note=state.note,
    )


def execute_call(course: Course, step_id: str) -> ExecuteCall:
    """What the executor is asked to do for the step."""
    spec, state = course.state(step_id)
    asked = state.proposals[state.turn]
    return ExecuteCall(
        run=RunNames(course.ref.run_id, course.ref.chain_id),
        plan=course.plan.name,
        step=step_id,
        agent=state.agent,
        attempt=state.failed_attempts + 1,
        effect_id=f"{course.ref.chain_id}/{step_id}/{state.occurrence}/{state.turn + 1}",
        tool=asked.tool,
        arguments=asked.arguments,
        parameters=course.start.parameters,
        decision_id=state.answering[-1] if state.answering else "",
        time_limit=spec.time_limit or DEFAULT_LIMIT,
        token=state.lease.token if state.lease is not None else 0,
        evidence=state.granted,
        initiator=course.start.started_by,
    )


def proposal(plan: Plan, proposed: Proposed) -> Proposal:
    """What an agent asks for, with what the plan knows of its tool."""
    tool = plan.tool(proposed.tool)
    try:
        resource = resource_of(tool, proposed.arguments)
    except ValueError:
        resource = ""  # the schema finds the missing argument, and then it is a violation
    return Proposal(
        tool=tool.name,
        arguments=proposed.arguments,
        resource=resource,
        summary=proposed.summary[:MAX_SUMMARY],
        changes=proposed.changes,
        is_reversible=tool.is_reversible,
        reversal=tool.reversal,
        schema=tool.schema,
        critical_name=proposed.critical_name,
    )
