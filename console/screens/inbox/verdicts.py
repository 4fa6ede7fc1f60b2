"""The verdicts as the decision bar words them, which of them stand in it, and why one is out of use.

Invariant: a verdict is either open or has a reason that a person can read; which one is primary follows from what
waits, never from what is easiest.
"""

from __future__ import annotations

from dataclasses import dataclass

from console.domain.decision import DecisionState
from console.domain.escalation import INTERVENING, Kind, Verdict
from console.domain.identity import Person
from console.domain.language import tr
from console.domain.risk import Risk
from console.domain.rules import EXECUTING, PARTLY_SHOWN_LIMIT, can_wait_offline, permission
from console.qtkit.keycaps import key_of
from console.screens.inbox.conflict import is_conflict
from console.screens.inbox.duties import ENDED, has_ended, own
from console.screens.inbox.values import Shown
from console.services.views import Health, ItemView

_V = Verdict

KEYS = {
    _V.APPROVE: "A",
    _V.EDIT: "E",
    _V.REJECT: "R",
    _V.REROUTE: "T",
    _V.ANSWER: "W",
    _V.RETRY: "Y",
    _V.SKIP: "X",
    _V.CANCEL: "Shift+Q",
    _V.PAUSE: "P",
    _V.RESUME: "Shift+P",
    _V.RESET: "Z",
    _V.COMPLETE: "D",
    _V.WITHDRAW: "Shift+A",
}
SIGN = tr("Sign and approve")
LABELS = {
    _V.APPROVE: tr("Approve"),
    _V.EDIT: tr("Edit…"),
    _V.REJECT: tr("Reject"),
    _V.REROUTE: tr("Reroute…"),
    _V.ANSWER: tr("Answer"),
    _V.RETRY: tr("Retry"),
    _V.SKIP: tr("Skip"),
    _V.CANCEL: tr("Cancel run…"),
    _V.PAUSE: tr("Pause"),
    _V.RESUME: tr("Resume"),
    _V.RESET: tr("Start again"),
    _V.COMPLETE: tr("Done by hand"),
    _V.WITHDRAW: tr("Withdraw approval"),
}
DOING = {
    _V.APPROVE: tr("approve"),
    _V.EDIT: tr("approve as edited"),
    _V.REJECT: tr("reject"),
    _V.REROUTE: tr("reroute"),
    _V.ANSWER: tr("answer"),
    _V.RETRY: tr("retry"),
    _V.SKIP: tr("skip the step"),
    _V.CANCEL: tr("cancel the run"),
    _V.PAUSE: tr("pause it"),
    _V.RESUME: tr("let it go on"),
    _V.RESET: tr("start again there"),
    _V.COMPLETE: tr("say that it was done by hand"),
    _V.WITHDRAW: tr("withdraw your approval"),
}

PLANNED = (_V.APPROVE, _V.EDIT, _V.REJECT, _V.REROUTE, _V.ANSWER)
ASKED = (_V.ANSWER, _V.REJECT, _V.REROUTE, _V.APPROVE, _V.EDIT)
BROKEN = (_V.RETRY, _V.EDIT, _V.REJECT, _V.REROUTE, _V.SKIP)
ORDER = {
    Kind.CHECKPOINT: PLANNED,
    Kind.DOUBT: PLANNED,
    Kind.CONFLICT: PLANNED,
    Kind.VIOLATION: (_V.REJECT, _V.EDIT, _V.REROUTE, _V.RETRY, _V.SKIP),
    Kind.QUESTION: ASKED,
    Kind.FAILURE: BROKEN,
    Kind.STUCK: BROKEN,
    Kind.INTERVENTION: (_V.RESUME, _V.COMPLETE, _V.REJECT),
    Kind.COMMAND: (_V.PAUSE, _V.RESUME, _V.RETRY, _V.RESET, _V.COMPLETE, _V.CANCEL, _V.REJECT),
}
ON_ITS_WAY = frozenset(
    {
        DecisionState.HELD,
        DecisionState.QUEUED,
        DecisionState.SENDING,
        DecisionState.UNCERTAIN,
        DecisionState.CONFIRMED,
    }
)
AWAY = frozenset({Health.DOWN, Health.DENIED, Health.PAUSED})


def action_id(verdict: Verdict) -> str:
    """The action that its key and its place in the menu belong to."""
    return f"inbox.{verdict}"


@dataclass(frozen=True, slots=True)
class VerdictButton:
    """One verdict in the bar. ``blocked`` says why it is out of use, and is empty when it is open."""

    verdict: Verdict
    label: str
    key: str
    blocked: str = ""
    is_primary: bool = False

    @property
    def is_danger(self) -> bool:
        """Whether it stops or destroys work. Cancelling does so even where nothing else is offered."""
        return self.verdict is Verdict.CANCEL or (self.verdict is Verdict.REJECT and not self.is_primary)


def buttons(
    item: ItemView, person: Person, shown: Shown
) -> tuple[tuple[VerdictButton, ...], tuple[VerdictButton, ...]]:
    """The verdicts in the bar, primary first, and those behind More; withdrawing only where there is one's approval."""
    waiting = item.escalation.row if item.escalation is not None else item.row.waiting if item.row is not None else None
    if waiting is None:
        return (), ()
    order = ORDER[waiting.kind]
    offered = item.escalation.verdicts if item.escalation is not None else order
    primary = next((verdict for verdict in order if verdict in offered), order[0])
    in_bar = (primary, *(verdict for verdict in order if verdict is not primary))
    several = waiting.required_approvals > 1
    rest = tuple(verdict for verdict in Verdict if verdict not in {*in_bar, *INTERVENING, _V.WITHDRAW})
    if waiting.key.is_command:
        # There is nothing to weigh against it: it is done, or left.
        in_bar = tuple(v for v in order if v in offered and (v is not Verdict.REJECT or waiting.approvals))
        rest = ()
    elif is_conflict(item.escalation):
        # Who goes first is chosen above the bar; no other verdict fits a conflict.
        in_bar = (primary,)
    elif several:
        # Its label is twice as long; what is not asked for here gives way to it.
        in_bar = tuple(verdict for verdict in in_bar if verdict is not Verdict.ANSWER)
    if item.escalation is not None and own(item.escalation, person) is not None:
        rest = (*rest, _V.WITHDRAW)

    def made(verdict: Verdict) -> VerdictButton:
        label = SIGN if several and verdict is Verdict.APPROVE else LABELS[verdict]
        blocked = obstacle(item, verdict, person, shown)
        return VerdictButton(verdict, label, key_of(action_id(verdict)), blocked, is_primary=verdict is primary)

    return tuple(map(made, in_bar)), tuple(map(made, rest))


def obstacle(item: ItemView, verdict: Verdict, person: Person, shown: Shown) -> str:
    """Why a verdict is out of use now; nothing when it is open. The first obstacle found is the reason."""
    escalation = item.escalation
    if escalation is None:
        return tr("It has not been read in full yet.")
    if not item.is_open:
        return tr("Nothing waits here any more.")
    if item.decision is not None and item.decision.state in ON_ITS_WAY:
        return tr("Your decision is on its way: {state}.", state=item.decision.state)
    if has_ended(item):
        return ENDED
    risk = escalation.row.risk
    if item.connection.health in AWAY and not can_wait_offline(risk):
        return tr(
            "{name} is {health}, and a critical decision is never queued.",
            name=item.connection.config.name,
            health=tr(item.connection.health),
        )
    if verdict in EXECUTING and shown is Shown.FOLDED and risk > PARTLY_SHOWN_LIMIT:
        return tr("Part of it is folded: show all of it first.")
    return tr(permission(escalation, verdict, person, is_fully_shown=shown is not Shown.CUT).reason)


def is_over(item: ItemView) -> bool:
    """Whether there is nothing to decide any more: it waits no longer, or this desk's decision is on its way or done.

    Withdrawing an approval leaves the item waiting as it did.
    """
    view = item.decision
    if view is None or not item.is_open:
        return not item.is_open
    is_taken = view.state in ON_ITS_WAY | {DecisionState.CARRIED_OUT}
    return is_taken and view.decision.verdict is not Verdict.WITHDRAW


def expected_name(item: ItemView) -> str:
    """What has to be typed to sign a critical action: the name it gives, or else what it acts on."""
    escalation = item.escalation
    if escalation is None or escalation.row.risk is not Risk.CRITICAL:
        return ""
    proposal = escalation.proposal
    candidates = (proposal.critical_name, proposal.resource, proposal.tool) if proposal is not None else ()
    return next((name for name in (*candidates, escalation.row.business_key, escalation.step) if name), "")
