"""The key registries of connections: read, checked from their root key on, and extended with this desk's key.

Invariant: an entry is made on top of the log as it was just read, and what was added is in this desk's audit.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.deciders import ANOTHER_KEY, ENROL_IT, deciders
from console.domain.errors import Denied, RefusalCode, Refused, Uncertain, Unreachable
from console.domain.identity import Person, Role
from console.domain.registry import KeyAct, KeyRecord, RegistryEntry, entry_hash
from console.engines.port import Ability
from console.infra.keys import SigningKey, next_key, take_next
from console.infra.secrets import Secrets
from console.services.link import Link
from console.services.links import Links
from console.services.means import Means
from console.services.views import ConnectionConfig, Enrolment, KeyStanding
from console.verify.entries import rotate
from console.verify.registry import Registry, admitted, read_registry
from console.verify.signatures import decoded, key_id
from console.verify.trust import Distrusted

ASK_ONE = "Ask another supervisor."
MakeEntry = Callable[[Registry, Ed25519PrivateKey, datetime], RegistryEntry]


@dataclass(frozen=True, slots=True)
class KeyLog:
    """A log of keys with what it proves. ``root`` in it is the key that the log itself names."""

    registry: Registry
    entries: tuple[RegistryEntry, ...]


class Registrar:
    """Reads and extends key registries, as the person of one desk."""

    def __init__(self, means: Means, links: Links, key: Callable[[], Awaitable[SigningKey]], secrets: Secrets) -> None:
        self._means = means
        self._links = links
        self._key = key
        self._secrets = secrets

    async def read(self, connection_id: str) -> KeyLog:
        """The registry of a connection. Raises the four errors; ``Refused`` for a log that proves nothing."""
        link = self._link(connection_id)
        entries = await link.read("read the key registry", lambda engine: engine.key_log())
        server = link.server.identity if link.server else ""
        try:
            root = decoded(entries[0].public_key)
            return KeyLog(read_registry(root, server, entries), entries)
        except (IndexError, ValueError) as error:
            raise _untrusted("It names no root key.") from error
        except Distrusted as error:
            raise _untrusted(error.message) from error

    async def standings(self, person: Person, key: SigningKey) -> tuple[KeyStanding, ...]:
        """How a key stands with each connection that checks keys and answers now."""
        found = []
        for link in self._links.all():
            if link.is_open and link.engine is not None and Ability.ENFORCE in link.engine.capabilities.abilities:
                with contextlib.suppress(Unreachable, Uncertain, Denied, Refused):
                    log = await self.read(link.config.connection_id)
                    found.append(_standing(link.config, log, person, key.key_id, self._means.clock.now()))
        return tuple(found)

    async def extend(self, connection_id: str, make: MakeEntry) -> RegistryEntry:
        """Add an entry. Raises the four errors; ``Refused`` before anything is sent where it would not count."""
        log = await self.read(connection_id)
        key = await self._key()
        entry = None
        try:
            entry = make(log.registry, key.private, self._means.clock.now())
            admitted(log.registry, entry)
        except Distrusted as error:
            raise _not_admitted(log, self._link(connection_id).config, entry, error) from error
        link = self._link(connection_id)
        await link.send("extend the key registry", lambda engine: engine.admit_key(entry))
        self._means.store.audit.record(
            "key registry extended",
            self._means.clock.now(),
            {
                "connection": link.config.name,
                "server": entry.server,
                "number": entry.number,
                "act": str(entry.act),
                "key_id": entry.key_id,
                "person": entry.person.person_id if entry.person else "",
                "entry": entry_hash(entry),
            },
        )
        return entry

    async def rotate(self, connection_id: str, reason: str) -> SigningKey:
        """Put a new key in the place of this desk's; returns it once the registry has it. Raises the four errors."""
        fresh = await next_key(self._secrets)
        if not fresh.is_kept:
            raise Refused(
                f"A new key would be lost with this command. {fresh.reason}",
                code=RefusalCode.NOT_ALLOWED,
                next_action="Have a supervisor enrol a new one: clearance keys new --file.",
            )
        if fresh.key_id not in (await self.read(connection_id)).registry.keys:

            def make(registry: Registry, by: Ed25519PrivateKey, at: datetime) -> RegistryEntry:
                old = key_id(by.public_key().public_bytes_raw())
                return rotate(registry, by, at, replaces=old, public=fresh.public, reason=reason)

            await self.extend(connection_id, make)
        return await take_next(self._secrets, fresh)

    def _link(self, connection_id: str) -> Link:
        link = self._links.get(connection_id)
        if link is None:
            raise Refused("There is no such connection.", code=RefusalCode.UNKNOWN, next_action="Choose another one.")
        return link


def _standing(config: ConnectionConfig, log: KeyLog, person: Person, own_id: str, now: datetime) -> KeyStanding:
    keys = log.registry.keys
    own = keys.get(own_id)

    def made(enrolment: Enrolment, record: KeyRecord | None = None, ending: str = "") -> KeyStanding:
        key_id, since, reason = (record.key_id, record.valid_from, record.reason) if record else ("", None, "")
        return KeyStanding(
            config.name, enrolment, key_id, since, reason, connection_id=config.connection_id, ending=ending
        )

    if own is not None and not own.is_revoked and own.is_valid(now):
        return made(Enrolment.VALID, own)
    theirs = [one for one in keys.values() if one.person.person_id == person.person_id and one != own]
    other = next((one for one in reversed(theirs) if not one.is_revoked and one.is_valid(now)), None)
    if other is not None:
        return made(Enrolment.OTHER_KEY, other)
    if own is None:
        return made(Enrolment.UNKNOWN)
    told = next(each for each in deciders(keys, log.entries, now) if each.record == own)
    return made(Enrolment.ENDED, own, told.ending(now))


def _not_admitted(log: KeyLog, config: ConnectionConfig, entry: RegistryEntry | None, error: Distrusted) -> Refused:
    """Why an entry does not count there, as a person would say it, with the next command."""

    def refused(words: str, next_action: str) -> Refused:
        return Refused(words, code=error.code, next_action=next_action)

    if entry is None:
        return refused(error.message, "See: clearance keys show")
    keys, at = log.registry.keys, entry.at
    signer, known = keys.get(entry.by_key), keys.get(entry.key_id)
    told = {each.record.key_id: each.ending(at) for each in deciders(keys, log.entries, at)}
    if entry.by_key != key_id(log.registry.root) and signer is None:
        words = f"Your key {entry.by_key} is not enrolled at {config.name}, so it cannot change who may decide there."
        return refused(words, f"{ENROL_IT} clearance keys show prints how; or sign with the root key: --root FILE")
    if signer is not None and not signer.is_valid(at):
        words = f"Your key {entry.by_key} ended at {config.name}: {told[entry.by_key]}."
        return refused(words, f"{ANOTHER_KEY} clearance keys new --replace")
    if known is not None and entry.act is not KeyAct.REVOKE:
        person = known.person
        words = f"The key {known.key_id} is known already at {config.name}: that of {person.name} ({person.person_id})"
        state = told[known.key_id] or "valid"
        return refused(f"{words}, {person.role}, {state}.", "A key is enrolled once. See: clearance keys show")
    if signer is not None and signer.person.role is not Role.SUPERVISOR:
        return refused(f"You are {signer.person.role} at {config.name}; only a supervisor may do that.", ASK_ONE)
    if signer is not None and error.message.endswith("may not do that."):
        return refused("Nobody enrols a key for themselves, nor for the login that they use.", ASK_ONE)
    return refused(error.message, "See: clearance keys show")


def _untrusted(why: str) -> Refused:
    return Refused(
        f"The key registry cannot be trusted: {why}",
        code=RefusalCode.NOT_ALLOWED,
        next_action="Tell whoever runs the workers of this namespace.",
    )
