"""A busy morning on three connections, rich enough to look at: every kind, every risk, long and short."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.domain.canonical import Json
from console.domain.escalation import (
    Change,
    Claim,
    Comment,
    EscalationKey,
    Kind,
    Proposal,
    Rule,
    Target,
    TargetKind,
    Verdict,
)
from console.domain.identity import Person, Role
from console.domain.risk import Risk
from console.domain.run import TrailEntry, TrailKind
from console.engines.fake.history import decided_before, furnish
from console.engines.fake.quarrel import quarrel
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer

JONAS = Person("jonas", "Jonas Weber", Role.OPERATOR)
PRIYA = Person("priya", "Priya Nair", Role.SUPERVISOR)
MINUTE = timedelta(minutes=1)
TARGETS = (
    Target(TargetKind.AGENT, "senior-refund-agent", "Senior refund agent"),
    Target(TargetKind.STEP, "manual-review", "Manual review"),
    Target(TargetKind.TEAM, "payments", "Payments team"),
)
REFUND_SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {
        "order": {"type": "string", "title": "Order"},
        "invoice": {"type": "string", "title": "Invoice"},
        "amount": {"type": "number", "title": "Amount", "minimum": 0, "maximum": 8400, "description": "In EUR"},
        "to": {"type": "string", "title": "To"},
        "reason": {"type": "string", "title": "Reason", "enum": ["duplicate_charge", "goodwill", "defect"]},
        "notify": {"type": "boolean", "title": "Notify the customer"},
    },
    "required": ["order", "amount", "reason"],
}


class Script:
    """Opens items as if it had been some time ago."""

    def __init__(self, server: FakeServer) -> None:
        self.server = server

    def open(self, ago: float, left: float | None, opening: Opening, **run: str) -> EscalationKey:
        """Open an item ``ago`` minutes ago that is due in ``left`` minutes from now."""
        then = datetime.now(UTC) - ago * MINUTE
        due_in = None if left is None else (ago + left) * MINUTE
        clock, self.server.clock = self.server.clock, lambda: then
        try:
            ref = self.server.start_run(title=opening.title, **run)
            content = {name: getattr(opening, name) for name in Opening.__dataclass_fields__} | {"due_in": due_in}
            return self.server.open(ref, Opening(**content), native_id=f"{opening.step}-approval")
        finally:
            self.server.clock = clock


def refund() -> Opening:
    """The item that the pictures of the design show."""
    now = datetime.now(UTC)

    def at(minutes: int) -> datetime:
        return now - minutes * MINUTE

    return Opening(
        title="Refund €4,200.00 to ACME GmbH",
        risk=Risk.HIGH,
        agent="refund-agent",
        owner="Priya Nair, Payments",
        step="refund",
        proposal=Proposal(
            tool="payments.refund",
            arguments={
                "order": "4711",
                "invoice": "INV-20931",
                "amount": 4200.00,
                "to": "card ···· 3021",
                "reason": "duplicate_charge",
                "notify": True,
            },
            resource="orders/4711",
            summary="sends €4,200.00 back to the card.",
            changes=(
                Change("Order 4711, captured", "€8,400.00", "€4,200.00"),
                Change("ACME GmbH, open credit", "€4,200.00", "€0.00"),
                Change("Refunds today, limit €10,000", "€5,310.00", "€9,510.00"),
            ),
            reversal="after the 22:00 settlement.",
            schema=REFUND_SCHEMA,
        ),
        rule=Rule("refund-limit", 7, "over €1,000 a person decides. This is €4,200."),
        confidence=0.82,
        caveats=("3-D Secure result of the second capture was not read.",),
        targets=TARGETS,
        led_here=(
            TrailEntry(
                entry_id="1",
                at=at(6),
                kind=TrailKind.PROMPT,
                title="Ticket ZD-58213 opened the run",
                text="We were charged twice",
            ),
            TrailEntry(
                entry_id="2",
                at=at(5),
                kind=TrailKind.TOOL_CALL,
                title="psp.captures found two captures 41 s apart, same card",
            ),
            TrailEntry(
                entry_id="3",
                at=at(5),
                kind=TrailKind.HAND_OFF,
                title="payment-lookup handed over 3.1 KB",
                text="1 caveat",
            ),
            TrailEntry(
                entry_id="4",
                at=at(4),
                kind=TrailKind.REASONING,
                title="“Policy §4 allows a full refund above €1,000 with a person.”",
            ),
        ),
    )


def price() -> Opening:
    """A critical one that needs two people."""
    return Opening(
        title="Raise Pro EU list price from €49 to €56",
        risk=Risk.CRITICAL,
        agent="pricing-agent",
        owner="Lea Thoma, Pricing",
        step="set-price",
        required_approvals=2,
        proposal=Proposal(
            tool="catalog.set_price",
            arguments={"plan": "pro-eu", "month": 56.00, "year": 560.00, "start": "2026-12-15"},
            resource="plans/pro-eu",
            summary="changes what 18,412 subscribers pay from 15 Dec.",
            changes=(
                Change("Pro EU, a month", "€49.00", "€56.00"),
                Change("Pro EU, a year", "€490.00", "€560.00"),
                Change("Subscribers told by mail", "0", "18,412"),
            ),
            critical_name="pro-eu",
        ),
        rule=Rule("price-change", 3, "two people sign over 1,000 customers. Here: 18,412."),
        open_questions=("Does Switzerland follow? It shares this plan’s page.",),
        targets=TARGETS,
        led_here=(
            TrailEntry(
                entry_id="1",
                at=datetime.now(UTC) - 44 * MINUTE,
                kind=TrailKind.TOOL_CALL,
                title="catalog.dry_run priced 18,412 subscriptions, 0 errors",
            ),
        ),
    )


def question() -> Opening:
    """A question with a schema for its answer."""
    return Opening(
        title="Which tax region for Globex BV?",
        kind=Kind.QUESTION,
        risk=Risk.MEDIUM,
        agent="invoice-agent",
        owner="Nora Lindqvist, Accounting",
        step="build-invoice",
        question="Globex BV moved its seat in October. Invoice 8841 may fall under the old or the new region.\n"
        "Which one applies to deliveries before 15 October?",
        schema={
            "type": "object",
            "properties": {
                "region": {"type": "string", "title": "Tax region", "enum": ["NL-old", "NL-new", "BE"]},
                "note": {"type": "string", "title": "Note for the invoice"},
            },
            "required": ["region"],
        },
        suggestion={"region": "NL-old"},
        verdicts=(Verdict.ANSWER, Verdict.REJECT, Verdict.REROUTE, Verdict.CANCEL),
        targets=TARGETS,
        rule=Rule("ask-on-doubt", 1, "the agent found two regions and may not choose."),
        confidence=0.55,
    )


def failure() -> Opening:
    """A step that gave up."""
    return Opening(
        title="ledger.post retried 14 times",
        kind=Kind.STUCK,
        risk=Risk.MEDIUM,
        agent="ledger-agent",
        owner="Nora Lindqvist, Accounting",
        step="post-entries",
        failure="LedgerLocked: period 2026-10 of DE01 is locked for maintenance\n"
        "  attempt 14 of ledger.post, waited 30 s before it",
        verdicts=(Verdict.RETRY, Verdict.SKIP, Verdict.REROUTE, Verdict.CANCEL),
        targets=TARGETS,
        rule=Rule("retry-budget", 2, "a step may be tried 10 times. This is the 14th."),
    )


def plain(title: str, risk: Risk, agent: str, kind: Kind = Kind.CHECKPOINT) -> Opening:
    """Any other item."""
    return Opening(
        title=title,
        risk=risk,
        kind=kind,
        agent=agent,
        owner="Priya Nair, Payments",
        step=agent.removesuffix("-agent"),
        proposal=Proposal(
            tool=f"{agent.removesuffix('-agent')}.apply",
            arguments={"what": title, "count": 3},
            resource=f"{agent}/1",
            summary=f"does what it says: {title}.",
            is_reversible=True,
            reversal="for 30 days",
        ),
        rule=Rule("usual", 1, "such cases go to a person."),
        targets=TARGETS,
    )


def rich_world() -> tuple[FakeServer, FakeServer, FakeServer]:
    """The three servers of the pictures, with what waits on them."""
    tower, langgraph, prefect = FakeServer("tower-eu"), FakeServer("langgraph-cs"), FakeServer("prefect-ops")
    here, there, ops = Script(tower), Script(langgraph), Script(prefect)
    raised = here.open(41, -6, price(), workflow="pricing-release", business_key="plan pro-eu")
    tower.decide_elsewhere(raised, Verdict.APPROVE, {"reason": "Annual contracts keep €49 until they renew."})
    posted = here.open(
        60, -2, plain("Post 3 entries, €1,284,310 to DE01", Risk.HIGH, "ledger-agent"), workflow="month-end-close"
    )
    tower.claim(posted, Claim(JONAS, datetime.now(UTC) + 8 * MINUTE))
    acme = here.open(4, 6.5, refund(), workflow="refunds", business_key="order 4711", run_id="r-7f3a")
    furnish(tower, acme)
    decided_before(tower, refund())
    tower.comment(
        acme,
        Comment(
            JONAS, datetime.now(UTC) - 3 * MINUTE, "Customer phoned as well. Check support’s run before you sign this."
        ),
    )
    tower.comment(
        acme, Comment(PRIYA, datetime.now(UTC) - MINUTE, "PSP report of 20 Nov shows both captures. One refund only.")
    )
    ops.open(3, 7.5, plain("Roll back checkout-api to v2.13.4", Risk.HIGH, "sre-agent"), workflow="incident-response")
    there.open(
        3,
        9.5,
        quarrel(),
        workflow="refunds + support-triage",
        business_key="order 4711",
    )
    here.open(
        11, 14.5, plain("Send dunning letter 2 to 12 customers", Risk.MEDIUM, "dunning-agent"), workflow="receivables"
    )
    there.open(21, 125, question(), workflow="invoicing")
    here.open(33, 185, failure(), workflow="month-end-close FR02")
    there.open(60, 370, plain("Close 38 tickets without reply", Risk.LOW, "janitor"), workflow="support-triage")
    for number in range(15):
        here.open(
            70 + number,
            400 + number,
            plain(f"Archive batch {number + 1} of 15", Risk.LOW, "archive-agent"),
            workflow="retention",
        )
    return tower, langgraph, prefect
