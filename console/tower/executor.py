"""The executor: the only way to a tool that acts.

It checks grant, scope, argument schema, limits and the approvals by the worker's own plans and keys, acts under the
idempotency key in the tool's own transaction, and logs with secrets cut. A violation is never executed: it ends as a
typed failure.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3

from console.domain.canonical import Json
from console.domain.receipt import Effect
from console.domain.run import TrailEntry, TrailKind
from console.tower import business
from console.tower.authority import Authority
from console.tower.bounds import argument_errors, breaches, lease_of, redacted, resource_of
from console.tower.desk import ENTRY, Violation
from console.tower.messages import ExecuteCall, Executed
from console.tower.plan import ToolSpec
from console.tower.staff import ToolUse, Workplace
from console.verify.trust import Distrusted

logger = logging.getLogger(__name__)


async def execute(call: ExecuteCall, place: Workplace, authority: Authority, run_id: str) -> Executed:
    """Carry out one call, once, for the run that the server says is calling.

    Raises :class:`Violation` and whatever the tool raises.
    """
    spec, resource = _checked(call, place)
    try:
        await authority.check(call, place.plans[call.plan].plan, spec, run_id)
    except Distrusted as error:
        raise Violation(error.message) from error
    function = place.plans[call.plan].tools[call.tool]
    at = place.clock()

    def act(db: sqlite3.Connection) -> dict[str, Json]:
        use = ToolUse(
            db=db, data=place.data, seed=place.seed, arguments=call.arguments, at=at, effect_id=call.effect_id
        )
        return function(use)

    def once() -> tuple[Effect, bool]:
        return business.once(place.business, call, spec, resource, at, act, lease=lease_of(spec, call.arguments))

    try:
        effect, is_new = await asyncio.to_thread(once)
    except (business.TooMany, business.KeyReused) as error:
        raise Violation(str(error)) from error
    shown = redacted(spec, call.arguments)
    logger.info("%s %s on %s: %s", "did" if is_new else "had done", call.tool, resource, call.effect_id)
    checks: dict[str, Json] = {"grant": "ok", "scope": resource, "schema": "ok", "limits": "ok"}
    checks["approvals"] = len(call.evidence)
    did = f"{call.tool} on {resource}" + ("" if is_new else ", done before under the same key")
    data: dict[str, Json] = {"arguments": shown, "result": effect.result, "effect_id": effect.effect_id}
    data["decision_id"] = call.decision_id
    entries = (
        _entry(call, place, 1, TrailKind.GUARDRAIL, "Within grant, scope, schema and limits", checks),
        _entry(call, place, 2, TrailKind.EFFECT, did, data),
    )
    return Executed(trail=[ENTRY.dump_python(entry, mode="json") for entry in entries], effect=effect)


def _checked(call: ExecuteCall, place: Workplace) -> tuple[ToolSpec, str]:
    staffed = place.plans.get(call.plan)
    if staffed is None:
        raise Violation(f"This worker does not know plan {call.plan}.")
    try:
        spec, agent = staffed.plan.tool(call.tool), staffed.plan.agent(call.agent)
    except KeyError as error:
        raise Violation(f"The worker's plan {call.plan} does not know {error}.") from None
    if not spec.acts:
        raise Violation(f"{call.tool} is a lookup, not a tool that acts.")
    try:
        found = argument_errors(spec, call.arguments) or breaches(agent, spec, call.arguments, call.parameters)
        resource = resource_of(spec, call.arguments)
    except ValueError as error:
        raise Violation(str(error)) from None
    if found:
        raise Violation(" ".join(found))
    return spec, resource


def _entry(
    call: ExecuteCall, place: Workplace, number: int, kind: TrailKind, title: str, data: dict[str, Json]
) -> TrailEntry:
    return TrailEntry(
        entry_id=f"{call.effect_id}.{call.attempt}.{number}",
        at=place.clock(),
        kind=kind,
        title=title,
        step=call.step,
        agent=call.agent,
        attempt=call.attempt,
        data=data,
    )
