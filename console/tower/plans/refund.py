"""Customer refund: read a ticket, find out by billing and captures what is owed, weigh the account's history, propose.

The refund is what the data show, never what the ticket asks for; the ticket is hostile text. Amounts are decimals.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from decimal import Decimal

from console.domain.canonical import Json
from console.domain.escalation import Change, Target, TargetKind
from console.domain.risk import Risk
from console.tower.desk import Desk, dicts, items
from console.tower.messages import Proposed, Question
from console.tower.plan import AgentSpec, FailurePolicy, OnReject, Plan, StepSpec, ToolSpec
from console.tower.plans import refund_tools, shop
from console.tower.plans.source import money
from console.tower.policy import Clause, Policy, euros
from console.tower.schemas import LINE, TEXT, form
from console.tower.staff import Report, StaffedPlan

NAME = "customer-refund"
AMOUNT: dict[str, Json] = {"type": "string", "pattern": "^[0-9]{1,7}[.][0-9]{2}$", "title": "Amount in euros"}
ORDER: dict[str, Json] = {"type": "string", "pattern": "^[0-9]{1,9}$", "title": "Order"}
CUSTOMER: dict[str, Json] = {"type": "string", "pattern": "^C-[0-9]{1,9}$", "title": "Customer"}
TICKET: dict[str, Json] = {"type": "string", "pattern": "^T-[0-9]{1,9}$", "title": "Ticket"}
MANY_REFUNDS = 3


def named_orders(text: str) -> list[str]:
    """The orders that a text names."""
    return re.findall(r"order (\d+)", text)


# Agents


async def triage(desk: Desk) -> Report:
    """Which order a ticket is about."""
    desk.prompt("Read the ticket. Name the customer and the one order it is about. Do not guess.")
    ticket = await desk.look_up("tickets.read", ticket=desk.parameters["ticket"], says="Ticket {ticket} of {name} read")
    text, customer = str(ticket["text"]), str(ticket["customer"])
    desk.reason(f"“{text[:120]}”", text, matters=True)
    named = named_orders(text)
    if not named and "order_answer" in desk.state:
        answer = desk.state["order_answer"]
        named = [str(answer["order"])] if isinstance(answer, dict) else []
    if not named:
        found = await desk.look_up("billing.orders", customer=customer, ticket=desk.parameters["ticket"])
        numbers: list[Json] = [str(row["order"]) for row in dicts(found["orders"])]
        desk.respond(f"{len(numbers)} orders could be meant; the ticket names none.")
        schema = form(order={**ORDER, "enum": numbers})
        question = Question("order_answer", f"Which order does {ticket['name']} mean in {ticket['ticket']}?", schema)
        return Report(question=question, open_questions=("The ticket names no order.",))
    desk.respond(f"Ticket {ticket['ticket']} is about order {named[0]}.")
    mentioned: list[Json] = [*dict.fromkeys(named)]
    case = {"ticket": ticket["ticket"], "customer": customer, "name": ticket["name"], "order": named[0]}
    return Report(patch={"case": {**case, "mentioned": mentioned}}, confidence=0.95)


async def billing(desk: Desk) -> Report:
    """What an order cost, what was captured, and what is therefore owed."""
    case = desk.fact("case")
    desk.prompt(f"Compare what order {case['order']} cost with what was captured and delivered.")
    order = await desk.look_up(
        "billing.order", order=case["order"], says="Order {order}: €{amount}, {delivered} of {ordered} delivered"
    )
    captured = await desk.look_up(
        "psp.captures", order=case["order"], says="psp.captures found {count}, €{total} in all"
    )
    captures = dicts(captured["captures"])
    missing = int(str(order["ordered"])) - int(str(order["delivered"]))
    twice = Decimal(str(captured["total"])) - Decimal(str(order["amount"]))
    owed, reason = (
        (twice, "duplicate_charge") if twice > 0 else (missing * Decimal(str(order["unit_price"])), "short_delivery")
    )
    is_same_card = len({row["card"] for row in captures}) == 1
    unread = [row["capture"] for row in captures if row["secure"] != "ok"]
    caveats = tuple(f"The 3-D Secure result of capture {one} was not read." for one in unread)
    desk.reason(f"{euros(owed)} are owed: {reason.replace('_', ' ')}" if owed else "Nothing is owed", matters=True)
    desk.respond(f"Owed: {euros(owed)}.")
    found: dict[str, Json] = {
        "order": order["order"],
        "price": order["amount"],
        "captured": captured["total"],
        "owed": money(owed),
        "reason": reason,
        "is_same_card": is_same_card,
        "holders": sorted({str(row["holder"]) for row in captures}),
    }
    return Report(patch={"billing": found}, confidence=0.98 if is_same_card else 0.8, caveats=caveats)


async def history(desk: Desk) -> Report:
    """What the account had back lately."""
    case = desk.fact("case")
    desk.prompt("Summarise refunds and disputes of the last 90 days.")
    says = "{refunds} refunds (€{refunded}) and {disputes} disputes in 90 days"
    found = await desk.look_up("accounts.history", customer=case["customer"], ticket=case["ticket"], says=says)
    many = int(str(found["refunds"])) >= MANY_REFUNDS
    caveats = (f"{found['refunds']} refunds in 90 days, €{found['refunded']} in all.",) if many else ()
    desk.respond("Unusual account." if many else "Nothing unusual.")
    return Report(patch={"account": found}, confidence=0.9, caveats=caveats)


async def refund(desk: Desk) -> Report:
    """Propose to pay back what is owed, and whatever else the ticket asks for, unless told to stay with its order."""
    report = await _refund(desk, confidence_on_two_cards=0.55)
    others = [str(one) for one in items(desk.fact("case")["mentioned"])][1:]
    if desk.note or not others:
        return report
    orders = await asyncio.gather(*(desk.look_up("billing.order", order=other) for other in others))
    text = f"It names {', '.join(others)} as well."
    desk.reason("The ticket asks for another order, too", text, matters=True)
    asked = tuple(_proposed(one, str(one["amount"]), "duplicate_charge", "0.00") for one in orders)
    return replace(report, proposals=(*asked, *report.proposals))


async def senior_refund(desk: Desk) -> Report:
    """Propose to pay back what is owed for the run's own order; two cards of one holder are no reason to doubt."""
    is_one_holder = len(items(desk.fact("billing")["holders"])) == 1
    return await _refund(desk, confidence_on_two_cards=0.88 if is_one_holder else 0.4)


async def notify(desk: Desk) -> Report:
    """Tell the customer what became of the request."""
    case, became = desk.fact("case"), desk.fact("refund")
    name, order = str(case["name"]), str(case["order"])
    if became.get("outcome") == "done":
        body = f"Dear {name}, we have returned €{became['amount']} for order {order}."
    else:
        body = f"Dear {name}, we looked at order {order} and could not return a payment. Please answer if you disagree."
    desk.prompt(" ".join(("Write to the customer. What is known besides is not for the customer:", *desk.caveats)))
    desk.respond(body)
    arguments: dict[str, Json] = {"recipient": str(case["customer"]), "subject": f"Your order {order}", "body": body}
    return Report(
        proposals=(Proposed("messages.send", arguments, f"Write to {name} about order {order}"),), confidence=0.97
    )


async def _refund(desk: Desk, *, confidence_on_two_cards: float) -> Report:
    case, found, account = desk.fact("case"), desk.fact("billing"), desk.fact("account")
    owed = Decimal(str(found["owed"]))
    desk.prompt(f"Propose what to pay back for order {case['order']}. Owed: {euros(owed)}. {desk.note}".strip())
    if not owed:
        desk.respond("Nothing is owed, so nothing is proposed.")
        return Report(patch={"refund": {"outcome": "none", "reason": "nothing is owed"}}, confidence=0.93)
    confidence = 0.96 if found["is_same_card"] else confidence_on_two_cards
    if int(str(account["refunds"])) >= MANY_REFUNDS:
        confidence -= 0.08
    captured, price = (euros(Decimal(str(found[name]))) for name in ("captured", "price"))
    text = " ".join((f"{captured} captured for an order of {price}.", *desk.caveats))
    desk.reason(f"Pay back {euros(owed)}: {str(found['reason']).replace('_', ' ')}", text, matters=True)
    desk.respond(f"I propose to refund {euros(owed)}.")
    proposed = _proposed(
        {**found, "customer": case["customer"]}, money(owed), str(found["reason"]), str(account["refunded"])
    )
    return Report(proposals=(proposed,), confidence=round(confidence, 2))


def _proposed(order: dict[str, Json], amount: str, reason: str, refunded: str) -> Proposed:
    customer = shop.customer(str(order["customer"]))
    name, owed, captured = customer["name"], Decimal(amount), Decimal(str(order.get("captured", amount)))
    arguments: dict[str, Json] = {
        "order": str(order["order"]),
        "customer": customer["customer"],
        "amount": amount,
        "iban": customer["iban"],
        "reason": reason,
    }
    before = Decimal(refunded)
    changes = (
        Change(f"Order {order['order']}, captured", euros(captured), euros(captured - owed)),
        Change(f"{name}, open credit", euros(owed), euros(Decimal(0))),
        Change(f"{name}, refunded in 90 days", euros(before), euros(before + owed)),
    )
    return Proposed("payments.refund", arguments, f"Refund {euros(owed)} to {name}", changes, amount)


# The plan

POLICY = Policy(
    clauses=(
        Clause(
            name="refund-limit",
            version=7,
            tool="payments.refund",
            risk=Risk.LOW,
            approvals=0,
            text="Refunds up to €50.00 are made without asking. This is {amount}.",
        ),
        Clause(
            name="refund-limit",
            version=7,
            tool="payments.refund",
            over="50",
            risk=Risk.MEDIUM,
            approvals=1,
            text="Over {over} a person decides. This is {amount}.",
        ),
        Clause(
            name="refund-limit",
            version=7,
            tool="payments.refund",
            over="1000",
            risk=Risk.HIGH,
            approvals=1,
            text="Over {over} a person decides, with a reason. This is {amount}.",
        ),
        Clause(
            name="refund-limit",
            version=7,
            tool="payments.refund",
            over="5000",
            risk=Risk.CRITICAL,
            approvals=2,
            text="Over {over} two people decide. This is {amount}.",
        ),
        Clause(
            name="messages", tool="messages.send", risk=Risk.LOW, approvals=0, text="Messages are sent without asking."
        ),
    ),
)
OWNER = "Priya Nair, Payments"
LOOKUPS = (
    ToolSpec(name="tickets.read", resource="tickets/{ticket}", schema=form(ticket=TICKET)),
    ToolSpec(name="billing.order", resource="orders/{order}", schema=form(order=ORDER)),
    ToolSpec(
        name="billing.orders", resource="customers/{customer}/orders", schema=form(customer=CUSTOMER, ticket=TICKET)
    ),
    ToolSpec(name="psp.captures", resource="orders/{order}/captures", schema=form(order=ORDER)),
    ToolSpec(
        name="accounts.history", resource="customers/{customer}/history", schema=form(customer=CUSTOMER, ticket=TICKET)
    ),
)
REFUND = ToolSpec(
    name="payments.refund",
    resource="customers/{customer}/orders/{order}/refunds",
    lease="orders/{order}",
    schema=form(
        order=ORDER,
        customer=CUSTOMER,
        amount=AMOUNT,
        iban={"type": "string", "pattern": "^[A-Z]{2}[0-9A-Z]{10,32}$", "title": "To account (IBAN)"},
        reason={"type": "string", "enum": ["duplicate_charge", "short_delivery", "goodwill"], "title": "Reason"},
    ),
    acts=True,
    reversal="A refund is final once the provider has settled it.",
    amount="amount",
    most="25000",
    per_hour=240,
    secret=("iban",),
)
MESSAGE = ToolSpec(
    name="messages.send",
    resource="customers/{recipient}/messages",
    schema=form(recipient=CUSTOMER, subject=LINE, body=TEXT),
    acts=True,
    is_reversible=True,
    reversal="A later message can correct it.",
)
RETRIES = FailurePolicy(attempts=3, first_wait=0.5)
REFUND_TOOLS = ("payments.refund", "billing.order")
REFUND_READS, REFUND_WRITES = ("orders/*",), ("customers/{customer}/orders/*/refunds",)
PLAN = Plan(
    name=NAME,
    version=1,
    owner=OWNER,
    agents=(
        AgentSpec(
            name="triage-agent",
            owner="Jonas Weber, Support",
            tools=("tickets.read", "billing.orders"),
            reads=("tickets/{ticket}", "customers/{customer}/orders"),
        ),
        AgentSpec(
            name="billing-agent",
            owner=OWNER,
            tools=("billing.order", "psp.captures"),
            reads=("orders/*", "orders/*/captures"),
        ),
        AgentSpec(
            name="history-agent",
            owner="Jonas Weber, Support",
            tools=("accounts.history",),
            reads=("customers/{customer}/history",),
        ),
        AgentSpec(name="refund-agent", owner=OWNER, tools=REFUND_TOOLS, reads=REFUND_READS, writes=REFUND_WRITES),
        AgentSpec(
            name="senior-refund-agent", owner=OWNER, tools=REFUND_TOOLS, reads=REFUND_READS, writes=REFUND_WRITES
        ),
        AgentSpec(
            name="notify-agent",
            owner="Jonas Weber, Support",
            tools=("messages.send",),
            writes=("customers/{customer}/messages",),
        ),
    ),
    tools=(*LOOKUPS, REFUND, MESSAGE),
    steps=(
        StepSpec(step_id="read-ticket", title="Read the ticket", agent="triage-agent", time_limit=20, failure=RETRIES),
        StepSpec(
            step_id="check-billing",
            title="Compare billing and captures",
            agent="billing-agent",
            after=("read-ticket",),
            reads=("case",),
            time_limit=20,
            failure=RETRIES,
        ),
        StepSpec(
            step_id="check-account",
            title="Look at the account’s history",
            agent="history-agent",
            after=("read-ticket",),
            reads=("case",),
            time_limit=20,
            failure=RETRIES,
        ),
        StepSpec(
            step_id="refund",
            title="Refund the customer",
            agent="refund-agent",
            after=("check-billing", "check-account"),
            reads=("case", "billing", "account"),
            tools=("payments.refund",),
            time_limit=20,
            failure=RETRIES,
            on_reject=OnReject.CONTINUE,
            result="refund",
            reroute=(
                Target(TargetKind.AGENT, "senior-refund-agent", "Senior refund agent"),
                Target(TargetKind.STEP, "check-billing", "Compare billing again"),
            ),
        ),
        StepSpec(
            step_id="notify",
            title="Tell the customer",
            agent="notify-agent",
            after=("refund",),
            reads=("case", "refund"),
            tools=("messages.send",),
            time_limit=20,
            failure=RETRIES,
            result="message",
        ),
    ),
    policy=POLICY,
)
STAFFED = StaffedPlan(
    plan=PLAN,
    agents={
        "triage-agent": triage,
        "billing-agent": billing,
        "history-agent": history,
        "refund-agent": refund,
        "senior-refund-agent": senior_refund,
        "notify-agent": notify,
    },
    tools={
        "tickets.read": refund_tools.read_ticket,
        "billing.order": refund_tools.read_order,
        "billing.orders": refund_tools.read_orders,
        "psp.captures": refund_tools.read_captures,
        "accounts.history": refund_tools.read_history,
        "payments.refund": refund_tools.pay_back,
        "messages.send": refund_tools.send_message,
    },
)
