"""The refund plan's tools: lookups over the shop's data, and the two that act, on the business database."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from console.domain.canonical import Json
from console.tower import business
from console.tower.plans import shop
from console.tower.plans.source import Row, money, read
from console.tower.staff import ToolUse


class NotNow(Exception):
    """A system does not answer, and says until when."""


# Lookups


def read_ticket(use: ToolUse) -> dict[str, Json]:
    """A ticket and who wrote it."""
    row = _one(_table(use, "tickets", _batch_of_ticket(use)), "ticket", str(use.arguments["ticket"]))
    return {**row, "name": shop.customer(row["customer"])["name"]}


def read_order(use: ToolUse) -> dict[str, Json]:
    """An order as it was billed."""
    order = str(use.arguments["order"])
    return dict(_one(_table(use, "orders", _batch_of_order(order)), "order", order))


def read_orders(use: ToolUse) -> dict[str, Json]:
    """The orders of a customer in the two weeks before a ticket."""
    batch = _batch_of_ticket(use)
    ticket = _one(_table(use, "tickets", batch), "ticket", str(use.arguments["ticket"]))
    until = datetime.fromisoformat(ticket["at"])
    rows = [row for row in _table(use, "orders", batch) if row["customer"] == use.arguments["customer"]]
    since = until - timedelta(days=14)
    found: list[Json] = [dict(row) for row in rows if since <= datetime.fromisoformat(row["at"]) <= until]
    return {"orders": found, "count": len(found)}


def read_captures(use: ToolUse) -> dict[str, Json]:
    """What the payment provider captured for an order."""
    order = str(use.arguments["order"])
    _be_on(use, "captures", order, "The payment provider does not answer for order {order} until {until:%H:%M:%S} UTC.")
    rows = [row for row in _table(use, "captures", _batch_of_order(order)) if row["order"] == order]
    found: list[Json] = [dict(row) for row in rows]
    return {
        "captures": found,
        "count": len(found),
        "total": money(sum((Decimal(r["amount"]) for r in rows), Decimal(0))),
    }


def read_history(use: ToolUse) -> dict[str, Json]:
    """What an account had back in the 90 days before a ticket."""
    ticket = _one(_table(use, "tickets", _batch_of_ticket(use)), "ticket", str(use.arguments["ticket"]))
    since = datetime.fromisoformat(ticket["at"]) - timedelta(days=90)
    rows = _table(use, "history", _batch_of_ticket(use))
    rows = [r for r in rows if r["customer"] == ticket["customer"] and datetime.fromisoformat(r["at"]) >= since]
    refunds = [Decimal(row["amount"]) for row in rows if row["kind"] == "refund"]
    return {"refunds": len(refunds), "refunded": money(sum(refunds, Decimal(0))), "disputes": len(rows) - len(refunds)}


# Tools that act


def pay_back(use: ToolUse) -> dict[str, Json]:
    """Pay money back to a customer."""
    order = str(use.arguments["order"])
    _be_on(use, "refunds", order, "The payment provider takes no refund of order {order} before {until:%H:%M:%S} UTC.")
    values = (use.effect_id, order, *(str(use.arguments[name]) for name in ("customer", "amount", "reason")))
    use.db.execute("INSERT INTO refunds VALUES (?, ?, ?, ?, ?, ?)", (*values, use.at.isoformat()))
    return {"refund": f"R-{order}-{use.at:%H%M%S}", "amount": str(use.arguments["amount"])}


def send_message(use: ToolUse) -> dict[str, Json]:
    """Put a message into the outgoing mail."""
    values = (use.effect_id, *(str(use.arguments[name]) for name in ("recipient", "subject", "body")))
    use.db.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", (*values, use.at.isoformat()))
    (count,) = use.db.execute("SELECT count(*) FROM messages").fetchone()
    return {"message": f"M-{count}"}


def _be_on(use: ToolUse, system: str, order: str, words: str) -> None:
    for row in _table(use, "outages", _batch_of_order(order)):
        if (row["system"], row["order"]) == (system, order):
            until = business.out_until(use.db, f"{system}/{order}", use.at, float(row["seconds"]))
            if until is not None:
                raise NotNow(words.format(order=order, until=until))


def _table(use: ToolUse, name: str, batch: int) -> list[Row]:
    return read(shop.ensure(use.data, use.seed, batch) / f"{name}.csv")


def _batch_of_ticket(use: ToolUse) -> int:
    return (int(str(use.arguments["ticket"]).removeprefix("T-")) - shop.FIRST_TICKET) // shop.BATCH


def _batch_of_order(order: str) -> int:
    return max(0, int(order) - shop.FIRST_ORDER) // 3 // shop.BATCH


def _one(rows: list[Row], column: str, value: str) -> Row:
    for row in rows:
        if row[column] == value:
            return row
    raise LookupError(f"there is no {column} {value}")
