"""Reasons to pick from: a few to begin with, and those that were used last, remembered across sessions.

Invariant: at most `MOST` are remembered, newest first, none twice. What cannot be read back is forgotten.
"""

from __future__ import annotations

import json

from console.screens import Memory

MOST = 8
LONGEST = 200
NAME = "inbox.reasons"
OFFERED = (
    "Checked against the source documents",
    "Agrees with the policy",
    "Not covered by the policy",
    "The amount is wrong",
    "Belongs to another team",
)


class Reasons:
    """The templates of the reason field."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._used = _read(memory.get(NAME, "[]"))

    def offered(self) -> tuple[str, ...]:
        """Those used last, then those to begin with."""
        return (*self._used, *(each for each in OFFERED if each not in self._used))

    def remember(self, reason: str) -> None:
        """Note that a reason was given."""
        reason = reason.strip()
        if not reason or len(reason) > LONGEST or (self._used and self._used[0] == reason):
            return
        self._used = (reason, *(each for each in self._used if each != reason))[:MOST]
        self._memory.set(NAME, json.dumps(self._used, ensure_ascii=False))


def _read(text: str) -> tuple[str, ...]:
    try:
        kept = json.loads(text)
    except ValueError:
        return ()
    return tuple(each for each in kept if isinstance(each, str))[:MOST] if isinstance(kept, list) else ()
