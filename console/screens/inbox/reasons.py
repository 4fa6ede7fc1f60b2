"""Reasons to pick from: those a person keeps, those that were used last, and a few to begin with.

Invariant: what is kept stays until it is removed; of what was used at most `MOST` are remembered, newest first; none is
offered twice, and none that was removed comes back unless it is kept or used again. All of it outlives the session;
what cannot be read back is forgotten. It is read anew each time: the settings of the window change it, too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from console.screens import Memory

MOST = 8
MOST_KEPT = 20
LONGEST = 200
NAME = "inbox.reasons"
KEPT = "inbox.reasons.kept"
REMOVED = "inbox.reasons.removed"
OFFERED = (
    "Checked against the source documents",
    "Agrees with the policy",
    "Not covered by the policy",
    "The amount is wrong",
    "Belongs to another team",
)


@dataclass(frozen=True, slots=True)
class Templates:
    """What the reason field offers: ``kept`` by the person, and ``others``."""

    kept: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Everything on offer, in order."""
        return (*self.kept, *self.others)

    def can_keep(self, reason: str) -> bool:
        """Whether this reason can be kept as a template."""
        return 0 < len(reason.strip()) <= LONGEST and reason.strip() not in self.kept and len(self.kept) < MOST_KEPT


class Reasons:
    """The templates of the reason field."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    @property
    def _used(self) -> tuple[str, ...]:
        return _read(self._memory.get(NAME, "[]"), MOST)

    @property
    def _kept(self) -> tuple[str, ...]:
        return _read(self._memory.get(KEPT, "[]"), MOST_KEPT)

    @property
    def _removed(self) -> tuple[str, ...]:
        return _read(self._memory.get(REMOVED, "[]"), len(OFFERED))

    def offered(self) -> Templates:
        """What a person keeps, then those used last, then those to begin with."""
        used = tuple(each for each in self._used if each not in self._kept)
        first = (each for each in OFFERED if each not in {*self._kept, *self._used, *self._removed})
        return Templates(self._kept, (*used, *first))

    def remember(self, reason: str) -> None:
        """Note that a reason was given."""
        reason = reason.strip()
        if not reason or len(reason) > LONGEST or (self._used and self._used[0] == reason):
            return
        self._write(NAME, (reason, *(each for each in self._used if each != reason))[:MOST])

    def keep(self, reason: str) -> None:
        """Keep a reason as a template, until it is removed."""
        if self.offered().can_keep(reason):
            self._write(KEPT, (*self._kept, reason.strip()))

    def remove(self, reason: str) -> None:
        """Offer a reason no more."""
        self._write(KEPT, tuple(each for each in self._kept if each != reason))
        self._write(NAME, tuple(each for each in self._used if each != reason))
        if reason in OFFERED and reason not in self._removed:
            self._write(REMOVED, (*self._removed, reason))

    def _write(self, name: str, reasons: tuple[str, ...]) -> None:
        self._memory.set(name, json.dumps(reasons, ensure_ascii=False))


def _read(text: str, most: int) -> tuple[str, ...]:
    try:
        kept = json.loads(text)
    except ValueError:
        return ()
    return tuple(each for each in kept if isinstance(each, str))[:most] if isinstance(kept, list) else ()
