"""`clearance keys enrol`, `rotate` and `revoke`: what changes who may decide.

Invariant: an entry is signed by this profile's key, or by a root key named as a file. Nobody's key is revoked before
their name was shown, and the last supervisor's not without a word for that.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from console.cli.exits import Exit
from console.cli.text import KEEP_ONE
from console.domain.deciders import is_last_supervisor, moment
from console.domain.display import visible
from console.domain.identity import Person, Role
from console.infra.keys import login_account
from console.verify import entries
from console.verify.signatures import decoded
from console.verify.trust import Distrusted, Doubt

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from console.domain.registry import KeyRecord, RegistryEntry
    from console.services.desk import Desk
    from console.services.registrar import MakeEntry
    from console.services.views import ConnectionConfig
    from console.verify.registry import Registry

SHORTEST_KEY = 8
WORD = "revoke"
PASSING = "So the key that would be enrolled ends with this command."
LAST = (
    "is the last valid key of a supervisor here. Without it nobody can enrol or revoke keys, but for whoever holds the "
    "tower’s root key."
)


async def enrol(desk: Desk, config: ConnectionConfig, arguments: argparse.Namespace) -> int:
    """Let a person sign with a key."""
    identity = await desk.identity()
    public = decoded(arguments.public_key) if arguments.public_key else await desk.public_key()
    mine = identity.person
    is_own = not arguments.public_key
    if is_own and not identity.is_key_kept:
        print(f"{identity.key_reason} {PASSING} {KEEP_ONE}", file=sys.stderr)
        return Exit.PROBLEM
    person = Person(
        arguments.person or mine.person_id, arguments.name or arguments.person or mine.name, Role(arguments.role)
    )
    account = arguments.account or (login_account() if is_own else "")

    def make(registry: Registry, by: Ed25519PrivateKey, at: datetime) -> RegistryEntry:
        until = at + timedelta(days=arguments.days) if arguments.days else None
        return entries.enrol(
            registry, by, at, person=person, public=public, account=account, valid_until=until, reason=arguments.reason
        )

    entry = await _extend(desk, config, make, arguments)
    print(f"Enrolled {entry.key_id} for {_called(person)}: {_place(entry, config)}.")
    return Exit.DONE


async def rotate(desk: Desk, config: ConnectionConfig, arguments: argparse.Namespace) -> int:
    """Put a new key in the place of this profile's; its person and role stay as they are."""
    identity = await desk.rotate_key(config.connection_id, arguments.reason)
    print(f"Rotated to {identity.key_id} at {config.name}.")
    return Exit.DONE


async def revoke(desk: Desk, config: ConnectionConfig, arguments: argparse.Namespace) -> int:
    """Let a key count no more, once it was said whose it is."""
    keys = (await desk.registry(config.connection_id)).registry.keys
    record = _found(keys.values(), arguments.key)
    if record is None:
        print(f"{config.name} has no key {visible(arguments.key)}. See: clearance keys show", file=sys.stderr)
        return Exit.NOT_FOUND
    if record.is_revoked:
        print(f"The key {record.key_id} of {_called(record.person)} was revoked already.", file=sys.stderr)
        return Exit.PROBLEM
    is_last = is_last_supervisor(keys, record.key_id, datetime.now(UTC))
    if is_last and not arguments.last_supervisor:
        print(f"The key {record.key_id} of {_called(record.person)} {LAST} {_instead()}", file=sys.stderr)
        return Exit.REFUSED
    if not arguments.yes and not _is_agreed(record, config.name, (await desk.identity()).key_id, is_last=is_last):
        return Exit.REFUSED

    def make(registry: Registry, by: Ed25519PrivateKey, at: datetime) -> RegistryEntry:
        # Another may have been revoked since it was asked.
        if is_last_supervisor(registry.keys, record.key_id, at) and not arguments.last_supervisor:
            raise Distrusted(f"The key {record.key_id} {LAST}", code=Doubt.ROLE)
        return entries.revoke(registry, by, at, named=record.key_id, reason=arguments.reason)

    entry = await _extend(desk, config, make, arguments)
    print(f"Revoked {entry.key_id} of {_called(record.person)}: {_place(entry, config)}.")
    return Exit.DONE


def _is_agreed(record: KeyRecord, connection: str, own_key_id: str, *, is_last: bool) -> bool:
    """Whether the person at the terminal wants it, having read whose key it is."""
    print(f"The key {record.key_id} at {connection} is that of {_called(record.person)}, since", end=" ")
    print(f"{moment(record.valid_from)}. Revoked, it never counts again, nor does what it approved and is not done.")
    if record.key_id == own_key_id:
        print("It is the key that you sign with.")
    if is_last:
        print(f"It {LAST}")
    if not sys.stdin.isatty():
        print("Nothing was revoked: nobody can be asked here. On a terminal it asks; --yes agrees.", file=sys.stderr)
        return False
    if input(f"Type {WORD} to go on: ").strip() != WORD:
        print("Nothing was revoked.", file=sys.stderr)
        return False
    return True


def _instead() -> str:
    return "Enrol another supervisor first: clearance keys enrol. To revoke it all the same, add --last-supervisor."


def _found(records: Iterable[KeyRecord], named: str) -> KeyRecord | None:
    """The key of that id, or the only one whose id begins so."""
    begun = [record for record in records if record.key_id.startswith(named.lower())]
    return begun[0] if len(begun) == 1 and len(named) >= SHORTEST_KEY else None


def _called(person: Person) -> str:
    return visible(f"{person.name} ({person.person_id}), {person.role}")


def _place(entry: RegistryEntry, config: ConnectionConfig) -> str:
    return f"entry {entry.number} of the key registry of {config.name}"


async def _extend(
    desk: Desk, config: ConnectionConfig, make: MakeEntry, arguments: argparse.Namespace
) -> RegistryEntry:
    """Add an entry, signed by this profile's key or by a root key in a file."""
    signs = make
    if arguments.root:
        from console.tower.root import read_root

        root = read_root(Path(arguments.root))

        def signs(registry: Registry, _by: Ed25519PrivateKey, at: datetime) -> RegistryEntry:
            return make(registry, root, at)

    return await desk.extend_registry(config.connection_id, signs)
