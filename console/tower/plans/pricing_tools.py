"""The pricing plan's tools: lookups over lists, sales and promises, and those that act, on the business database.

What a change touches is reckoned here once more before it is made: whoever proposed it gated it by that figure.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from console.domain.canonical import Json
from console.tower import business
from console.tower.desk import items
from console.tower.plans import pricelists
from console.tower.plans.source import Row, money, read
from console.tower.staff import ToolUse


class ListLocked(Exception):
    """Another batch holds the price list, and it is known until when."""


class Understated(Exception):
    """The change touches more than was said when it was decided."""


# Lookups


def read_request(use: ToolUse) -> dict[str, Json]:
    """A request for new prices, in the words of whoever asks for it."""
    return {**_request(use), "name": pricelists.line_name(_request(use)["line"])}


def list_prices(use: ToolUse) -> dict[str, Json]:
    """The articles of a line in one list: price and cost."""
    rows = _articles(use)
    return {"articles": [dict(row) for row in rows], "count": len(rows)}


def list_sales(use: ToolUse) -> dict[str, Json]:
    """What each customer took of a line in a year, at the prices of one list."""
    _request_of_line(use)
    rows = [row for row in read(_folder(use) / "sales.csv") if row["list"] == use.arguments["list"]]
    return {"sales": [dict(row) for row in rows], "count": len(rows)}


def list_promises(use: ToolUse) -> dict[str, Json]:
    """Customers who were promised their prices of a line, and until when."""
    _request_of_line(use)
    rows = read(_folder(use) / "promises.csv")
    return {"promises": [dict(row) for row in rows], "count": len(rows)}


# Tools that act


def change(use: ToolUse) -> dict[str, Json]:
    """Put new prices into a list, all or none. Raises :class:`ListLocked` and :class:`Understated`."""
    _be_on(use)
    percent, left_out = Decimal(str(use.arguments["percent"])), {str(sku) for sku in items(use.arguments["left_out"])}
    rows = [row for row in _articles(use) if row["sku"] not in left_out]
    touched = yearly(rows, [row for row in read(_folder(use) / "sales.csv") if row["list"] == use.arguments["list"]])
    if Decimal(str(use.arguments["sales"])) < touched:
        raise Understated(f"The change touches €{touched} a year, not €{use.arguments['sales']}.")
    valid_from = date.fromisoformat(str(use.arguments["valid_from"])).isoformat()
    for row in rows:
        after = money(pricelists.changed(Decimal(row["price"]), percent))
        values = (use.effect_id, row["list"], row["sku"], row["price"], after, valid_from)
        use.db.execute("INSERT INTO prices VALUES (?, ?, ?, ?, ?, ?)", values)
    return {"articles": len(rows), "valid_from": valid_from}


def inform(use: ToolUse) -> dict[str, Json]:
    """Put a letter to the customers of a line into the outgoing mail."""
    recipient = f"customers/{use.arguments['line']}/{use.arguments['list']}"
    values = (use.effect_id, recipient, str(use.arguments["subject"]), str(use.arguments["body"]), use.at.isoformat())
    use.db.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", values)
    return {"recipient": recipient}


def yearly(articles: list[Row], sales: list[Row]) -> Decimal:
    """What some articles sold in a year at their prices, in euros."""
    price = {row["sku"]: Decimal(row["price"]) for row in articles}
    return sum((price[row["sku"]] * int(row["units"]) for row in sales if row["sku"] in price), Decimal("0.00"))


def _articles(use: ToolUse) -> list[Row]:
    _request_of_line(use)
    return [row for row in read(_folder(use) / "articles.csv") if row["list"] == use.arguments["list"]]


def _request_of_line(use: ToolUse) -> None:
    if _request(use)["line"] != use.arguments["line"]:
        raise LookupError(f"{use.arguments['request']} is not about {use.arguments['line']}")


def _be_on(use: ToolUse) -> None:
    for row in read(_folder(use) / "outages.csv"):
        name = f"{row['system']}/{use.arguments['request']}"
        if until := business.out_until(use.db, name, use.at, float(row["seconds"])):
            raise ListLocked(f"The nightly batch holds the {use.arguments['list']} list until {until:%H:%M:%S} UTC.")


def _request(use: ToolUse) -> Row:
    return read(_folder(use) / "request.csv")[0]


def _folder(use: ToolUse) -> Path:
    return pricelists.ensure(use.data, use.seed, str(use.arguments["request"]))
