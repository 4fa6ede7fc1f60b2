"""The commands, each a coroutine over an open desk or a call into the tower; who they are is in :data:`COMMANDS`."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from console import app
from console.cli import text
from console.cli.deciding import decide
from console.cli.exits import Exit
from console.cli.orchestrator import secret_from, tower, worker
from console.cli.stepping import commands
from console.domain.errors import Denied, Refused, Uncertain, Unreachable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from console.services.desk import Desk
    from console.services.views import CheckResult, ConnectionConfig, ConnectionView

LISTED_WITHIN = 10.0


def run(arguments: argparse.Namespace) -> int:
    """Run the command that the arguments name and return its exit status."""
    if arguments.command in ON_DESK:
        return _on_desk(arguments, ON_DESK[arguments.command])
    return COMMANDS[arguments.command](arguments)


def _on_desk(arguments: argparse.Namespace, command: Callable[[Desk, argparse.Namespace], Awaitable[int]]) -> int:
    async def whole() -> int:
        async with app.open_desk(app.paths(arguments.profile)) as desk:
            return await command(desk, arguments)

    try:
        return asyncio.run(whole())
    except (Unreachable, Uncertain, Denied, Refused) as error:
        print(f"{error.message} {error.next_action}", file=sys.stderr)
        return Exit.PROBLEM
    except KeyboardInterrupt:
        return Exit.PROBLEM


async def _inbox(desk: Desk, arguments: argparse.Namespace) -> int:
    from console.services.views import InboxQuery

    await desk.listed(LISTED_WITHIN)
    is_to_sign = arguments.to_sign
    page = await desk.inbox(InboxQuery(limit=arguments.limit, needs_signature=is_to_sign))
    print(text.as_json(page) if arguments.json else text.inbox(page, datetime.now(UTC), is_to_sign=is_to_sign))
    _tell_about_trouble(await desk.connections())
    return Exit.DONE


def _tell_about_trouble(connections: tuple[ConnectionView, ...]) -> None:
    if not connections:
        print("No connection yet: clearance connections add NAME --address HOST:PORT", file=sys.stderr)
    for view in connections:
        if view.message:
            print(f"{view.config.name}: {view.message} {view.next_action}", file=sys.stderr)


async def _show(desk: Desk, arguments: argparse.Namespace) -> int:
    await desk.listed(LISTED_WITHIN)
    view = await desk.refresh(arguments.item_id)
    if view is None:
        print(f"No item {arguments.item_id}; see: clearance inbox", file=sys.stderr)
        return Exit.NOT_FOUND
    print(text.as_json(view) if arguments.json else text.item(view))
    return Exit.DONE


async def _decide(desk: Desk, arguments: argparse.Namespace) -> int:
    await desk.listed(LISTED_WITHIN)
    return await decide(desk, arguments)


async def _commands(desk: Desk, arguments: argparse.Namespace) -> int:
    await desk.listed(LISTED_WITHIN)
    return await commands(desk, arguments)


async def _connections(desk: Desk, arguments: argparse.Namespace) -> int:
    if arguments.action == "add":
        return await _add_connection(desk, arguments)
    await desk.listed(LISTED_WITHIN)
    views = await desk.connections()
    if arguments.action == "list":
        print(text.as_json(views) if arguments.json else text.connections(views))
        return Exit.DONE
    named = next((view for view in views if view.config.name == arguments.name), None)
    if named is None:
        print(f"No connection named {arguments.name}; see: clearance connections list", file=sys.stderr)
        return Exit.NOT_FOUND
    if arguments.action == "remove":
        await desk.remove_connection(named.config.connection_id)
        return Exit.DONE
    return await _report_checks(desk, named.config, {})


async def _add_connection(desk: Desk, arguments: argparse.Namespace) -> int:
    from console.services import enter

    is_langgraph = arguments.kind == enter.LANGGRAPH
    entry = enter.Entry(
        kind=arguments.kind,
        name=arguments.name,
        address=arguments.address,
        assistants=arguments.assistants,
        bearer=arguments.bearer,
        namespace=arguments.namespace,
        tls=arguments.tls or bool(arguments.ca or arguments.cert or (arguments.api_key_file and not is_langgraph)),
        ca_path=arguments.ca,
        client_cert_path=arguments.cert,
        client_key_path=arguments.key,
        server_name=arguments.server_name,
        allow_plaintext=arguments.allow_plaintext,
        api_key=secret_from(arguments.api_key_file),
    )
    taken = {view.config.name for view in await desk.connections()}
    if wrong := enter.problems(entry, taken):
        print("\n".join(wrong.values()), file=sys.stderr)
        return Exit.USAGE
    config, secrets = enter.config(entry), enter.secrets(entry)
    status = await _report_checks(desk, config, secrets)
    await desk.add_connection(config, secrets)
    print(f"Added {arguments.name}." + ("" if status == Exit.DONE else " It is tried again until it answers."))
    return status


async def _report_checks(desk: Desk, config: ConnectionConfig, secrets: dict[str, str]) -> int:
    from console.services.views import CheckResult

    results = await desk.test_connection(config, secrets)
    print(text.checks(results))
    worst: set[CheckResult] = {check.result for check in results}
    return Exit.PROBLEM if CheckResult.BAD in worst else Exit.DONE


def _keys(arguments: argparse.Namespace) -> int:
    from console.cli.keys import keys, new_key

    return new_key(arguments) if arguments.action == "new" else _on_desk(arguments, keys)


def _audit(arguments: argparse.Namespace) -> int:
    from console.cli import proofs

    return proofs.verify_audit(arguments) if arguments.action == "verify" else _on_desk(arguments, proofs.export_audit)


def _run(arguments: argparse.Namespace) -> int:
    from console.cli import proofs
    from console.cli.reports import write_report

    if arguments.action == "report":
        return _on_desk(arguments, write_report)
    return proofs.verify_run(arguments) if arguments.action == "verify" else _on_desk(arguments, proofs.export_run)


def _evidence(arguments: argparse.Namespace) -> int:
    from console.cli import proofs

    is_verified = arguments.decision == "verify"
    return proofs.verify_evidence(arguments) if is_verified else _on_desk(arguments, proofs.write_evidence)


ON_DESK: dict[str, Callable[[Desk, argparse.Namespace], Awaitable[int]]] = {
    "inbox": _inbox,
    "show": _show,
    "decide": _decide,
    "commands": _commands,
    "connections": _connections,
}


def _open(arguments: argparse.Namespace) -> int:
    from console.domain.links import BadLinkError, read_link

    try:
        link = str(read_link(arguments.link)) if arguments.link else ""
    except BadLinkError as error:
        print(f"This link cannot be followed. {error}", file=sys.stderr)
        return Exit.USAGE
    return app.open_window(app.paths(arguments.profile), link)


def _tour(arguments: argparse.Namespace) -> Callable[[Path], int]:
    if arguments.help_pictures:
        return app.help_pictures
    return app.matrix if arguments.matrix else app.tour


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "window": lambda arguments: app.open_window(app.paths(arguments.profile)),
    "demo": lambda arguments: app.open_demo(app.paths(arguments.profile), rate=arguments.rate, is_kept=arguments.keep),
    "tour": lambda arguments: _tour(arguments)(arguments.out),
    "keys": _keys,
    "audit": _audit,
    "run": _run,
    "evidence": _evidence,
    "open": _open,
    "tower": tower,
    "worker": worker,
}
