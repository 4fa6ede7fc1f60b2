"""Reading and extending the key registry of a namespace, from outside its workers.

Invariant: what is returned was checked from the root key on; an entry is made on top of what was just read and sent
once. Fails with :class:`ConnectionError` where the registry cannot be reached, with
:class:`~console.verify.trust.Distrusted` where the log or the entry does not count.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from console.domain.identity import Person
from console.domain.registry import RegistryEntry
from console.tower import wire
from console.tower.namespace import identify
from console.verify.entries import enrol, rotate
from console.verify.registry import Registry, read_registry
from console.verify.signatures import decoded, key_id
from console.verify.trust import Distrusted, Doubt

Making = Callable[[Registry], RegistryEntry]


def reader(client: Client, within: timedelta | None = None) -> Callable[[int], Awaitable[list[RegistryEntry]]]:
    """What reads the registry's entries after so many, within a time. It raises what Temporal raises."""

    async def read(known: int) -> list[RegistryEntry]:
        handle = client.get_workflow_handle(wire.REGISTRY_ID)
        reply: wire.KeysReply = await handle.query(
            wire.QUERY_KEYS, known, result_type=wire.KeysReply, rpc_timeout=within
        )
        return reply.entries

    return read


async def read_keys(client: Client, root: bytes = b"") -> tuple[Registry, tuple[RegistryEntry, ...]]:
    """The registry and its log. Without a ``root`` the one that the log names is taken: trust on first use."""
    try:
        entries = tuple(await reader(client)(0))
        server = await identify(client)
    except RPCError as error:
        raise ConnectionError(f"The key registry does not answer: {error.message}") from error
    if not root:
        try:
            root = decoded(entries[0].public_key)
        except (IndexError, ValueError):
            raise Distrusted("The key registry names no root key.", code=Doubt.REGISTRY) from None
    return read_registry(root, server, entries), entries


async def add(client: Client, making: Making, root: bytes = b"") -> RegistryEntry:
    """Add the entry that ``making`` makes on top of the registry as it is; returns it once it is in the log."""
    registry, _ = await read_keys(client, root)
    entry = making(registry)
    handle = client.get_workflow_handle(wire.REGISTRY_ID)
    try:
        await handle.execute_update(
            wire.UPDATE_ADMIT,
            wire.AdmitRequest(entry=entry),
            id=f"entry-{entry.number}-{entry.key_id}-{entry.signature[:16]}",
            result_type=int,
        )
    except WorkflowUpdateFailedError as error:
        cause = error.cause
        raise Distrusted(
            cause.message if isinstance(cause, ApplicationError) else str(cause), code=Doubt.REGISTRY
        ) from error
    except RPCError as error:
        raise ConnectionError(f"The key registry does not answer: {error.message}") from error
    return entry


async def enrol_by_root(
    address: str, namespace: str, root: Ed25519PrivateKey, person: Person, public: bytes, account: str
) -> None:
    """See that a person may sign with a key, as whoever runs the tower: enrolled, or in the place of their last one."""
    try:
        client = await Client.connect(address, namespace=namespace, data_converter=pydantic_data_converter)
    except RuntimeError as error:
        raise ConnectionError(f"No server answers at {address}: {error}") from error
    now = datetime.now(UTC)

    def entry(registry: Registry) -> RegistryEntry:
        for record in reversed(list(registry.keys.values())):
            if record.person == person and record.account == account and record.is_valid(now):
                return rotate(registry, root, now, replaces=record.key_id, public=public, reason="a new key")
        return enrol(registry, root, now, person=person, public=public, account=account)

    registry, _ = await read_keys(client, root.public_key().public_bytes_raw())
    known = registry.keys.get(key_id(public))
    if known is None or known.person != person or not known.is_valid(now):
        await add(client, entry, root.public_key().public_bytes_raw())
