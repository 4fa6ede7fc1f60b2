"""A decision in words: what was decided, with what it carries, and what that led to.

Invariant: the verdict stands in every state; "carried out" is said of what takes effect alone, and of another verdict
what the run says became of it. Nothing is guessed: what is not known of a decision is left out. Pure; bounded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from console.domain.ages import clock, short_clock
from console.domain.canonical import Json
from console.domain.decision import DecisionState
from console.domain.escalation import INTERVENING, Change, Verdict
from console.domain.language import tr
from console.domain.rules import EXECUTING
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, Words, data, quiet, strong
from console.screens.inbox.conflict import LETTERS, NEITHER, REROUTE, WAIT
from console.screens.inbox.values import brief, plain_text
from console.screens.inbox.wording import STATES
from console.services.views import DecisionView

_S, _V = DecisionState, Verdict

VALUE = 60
NAME = 40
MESSAGE = 600
MOST_FIELDS = 2
SHORT = 8
_RANDOM = re.compile(r"[0-9a-f-]{16,}")
# As it is wanted, until the run has acted on it.
WANTED = {
    _V.APPROVE: tr("Approved"),
    _V.EDIT: tr("Approved as edited"),
    _V.REJECT: tr("Rejected"),
    _V.REROUTE: tr("Rerouted"),
    _V.ANSWER: tr("Answered"),
    _V.RETRY: tr("Retry"),
    _V.SKIP: tr("Skip"),
    _V.CANCEL: tr("Cancel the run"),
    _V.PAUSE: tr("Pause"),
    _V.RESUME: tr("Resume"),
    _V.RESET: tr("Start again"),
    _V.COMPLETE: tr("Done by hand"),
    _V.WITHDRAW: tr("Withdrew the approval"),
}
DONE = WANTED | {
    _V.RETRY: tr("Retried"),
    _V.SKIP: tr("Skipped"),
    _V.CANCEL: tr("Cancelled the run"),
    _V.PAUSE: tr("Paused"),
    _V.RESUME: tr("Resumed"),
    _V.RESET: tr("Started again"),
}
# Where several have to approve, one's own approval is a signature until the run has acted on all of them.
SIGNED = {_V.APPROVE: tr("Signed"), _V.EDIT: tr("Signed as edited"), _V.COMPLETE: tr("Signed as done by hand")}
# What a verdict looks like that was acted on without an effect.
SIGNS = {
    _V.REJECT: "x",
    _V.ANSWER: "message-square",
    _V.REROUTE: "corner-down-right",
    _V.RETRY: "repeat",
    _V.SKIP: "skip-forward",
    _V.CANCEL: "ban",
    _V.WITHDRAW: "undo-2",
}
TAKES_EFFECT = EXECUTING | INTERVENING


def has_effect(view: DecisionView) -> bool:
    """Whether what was carried out did something: the verdict lets something happen, or the receipt names an effect."""
    has_one = view.receipt is not None and view.receipt.effect is not None
    return view.state is _S.CARRIED_OUT and (has_one or view.decision.verdict in TAKES_EFFECT)


def sign(view: DecisionView) -> tuple[str, Tone]:
    """Icon and tone: of the state; of the verdict, where the run acted on it and nothing was carried out."""
    if view.state is _S.CARRIED_OUT and not has_effect(view):
        return SIGNS.get(view.decision.verdict, "check"), Tone.SECOND
    return STATES[view.state]


def verdict(view: DecisionView) -> str:
    """What was decided, with what it carries: ``Approved as edited: amount 4500``."""
    said = _called(view)
    told = carried(view)
    if not told:
        return said
    is_ruling = view.decision.verdict is _V.ANSWER and bool(view.meant.sides)
    return (
        tr("Ruled: {told}", told=told)
        if is_ruling
        else f"{said} {told}"
        if view.decision.verdict is _V.REROUTE
        else f"{said}: {told}"
    )


def _called(view: DecisionView) -> str:
    if view.state is _S.CARRIED_OUT:
        return DONE[view.decision.verdict]
    is_one_of_several = view.meant.required_approvals > 1 and view.state is not _S.FAILED
    return (WANTED | SIGNED if is_one_of_several else WANTED)[view.decision.verdict]


def carried(view: DecisionView) -> str:
    """What a verdict carries, in short: the changed fields, where to, the answer; empty for most."""
    payload = view.decision.payload
    if view.decision.verdict is _V.EDIT:
        return _changed(view)
    if view.decision.verdict is _V.REROUTE:
        to = payload.get("to")
        name = view.meant.to or (to.get("id") if isinstance(to, dict) else "")
        return tr("to {name}", name=brief(name, NAME)) if isinstance(name, str) and name else ""
    if view.decision.verdict is _V.ANSWER:
        return _ruled(view) or _answered(payload.get("answer"))
    return ""


def told(view: DecisionView) -> list[str | Span]:
    """What became of it, in a line: what was decided, where it is, and what to do when that is not the end."""
    said = verdict(view)
    if view.state is _S.HALF_GRANTED and view.receipt is not None:
        # "Signed 1 of 2" reads as one; after what an edit changed it needs a comma.
        return [f"{said}, " if carried(view) else f"{said} ", *outcome(view)]
    if view.state is not _S.CARRIED_OUT:
        return [f"{said}, ", *outcome(view)]
    return [f"{said} → ", *outcome(view)] if has_effect(view) else [strong(said), " · ", *outcome(view)]


def outcome(view: DecisionView) -> list[str | Span]:
    """Where it is and what it led to, without the verdict; the state first, in its tone."""
    _, tone = STATES[view.state]
    message = brief(tr(view.message), MESSAGE)
    if view.state is _S.HELD:
        return [strong(tr("held: sends in {held_for} s", held_for=math.ceil(view.held_for or 0)), tone)]
    if view.state is _S.CONFIRMED:
        words: list[str | Span] = [strong(tr("confirmed {changed_at}", changed_at=clock(view.changed_at)), tone)]
        return [*words, f". {message}"] if message else words
    if view.state is _S.CARRIED_OUT:
        return _acted_on(view, message)
    if view.state is _S.HALF_GRANTED and view.receipt is not None:
        count = tr(
            "{approvals} of {required_approvals}",
            approvals=view.receipt.approvals,
            required_approvals=view.receipt.required_approvals,
        )
        return [strong(count, tone), tr(", waits for another person")]
    words = [strong(tr(view.state), tone)]
    if view.state is _S.QUEUED:
        words.append(
            tr(", holds until {valid_until}", valid_until=short_clock(view.decision.valid_until, view.changed_at))
        )
    if message:
        words += [": ", message]
    if view.next_action:
        words += [" ", quiet(brief(tr(view.next_action), 200))]
    return words


def _acted_on(view: DecisionView, message: str) -> list[str | Span]:
    if not has_effect(view):
        return [message or tr("the run acted on it {changed_at}", changed_at=clock(view.changed_at))]
    _, tone = STATES[_S.CARRIED_OUT]
    went: list[str | Span] = [strong(tr("carried out"), tone), f" {clock(view.changed_at)}"]
    return [*went, f". {message}"] if view.decision.verdict in INTERVENING and message else went


def short_id(effect_id: str) -> str:
    """A receipt number short enough to be read: its random parts by their first eight characters, all else whole."""
    return brief("/".join(part[:SHORT] if _RANDOM.fullmatch(part) else part for part in effect_id.split("/")), VALUE)


def change(line: Change) -> Words:
    """One line of an edit: before and after."""
    before, after = brief(line.before, VALUE), brief(line.after, VALUE)
    return [
        f"{brief(line.label, VALUE)} ",
        data(before) if before else quiet(tr("nothing")),
        " → ",
        Span(after, is_strong=True, is_data=True) if after else quiet(tr("nothing")),
    ]


def _changed(view: DecisionView) -> str:
    lines = view.meant.changes
    told = [f"{brief(each.label, NAME)} {brief(each.after, VALUE) or tr('left out')}" for each in lines[:MOST_FIELDS]]
    more = [tr("{more} more", more=len(lines) - MOST_FIELDS)] if len(lines) > MOST_FIELDS else []
    return ", ".join((*told, *more))


def _answered(answer: Json) -> str:
    if isinstance(answer, Mapping):
        told = [f"{brief(name, NAME)} {_short(value)}" for name, value in list(answer.items())[:MOST_FIELDS]]
        more = [tr("{more} more", more=len(answer) - MOST_FIELDS)] if len(answer) > MOST_FIELDS else []
        return ", ".join((*told, *more))
    return "" if answer is None else _short(answer)


def _short(value: Json) -> str:
    return brief(plain_text(value), VALUE)


def _ruled(view: DecisionView) -> str:
    """Who goes first, and what becomes of the other; by letter and agent, as both sides stand in the item."""
    answer, sides = view.decision.payload.get("answer"), view.meant.sides
    if not isinstance(answer, Mapping) or not sides:
        return ""
    if answer.get("winner") == NEITHER:
        return tr("neither goes first, both stop")
    place = next((number for number, (run, _) in enumerate(sides) if run == answer.get("winner")), -1)
    if place < 0:
        return ""
    fate = {WAIT: "waits", REROUTE: tr("is rerouted")}.get(str(answer.get("loser")), "stops")
    return tr(
        "{letters} ({sides}) goes first, {letters_2} {fate}",
        letters=LETTERS[place],
        sides=brief(sides[place][1], NAME),
        letters_2=LETTERS[1 - place],
        fate=fate,
    )
