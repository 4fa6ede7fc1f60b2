"""The `clearance` command: the window, and everything that can be done without one, on the same services.

Invariant: a command line decides by the same rules and over the same outbox as the window; what asks for a person at
the window (a typed name, a second look) is not made easier here. How it ends is told by the exit status
(:class:`console.cli.exits.Exit`) and in one line of plain words.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status. Without a command the window opens.

    Without ``argv`` it is this process's own command line, and the process ends with the command.
    """
    from console.cli.arguments import parse
    from console.cli.commands import run
    from console.cli.exits import Exit

    if argv is not None:
        return run(parse(argv))
    try:
        status = run(parse(sys.argv[1:]))
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        # Whoever read what is printed has seen enough.
        status = Exit.PROBLEM
    # All is closed. Threads of native libraries may be a moment behind, and Python's own end would abort under them.
    os._exit(status)
