"""Where the sample plans' data come from: lists that ship with the product, files made from a seed at first use.

Invariant: a file is whole or absent, the same seed makes the same bytes. Fails with :class:`FileNotFoundError` where
the installation is incomplete.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
Row = dict[str, str]


def shipped(name: str) -> list[Row]:
    """The rows of a list under ``resources/demo``."""
    for folder in (PACKAGE / "resources" / "demo", PACKAGE.parent / "resources" / "demo"):
        if (folder / name).is_file():
            return read(folder / name)
    raise FileNotFoundError(f"resources/demo/{name} is missing from this installation")


def read(path: Path) -> list[Row]:
    """The rows of a CSV file with a header."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a CSV file as a whole, whoever else writes it at the same moment; readers find the old one or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, unfinished = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    Path(unfinished).replace(path)


def money(amount: Decimal) -> str:
    """An amount as arguments and files hold it: two decimals, a point, no separators."""
    return f"{amount:.2f}"
