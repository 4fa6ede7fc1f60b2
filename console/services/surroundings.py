"""What is known around an item beyond the item itself, each part with its age, or with why it could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    # Types only: the window needs the names of this module before it is painted, and nothing of these.
    from console.domain.precedent import Precedents
    from console.domain.run import Access, HandOff, TrailEntry

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """One part as it was read at a time. Without a ``value`` it was not read yet, or ``problem`` says why not."""

    value: T | None = None
    read_at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Led:
    """What led here, oldest first; ``total`` counts the whole trail, as far as it was counted (``is_all``)."""

    entries: tuple[TrailEntry, ...]
    total: int
    is_all: bool


@dataclass(frozen=True, slots=True)
class Alike:
    """How cases like this one were decided. ``is_desk`` says that only this desk's own decisions are known."""

    precedents: Precedents
    is_desk: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """How many runs are under way that a pause of more than one run stops, as far as they were counted (``is_all``)."""

    count: int
    is_all: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The parts around one item. ``access`` is of the agent that asks, at its step; ``held`` is read for pauses."""

    led: Part[Led] = field(default_factory=Part)
    hand_offs: Part[tuple[HandOff, ...]] = field(default_factory=Part)
    access: Part[Access] = field(default_factory=Part)
    alike: Part[Alike] = field(default_factory=Part)
    held: Part[Held] = field(default_factory=Part)


UNREAD = Surroundings()
