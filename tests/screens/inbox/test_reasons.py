"""Reasons that were given are offered again, newest first, also tomorrow."""

from __future__ import annotations

import pytest

from console.screens.inbox.reasons import KEPT, LONGEST, MOST, MOST_KEPT, NAME, OFFERED, REMOVED, Reasons, Templates
from console.shell.memory import Forgetful


def test_the_last_ones_come_first_and_none_twice() -> None:
    reasons = Reasons(Forgetful())
    for reason in ("one", "two", " one ", "", OFFERED[1]):
        reasons.remember(reason)
    assert reasons.offered().others[:3] == (OFFERED[1], "one", "two")
    assert sorted(reasons.offered().all) == sorted({*OFFERED, "one", "two"})


def test_few_are_kept_and_none_too_long() -> None:
    reasons = Reasons(Forgetful())
    for number in range(MOST + 5):
        reasons.remember(f"reason {number}")
    reasons.remember("x" * (LONGEST + 1))
    assert len(reasons.offered().all) == MOST + len(OFFERED)
    assert reasons.offered().all[0] == f"reason {MOST + 4}"


def test_they_are_there_the_next_time() -> None:
    memory = Forgetful()
    Reasons(memory).remember("Agrees with the bank’s file")
    assert Reasons(memory).offered().all[0] == "Agrees with the bank’s file"


@pytest.mark.parametrize("kept", ["", "no json", "7", '{"a": 1}', "[1, null]"])
def test_what_cannot_be_read_is_forgotten(kept: str) -> None:
    memory = Forgetful()
    for name in (NAME, KEPT, REMOVED):
        memory.set(name, kept)
    assert Reasons(memory).offered() == Templates((), OFFERED)


def test_what_a_person_keeps_stays_first_until_they_remove_it() -> None:
    memory = Forgetful()
    reasons = Reasons(memory)
    reasons.keep("  Seen with Legal ")
    reasons.keep(OFFERED[2])
    for number in range(MOST + 5):
        reasons.remember(f"reason {number}")
    reasons.remember("Seen with Legal")
    again = Reasons(memory)
    assert again.offered().kept == ("Seen with Legal", OFFERED[2])
    assert len(set(again.offered().all)) == len(again.offered().all)
    again.remove("Seen with Legal")
    assert Reasons(memory).offered().kept == (OFFERED[2],)
    assert "Seen with Legal" not in Reasons(memory).offered().all


def test_removed_ones_come_back_only_when_used_or_kept_again() -> None:
    memory = Forgetful()
    reasons = Reasons(memory)
    reasons.remember("one")
    for reason in ("one", OFFERED[0], OFFERED[0], "never there"):
        reasons.remove(reason)
    assert Reasons(memory).offered() == Templates((), OFFERED[1:])
    reasons.remember(OFFERED[0])
    assert Reasons(memory).offered().others[0] == OFFERED[0]


@pytest.mark.parametrize("reason", ["", "  ", "x" * (LONGEST + 1)])
def test_what_is_no_reason_is_not_kept(reason: str) -> None:
    reasons = Reasons(Forgetful())
    assert not reasons.offered().can_keep(reason)
    reasons.keep(reason)
    assert reasons.offered().kept == ()


def test_no_more_are_kept_than_a_menu_can_show() -> None:
    reasons = Reasons(Forgetful())
    for number in range(MOST_KEPT + 3):
        reasons.keep(f"reason {number}")
    assert len(reasons.offered().kept) == MOST_KEPT
