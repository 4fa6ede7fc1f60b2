"""Which sample run comes at which number: refunds, and every third a month-end close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from console.domain.canonical import Json
from console.tower.plans import close, ledgers, refund, shop
from console.tower.plans.source import read

SCHEDULE = "schedule"
EVERY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A run to start; ``run_id`` follows from its number alone."""

    plan: str
    run_id: str
    title: str
    business_key: str
    started_by: str
    parameters: dict[str, Json]


def sample(number: int, *, data: Path, seed: int, today: date) -> Sample:
    """The sample run of a number, counted from 0."""
    closes = (number + 1) // EVERY
    if (number + 1) % EVERY == 0:
        return close_sample(closes - 1, today=today)
    return refund_sample(number - closes, data=data, seed=seed)


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
