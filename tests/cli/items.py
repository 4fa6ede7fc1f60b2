"""Finding items as scripts do: in what the command line prints as JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from tests.cli.conftest import Command

PATIENCE = 60.0
Row = dict[str, Any]


def listed(clearance: Command) -> list[Row]:
    """The rows of the inbox."""
    rows: list[Row] = json.loads(clearance("inbox", "--json").out)["rows"]
    return rows


def found(clearance: Command, wanted: Callable[[Row], bool]) -> Row:
    """A row that is wanted, once there is one."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for row in listed(clearance):
            if wanted(row["waiting"]):
                return row
    raise AssertionError("no such item came")


def digest_of(clearance: Command, item_id: str) -> str:
    """An item's digest, as shown."""
    return str(json.loads(clearance("show", item_id, "--json").out)["digest"])


def run_of(row: Row) -> str:
    """The run of a row."""
    return str(row["waiting"]["key"]["run"]["run_id"])


def of_ticket(number: int) -> Callable[[Row], bool]:
    """Whether what waits belongs to the refund of this ticket; which is about what follows from its number."""
    return lambda waiting: waiting["key"]["run"]["run_id"] == f"refund-T-{10_000 + number}"
