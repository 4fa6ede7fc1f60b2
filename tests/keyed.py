"""The scripted orchestrator with a key registry: it admits entries, and takes what keys sign, by the tower's rules."""

from __future__ import annotations

import dataclasses

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.decision import Decision
from console.domain.errors import Refused
from console.domain.identity import Person
from console.domain.receipt import Receipt
from console.domain.registry import RegistryEntry
from console.engines.fake.engine import CAPABILITIES, FakeEngine
from console.engines.fake.server import FakeServer
from console.engines.port import Ability, Capabilities
from console.verify.decisions import signer_of
from console.verify.entries import enrol, open_log, revoke
from console.verify.registry import Registry, admitted, read_registry
from console.verify.trust import Distrusted
from tests.verify.people import ROOT, key_of, public_of


class KeyLog:
    """The registry of one scripted server, opened by the tests' root."""

    def __init__(self, server: FakeServer) -> None:
        self.server, self._now = server.identity, server.clock
        self.entries: list[RegistryEntry] = []
        self.entries.append(open_log(self.registry, ROOT, self._now(), is_demo=False))

    @property
    def registry(self) -> Registry:
        """What the entries prove."""
        return read_registry(public_of(ROOT), self.server, self.entries)

    def enrol(self, person: Person, public: bytes = b"") -> str:
        """Enrol a person by the root, without a key with the first one of their name; returns the key's id."""
        key = public or public_of(key_of(person))
        self.entries.append(enrol(self.registry, ROOT, self._now(), person=person, public=key))
        return self.entries[-1].key_id

    def revoke(self, key_id: str, reason: str, by: Ed25519PrivateKey = ROOT) -> None:
        """Revoke a key."""
        self.entries.append(revoke(self.registry, by, self._now(), named=key_id, reason=reason))


class KeyedEngine(FakeEngine):
    """A connection that checks who signed."""

    def __init__(self, server: FakeServer, log: KeyLog) -> None:
        super().__init__(server)
        self.log = log

    @property
    def capabilities(self) -> Capabilities:
        return dataclasses.replace(CAPABILITIES, abilities=frozenset(Ability), lacks={})

    async def key_log(self) -> tuple[RegistryEntry, ...]:
        await self._pass()
        return tuple(self.log.entries)

    async def admit_key(self, entry: RegistryEntry) -> None:
        try:
            admitted(self.log.registry, entry)
        except Distrusted as error:
            raise Refused(error.message, code=error.code) from error
        self.log.entries.append(entry)

    async def deliver(self, decision: Decision) -> Receipt:
        try:
            signer_of(self.log.registry, decision)
        except Distrusted as error:
            raise Refused(error.message, code=error.code, next_action="Have a supervisor enrol your key.") from error
        return await super().deliver(decision)
