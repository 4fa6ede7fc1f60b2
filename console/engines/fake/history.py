"""What lies behind the refund of the pictures: its trail, hand-offs and grants, and how cases like it ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from console.domain.canonical import Json
from console.domain.escalation import EscalationKey, Verdict
from console.domain.risk import Risk
from console.domain.run import (
    Access,
    Fact,
    HandOff,
    RunRef,
    RunStatus,
    Standing,
    Step,
    StepStatus,
    TrailEntry,
    TrailKind,
)
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer

MINUTE = timedelta(minutes=1)
CAVEAT = "3-D Secure result of the second capture was not read."
# Of so many cases one was rejected and one edited; the run of one failed.
CYCLE, REJECTED, EDITED, FAILED = 11, 3, 7, 4
CUSTOMERS = ("Norda AG", "Hellweg KG", "Ilse Moor", "Lena Brandt", "Globex BV", "Fjord AS", "Sara Weiss")


def plan(server: FakeServer, ref: RunRef, now: datetime) -> None:
    """Give a run its steps, some done and one at its gate, and two revisions of its state."""
    began, looked, asked = (now - minutes * MINUTE for minutes in (6, 5, 4))
    over = {"status": StepStatus.DONE}
    server.set_steps(
        ref,
        [
            _step("triage", "Triage", "support-agent", **over, started_at=began, ended_at=looked),
            _step(
                "payment-lookup",
                "Payment lookup",
                "payment-agent",
                "triage",
                **over,
                attempts=2,
                started_at=looked,
                ended_at=asked,
            ),
            _step(
                "refund",
                "Refund",
                "refund-agent",
                "payment-lookup",
                status=StepStatus.GATE,
                has_gate=True,
                started_at=asked,
                confidence=0.82,
            ),
            _step("notify-customer", "Notify customer", "support-agent", "refund"),
            _step("close-ticket", "Close ticket", "support-agent", "notify-customer"),
            _step("manual-review", "Manual review", "", "payment-lookup", status=StepStatus.NOT_TAKEN),
        ],
    )
    order: dict[str, Json] = {"id": "4711", "customer": "ACME GmbH", "total": "4200.00"}
    server.set_state(ref, [Fact("order", order, by_step="triage")])
    captures: list[Json] = [{"id": "cap-1", "amount": "4200.00"}, {"id": "cap-2", "amount": "4200.00"}]
    server.set_state(
        ref,
        [
            Fact("order", order, by_step="triage"),
            Fact("captures", captures, by_step="payment-lookup"),
            Fact("3-D Secure", None, Standing.UNCERTAIN, by_step="payment-lookup"),
            Fact("refund", "4200.00", Standing.PENDING, by_step="refund"),
        ],
    )


def _step(step_id: str, title: str, agent: str, *after: str, **parts: Any) -> Step:  # noqa: ANN401 - its fields
    return Step(step_id=step_id, title=title, agent=agent, after=after, **parts)


def furnish(server: FakeServer, key: EscalationKey) -> None:
    """Give the run of an item steps, a state, a trail, a hand-off with a caveat, and what its agent may do."""
    now = datetime.now(UTC)
    plan(server, key.run, now)
    chatter = [
        TrailEntry(
            entry_id=f"{number:04d}",
            at=now - 6 * MINUTE + timedelta(seconds=number),
            kind=(TrailKind.PROMPT, TrailKind.RESPONSE, TrailKind.NOTE)[number % 3],
            title=f"Said by itself, {number}",
        )
        for number in range(34)
    ]
    server.add_trail(key.run, *chatter, *server.escalation(key).led_here)
    moved = HandOff(
        from_step="payment-lookup",
        to_step="refund",
        size=3_100,
        keys=("captures",),
        used=("captures",),
        caveats=(CAVEAT,),
        at=now - 5 * MINUTE,
        agent="refund-agent",
    )
    server.add_hand_off(key.run, moved)
    server.add_access(
        key.run,
        Access(
            step_id="refund",
            agent="refund-agent",
            owner="Priya Nair, Payments",
            tools=("payments.refund",),
            writes=("orders/*/refunds",),
            alone_up_to=Risk.LOW,
        ),
    )


def decided_before(server: FakeServer, opening: Opening, count: int = 46) -> None:
    """Runs that are over, in which a person decided the same kind of case: most let through, and most ended well."""
    clock = server.clock
    start = datetime.now(UTC) - timedelta(days=80)
    for number in range(count):
        at = start + number * timedelta(days=1)
        server.clock = lambda at=at: at  # type: ignore[misc]
        customer, amount = CUSTOMERS[number % len(CUSTOMERS)], 1_120 + 370 * (number % 11)
        ref = server.start_run(workflow="refunds")
        asked = replace(opening, title=f"Refund €{amount:,}.00 to {customer}")
        key = server.open(ref, asked, f"{opening.step}-approval")
        server.effect_error = "paid twice" if number == count - 2 else ""
        verdict, payload = Verdict.APPROVE, {}
        if number % CYCLE == REJECTED:
            verdict = Verdict.REJECT
        elif number % CYCLE == EDITED and opening.proposal is not None:
            verdict, payload = Verdict.EDIT, {"arguments": {**opening.proposal.arguments, "amount": 100}}
        server.decide_elsewhere(key, verdict, payload)
        server.finish_run(ref, RunStatus.FAILED if number == FAILED else RunStatus.COMPLETED)
    server.effect_error, server.clock = "", clock
