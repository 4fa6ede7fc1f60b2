"""Who may not sign is told so, with who may instead, and is asked for nothing that only signers give."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.domain.ages import short_clock
from console.domain.escalation import Approval, Escalation, Verdict
from console.domain.identity import Person, Role
from console.domain.risk import Risk
from console.screens.inbox.decision_bar import Bar, Situation, bar
from console.screens.inbox.duties import hindrance, voided, who_may
from console.screens.inbox.rows import item_line
from tests.screens.inbox.makes import DANA, JONAS, NOW, escalation, item, row

V = Verdict
ADA = Person("ada", "Ada Lind", Role.SUPERVISOR)


def quorum(*by: Person, **fields: Any) -> Escalation:  # noqa: ANN401 - fields of an item
    """A critical item that needs two more signatures than it has."""
    approvals = tuple(Approval(each, NOW, f"d-{each.person_id}", "f" * 64) for each in by)
    row_fields = {"required_approvals": len(by) + 2, "approvals": len(by)}
    return replace(escalation(Risk.CRITICAL, row_fields=row_fields), approvals=approvals, **fields)


def shown(content: Escalation, person: Person) -> Bar:
    return bar(Situation(item=item(content), person=person, now=NOW))


def blocked(made: Bar, verdict: Verdict) -> str:
    button = made.button(verdict)
    assert button is not None
    return button.blocked


def test_who_started_it_reads_why_they_cannot_approve_and_who_can() -> None:
    made = shown(quorum(initiator="dana"), DANA)
    assert (
        blocked(made, V.APPROVE) == blocked(made, V.EDIT) == "You started this run; another person has to approve it."
    )
    assert made.hindrance == (
        "You started this run; another person has to approve it. That can be an operator or a supervisor;"
        f" they find it under {made.item_id}."
    )
    assert not blocked(made, V.REJECT)
    assert (made.name_to_type, made.undo) == ("", "15 s undo")


def test_who_signed_reads_when_and_who_can_be_next() -> None:
    made = shown(quorum(JONAS, ADA), JONAS)
    assert blocked(made, V.APPROVE) == "You have approved this already; it needs another person."
    assert made.hindrance == (
        f"You have approved this already; it needs another person. You signed at {short_clock(NOW, NOW)}."
        f" That can be an operator or a supervisor other than Ada Lind; they find it under {made.item_id}."
        " Until then you can withdraw your approval."
    )


def test_the_same_person_under_another_name_or_role_has_signed_all_the_same() -> None:
    assert hindrance(item(quorum(JONAS)), Person("jonas", "J. W.", Role.SUPERVISOR), NOW)


def test_the_next_person_is_hindered_by_nothing() -> None:
    made = shown(quorum(JONAS, initiator="eve"), DANA)
    assert (made.hindrance, made.name_to_type) == ("", "order 4711")
    assert not blocked(made, V.APPROVE)


@pytest.mark.parametrize(
    "content",
    [
        quorum(JONAS, verdicts=(V.REJECT, V.CANCEL)),
        quorum(verdicts=(V.RETRY, V.SKIP), initiator="jonas"),
    ],
)
def test_where_nobody_is_asked_to_approve_nobody_is_hindered(content: Escalation) -> None:
    assert shown(content, JONAS).hindrance == ""


def test_what_is_over_hinders_nobody() -> None:
    assert hindrance(item(quorum(JONAS), is_open=False), JONAS, NOW) == ""


def test_roles_are_named_and_supervisors_always_may() -> None:
    assert who_may(quorum(roles=(Role.RESPONDER,))) == "a responder or a supervisor"
    assert who_may(quorum(roles=())) == "a supervisor"


def test_an_edit_says_whose_signature_it_voids() -> None:
    assert voided(quorum(), DANA) == ""
    assert voided(quorum(JONAS), JONAS) == ""
    assert voided(quorum(JONAS, ADA), DANA) == (
        "An edit voids what Jonas Weber, Ada Lind signed: another person has to sign your version."
    )
    many = [Person(f"p{number}", f"P {number}", Role.OPERATOR) for number in range(5)]
    assert "P 0, P 1, P 2 and 2 more" in voided(quorum(*many), DANA)


def test_a_row_says_that_one_has_signed() -> None:
    half = row(approvals=1, required_approvals=2, approved_by=("jonas",))
    marks = {
        person.person_id: [mark.text for mark in item_line(half, person, NOW, None, is_gone=False).marks]
        for person in (DANA, JONAS)
    }
    assert marks == {"dana": ["1 of 2"], "jonas": ["1 of 2, you signed"]}
