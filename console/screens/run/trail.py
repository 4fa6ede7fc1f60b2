"""What is known of a run's trail, and the rows it is shown as.

Pages arrive newest first and overlap; the log keeps them oldest first, each entry once. Invariant: the log has no gap:
a newest page that does not reach what is known replaces it, with the way back to what lies before. The newest page is
the truth for its stretch: what an engine no longer says there (an attempt under way that ended) goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from console.domain.canonical import Json
from console.domain.run import HandOff, TrailEntry, TrailKind, TrailPage

FOLDED = frozenset({TrailKind.FAILED_ATTEMPT, TrailKind.RETRY})


@dataclass(frozen=True, slots=True)
class Log:
    """Entries oldest first. ``older`` asks for those before them and is empty where the run begins."""

    entries: tuple[TrailEntry, ...] = ()
    older: str = ""
    total: int | None = None

    @property
    def is_complete(self) -> bool:
        """Whether it reaches back to the beginning."""
        return not self.older

    def joins(self, page: TrailPage) -> bool:
        """Whether the newest page touches what is known, or there is nothing to touch."""
        if not self.entries or not page.older or not page.entries:
            return True
        oldest = page.entries[-1].entry_id
        return any(entry.entry_id == oldest for entry in reversed(self.entries))

    def with_newest(self, page: TrailPage) -> Log:
        """The log with the newest page at its end; the same log when that says nothing new."""
        fresh = tuple(reversed(page.entries))
        if not page.older or not fresh:
            return self if self == Log(fresh, "", page.total) else Log(fresh, "", page.total)
        start = self._position(fresh[0].entry_id)
        if start is None:
            return Log(fresh, page.older, page.total)
        if self.entries[start:] == fresh and self.total == page.total:
            return self
        return Log(self.entries[:start] + fresh, self.older if start else page.older, page.total)

    def with_older(self, page: TrailPage) -> Log:
        """The log with the page before it; what is known already stays as it is."""
        known = {entry.entry_id for entry in self.entries}
        before = tuple(entry for entry in reversed(page.entries) if entry.entry_id not in known)
        return Log(before + self.entries, page.older, self.total if page.total is None else page.total)

    def _position(self, entry_id: str) -> int | None:
        for position in range(len(self.entries) - 1, -1, -1):
            if self.entries[position].entry_id == entry_id:
                return position
        return None


@dataclass(frozen=True, slots=True)
class Row:
    """One card: an entry, several failed attempts of one step folded into one, or a hand-off.

    ``row_id`` stays the same while more attempts fold into it.
    """

    row_id: str
    entries: tuple[TrailEntry, ...]
    hand_off: HandOff | None = None

    @property
    def entry(self) -> TrailEntry:
        """The last of its entries."""
        return self.entries[-1]

    @property
    def is_folded(self) -> bool:
        """Whether it stands for more than one entry."""
        return len(self.entries) > 1


def rows(entries: Sequence[TrailEntry]) -> tuple[Row, ...]:
    """The rows of these entries: failed attempts and retries of one step that follow each other fold into one."""
    made: list[Row] = []
    for fold, group in groupby(entries, key=_fold):
        if fold is None:
            made.extend(Row(entry.entry_id, (entry,)) for entry in group)
        else:
            folded = tuple(group)
            made.append(Row(folded[0].entry_id, folded))
    return tuple(made)


def _fold(entry: TrailEntry) -> tuple[str, str] | None:
    return (entry.step, entry.agent) if entry.kind in FOLDED else None


@dataclass(frozen=True, slots=True)
class Trail:
    """Entries in order, and the hand-off of each that is one."""

    entries: tuple[TrailEntry, ...] = ()
    hand_offs: dict[str, HandOff] = field(default_factory=dict)


def with_hand_offs(entries: Sequence[TrailEntry], hand_offs: Iterable[HandOff], *, since_start: bool) -> Trail:
    """Entries and hand-offs in one order of time.

    A hand-off that the trail records itself stands there, with what the record of its edges adds; one that it does not
    gets an entry of its own where its time is known and lies within what was read (``since_start``: everything was).
    """
    records = {(each.from_step, each.to_step): each for each in hand_offs}
    matched: dict[str, HandOff] = {}
    told: set[tuple[str, str]] = set()
    for entry in entries:
        if entry.kind is TrailKind.HAND_OFF:
            edges = tuple((source, _to(entry)) for source in sources(entry))
            told.update(edges)
            found = _recorded(entry, [records[edge] for edge in edges if edge in records])
            if found is not None:
                matched[entry.entry_id] = found
    begin = None if since_start else next((entry.at for entry in entries if entry.at is not None), None)
    added: list[TrailEntry] = []
    for edge, hand_off in records.items():
        is_read = since_start or (begin is not None and hand_off.at is not None and hand_off.at >= begin)
        if edge not in told and hand_off.at is not None and is_read:
            entry = _entry(hand_off)
            matched[entry.entry_id] = hand_off
            added.append(entry)
    return Trail(_merged(entries, added), matched)


def sources(entry: TrailEntry) -> tuple[str, ...]:
    """The steps that handed over, as a hand-off's entry names them: one, or several at a time."""
    named = entry.data.get("from", entry.step)
    return (named,) if isinstance(named, str) else _texts(named)


def _to(entry: TrailEntry) -> str:
    named = entry.data.get("to")
    return named if isinstance(named, str) else entry.step


def _texts(value: Json) -> tuple[str, ...]:
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return tuple(each for each in value if isinstance(each, str)) if is_list else ()  # type: ignore[union-attr]


def _recorded(entry: TrailEntry, records: list[HandOff]) -> HandOff | None:
    """What moved, from the entry's own words where it has them, else from the record of its edge."""
    used, dropped = _texts(entry.data.get("used")), _texts(entry.data.get("dropped"))
    caveats = _texts(entry.data.get("caveats"))
    if not used and not dropped and not caveats:
        return records[0] if records else None
    questions = _texts(entry.data.get("open_questions"))
    questions = questions or tuple({asked: None for each in records for asked in each.open_questions})
    parts = tuple(dict.fromkeys((*used, *dropped)))
    size = sum(each.size for each in records)
    return HandOff(
        from_step=", ".join(sources(entry)),
        to_step=_to(entry),
        size=size,
        keys=parts,
        used=used,
        dropped=dropped,
        caveats=caveats,
        open_questions=questions,
        at=entry.at,
        dropped_caveats=_texts(entry.data.get("dropped_caveats")),
        dropped_questions=_texts(entry.data.get("dropped_questions")),
    )


def _entry(hand_off: HandOff) -> TrailEntry:
    return TrailEntry(
        entry_id=f"hand-off:{hand_off.from_step}:{hand_off.to_step}:{hand_off.at}",
        at=hand_off.at,
        kind=TrailKind.HAND_OFF,
        title=f"{hand_off.from_step} → {hand_off.to_step}",
        step=hand_off.from_step,
        data={"from": hand_off.from_step, "to": hand_off.to_step},
    )


def _merged(entries: Sequence[TrailEntry], added: list[TrailEntry]) -> tuple[TrailEntry, ...]:
    """Put what was added before the first entry that is later; the order of the entries themselves is the engine's."""
    waiting = sorted(added, key=lambda entry: (_moment(entry), entry.entry_id))
    made: list[TrailEntry] = []
    position = 0
    for entry in entries:
        while position < len(waiting) and entry.at is not None and _moment(waiting[position]) < entry.at.timestamp():
            made.append(waiting[position])
            position += 1
        made.append(entry)
    return (*made, *waiting[position:])


def _moment(entry: TrailEntry) -> float:
    at: datetime | None = entry.at
    return at.timestamp() if at is not None else 0.0
