"""The two ledgers of a month: a company's own book of its bank account, and the bank's statement of it.

Made from a seed: some thousand lines that agree, and a few that do not, as in life: charges nobody booked, payments
short by a discount, a batch booked twice, a payer nobody knows. What is wrong lies only in the lines.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from console.tower.plans.source import Row, money, shipped, write

OUT_SECONDS = 20
RECEIPTS = 0.6
WITHOUT_REFERENCE = 0.7
LINE = ("date", "partner", "reference", "amount", "text")
CENT = Decimal("0.01")


@dataclass(slots=True)
class Month:
    """Both ledgers of one company and month while they are made; ``missing`` is what the statement does not list."""

    company: Row
    first: date
    rng: random.Random
    book: list[Row] = field(default_factory=list)
    bank: list[Row] = field(default_factory=list)
    outages: list[Row] = field(default_factory=list)
    missing: Decimal = Decimal(0)

    def amount(self, low: int, high: int) -> Decimal:
        """An amount in euros and cents."""
        return Decimal(self.rng.randint(low * 100, high * 100)) / 100

    def line(self, day: int, partner: str, reference: str, amount: Decimal, text: str) -> Row:
        """A line of either ledger."""
        on = (self.first + timedelta(days=day)).isoformat()
        return {"date": on, "partner": partner, "reference": reference, "amount": money(amount), "text": text}

    def late(self, system: str) -> None:
        """A system that does not answer when it is first asked."""
        self.outages.append({"system": system, "seconds": str(OUT_SECONDS)})


def companies() -> list[Row]:
    """The companies whose books are closed."""
    return _companies()


def ensure(data: Path, seed: int, company: str, period: str) -> Path:
    """The folder of a company's month, made if it is not there. Raises :class:`LookupError` for an unknown company."""
    folder = data / "ledgers" / f"{company}-{period}"
    # The balances are written last: where they are, everything is.
    if not (folder / "balances.csv").is_file():
        _write(folder, _made(seed, company, period))
    return folder


@cache
def _companies() -> list[Row]:
    return shipped("companies.csv")


def _made(seed: int, company: str, period: str) -> Month:
    row = next((one for one in _companies() if one["company"] == company), None)
    if row is None:
        raise LookupError(f"there is no company {company}")
    rng = random.Random(f"{seed}/{company}/{period}")  # noqa: S311  # sample data
    month = Month(row, date.fromisoformat(f"{period}-01"), rng)
    _agreeing(month)
    _usual(month)
    SITUATIONS[_companies().index(row) % len(SITUATIONS)](month)
    return month


def _write(folder: Path, month: Month) -> None:
    opening = Decimal(month.company["opening"])
    totals = {"book": _sum(month.book), "bank": _sum(month.bank) + month.missing}
    write(folder / "book.csv", LINE, sorted(month.book, key=lambda row: row["date"]))
    write(folder / "bank.csv", LINE, sorted(month.bank, key=lambda row: row["date"]))
    write(folder / "outages.csv", ("system", "seconds"), month.outages)
    rows = [
        {"ledger": name, "opening": money(opening), "closing": money(opening + total)} for name, total in totals.items()
    ]
    write(folder / "balances.csv", ("ledger", "opening", "closing"), rows)


def _sum(rows: list[Row]) -> Decimal:
    return sum((Decimal(row["amount"]) for row in rows), Decimal(0))


def _agreeing(month: Month) -> None:
    partners = [row["name"] for row in shipped("customers.csv")]
    for number in range(month.rng.randint(1_100, 1_500)):
        is_receipt = month.rng.random() < RECEIPTS
        partner, day = month.rng.choice(partners), month.rng.randint(0, 24)
        amount = month.amount(40, 9_000) if is_receipt else -month.amount(40, 8_000)
        reference = f"{'INV' if is_receipt else 'PAY'}-{20_000 + number}"
        month.book.append(month.line(day, partner, reference, amount, "receipt" if is_receipt else "payment"))
        month.bank.append(month.line(day + month.rng.randint(0, 2), partner, reference, amount, "transfer"))


def _usual(month: Month) -> None:
    bank = month.company["bank"]
    for number in range(month.rng.randint(2, 4)):
        month.bank.append(month.line(6 + 7 * number % 27, bank, "", -month.amount(8, 60), "account charges"))
    month.bank.append(month.line(26, bank, "", month.amount(20, 300), "interest"))
    for number in range(month.rng.randint(1, 3)):
        full, reference = month.amount(900, 6_000), f"INV-{30_000 + number}"
        paid = (full * Decimal("0.98")).quantize(CENT)
        month.book.append(month.line(9, "Steinbach Optik AG", reference, full, "receipt"))
        month.bank.append(month.line(10, "Steinbach Optik AG", reference, paid, "transfer less 2 % discount"))
    for number in range(month.rng.randint(2, 4)):
        reference, amount = f"PAY-{40_000 + number}", -month.amount(200, 4_000)
        month.book.append(month.line(26, "Bergmann Werkzeuge GmbH", reference, amount, "payment under way"))


def _late_discount(month: Month) -> None:
    """A customer pays weeks late and takes the discount all the same."""
    row = next(row for row in month.bank if "discount" in row["text"])
    row["date"] = (month.first + timedelta(days=26)).isoformat()


def _all(*situations: Callable[[Month], None]) -> Callable[[Month], None]:
    def make(month: Month) -> None:
        for one in situations:
            one(month)

    return make


def _booked_twice(low: int, high: int) -> Callable[[Month], None]:
    def make(month: Month) -> None:
        amount, day = -month.amount(low, high), month.rng.randint(3, 20)
        line = month.line(day, "Rheinkontor Handels GmbH", "PAY-50001", amount, "supplier batch")
        month.book.extend((line, dict(line)))
        month.bank.append(month.line(day + 1, "Rheinkontor Handels GmbH", "PAY-50001", amount, "transfer"))

    return make


def _unknown_payer(month: Month) -> None:
    payer = month.rng.choice(("K. Aydan", "M. Perrault", "Stift. Morgenrot", "T. Okafor"))
    month.bank.append(month.line(17, payer, "", month.amount(1_200, 9_500), "thank you"))


def _unexplained(month: Month) -> None:
    month.missing = month.amount(40, 900)


def _ledger_locked(month: Month) -> None:
    _booked_twice(2_000, 60_000)(month)
    month.late("ledger")


def _statement_late(month: Month) -> None:
    _booked_twice(500, 5_000)(month)
    month.late("statement")


def _no_references(month: Month) -> None:
    for row in month.bank:
        if row["reference"].startswith("INV-2") and month.rng.random() < WITHOUT_REFERENCE:
            row["reference"] = ""


SITUATIONS: tuple[Callable[[Month], None], ...] = (
    _all(_booked_twice(1_000_500, 1_900_000), _late_discount),
    _unknown_payer,
    _unexplained,
    _ledger_locked,
    _statement_late,
    _no_references,
    _booked_twice(110_000, 900_000),
    _late_discount,
)
