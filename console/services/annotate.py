"""What people write beside failures of one fingerprint, for whoever meets the next one. Kept by this desk alone."""

from __future__ import annotations

from console.domain.errors import RefusalCode, Refused
from console.domain.identity import Person, Role
from console.domain.language import tr
from console.services.means import Means
from console.services.views import RunbookNote

MAX_NOTE = 4_000


class Runbook:
    """The notes of one desk, written by one person at a time."""

    def __init__(self, means: Means, person: Person) -> None:
        self._means = means
        self._person = person

    def notes(self) -> dict[str, RunbookNote]:
        """Every note by its fingerprint."""
        return {
            kept.fingerprint: RunbookNote(kept.text, kept.by, kept.at, kept.used, kept.worked)
            for kept in self._means.store.runbook.all()
        }

    def write(self, fingerprint: str, text: str) -> None:
        """Put a note in the place of the one that was; an empty one removes it. Raises :class:`Refused`."""
        if self._person.role is Role.VIEWER:
            raise Refused(tr("Viewers read; ask for the role of an operator."), code=RefusalCode.NOT_ALLOWED)
        if len(text) > MAX_NOTE:
            raise Refused(
                tr("A note holds {max_note:,} characters; this one has {count:,}.", max_note=MAX_NOTE, count=len(text)),
                code=RefusalCode.INVALID_PAYLOAD,
                next_action=tr("Shorten it."),
            )
        self._means.store.runbook.put(fingerprint, text.strip(), self._person.name, self._means.clock.now())

    def used(self, fingerprint: str, *, worked: bool) -> None:
        """Count that somebody acted by the note of this fingerprint, and whether it helped."""
        self._means.store.runbook.count(fingerprint, worked=worked)
