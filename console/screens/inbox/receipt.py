"""The receipt card: what was decided on the open item, by whom, when and why, and what became of it.

Invariant: it says what decision, receipt and states hold and nothing else; a line that they do not fill is left out. As
text to copy it names everything whole, the digest and all ids too. Pure; every text on screen is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from console.domain.ages import clock, short_clock
from console.domain.decision import DecisionState, instant
from console.domain.escalation import Verdict
from console.domain.language import tr
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, Words, data, link, plain, quiet, strong
from console.screens.inbox import content as c
from console.screens.inbox.reaching import OPEN_ITEM
from console.screens.inbox.said import change, has_effect, sign, told, verdict
from console.screens.inbox.ticket import COPY
from console.screens.inbox.values import brief, plain_text
from console.services.views import DecisionView, ItemView

NAME = 80
TEXT = 600
ID = 64
TITLE = 160
SHORT = 8
MOST_CHANGES = 12
# With these a side of a conflict gives way.
ENDING = frozenset({Verdict.REJECT, Verdict.CANCEL, Verdict.SKIP})
# The steps of the way that a person wants to know the time of.
TIMED = frozenset(DecisionState) - {DecisionState.HELD, DecisionState.QUEUED, DecisionState.SENDING}


def blocks(item: ItemView, now: datetime) -> Iterator[c.Block]:
    """The card of an item that waits no longer, or whose decision is on its way."""
    view = item.decision
    if view is not None:
        icon, tone = sign(view)
        yield c.Receipt(icon, tone, told(view), tuple(_lines(view, now)))
    elif not item.is_open and item.meanwhile:
        yield from (_settled(item, each) for each in item.meanwhile)
    elif not item.is_open:
        nobody = tr("It waits for nobody any more, and nothing was decided on it at this desk.")
        yield c.Remark("circle-minus", Tone.SECOND, nobody)


def _settled(item: ItemView, view: DecisionView) -> c.Box:
    """What this desk decided meanwhile on the same run, or on one side; that it settled a conflict where it ended that.

    A side that does not go on wants nothing any more, so nobody is in anybody's way.
    """
    sides = item.escalation.sides if item.escalation is not None else ()
    run = view.decision.key.run
    is_side = (run.server, run.run_id) in {(side.run.server, side.run.run_id) for side in sides}
    has_ended = view.state is DecisionState.CARRIED_OUT and view.decision.verdict in ENDING
    what = f"“{brief(view.title, TITLE)}”: "
    if is_side and has_ended:
        words: Words = [strong(tr("Settled by your decision ")), tr("on {what}", what=what), *told(view)]
    else:
        on = tr("one of its sides") if is_side else tr("its run")
        words = [
            strong(tr("It waits for nobody any more. ")),
            tr("Meanwhile you decided on {on}, {what}", on=on, what=what),
            *told(view),
        ]
    icon, _ = sign(view)
    return c.Box(icon, Tone.SECOND, words, tr("Open it"), f"{OPEN_ITEM}{view.item_id}")


def text(view: DecisionView) -> str:
    """All of it as text, to be kept or sent elsewhere."""
    decision, receipt = view.decision, view.receipt
    effect = receipt.effect if receipt is not None else None
    key = decision.key
    named = [
        (tr("Decision"), verdict(view)),
        (tr("On"), view.title),
        (tr("Became"), tr("{state} at {changed_at}", state=view.state, changed_at=instant(view.changed_at))),
        (
            tr("By"),
            tr(
                "{name} ({person_id}), {role}, key {key_id}",
                name=decision.by.name,
                person_id=decision.by.person_id,
                role=decision.by.role,
                key_id=decision.key_id,
            ),
        ),
        (tr("Signed"), instant(decision.signed_at)),
        (tr("Reason"), decision.reason),
        *((tr("Changed"), plain(change(each))) for each in view.meant.changes),
        (tr("Answer"), plain_text(decision.payload["answer"]) if "answer" in decision.payload else ""),
        (tr("Told"), view.message),
        (tr("Next"), view.next_action),
        (
            tr("Effect"),
            tr("{effect_id} by {tool} at {at}", effect_id=effect.effect_id, tool=effect.tool, at=instant(effect.at))
            if effect is not None
            else "",
        ),
        (
            tr("Receipt"),
            tr("accepted {accepted_at}, {outcome}", accepted_at=instant(receipt.accepted_at), outcome=receipt.outcome)
            if receipt is not None
            else "none",
        ),
        (tr("Digest"), decision.digest),
        (tr("Decision id"), decision.decision_id),
        (
            tr("Item"),
            tr(
                "{item_id} ({native_id}, occurrence {occurrence})",
                item_id=view.item_id,
                native_id=key.native_id,
                occurrence=key.occurrence,
            ),
        ),
        (tr("Run"), tr("{run_id} on {server}", run_id=key.run.run_id, server=key.run.server)),
        (tr("Signature"), decision.signature),
    ]
    return "\n".join(f"{name}: {said}" for name, said in named if said)


def _lines(view: DecisionView, now: datetime) -> Iterator[c.ReceiptLine]:
    decision, receipt = view.decision, view.receipt
    yield c.ReceiptLine(tr("By"), f"{brief(decision.by.name, NAME)}, {decision.by.role}")
    yield c.ReceiptLine(tr("When"), _when(view, now))
    yield c.ReceiptLine(
        tr("Reason"), f"“{brief(decision.reason, TEXT)}”" if decision.reason else quiet(tr("none given"))
    )
    for place, each in enumerate(view.meant.changes[:MOST_CHANGES]):
        yield c.ReceiptLine("" if place else tr("Changed"), change(each))
    if len(view.meant.changes) > MOST_CHANGES:
        yield c.ReceiptLine("", quiet(tr("and {more} more", more=len(view.meant.changes) - MOST_CHANGES)))
    if decision.verdict is Verdict.ANSWER and not view.meant.sides:
        yield c.ReceiptLine(tr("Answer"), brief(plain_text(decision.payload.get("answer")), TEXT))
    if receipt is not None and receipt.effect is not None:
        effect = receipt.effect
        copy = link(tr("Copy"), COPY + effect.effect_id)
        named: Words = [
            data(brief(effect.tool, NAME)),
            quiet(tr(" as ")),
            data(brief(effect.effect_id, ID)),
            "  ",
            copy,
        ]
        yield c.ReceiptLine(tr("Effect"), named)
    if has_effect(view) and view.message:
        yield c.ReceiptLine(tr("Told"), brief(tr(view.message), TEXT))
    yield c.ReceiptLine(tr("Digest"), _digest(view))
    yield c.ReceiptLine(tr("Decision"), data(brief(decision.decision_id, ID)))


def _when(view: DecisionView, now: datetime) -> Words:
    """When it was signed, and the times of what followed."""
    signed = view.decision.signed_at
    is_today = signed.astimezone().date() == now.astimezone().date()
    told: list[str | Span] = [tr("signed {signed}", signed=clock(signed) if is_today else short_clock(signed, now))]
    for state, at in view.history:
        if state in TIMED:
            is_acted = state is DecisionState.CARRIED_OUT and not has_effect(view)
            told.append(f", {(tr('acted on') if is_acted else state)} {clock(at)}")
    return told


def _digest(view: DecisionView) -> Words:
    """What was signed, and whether the run's own receipt names the same."""
    shown = data(view.decision.digest[:SHORT])
    if view.receipt is None:
        return [shown, quiet(tr("  no receipt of the run"))]
    is_same = view.receipt.digest == view.decision.digest
    same, other = strong(tr("the same on the receipt"), Tone.OK), strong(tr("another on the receipt"), Tone.CRITICAL)
    return [shown, " = " if is_same else " ≠ ", same if is_same else other]
