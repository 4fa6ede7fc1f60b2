"""The decisions in a run's report: all that the run tells of, and what else this desk signed for it.

Invariant: each stands there once, and says where it is from; only this desk's own have a receipt that was compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from console.domain.language import tr
from console.domain.run import TrailEntry, TrailKind
from console.services.views import DecisionView

OWN, READ = tr("this desk"), tr("read from the run")
DIGEST, KEY = 8, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One decision. ``at`` is when it was signed; for one that was read from the run, when the run took it."""

    at: datetime | None
    who: str
    on: str
    reason: str = ""
    signed: str = ""
    receipt: str = ""
    source: str = READ


def decision_rows(own: Iterable[DecisionView], trail: Iterable[TrailEntry]) -> tuple[DecisionRow, ...]:
    """All of them, oldest first, those without a time at the end."""
    own = tuple(own)
    mine = [_of_desk(view) for view in own]
    known = {view.decision.decision_id for view in own}
    unnamed = Counter(row.who for row in mine)
    others = []
    for entry in trail:
        if entry.kind is not TrailKind.DECISION or (entry.signed is not None and entry.signed.decision_id in known):
            continue
        if entry.signed is None and unnamed[entry.title] > 0:
            # An engine that names no decisions tells of one's own by person and verdict.
            unnamed[entry.title] -= 1
            continue
        others.append(_of_run(entry))
    rows = [*mine, *others]
    return tuple(sorted(rows, key=lambda row: (row.at is None, row.at.timestamp() if row.at is not None else 0.0)))


def _of_desk(view: DecisionView) -> DecisionRow:
    decision, receipt = view.decision, view.receipt
    effect = receipt.effect if receipt is not None else None
    told = [tr(view.state), receipt.message if receipt is not None else view.message]
    told += (
        [tr("effect {effect_id} by {tool}", effect_id=effect.effect_id, tool=effect.tool)] if effect is not None else []
    )
    return DecisionRow(
        at=decision.signed_at,
        who=f"{decision.by.name}: {decision.verdict}",
        on=view.title,
        reason=decision.reason,
        signed=_signed(decision.digest, decision.key_id),
        receipt=" · ".join(part for part in told if part),
        source=OWN,
    )


def _of_run(entry: TrailEntry) -> DecisionRow:
    signed = entry.signed
    return DecisionRow(
        at=entry.at,
        who=entry.title,
        on=entry.step,
        reason=entry.text,
        signed=_signed(signed.digest, signed.key_id) if signed is not None else "",
    )


def _signed(digest: str, key_id: str) -> str:
    return tr("{digest} · key {key_id}", digest=digest[:DIGEST], key_id=key_id[:KEY])
