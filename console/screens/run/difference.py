"""What differs between two revisions of a state, worked out branch by branch as they are opened. Pure.

Invariant: only what differs is told, in the order of the later one with what is gone at its end; of lists, items that
stand alike at the beginning and at the end are passed over, so that one that was put in does not change all behind it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from console.domain.canonical import Json
from console.domain.language import tr
from console.domain.run import Fact, Snapshot
from console.screens.run.values import brief, is_container, is_list, size_word

SHOWN = 300


class Fate(enum.Enum):
    """What became of a value."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, eq=False)
class Delta:
    """One difference. ``remark`` says what differs beside the value, such as how sure it is."""

    name: str
    fate: Fate
    before: Json = None
    after: Json = None
    remark: str = ""

    @property
    def has_inside(self) -> bool:
        """Whether there is more to see inside."""
        if self.fate is Fate.CHANGED:
            return _are_alike(self.before, self.after) and self.before != self.after
        value = self.after if self.fate is Fate.ADDED else self.before
        return is_container(value) and bool(value)

    def inside(self) -> Iterator[Delta]:
        """The differences inside, one by one."""
        if not self.has_inside:
            return iter(())
        if self.fate is Fate.ADDED:
            return (Delta(name, Fate.ADDED, after=value) for name, value in _parts(self.after))
        if self.fate is Fate.REMOVED:
            return (Delta(name, Fate.REMOVED, before=value) for name, value in _parts(self.before))
        if isinstance(self.before, Mapping) and isinstance(self.after, Mapping):
            return _of_mappings(self.before, self.after)
        return _of_lists(list(_items(self.before)), list(_items(self.after)))

    @property
    def words(self) -> tuple[str, str]:
        """What it was and what it is, each in one bounded line; empty where it was not, or is not."""
        before = "" if self.fate is Fate.ADDED else _word(self.before)
        after = "" if self.fate is Fate.REMOVED else _word(self.after)
        return before, f"{after}  {self.remark}".strip() if self.remark else after

    @property
    def said(self) -> str:
        """All of it, for a screen reader."""
        before, after = self.words
        told = {
            Fate.ADDED: after,
            Fate.REMOVED: before,
            Fate.CHANGED: tr("{before} to {after}", before=before, after=after),
        }[self.fate]
        return f"{brief(self.name, SHOWN)} {tr(self.fate.value)}: {told}"


def differences(before: Snapshot, after: Snapshot) -> tuple[Delta, ...]:
    """What differs between two revisions, at the top."""
    known = {fact.name: fact for fact in before.facts}
    kept = {fact.name for fact in after.facts}
    told = [delta for fact in after.facts if (delta := _of_fact(known.get(fact.name), fact)) is not None]
    told += [Delta(fact.name, Fate.REMOVED, before=fact.value) for fact in before.facts if fact.name not in kept]
    return tuple(told)


def counted(deltas: Sequence[Delta]) -> str:
    """How much differs, in words: ``1 added, 2 changed``."""
    counts = [(sum(delta.fate is fate for delta in deltas), tr(fate.value)) for fate in Fate]
    return ", ".join(f"{count:,} {word}" for count, word in counts if count) or tr("Nothing differs")


def _of_fact(before: Fact | None, after: Fact) -> Delta | None:
    if before is None:
        return Delta(after.name, Fate.ADDED, after=after.value)
    remark = f"{tr(before.standing)} → {tr(after.standing)}" if before.standing is not after.standing else ""
    if before.value == after.value and not remark:
        return None
    return Delta(after.name, Fate.CHANGED, before.value, after.value, remark)


def _of_mappings(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Delta]:
    for name, value in after.items():
        if name not in before:
            yield Delta(name, Fate.ADDED, after=value)
        elif before[name] != value:
            yield Delta(name, Fate.CHANGED, before[name], value)
    for name, value in before.items():
        if name not in after:
            yield Delta(name, Fate.REMOVED, before=value)


def _of_lists(before: list[Json], after: list[Json]) -> Iterator[Delta]:
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    tail = next((at for at in range(shorter - head) if before[-1 - at] != after[-1 - at]), shorter - head)
    gone, come = before[head : len(before) - tail], after[head : len(after) - tail]
    for at in range(max(len(gone), len(come))):
        name = f"[{head + at}]"
        if at >= len(gone):
            yield Delta(name, Fate.ADDED, after=come[at])
        elif at >= len(come):
            yield Delta(name, Fate.REMOVED, before=gone[at])
        elif gone[at] != come[at]:
            yield Delta(name, Fate.CHANGED, gone[at], come[at])


def _are_alike(before: Json, after: Json) -> bool:
    both_mappings = isinstance(before, Mapping) and isinstance(after, Mapping)
    return both_mappings or (is_list(before) and is_list(after))


def _parts(value: Json) -> Iterator[tuple[str, Json]]:
    if isinstance(value, Mapping):
        return iter(value.items())
    return ((f"[{at}]", inner) for at, inner in enumerate(_items(value)))


def _items(value: Json) -> Sequence[Json]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _word(value: Json) -> str:
    return size_word(value) if is_container(value) else brief(value, SHOWN)
