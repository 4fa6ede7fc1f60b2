"""The world that the sample runs work on, read from its files and reckoned here once more, by other code.

Nothing here knows the plans. A refund is what was captured beyond the order's price, else what the missing pieces cost;
a month is closed when every line of book and statement has its counterpart or an entry. Amounts are decimals in euros.
"""

from __future__ import annotations

import asyncio
import csv
import sqlite3
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

from console.domain.risk import Risk

Row = dict[str, str]
BANK_ACCOUNT = "1200"
DISCOUNTS, CHARGES, INTEREST, PAYABLES = "4730", "4970", "2650", "1600"
MOST_DISCOUNT = Decimal("0.03")
DAYS_APART = 3
A_LITTLE = 0.2
REFUND_LIMITS = {Risk.MEDIUM: Decimal(50), Risk.HIGH: Decimal(1_000), Risk.CRITICAL: Decimal(5_000)}
POSTING_LIMITS = {Risk.MEDIUM: Decimal(1_000), Risk.HIGH: Decimal(100_000), Risk.CRITICAL: Decimal(1_000_000)}


@dataclass(frozen=True)
class Owed:
    """What a customer has to get back for an order."""

    order: str
    customer: str
    amount: Decimal
    reason: str

    @property
    def risk(self) -> Risk:
        """How much care the policy asks for."""
        return _risk(self.amount, REFUND_LIMITS)


@dataclass(frozen=True, order=True)
class Entry:
    """A journal entry against the bank's account."""

    counter: str
    amount: Decimal
    reference: str


@dataclass(frozen=True)
class Closed:
    """How a month is closed: its entries, payments of unknown purpose, and what the lines do not explain."""

    entries: tuple[Entry, ...]
    unknown: tuple[Decimal, ...]
    unexplained: Decimal

    @property
    def total(self) -> Decimal:
        """The amounts moved, whatever their direction."""
        return sum((abs(entry.amount) for entry in self.entries), Decimal(0))

    @property
    def risk(self) -> Risk:
        """How much care the policy asks for."""
        return _risk(self.total, POSTING_LIMITS)


@dataclass(frozen=True)
class World:
    """The files below a worker's folder. ``more`` begins work beyond what the generator keeps waiting."""

    folder: Path
    seed: int
    more: Callable[[], Awaitable[None]] | None = None

    # Refunds

    def ticket(self, run_id: str) -> Row:
        """The ticket of a refund's run."""
        named = run_id.removeprefix("refund-").removesuffix("-again")
        return next(row for row in self._shop("tickets") if row["ticket"] == named)

    def orders_named(self, run_id: str) -> list[str]:
        """The orders that a run's ticket names, in its order."""
        words = self.ticket(run_id)["text"].replace(",", " ").replace(".", " ").split()
        return [number for word, number in pairwise(words) if word == "order" and number.isdigit()]

    def owed(self, order: str) -> Owed:
        """What is owed for an order; nothing at all is an amount of 0."""
        billed = next(row for row in self._shop("orders") if row["order"] == order)
        captured = sum(
            (Decimal(row["amount"]) for row in self._shop("captures") if row["order"] == order), start=Decimal(0)
        )
        too_much = captured - Decimal(billed["amount"])
        if too_much > 0:
            return Owed(order, billed["customer"], too_much, "duplicate_charge")
        missing = int(billed["ordered"]) - int(billed["delivered"])
        return Owed(order, billed["customer"], missing * Decimal(billed["unit_price"]), "short_delivery")

    def orders_of(self, customer: str) -> list[str]:
        """All orders of a customer."""
        return [row["order"] for row in self._shop("orders") if row["customer"] == customer]

    def is_out(self, system: str, order: str) -> bool:
        """Whether a system does not answer for this order when it is first asked."""
        return any((row["system"], row["order"]) == (system, order) for row in self._shop("outages"))

    async def back(self, name: str) -> None:
        """Wait until what was out answers again."""
        ((until,),) = self.rows("SELECT until FROM outages WHERE name = ?", name)
        left = datetime.fromisoformat(str(until)) - datetime.now(UTC)
        await asyncio.sleep(max(0.0, left.total_seconds()) + A_LITTLE)

    # Month-end closes

    def closed(self, company: str, period: str) -> Closed:
        """How a company's month is closed."""
        folder = self.folder / f"world-{self.seed}" / "ledgers" / f"{company}-{period}"
        balances = {row["ledger"]: Decimal(row["closing"]) for row in _read(folder / "balances.csv")}
        book, bank = _read(folder / "book.csv"), _read(folder / "bank.csv")
        entries, book_left, bank_left = _by_reference(book, bank)
        book_left, bank_left = _by_amount(book_left, bank_left)
        unknown: list[Decimal] = []
        for line in bank_left:
            counter = next(
                (to for word, to in (("charges", CHARGES), ("interest", INTEREST)) if word in line["text"]), ""
            )
            if counter:
                entries.append(Entry(counter, Decimal(line["amount"]), line["reference"] or "none"))
            else:
                unknown.append(Decimal(line["amount"]))
        under_way = sum((Decimal(line["amount"]) for line in book_left), Decimal(0))
        explained = sum((entry.amount for entry in entries), sum(unknown, Decimal(0)))
        unexplained = balances["bank"] + under_way - balances["book"] - explained
        return Closed(tuple(sorted(entries)), tuple(unknown), unexplained)

    # What was done

    def rows(self, query: str, *values: str) -> list[tuple[object, ...]]:
        """What a query finds in the business database."""
        with closing(sqlite3.connect(self.folder / "business.db")) as db:
            return [tuple(row) for row in db.execute(query, values)]

    def refunds(self, order: str) -> list[tuple[object, ...]]:
        """Every refund of an order: key, customer, amount, reason."""
        return self.rows("SELECT effect_id, customer, amount, reason FROM refunds WHERE order_no = ?", order)

    def journal(self, company: str, period: str) -> tuple[set[str], tuple[Entry, ...]]:
        """The keys under which entries of a month were posted, and all entries, ordered."""
        query = "SELECT effect_id, account, counter, amount, reference FROM journal_entries"
        found = self.rows(f"{query} WHERE company = ? AND period = ?", company, period)
        assert all(account == BANK_ACCOUNT for _, account, *_ in found)
        entries = [Entry(str(counter), Decimal(str(amount)), str(ref)) for _, _, counter, amount, ref in found]
        return {str(key) for key, *_ in found}, tuple(sorted(entries))

    def effects(self, run_id: str, tool: str = "%") -> list[tuple[object, ...]]:
        """What was done for a run: key, tool, decision."""
        query = "SELECT effect_id, tool, decision_id FROM effects WHERE run_id = ? AND tool LIKE ?"
        return self.rows(query, run_id, tool)

    def message(self, run_id: str) -> str:
        """What the customer of a refund's run was written; fails unless it is one message."""
        query = "SELECT body FROM messages JOIN effects USING (effect_id) WHERE run_id = ?"
        ((body,),) = self.rows(query, run_id)
        return str(body)

    def _shop(self, table: str) -> list[Row]:
        folder = self.folder / f"world-{self.seed}" / "shop"
        return [row for batch in sorted(folder.iterdir()) for row in _read(batch / f"{table}.csv")]


def close_of(run_id: str) -> tuple[str, str]:
    """Company and period of a close's run."""
    _, company, year, month = run_id.split("-")
    return company, f"{year}-{month}"


def _risk(amount: Decimal, limits: dict[Risk, Decimal]) -> Risk:
    return max((risk for risk, limit in limits.items() if amount > limit), default=Risk.LOW)


@cache
def _read(path: Path) -> list[Row]:
    """The rows of a file, which never changes once it is there."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _by_reference(book: list[Row], bank: list[Row]) -> tuple[list[Entry], list[Row], list[Row]]:
    """Entries for what shares a reference and differs, and the lines of both whose reference the other has not."""
    booked, stated = _grouped(book), _grouped(bank)
    entries: list[Entry] = []
    for reference in booked.keys() & stated.keys():
        ours, theirs = booked[reference], stated[reference]
        entries += [Entry(PAYABLES, -Decimal(line["amount"]), reference) for line in ours[len(theirs) :]]
        for our, their in zip(ours, theirs, strict=False):
            gap = Decimal(their["amount"]) - Decimal(our["amount"])
            assert abs(gap) <= abs(Decimal(our["amount"])) * MOST_DISCOUNT
            entries += [Entry(DISCOUNTS, gap, reference)] if gap else []
    lonely = [line for line in book if line["reference"] not in stated]
    return entries, lonely, [line for line in bank if line["reference"] not in booked]


def _grouped(lines: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for line in lines:
        if line["reference"]:
            found[line["reference"]].append(line)
    return found


def _by_amount(book: list[Row], bank: list[Row]) -> tuple[list[Row], list[Row]]:
    """What is left of both when lines of one partner and amount, at most some days apart, went off together."""
    waiting: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for line in bank:
        waiting[line["partner"], line["amount"]].append(line)
    left = []
    for line in book:
        fitting = [one for one in waiting[line["partner"], line["amount"]] if _apart(one, line) <= DAYS_APART]
        if fitting:
            waiting[line["partner"], line["amount"]].remove(fitting[0])
        else:
            left.append(line)
    return left, [line for lines in waiting.values() for line in lines]


def _apart(one: Row, other: Row) -> int:
    return abs((date.fromisoformat(one["date"]) - date.fromisoformat(other["date"])).days)
