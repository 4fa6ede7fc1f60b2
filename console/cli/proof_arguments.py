"""The words of `clearance audit`, `clearance run` and `clearance evidence`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

EXIT_STATUSES = """exit status of verify:
  0 whole   1 broken: the first line that does not hold is named   2 unreadable, or no such file
"""
KEYS = "a key to trust: its public key (base64), its fingerprint (64 digits) or its id (16); may be repeated"

Add = Callable[..., Any]


def add_commands(commands: Any, add: Add) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add the commands with their actions."""
    audit = add(commands, "audit", "export the audit of this desk, or verify an export")
    actions = audit.add_subparsers(metavar="ACTION", required=True)
    export = actions.add_parser("export", help="write the audit with a signed end, as JSON Lines")
    export.set_defaults(action="export")
    _add_out(export)
    export.add_argument("--since", default="", metavar="WHEN", help="from this day or time on (2026-11-21, …T08:00)")
    _add_verify(actions, "an export; needs neither this desk nor a network nor a keyring")
    run = add(commands, "run", "export the record of a run, verify an export, or write a report to read")
    actions = run.add_subparsers(metavar="ACTION", required=True)
    export = actions.add_parser("export", help="write what the agents and tools of a run returned, with a signed end")
    export.set_defaults(action="export")
    export.add_argument("run_id", metavar="RUN", help="the run's id, as the engine has it; the newest of that id")
    export.add_argument("--connection", default="", metavar="NAME", help="where it is; needed if there are several")
    _add_out(export)
    _add_verify(actions, "an export of a run")
    report = actions.add_parser("report", help="write what happened in a run as one HTML file, for people to read")
    report.set_defaults(action="report")
    report.add_argument("run_id", metavar="RUN", help="the run's id, as the engine has it; the newest of that id")
    report.add_argument("--connection", default="", metavar="NAME", help="where it is; needed if there are several")
    _add_out(report)
    evidence = add(commands, "evidence", "write the evidence of one decision, or verify it: evidence verify FILE")
    evidence.epilog = EXIT_STATUSES
    evidence.is_mixed = True
    evidence.add_argument("decision", metavar="DECISION", help="the decision's id; or “verify”")
    evidence.add_argument("file", nargs="?", default="", metavar="FILE", help="with verify: the evidence, or -")
    evidence.add_argument("--key", action="append", default=[], metavar="KEY", help=KEYS)
    _add_out(evidence)


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=None, metavar="FILE", help="a new file (default: standard output)")


def _add_verify(actions: Any, what: str) -> None:  # noqa: ANN401 - argparse has no public name for it
    verify = actions.add_parser(
        "verify", help=f"verify {what}", formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EXIT_STATUSES
    )
    verify.set_defaults(action="verify")
    verify.add_argument("file", metavar="FILE", help="the export, or - for standard input")
    verify.add_argument("--key", action="append", default=[], metavar="KEY", help=KEYS)
