"""The tray of what was decided just now: each decision with its progress, its undo, and what to do if it went astray.

Invariant: a decision that is not final stays, however old; "sent" is not "confirmed", "confirmed" not "carried out".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from console.domain.ages import age, clock, short_clock
from console.domain.decision import FINAL_STATES, DecisionState
from console.domain.escalation import INTERVENING
from console.domain.risk import undo_window
from console.qtkit.keycaps import key_of
from console.qtkit.rowdata import HandledRow
from console.qtkit.words import Span, Words, quiet, spans, strong
from console.screens.inbox.values import brief
from console.screens.inbox.verdicts import DONE
from console.screens.inbox.wording import STATES
from console.services.views import DecisionView

SHOWN_FOR = timedelta(minutes=15)
MOST = 30
_S = DecisionState
ASTRAY = frozenset({_S.FAILED, _S.SUPERSEDED, _S.REFUSED, _S.UNCERTAIN, _S.EXPIRED})


def handled(decisions: Sequence[DecisionView], now: datetime, passed: float = 0) -> tuple[HandledRow, ...]:
    """The rows of the tray, newest first; ``passed`` are the seconds since the decisions were read."""
    kept = [each for each in decisions if each.state not in FINAL_STATES or now - each.changed_at < SHOWN_FOR]
    return tuple(_row(_later(each, passed), now) for each in kept[:MOST])


def _later(view: DecisionView, passed: float) -> DecisionView:
    return view if view.held_for is None else replace(view, held_for=max(0.0, view.held_for - passed))


def undoable(decisions: Sequence[DecisionView]) -> DecisionView | None:
    """The newest decision that can still be taken back."""
    return next((each for each in decisions if each.state is _S.HELD), None)


def _row(view: DecisionView, now: datetime) -> HandledRow:
    icon, tone = STATES[view.state]
    effect = view.receipt.effect if view.receipt is not None else None
    share = None
    if view.state is _S.HELD and view.held_for is not None:
        share = min(1.0, view.held_for / undo_window(view.risk).total_seconds())
    action, key = (
        ("Undo", key_of("inbox.undo")) if view.state is _S.HELD else ("Open", "") if view.state in ASTRAY else ("", "")
    )
    return HandledRow(
        row_id=view.decision.decision_id,
        icon=icon,
        tone=tone,
        title=brief(view.title, 160),
        age=age(view.changed_at, now),
        words=spans(told(view)),
        remark=brief(effect.effect_id, 24) if effect is not None else "",
        action=action,
        action_key=key,
        ring_share=share,
    )


def told(view: DecisionView) -> Words:
    """What became of it, in a line: what was decided, where it is, and what to do when that is not the end."""
    done = DONE[view.decision.verdict]
    _, tone = STATES[view.state]
    if view.state is _S.HELD:
        return [f"{done}, ", strong(f"held: sends in {math.ceil(view.held_for or 0)} s", tone)]
    if view.state in {_S.CONFIRMED, _S.CARRIED_OUT}:
        return _went_through(view, done)
    words: list[str | Span] = [f"{done}, ", strong(str(view.state), tone)]
    if view.state is _S.QUEUED:
        words.append(f", holds until {short_clock(view.decision.valid_until, view.changed_at)}")
    if view.message:
        words += [": ", brief(view.message, 300)]
    if view.next_action:
        words += [" ", quiet(brief(view.next_action, 200))]
    return words


def _went_through(view: DecisionView, done: str) -> Words:
    at = dict(view.history)
    confirmed = at.get(_S.CONFIRMED)
    _, tone = STATES[view.state]
    if view.state is _S.CONFIRMED:
        words: list[str | Span] = [f"{done}, ", strong(f"confirmed {clock(view.changed_at)}", tone)]
        return [*words, f". {brief(view.message, 300)}"] if view.message else words
    first = f"confirmed {clock(confirmed)} → " if confirmed is not None else f"{done}, "
    went: list[str | Span] = [first, strong("carried out", tone), f" {clock(view.changed_at)}"]
    says_more = view.decision.verdict in INTERVENING and bool(view.message)
    return [*went, f". {brief(view.message, 300)}"] if says_more else went
