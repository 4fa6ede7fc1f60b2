"""Who is on an item and what people say to it: claims and comments. Advisory: neither decides anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Claim, Comment, Escalation, EscalationKey
from console.domain.identity import Person
from console.tower.course import Course
from console.tower.wire import ClaimRequest

LONGEST_CLAIM = timedelta(minutes=15)
MAX_COMMENTS = 50
MAX_COMMENT = 4_000


def claim(course: Course, request: ClaimRequest) -> None:
    """Note that a person is on an item, for 15 minutes at most; a later claim takes it over."""
    until = min(request.until, course.now() + LONGEST_CLAIM)
    _set_claim(course, _open(course, request.key), Claim(request.by, until))


def release(course: Course, key: EscalationKey, by: Person) -> None:
    """End a person's own claim; another's stays."""
    escalation = _open(course, key)
    if escalation.row.claim is not None and escalation.row.claim.by.person_id == by.person_id:
        _set_claim(course, escalation, None)


def comment(course: Course, key: EscalationKey, said: Comment) -> None:
    """Keep a comment with an item."""
    escalation = _open(course, key)
    if len(escalation.comments) >= MAX_COMMENTS:
        raise Refused(f"An item holds {MAX_COMMENTS} comments.", code=RefusalCode.NOT_ALLOWED)
    kept = replace(said, text=said.text[:MAX_COMMENT], at=course.now())
    course.book.put(replace(escalation, comments=(*escalation.comments, kept)))


def _open(course: Course, key: EscalationKey) -> Escalation:
    if found := course.book.find(key):
        return found
    raise Refused("This no longer waits for anybody.", code=RefusalCode.CLOSED)


def _set_claim(course: Course, escalation: Escalation, claim: Claim | None) -> None:
    row = replace(escalation.row, claim=claim)
    course.book.put(replace(escalation, row=row))
