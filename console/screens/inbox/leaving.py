"""Coming back to the desk and leaving it: what happened meanwhile, and the note for whoever is next.

Invariant: the time a person was last at the desk outlives the window, and so does what they wrote. A note changes no
item by itself; only asked to, it is put as a comment on what the person was on, and that is released.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.errors import Denied, Refused, Uncertain, Unreachable
from console.domain.language import tr
from console.screens import Memory
from console.screens.inbox.board import Workplace
from console.screens.inbox.kept_note import KeptNote, KeptNotes
from console.screens.inbox.shift import note, since_words

LEFT_AT = "inbox.left_at"
AWAY_FOR = timedelta(minutes=10)
NOTE_EVERY = timedelta(seconds=30)
LISTED_WITHIN = 15.0
LONGEST_COMMENT = 4_000
HANDED_OVER = tr("Handed over. Whoever opens this desk next is shown your note.")


@dataclass(frozen=True, slots=True)
class Written:
    """A note that the desk wrote: its text, and how many items this person is on."""

    text: str
    held: int


class Leaving:
    """The part of the presenter for the ends of a shift."""

    def __init__(self, place: Workplace, memory: Memory) -> None:
        self._place = place
        self._memory = memory
        self.notes = KeptNotes(memory)
        self._is_here = False
        self._behind_note = ""
        self._noted_at: datetime | None = None

    def arrive(self) -> None:
        """A person is at the desk: say what happened since they were here last, if that is a while ago."""
        if self._is_here:
            return
        left_at = _moment(self._memory.get(LEFT_AT, ""))
        self._is_here = True
        now = self._place.clock.now()
        is_first = self._noted_at is None
        if left_at is not None and now - left_at > AWAY_FOR:
            self._place.ask(self._tell(left_at))
        elif is_first:
            self._offer_note("")
        self.note_time()

    def leave(self) -> None:
        """They look elsewhere, or are gone."""
        if self._is_here:
            self._is_here = False
            self._keep()

    def note_time(self) -> None:
        """Time passes while they are here."""
        now = self._place.clock.now()
        if self._place.board.state.has_note and (unread := self.notes.unread) is not None:
            self._place.board.put(since=unread.title(now))
        if self._is_here and (self._noted_at is None or now - self._noted_at > NOTE_EVERY):
            self._keep()

    def dismiss(self) -> None:
        """They have read one thing; the next follows. A note that was not opened is offered again next time."""
        self._place.board.put(since=self._behind_note, has_note=False)
        self._behind_note = ""

    def now(self) -> datetime:
        """The time by this desk's clock."""
        return self._place.clock.now()

    def read(self) -> KeptNote | None:
        """The last note, which is about to be read."""
        self.notes.mark_read()
        if self._place.board.state.has_note:
            self.dismiss()
        return self.notes.last

    def write(self, then: Callable[[Written], None]) -> None:
        """Have the note written; ``then`` is given it."""
        self._place.ask(self._write(then))

    def hand_over(self, text: str, *, is_releasing: bool) -> None:
        """Keep the note for whoever is next; if asked to, put it on everything this person is on and release that."""
        note = KeptNote(text.strip(), self._place.board.state.person.name, self._place.clock.now())
        self.notes.hand_over(note)
        if is_releasing:
            self._place.ask(self._release(note.text[:LONGEST_COMMENT]))
        else:
            self._place.board.put(notice=HANDED_OVER)

    def _keep(self) -> None:
        self._noted_at = self._place.clock.now()
        self._memory.set(LEFT_AT, self._noted_at.isoformat())

    def _offer_note(self, since: str) -> None:
        """Say that there is a note to read, and after it what happened."""
        unread = self.notes.unread
        self._behind_note = since if unread is not None else ""
        words = since if unread is None else unread.title(self.now())
        self._place.board.put(since=words, has_note=unread is not None)

    async def _tell(self, left_at: datetime) -> None:
        # What came meanwhile is known once the engines were asked.
        await self._place.desk.listed(LISTED_WITHIN)
        since = await self._place.desk.since(left_at)
        self._offer_note(since_words(since, self._place.clock.now()))

    async def _write(self, then: Callable[[Written], None]) -> None:
        found = await self._place.desk.hand_over()
        then(Written(note(found), len(found.mine)))

    async def _release(self, text: str) -> None:
        mine = (await self._place.desk.hand_over()).mine
        released, failed = 0, ""
        for row in mine:
            try:
                await self._place.desk.comment(row.item_id, text)
                await self._place.desk.release(row.item_id)
            except (Refused, Denied, Unreachable, Uncertain) as error:
                failed = tr(
                    " {more} could not be released: {message} {next_action}",
                    more=len(mine) - released,
                    message=tr(error.message),
                    next_action=tr(error.next_action),
                )
                break
            released += 1
        said = tr(" Released {released} with it as a comment.", released=released) if released else ""
        self._place.board.put(notice=f"{HANDED_OVER}{said}{failed}")


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
