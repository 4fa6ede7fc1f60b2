"""The month-end close's tools: lookups over the two ledgers, and the two that act, on the business database."""

from __future__ import annotations

from pathlib import Path

from console.domain.canonical import Json
from console.tower import business
from console.tower.desk import dicts
from console.tower.plans import ledgers
from console.tower.plans.source import Row, read
from console.tower.staff import ToolUse


class LedgerLocked(Exception):
    """Another batch holds the ledger, and it is known until when."""


class StatementIncomplete(Exception):
    """The bank has not sent all lines yet."""


def read_book(use: ToolUse) -> dict[str, Json]:
    """The company's own book of its bank account: balances and all lines."""
    return _ledger(use, "book")


def read_bank(use: ToolUse) -> dict[str, Json]:
    """The bank's statement: balances and all lines. Raises :class:`StatementIncomplete` while it is being sent."""
    whole = _ledger(use, "bank")
    until = _out(use, "statement")
    if until:
        count = int(str(whole["count"]))
        raise StatementIncomplete(
            f"{count * 3 // 4:,} of {count:,} lines have arrived; the rest is due at {until} UTC."
        )
    return whole


def post(use: ToolUse) -> dict[str, Json]:
    """Post journal entries, all or none. Raises :class:`LedgerLocked`."""
    company, period = str(use.arguments["company"]), str(use.arguments["period"])
    if until := _out(use, "ledger"):
        raise LedgerLocked(f"The period batch holds the ledger of {company} until {until} UTC.")
    entries = dicts(use.arguments["entries"])
    for number, entry in enumerate(entries, start=1):
        values = [str(entry[name]) for name in ("account", "counter", "amount", "reference", "text")]
        use.db.execute(
            "INSERT INTO journal_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (use.effect_id, number, company, period, *values),
        )
    return {"journal": f"JE-{company}-{use.at:%H%M%S}", "entries": len(entries)}


def file_report(use: ToolUse) -> dict[str, Json]:
    """Put a report into the outgoing mail."""
    recipient = f"controlling@{use.arguments['company']}"
    values = (use.effect_id, recipient, str(use.arguments["subject"]), str(use.arguments["body"]), use.at.isoformat())
    use.db.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", values)
    return {"recipient": recipient}


def _ledger(use: ToolUse, name: str) -> dict[str, Json]:
    folder = _folder(use)
    rows: list[Json] = [dict(row) for row in read(folder / f"{name}.csv")]
    balance = next(row for row in read(folder / "balances.csv") if row["ledger"] == name)
    return {"rows": rows, "count": len(rows), "opening": balance["opening"], "closing": balance["closing"]}


def _out(use: ToolUse, system: str) -> str:
    """Until when a system does not answer, as a time of day; empty when it does."""
    late: list[Row] = [row for row in read(_folder(use) / "outages.csv") if row["system"] == system]
    for row in late:
        name = f"{system}/{use.arguments['company']}/{use.arguments['period']}"
        if until := business.out_until(use.db, name, use.at, float(row["seconds"])):
            return f"{until:%H:%M:%S}"
    return ""


def _folder(use: ToolUse) -> Path:
    return ledgers.ensure(use.data, use.seed, str(use.arguments["company"]), str(use.arguments["period"]))
