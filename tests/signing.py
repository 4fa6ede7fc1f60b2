"""Signing and enrolment for tests: one root for every tower, people whose keys follow from their names or profiles."""

from __future__ import annotations

import base64
import dataclasses
import getpass
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import Client

from console.domain.decision import Decision, signed_content
from console.domain.identity import Person, Role
from console.domain.registry import RegistryEntry
from console.tower.authority import Authority
from console.tower.enrolment import add, read_keys
from console.tower.root import ROOT_FILE
from console.verify.entries import enrol, open_log
from console.verify.registry import Registry, admitted
from console.verify.signatures import key_id, sign
from tests.ring import private_bytes
from tests.verify.people import ANA, BEN, EVA, IAN, MORNING, ROOT, SERVER, key_of, public_of

ROOT_PUBLIC = public_of(ROOT)
ANNA = Person("person-anna", "Anna", Role.SUPERVISOR)
BENNO = Person("person-ben", "Ben", Role.SUPERVISOR)
DORA = Person("dora", "Dora Lind", Role.SUPERVISOR)
EMIL = Person("emil", "Emil Roth", Role.SUPERVISOR)
SIGNERS = (ANA, BEN, EVA, IAN, ANNA, BENNO)


def profiles() -> dict[str, Person]:
    """Who works with which profile: whoever is logged in, where nobody was named."""
    login = getpass.getuser()
    return {"default": Person(login, login, Role.SUPERVISOR), "dora": DORA, "emil": EMIL}


def signed(decision: Decision, key: Ed25519PrivateKey | None = None) -> Decision:
    """The decision with a key, its person's first one unless told otherwise, and the signature by it."""
    key = key or key_of(decision.by)
    decision = dataclasses.replace(decision, key_id=key_id(public_of(key)))
    return dataclasses.replace(decision, signature=sign(key, signed_content(decision)))


def authority(*people: Person, server: str = SERVER) -> Authority:
    """A worker's word on a tower where some people are enrolled."""
    registry = Registry(root=ROOT_PUBLIC, server=server)
    log = [open_log(registry, ROOT, MORNING, is_demo=False)]
    registry = admitted(registry, log[0])
    for person in people:
        log.append(enrol(registry, ROOT, MORNING, person=person, public=public_of(key_of(person))))
        registry = admitted(registry, log[-1])

    async def read(known: int) -> list[RegistryEntry]:
        return log[known:]

    return Authority(read, ROOT_PUBLIC, server)


def plant_root(folder: Path) -> None:
    """Let a worker's folder have the tests' root key."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ROOT_FILE
    path.write_text(base64.b64encode(ROOT.private_bytes_raw()).decode("ascii"), "ascii")
    path.chmod(0o600)


async def enrol_all(client: Client) -> None:
    """Enrol everybody who decides in tests, with the keys of their names and profiles."""
    known = await read_keys(client, ROOT_PUBLIC)
    by_profile = {
        person: Ed25519PrivateKey.from_private_bytes(private_bytes(name)) for name, person in profiles().items()
    }
    keys = [(person, public_of(key_of(person))) for person in SIGNERS]
    keys += [(person, public_of(key)) for person, key in by_profile.items()]
    for person, public in keys:
        if key_id(public) not in known[0].keys:
            await enrol_key(client, person, public)


async def enrol_key(client: Client, person: Person, public: bytes, *, account: str = "") -> RegistryEntry:
    """Enrol a person's key by the root."""

    def entry(registry: Registry) -> RegistryEntry:
        return enrol(registry, ROOT, datetime.now(UTC), person=person, public=public, account=account)

    return await add(client, entry, ROOT_PUBLIC)


async def enrol_people(client: Client, people: Iterable[Person]) -> None:
    """Enrol the first keys of some people."""
    for person in people:
        await enrol_key(client, person, public_of(key_of(person)))
