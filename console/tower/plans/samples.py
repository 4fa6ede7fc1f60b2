"""Which sample run comes at which number: half are refunds, a quarter closes, and every eighth an incident or a price.

Invariant: a run's id, and all that it is about, follow from its number and the seed; among the first eight is one of
each plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from console.domain.canonical import Json
from console.tower.plans import close, incident_plan, ledgers, pricelists, pricing, refund, shop, traffic
from console.tower.plans.source import read, shipped

SCHEDULE, MONITORING, SUPPORT = "schedule", "monitoring", "support"
PATTERN = (refund, close, refund, incident_plan, refund, close, refund, pricing)
ASKED_BY_OWN, ASKED_EVERY = 1, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A run to start; ``run_id`` follows from its number alone."""

    plan: str
    run_id: str
    title: str
    business_key: str
    started_by: str
    parameters: dict[str, Json]


def sample(number: int, *, data: Path, seed: int, today: date, asks: str = "") -> Sample:
    """The sample run of a number, counted from 0. ``asks`` is who asks for every third change of prices, if anybody."""
    rounds, place = divmod(number, len(PATTERN))
    plan = PATTERN[place]
    own = rounds * PATTERN.count(plan) + PATTERN[:place].count(plan)
    if plan is close:
        return close_sample(own, today=today)
    if plan is incident_plan:
        return incident_sample(own, data=data, seed=seed)
    if plan is pricing:
        return pricing_sample(own, data=data, seed=seed, asks=asks)
    return refund_sample(own, data=data, seed=seed)


def close_sample(number: int, *, today: date) -> Sample:
    """The close of a company's last month; when all companies are through, of the month before."""
    companies = ledgers.companies()
    company = companies[number % len(companies)]["company"]
    month = today
    for _ in range(1 + number // len(companies)):
        month = month.replace(day=1) - timedelta(days=1)
    period = f"{month:%Y-%m}"
    return Sample(
        plan=close.NAME,
        run_id=f"close-{company}-{period}",
        title=f"Month-end close, {month:%B %Y}, {company}",
        business_key=f"{period} / {company}",
        started_by=SCHEDULE,
        parameters={"company": company, "period": period},
    )


def refund_sample(number: int, *, data: Path, seed: int) -> Sample:
    """The refund that a ticket asks for, counted from 0."""
    folder = shop.ensure(data, seed, number // shop.BATCH)
    ticket = read(folder / "tickets.csv")[number % shop.BATCH]
    named = refund.named_orders(ticket["text"])
    return Sample(
        plan=refund.NAME,
        run_id=f"refund-{ticket['ticket']}",
        title=f"Refund for {shop.customer(ticket['customer'])['name']}, {ticket['ticket']}",
        business_key=f"order {named[0]}" if named else f"ticket {ticket['ticket']}",
        started_by=SCHEDULE,
        parameters={"ticket": ticket["ticket"], "customer": ticket["customer"]},
    )


def rival_sample(*, data: Path, seed: int) -> Sample:
    """Another run for the first ticket, which support has sent in once more: both want the same order."""
    first = refund_sample(0, data=data, seed=seed)
    return replace(first, run_id=f"{first.run_id}-again", title=f"{first.title}, sent in again", started_by=SUPPORT)


def incident_sample(number: int, *, data: Path, seed: int) -> Sample:
    """The incident behind an alert, counted from 0."""
    alert = traffic.alert_id(number)
    (row,) = read(traffic.ensure(data, seed, alert) / "alert.csv")
    return Sample(
        plan=incident_plan.NAME,
        run_id=f"incident-{alert}",
        title=f"Incident at {row['service']}, {alert}",
        business_key=f"alert {alert}",
        started_by=MONITORING,
        parameters={"alert": alert, "area": row["area"]},
    )


def pricing_sample(number: int, *, data: Path, seed: int, asks: str = "") -> Sample:
    """The change of prices that a person asks for, counted from 0; that person may not approve it."""
    request = pricelists.request_id(number)
    (row,) = read(pricelists.ensure(data, seed, request) / "request.csv")
    people = [one["person"] for one in shipped("people.csv")]
    is_own = bool(asks) and number % ASKED_EVERY == ASKED_BY_OWN
    return Sample(
        plan=pricing.NAME,
        run_id=f"prices-{request}",
        title=f"New prices of {pricelists.line_name(row['line'])}, {request}",
        business_key=f"request {request}",
        started_by=asks if is_own else people[number % len(people)],
        parameters={"request": request, "line": row["line"]},
    )
