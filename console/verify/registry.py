"""Reading a log of keys: every entry checked from the root key on, folded into who may sign now.

Invariant: a registry holds only what its entries prove. An entry may be added by the root key, or by a supervisor whose
key is valid then: for another person always, for themselves only to rotate or revoke their own key. Nothing else reads
the log, so that tower, console and third parties come to the same keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from console.domain.identity import Role
from console.domain.registry import BEGINNING, KeyAct, KeyRecord, RegistryEntry, entry_content, entry_hash
from console.verify.signatures import decoded, encoded, is_signed, key_id
from console.verify.trust import Distrusted, Doubt

MAX_TEXT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The keys that a log proves. ``head`` is the hash of its last entry, ``length`` their number."""

    root: bytes
    server: str
    is_demo: bool = False
    keys: Mapping[str, KeyRecord] = field(default_factory=dict)
    head: str = BEGINNING
    length: int = 0
    at: datetime | None = None

    def record(self, named: str) -> KeyRecord:
        """The key of that id. Raises :class:`Distrusted` where nobody enrolled it."""
        found = self.keys.get(named)
        if found is None:
            raise Distrusted(f"The key {named[:16]} is not enrolled here.", code=Doubt.UNREGISTERED)
        return found

    def is_same_person(self, one: KeyRecord, other: KeyRecord) -> bool:
        """Whether two keys are one person's: by name, and outside a demo also by the account they are used from."""
        is_one_account = bool(one.account) and one.account == other.account and not self.is_demo
        return one.person.person_id == other.person.person_id or is_one_account


def read_registry(root: bytes, server: str, entries: Iterable[RegistryEntry]) -> Registry:
    """The registry of a log. Raises :class:`Distrusted` naming the first entry that proves nothing."""
    registry = Registry(root=root, server=server)
    for entry in entries:
        registry = admitted(registry, entry)
    return registry


def admitted(registry: Registry, entry: RegistryEntry) -> Registry:
    """The registry with one more entry. Raises :class:`Distrusted` where the log may not go on like that."""
    _check_place(registry, entry)
    _check_signer(registry, entry)
    keys = _CHANGES[entry.act](registry, entry)
    return replace(
        registry,
        is_demo=entry.is_demo if entry.act is KeyAct.OPEN else registry.is_demo,
        keys=keys,
        head=entry_hash(entry),
        length=entry.number,
        at=entry.at,
    )


def _check_place(registry: Registry, entry: RegistryEntry) -> None:
    is_next = entry.number == registry.length + 1 and entry.prev == registry.head
    if not is_next:
        raise _broken(entry, "it does not follow the one before it")
    if entry.server != registry.server:
        raise _broken(entry, "it belongs to another server")
    if (entry.act is KeyAct.OPEN) != (entry.number == 1):
        raise _broken(entry, "a log is opened once, at its beginning")
    if registry.at is not None and entry.at < registry.at:
        raise _broken(entry, "it is older than the one before it")
    if len(entry.reason) > MAX_TEXT or len(entry.account) > MAX_TEXT:
        raise _broken(entry, f"its text is longer than {MAX_TEXT} characters")


def _check_signer(registry: Registry, entry: RegistryEntry) -> None:
    if entry.by_key == key_id(registry.root):
        public = registry.root
    else:
        signer = registry.keys.get(entry.by_key)
        if signer is None or not signer.is_valid(entry.at):
            raise _broken(entry, "its signer has no valid key here")
        if not _may(registry, signer, entry):
            raise _broken(entry, f"{signer.person.name} may not do that")
        public = decoded(signer.public_key)
    if not is_signed(public, entry_content(entry), entry.signature):
        raise _broken(entry, "its signature is not its signer's")


def _may(registry: Registry, signer: KeyRecord, entry: RegistryEntry) -> bool:
    """Whether a person may add this: their own keys may be rotated and revoked, others' by a supervisor."""
    if entry.act is KeyAct.OPEN:
        return False
    if entry.act is KeyAct.ROTATE and signer.key_id == entry.replaces:
        return True
    if entry.act is KeyAct.REVOKE and signer.key_id == entry.key_id:
        return True
    if signer.person.role is not Role.SUPERVISOR:
        return False
    if entry.act is KeyAct.REVOKE:
        return True
    enrolled = entry.person
    is_same_account = bool(entry.account) and entry.account == signer.account and not registry.is_demo
    return enrolled is not None and enrolled.person_id != signer.person.person_id and not is_same_account


def _open(registry: Registry, entry: RegistryEntry) -> Mapping[str, KeyRecord]:
    if entry.by_key != key_id(registry.root) or entry.public_key != encoded(registry.root):
        raise _broken(entry, "only the root key opens a log, and names itself")
    return {}


def _enrol(registry: Registry, entry: RegistryEntry) -> Mapping[str, KeyRecord]:
    record = _new_key(registry, entry)
    return {**registry.keys, record.key_id: record}


def _rotate(registry: Registry, entry: RegistryEntry) -> Mapping[str, KeyRecord]:
    old = registry.keys.get(entry.replaces)
    if old is None or not old.is_valid(entry.at):
        raise _broken(entry, "the key that it replaces is not valid")
    record = _new_key(registry, entry)
    if record.person != old.person:
        raise _broken(entry, "a rotation keeps person and role")
    ended = replace(old, valid_until=entry.at, reason=entry.reason or "rotated")
    return {**registry.keys, old.key_id: ended, record.key_id: record}


def _revoke(registry: Registry, entry: RegistryEntry) -> Mapping[str, KeyRecord]:
    old = registry.keys.get(entry.key_id)
    if old is None or old.is_revoked:
        raise _broken(entry, "there is no such key to revoke")
    until = min(entry.at, old.valid_until) if old.valid_until else entry.at
    ended = replace(old, valid_until=until, is_revoked=True, reason=entry.reason)
    return {**registry.keys, old.key_id: ended}


_CHANGES = {KeyAct.OPEN: _open, KeyAct.ENROL: _enrol, KeyAct.ROTATE: _rotate, KeyAct.REVOKE: _revoke}


def _new_key(registry: Registry, entry: RegistryEntry) -> KeyRecord:
    try:
        public = decoded(entry.public_key)
    except ValueError as error:
        raise _broken(entry, str(error)) from None
    if entry.person is None or not entry.person.person_id:
        raise _broken(entry, "it names nobody")
    if key_id(public) != entry.key_id or entry.key_id in registry.keys or public == registry.root:
        raise _broken(entry, "its key is known already, or is not the one that it names")
    if entry.valid_until is not None and entry.valid_until <= entry.at:
        raise _broken(entry, "its key would never be valid")
    return KeyRecord(
        key_id=entry.key_id,
        public_key=entry.public_key,
        person=entry.person,
        account=entry.account,
        valid_from=entry.at,
        valid_until=entry.valid_until,
    )


def _broken(entry: RegistryEntry, why: str) -> Distrusted:
    return Distrusted(f"Entry {entry.number} of the key registry does not count: {why}.", code=Doubt.REGISTRY)
