"""`clearance tower` and `clearance worker`: the built-in orchestrator without a window."""

from __future__ import annotations

import asyncio
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from console import app, demo
from console.cli.exits import Exit

if TYPE_CHECKING:
    import argparse

    from console.tower.model import ModelSettings
    from console.tower.otlp import Otlp
    from console.tower.server import TowerStatus
    from console.tower.webhook import Webhook


def tower(arguments: argparse.Namespace) -> int:
    """Start, stop or look at the tower of a profile, and say how it is then; or prepare another server."""
    from console.tower.server import TowerFailed

    if arguments.action == "setup":
        return _setup(arguments)
    one = demo.tower_of(app.paths(arguments.profile))
    try:
        if arguments.action == "start":
            otlp = _otlp(arguments.otlp)
            asyncio.run(one.start(demo_rate=arguments.rate, otlp=otlp.url if otlp else ""))
            # Whoever asks for it here wants it to outlive a window.
            demo.guest_mark(one.folder).unlink(missing_ok=True)
        elif arguments.action == "stop":
            asyncio.run(one.stop())
    except ValueError as error:
        print(error, file=sys.stderr)
        return Exit.USAGE
    except TowerFailed as error:
        print(error, file=sys.stderr)
        return Exit.PROBLEM
    _print_status(one.status())
    return Exit.DONE


def _setup(arguments: argparse.Namespace) -> int:
    """Register what runs need in a namespace, and say what was missing there."""
    from console.tower.namespace import prepare

    api_key = secret_from(arguments.api_key_file)
    try:
        added = asyncio.run(prepare(arguments.address, arguments.namespace, tls=arguments.tls, api_key=api_key))
    except ConnectionError as error:
        print(error, file=sys.stderr)
        return Exit.PROBLEM
    print(f"Registered {', '.join(sorted(added))}." if added else "Everything is there already.")
    return Exit.DONE


def worker(arguments: argparse.Namespace) -> int:
    """Run plans on a Temporal server until told to stop."""
    from console.tower.worker import RUNBOOK_AGENT, WorkerConfig, plan_modules, run_worker

    api_key = secret_from(arguments.api_key_file)
    try:
        webhook = _webhook(arguments)
        otlp = _otlp(arguments.otlp, is_plain_allowed=arguments.otlp_allow_plaintext)
    except ValueError as error:
        print(error, file=sys.stderr)
        return Exit.USAGE
    config = WorkerConfig(
        webhook=webhook,
        otlp=otlp,
        address=arguments.address,
        namespace=arguments.namespace,
        plans=plan_modules(arguments.plans),
        data=arguments.data or demo.tower_of(app.paths(arguments.profile)).folder,
        demo_rate=arguments.demo_rate,
        asks=getpass.getuser() if arguments.demo_rate else "",
        model=_model(arguments),
        model_agents=tuple(arguments.model_agent) or (RUNBOOK_AGENT,),
        tls=arguments.tls or bool(api_key),
        api_key=api_key or None,
    )
    try:
        run_worker(config)
    except (ConnectionError, ValueError) as error:
        print(error, file=sys.stderr)
        return Exit.PROBLEM
    return Exit.DONE


def _webhook(arguments: argparse.Namespace) -> Webhook | None:
    url = arguments.webhook or secret_from(arguments.webhook_file, "--webhook-file")
    if not url:
        return None
    from console.tower.webhook import Webhook

    secret = secret_from(arguments.webhook_secret_file, "--webhook-secret-file").encode()
    return Webhook(url, secret, is_plain_allowed=arguments.webhook_allow_plaintext)


def _otlp(url: str, *, is_plain_allowed: bool = False) -> Otlp | None:
    from console.tower.otlp import Otlp

    return Otlp(url, is_plain_allowed=is_plain_allowed) if url else None


def _model(arguments: argparse.Namespace) -> ModelSettings | None:
    """The language model that the options or the environment name; none without an address."""
    from console.infra.secrets import Secrets
    from console.tower.model import ModelSettings

    if not arguments.model_url:
        return None
    key = secret_from(arguments.model_key_file, "--model-key-file")
    if arguments.model_key_name and not key:
        ring = Secrets(f"clearance/{app.paths(arguments.profile).profile}")
        key = asyncio.run(ring.get(arguments.model_key_name)) or ""
        if not key:
            print(f"The keyring has no such secret. {ring.reason}".strip(), file=sys.stderr)
            raise SystemExit(Exit.USAGE)
    return ModelSettings(
        url=arguments.model_url,
        model=arguments.model,
        api_key=key,
        stall=arguments.model_stall,
        most_tokens=arguments.model_tokens,
        price_in=arguments.model_price_in,
        price_out=arguments.model_price_out,
        is_plaintext_allowed=arguments.model_allow_plaintext,
    )


def secret_from(source: str, option: str = "--api-key-file") -> str:
    """A secret from a file, or from standard input for ``-``: never from an argument, which other users can see.

    Ends the command where the file cannot be read; what was given is not repeated, it may be the secret itself.
    """
    if not source:
        return ""
    try:
        return (sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")).strip()
    except (OSError, ValueError) as error:
        print(f"The file named by {option} cannot be read ({type(error).__name__}).", file=sys.stderr)
        raise SystemExit(Exit.USAGE) from None


def _print_status(status: TowerStatus) -> None:
    server = f"answers at {status.address}" if status.is_server_up else "is not running"
    print(f"The server {server}; the worker is {'running' if status.is_worker_up else 'not running'}.")
    print(f"Business database: {status.business}\nLogs: {status.logs}")
