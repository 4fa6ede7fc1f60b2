"""The words of the command line."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.cli.proof_arguments import add_commands as add_proofs
from console.domain.escalation import Verdict
from console.domain.identity import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY_ACTIONS = ("show", "new", "enrol", "rotate", "revoke", "export")
EXIT_STATUSES = """exit status of decide:
  0 confirmed or carried out   3 superseded   4 refused or expired   5 uncertain
  6 still queued               7 failed after approval               8 no such item
"""


class Exact(argparse.ArgumentParser):
    """Takes options by their whole names: a secret after ``--api-key`` must not pass for the name of a file."""

    def __init__(self, **more: Any) -> None:  # noqa: ANN401 - what argparse takes
        super().__init__(allow_abbrev=False, **more)
        self.is_mixed = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 - as above
        """Read the arguments; where it ``is_mixed``, options may stand between those without a name."""
        if not self.is_mixed:
            return super().parse_known_args(args, namespace)
        self.is_mixed = False
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self.is_mixed = True


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
    _stepping_commands(commands)
    _connections_commands(commands)
    _keys_commands(commands)
    add_proofs(commands, _add)
    _tower_commands(commands)
    return parser.parse_args(argv)


def _add(commands: argparse._SubParsersAction[Exact], name: str, text: str) -> Exact:
    parser = commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:], formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(command=name)
    return parser


def _window_commands(commands: argparse._SubParsersAction[Exact]) -> None:
    opening = _add(commands, "open", "open the window, or follow a link in the one that is open")
    opening.add_argument("link", nargs="?", default="", metavar="LINK", help="clearance://… to an item or a run")
    opening.add_argument("--profile", default=argparse.SUPPRESS, help="a data folder and a person of its own")
    demo = _add(commands, "demo", "open the window on the built-in orchestrator with live sample work")
    demo.add_argument("--keep", action="store_true", help="leave the orchestrator running when the window closes")
    demo.add_argument("--rate", type=float, default=4.0, metavar="N", help="new runs a minute (default 4)")
    tour = _add(commands, "tour", "drive the real window through a working day and write pictures of it")
    which = tour.add_mutually_exclusive_group()
    which.add_argument(
        "--matrix", action="store_true", help="every screen in every world and look, on the scripted engine"
    )
    which.add_argument("--help-pictures", action="store_true", help="the pictures that the help shows")
    tour.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the pictures and the summary go")


def _inbox_commands(commands: argparse._SubParsersAction[Exact]) -> None:
    inbox = _add(commands, "inbox", "list what waits for a person")
    inbox.add_argument("--json", action="store_true", help="machine-readable")
    inbox.add_argument("--limit", type=int, default=200, metavar="N", help="at most N items (default 200)")
    inbox.add_argument("--to-sign", action="store_true", help="only what another approved and you may approve next")
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


def _stepping_commands(commands: argparse._SubParsersAction[Exact]) -> None:
    listing = _add(commands, "commands", "list what you may do to a run at any time: pause, cancel, start again")
    listing.epilog = "Each line has the id, the verdict and the digest to do it with: clearance decide"
    listing.add_argument("run_id", metavar="RUN")
    listing.add_argument("--connection", default="", metavar="NAME", help="which (default: the only one)")
    listing.add_argument("--json", action="store_true", help="machine-readable")


def _connections_commands(commands: argparse._SubParsersAction[Exact]) -> None:
    parser = _add(commands, "connections", "list, add, test and remove connections")
    parser.set_defaults(action="list", json=False)
    actions = parser.add_subparsers(metavar="ACTION")
    listing = actions.add_parser("list", help="all connections and how they do")
    listing.add_argument("--json", action="store_true", help="machine-readable")
    listing.set_defaults(action="list")
    add = actions.add_parser("add", help="add a connection to a server")
    add.set_defaults(action="add")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--address", required=True, metavar="HOST:PORT")
    add.add_argument("--kind", default="temporal", choices=("temporal", "langgraph"), help="what runs there")
    add.add_argument("--namespace", default="default", help="of Temporal")
    add.add_argument("--assistants", default="", metavar="NAMES", help="of LangGraph, apart by commas (default: all)")
    add.add_argument("--bearer", action="store_true", help="send the API key to LangGraph as a bearer token")
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


def _keys_commands(commands: argparse._SubParsersAction[Exact]) -> None:
    parser = _add(commands, "keys", "the key that you sign with, and the registries that say whose keys count")
    parser.set_defaults(action="show", connection="", root="")
    actions = parser.add_subparsers(metavar="ACTION")
    show = actions.add_parser("show", help="your key, and the keys that a connection knows")
    new = actions.add_parser("new", help="make a new key for this profile")
    new.add_argument("--file", action="store_true", help="keep it in a file under a passphrase, without a keyring")
    new.add_argument("--replace", action="store_true", help="in the place of the one that is there")
    enrol = actions.add_parser("enrol", help="let a person sign with a key; without a key, yours")
    enrol.add_argument("--public-key", default="", metavar="BASE64", help="as `keys show` prints it for them")
    enrol.add_argument("--person", default="", metavar="ID", help="who they are, for ever")
    enrol.add_argument("--name", default="", help="what they are called")
    enrol.add_argument("--role", default=str(Role.OPERATOR), choices=[str(role) for role in Role])
    enrol.add_argument("--account", default="", metavar="USER@HOST", help="the login that they use it from")
    enrol.add_argument("--days", type=int, default=0, metavar="N", help="how long it is valid (default: no end)")
    rotate = actions.add_parser("rotate", help="put a new key in the place of yours")
    revoke = actions.add_parser("revoke", help="let a key count no more, at once, also in runs under way")
    revoke.add_argument("key", metavar="KEY", help="its id, at least the first 8 digits")
    revoke.add_argument("--yes", action="store_true", help="do not ask, for scripts")
    revoke.add_argument("--last-supervisor", action="store_true", help="even if no supervisor is left then")
    export = actions.add_parser("export", help="the whole log and what it says of each key, as JSON lines")
    export.add_argument("--out", default="", metavar="FILE", help="write it there, readable by you alone")
    for action, one in zip(KEY_ACTIONS, (show, new, enrol, rotate, revoke, export), strict=True):
        one.set_defaults(action=action)
        if one is not new:
            one.add_argument("--connection", default="", metavar="NAME", help="which (default: the only one)")
        if one in (enrol, rotate, revoke):
            one.add_argument("--reason", default="", metavar="TEXT", help="why, for the log")
        if one in (enrol, revoke):
            one.add_argument("--root", default="", metavar="FILE", help="sign with the tower's root key in this file")


def _tower_commands(commands: argparse._SubParsersAction[Exact]) -> None:
    tower = _add(commands, "tower", "start, stop or look at the built-in orchestrator, or prepare a server of yours")
    actions = tower.add_subparsers(metavar="ACTION", required=True)
    start = actions.add_parser("start", help="start server and worker, unless they run")
    start.add_argument("--rate", type=float, default=0.0, metavar="N", help="sample runs a minute (default none)")
    _add_otlp(start)
    start.set_defaults(action="start")
    for action, text in (("stop", "end both; the runs wait"), ("status", "say what runs")):
        actions.add_parser(action, help=text).set_defaults(action=action)
    setup = actions.add_parser(
        "setup", help="make a namespace of your server ready: search attributes, closed runs kept long enough"
    )
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
        "--webhook-file", default="", metavar="FILE", help="read its address from here: for one that holds a token"
    )
    worker.add_argument(
        "--webhook-secret-file", default="", metavar="FILE", help="read the secret that calls are signed with from here"
    )
    worker.add_argument(
        "--webhook-allow-plaintext", action="store_true", help="permit a webhook without TLS beyond this machine"
    )
    worker.add_argument("--demo-rate", type=float, default=0.0, metavar="N", help="start N sample runs a minute")
    _add_otlp(worker)
    worker.add_argument(
        "--otlp-allow-plaintext", action="store_true", help="permit a collector without TLS beyond this machine"
    )
    _add_model(worker)


def _add_otlp(parser: Exact) -> None:
    url = os.environ.get("CLEARANCE_OTLP", "")
    text = "send traces of runs to this OTLP collector (or CLEARANCE_OTLP; default: none)"
    parser.add_argument("--otlp", default=url, metavar="URL", help=text)


def _add_model(worker: Exact) -> None:
    """A language model for some agents; none unless its address is given, here or in the environment."""
    model = worker.add_argument_group("a language model behind an OpenAI-compatible endpoint (default: none)")
    url, name = os.environ.get("CLEARANCE_MODEL_URL", ""), os.environ.get("CLEARANCE_MODEL", "")
    key_file = os.environ.get("CLEARANCE_MODEL_KEY_FILE", "")
    model.add_argument("--model-url", default=url, metavar="URL", help="up to /v1 (or CLEARANCE_MODEL_URL)")
    model.add_argument("--model", default=name, metavar="NAME", help="its name there (or CLEARANCE_MODEL)")
    model.add_argument(
        "--model-key-file", default=key_file, metavar="FILE|-", help="its API key (or CLEARANCE_MODEL_KEY_FILE)"
    )
    model.add_argument("--model-key-name", default="", metavar="NAME", help="or take it by this name from the keyring")
    model.add_argument(
        "--model-agent", action="append", default=[], metavar="PLAN/AGENT", help="who it is (default: runbook agent)"
    )
    model.add_argument("--model-stall", type=float, default=30.0, metavar="SECONDS", help="it may be silent (30)")
    model.add_argument("--model-tokens", type=int, default=2_000, metavar="N", help="the most of one answer (2000)")
    model.add_argument("--model-price-in", type=float, default=0.0, metavar="EUR", help="a million tokens read")
    model.add_argument("--model-price-out", type=float, default=0.0, metavar="EUR", help="a million tokens written")
    model.add_argument("--model-allow-plaintext", action="store_true", help="permit no TLS beyond this machine")


def _add_server(parser: Exact) -> None:
    parser.add_argument("--address", required=True, metavar="HOST:PORT")
    parser.add_argument("--namespace", default="default")
    parser.add_argument("--tls", action="store_true", help="connect over TLS")
    parser.add_argument("--api-key-file", default="", metavar="FILE|-", help="read the API key from here")
