"""Second signatures in lines of text: what waits for one, and what the first person left."""

from __future__ import annotations

from dataclasses import replace

from console.cli import text
from console.domain.escalation import Approval, Change
from console.domain.risk import Risk
from console.services.views import InboxPage
from tests.screens.inbox.makes import JONAS, NOW, escalation, item, row


def test_an_empty_queue_says_which_one_it_is() -> None:
    assert text.inbox(InboxPage((), 0), NOW) == "Nothing waits for a person."
    assert text.inbox(InboxPage((), 0), NOW, is_to_sign=True) == "Nothing needs your signature after another’s."


def test_a_row_says_how_many_have_signed_where_several_have_to() -> None:
    shown = text.inbox(InboxPage((row("a"), row("b", approvals=1, required_approvals=2)), total=2), NOW)
    _, alone, quorum = shown.splitlines()
    assert "signed" not in alone
    assert quorum.endswith(" · signed 1 of 2")


def test_an_item_tells_what_each_person_saw_changed_and_wrote() -> None:
    change = Change("amount", "4200", "4100")
    first = Approval(JONAS, NOW, "d1", "ab" * 32, "One \u202epiece\ncame.", (change,))
    content = replace(
        escalation(Risk.CRITICAL, row_fields={"approvals": 1, "required_approvals": 2}), approvals=(first,)
    )
    shown = text.item(item(content))
    assert "Approvals    1 of 2" in shown
    at = NOW.astimezone().strftime("%Y-%m-%d %H:%M")
    assert f"Signed       Jonas Weber (operator), {at}, saw {'ab' * 8}" in shown
    assert "changed amount: 4200 → 4100" in shown
    assert "wrote “One ‹U+202E›piece" in shown
