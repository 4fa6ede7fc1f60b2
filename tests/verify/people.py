"""People with keys that follow from their names, for tests: the same key in every process."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.identity import Person, Role
from console.verify.entries import enrol, open_log
from console.verify.registry import Registry, admitted

SERVER = "temporal:cluster:namespace"
MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ROOT = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"root").digest())
ANA = Person("ana", "Ana", Role.OPERATOR)
BEN = Person("ben", "Ben", Role.SUPERVISOR)
EVA = Person("eva", "Eva", Role.SUPERVISOR)
IAN = Person("ian", "Ian", Role.OPERATOR)


def key_of(person: Person, number: int = 0) -> Ed25519PrivateKey:
    """A person's private key; further ones by number."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{person.person_id}/{number}".encode()).digest())


def public_of(private: Ed25519PrivateKey) -> bytes:
    """The raw public half."""
    return private.public_key().public_bytes_raw()


def empty(server: str = SERVER, *, is_demo: bool = False) -> Registry:
    """A registry that was opened, with nobody in it."""
    registry = Registry(root=public_of(ROOT), server=server)
    return admitted(registry, open_log(registry, ROOT, MORNING, is_demo=is_demo))


def with_people(registry: Registry, *people: Person, at: datetime = MORNING) -> Registry:
    """The registry with each person's first key, enrolled by the root."""
    for person in people:
        entry = enrol(
            registry, ROOT, at, person=person, public=public_of(key_of(person)), account=f"{person.person_id}@desk"
        )
        registry = admitted(registry, entry)
    return registry
