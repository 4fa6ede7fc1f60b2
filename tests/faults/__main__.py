"""The fault campaign: ``python -m tests.faults [--decisions N] [--seed S]``.

Progress goes to stderr, figures to stdout; the last line is what it comes down to, and the exit status says the same.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
import tempfile
from pathlib import Path

from tests.faults.campaign import Extent, Result, campaign

DECISIONS = 400
SHOWN = 20
INTERRUPTED = 130


def say(text: str) -> None:
    """Tell how it goes."""
    print(text, file=sys.stderr, flush=True)


def show(result: Result) -> None:
    """Print what was found, the one line last."""
    for name, value in result.figures.items():
        print(f"{value:>10,}  {name}")
    found = result.account
    for text in (found.lost + found.twice + found.undetermined + found.contradictions)[:SHOWN]:
        print(f"found: {text}")
    for text in result.missed:
        print(f"not hit often enough: {text}")
    if found.contradictions:
        print(f"contradictions: {len(found.contradictions)}")
    print(found.line)


def main() -> int:
    """Run a campaign; 0 if it is good."""
    parser = argparse.ArgumentParser(prog="sh packaging/faults.sh", description=__doc__)
    parser.add_argument("--decisions", type=int, default=DECISIONS, help=f"how many ({DECISIONS}; the long run: 10000)")
    parser.add_argument("--seed", type=int, default=None, help="for the same faults again, as far as time allows")
    parser.add_argument("--folder", type=Path, help="an empty folder to work in, and to leave everything in")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    extent = Extent(options.decisions, seed)
    # Being asked to end is taken as Ctrl-C is, so that nothing is left running.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        if options.folder is not None:
            options.folder.mkdir(parents=True, exist_ok=True)
            result = asyncio.run(campaign(extent, options.folder, say))
        else:
            with tempfile.TemporaryDirectory(prefix="clearance-faults-") as folder:
                result = asyncio.run(campaign(extent, Path(folder), say))
    except KeyboardInterrupt:
        say("interrupted; everything that was started has ended")
        return INTERRUPTED
    show(result)
    return 0 if result.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
