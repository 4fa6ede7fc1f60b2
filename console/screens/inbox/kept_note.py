"""What is kept of hand-overs: the draft that somebody is writing, and the last note that was handed over.

Needs no Qt. Invariant: both outlive the window; what cannot be read back counts as not there, and texts are bounded.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from console.domain.ages import age
from console.domain.display import one_line
from console.domain.language import tr
from console.screens import Memory

DRAFT, NOTE, READ = "inbox.hand_over.draft", "inbox.hand_over.note", "inbox.hand_over.read"
LONGEST = 20_000
NAME = 60


@dataclass(frozen=True, slots=True)
class KeptNote:
    """The last note: what somebody wrote for whoever is next, and when."""

    text: str
    by: str
    at: datetime

    def title(self, now: datetime) -> str:
        """Whose it is and how old."""
        old = age(self.at, now)
        return tr(
            "Hand-over note by {by}, {old}",
            by=one_line(self.by)[:NAME],
            old=old if old == "just now" else tr("{old} ago", old=old),
        )


class KeptNotes:
    """The draft and the last note of one profile."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    @property
    def draft(self) -> str:
        """What was being written when the dialog was closed; empty where nothing was."""
        return self._memory.get(DRAFT, "")[:LONGEST]

    def keep_draft(self, text: str) -> None:
        """Keep what is being written; an empty text forgets it."""
        if text[:LONGEST] != self.draft:
            self._memory.set(DRAFT, text[:LONGEST])

    @property
    def last(self) -> KeptNote | None:
        """The last note that was handed over."""
        try:
            said = json.loads(self._memory.get(NOTE, "{}"))
            text, by, at = said["text"], said["by"], datetime.fromisoformat(said["at"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        is_sound = isinstance(text, str) and isinstance(by, str) and at.tzinfo is not None
        return KeptNote(text[:LONGEST], by, at) if is_sound else None

    @property
    def unread(self) -> KeptNote | None:
        """The last note, until somebody has read it."""
        last = self.last
        return last if last is not None and self._memory.get(READ, "") != last.at.isoformat() else None

    def hand_over(self, note: KeptNote) -> None:
        """Keep a note for whoever is next; what was being written is done."""
        said = {"text": note.text[:LONGEST], "by": note.by, "at": note.at.isoformat()}
        self._memory.set(NOTE, json.dumps(said))
        self._memory.set(DRAFT, "")

    def mark_read(self) -> None:
        """Somebody has read the last note."""
        last = self.last
        if last is not None:
            self._memory.set(READ, last.at.isoformat())
