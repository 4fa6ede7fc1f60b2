"""Who may decide where keys are checked: each key of a log with its person, who let it count, and how it ended.

Invariant: nothing here makes a key count; records and entries are those that :mod:`console.verify.registry` proved.
Pure; times are UTC until they are put in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from console.domain.identity import Role
from console.domain.registry import KeyAct, KeyRecord, RegistryEntry

WHOEVER_RUNS_IT = "whoever runs the tower"
ANOTHER_KEY = "Make another key, then have it enrolled."
ENROL_IT = "Have a supervisor enrol it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """A key and its person. ``by`` let it count; ``ended_by`` ended it at ``ended_at``, where somebody did."""

    record: KeyRecord
    by: str
    ended_by: str = ""
    ended_at: datetime | None = None

    def counts(self, at: datetime) -> bool:
        """Whether what is signed with it at that time counts."""
        return not self.record.is_revoked and self.record.is_valid(at)

    def ending(self, at: datetime) -> str:
        """How it ended, or will, in words; nothing for a key without an end."""
        record = self.record
        if self.ended_at is not None:
            how = "revoked" if record.is_revoked else "replaced"
            why = f": {record.reason}" if record.reason else ""
            return f"{how} {moment(self.ended_at)} by {self.ended_by}{why}"
        if record.valid_until is None:
            return ""
        return f"{'until' if at < record.valid_until else 'ended'} {moment(record.valid_until)}"


def deciders(keys: Mapping[str, KeyRecord], entries: Iterable[RegistryEntry], at: datetime) -> tuple[Decider, ...]:
    """Every key of the log: those that count at that time first, each group in the order of enrolment."""
    made: dict[str, RegistryEntry] = {}
    ended: dict[str, RegistryEntry] = {}
    for entry in entries:
        if entry.act in {KeyAct.ENROL, KeyAct.ROTATE}:
            made[entry.key_id] = entry
        if entry.act in {KeyAct.REVOKE, KeyAct.ROTATE}:
            ended[entry.key_id if entry.act is KeyAct.REVOKE else entry.replaces] = entry

    def decider(record: KeyRecord) -> Decider:
        end = ended.get(record.key_id)
        return Decider(
            record=record,
            by=_named(keys, made.get(record.key_id)),
            ended_by=_named(keys, end) if end is not None else "",
            ended_at=end.at if end is not None else None,
        )

    return tuple(sorted(map(decider, keys.values()), key=lambda each: not each.counts(at)))


def supervisors(keys: Mapping[str, KeyRecord], at: datetime) -> tuple[KeyRecord, ...]:
    """The keys of supervisors that count then: who can still enrol and revoke others."""
    return tuple(
        record
        for record in keys.values()
        if record.person.role is Role.SUPERVISOR and not record.is_revoked and record.is_valid(at)
    )


def is_last_supervisor(keys: Mapping[str, KeyRecord], key_id: str, at: datetime) -> bool:
    """Whether without this key no supervisor is left."""
    return [record.key_id for record in supervisors(keys, at)] == [key_id]


def moment(at: datetime) -> str:
    """Day and time, local, for a log: ``2026-11-21 08:00``."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def _named(keys: Mapping[str, KeyRecord], entry: RegistryEntry | None) -> str:
    """Who signed an entry: a person by the key, or else the root key."""
    signer = keys.get(entry.by_key) if entry is not None else None
    return signer.person.name if signer is not None else WHOEVER_RUNS_IT
