"""Coming back to the desk and leaving it: what happened meanwhile, and the note for whoever is next.

Invariant: the time a person was last at the desk outlives the window. A note changes nothing by itself; only asked to,
it is put as a comment on what the person was on, and that is released.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.screens import Memory
from console.screens.inbox.board import Workplace
from console.screens.inbox.shift import note, since_words

LEFT_AT = "inbox.left_at"
AWAY_FOR = timedelta(minutes=10)
NOTE_EVERY = timedelta(seconds=30)
LISTED_WITHIN = 15.0
LONGEST_COMMENT = 4_000


class Leaving:
    """The part of the presenter for the ends of a shift."""

    def __init__(self, place: Workplace, memory: Memory) -> None:
        self._place = place
        self._memory = memory
        self._is_here = False
        self._noted_at: datetime | None = None

    def arrive(self) -> None:
        """A person is at the desk: say what happened since they were here last, if that is a while ago."""
        if self._is_here:
            return
        left_at = _moment(self._memory.get(LEFT_AT, ""))
        self._is_here = True
        now = self._place.clock.now()
        if left_at is not None and now - left_at > AWAY_FOR:
            self._place.ask(self._tell(left_at))
        self.note_time()

    def leave(self) -> None:
        """They look elsewhere, or are gone."""
        if self._is_here:
            self._is_here = False
            self._keep()

    def note_time(self) -> None:
        """Time passes while they are here."""
        now = self._place.clock.now()
        if self._is_here and (self._noted_at is None or now - self._noted_at > NOTE_EVERY):
            self._keep()

    def dismiss(self) -> None:
        """They have read what happened."""
        self._place.board.put(since="")

    def write(self, then: Callable[[str], None]) -> None:
        """Have the note written; ``then`` is given its text."""
        self._place.ask(self._write(then))

    def release_with(self, text: str) -> None:
        """Put the note on everything this person is on, and release it."""
        self._place.ask(self._release(text.strip()[:LONGEST_COMMENT]))

    def _keep(self) -> None:
        self._noted_at = self._place.clock.now()
        self._memory.set(LEFT_AT, self._noted_at.isoformat())

    async def _tell(self, left_at: datetime) -> None:
        # What came meanwhile is known once the engines were asked.
        await self._place.desk.listed(LISTED_WITHIN)
        since = await self._place.desk.since(left_at)
        self._place.board.put(since=since_words(since, self._place.clock.now()))

    async def _write(self, then: Callable[[str], None]) -> None:
        then(note(await self._place.desk.hand_over()))

    async def _release(self, text: str) -> None:
        mine = (await self._place.desk.hand_over()).mine
        released, failed = 0, ""
        for row in mine:
            try:
                await self._place.desk.comment(row.item_id, text)
                await self._place.desk.release(row.item_id)
            except (Refused, Denied, Unreachable, Uncertain) as error:
                failed = f" {len(mine) - released} could not be: {error.message} {error.next_action}"
                break
            released += 1
        self._place.board.put(notice=f"Released {released} with your note.{failed}")


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
