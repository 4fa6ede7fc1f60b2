"""`clearance commands`: what a person may do to a run at any time, with the ids and digests that `decide` takes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from console.cli import text
from console.cli.exits import Exit
from console.domain.run import RunRef

if TYPE_CHECKING:
    import argparse

    from console.services.desk import Desk
    from console.services.views import ConnectionView


async def commands(desk: Desk, arguments: argparse.Namespace) -> int:
    """List what may be done to a run, its plan, its agents and everything. Raises the four errors."""
    there = [view for view in await desk.connections() if arguments.connection in {"", view.config.name}]
    server = _server(there)
    if server is None:
        names = ", ".join(view.config.name for view in there) or "none"
        print(f"Name one connection that answers with --connection (there: {names}).", file=sys.stderr)
        return Exit.USAGE
    found = await desk.commands(RunRef(server, arguments.run_id, ""))
    print(text.as_json(found) if arguments.json else "\n".join(map(text.command, found)) or "Nothing can be done now.")
    return Exit.DONE


def _server(views: list[ConnectionView]) -> str | None:
    """The one server that is meant."""
    return views[0].server.identity if len(views) == 1 and views[0].server is not None else None
