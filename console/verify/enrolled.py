"""The key registry that evidence brings along: what it proves of a key, once its root is among those that are trusted.

Invariant: whoever makes up a file can make up a registry as well; so nothing in it counts unless the caller named its
root key. Fails with what reading raises for what is no registry, and with
:class:`~console.verify.trust.Distrusted` for a broken one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.domain.deciders import moment
from console.domain.identity import Person
from console.domain.registry import KeyRecord, RegistryEntry, entry_content
from console.verify.linked_file import trusts
from console.verify.reading import read
from console.verify.registry import Registry, read_registry
from console.verify.signatures import decoded, key_id

MOST_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A registry that holds together, if there is one; ``is_named``: its root is one of those that are trusted."""

    registry: Registry | None = None
    is_named: bool = False

    @property
    def root_id(self) -> str:
        """The id of its root key; empty where there is no registry."""
        return key_id(self.registry.root) if self.registry is not None else ""

    def told(self, named: str, person_id: str) -> KeyRecord | None:
        """The key of that id, where the file says that it is that person's; proven only with ``is_named``."""
        record = self.registry.keys.get(named) if self.registry is not None else None
        return record if record is not None and record.person.person_id == person_id else None

    def proves(self, named: str, person_id: str) -> bool:
        """Whether the key of that id is proven to be that person's."""
        return self.is_named and self.told(named, person_id) is not None

    def standing(self, named: str, person: Person, at: datetime) -> tuple[bool, str]:
        """Whether that person signed with a key of theirs then, and what the registry proves of it, in words."""
        record = self.told(named, person.person_id)
        if record is None:
            return False, f"The key registry does not know {named} as a key of {person.person_id}."
        since = f"since {moment(record.valid_from)}"
        if not record.is_valid(at):
            return False, f"The key registry has {named} {since}; it was not valid at the time of signing."
        later = "" if record.valid_until is None else f", until {moment(record.valid_until)}"
        whose = f"{record.person.name} ({record.person.person_id}), {record.person.role}"
        return (
            True,
            f"From the root key that you named, the key registry proves {named} to be of {whose}, {since}{later}.",
        )


def enrolled(raw: object, server: str, trusted: Collection[str]) -> Enrolled:
    """The registry of a file for one server, an empty one where there are no entries."""
    if not isinstance(raw, list) or len(raw) > MOST_ENTRIES:
        raise ValueError("its key registry is of the wrong kind")
    entries = [entry_of(each) for each in raw]
    if not entries:
        return Enrolled()
    root = decoded(entries[0].public_key)
    return Enrolled(read_registry(root, server, entries), trusts(trusted, root))


def entry_of(value: Mapping[str, Any]) -> RegistryEntry:
    """An entry of a log of keys from its JSON, if it is just as it was signed. Raises :class:`ValueError`."""
    entry = read(RegistryEntry, {name: part for name, part in value.items() if name != "tag"})
    if entry_content(entry) != {name: part for name, part in value.items() if name != "signature"}:
        raise ValueError("not as it was signed")
    return entry


def entry_json(entry: RegistryEntry) -> dict[str, Any]:
    """The JSON of an entry, as :func:`entry_of` reads it."""
    return {**entry_content(entry), "signature": entry.signature}
