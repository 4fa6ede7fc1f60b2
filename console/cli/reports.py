"""`clearance run report`: what happened in a run, as one HTML file for people to read."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from console.cli.exits import Exit
from console.cli.outfile import Progress, written_to
from console.cli.proofs import connection_named
from console.domain.display import visible
from console.domain.run import RunRef

if TYPE_CHECKING:
    import argparse

    from console.services.desk import Desk


async def write_report(desk: Desk, arguments: argparse.Namespace) -> int:
    """Read everything of a run and write it. Interrupted, it leaves nothing."""
    from console.screens.run.report import report
    from console.screens.run.report_reader import gather

    view = await connection_named(desk, arguments.connection)
    if view is None:
        return Exit.USAGE
    if view.server is None:
        print(f"{view.config.name} has not answered yet. {view.message} {view.next_action}".strip(), file=sys.stderr)
        return Exit.PROBLEM
    progress = Progress("Read")
    ref = RunRef(view.server.identity, arguments.run_id, "")
    try:
        with written_to(arguments.out) as write:
            gathered = await gather(desk, ref, datetime.now(UTC), progress.tell, is_wanted=lambda: True)
            for piece in report(gathered):
                write(piece)
    except OSError as error:
        print(f"It cannot be written: {visible(str(error))}. Nothing is left of it.", file=sys.stderr)
        return Exit.PROBLEM
    finally:
        progress.end()
    print(f"{len(gathered.trail):,} entries of the trail, read at {gathered.at:%Y-%m-%d %H:%M} UTC.", file=sys.stderr)
    return Exit.DONE
