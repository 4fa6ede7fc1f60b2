"""A run on the scripted engine, as rich as the one in the design's pictures."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from console.domain.canonical import Json
from console.domain.risk import Risk
from console.domain.run import (
    Access,
    Breach,
    Budget,
    Fact,
    HandOff,
    RunStatus,
    Standing,
    Step,
    StepStatus,
    Touch,
    TrailEntry,
    TrailKind,
)
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer

TITLE = "Month-end close, October 2026, DE01"


class Scene:
    """A server with one run, and what makes it go on."""

    def __init__(self, name: str = "tower-eu", *, fillers: int = 0) -> None:
        self.server = FakeServer(name)
        self.begin = datetime.now(UTC) - timedelta(hours=3, minutes=20)
        self._count = 0
        self.ref = self.server.start_run(
            "mec-2026-10-de01",
            title=TITLE,
            workflow="month-end-close",
            business_key="2026-10 / DE01",
            started_by="schedule",
            owner="Nora Lindqvist, Accounting",
        )
        self.server.set_steps(self.ref, STEPS)
        self.set_run(started_at=self.begin - timedelta(hours=1, minutes=30))
        self.add(*(self.filler(number) for number in range(fillers)))

    def entry(self, kind: TrailKind, title: str, seconds: float, **parts: Any) -> TrailEntry:  # noqa: ANN401 - its fields
        self._count += 1
        at = self.begin + timedelta(seconds=seconds)
        given = {"step": "propose-entries", "agent": "ledger-agent"} | parts
        return TrailEntry(entry_id=f"e{self._count:06d}", at=at, kind=kind, title=title, **given)

    def filler(self, number: int) -> TrailEntry:
        """A lookup as there are hundreds of."""
        data = {"arguments": {"account": str(1400 + number)}, "result": {"lines": number, "ok": True}}
        return self.entry(
            TrailKind.TOOL_CALL, "bank.statement", number / 10 - 1_800, step="fetch-bank", agent="bank-agent", data=data
        )

    def add(self, *entries: TrailEntry) -> None:
        self.server.add_trail(self.ref, *entries)

    def add_note(self, title: str = "something new") -> None:
        """One more entry at the end."""
        self.add(self.entry(TrailKind.NOTE, title, 5_000 + self._count))

    def tell_story(self) -> None:
        """What the picture of the trail shows."""
        kind = TrailKind
        rows = [{"invoice": f"INV-{number}", "amount": "980.50 EUR", "paid": "paid 0.00"} for number in range(11)]
        self.add(
            self.entry(kind.STATE_CHANGE, "Found matched, unmatched", 0, data={"matched": 1204, "unmatched": 11}),
            self.entry(kind.PROMPT, "Prompt to ledger-agent", 2, text=PROMPT, tokens=1_914),
            self.entry(kind.FAILED_ATTEMPT, "Attempt 1 failed", 9, text="LedgerLocked: held by batch 4711"),
            self.entry(kind.FAILED_ATTEMPT, "Attempt 2 failed", 39, text="LedgerLocked: held by batch 4711", attempt=2),
            self.entry(
                kind.TOOL_CALL,
                "ledger.lookup",
                70,
                attempt=3,
                data={"took_ms": 212, "arguments": {"account": "1400", "period": "2026-10"}, "result": rows},
            ),
            self.entry(kind.REASONING, "", 91, text=REASONING),
            self.entry(kind.ESCALATION, "Post 3 entries to DE01", 120, step="controller-approval", agent=""),
            self.entry(
                kind.DECISION, "Jonas Weber: approve", 858, text="Entries agree.", step="controller-approval", agent=""
            ),
            self.entry(
                kind.EFFECT,
                "ledger.post",
                902,
                step="post-entries",
                agent="executor",
                data={"took_ms": 41, "arguments": {"entries": 3}, "result": {"document": "JE-88213"}},
            ),
        )
        self.server.add_hand_off(
            self.ref,
            HandOff(
                from_step="propose-entries",
                to_step="check-entries",
                size=8_400,
                keys=("entries", "evidence", "fx_rate", "caveats", "open questions"),
                used=("entries", "evidence", "fx_rate"),
                dropped=("caveats", "open questions"),
                caveats=("The rate of 31 October is preliminary.",),
                open_questions=("Does INV-20877 carry a discount of 10 %?",),
                at=self.begin + timedelta(seconds=110),
            ),
        )

    def tell_seams(self) -> None:
        """More hand-offs, who may do what, and what is used of the budgets."""
        match, propose, check = "match-open-items", "propose-entries", "check-entries"
        told: dict[str, Any] = {"agent": "ledger-agent", "owner": OWNER}
        for name, source in (("bank", "fetch-bank"), ("items", "fetch-erp")):
            one = hand_off(source, match, size=41_000, keys=(name,), sizes=(41_000,), used=(name,), owner=OWNER)
            self.server.add_hand_off(self.ref, dataclasses.replace(one, at=self.begin - timedelta(hours=1)))
        caveats = ("11 items have no bank line. I did not guess.", "Two payers share one name.")
        one = hand_off(match, propose, size=12_400, keys=("matched", "unmatched"), sizes=(11_900, 310), **told)
        one = dataclasses.replace(one, used=("unmatched",), dropped=("matched", "notes"), caveats=caveats)
        at = self.begin - timedelta(minutes=4)
        self.server.add_hand_off(self.ref, dataclasses.replace(one, dropped_caveats=caveats[1:], at=at, turn=2))
        bank = Touch(resource="bank/2026-10/statement", tool="bank.statement", times=117, at=self.begin)
        sneaked = Breach(why=BREACH, tool="ledger.lookup", resource="erp/payroll/2026-10", at=self.begin)
        reads = ("bank/2026-10/*", "erp/items/*")
        self.server.add_access(
            self.ref,
            access("fetch-bank", "bank-agent", reads=reads[:1], read=(bank,), tools=("bank.statement",)),
            access("fetch-erp", "erp-agent", reads=reads[1:], tools=("ledger.lookup",)),
            access(match, "match-agent", reads=reads, read=(bank,), tools=("bank.statement", "ledger.lookup")),
            access(propose, "old-agent", is_now=False, reads=reads, read=(bank,), left_out=3),
            access(propose, "ledger-agent", reads=reads, tools=("ledger.lookup",), breaches=(sneaked,)),
            access(check, "checker-agent"),
            access("post-entries", "executor", writes=("ledgers/DE01/2026-10/entries",), tools=("ledger.post",)),
        )
        self.set_run(budgets=BUDGETS)

    def set_states(self) -> None:
        """Three revisions."""
        known, by = Standing.KNOWN, "match-open-items"
        period = Fact("period", "2026-10", known, "fetch-bank", 1)
        first = (period, Fact("draft", "to be removed", known, by, 1))
        self.server.set_state(self.ref, first)
        self.server.set_state(self.ref, (period, Fact("fx_rate", 1.0812, Standing.UNCERTAIN, "propose-entries", 2)))
        evidence: Json = {"bank": {"lines": 1_215}, "items": [{"id": number} for number in range(500)]}
        self.server.set_state(
            self.ref,
            (
                Fact("approval", None, Standing.PENDING, "controller-approval", 3),
                Fact("entries", [{"account": "4980", "amount": "1,284.00"}], Standing.DECIDED, "propose-entries", 3),
                Fact("evidence", evidence, known, by, 3),
                Fact("fx_rate", 1.0797, Standing.UNCERTAIN, "propose-entries", 3),
                period,
            ),
        )

    def set_times(self) -> None:
        """When each step was at work, with the attempts of one that failed twice."""
        begin = self.begin - timedelta(hours=1, minutes=30)
        ends = dict(zip(TIMES, [*list(TIMES.values())[1:], 90.0], strict=True))
        self.server.set_steps(
            self.ref,
            [
                dataclasses.replace(
                    one,
                    started_at=begin + timedelta(minutes=TIMES[one.step_id]) if one.step_id in TIMES else None,
                    ended_at=begin + timedelta(minutes=ends[one.step_id])
                    if one.step_id in TIMES and one.status is StepStatus.DONE
                    else None,
                )
                for one in STEPS
            ],
        )
        failed = (self.entry(TrailKind.FAILED_ATTEMPT, f"Attempt {n} failed", 0, attempt=n) for n in (1, 2))
        self.add(
            *(
                dataclasses.replace(one, step="fetch-erp", at=begin + timedelta(minutes=6 + 5 * one.attempt))
                for one in failed
            )
        )

    def wait(self) -> str:
        """Let it wait for a person; returns the item's id."""
        key = self.server.open(self.ref, Opening(title="Post 3 entries to DE01"), native_id="controller-approval")
        moved_at = self.begin + timedelta(seconds=858)
        self.set_run(
            status=RunStatus.WAITS,
            why_not_moving="Waits 3 h 12 min for a supervisor.",
            moved_at=moved_at,
            tokens=612_000,
        )
        return key.item_id

    def set_run(self, **fields: object) -> None:
        """Change the header."""
        record = self.server.world.record(self.ref)
        record.run = dataclasses.replace(record.run, **fields)  # type: ignore[arg-type]  # names of its fields


def hand_off(start: str, end: str, **parts: Any) -> HandOff:  # noqa: ANN401 - its fields
    return HandOff(from_step=start, to_step=end, **parts)


def access(name: str, agent: str, **parts: Any) -> Access:  # noqa: ANN401 - its fields
    return Access(step_id=name, agent=agent, owner=OWNER, alone_up_to=Risk.LOW, **parts)


def step(name: str, status: StepStatus, *after: str, **parts: object) -> Step:
    return Step(step_id=name, title=name, status=status, after=after, **parts)  # type: ignore[arg-type]


OWNER = "Nora Lindqvist, Accounting"
BREACH = "erp/payroll/2026-10 is outside what ledger-agent may read (bank/2026-10/*, erp/items/*)."
BUDGETS = (
    Budget(name="steps", used=9, granted=40),
    Budget(name="equal calls", used=7, granted=8, most="bank.statement"),
    Budget(name="returns", used=1, granted=3, most="propose-entries and check-entries"),
    Budget(name="tokens", used=612_000, granted=600_000),
    Budget(name="cost", used=4.12, granted=20),
    Budget(name="time", used=96.4, granted=1_800),
)
TIMES = {
    "fetch-bank": 1.0,
    "fetch-erp": 5.0,
    "match-open-items": 30.0,
    "propose-entries": 78.0,
    "check-entries": 86.0,
    "controller-approval": 89.0,
}
PROMPT = (
    "Propose entries that close the 11 unmatched items of 2026-10 for DE01. Book nothing to 4980 without evidence.\n"
    "Use the bank line where there is one.\nName every assumption as a caveat. Do not guess a rate."
)
REASONING = (
    "The rest of €1,284.00 on INV-20877 matches the dollar move in October. I book it as an exchange difference."
)
STEPS = (
    step("fetch-bank", StepStatus.DONE, agent="bank-agent", confidence=0.97),
    step("fetch-erp", StepStatus.DONE, agent="erp-agent", attempts=3),
    step("match-open-items", StepStatus.DONE, "fetch-bank", "fetch-erp", agent="match-agent", confidence=0.88),
    step("propose-entries", StepStatus.DONE, "match-open-items", agent="ledger-agent"),
    step("check-entries", StepStatus.DONE, "propose-entries", agent="checker-agent"),
    step("investigate", StepStatus.NOT_TAKEN, "propose-entries"),
    step("controller-approval", StepStatus.GATE, "check-entries", has_gate=True),
    step("post-entries", StepStatus.TO_DO, "controller-approval", agent="executor"),
    step("reconcile", StepStatus.TO_DO, "post-entries"),
    step("report", StepStatus.TO_DO, "reconcile"),
)
