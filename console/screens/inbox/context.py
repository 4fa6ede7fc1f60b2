"""What stands beside the review: deadline, signatures, rule, owner, precedents, comments, ticket.

Invariant: a block that the engine cannot fill is left out; whether it checks who decides is said as it is.
"""

from __future__ import annotations

from datetime import datetime

from console.domain.ages import long_left, short_clock
from console.domain.decision import DecisionState
from console.domain.escalation import Approval, Escalation, Kind, TargetKind, Verdict
from console.domain.identity import Person
from console.domain.language import tr
from console.domain.rules import DUE_SOON, EXECUTING, permission
from console.domain.run import Access
from console.engines.port import Ability
from console.qtkit.keycaps import key_of
from console.qtkit.tokens import Tone
from console.qtkit.words import Span, data, quiet, strong
from console.screens.inbox import content as c
from console.screens.inbox import precedents, ticket
from console.screens.inbox.duties import ENDED, has_ended, signing, who_may
from console.screens.inbox.header import claim_words
from console.screens.inbox.values import Shown, brief
from console.screens.inbox.verdicts import action_id, is_over, obstacle
from console.screens.inbox.wording import read_ago
from console.services.views import ItemView

MOST_COMMENTS = 30
MOST_SIGNERS = 8
TAKEN = frozenset({DecisionState.CONFIRMED, DecisionState.CARRIED_OUT})
MOST_PATTERNS = 2


def context(
    item: ItemView, person: Person, now: datetime, unfolded: frozenset[str] = frozenset()
) -> tuple[c.SectionContent, ...]:
    """The blocks of the context pane. None while the item was never read in full."""
    escalation = item.escalation
    if escalation is None:
        return ()
    over = is_over(item)
    blocks = (
        _deadline(escalation, person, now) if not over else None,
        _signatures(item, escalation, person),
        _rule(escalation, item),
        _owner(escalation, item, now),
        _claim(escalation, person, now) if not over else None,
        precedents.block(item.around.alike, item.connection.config.name, unfolded, now),
        _comments(escalation, item, now),
        ticket.block(escalation),
    )
    return tuple(block for block in blocks if block is not None)


def can_comment(item: ItemView) -> bool:
    """Whether the engine keeps comments with the item, and the item still waits."""
    if item.escalation is None or item.escalation.row.kind is Kind.COMMAND:
        return False
    return item.is_open and _can(item, Ability.COMMENT)


def _can(item: ItemView, ability: Ability) -> bool:
    capabilities = item.connection.capabilities
    return capabilities is not None and ability in capabilities.abilities


def _deadline(escalation: Escalation, person: Person, now: datetime) -> c.SectionContent | None:
    """Who was asked when it fell due, and when its run rejects it by itself."""
    blocks: list[c.Block] = []
    to, at, due = escalation.handed_to, escalation.expires_at, escalation.row.due_at
    if to is not None:
        is_own = to.kind is TargetKind.PERSON and to.target_id == person.person_id
        since = tr(" at {due}", due=short_clock(due, now)) if due is not None else ""
        name = tr("you") if is_own else brief(to.label, 60)
        handed = (tr("Handed to "), strong(name), tr(" when it fell due{since}", since=since))
        blocks.append(c.Remark("user-check", Tone.PERSON, handed))
        blocks.append(c.Paragraph(quiet(tr("Who may decide is the same as before.")), is_small=True))
    if at is not None and at > now:
        tone = Tone.HIGH if at - now <= DUE_SOON else Tone.SECOND
        rejects = (tr("Rejects itself at "), strong(short_clock(at, now)), tr(" if nobody decides"))
        blocks.append(c.Remark("hourglass", tone, rejects))
    elif at is not None:
        blocks.append(
            c.Remark("hourglass", Tone.HIGH, tr("Nobody decided by {at}: its run rejects it", at=short_clock(at, now)))
        )
    return c.SectionContent(tr("Deadline"), tuple(blocks), "alarm-clock") if blocks else None


def _signatures(item: ItemView, escalation: Escalation, person: Person) -> c.SectionContent | None:
    needs = escalation.row.required_approvals
    if needs <= 1:
        return None
    blocks: list[c.Block] = []
    for each in escalation.approvals[:MOST_SIGNERS]:
        blocks.append(_signer(each, person))
        is_own = each.by.person_id == person.person_id
        if is_own and not obstacle(item, Verdict.WITHDRAW, person, Shown.ALL):
            blocks.append(c.TakeBack(tr("Withdraw your approval"), key_of(action_id(Verdict.WITHDRAW))))
    allowed = permission(escalation, signing(escalation), person)
    if escalation.row.approvals < needs and not is_over(item):
        state = Span(tr("waiting"), is_strong=True, tone=Tone.PERSON, icon="hourglass")
        name, about, suffix = tr("Another person"), who_may(escalation).capitalize(), ""
        if allowed.is_allowed and not has_ended(item):
            name, about, suffix = brief(person.name, 60), tr(person.role).capitalize(), tr(", you")
        blocks.append(c.Person(name, about, suffix, is_pending=True, state=state))
    if is_over(item):
        signed = escalation.row.approvals
        if _signed_last(item, escalation, person):
            signed += 1
            blocks.append(_signed_by(person, person))
        counted_words = tr("{approvals} of {needs}", approvals=signed, needs=needs)
        return c.SectionContent(tr("Signatures"), tuple(blocks), "signature", counted_words)
    may = tr("You may sign: you did not start the run and have not signed.")
    words = (ENDED if has_ended(item) else may) if allowed.is_allowed else tr(allowed.reason)
    has_edit = Verdict.EDIT in escalation.verdicts
    end = (
        tr("An edit voids the signatures so far; one rejection ends it.") if has_edit else tr("One rejection ends it.")
    )
    blocks.append(c.Paragraph(quiet(f"{words} {end}"), is_small=True))
    return c.SectionContent(
        tr("Signatures"),
        tuple(blocks),
        "signature",
        tr("{approvals} of {needs}", approvals=escalation.row.approvals, needs=needs),
    )


def _signed_last(item: ItemView, escalation: Escalation, person: Person) -> bool:
    """Whether the signature of this person ended it, so that no list of what waits ever held it."""
    own = item.decision
    is_taken = own is not None and own.state in TAKEN and own.decision.verdict in EXECUTING
    return is_taken and all(each.by.person_id != person.person_id for each in escalation.approvals)


def _signer(approval: Approval, person: Person) -> c.Person:
    return _signed_by(approval.by, person)


def _signed_by(who: Person, person: Person) -> c.Person:
    return c.Person(
        brief(who.name, 60),
        tr(who.role).capitalize(),
        tr(", you") if who.person_id == person.person_id else "",
        state=Span(tr("signed"), tone=Tone.OK, icon="circle-check"),
    )


def _rule(escalation: Escalation, item: ItemView) -> c.SectionContent:
    blocks: list[c.Block] = []
    rule = escalation.rule
    if rule is not None:
        blocks.append(
            c.Paragraph(strong(tr("{name}, version {version}", name=brief(rule.name, 80), version=rule.version)))
        )
        blocks.append(c.Paragraph(brief(rule.text, 400), is_small=True))
    if _can(item, Ability.ENFORCE):
        words = Span(tr("Enforced by the engine, before the effect"), tone=Tone.OK)
        blocks.append(c.Remark("shield-check", Tone.OK, words))
    elif item.connection.capabilities is not None:
        lacks = item.connection.capabilities.lacks.get(Ability.ENFORCE, "")
        words = Span(tr("Recorded, not enforced") + (f": {brief(lacks, 200)}" if lacks else ""))
        blocks.append(c.Remark("shield-question-mark", Tone.SECOND, words))
    roles = [f"{role}" for role in escalation.roles]
    if roles:
        blocks.append(c.Paragraph(quiet(tr("Decided by: {listed}", listed=", ".join(roles))), is_small=True))
    return c.SectionContent(tr("Rule"), tuple(blocks), "scale")


def _owner(escalation: Escalation, item: ItemView, now: datetime) -> c.SectionContent | None:
    """Who answers for the agent, and what it may do without a person."""
    blocks: list[c.Block] = [c.Person(brief(escalation.owner, 80))] if escalation.owner else []
    part = item.around.access
    if part.value is not None:
        blocks.append(c.Paragraph(_grants(part.value), is_small=True))
    elif part.problem:
        blocks.append(
            c.Paragraph(
                quiet(tr("What it may do could not be read: {problem}", problem=brief(part.problem, 200))),
                is_small=True,
            )
        )
    if not blocks:
        return None
    agent = brief(escalation.row.agent, 60)
    remark = read_ago(part.read_at, now) if part.value is not None and part.read_at is not None else ""
    return c.SectionContent(
        tr("Owner of {agent}", agent=agent) if agent else tr("Owner"), tuple(blocks), "user", remark
    )


def _grants(access: Access) -> list[str | Span]:
    alone = access.alone_up_to
    words: list[str | Span] = [
        tr("May act alone up to {alone} risk. ", alone=tr(alone.word)) if alone is not None else ""
    ]
    for what, patterns in ((tr("Writes "), access.writes), (tr("Reads "), access.reads if not access.writes else ())):
        for place, pattern in enumerate(patterns[:MOST_PATTERNS]):
            words += [", " if place else what, data(brief(pattern, 80))]
        if patterns:
            words.append(
                tr(" and {more} more. ", more=len(patterns) - MOST_PATTERNS) if len(patterns) > MOST_PATTERNS else ". "
            )
    if not access.writes:
        words.append(tr("It writes nothing."))
    return words


def _claim(escalation: Escalation, person: Person, now: datetime) -> c.SectionContent | None:
    claim = escalation.row.claim
    words = claim_words(claim, person, now)
    if claim is None or not words or claim.by.person_id == person.person_id:
        return None
    left = tr("On it, {until}", until=long_left(claim.until, now))
    return c.SectionContent(tr("Claim"), (c.Person(brief(claim.by.name, 60), left),), "user-check")


def _comments(escalation: Escalation, item: ItemView, now: datetime) -> c.SectionContent | None:
    if not escalation.comments and not can_comment(item):
        return None
    blocks = [
        c.Said(brief(each.by.name, 60), short_clock(each.at, now), brief(each.text, 2_000))
        for each in escalation.comments[-MOST_COMMENTS:]
    ]
    return c.SectionContent(tr("Comments"), tuple(blocks), "message-square", str(len(escalation.comments)))
