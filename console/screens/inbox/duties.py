"""Who may sign next: what a person before an item that needs several signatures, or that they started, has to know.

Invariant: whether somebody may sign is `console.domain.rules.permission`'s to say; here it is put in words, with what
to do instead. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from console.domain.ages import short_clock
from console.domain.deciders import ANOTHER_KEY, ENROL_IT
from console.domain.escalation import Approval, Escalation, Verdict
from console.domain.identity import Person, Role
from console.domain.language import tr
from console.domain.rules import EXECUTING, permission
from console.screens.inbox.values import brief
from console.services.views import Enrolment, ItemView

NAME = 60
ENDING = 300
ENDED = tr("Your key ended here: what it signs is refused.")
MOST_NAMES = 3


def has_ended(item: ItemView) -> bool:
    """Whether this desk's key ended where the item is, so that nothing it signs counts any more."""
    standing = item.connection.standing
    return standing is not None and standing.enrolment is Enrolment.ENDED


def key_trouble(item: ItemView) -> str:
    """Why what this desk signs is refused where the item is, and what to do; nothing while its key counts."""
    standing = item.connection.standing
    name = brief(item.connection.config.name, NAME)
    if standing is None or standing.enrolment is Enrolment.VALID:
        return ""
    if standing.enrolment is Enrolment.ENDED:
        return tr(
            "Your key ended here: {ending}. {another_key}",
            ending=brief(standing.ending, ENDING),
            another_key=ANOTHER_KEY,
        )
    knows = (
        tr("does not know your key") if standing.enrolment is Enrolment.UNKNOWN else tr("knows another key of yours")
    )
    return tr("{name} {knows}, and refuses what this one signs. {enrol_it}", name=name, knows=knows, enrol_it=ENROL_IT)


def may_sign(escalation: Escalation, person: Person) -> bool:
    """Whether this person may approve it in one way or the other, however much of it is shown."""
    return any(permission(escalation, verdict, person).is_allowed for verdict in EXECUTING)


def signing(escalation: Escalation) -> Verdict:
    """The verdict that a signature on it gives."""
    return Verdict.COMPLETE if Verdict.COMPLETE in escalation.verdicts else Verdict.APPROVE


def own(escalation: Escalation, person: Person) -> Approval | None:
    """This person's approval, if they gave one."""
    return next((each for each in escalation.approvals if each.by.person_id == person.person_id), None)


def needs_them(escalation: Escalation, person: Person) -> bool:
    """Whether others have approved it, and this person may give the next approval."""
    return bool(escalation.approvals) and may_sign(escalation, person)


def who_may(escalation: Escalation) -> str:
    """Whose signature counts, by role: ``an operator or a supervisor``."""
    roles = dict.fromkeys((*escalation.roles, Role.SUPERVISOR))
    return tr(" or ").join(
        f"{'an' if role is Role.OPERATOR else 'a'} {role}" for role in roles if role is not Role.VIEWER
    )


def hindrance(item: ItemView, person: Person, now: datetime) -> str:
    """Why this person cannot sign what they started or signed already, and who can; else nothing."""
    escalation = item.escalation
    if escalation is None or not item.is_open or signing(escalation) not in escalation.verdicts:
        return ""
    signed = own(escalation, person)
    if signed is None and person.person_id != escalation.initiator:
        return ""
    reason = tr(permission(escalation, signing(escalation), person).reason)
    when = tr(" You signed at {at}.", at=short_clock(signed.at, now)) if signed is not None else ""
    others = _names(each for each in escalation.approvals if each is not signed)
    until_then = tr(" Until then you can withdraw your approval.") if signed is not None else ""
    besides = tr(" other than {others}", others=others) if others else ""
    return tr(
        "{reason}{when} That can be {escalation}{besides}; they find it under {item_id}.{until_then}",
        reason=reason,
        when=when,
        escalation=who_may(escalation),
        besides=besides,
        item_id=item.item_id,
        until_then=until_then,
    )


def voided(escalation: Escalation, person: Person) -> str:
    """What an edit does to the signatures there are; nothing where there are none of others."""
    others = _names(each for each in escalation.approvals if each.by.person_id != person.person_id)
    return (
        tr("An edit voids what {others} signed: another person has to sign your version.", others=others)
        if others
        else ""
    )


def _names(approvals: Iterable[Approval]) -> str:
    """The persons by name, the first few of them."""
    names = list(dict.fromkeys(brief(each.by.name, NAME) for each in approvals))
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (tr(" and {more} more", more=more) if more > 0 else "")
