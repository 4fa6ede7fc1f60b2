"""The tray of what was decided just now: each decision with its progress, its undo, and what to do if it went astray.

Invariant: a decision that is not final stays, however old; "sent" is not "confirmed", "confirmed" not "carried out".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from console.domain.ages import age
from console.domain.decision import FINAL_STATES, DecisionState
from console.domain.language import tr
from console.domain.risk import undo_window
from console.qtkit.keycaps import key_of
from console.qtkit.rowdata import HandledRow
from console.qtkit.words import spans
from console.screens.inbox.said import short_id, sign, told
from console.screens.inbox.values import brief
from console.screens.inbox.verdicts import ON_ITS_WAY
from console.services.views import DecisionView

SHOWN_FOR = timedelta(minutes=15)
LINGER = timedelta(seconds=8)
MOST = 30
ASTRAY_LINES = 2
_S = DecisionState
ASTRAY = frozenset({_S.FAILED, _S.SUPERSEDED, _S.REFUSED, _S.UNCERTAIN, _S.EXPIRED})


def handled(decisions: Sequence[DecisionView], now: datetime, passed: float = 0) -> tuple[HandledRow, ...]:
    """The rows of the tray; ``passed`` are the seconds since the decisions were read."""
    kept = [each for each in decisions if each.state not in FINAL_STATES or now - each.changed_at < SHOWN_FOR]
    kept.sort(key=_rank)
    return tuple(_row(_later(each, passed), now) for each in kept[:MOST])


def is_quiet(decisions: Sequence[DecisionView], now: datetime) -> bool:
    """Whether nothing is on its way, nothing went astray lately, and what came to its end could be read a moment."""
    return not any(
        view.state in ON_ITS_WAY
        or now - view.changed_at < LINGER
        or (view.state in ASTRAY and now - view.changed_at < SHOWN_FOR)
        for view in decisions
    )


def _rank(view: DecisionView) -> int:
    """What can be undone first, then what went astray, then the others; each newest first."""
    return 0 if view.state is _S.HELD else 1 if view.state in ASTRAY else 2


def _later(view: DecisionView, passed: float) -> DecisionView:
    return view if view.held_for is None else replace(view, held_for=max(0.0, view.held_for - passed))


def undoable(decisions: Sequence[DecisionView]) -> DecisionView | None:
    """The newest decision that can still be taken back."""
    return next((each for each in decisions if each.state is _S.HELD), None)


def _row(view: DecisionView, now: datetime) -> HandledRow:
    share = None
    if view.state is _S.HELD and view.held_for is not None:
        share = min(1.0, view.held_for / undo_window(view.risk).total_seconds())
    action, key = (
        (tr("Undo"), key_of("inbox.undo"))
        if view.state is _S.HELD
        else (tr("Open"), "")
        if view.state in ASTRAY
        else ("", "")
    )
    lines = ASTRAY_LINES if view.state in ASTRAY else 1
    made = row_of(view, age(view.changed_at, now))
    return replace(made, action=action, action_key=key, ring_share=share, most_lines=lines)


def row_of(view: DecisionView, when: str) -> HandledRow:
    """A decision as a row that only tells, with ``when`` at its right."""
    icon, tone = sign(view)
    effect = view.receipt.effect if view.receipt is not None else None
    return HandledRow(
        row_id=view.decision.decision_id,
        icon=icon,
        tone=tone,
        title=brief(view.title, 160),
        age=when,
        words=spans(told(view)),
        remark=short_id(effect.effect_id) if effect is not None else "",
    )
