"""The words of the command line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.domain.escalation import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_STATUSES = """exit status of decide:
  0 confirmed or carried out   3 superseded   4 refused or expired   5 uncertain
  6 still queued               7 failed after approval               8 no such item
"""


class Exact(argparse.ArgumentParser):
    """Takes options by their whole names: a secret after ``--api-key`` must not pass for the name of a file."""

    def __init__(self, **more: Any) -> None:  # noqa: ANN401 - what argparse takes
        super().__init__(allow_abbrev=False, **more)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; ends the process with status 2 and the usage where they make no sense."""
    parser = Exact(
        prog="clearance", description="The operations desk for AI agents: everything that waits for a person."
    )
    parser.add_argument("--profile", default="", help="the profile to open (default: the only one)")
    parser.set_defaults(command="window")
    commands = parser.add_subparsers(metavar="COMMAND")
    _window_commands(commands)
    _inbox_commands(commands)
    _connections_commands(commands)
    _tower_commands(commands)
    return parser.parse_args(argv)


def _add(commands: argparse._SubParsersAction[Exact], name: str, text: str) -> Exact:
    parser = commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:], formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(command=name)
    return parser


def _window_commands(commands: argparse._SubParsersAction[Exact]) -> None:
    demo = _add(commands, "demo", "open the window on the built-in orchestrator with live sample work")
    demo.add_argument("--keep", action="store_true", help="leave the orchestrator running when the window closes")
    demo.add_argument("--rate", type=float, default=4.0, metavar="N", help="new runs a minute (default 4)")
    tour = _add(commands, "tour", "drive the real window through a working day and write pictures of it")
    tour.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the pictures and the summary go")


def _inbox_commands(commands: argparse._SubParsersAction[Exact]) -> None:
    inbox = _add(commands, "inbox", "list what waits for a person")
    inbox.add_argument("--json", action="store_true", help="machine-readable")
    inbox.add_argument("--limit", type=int, default=200, metavar="N", help="at most N items (default 200)")
    show = _add(commands, "show", "show one item in full, read now, with its digest")
    show.add_argument("item_id", metavar="ID")
    show.add_argument("--json", action="store_true", help="machine-readable")
    decide = _add(commands, "decide", "decide one item and wait for the receipt")
    decide.epilog = EXIT_STATUSES
    decide.add_argument("item_id", metavar="ID")
    decide.add_argument("verdict", choices=[str(verdict) for verdict in Verdict], metavar="VERDICT")
    decide.add_argument("--digest", required=True, help="the digest that was shown, at least its first 16 digits")
    decide.add_argument("--payload", metavar="FILE|-", help="JSON: the edited arguments, or the answer")
    decide.add_argument("--to", default="", metavar="TARGET", help="where to reroute, as shown (agent:NAME, step:NAME)")
    decide.add_argument("--reason", default="", metavar="TEXT", help="why; needed at high risk")
    decide.add_argument("--wait", type=float, default=30.0, metavar="SECONDS", help="for the receipt (default 30)")
    decide.add_argument("--json", action="store_true", help="machine-readable")


def _connections_commands(commands: argparse._SubParsersAction[Exact]) -> None:
    parser = _add(commands, "connections", "list, add, test and remove connections")
    parser.set_defaults(action="list", json=False)
    actions = parser.add_subparsers(metavar="ACTION")
    listing = actions.add_parser("list", help="all connections and how they do")
    listing.add_argument("--json", action="store_true", help="machine-readable")
    listing.set_defaults(action="list")
    add = actions.add_parser("add", help="add a connection to a Temporal server")
    add.set_defaults(action="add")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--address", required=True, metavar="HOST:PORT")
    add.add_argument("--namespace", default="default")
    add.add_argument("--tls", action="store_true", help="connect over TLS (set by a certificate or an API key, too)")
    add.add_argument("--ca", default="", metavar="FILE", help="certificate authority of the server, PEM")
    add.add_argument("--cert", default="", metavar="FILE", help="client certificate, PEM")
    add.add_argument("--key", default="", metavar="FILE", help="key of the client certificate, PEM")
    add.add_argument("--server-name", default="", help="the name in the server's certificate")
    add.add_argument("--api-key-file", default="", metavar="FILE|-", help="read the API key from here")
    add.add_argument("--allow-plaintext", action="store_true", help="permit no TLS beyond this machine")
    for action, text in (("test", "try a connection and say what is wrong"), ("remove", "forget a connection")):
        one = actions.add_parser(action, help=text)
        one.add_argument("name", metavar="NAME")
        one.set_defaults(action=action)


def _tower_commands(commands: argparse._SubParsersAction[Exact]) -> None:
    tower = _add(commands, "tower", "start, stop or look at the built-in orchestrator, or prepare a server of yours")
    actions = tower.add_subparsers(metavar="ACTION", required=True)
    start = actions.add_parser("start", help="start server and worker, unless they run")
    start.add_argument("--rate", type=float, default=0.0, metavar="N", help="sample runs a minute (default none)")
    start.set_defaults(action="start")
    for action, text in (("stop", "end both; the runs wait"), ("status", "say what runs")):
        actions.add_parser(action, help=text).set_defaults(action=action)
    setup = actions.add_parser("setup", help="register the search attributes of runs in a namespace of your server")
    _add_server(setup)
    setup.set_defaults(action="setup")
    worker = _add(commands, "worker", "run plans on a Temporal server until told to stop")
    _add_server(worker)
    worker.add_argument(
        "--plans", action="append", default=[], metavar="MODULE", help="a module with plans (default: the sample plans)"
    )
    worker.add_argument("--data", type=Path, default=None, metavar="DIR", help="where the worker keeps its files")
    worker.add_argument("--webhook", default="", metavar="URL", help="post one signed call there per escalation")
    worker.add_argument(
        "--webhook-secret-file", default="", metavar="FILE", help="read the secret that calls are signed with from here"
    )
    worker.add_argument(
        "--webhook-allow-plaintext", action="store_true", help="permit a webhook without TLS beyond this machine"
    )
    worker.add_argument("--demo-rate", type=float, default=0.0, metavar="N", help="start N sample runs a minute")


def _add_server(parser: Exact) -> None:
    parser.add_argument("--address", required=True, metavar="HOST:PORT")
    parser.add_argument("--namespace", default="default")
    parser.add_argument("--tls", action="store_true", help="connect over TLS")
    parser.add_argument("--api-key-file", default="", metavar="FILE|-", help="read the API key from here")
