"""What the palette offers for what was typed: actions, items, connections, pages of the help, settings.

Needs no Qt. Invariant: what lies in the store is read in the loop that `Ask` gives and never blocks typing; an answer
counts only for the words that it was asked for; a bounded number of each kind is shown, and nothing runs that cannot.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from console.domain.language import tr
from console.infra.errand import Errand
from console.screens import Ask, Memory
from console.shell.matching import SCATTERED, Match, match
from console.shell.synonyms import also_called

RECENT = "palette.recent"
MOST_RECENT = 12
MOST_FOUND = 300
RECENT_BONUS = 12
AWAY_COST = 40
RECENTLY = tr("Recent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing to run or to open. ``kind`` says what it is, ``more`` are words it is found by and does not show.

    ``why_not`` is empty where it can be run; ``places`` are the letters of ``text`` that were typed.
    """

    hit_id: str
    kind: str
    text: str
    run: Callable[[], object] = field(compare=False)
    icon: str = ""
    keys: str = ""
    more: str = ""
    why_not: str = ""
    places: frozenset[int] = frozenset()

    @property
    def said(self) -> str:
        """What a screen reader says."""
        parts = (
            self.text,
            self.kind,
            self.keys,
            tr("not now: {why_not}", why_not=self.why_not) if self.why_not else "",
        )
        return ", ".join(part for part in parts if part)


At: TypeAlias = Callable[[], Iterable[Hit]]
"""Hits that are at hand; those without typed words are shown at once when ``is_first``."""
Read: TypeAlias = Callable[[str], Awaitable[Sequence[Hit]]]
"""Hits that are read for typed words; those come ranked already, and as many as are to be shown."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where hits come from: ``actions`` are offered before anything is typed, the others once something is."""

    actions: At
    at_hand: tuple[At, ...] = ()
    read: tuple[Read, ...] = ()


def _not_yet(work: Coroutine[Any, Any, None]) -> None:
    """Before the desk is open nothing is read."""
    work.close()


@dataclass(slots=True)
class Finding:
    """What there is to find besides actions, once the desk is open."""

    ask: Ask = _not_yet
    at_hand: tuple[At, ...] = ()
    read: tuple[Read, ...] = ()


@dataclass(frozen=True, slots=True)
class PaletteState:
    """What is typed, what was found, and whether more is being read."""

    typed: str = ""
    hits: tuple[Hit, ...] = ()
    is_reading: bool = False


class Palette:
    """Finds for one opening of the palette, and tells one listener."""

    def __init__(self, sources: Sources, ask: Ask, memory: Memory, listener: Callable[[PaletteState], None]) -> None:
        self._sources = sources
        self._memory = memory
        self._listener = listener
        self._recent = recent(memory)
        self._read: tuple[Hit, ...] = ()
        self._errand = Errand(ask, self._read_more)
        self.state = PaletteState()

    def on_typed(self, typed: str) -> None:
        """Find anew for what is typed now."""
        self._read = ()
        self._put(PaletteState(typed, is_reading=bool(typed.strip() and self._sources.read)))
        if self.state.is_reading:
            self._errand.request()

    def hit(self, hit_id: object) -> Hit | None:
        """One of those that are shown."""
        return next((each for each in self.state.hits if each.hit_id == hit_id), None)

    def remember(self, hit: Hit) -> None:
        """Note that it was used, so that it comes first next time."""
        kept = [hit.hit_id, *(each for each in self._recent if each != hit.hit_id)][:MOST_RECENT]
        self._recent = tuple(kept)
        self._memory.set(RECENT, json.dumps(kept))

    async def _read_more(self) -> None:
        typed = self.state.typed
        found: list[Hit] = []
        for read in self._sources.read:
            found += await read(typed)
        if typed == self.state.typed:
            self._read = tuple(found)
            self._put(replace(self.state, is_reading=False))

    def _put(self, state: PaletteState) -> None:
        hits = self._ranked(state.typed) if state.typed.strip() else self._offered()
        self.state = replace(state, hits=hits[:MOST_FOUND])
        self._listener(self.state)

    def _offered(self) -> tuple[Hit, ...]:
        """What there is to do: what was used lately, then what can be done, then what cannot just now."""
        hits = tuple(self._sources.actions())
        known = {hit.hit_id: hit for hit in hits}
        lately = [known[each] for each in self._recent if each in known and not known[each].why_not]
        rest = sorted((hit for hit in hits if hit not in lately), key=lambda hit: bool(hit.why_not))
        return (*(replace(hit, kind=RECENTLY) for hit in lately), *rest)

    def _ranked(self, typed: str) -> tuple[Hit, ...]:
        scored: list[tuple[float, Hit]] = []
        at_hand = (hit for source in self._sources.at_hand for hit in source())
        for hit in (*self._sources.actions(), *at_hand, *self._read):
            others = also_called(hit.text) if hit not in self._read else ""
            found = match(typed, hit.text, f"{hit.kind} {hit.more} {others}")
            if found is None and hit in self._read:
                # Found by something that is not shown, such as its agent.
                found = Match(SCATTERED)
            if found is not None:
                bonus = RECENT_BONUS if hit.hit_id in self._recent else 0
                cost = AWAY_COST if hit.why_not else 0
                scored.append((found.score + bonus - cost, replace(hit, places=found.places)))
        scored.sort(key=lambda each: -each[0])
        return tuple(hit for _, hit in scored)


def recent(memory: Memory) -> tuple[str, ...]:
    """The ids of what was used lately, newest first; nothing where what was kept makes no sense."""
    try:
        said = json.loads(memory.get(RECENT, "[]"))
    except (ValueError, RecursionError):
        return ()
    return tuple(each for each in said if isinstance(each, str))[:MOST_RECENT] if isinstance(said, list) else ()
