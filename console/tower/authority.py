"""A worker's own word on who may decide: the registry read live and checked from the root key in its configuration.

Invariant: nothing in a workflow's arguments is trusted: keys come from the registry, risk and approvals from the
worker's own plans. What cannot be checked does not count; where the registry cannot be read, nobody decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from console.domain.errors import RefusalCode
from console.domain.escalation import TargetKind
from console.domain.identity import Person
from console.domain.registry import RegistryEntry
from console.domain.rules import EXECUTING
from console.tower.messages import AdmitCall, AuthoriseCall, Authorised, ExecuteCall
from console.tower.openings import deciders
from console.tower.plan import Plan, StepSpec, ToolSpec
from console.tower.policy import amount_of, weigh
from console.verify.decisions import Demand, check_evidence, is_in_time, signer_of
from console.verify.registry import Registry, admitted, read_registry
from console.verify.trust import Distrusted

ReadEntries = Callable[[int], Awaitable[list[RegistryEntry]]]
MOST_SKEW = timedelta(minutes=5)


class Authority:
    """Who may decide on one namespace, for one worker.

    ``read`` gives the registry's entries after so many; ``root`` is the raw public key that its log begins with.
    """

    def __init__(
        self, read: ReadEntries, root: bytes, server: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.server = server
        self._read = read
        self._clock = clock
        self._registry = Registry(root=root, server=server)
        self._turn = asyncio.Lock()
        self._begun = self._fresh = 0

    async def registry(self) -> Registry:
        """The keys as of now. Raises what reading raises, and :class:`Distrusted` for a log that proves nothing.

        All who ask while one read is under way share the next one: a slow registry must not be asked once for each.
        """
        asked = self._begun
        async with self._turn:
            if self._fresh <= asked:
                self._begun += 1
                self._registry = _grown(self._registry, await self._read(self._registry.length))
                self._fresh = self._begun
            return self._registry

    def admit(self, call: AdmitCall) -> str:
        """What stands against an entry; nothing where the log may go on with it."""
        empty = Registry(root=self._registry.root, server=self.server)
        try:
            _grown(read_registry(empty.root, empty.server, call.entries), [call.entry])
        except Distrusted as error:
            return error.message
        if abs(call.entry.at - self._clock()) > MOST_SKEW:
            minutes = MOST_SKEW // timedelta(minutes=1)
            return f"The entry was not made now: its clock is more than {minutes} minutes from the tower’s."
        return ""

    async def authorise(self, call: AuthoriseCall) -> Authorised:
        """Whom a decision is from; a refusal where it does not count. Raises what reading raises."""
        try:
            return Authorised(by=_signer(await self.registry(), call, self._clock()))
        except Distrusted as error:
            return Authorised(by=None, code=error.code, message=error.message)

    async def check(self, call: ExecuteCall, plan: Plan, spec: ToolSpec, run_id: str) -> None:
        """Check the approvals of a call against keys and policy once more, right before the effect.

        ``run_id`` is the run that the server says is calling. Raises :class:`Distrusted`.
        """
        step = next((one for one in plan.steps if one.step_id == call.step), None)
        if step is not None and call.agent not in _agents(step):
            raise Distrusted(f"{call.agent} is not planned for step {call.step}.", code=RefusalCode.NOT_ALLOWED)
        demand = _demand(call, plan, spec, self.server, run_id)
        if demand.approvals:
            check_evidence(await self.registry(), demand, call.evidence)


def _signer(registry: Registry, call: AuthoriseCall, at: datetime) -> Person:
    """The person a decision counts as. Raises :class:`Distrusted`."""
    decision = call.decision
    signer = signer_of(registry, decision)
    if not is_in_time(decision, at):
        raise Distrusted("The decision was valid until a time that has passed.", code=RefusalCode.EXPIRED)
    if decision.verdict in EXECUTING:
        name = signer.person.name
        if call.initiator == signer.person.person_id:
            raise Distrusted(f"{name} asked for this; another person has to approve it.", code=RefusalCode.DUTIES)
        before = [registry.keys[key] for key in call.approved_by if key in registry.keys]
        if any(registry.is_same_person(signer, one) for one in before):
            text = f"{name} has approved this already; it needs another person."
            raise Distrusted(text, code=RefusalCode.DUTIES)
    return signer.person


def _demand(call: ExecuteCall, plan: Plan, spec: ToolSpec, server: str, run_id: str) -> Demand:
    """What the worker's own policy asks for before this call."""
    amount = amount_of(spec.amount, call.arguments)
    alone = plan.agent(call.agent).alone_up_to
    weight = weigh(plan.policy, spec.name, amount, is_reversible=spec.is_reversible, alone_up_to=alone)
    gate = next((one.gate for one in plan.steps if one.step_id == call.step), None)
    return Demand(
        server=server,
        run_id=run_id,
        step=call.step,
        tool=call.tool,
        arguments=call.arguments,
        approvals=max(weight.approvals, gate.approvals if gate else 0),
        roles=deciders(weight, gate),
        initiator=call.initiator,
    )


def _agents(step: StepSpec) -> set[str]:
    return {step.agent, *(target.target_id for target in step.reroute if target.kind is TargetKind.AGENT)}


def _grown(registry: Registry, entries: list[RegistryEntry]) -> Registry:
    for entry in entries:
        registry = admitted(registry, entry)
    return registry
