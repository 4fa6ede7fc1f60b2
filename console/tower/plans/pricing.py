"""Pricing change: what new prices of a line would do to sales and margin, whom they reach, and the change itself.

Whoever asked for the change started the run and may not approve it. Every figure is recomputed from articles and sales;
the request's text is hostile. Amounts are decimals.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from console.domain.canonical import Json
from console.domain.escalation import Change, Target, TargetKind
from console.domain.risk import Risk
from console.tower.desk import Desk, dicts, items
from console.tower.messages import Proposed, Question
from console.tower.plan import AgentSpec, Budgets, FailurePolicy, Plan, StepSpec, ToolSpec
from console.tower.plans import pricelists, pricing_tools
from console.tower.plans.pricelists import LEAST_MARGIN, LISTS
from console.tower.plans.source import Row, money
from console.tower.policy import Clause, Policy, euros
from console.tower.schemas import LINE, form
from console.tower.staff import Report, StaffedPlan

NAME = "pricing-change"
WITHOUT_HISTORY = 0.3
SHOWN_ARTICLES = 4
Facts = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does in a year, in euros, and whom it reaches."""

    sales: Decimal
    sales_after: Decimal
    cost: Decimal
    customers: frozenset[str]
    rows: tuple[tuple[str, Decimal, Decimal], ...]
    below: tuple[str, ...]
    unsold: int

    def margin(self, *, is_after: bool) -> Decimal:
        """The margin in percent."""
        sales = self.sales_after if is_after else self.sales
        return ((sales - self.cost) / sales * 100).quantize(Decimal("0.1")) if sales else Decimal(0)


async def read_request(desk: Desk) -> Report:
    """Which list of which line a request is about, and by how much."""
    desk.prompt("Read the request. Name the line, the list, the percentage and the day. Do not guess.")
    found = await desk.look_up("requests.read", request=desk.parameters["request"], says="{request}: {text}")
    answer = desk.fact("list_answer") if "list_answer" in desk.state else {}
    price_list = str(found["list"] or answer.get("list", ""))
    if not price_list:
        desk.respond("The request names no list.")
        schema = form(list={"type": "string", "enum": [*LISTS], "title": "Price list"})
        question = Question("list_answer", f"Which prices of {found['name']} does {found['request']} mean?", schema)
        return Report(question=question, open_questions=("The request names no list.",))
    others = re.findall(r"line (\w+) by (\d+) %", str(found["text"]))
    desk.respond(f"{price_list.capitalize()} prices of {found['name']}, {found['percent']} %.")
    request: Facts = {name: found[name] for name in ("request", "line", "name", "percent", "valid_from", "is_for_all")}
    request |= {"list": price_list, "others": [{"line": line, "percent": f"-{cut}.00"} for line, cut in others]}
    return Report(patch={"order": request}, confidence=0.95)


async def simulate(desk: Desk) -> Report:
    """What the change would do, without the articles that the review took out of it."""
    order = desk.fact("order")
    reviewed = desk.fact("review") if "review" in desk.state else {}
    left_out = [] if order["is_for_all"] == "yes" else [str(sku) for sku in items(reviewed.get("below"))]
    desk.prompt(f"Work out what {order['percent']} % on {order['name']} does. {desk.note}".strip())
    effect, promised = await _effect(desk, order, left_out)
    text = f"{len(effect.rows)} articles, {len(effect.customers)} customers, {len(left_out)} articles left out."
    title = f"Sales go from {euros(effect.sales)} to {euros(effect.sales_after)} a year at equal volume"
    desk.reason(title, text, matters=True)
    desk.respond(f"Margin {effect.margin(is_after=False)} % before, {effect.margin(is_after=True)} % after.")
    many = effect.unsold > WITHOUT_HISTORY * len(effect.rows)
    caveats = tuple(
        words
        for words, is_so in (
            (f"{len(promised)} customers keep their prices beyond the day of the change.", bool(promised)),
            (f"{effect.unsold} of {len(effect.rows)} articles sold nothing in a year.", many),
            (f"{len(left_out)} articles keep their prices: their margin would be too thin.", bool(left_out)),
        )
        if is_so
    )
    simulated: Facts = {
        "sales": money(effect.sales),
        "sales_after": money(effect.sales_after),
        "margin": str(effect.margin(is_after=False)),
        "margin_after": str(effect.margin(is_after=True)),
        "customers": len(effect.customers),
        "promised": [*promised],
        "articles": len(effect.rows),
        "unsold": effect.unsold,
        "left_out": [*left_out],
    }
    return Report(patch={"simulation": simulated}, confidence=0.9, caveats=caveats)


async def review(desk: Desk) -> Report:
    """Whether every new price leaves the least margin; if not, back, with the articles that do not."""
    order, simulated = desk.fact("order"), desk.fact("simulation")
    left_out = [str(sku) for sku in items(simulated["left_out"])]
    desk.prompt(" ".join((f"Check that every price leaves {LEAST_MARGIN:.0%} over cost.", *desk.caveats)))
    effect, _ = await _effect(desk, order, left_out)
    text = ", ".join(effect.below[:20])
    title = (
        f"{len(effect.below)} articles would sell too close to cost" if effect.below else "Every price leaves enough"
    )
    desk.reason(title, text, matters=True)
    desk.respond("Back to the simulation." if effect.below else "Agreed.")
    below: list[Json] = [*left_out, *effect.below]
    return Report(patch={"review": {"below": below}}, confidence=0.97, back_to="simulate" if effect.below else "")


async def change(desk: Desk) -> Report:
    """Propose the change, and whatever else the request's text asks for, unless told to stay with its line."""
    report = await _change(desk)
    others = dicts(desk.fact("order")["others"])
    if desk.note or not others:
        return report
    other, (own, *_) = others[0], report.proposals
    desk.reason("The request asks for another line, too", f"It names {other['line']}.", matters=True)
    arguments: Facts = {**own.arguments, **other, "left_out": [], "sales": "0.00"}
    summary = f"Lower {own.arguments['list']} prices of {other['line']} by {abs(Decimal(str(other['percent']))):.0f} %"
    return replace(report, proposals=(Proposed(own.tool, arguments, summary), own))


async def change_line(desk: Desk) -> Report:
    """Propose the change of the request's own line."""
    return await _change(desk)


async def inform(desk: Desk) -> Report:
    """Write to the customers whom new prices reach; nobody where there are none."""
    order, became, simulated = desk.fact("order"), desk.fact("change"), desk.fact("simulation")
    desk.prompt(" ".join((f"Write to the customers of {order['name']}. Not for them:", *desk.caveats)))
    if became.get("outcome") != "done" or not simulated["customers"]:
        desk.respond("Nobody is written to.")
        return Report(patch={"letter": {"outcome": "none"}}, confidence=0.98)
    body = f"From {order['valid_from']} new {order['list']} prices hold for {order['name']}. Orders before keep theirs."
    desk.respond(body)
    arguments: Facts = {name: order[name] for name in ("request", "line", "list")}
    arguments |= {"subject": f"New prices of {order['name']}", "body": body}
    summary = f"Write to {simulated['customers']} customers of {order['name']}"
    return Report(proposals=(Proposed("customers.inform", arguments, summary),), confidence=0.96)


async def _change(desk: Desk) -> Report:
    order, simulated = desk.fact("order"), desk.fact("simulation")
    left_out = [str(sku) for sku in items(simulated["left_out"])]
    desk.prompt(" ".join((f"Propose the change of {order['name']}.", *desk.caveats, desk.note)).strip())
    effect, promised = await _effect(desk, order, left_out)
    verb = "Raise" if Decimal(str(order["percent"])) > 0 else "Lower"
    percent = abs(Decimal(str(order["percent"]))).normalize()
    summary = f"{verb} {order['list']} prices of {order['name']} by {percent:f} %"
    arguments: Facts = {name: order[name] for name in ("request", "line", "list", "percent", "valid_from")}
    arguments |= {"left_out": [*left_out], "sales": money(effect.sales)}
    rows = sorted(effect.rows, key=lambda row: abs(row[2] - row[1]), reverse=True)
    changes = (
        Change("Sales a year, at equal volume", euros(effect.sales), euros(effect.sales_after)),
        Change("Margin", f"{effect.margin(is_after=False)} %", f"{effect.margin(is_after=True)} %"),
        Change("Customers who pay the new prices", "0", str(len(effect.customers))),
        Change("Customers who keep the old ones by promise", "", str(len(promised))),
        Change("Articles with a new price", "0", str(len(rows))),
        *(Change(sku, euros(before), euros(after)) for sku, before, after in rows[:SHOWN_ARTICLES]),
    )
    desk.reason(summary, f"{simulated['articles']} articles were simulated.", matters=True)
    desk.respond(f"I propose: {summary}.")
    is_known = effect.unsold <= WITHOUT_HISTORY * len(effect.rows)
    proposed = Proposed("prices.change", arguments, summary, changes, str(order["line"]))
    return Report(proposals=(proposed,), confidence=0.93 if is_known else 0.55)


async def _effect(desk: Desk, order: Facts, left_out: list[str]) -> tuple[Effect, tuple[str, ...]]:
    """What the change does, and who is promised the old prices beyond its day."""
    where: Facts = {name: order[name] for name in ("request", "line")}
    listed = await desk.look_up("prices.list", says="", **{**where, "list": order["list"]})
    sold = await desk.look_up("sales.list", says="", **{**where, "list": order["list"]})
    made = await desk.look_up("promises.list", says="", **where)
    day = date.fromisoformat(str(order["valid_from"]))
    promised = tuple(
        str(one["customer"]) for one in dicts(made["promises"]) if date.fromisoformat(str(one["until"])) >= day
    )
    articles = [_row(one) for one in dicts(listed["articles"]) if one["sku"] not in left_out]
    sales = [_row(one) for one in dicts(sold["sales"])]
    return effect_of(articles, sales, promised, Decimal(str(order["percent"]))), promised


def effect_of(articles: list[Row], sales: list[Row], promised: tuple[str, ...], percent: Decimal) -> Effect:
    """What a percentage on some articles does at last year's volumes; promised customers pay the old prices."""
    units: dict[str, int] = defaultdict(int)
    kept: dict[str, int] = defaultdict(int)
    customers: set[str] = set()
    skus = {row["sku"] for row in articles}
    for row in sales:
        if row["sku"] in skus:
            units[row["sku"]] += int(row["units"])
            if row["customer"] in promised:
                kept[row["sku"]] += int(row["units"])
            else:
                customers.add(row["customer"])
    before = after = cost = Decimal("0.00")
    rows: list[tuple[str, Decimal, Decimal]] = []
    below: list[str] = []
    for row in articles:
        sku, price, own = row["sku"], Decimal(row["price"]), Decimal(row["cost"])
        new = pricelists.changed(price, percent)
        before += price * units[sku]
        after += price * kept[sku] + new * (units[sku] - kept[sku])
        cost += own * units[sku]
        rows.append((sku, price, new))
        if new < own * (1 + LEAST_MARGIN):
            below.append(sku)
    unsold = sum(not units[row["sku"]] for row in articles)
    return Effect(before, after, cost, frozenset(customers), tuple(rows), tuple(below), unsold)


def _row(one: Facts) -> Row:
    return {name: str(value) for name, value in one.items()}


# The plan

OWNER = "Henrik Dahl, Commercial"
REQUEST: Facts = {"type": "string", "pattern": "^PR-[0-9]{1,9}$", "title": "Request"}
LINE_ID: Facts = {"type": "string", "pattern": "^[a-z]{1,20}$", "title": "Line"}
LIST: Facts = {"type": "string", "enum": [*LISTS], "title": "Price list"}
SKU: Facts = {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"}
OF_LINE: Facts = {"request": REQUEST, "line": LINE_ID}
READS = ("requests/{request}", "prices/{line}/*")
RETRIES = FailurePolicy(attempts=3, first_wait=0.5)
LOOKUPS = ("prices.list", "sales.list", "promises.list")


def _clause(over: str, risk: Risk, approvals: int, text: str) -> Clause:
    return Clause(
        name="price-change", version=4, tool="prices.change", over=over, risk=risk, approvals=approvals, text=text
    )


def _step(step_id: str, title: str, agent: str, **more: object) -> StepSpec:
    return StepSpec(step_id=step_id, title=title, agent=agent, time_limit=45, failure=RETRIES, **more)  # type: ignore[arg-type]


def _agent(name: str, *tools: str, writes: tuple[str, ...] = (), owner: str = OWNER) -> AgentSpec:
    return AgentSpec(name=name, owner=owner, tools=tools, reads=READS, writes=writes)


TOOLS = (
    ToolSpec(name="requests.read", resource="requests/{request}", schema=form(request=REQUEST)),
    ToolSpec(name="prices.list", resource="prices/{line}/{list}", schema=form(**OF_LINE, list=LIST)),
    ToolSpec(name="sales.list", resource="prices/{line}/{list}", schema=form(**OF_LINE, list=LIST)),
    ToolSpec(name="promises.list", resource="prices/{line}/promises", schema=form(**OF_LINE)),
    ToolSpec(
        name="prices.change",
        resource="prices/{line}/{list}",
        schema=form(
            **OF_LINE,
            list=LIST,
            percent={"type": "string", "pattern": "^-?[0-9]{1,2}[.][0-9]{2}$", "title": "Percent"},
            valid_from={"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "title": "From"},
            sales={"type": "string", "pattern": "^[0-9]{1,9}[.][0-9]{2}$", "title": "Sales a year in euros"},
            left_out={"type": "array", "items": SKU, "maxItems": 200, "title": "Articles left out"},
        ),
        acts=True,
        is_reversible=True,
        reversal="The list before stays on file; putting it back holds from the next day on.",
        amount="sales",
        per_hour=120,
    ),
    ToolSpec(
        name="customers.inform",
        resource="prices/{line}/letters",
        schema=form(**OF_LINE, list=LIST, subject={**LINE, "title": "Subject"}, body={**LINE, "maxLength": 600}),
        acts=True,
        is_reversible=True,
        reversal="A later letter can correct it.",
    ),
)
PLAN = Plan(
    name=NAME,
    version=1,
    owner=OWNER,
    agents=(
        _agent("request-agent", "requests.read"),
        _agent("simulation-agent", *LOOKUPS),
        _agent("margin-agent", *LOOKUPS, owner="Nora Lindqvist, Accounting"),
        _agent("pricing-agent", *LOOKUPS, "prices.change", writes=("prices/{line}/*",)),
        _agent("senior-pricing-agent", *LOOKUPS, "prices.change", writes=("prices/{line}/*",)),
        _agent("letter-agent", "customers.inform", writes=("prices/{line}/letters",)),
    ),
    tools=TOOLS,
    steps=(
        _step("read-request", "Read the request", "request-agent"),
        _step("simulate", "Work out what it does", "simulation-agent", after=("read-request",)),
        _step("review", "Check the margins", "margin-agent", after=("simulate",), returns_to=("simulate",)),
        _step(
            "change",
            "Change the prices",
            "pricing-agent",
            after=("review",),
            tools=("prices.change",),
            result="change",
            reroute=(
                Target(TargetKind.AGENT, "senior-pricing-agent", "Senior pricing agent"),
                Target(TargetKind.STEP, "simulate", "Work out what it does again"),
            ),
        ),
        _step(
            "inform",
            "Tell the customers",
            "letter-agent",
            after=("change",),
            tools=("customers.inform",),
            result="letter",
        ),
    ),
    policy=Policy(
        clauses=(
            _clause("", Risk.MEDIUM, 1, "Nobody changes prices alone. This touches {amount} of sales a year."),
            _clause("100000", Risk.HIGH, 1, "Over {over} of sales a year a person decides, with a reason: {amount}."),
            _clause("1000000", Risk.CRITICAL, 2, "Over {over} of sales a year two people decide. This is {amount}."),
            Clause(
                name="letters",
                tool="customers.inform",
                risk=Risk.LOW,
                approvals=0,
                text="Customers are told of approved prices without asking.",
            ),
        )
    ),
    budgets=Budgets(returns=2, equal_calls=12),
)
STAFFED = StaffedPlan(
    plan=PLAN,
    agents={
        "request-agent": read_request,
        "simulation-agent": simulate,
        "margin-agent": review,
        "pricing-agent": change,
        "senior-pricing-agent": change_line,
        "letter-agent": inform,
    },
    tools={
        "requests.read": pricing_tools.read_request,
        "prices.list": pricing_tools.list_prices,
        "sales.list": pricing_tools.list_sales,
        "promises.list": pricing_tools.list_promises,
        "prices.change": pricing_tools.change,
        "customers.inform": pricing_tools.inform,
    },
)
