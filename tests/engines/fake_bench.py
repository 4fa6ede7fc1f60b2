"""The scripted engine on the bench: two connections to one server in memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from console.domain.canonical import Json
from console.domain.escalation import EscalationKey, Kind, Proposal, Side, Target, TargetKind, Verdict
from console.domain.risk import Risk
from console.domain.run import Fact, RunRef, Step, TrailEntry, TrailKind
from console.engines.fake.engine import FakeEngine
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from tests.engines.conformance import Arrival, Ask

REFUND = Proposal(
    tool="ledger.refund",
    arguments={"order": "4711", "amount": 240},
    resource="order/4711",
    summary="Refund €240",
    schema={"type": "object"},
)
OTHER_AGENT = Target(TargetKind.AGENT, "second-line", "Second line")
MORNING = datetime(2026, 11, 21, 8, tzinfo=UTC)


def opening(ask: Ask) -> Opening:
    """What the script opens so that the asked verdict is offered."""
    if ask.verdict is Verdict.ANSWER:
        return Opening(kind=Kind.QUESTION, question="Which cost centre?", risk=ask.risk, verdicts=(Verdict.ANSWER,))
    if ask.verdict in {Verdict.RETRY, Verdict.SKIP}:
        verdicts = (Verdict.RETRY, Verdict.SKIP, Verdict.REROUTE, Verdict.CANCEL)
        return Opening(kind=Kind.FAILURE, failure="LedgerLocked", risk=ask.risk, verdicts=verdicts)
    return Opening(proposal=REFUND, risk=ask.risk, required_approvals=ask.required_approvals, targets=(OTHER_AGENT,))


def payload_for(verdict: Verdict) -> dict[str, Json]:
    """What a sound decision on :func:`opening` has to say."""
    if verdict is Verdict.EDIT:
        return {"arguments": {"order": "4711", "amount": 200}}
    if verdict is Verdict.ANSWER:
        return {"answer": "4400"}
    if verdict is Verdict.REROUTE:
        return {"to": {"kind": "agent", "id": "second-line"}}
    return {}


class FakeBench:
    """A server in memory, ``make`` building each of its two connections."""

    def __init__(self, make: Callable[[FakeServer], FakeEngine] | None = None) -> None:
        build = make or (lambda server: FakeEngine(server, page_size=3, quiet_every=0.05))
        self.server = FakeServer()
        self.desk = build(self.server)
        self.other_desk = FakeEngine(self.server)
        self.patience = 2.0

    async def open(self, ask: Ask) -> EscalationKey:
        ref = self.server.start_run()
        self._furnish(ref)
        self.server.offer_commands(ref)
        return self.server.open(ref, opening(ask))

    async def contend(self) -> EscalationKey:
        refs = [self.server.start_run() for _ in range(2)]
        for ref in refs:
            self.server.open(ref, opening(Ask()))
        sides = tuple(
            Side(
                run=ref,
                title="Refund €240",
                workflow="refund",
                agent="refunds",
                owner="Finance",
                step="refund",
                proposal=REFUND,
                at=MORNING,
                risk=Risk.MEDIUM,
            )
            for ref in refs
        )
        conflict = Opening(kind=Kind.CONFLICT, question="Which goes first?", verdicts=(Verdict.ANSWER,), sides=sides)
        return self.server.open(self.server.start_run(), conflict)

    async def change(self, key: EscalationKey) -> EscalationKey:
        self.server.change(key, amount=999)
        return key

    async def reopen(self, key: EscalationKey) -> EscalationKey:
        return self.server.reopen(key)

    async def payload(self, _key: EscalationKey, verdict: Verdict, /) -> dict[str, Json]:
        return payload_for(verdict)

    async def lose_next_reply(self) -> None:
        self.server.lose_next_reply()

    async def lose_next_request(self) -> None:
        self.server.lose_next_request()

    async def mend(self) -> None:
        self.server.come_back()

    async def go_away(self) -> None:
        self.server.go_away()

    async def restart(self) -> None:
        self.server.go_away()
        self.server.come_back()

    async def finish(self, key: EscalationKey) -> None:
        self.server.finish_run(key.run)

    async def arrivals(self, key: EscalationKey) -> list[Arrival]:
        return [
            Arrival(decision_id=came.decision_id, verdict=came.verdict, payload=came.payload)
            for came in self.server.arrived
            if came.key == key
        ]

    async def applied(self, key: EscalationKey) -> list[Arrival]:
        return [
            Arrival(
                decision_id=done.decision_id,
                verdict=done.verdict,
                payload=dict(done.payload),
                arguments=dict(done.arguments) or None,
            )
            for done in self.server.applied(key)
        ]

    def _furnish(self, ref: RunRef) -> None:
        steps = [Step(step_id="read", title="Read"), Step(step_id="refund", title="Refund", after=("read",))]
        self.server.set_steps(ref, steps)
        self.server.set_state(ref, [Fact("amount", 240)])
        for number in range(7):
            at = MORNING + timedelta(seconds=number)
            entry = TrailEntry(entry_id=f"{number:04d}", at=at, kind=TrailKind.NOTE, title=f"Entry {number}")
            self.server.add_trail(ref, dataclasses.replace(entry, step="read"))
