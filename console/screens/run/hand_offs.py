"""The hand-offs of a run as rows: what moved over each edge, what was lost first. Pure, so that it is tested as data.

Invariant: what was dropped is told before what was carried, caveats and questions before facts; nothing that the record
tells is left out, and earlier turns that are no longer kept are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from console.domain.ages import clock
from console.domain.display import one_line
from console.domain.language import counted, tr
from console.domain.run import HandOff, Step
from console.screens.run.cards import size
from console.screens.run.hand_off_card import LOSABLE, lost, lost_words, parts_dropped, parts_used, used_words
from console.screens.run.values import brief

NAME_LIMIT = 60
WITHHELD = tr("not handed over")
UNUSED = tr("not used")


@dataclass(frozen=True, slots=True)
class Remark:
    """A caveat or a question on its way: ``word`` says which, and whether it was lost."""

    word: str
    text: str
    is_lost: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A fact on its way, and what became of it."""

    name: str
    size: str
    became: str


@dataclass(frozen=True, slots=True)
class HandOffRow:
    """One hand-off with the titles of its ends."""

    row_id: str
    start: str
    end: str
    hand_off: HandOff

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Caveats and questions, the lost ones first."""
        hand_off = self.hand_off
        gone = lost(hand_off)
        kinds = ((tr("Caveat"), hand_off.caveats, gone[0]), (tr("Question"), hand_off.open_questions, gone[1]))
        told = [
            Remark(tr("{kind} dropped", kind=kind), text, is_lost=True) for kind, _, texts in kinds for text in texts
        ]
        kept = [
            Remark(tr("{kind} carried", kind=kind), text, is_lost=False)
            for kind, texts, dropped in kinds
            for text in texts
            if text not in dropped
        ]
        return (*told, *kept)

    @property
    def is_losing(self) -> bool:
        """Whether a caveat or a question was lost."""
        return any(lost(self.hand_off))

    @property
    def lost_words(self) -> str:
        """What was lost, counted: ``2 caveats, 1 question dropped``; empty where nothing was."""
        return lost_words(self.hand_off)

    @property
    def share(self) -> float:
        """How much of what was handed over was used, 0 to 1."""
        used, count = parts_used(self.hand_off)
        return used / count if count else 0.0

    @property
    def used_words(self) -> str:
        """How much was used, in words: ``3 of 5 parts used``; empty where nothing was handed over."""
        return used_words(self.hand_off)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The facts: those not used first, then those used, then those that were there and not handed over."""
        hand_off = self.hand_off
        sizes = dict(zip(hand_off.keys, hand_off.sizes, strict=False))
        facts = [key for key in hand_off.keys if key not in LOSABLE]
        became = {key: "used" if key in hand_off.used else UNUSED for key in facts}
        ordered = sorted(facts, key=lambda key: became[key] != UNUSED)
        known = [Part(brief(key, NAME_LIMIT), size(sizes[key]) if key in sizes else "", became[key]) for key in ordered]
        withheld = [name for name in parts_dropped(hand_off) if name not in became]
        return (*known, *(Part(brief(name, NAME_LIMIT), "", WITHHELD) for name in withheld))

    @property
    def facts(self) -> tuple[str, ...]:
        """What else there is to know, in a few words each."""
        hand_off = self.hand_off
        told = [size(hand_off.size)] if hand_off.size else []
        told += [one_line(hand_off.owner)] if hand_off.owner else []
        told += [tr("turn {turn}", turn=hand_off.turn)] if hand_off.turn > 1 else []
        told += [tr("{earlier:,} earlier not kept", earlier=hand_off.earlier)] if hand_off.earlier else []
        return tuple(told)

    @property
    def at(self) -> str:
        """When it was taken up."""
        return clock(self.hand_off.at) if self.hand_off.at is not None else ""

    @property
    def said(self) -> str:
        """All of it, for a screen reader and for copying."""
        told = [tr("{start} to {end}", start=self.start, end=self.end), self.used_words, self.lost_words, *self.facts]
        told += [f"{one.word}: {one_line(one.text)}" for one in self.remarks]
        told += [f"{one.name} {one.size} {tr(one.became)}".replace("  ", " ") for one in self.parts]
        return ". ".join(part for part in (*told, self.at) if part)


def hand_off_rows(hand_offs: Iterable[HandOff], steps: Sequence[Step]) -> tuple[HandOffRow, ...]:
    """The rows, in the order in which the hand-offs were made."""
    titles = {step.step_id: brief(step.title or step.step_id, NAME_LIMIT) for step in steps}
    listed = tuple(hand_offs)
    row_ids = told_apart(f"{one.from_step}.{one.to_step}.{one.turn}" for one in listed)
    return tuple(
        HandOffRow(
            row_id,
            titles.get(one.from_step, brief(one.from_step, NAME_LIMIT)),
            titles.get(one.to_step, brief(one.to_step, NAME_LIMIT)),
            one,
        )
        for row_id, one in zip(row_ids, listed, strict=True)
    )


def told_apart(names: Iterable[str]) -> list[str]:
    """Names as ids: one that comes again is numbered."""
    seen: Counter[str] = Counter()
    made: list[str] = []
    for name in names:
        seen[name] += 1
        made.append(f"{name}#{seen[name]}")
    return made


def lost_count(hand_offs: Iterable[HandOff]) -> int:
    """How many caveats and questions the latest hand-off over each edge has lost."""
    latest = {(one.from_step, one.to_step): one for one in hand_offs}
    return sum(len(caveats) + len(questions) for caveats, questions in map(lost, latest.values()))


def summary(rows: Sequence[HandOffRow]) -> str:
    """What the list holds, in one line."""
    losing = sum(row.is_losing for row in rows)
    count = counted(len(rows), "hand-off")
    if not losing:
        return tr("{count}. Every caveat and question was read by the step that it was handed to.", count=count)
    left = lost_count(row.hand_off for row in rows)
    after = (
        tr("{left:,} of what was said {said} dropped still.", left=left, said="is" if left == 1 else "are")
        if left
        else tr("A later turn read it.")
    )
    return tr(
        "{count}. {losing:,} dropped a caveat or a question on the way. {after}",
        count=count,
        losing=losing,
        after=after,
    )
