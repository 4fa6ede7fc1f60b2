"""The log of keys: who signs with which key, from when to when.

Invariant: entries are only added. Each names the hash of the one before and is signed, by the tower's root key or by
the key of a person who might do that; :mod:`console.verify.registry` checks both. The first entry binds the log to one
server and says whether that is a demo, where one login may be several persons.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from console.domain.canonical import Json, sha256_hex
from console.domain.decision import instant
from console.domain.identity import Person

REGISTRY_TAG = "clearance-registry-v1"
BEGINNING = "0" * 64


class KeyAct(enum.StrEnum):
    """What an entry does."""

    OPEN = "open"
    ENROL = "enrol"
    ROTATE = "rotate"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryEntry:
    """One line of the log.

    ``key_id`` is the key enrolled (its raw bytes in base64: ``public_key``), the new one at a rotation that ends
    ``replaces``, the one revoked, or the root key that opens the log. ``account`` is the login on its machine
    (``user@host``) that the key is used from. ``valid_until`` is empty for a key that has no end yet. ``by_key``
    signed the entry at ``at``.
    """

    number: int
    act: KeyAct
    server: str
    at: datetime
    prev: str
    by_key: str
    is_demo: bool = False
    person: Person | None = None
    account: str = ""
    key_id: str = ""
    public_key: str = ""
    replaces: str = ""
    valid_until: datetime | None = None
    reason: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """A key as the log tells of it: valid from ``valid_from`` until before ``valid_until``."""

    key_id: str
    public_key: str
    person: Person
    account: str
    valid_from: datetime
    valid_until: datetime | None = None
    is_revoked: bool = False
    reason: str = ""

    def is_valid(self, at: datetime) -> bool:
        """Whether something signed with it at that time counts."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


def entry_content(entry: RegistryEntry) -> dict[str, Json]:
    """What an entry's signature covers, as JSON."""
    person = entry.person
    return {
        "tag": REGISTRY_TAG,
        "number": entry.number,
        "act": str(entry.act),
        "server": entry.server,
        "at": instant(entry.at),
        "prev": entry.prev,
        "by_key": entry.by_key,
        "is_demo": entry.is_demo,
        "person": None
        if person is None
        else {"person_id": person.person_id, "name": person.name, "role": str(person.role)},
        "account": entry.account,
        "key_id": entry.key_id,
        "public_key": entry.public_key,
        "replaces": entry.replaces,
        "valid_until": instant(entry.valid_until) if entry.valid_until else None,
        "reason": entry.reason,
    }


def entry_hash(entry: RegistryEntry) -> str:
    """What the next entry names as ``prev``: SHA-256 over content and signature."""
    return sha256_hex({"content": entry_content(entry), "signature": entry.signature})
