"""A person decides: the rules are checked, then decision, signature and audit line are written in one transaction.

Invariant: what is signed is the digest recomputed from what the store holds, and only if it is the one that was shown.
Nothing is sent here. Raises :class:`Refused` before anything is written.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Mapping

from console.domain.canonical import Json
from console.domain.deciders import ANOTHER_KEY
from console.domain.decision import Decision, DecisionState, signed_content
from console.domain.digest import escalation_digest
from console.domain.errors import RefusalCode, Refused, Unreachable
from console.domain.escalation import Claim, Escalation, Verdict
from console.domain.identity import Person
from console.domain.pauses import decided_title
from console.domain.rules import can_wait_offline, permission, valid_until
from console.infra.keys import SigningKey
from console.services.hold import Holds
from console.services.link import Link
from console.services.links import Links
from console.services.means import Means
from console.services.own_key import unlocked_key
from console.services.payloads import check_payload
from console.services.transitions import Transitions
from console.services.views import Enrolment
from console.store.records import NewDecision, StoredDecision, StoredItem, StoredRow

AWAY = "away"
PARTIAL = "partial"
REFUSED_KIND = "refused at this desk"
MAX_WORDS = 2_000
MAX_NAME = 64


class Decide:
    """Deciding, as one person. ``new_id`` names decisions."""

    def __init__(
        self,
        means: Means,
        links: Links,
        holds: Holds,
        transitions: Transitions,
        *,
        person: Person,
        new_id: Callable[[], str],
        when_queued: Callable[[], None],
    ) -> None:
        self._means = means
        self._links = links
        self._holds = holds
        self._transitions = transitions
        self._person = person
        self._new_id = new_id
        self._when_queued = when_queued

    def decide(
        self,
        item_id: str,
        verdict: Verdict,
        digest: str,
        payload: Mapping[str, Json],
        *,
        key: SigningKey,
        is_hold: bool,
    ) -> StoredDecision:
        """Record a verdict on what ``digest`` names, signed with ``key``; held for undo, or queued at once.

        Where it is refused, the audit tells who wanted what; the decision itself was never made.
        """
        try:
            return self._decide(item_id, verdict, digest, payload, key, is_hold=is_hold)
        except Refused as refused:
            self._note(item_id, verdict, digest, refused)
            raise

    def _note(self, item_id: str, verdict: Verdict, digest: str, refused: Refused) -> None:
        content: dict[str, Json] = {
            "item": _plain(item_id, MAX_NAME),
            "verdict": str(verdict),
            "digest": _plain(digest, MAX_NAME),
            "person": self._person.person_id,
            "code": refused.code,
            "message": _plain(refused.message, MAX_WORDS),
        }
        with contextlib.suppress(Unreachable):
            self._means.store.audit.record(REFUSED_KIND, self._means.clock.now(), content)

    def _decide(
        self,
        item_id: str,
        verdict: Verdict,
        digest: str,
        payload: Mapping[str, Json],
        key: SigningKey,
        *,
        is_hold: bool,
    ) -> StoredDecision:
        key = unlocked_key(key)
        item, row, link = self._shown(item_id, digest)
        _check_standing(link, key)
        escalation = item.escalation
        said = self._with_claim(row.waiting.claim, payload)
        self._check(escalation, verdict, said, link)
        state = DecisionState.HELD if is_hold else DecisionState.QUEUED
        draft = self._draft(escalation, verdict, item.digest, said, key.key_id)
        log = {"decision": draft.decision_id, "item": item_id, "verdict": str(verdict), "after": str(state)}
        self._means.log.say("decision is made", **log)
        stored = self._means.store.outbox.add(
            NewDecision(
                item_id=item_id,
                digest=item.digest,
                connection_id=link.config.connection_id,
                connection=link.config.name,
                title=decided_title(escalation.row, verdict),
                risk=escalation.row.risk,
                state=state,
                holder=self._holds.holder if is_hold else "",
                at=draft.signed_at,
                make=lambda head: _signed(dataclasses.replace(draft, audit_head=head), key),
            )
        )
        self._means.log.say("decision was made", **log)
        self._transitions.tell(stored)
        if is_hold:
            self._holds.hold(stored)
        else:
            self._when_queued()
        return stored

    def _shown(self, item_id: str, digest: str) -> tuple[StoredItem, StoredRow, Link]:
        """The item that was shown, if the store still holds just that."""
        row = self._means.store.inbox.find(item_id, self._means.clock.now())
        item = self._means.store.items.find(item_id)
        link = self._links.get(row.connection_id) if row is not None else None
        if row is None or item is None or link is None:
            raise Refused(
                "It was not read in full yet.", code=RefusalCode.UNKNOWN, next_action="Open the item, then decide."
            )
        if row.closed_at is not None:
            raise Refused(
                "It does not wait for anybody any more.", code=RefusalCode.CLOSED, next_action="Take the next item."
            )
        if digest != item.digest or not _is_digest_of(item) or _has_moved(row, item):
            raise Refused(
                "It has changed since it was shown.", code=RefusalCode.CHANGED, next_action="Review it as it is now."
            )
        return item, row, link

    def _check(self, escalation: Escalation, verdict: Verdict, payload: Mapping[str, Json], link: Link) -> None:
        allowed = permission(escalation, verdict, self._person, is_fully_shown=payload.get("shown", "") != PARTIAL)
        if not allowed.is_allowed:
            raise _not_allowed(allowed.reason, "Choose another verdict, or ask somebody who may.")
        if link.engine is not None and link.server is not None and verdict not in link.engine.capabilities.verdicts:
            raise _not_allowed(f"“{link.config.name}” cannot take “{verdict}”.", "Choose another verdict.")
        check_payload(escalation, verdict, payload)
        if not can_wait_offline(escalation.row.risk) and not link.is_open:
            raise Refused(
                f"“{link.config.name}” is away, and a critical decision never waits for a connection.",
                code=AWAY,
                next_action="Decide once it is back.",
            )

    def _with_claim(self, claim: Claim | None, payload: Mapping[str, Json]) -> dict[str, Json]:
        """The payload, naming the person whose claim is passed over, if somebody else holds one."""
        said = dict(payload)
        if claim is not None and claim.until > self._means.clock.now() and claim.by.person_id != self._person.person_id:
            said["over_claim"] = claim.by.person_id
        return said

    def _draft(
        self, escalation: Escalation, verdict: Verdict, digest: str, payload: dict[str, Json], key_id: str
    ) -> Decision:
        now = self._means.clock.now()
        # What is signed has whole milliseconds, so that what is kept is what was signed.
        signed_at = now.replace(microsecond=now.microsecond // 1_000 * 1_000)
        return Decision(
            decision_id=self._new_id(),
            key=escalation.key,
            opened_in=escalation.opened_in,
            digest=digest,
            verdict=verdict,
            payload=payload,
            by=self._person,
            key_id=key_id,
            signed_at=signed_at,
            valid_until=valid_until(escalation.row.risk, signed_at),
            audit_head="",
        )


def _plain(text: str, longest: int) -> str:
    """Text as the audit can hold it."""
    return text[:longest].encode(errors="replace").decode()


def _check_standing(link: Link, key: SigningKey) -> None:
    """A key that ended never counts again: what it signs is not sent to be refused."""
    standing = link.standing
    if standing is not None and standing.enrolment is Enrolment.ENDED and standing.key_id == key.key_id:
        raise Refused(
            f"Your key ended at {link.config.name}: {standing.ending}.",
            code=RefusalCode.REVOKED_KEY,
            next_action=ANOTHER_KEY,
        )


def _signed(decision: Decision, key: SigningKey) -> Decision:
    return dataclasses.replace(decision, signature=key.sign(signed_content(decision)))


def _is_digest_of(item: StoredItem) -> bool:
    """Whether the digest is that of the content; where part of that is unreadable it is the engine's own word."""
    row = item.escalation.row
    if row.problem and row.digest:
        return item.digest == row.digest
    return bool(item.digest) and escalation_digest(item.escalation) == item.digest


def _has_moved(row: StoredRow, item: StoredItem) -> bool:
    """Whether the list tells of other content than was read in full."""
    listed, read = row.waiting.digest, item.escalation.row.digest
    return bool(listed and read) and listed != read


def _not_allowed(reason: str, next_action: str) -> Refused:
    return Refused(reason, code=RefusalCode.NOT_ALLOWED, next_action=next_action)
