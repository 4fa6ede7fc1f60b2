"""The benchmarks: ``python -m tests.bench [NAMES…] [--quick] [--all]``.

One line each: our figures (min / median / max in milliseconds, with the 99th percentile before max where there are a
hundred samples), those of a baseline measured by turns in the same run, and the ratio. Nothing fails by being slow.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import audit_parts, langgraph_listing, listing, stock, store_parts
from tests.bench.lines import Line, Spread
from tests.bench.parts import Samples, measure, x_server

EVENTS = 2_000
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured. ``decisions`` are key presses at the window, ``writes`` decisions written to the store."""

    starts: int = 10
    decisions: int = 30
    seconds: int = 10
    writes: int = 300
    pages: int = 200
    entries: int = 50_000
    runs: int = 10_000
    rounds: int = 3


QUICK = Extent(starts=3, decisions=8, seconds=4, writes=100, pages=50, entries=5_000, runs=1_000, rounds=2)


def paint(folder: Path, extent: Extent) -> Iterator[Line]:
    """From the start of the process to the first paint, and to rows on screen."""
    stock.fill(stock.profile(folder))
    yield from _starts("offscreen", folder, extent, OFFSCREEN)
    if program := shutil.which("Xvfb"):
        with x_server(program) as environment:
            yield from _starts("Xvfb", folder, extent, environment)


def _starts(where: str, folder: Path, extent: Extent, environment: dict[str, str]) -> Iterator[Line]:
    ours: list[Samples] = []
    bare: list[Samples] = []
    for _ in range(extent.starts + 1):
        ours.append(measure("paint_console", str(folder), platform=environment))
        bare.append(measure("bare", platform=environment))
    # The first start of each filled the caches of the disk.
    baseline = Spread(_since_start(bare[1:], "painted"))
    for name, moment in (("first paint", "painted"), (f"rows of {stock.ITEMS:,} on screen", "rows")):
        used = Spread([each[f"{moment}_cpu"][0] for each in ours[1:]])
        yield Line(
            name=f"start to {name}, {where}",
            ours=Spread(_since_start(ours[1:], moment)),
            beside="bare window painted",
            baseline=baseline,
            note=f"CPU {used.median:.0f} ms",
        )


def _since_start(samples: list[Samples], moment: str) -> list[float]:
    return [(each[moment][0] - each["started"][0]) * 1000 for each in samples]


def next_item(folder: Path, extent: Extent) -> Iterator[Line]:
    """From a key press to the next item on screen."""
    bare = measure("next_item", "bare", str(2 * extent.decisions), platform=OFFSCREEN)
    ours = measure("next_item", "ours", str(folder), str(extent.decisions), platform=OFFSCREEN)
    for name, of in (("A (decided, written) to next item", "decided"), ("J to next item", "moved")):
        yield Line(
            name=f"{name}, {stock.ITEMS:,} cached",
            ours=Spread(ours[of]),
            beside="bare table, arrow down",
            baseline=Spread(bare["moved"]),
        )


def stall(folder: Path, extent: Extent) -> Iterator[Line]:
    """Gaps of a 16-ms timer in the window's loop under a flood of events."""
    bare = measure("stall", "bare", str(extent.seconds), platform=OFFSCREEN)
    ours = measure("stall", "ours", str(folder), str(extent.seconds), str(EVENTS), platform=OFFSCREEN)
    yield Line(
        name=f"16-ms timer, {EVENTS:,} events/s for {extent.seconds} s",
        ours=Spread(ours["gaps"]),
        beside="bare window, no events",
        baseline=Spread(bare["gaps"]),
        is_worst_compared=True,
        note=f"{ours['told'][0]:,.0f} events/s came, making them took {ours['spent'][0]:.0%} of a core",
    )


def decide(folder: Path, extent: Extent) -> Iterator[Line]:
    """A decision written."""
    yield store_parts.decide(folder, extent.writes)


def page(folder: Path, extent: Extent) -> Iterator[Line]:
    """A page of the inbox read."""
    yield store_parts.page(folder, extent.pages)


def audit(folder: Path, extent: Extent) -> Iterator[Line]:
    """An exported audit verified."""
    yield audit_parts.verify(folder, extent.entries)


def temporal(folder: Path, extent: Extent) -> Iterator[Line]:
    """Everything that waits on a real Temporal server, listed."""
    yield from listing.list_waiting(folder, extent.runs, extent.rounds)


def langgraph(folder: Path, extent: Extent) -> Iterator[Line]:
    """Everything that waits on a real LangGraph server, listed."""
    yield from langgraph_listing.list_waiting(folder, extent.rounds)


BENCHMARKS: dict[str, Callable[[Path, Extent], Iterator[Line]]] = {
    "paint": paint,
    "next": next_item,
    "stall": stall,
    "decide": decide,
    "page": page,
    "audit": audit,
    "temporal": temporal,
    "langgraph": langgraph,
}
# Starting thousands of runs takes minutes.
LONG = {"temporal", "langgraph"}


def main() -> int:
    """Run what is named; without names all but the long ones."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="One line for each benchmark.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="fewer samples of each")
    parser.add_argument("--all", action="store_true", help="also those that take minutes: " + ", ".join(LONG))
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark called {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    names = asked.names or [name for name in BENCHMARKS if asked.all or name not in LONG]
    extent = QUICK if asked.quick else Extent()
    print(_machine(), flush=True)
    for name in names:
        with tempfile.TemporaryDirectory(prefix="clearance-bench-") as folder:
            for line in BENCHMARKS[name](Path(folder), extent):
                print(line, flush=True)
    return 0


def _machine() -> str:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, load before {load}"


if __name__ == "__main__":
    sys.exit(main())
