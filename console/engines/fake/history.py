"""What lies behind the refund of the pictures: its trail, hand-offs and grants, and how cases like it ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from console.domain.escalation import EscalationKey, Verdict
from console.domain.risk import Risk
from console.domain.run import Access, HandOff, RunStatus, TrailEntry, TrailKind
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer

MINUTE = timedelta(minutes=1)
CAVEAT = "3-D Secure result of the second capture was not read."
# Of so many cases one was rejected and one edited; the run of one failed.
CYCLE, REJECTED, EDITED, FAILED = 11, 3, 7, 4
CUSTOMERS = ("Norda AG", "Hellweg KG", "Ilse Moor", "Lena Brandt", "Globex BV", "Fjord AS", "Sara Weiss")


def furnish(server: FakeServer, key: EscalationKey) -> None:
    """Give the run of an item a trail, a hand-off with a caveat, and what its agent may do."""
    now = datetime.now(UTC)
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
