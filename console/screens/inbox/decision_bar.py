"""The decision bar without its widgets: what it shows, and what a verdict still needs before it may go.

Invariant: `next_need` is the only judge of friction, and it follows `console.domain.rules.friction`; a bar holds the
entries of one person for one item (`Draft`), which stay with that item while they look elsewhere.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from datetime import datetime

from console.domain.ages import long_span
from console.domain.canonical import Json
from console.domain.decision import DecisionState
from console.domain.display import one_line
from console.domain.escalation import Escalation, Target, Verdict
from console.domain.identity import Person
from console.domain.language import tr
from console.domain.risk import VALID_FOR, Friction, Risk, undo_window
from console.domain.rules import NEEDS_PAYLOAD, can_wait_offline, friction
from console.engines.port import Ability
from console.qtkit.words import plain
from console.screens.inbox.conflict import CHOOSE_FIRST, is_conflict, is_whole
from console.screens.inbox.conflict import label as ruling_label
from console.screens.inbox.duties import has_ended, hindrance, key_trouble, may_sign, own
from console.screens.inbox.handled import ASTRAY
from console.screens.inbox.said import told
from console.screens.inbox.values import Shown, brief
from console.screens.inbox.verdicts import AWAY, DOING, VerdictButton, buttons, expected_name, is_over
from console.services.views import DecisionView, Health, ItemView

ERROR_CHARACTERS = 300
# A decision that came back undone, or that the run did not take, is likely made again with the same words.
_S = DecisionState
SENT = frozenset({_S.SENDING, _S.UNCERTAIN, _S.CONFIRMED, _S.CARRIED_OUT, _S.HALF_GRANTED, _S.FAILED})
KEPT = tr("The reason is kept. Now press the key of what you decide.")


class Need(enum.Enum):
    """What a verdict still waits for."""

    NOTHING = "nothing"
    ENTRY = "entry"
    TYPED_NAME = "typed name"
    REASON = "reason"
    ENTER = "enter"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person has entered for one item so far. ``edited`` and ``answer`` are kept as they stand in the form."""

    reason: str = ""
    typed: str = ""
    edited: Json = None
    answer: Json = None


def unspent(draft: Draft, view: DecisionView | None) -> Draft:
    """What of a draft was not decided with: the reason that was sent is none for the next decision on the item."""
    is_spent = view is not None and view.state in SENT and draft.reason.strip() == view.decision.reason
    return replace(draft, reason="") if is_spent else draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A verdict on its way through the frictions. ``payload`` is what its form or picker gave, once it did."""

    verdict: Verdict
    payload: dict[str, Json] | None = None
    to: Target | None = None
    is_confirmed: bool = False

    @property
    def has_payload(self) -> bool:
        """Whether what the verdict carries is there."""
        return self.verdict not in NEEDS_PAYLOAD or self.payload is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """All that the decision bar shows for one item. ``hindrance`` says why this person cannot sign, and who can.

    ``is_enforced`` is nothing while the engine has not told what it can do.
    """

    item_id: str = ""
    in_bar: tuple[VerdictButton, ...] = ()
    more: tuple[VerdictButton, ...] = ()
    digest: str = ""
    is_enforced: bool | None = None
    undo: str = ""
    primary_waits: str = ""
    reason: str = ""
    reason_hint: str = ""
    name_to_type: str = ""
    typed: str = ""
    typed_hint: str = ""
    targets: tuple[Target, ...] = ()
    intent: Intent | None = None
    need: Need = Need.NOTHING
    hint: str = ""
    warning: str = ""
    hindrance: str = ""
    is_busy: bool = False
    is_ruling: bool = False

    @property
    def is_problem(self) -> bool:
        """Whether the hint says why nothing was decided."""
        return self.intent is None and self.hint != KEPT

    def button(self, verdict: Verdict) -> VerdictButton | None:
        """The button of a verdict, wherever it stands."""
        return next((each for each in (*self.in_bar, *self.more) if each.verdict is verdict), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a bar is made from."""

    item: ItemView
    person: Person
    now: datetime
    shown: Shown = Shown.ALL
    draft: Draft = field(default_factory=Draft)
    intent: Intent | None = None
    is_busy: bool = False
    problem: str = ""


def bar(situation: Situation) -> Bar:
    """The bar for an item. Until it was read in full the verdicts stand in their places, out of use."""
    item, draft = situation.item, situation.draft
    in_bar, more = buttons(item, situation.person, situation.shown)
    if item.escalation is None:
        return Bar(item_id=item.item_id, in_bar=in_bar, more=more, reason=draft.reason, warning=_warning(situation))
    if is_over(item):
        # Nothing of the bar is shown; a key says why there is nothing to press.
        return Bar(item_id=item.item_id, more=(*in_bar, *more), hint=situation.problem)
    risk = item.escalation.row.risk
    # Who may not sign at all is not asked to type anything.
    is_able = may_sign(item.escalation, situation.person) and not has_ended(item)
    name = one_line(expected_name(item)) if is_able else ""
    need = Need.NOTHING if situation.intent is None else next_need(situation, situation.intent)
    capabilities = item.connection.capabilities
    seconds = int(undo_window(risk).total_seconds())
    if is_conflict(item.escalation):
        in_bar = (replace(in_bar[0], label=ruling_label(item.escalation, draft.answer)), *in_bar[1:])
    return Bar(
        item_id=item.item_id,
        in_bar=in_bar,
        more=more,
        digest=item.digest[:8],
        is_enforced=Ability.ENFORCE in capabilities.abilities if capabilities is not None else None,
        undo=_undo_words(item.escalation, seconds, name),
        primary_waits=_primary_waits(situation, in_bar[0].verdict, name),
        reason=draft.reason,
        reason_hint=_reason_hint(risk, in_bar[0].verdict),
        name_to_type=name,
        typed=draft.typed,
        typed_hint=_to_go(draft.typed, name),
        targets=item.escalation.targets,
        intent=situation.intent,
        need=need,
        hint=situation.problem or ("" if situation.is_busy else _hint(situation.intent, need, name)),
        warning=_warning(situation),
        hindrance=hindrance(item, situation.person, situation.now),
        is_busy=situation.is_busy,
        is_ruling=is_conflict(item.escalation),
    )


def _undo_words(escalation: Escalation, seconds: int, name: str) -> str:
    if escalation.key.is_command and Verdict.PAUSE in escalation.verdicts:
        return tr("Sent at once")
    return tr("Undo for {seconds} s", seconds=seconds) if name else tr("{seconds} s undo", seconds=seconds)


def next_need(situation: Situation, intent: Intent) -> Need:
    """The first thing the verdict still needs, in the order in which a person gives them."""
    escalation = situation.item.escalation
    if escalation is None or not intent.has_payload:
        return Need.ENTRY
    level = friction(escalation.row.risk, intent.verdict)
    if level is Friction.TYPED_NAME and situation.draft.typed.strip() != one_line(expected_name(situation.item)):
        return Need.TYPED_NAME
    if level >= Friction.REASON and not situation.draft.reason.strip():
        return Need.REASON
    is_light = level is Friction.KEY_AND_ENTER or (level is Friction.KEY and bool(claimed_by_another(situation)))
    return Need.ENTER if is_light and not intent.is_confirmed else Need.NOTHING


def claimed_by_another(situation: Situation) -> str:
    """The id of the person who is on it, if that is somebody else and their claim still holds."""
    escalation = situation.item.escalation
    claim = escalation.row.claim if escalation is not None else None
    if claim is None or claim.until <= situation.now or claim.by.person_id == situation.person.person_id:
        return ""
    return claim.by.person_id


def payload(situation: Situation, intent: Intent) -> dict[str, Json]:
    """What travels with the verdict: what its form gave, the reason, and what a reader of the record should know."""
    made: dict[str, Json] = dict(intent.payload or {})
    reason = situation.draft.reason.strip()
    if reason and not (intent.verdict is Verdict.WITHDRAW and reason == _signed_for(situation)):
        made["reason"] = reason
    if situation.shown is not Shown.ALL:
        made["shown"] = "partial"
    if claimed_by_another(situation):
        made["over_claim"] = claimed_by_another(situation)
    return made


def _signed_for(situation: Situation) -> str:
    """The reason of one's own approval, which stays in its field and is none for withdrawing it."""
    escalation = situation.item.escalation
    signed = own(escalation, situation.person) if escalation is not None else None
    return signed.reason if signed is not None else ""


def _primary_waits(situation: Situation, verdict: Verdict, name: str) -> str:
    """What has to be entered before the primary verdict can go; its key leads there."""
    escalation = situation.item.escalation
    if escalation is not None and is_conflict(escalation) and not is_whole(escalation, situation.draft.answer):
        return CHOOSE_FIRST
    if verdict in NEEDS_PAYLOAD and not is_conflict(escalation):
        return ""
    chosen: dict[str, Json] | None = {"answer": situation.draft.answer} if is_conflict(escalation) else None
    need = next_need(situation, Intent(verdict=verdict, payload=chosen))
    return {Need.TYPED_NAME: tr("Type {name} first.", name=name), Need.REASON: tr("Give a reason first.")}.get(need, "")


def _reason_hint(risk: Risk, primary: Verdict) -> str:
    if risk >= Risk.HIGH:
        return tr("Required at {risk} risk, or pick a template", risk=tr(risk.word))
    if friction(risk, primary) >= Friction.REASON:
        return tr("Required to {doing}", doing=DOING[primary])
    return tr("Optional, kept with the decision")


def _to_go(typed: str, name: str) -> str:
    """How far the typing is: characters left, or that it went astray."""
    if not name or typed.strip() == name:
        return ""
    begun = typed.lstrip()
    return tr("{more} to go", more=len(name) - len(begun)) if name.startswith(begun) else tr("does not match")


def _hint(intent: Intent | None, need: Need, name: str) -> str:
    if intent is None:
        return ""
    doing = DOING[intent.verdict] + (
        tr(" to {label}", label=one_line(intent.to.label)) if intent.to is not None else ""
    )
    return {
        Need.ENTER: tr("Press Enter to {doing}, Esc to go back", doing=doing),
        Need.NOTHING: tr("Press Enter to {doing}, Esc to go back", doing=doing),
        Need.REASON: tr("Say why, then press Enter to {doing}", doing=doing),
        Need.TYPED_NAME: tr("Type {name}, then press Enter to {doing}", name=name, doing=doing),
    }.get(need, "")


def _warning(situation: Situation) -> str:
    """What a person should know before they decide; the gravest thing first."""
    item = situation.item
    row = item.escalation.row if item.escalation is not None else None
    if trouble := key_trouble(item):
        return trouble
    if item.decision is not None and item.decision.state in ASTRAY:
        return tr("Your decision: {decision}", decision=plain(told(item.decision)))
    if item.error:
        return tr("It could not be read just now: {error}", error=brief(item.error, ERROR_CHARACTERS))
    if row is None:
        return ""
    if claimed_by_another(situation) and row.claim is not None:
        left = long_span(row.claim.until - situation.now)
        return tr(
            "{name} is on it, {left} left. Deciding goes over the claim and is recorded.",
            name=one_line(row.claim.by.name),
            left=left,
        )
    if item.connection.health in AWAY and can_wait_offline(row.risk):
        name = one_line(item.connection.config.name)
        state = tr("paused") if item.connection.health is Health.PAUSED else tr("away")
        return tr(
            "{name} is {state}: a decision is queued and holds for {valid_for}.",
            name=name,
            state=state,
            valid_for=long_span(VALID_FOR[row.risk]),
        )
    return tr("Not all of it is shown; your decision says so.") if situation.shown is not Shown.ALL else ""
