"""Runs on two scripted engines, as many-coloured as those in the design's picture."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

from console.domain.escalation import EscalationKey, Kind, Target, TargetKind, Verdict
from console.domain.identity import Role
from console.domain.risk import Risk
from console.domain.run import RunRef, RunStatus
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer

LOCKED = "LedgerLocked: period 2026-10 of DE{number:02d} is locked until 10:{number:02d}"
BUSY = "HTTP 429 from psp, 5 attempts, request psp-{number:05d}"
OTHERS = (
    Target(TargetKind.AGENT, "second-clerk", "The second clerk"),
    Target(TargetKind.TEAM, "ap", "Accounts payable"),
)
STICKY = (Verdict.RETRY, Verdict.REROUTE, Verdict.SKIP, Verdict.CANCEL)
UNSTICKERS = (Role.OPERATOR, Role.RESPONDER, Role.SUPERVISOR)


class RunsScene:
    """Two servers with runs on them. Moments are minutes before now."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.moment = self.now
        self.tower = FakeServer("tower-eu", clock=lambda: self.moment)
        self.support = FakeServer("langgraph-cs", clock=lambda: self.moment)

    def at(self, minutes: float) -> None:
        """Let what follows happen so many minutes ago."""
        self.moment = self.now - timedelta(minutes=minutes)

    def start(self, server: FakeServer, workflow: str, key: str, minutes: float, title: str = "") -> RunRef:
        """Start a run so many minutes ago."""
        self.at(minutes)
        return server.start_run(workflow=workflow, business_key=key, title=title or f"{workflow}, {key}")

    def fail(
        self, ref: RunRef, message: str, minutes: float, *, step: str = "post-entries", risk: Risk = Risk.MEDIUM
    ) -> EscalationKey:
        """Let a step of a run give up so many minutes ago."""
        self.at(minutes)
        server = self.tower if ref.server == self.tower.identity else self.support
        opening = Opening(
            title=f"{step} failed 3 times",
            kind=Kind.FAILURE,
            failure=message,
            step=step,
            risk=risk,
            verdicts=STICKY,
            targets=OTHERS,
            roles=UNSTICKERS,
        )
        return server.open(ref, opening, step)

    def fail_alike(self, count: int, message: str = LOCKED) -> list[EscalationKey]:
        """So many runs that failed for one reason."""
        keys = []
        for number in range(count):
            name = ("month-end-close", "receivables", "payouts")[number % 3]
            ref = self.start(self.tower, name, f"2026-10 / DE{number:02d}", 250 - number)
            keys.append(self.fail(ref, message.format(number=number), 190 - number * 4, step="ledger.post"))
        return keys

    def fill(self) -> None:
        """All that the picture has."""
        self.fail_alike(40)
        for number in range(17):
            ref = self.start(self.tower, "refunds", f"order {4_600 + number}", 400 - number)
            self.fail(ref, BUSY.format(number=number), 300 - number * 17, step="payment-lookup")
        for number in range(3):
            ref = self.start(self.support, "invoicing", f"invoice {number + 70}", 200)
            self.at(60 + number)
            why = f"Build the invoice failed 2 times: SchemaMismatch: tax_region is missing in line {number}"
            self.support.finish_run(ref, RunStatus.FAILED, why)
        waits = self.start(self.tower, "refunds", "order 4711", 6, "Refund for order 4711")
        self.at(4)
        self.tower.open(waits, Opening(title="Refund €240 to ACME GmbH", kind=Kind.CONFLICT, risk=Risk.HIGH))
        close = self.start(self.tower, "month-end-close", "2026-10 / DE01", 290)
        self.at(192)
        self.tower.open(close, Opening(title="Post 214 entries", risk=Risk.HIGH))
        stuck = self.start(self.tower, "payouts", "batch 89", 32)
        self.tower.tell(stuck, RunStatus.STUCK, "No worker polls the queue “payments”, so it cannot move.")
        paused = self.start(self.tower, "retention", "2026-11", 172)
        self.tower.tell(paused, RunStatus.PAUSED, "Paused by Jonas Weber: after the audit")
        for number in range(5):
            self.start(self.tower, "receivables", f"2026-W{40 + number}", 14 + 9 * number)
        for number in range(6):
            over = self.start(self.support, "support-triage", f"ZD-{58_213 + number}", 300 + number)
            self.at(26 + number)
            self.support.finish_run(over)
        gone = self.start(self.tower, "payouts", "batch 87", 71)
        self.at(54)
        self.tower.finish_run(gone, RunStatus.CANCELLED, "Marta Ruiz: wrong value date")
        self.moment = self.now

    def hostile(self) -> RunRef:
        """A run whose every word is hostile."""
        bad = "\u202eevil\x00 <b>bold</b>\n" * 50
        ref = self.start(self.tower, bad, bad, 3, bad)
        self.fail(ref, bad, 2, step="po\u202est")
        return ref

    def move(self, ref: RunRef) -> None:
        """Let a run move now."""
        self.moment = datetime.now(UTC)
        server = self.tower if ref.server == self.tower.identity else self.support
        with server.world.changing(ref) as record:
            record.run = dataclasses.replace(record.run, revision=record.run.revision + 1)
