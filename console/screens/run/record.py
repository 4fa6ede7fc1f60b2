"""The state of a run: what changed between two revisions, and how sure each value is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from console.domain.language import tr
from console.domain.run import Snapshot, Standing
from console.qtkit.tokens import Tone
from console.screens.run.values import brief

STANDING_LOOKS: dict[Standing, tuple[str, Tone]] = {
    Standing.KNOWN: ("circle-check", Tone.OK),
    Standing.DECIDED: ("gavel", Tone.PERSON),
    Standing.PENDING: ("hourglass", Tone.ACCENT),
    Standing.UNCERTAIN: ("circle-help", Tone.HIGH),
}
NEW = tr("new")
BEFORE_LIMIT = 120
NAME_LIMIT = 40
GONE_SHOWN = 6


def changes(before: Snapshot, after: Snapshot) -> dict[str, str]:
    """What is new or differs in ``after``, each with what it was in one line, or ``new``."""
    known = {fact.name: fact.value for fact in before.facts}
    return {
        fact.name: tr("was {known}", known=brief(known[fact.name], BEFORE_LIMIT)) if fact.name in known else NEW
        for fact in after.facts
        if fact.name not in known or known[fact.name] != fact.value
    }


def told(changed: Mapping[str, str], gone: Sequence[str]) -> str:
    """What a revision did, in words: ``1 new, 2 changed, gone: note``."""
    new = sum(change == NEW for change in changed.values())
    parts = [tr("{new} new", new=new)] if new else []
    parts += [tr("{more} changed", more=len(changed) - new)] if len(changed) > new else []
    if gone:
        names = ", ".join(brief(name, NAME_LIMIT) for name in gone[:GONE_SHOWN])
        parts.append(tr("gone: {names}{said}", names=names, said="…" if len(gone) > GONE_SHOWN else ""))
    return ", ".join(parts)


def removed(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """What was there and is not any more."""
    kept = {fact.name for fact in after.facts}
    return tuple(fact.name for fact in before.facts if fact.name not in kept)
