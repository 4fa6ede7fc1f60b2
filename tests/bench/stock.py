"""What benchmarks work on: a profile whose store holds ten thousand items, and a scripted engine that tells as many.

Deterministic. Items are like those of a busy desk of refunds: each its own run, with a proposal, a rule and a due time
far away, so that the order does not change while somebody measures.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from console.domain.escalation import Change, EscalationKey, Kind, Proposal, Rule, Waiting
from console.domain.risk import Risk
from console.domain.run import RunRef
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from console.infra.paths import Paths
from console.store.records import StoredConnection
from console.store.store import Store

ITEMS = 10_000
NAMES = ("ACME GmbH", "Lena Brandt", "Nordlicht AG", "Olivetti & Figli", "Miriam Haddad", "Kowalski Sp. z o.o.")
RULE = Rule("refund-limit", 3, "Refunds above €50 are looked at by a person.")
RISKS = (Risk.LOW, Risk.MEDIUM, Risk.HIGH, Risk.CRITICAL)
# A port on which nothing listens: the profile's engine is away, as after a night with the network down.
CLOSED = "127.0.0.1:9"


def profile(folder: Path) -> Paths:
    """A profile below a folder, its folders made."""
    where = Paths("bench", folder / "data", folder / "logs", folder / "run")
    where.make()
    return where


def fill(where: Paths, count: int = ITEMS) -> None:
    """Write a store with one connection, whose engine is away, and ``count`` rows of all risks."""
    store = Store(where.database)
    now = datetime.now(UTC)
    address: dict[str, str | bool | int | None] = {"address": CLOSED, "namespace": "default"}
    tower = StoredConnection(connection_id="tower", name="tower", kind="temporal", settings=address)
    store.connections.put(tower, now)
    store.connections.saw("tower", "temporal:cluster:space", now)
    store.inbox.put("tower", [row(number, now, RISKS[number % 4]) for number in range(count)], now)
    store.close()


def row(number: int, now: datetime, risk: Risk) -> Waiting:
    """The row of one item."""
    return Waiting(
        key=EscalationKey(RunRef("temporal:cluster:space", f"refund-{number:06d}", f"chain-{number}"), "gate", 1),
        kind=Kind.CHECKPOINT,
        title=f"Refund €{_amount(number)} to {NAMES[number % len(NAMES)]}",
        workflow="customer-refund",
        agent="refund-agent",
        risk=risk,
        opened_at=now - timedelta(minutes=number % 600),
        due_at=now + timedelta(hours=4, minutes=number % 600),
        digest=f"{number:064x}",
        business_key=f"order {number}",
    )


def server(count: int = ITEMS) -> FakeServer:
    """A scripted engine in which ``count`` items of low risk wait."""
    made = FakeServer("bench")
    made.open_many(count, opening)
    return made


def opening(number: int) -> Opening:
    """One item of low risk, as the scripted engine opens it."""
    amount = _amount(number)
    return Opening(
        title=f"Refund €{amount} to {NAMES[number % len(NAMES)]}",
        agent="refund-agent",
        proposal=Proposal(
            tool="payments.refund",
            arguments={"order": f"{number}", "amount": amount, "currency": "EUR", "reason": "damaged on arrival"},
            resource=f"orders/{number}",
            summary=f"Sends €{amount} back to the card that paid.",
            changes=(Change("Balance", f"€{amount}", "€0.00"), Change("State", "paid", "refunded")),
            is_reversible=True,
            reversal="Charge it again.",
            schema={"type": "object", "properties": {"amount": {"type": "string"}}},
        ),
        rule=RULE,
        confidence=0.93,
        caveats=("The parcel was not returned yet.",),
        due_in=timedelta(hours=4, minutes=number % 600),
    )


def _amount(number: int) -> str:
    return f"{random.Random(number).randint(5_000, 90_000) / 100:.2f}"  # noqa: S311 - amounts, no secrets
