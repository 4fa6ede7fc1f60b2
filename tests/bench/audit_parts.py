"""Verifying an exported audit, three in ten of its entries signed, beside plain SHA-256 over the same lines."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from console.verify.linked_file import verify_audit
from tests.bench.lines import Line, Spread
from tests.verify.chains import grown

ROUNDS = 3
GOAL_ENTRIES = 1_000_000
GOAL_SECONDS = 60


def verify(folder: Path, entries: int) -> Line:
    """The time for the whole file, turn and turn about; and what it makes for a million entries."""
    path = folder / "audit.jsonl"
    path.write_bytes(grown(entries).export())
    ours: list[float] = []
    bare: list[float] = []
    used: list[float] = []
    for _ in range(ROUNDS):
        began, used_before = time.perf_counter(), time.process_time()
        with path.open("rb") as file:
            found = verify_audit(file)
        ours.append((time.perf_counter() - began) * 1000)
        used.append(time.process_time() - used_before)
        began = time.perf_counter()
        with path.open("rb") as file:
            for line in file:
                hashlib.sha256(line).hexdigest()
        bare.append((time.perf_counter() - began) * 1000)
        if not found.is_whole:
            raise AssertionError(found.fault)
    spread = Spread(ours)
    wall, cpu = (seconds / entries * GOAL_ENTRIES for seconds in (spread.median / 1000, Spread(used).median))
    return Line(
        name=f"audit verify: {entries:,} entries, {found.checked / entries:.0%} signed",
        ours=spread,
        beside="SHA-256 of each line",
        baseline=Spread(bare),
        note=f"a million would take {wall:.0f} s, {cpu:.0f} s of one core (goal {GOAL_SECONDS} s)",
    )
