"""Making entries for a log of keys: the next one in its place, signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.identity import Person
from console.domain.registry import KeyAct, RegistryEntry, entry_content
from console.verify.registry import Registry
from console.verify.signatures import encoded, key_id, sign


def open_log(registry: Registry, root: Ed25519PrivateKey, at: datetime, *, is_demo: bool) -> RegistryEntry:
    """The entry that begins a log."""
    public = root.public_key().public_bytes_raw()
    entry = _entry(registry, KeyAct.OPEN, root, at, is_demo=is_demo)
    return _signed(replace(entry, key_id=key_id(public), public_key=encoded(public)), root)


def enrol(
    registry: Registry,
    by: Ed25519PrivateKey,
    at: datetime,
    *,
    person: Person,
    public: bytes,
    account: str = "",
    valid_until: datetime | None = None,
    reason: str = "",
) -> RegistryEntry:
    """The entry that lets a person sign with a key (its raw 32 bytes)."""
    entry = replace(
        _entry(registry, KeyAct.ENROL, by, at, reason=reason),
        person=person,
        account=account,
        key_id=key_id(public),
        public_key=encoded(public),
        valid_until=valid_until,
    )
    return _signed(entry, by)


def rotate(
    registry: Registry, by: Ed25519PrivateKey, at: datetime, *, replaces: str, public: bytes, reason: str = ""
) -> RegistryEntry:
    """The entry that puts a person's new key in the place of their old one. Raises ``Distrusted`` if there is none."""
    old = registry.record(replaces)
    entry = replace(
        _entry(registry, KeyAct.ROTATE, by, at, reason=reason),
        person=old.person,
        account=old.account,
        key_id=key_id(public),
        public_key=encoded(public),
        replaces=replaces,
    )
    return _signed(entry, by)


def revoke(registry: Registry, by: Ed25519PrivateKey, at: datetime, *, named: str, reason: str = "") -> RegistryEntry:
    """The entry after which a key counts no more, not even for what it signed before."""
    return _signed(replace(_entry(registry, KeyAct.REVOKE, by, at, reason=reason), key_id=named), by)


def _entry(
    registry: Registry, act: KeyAct, by: Ed25519PrivateKey, at: datetime, *, is_demo: bool = False, reason: str = ""
) -> RegistryEntry:
    # What is signed has whole milliseconds; two entries of one moment keep their order.
    whole = at.replace(microsecond=at.microsecond // 1_000 * 1_000)
    moment = max(whole, registry.at or whole)
    return RegistryEntry(
        number=registry.length + 1,
        act=act,
        server=registry.server,
        at=moment,
        prev=registry.head,
        by_key=key_id(by.public_key().public_bytes_raw()),
        is_demo=is_demo,
        reason=reason,
    )


def _signed(entry: RegistryEntry, by: Ed25519PrivateKey) -> RegistryEntry:
    return replace(entry, signature=sign(by, entry_content(entry)))
