"""`clearance keys`: the key that this profile signs with, and the registries that say whose keys count.

Invariant: private keys are never printed, and one that is kept is not replaced unless that is asked for.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from console.cli import key_acts
from console.cli.exits import Exit
from console.cli.text import KEEP_ONE
from console.domain.deciders import Decider, deciders, moment
from console.domain.display import visible
from console.domain.registry import KeyRecord, entry_content
from console.infra.keys import enrol_command, login_account
from console.verify.signatures import encoded, fingerprint, key_id

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable

    from console.services.desk import Desk
    from console.services.views import ConnectionConfig

LISTED_WITHIN = 10.0
IN_THE_KEYRING = (
    "The keyring holds a key of this profile already. --replace puts a new one in its place: that has to be enrolled "
    "before it counts, and the old one is gone."
)


def new_key(arguments: argparse.Namespace) -> int:
    """Make a new key for this profile: in the keyring, or in a file under a passphrase."""
    import asyncio

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from console import app
    from console.infra.keyfile import save_key
    from console.infra.keys import SECRET_NAME, keep_key

    where = app.paths(arguments.profile)
    private = Ed25519PrivateKey.generate()
    if arguments.file:
        path = app.key_file(where)
        if path.exists() and not arguments.replace:
            print(f"{path} holds a key already; --replace puts a new one in its place.", file=sys.stderr)
            return Exit.USAGE
        try:
            save_key(path, private, app.passphrase(is_new=True))
        except ValueError as error:
            print(error, file=sys.stderr)
            return Exit.USAGE
        kept = f"in {path}, under its passphrase"
    else:
        ring = app.secrets(where)
        if asyncio.run(ring.get(SECRET_NAME)) is not None and not arguments.replace:
            print(IN_THE_KEYRING, file=sys.stderr)
            return Exit.USAGE
        key = asyncio.run(keep_key(ring, private))
        if not key.is_kept:
            print(f"{key.reason} Keep it in a file instead: clearance keys new --file", file=sys.stderr)
            return Exit.PROBLEM
        kept = "in the keyring"
    public = private.public_key().public_bytes_raw()
    print(f"Key {key_id(public)} is {kept}. Have it enrolled: clearance keys show prints how.")
    return Exit.DONE


async def keys(desk: Desk, arguments: argparse.Namespace) -> int:
    """Run one of the actions below."""
    config = await _connection(desk, arguments.connection)
    if isinstance(config, str):
        print(config, file=sys.stderr)
        return Exit.NOT_FOUND
    if config is None and arguments.action == "show":
        await _show_own(desk)
        return Exit.DONE
    if config is None:
        print("No connection yet: clearance connections add NAME --address HOST:PORT", file=sys.stderr)
        return Exit.NOT_FOUND
    try:
        return await _ACTIONS[arguments.action](desk, config, arguments)
    except (OSError, ValueError) as error:
        print(f"{error}", file=sys.stderr)
        return Exit.USAGE


async def _show_own(desk: Desk) -> None:
    identity, public = await desk.identity(), await desk.public_key()
    person = identity.person
    if identity.is_key_locked:
        print(f"{person.name} ({person.person_id}), {person.role}")
        print("The key is locked in its file: its passphrase was not given. Nothing can be decided with it.")
        return
    if not identity.is_key_kept:
        print(f"{person.name} ({person.person_id}), {person.role}, without a key that is kept")
        print(f"{identity.key_reason} Each command would sign with another key. {KEEP_ONE}")
        return
    print(f"{person.name} ({person.person_id}), {person.role}, key {identity.key_id}")
    print(f"public key  {encoded(public)}")
    print(f"fingerprint {fingerprint(public)}")
    print(f"account     {login_account()}")


async def _show(desk: Desk, config: ConnectionConfig, _arguments: argparse.Namespace) -> int:
    await _show_own(desk)
    log = await desk.registry(config.connection_id)
    registry, now = log.registry, datetime.now(UTC)
    print(f"\n{config.name}, root key {key_id(registry.root)}{', a demo' if registry.is_demo else ''}")
    for each in deciders(registry.keys, log.entries, now):
        print(_line(each, now))
    identity = await desk.identity()
    if identity.is_key_kept and not identity.is_key_locked and identity.key_id not in registry.keys:
        print("\nThis key is not enrolled there. A supervisor, or whoever runs the tower, does it by:")
        print(f"  {enrol_command(identity.person, await desk.public_key())}")
    return Exit.DONE


def _line(each: Decider, now: datetime) -> str:
    record = each.record
    who = visible(f"{record.person.name} ({record.person.person_id})")
    state = visible(each.ending(now)) or "valid"
    return f"{record.key_id}  {who:<28} {record.person.role:<10} from {moment(record.valid_from)}  {state}"


async def _export(desk: Desk, config: ConnectionConfig, arguments: argparse.Namespace) -> int:
    log = await desk.registry(config.connection_id)
    lines = [json.dumps({**entry_content(entry), "signature": entry.signature}) for entry in log.entries]
    lines += [json.dumps({"key": _told(record)}) for record in log.registry.keys.values()]
    text = "\n".join(lines) + "\n"
    if not arguments.out:
        sys.stdout.write(text)
        return Exit.DONE
    descriptor = os.open(arguments.out, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    print(f"{len(log.entries)} entries and {len(log.registry.keys)} keys are in {arguments.out}.")
    return Exit.DONE


def _told(record: KeyRecord) -> dict[str, object]:
    return {
        **asdict(record),
        "valid_from": record.valid_from.isoformat(),
        "valid_until": record.valid_until.isoformat() if record.valid_until else None,
    }


async def _connection(desk: Desk, name: str) -> ConnectionConfig | str | None:
    """The connection of that name, or the only one; a text where there is none of that name."""
    await desk.listed(LISTED_WITHIN)
    configs = [view.config for view in await desk.connections()]
    if name:
        return next(
            (one for one in configs if one.name == name),
            f"No connection named {name}; see: clearance connections list",
        )
    if len(configs) > 1:
        return f"Say which with --connection: {', '.join(one.name for one in configs)}"
    return configs[0] if configs else None


_ACTIONS: dict[str, Callable[[Desk, ConnectionConfig, argparse.Namespace], Awaitable[int]]] = {
    "show": _show,
    "enrol": key_acts.enrol,
    "rotate": key_acts.rotate,
    "revoke": key_acts.revoke,
    "export": _export,
}
